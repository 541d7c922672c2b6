using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What may be otherwise when the model runs is not taken for what it was where the code was followed, and no code ends an audit.</summary>
public sealed class NotTakenForKnownTests
{
    private const string Torch = """
        import os, random
        from collections import defaultdict
        import torchvision
        import tree
        from torch import nn

        def heavy(n):
            s = 0
            for i in range(300):
                s = s + i * n
            return s

        def widths():
            n = 0
            while True:
                heavy(n)
                yield n
                n += 1

        def first(a):
            n = 0
            while True:
                if n == 20:
                    break
                heavy(n)
                yield 0
                n += 1
            yield a

        class Net(nn.Module):
            def __init__(self, cfg):
                super().__init__()
                self.act = nn.ReLU()
                self.many = False
        INIT

            def forward(self, x):
                x = self.act(x)
                if self.many:
                    x = self.act(x)
                return x

        net = Net(make())
        """;

    /// <summary>The module is called again under a condition: that it may be is said.</summary>
    [Theory]
    [InlineData("for w in widths():\n    if w > 20:\n        self.many = True\n        break")]
    [InlineData("for w in first(True):\n    self.many = w")]
    [InlineData("n = 0\nfor i in range(9_000):\n    for j in range(300):\n        k = j * i\n    n += 1\nself.many = n > 5_000")]
    [InlineData("n = 0\nfor c in cfg:\n    n += 1\nself.many = n > 5")]
    [InlineData("n = 0\nfor c in cfg:\n    self.many = self.many or n == 5\n    n += 1")]
    [InlineData("left = 10\nwhile cfg.goes(left):\n    left -= 1\nself.many = left < 3")]
    [InlineData("n = 0\nwhile True:\n    n += 1\n    if cfg.ends(n):\n        break\nself.many = n == 9")]
    [InlineData("n = 0\nfor i, c in enumerate(cfg):\n    n = 7 - i\nself.many = n == 2")]
    [InlineData("n = 2\nfor c in cfg:\n    self.many = self.many or n == 1\n    n = 3 if n == 2 else 1")]
    [InlineData("n = 3\nfor c in cfg:\n    n += 1\nself.many = n > 5 and (n | 2) == 6")]
    [InlineData("for c in cfg:\n    self.many = not self.many")]
    [InlineData("os.environ['SHARE'] = '1'\nself.many = os.environ.get('SHARE', '0') == '1'")]
    [InlineData("n = [0]\nfor c in cfg:\n    n[0] += 1\nself.many = n[0] > 5")]
    [InlineData("n = {'n': 0}\nfor c in cfg:\n    n['n'] += 1\nself.many = n['n'] > 5")]
    [InlineData("counts = [0, 0]\ncounts[cfg.at] = 1\nself.many = counts[1] == 1")]
    [InlineData("flags = [False, False]\nflags[cfg.at] = True\nself.many = flags[1]")]
    [InlineData("parts = [{}, {}]\nparts[int(cfg.side)]['many'] = True\nself.many = parts[0].get('many', False)")]
    [InlineData("a, b = {}, {}\n(a if cfg.side else b)['many'] = True\nself.many = 'many' in b")]
    [InlineData("n = ''\nfor c in cfg:\n    n += 'x'\nself.many = n == 'xxxxx'")]
    [InlineData("self.apply(cfg.replace)")]
    [InlineData("self.many = not cfg.strip")]
    [InlineData("self.many = random.randint(cfg, 10) != random.randint(cfg, 10)")]
    [InlineData("groups = defaultdict(list)\ngroups[cfg.a].append(nn.ReLU())\ngroups[cfg.b].append(nn.ReLU())\nself.act = nn.Sequential(*groups[cfg.a], *groups[cfg.b])")]
    [InlineData("self.many = tree.flatten({'b': 1, 'a': 2})[0] == 2")]
    [InlineData("from elsewhere import Base\nclass Mine: pass\nclass Own(Base): pass\nself.many = issubclass(Own, Mine)")]
    [InlineData("from elsewhere import Base\nclass Mine: pass\nclass Own(Base): pass\nself.many = isinstance(Own(), (Mine, str))")]
    public void A_condition_stays_open(string init) => Assert.NotEqual(Outcome.Pass, Audit(Torch.Replace("INIT", Indented(init), StringComparison.Ordinal)));

    /// <summary>What a round sets to what every round sets it to is known behind a loop of unknown length, what a class derives from whose bases are all read, and an environment variable that only documentation sets.</summary>
    [Theory]
    [InlineData("n = 0\nfor c in cfg:\n    n = 5\nself.many = n > 5")]
    [InlineData("m = n = 0\nfor c in cfg:\n    n = 2\n    m = n + 1\nself.many = m == 4")]
    [InlineData("n = 0\nfor c in cfg:\n    n += 2\nself.many = n < 0")]
    [InlineData("'''os.environ['SHARE'] = '1' is an example'''\nself.many = os.environ.get('SHARE', '0') == '1' or os.environ.get('SHARE', os.environ['HOME']) == '1'")]
    [InlineData("class Mine: pass\nclass Own(nn.ReLU): pass\nself.many = issubclass(Own, (Mine, nn.Linear)) or isinstance(Own(), Mine) or not issubclass(Own, nn.Module)")]
    public void A_condition_is_decided(string init) => Assert.Equal(Outcome.Pass, Audit(Torch.Replace("INIT", Indented(init), StringComparison.Ordinal)));

    /// <summary>A defect, a stack without end or steps without count would end more than this file.</summary>
    [Theory]
    [InlineData("def own():\n    a = []\n    a.append(a)\n    while True:\n        yield a\nfor a in own():\n    break")]
    [InlineData("x = [1]\nfor i in range(40):\n    x = [x, x]\ndef all():\n    while True:\n        yield x\nfor a in all():\n    break")]
    [InlineData("x = [1] * 12\nfor i in range(7):\n    x = [x] * 12\ny = tree.flatten(x)\nz = tree.map_structure(lambda t: t, x)")]
    [InlineData("m = getattr(torchvision.models, '')()")]
    [InlineData("class Own:\n    def __iter__(self):\n        return self if cfg else Own()\nfor a in Own():\n    break")]
    [InlineData("from torchvision.models.resnet import BasicBlock, ResNet\nnet = ResNet(BasicBlock, [2, 2, 2, 2])\nif cfg:\n    setattr(net.layer4, '0', nn.Identity())\nself.net = net")]
    [InlineData("m = nn.Tanh()\nfor i in range(6_000):\n    m = nn.Sequential(m)\nself.act = m")]
    public void Code_ends_no_audit(string init) => Audit(Torch.Replace("INIT", Indented(init), StringComparison.Ordinal));

    /// <summary>Sizes and settings of Keras that the code says are others: a layer is called again where they are.</summary>
    [Theory]
    [InlineData("image", "x.shape[1] == 7", "again")]
    [InlineData("layers.Reshape((-1, h, h))(image)", "x.shape[1] > 100", "")]
    [InlineData("layers.Reshape((-1, h, h))(image)", "x.shape[1] == 64", "again")]
    [InlineData("rows @ columns", "x.shape[1] == 5", "")]
    [InlineData("rows @ columns", "x.shape[1:] == (4, 6)", "again")]
    [InlineData("layers.Lambda(keras.ops.sort)(rows)", "x.shape[1] == 5", "again?")]
    [InlineData("layers.Conv2D(16, 3, 1, 'same', 'channels_first')(image)", "x.shape[-1] == 16", "again?")]
    [InlineData("image", "K.image_data_format() == 'channels_first'", "again?", "K.set_image_data_format('channels_first')")]
    public void What_Keras_is_told_is_heard(string tensor, string test, string expected, string before = "")
    {
        var findings = Findings($"""
            import keras
            from keras import layers
            from keras import backend as K
            {before}

            def build():
                image, rows, columns, h = keras.Input((7, 7, 64)), keras.Input((4, 5)), keras.Input((5, 6)), 7
                again = layers.Activation("relu", name="again")
                x = {tensor}
                y = again(x)
                if {test}:
                    y = again(y)
                return keras.Model([image, rows, columns], y)
            """).Findings.Where(f => f.Guideline == "Keras.LayerReuse");
        Assert.Equal(expected, string.Join(' ', findings.Select(f => $"{f.Module}{(f.Confidence is Confidence.Likely ? "?" : "")}")));
    }

    /// <summary>Another file tells the process what this one asks it for.</summary>
    [Theory]
    [InlineData("K.image_data_format() == 'channels_first'")]
    [InlineData("os.environ.get('SHARE', '0') == '1'")]
    [InlineData("os.getenv('WAYS', '0') == '1'")]
    public void What_another_file_tells_is_heard(string test)
    {
        using var folder = new Repairs.TemporaryFolder();
        File.WriteAllText(folder.File("formats.py"), """
            import os
            from keras import backend as K

            def use():
                K.set_image_data_format('channels_first')
                os.environ['SHARE'] = '1'
                os.environ.setdefault('WAYS', '1')
            """);
        var path = folder.File("net.py");
        File.WriteAllText(path, $"""
            import os
            import keras
            from keras import backend as K
            from formats import use

            use()
            image = keras.Input((8, 8, 3))
            again = keras.layers.Activation("relu", name="again")
            y = again(image)
            if {test}:
                y = again(y)
            net = keras.Model(image, y)
            """);
        var result = Auditor.Default.Audit(new(path, "net.py"), Written.Settings)!;
        Assert.Contains(result.Findings, f => f.Guideline == "Keras.LayerReuse" && f.Confidence is Confidence.Likely);
    }

    private static string Indented(string text) => "        " + text.Replace("\n", "\n        ", StringComparison.Ordinal);

    private static Outcome Audit(string text) => Findings(text).Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse").Outcome;

    private static AuditResult Findings(string text)
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("net.py");
        File.WriteAllText(path, text);
        var result = Auditor.Default.Audit(new(path, "net.py"), Written.Settings)!;
        Assert.Null(result.Error);
        return result;
    }
}
