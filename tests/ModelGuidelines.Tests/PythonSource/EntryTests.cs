using System.Collections.Immutable;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>One model, named by the expression that builds it.</summary>
public sealed class EntryTests : IDisposable
{
    private const string Preamble = """
        import functools, os, re
        import torch
        from torch import nn
        import torch.nn.functional as F


        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("mg-entry-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Join(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text.StartsWith("import", StringComparison.Ordinal) || text.Length == 0 ? text : Preamble + text);
        return path;
    }

    private static AuditResult Audit(string path, string entry, params string[] searchPath) =>
        Auditor.Default.Audit(new(path, path) { Entry = ModelEntry.Parse(entry) }, Written.Settings with { MinimumSeverity = Severity.Information, SearchPath = [.. searchPath] })!;

    private static string Said(AuditResult result) =>
        result.Error is { } error ? error.Id : string.Join(' ', result.Findings.Select(f => $"{f.Operator ?? f.Module}{(f.Confidence is Confidence.Likely ? "?" : "")}").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Net()", "relu")]
    [InlineData("Net(act='gelu')", "gelu")]
    [InlineData("Net(**dict(act='gelu', twice=True))", "drop gelu")]
    [InlineData("build('tiny')", "gelu")]
    [InlineData("(build('tiny'), None)", "gelu")]
    [InlineData("REGISTRY['base'](act='silu')", "silu")]
    public void Arguments_decide(string entry, string expected)
    {
        var path = Write("net.py", """
            class Net(nn.Module):
                def __init__(self, act='relu', twice=False):
                    super().__init__()
                    self.conv = nn.Conv2d(3, 8, 3)
                    self.drop = nn.ReLU()
                    self.act, self.twice = act, twice

                def forward(self, x, mask=None):
                    x = self.conv(x)
                    if mask is not None:
                        x = F.softmax(x)
                    if self.twice:
                        x = self.drop(self.drop(x))
                    return F.relu(x) if self.act == 'relu' else F.gelu(x) if self.act == 'gelu' else F.silu(x)

            REGISTRY = {'base': Net}

            def build(name, **kwargs):
                return {'tiny': functools.partial(Net, act='gelu')}[name](**kwargs)
            """);
        Assert.Equal(expected, Said(Audit(path, entry)));
    }

    [Fact]
    public void Arguments_of_forward_are_given()
    {
        var path = Write("net.py", """
            class Net(nn.Module):
                def forward(self, x, how='relu'):
                    return F.relu(x) * 1 if how == 'relu' else F.gelu(x) * 1
            """);
        var entry = new ModelEntry("Net()") { Arguments = ImmutableSortedDictionary<string, string>.Empty.Add("how", "'gelu'") };
        var result = Auditor.Default.Audit(new(path, path) { Entry = entry }, Written.Settings)!;
        Assert.Equal("gelu", Said(result));
    }

    [Theory]
    [InlineData("'partial'", "sigmoid")] // isinstance of functools.partial, its func and keywords; a partial of a partial
    [InlineData("'pattern'", "sigmoid")] // a configuration in a text
    [InlineData("'sum'", "sigmoid")] // lists added up
    [InlineData("'environment'", "")] // an environment variable that nobody set
    [InlineData("'training'", "")] // a model that is used does not train
    [InlineData("'autograd'", "tanh, sigmoid")] // a function with a backward of its own
    [InlineData("'named'", "sigmoid")] // a Sequential whose modules have names
    public void What_models_are_configured_with_is_computed(string kind, string expected)
    {
        var path = Write("net.py", """
            class Own(torch.autograd.Function):
                @staticmethod
                def forward(ctx, x):
                    return torch.tanh(x)

            class Gate(nn.Module):
                def __init__(self, on=True):
                    super().__init__()
                    self.on = on

                def forward(self, x):
                    return torch.sigmoid(x).view(-1) if self.on else x

            class Named(nn.Sequential):
                def __init__(self):
                    super().__init__()
                    self.add_module('gate0', Gate())

                def forward(self, x):
                    for block in self:
                        x = block(x)
                    return x

            def decide(kind):
                if kind == 'partial':
                    given = functools.partial(functools.partial(nn.BatchNorm2d, eps=1), momentum=2)
                    assert isinstance(given, functools.partial)
                    return given.func is nn.BatchNorm2d and given.keywords['eps'] == 1
                if kind == 'pattern':
                    return re.split(r'(\d.*)', 'e12.5')[:2] == ['e', '12.5'] and re.match('(?P<k>k)(?P<n>[0-9]+)', 'k3').group('n') == '3'
                if kind == 'sum':
                    return sum([[1], [2, 3]], []) == [1, 2, 3]
                if kind == 'environment':
                    return os.environ.get('SOME_SWITCH', '0') == '1' or os.getenv('OTHER') is not None or 'THIRD' in os.environ
                return False

            class Net(nn.Module):
                def __init__(self, kind):
                    super().__init__()
                    self.kind = kind
                    self.block = Named() if kind == 'named' else Gate(decide(kind))

                def forward(self, x):
                    if self.kind == 'training' and self.training:
                        x = F.dropout(x)
                    if self.kind == 'autograd':
                        x = Own.apply(x)
                    return self.block(x).view(-1)
            """);
        Assert.Equal(expected, Said(Audit(path, $"Net({kind})")));
    }

    [Theory]
    [InlineData("Net(", "MG.Entry.Syntax")]
    [InlineData("x = 1", "MG.Entry.Syntax")]
    [InlineData("Nett()", "MG.Entry.Stopped", "'Nett' is not defined")]
    [InlineData("Net", "MG.Entry.Stopped", "the class 'Net'")]
    [InlineData("torch_net(a=[nowhere])", "MG.Entry.Stopped", "'nowhere' is not defined")]
    [InlineData("build", "MG.Entry.Stopped", "the function 'build'")]
    [InlineData("build(-1)", "MG.Entry.Stopped", "net.py:14:9: it raises there")]
    [InlineData("build(1)", "MG.Entry.Stopped", "net.py:15:12", "'zoo")]
    [InlineData("len([])", "MG.Entry.Stopped", "builds no module")]
    public void What_cannot_be_evaluated_is_an_error_with_its_place(string entry, string id, params string[] parts)
    {
        var path = Write("net.py", """
            import zoo
            class Net(nn.Module):
                pass

            torch_net = lambda a: Net()

            def build(n):
                if n < 0:
                    raise ValueError(n)
                return zoo.make(n)
            """.Replace("import zoo\n", "", StringComparison.Ordinal).Insert(0, "import zoo\nfrom torch import nn\n\n\n\n\n"));
        var error = Audit(path, entry).Error;
        Assert.Equal(id, error?.Id);
        Assert.All(parts, p => Assert.Contains(p, error!.Message, StringComparison.Ordinal));
    }

    /// <summary>Keras that whoever runs the file hands in: without an entry nothing of the model is known, and the file does not drop out; an entry may name it.</summary>
    [Fact]
    public void Keras_may_be_handed_in()
    {
        var path = Write("net.py", """
            import os  # and keras, of one kind or another
            models = None

            def Net(layers, size=None, **others):
                global models
                models = others.get("models")
                x = image = layers.Input(shape=size)
                again = layers.Activation("relu", name="again")
                return models.Model(image, again(again(x)))
            """);
        var alone = Auditor.Default.Audit(new(path, path), Written.Settings)!;
        Assert.Null(alone.Error);
        Assert.All(alone.Guidelines.Where(g => g.Guideline.StartsWith("Keras.", StringComparison.Ordinal)), g => Assert.Equal(Outcome.Undecidable, g.Outcome));
        Assert.Equal("again", Said(Audit(path, "Net(keras.layers, (32, 32, 3), models=keras.models)")));
        Assert.Equal("MG.Entry.Stopped", Said(Audit(path, "Net(other.layers, (32, 32, 3), models=keras.models)")));
    }

    /// <summary>So may a library that is not read do.</summary>
    [Fact]
    public void Keras_may_be_a_librarys()
    {
        var path = Write("net.py", """
            import keras_sets

            def Net(size=None, **others):
                models, layers = others.get("models", keras_sets.MODELS), others.get("layers", keras_sets.LAYERS)
                x = image = layers.Input(shape=size)
                return models.Model(image, layers.Dense(4)(x))
            """);
        var alone = Auditor.Default.Audit(new(path, path), Written.Settings)!;
        Assert.Null(alone.Error);
        Assert.All(alone.Guidelines.Where(g => g.Guideline.StartsWith("Keras.", StringComparison.Ordinal)), g => Assert.Equal(Outcome.Undecidable, g.Outcome));
        Assert.Contains(alone.Gaps, g => g.Remedy!.Contains("keras_sets", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_factories_needs_no_class()
    {
        Write("parts/blocks.py", """
            class Block(nn.Module):
                def forward(self, x):
                    return F.relu(x) + x
            """);
        var path = Write("build.py", "import torch\nfrom parts.blocks import Block\n\ndef tiny():\n    return torch.nn.Sequential(Block(), Block())\n");
        Assert.Equal("add relu", Said(Audit(path, "tiny()")));
    }

    [Theory]
    [InlineData("Encoder()", "add layer1.0.relu")]
    [InlineData("Encoder(times=2)", "add layer1.0.relu relu")]
    [InlineData("Encoder(layers=[2, 1, 1, 1])", "add layer1.0.relu")]
    [InlineData("Vgg([8, 'M', 8])", "add")]
    public void Stages_of_torchvisions_networks_are_known_without_its_files(string entry, string expected)
    {
        var path = Write("net.py", """
            from torchvision.models.resnet import BasicBlock, ResNet
            from torchvision.models.vgg import VGG, make_layers

            class Mixin:
                def __init__(self):
                    self.depth = 5

            class Encoder(ResNet, Mixin):
                def __init__(self, times=1, **kwargs):
                    super().__init__(block=BasicBlock, **kwargs)
                    self.times = times
                    del self.fc

                def forward(self, x):
                    x = self.bn1(self.conv1(x))
                    for _ in range(self.times):
                        x = self.relu(x)
                    return self.layer4(self.layer1(x))

            class Vgg(VGG, Mixin):
                def __init__(self, config):
                    super().__init__(make_layers(config))

                def forward(self, x):
                    return sum(m(x) for m in self.features if isinstance(m, nn.MaxPool2d)) + x
            """);
        var result = Audit(path, entry);
        Assert.Equal(expected, Said(result));
        Assert.All(result.Guidelines.Where(g => g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal)), g => Assert.NotEqual(Outcome.Undecidable, g.Outcome));

        // What its blocks do is torchvision's, and is said of its file.
        Assert.All(result.Findings.Where(f => f.Module?.StartsWith("layer", StringComparison.Ordinal) == true), f => Assert.Equal(("torchvision", "torchvision/models/resnet.py"), (f.Package, f.Location!.File)));
        Assert.Equal(entry.Contains("layers", StringComparison.Ordinal) ? 3 : entry.StartsWith("Vgg", StringComparison.Ordinal) ? 0 : 2, result.Findings.SingleOrDefault(f => f.Guideline == "PyTorch.ModuleReuse" && f.External)?.InstanceCount ?? 0);
    }

    /// <summary>What is not read and may hide something passes nothing.</summary>
    [Theory]
    [InlineData("class Net(ResNet):\n    pass", "FunctionalCall ModuleReuse TensorInterface")]
    [InlineData("class Net(DenseNet):\n    def forward(self, x):\n        return self.features.denseblock1(x)", "FunctionalCall TensorInterface")]
    [InlineData("class Net(MobileNetV2):\n    def __init__(self):\n        super().__init__(width_mult=0.1)\n    def forward(self, x):\n        return self.features(x)", "FunctionalCall")]
    [InlineData("class Net(ResNet):\n    def __init__(self):\n        super().__init__(Own, [1, 1, 1, 1])\n    def forward(self, x):\n        return self.layer1(x)", "FunctionalCall ModuleReuse TensorInterface")]
    [InlineData("class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = nn.Sequential(*list(regnet_y_400mf().children())[:-2])\n    def forward(self, x):\n        return self.body(x)", "FunctionalCall ModuleReuse TensorInterface")]
    [InlineData("class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.part = nn.Sequential()\n        for i in range(2):\n            self.part.add_module(str(i), regnet_y_400mf().trunk_output[i])\n    def forward(self, x):\n        return self.part(x)", "FunctionalCall ModuleReuse TensorInterface")]
    public void What_torchvisions_networks_may_hide_is_a_gap(string code, string undecided)
    {
        var path = Write("net.py", "from torchvision.models.resnet import ResNet\nfrom torchvision.models import regnet_y_400mf\nfrom torchvision.models.densenet import DenseNet\nfrom torchvision.models.mobilenetv2 import MobileNetV2\n\nclass Own(nn.Module):\n    def forward(self, x):\n        return x\n\n" + code + "\n");
        var result = Audit(path, "Net()");
        Assert.Equal(undecided, string.Join(' ', result.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal)).Select(g => g.Guideline[8..]).Order(StringComparer.Ordinal)));
        Assert.Contains(result.Gaps, g => g.Remedy?.Contains("torchvision", StringComparison.Ordinal) == true);
    }

    /// <summary>A constructor that only calls its base's is no function without effect where the base is a library's.</summary>
    [Fact]
    public void What_a_librarys_constructor_makes_is_there_though_no_constructor_of_the_file_does_more()
    {
        var path = Write("net.py", "from torchvision.models.resnet import ResNet, BasicBlock\n\nclass Net(ResNet):\n    def __init__(self):\n        super().__init__(BasicBlock, [1, 1, 1, 1])\n\n    def forward(self, x):\n        return self.layer1(x)\n");
        var result = Audit(path, "Net()");
        Assert.DoesNotContain(result.Guidelines, g => g.Outcome is Outcome.Undecidable && g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal));
        Assert.Equal("layer1.0.relu", Assert.Single(result.Findings, f => f.Guideline == "PyTorch.ModuleReuse").Module);
    }

    /// <summary>Run with torchvision 0.14: ten of its blocks add what they are given, features 3, 5, 6, 8, 9, 10, 12, 13, 15 and 16.</summary>
    [Fact]
    public void Blocks_of_a_mobile_network_in_its_own_width_are_followed()
    {
        var path = Write("net.py", "from torchvision.models.mobilenetv2 import MobileNetV2\n\nclass Net(MobileNetV2):\n    def forward(self, x):\n        return self.features(x)\n");
        var result = Audit(path, "Net()");
        Assert.DoesNotContain(result.Guidelines, g => g.Outcome is Outcome.Undecidable && g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal));
        var finding = Assert.Single(result.Findings, f => f.Guideline == "PyTorch.FunctionalCall");
        Assert.Equal(("add", "torchvision/models/mobilenetv2.py", Severity.Information), (finding.Operator, finding.Location!.File, finding.Severity));
        Assert.Equal([3, 5, 6, 8, 9, 10, 12, 13, 15, 16], finding.Instances.Select(i => int.Parse(i[9..], System.Globalization.CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public void A_place_of_several_entries_is_reported_once_and_each_keeps_its_verdict()
    {
        var path = Write("net.py", """
            class Net(nn.Module):
                def __init__(self, act=False):
                    super().__init__()
                    self.act = act

                def forward(self, x):
                    return F.relu(x * 2) if self.act else x
            """);
        var results = PlaceLedger.Collate([Audit(path, "Net()"), Audit(path, "Net(True)"), Audit(path, "Net(act=1)"), Audit(path, "Net(")]);
        Assert.Equal(["Pass", "Fail", "Fail", ""], results.Select(r => r.Guidelines.FirstOrDefault()?.Outcome.ToString() ?? ""));
        Assert.Equal([1, 0, 0, 0], results.Select(r => r.Findings.Count(f => f.Operator == "relu")));
        Assert.Equal(["Net()", "Net(True)", "Net(act=1)", "Net("], results.Select(r => r.Entry));
    }

    [Fact]
    public void Entries_become_inputs()
    {
        var net = Write("net.py", "");
        var other = Write("pkg/models/other.py", "");
        var found = EntryInputs.Apply(
            [new(net, "net.py"), new(Path.Join(_folder, "a.onnx"), "a.onnx")],
            [ModelEntry.Parse("Net(1)"), ModelEntry.Parse("models.other:Net({'a': 1})"), ModelEntry.Parse("nope:Net()")],
            [Path.Join(_folder, "pkg")],
            _folder).ToList();
        Assert.Equal(
            ["a.onnx  ", "net.py Net(1) ", $"{Path.Join("pkg", "models", "other.py")} models.other:Net({{'a': 1}}) ", "nope:Net() nope:Net() MG.Entry.NoModule"],
            found.Select(i => $"{i.DisplayPath} {i.Entry} {i.Error?.Id}"));
        Assert.Equal(other, found[2].FullPath);
        Assert.Equal("MG.Entry.NoFile", EntryInputs.Apply([], [ModelEntry.Parse("Net(1)")], [], _folder).Single().Error?.Id);
    }

    [Theory]
    [InlineData("Net(1)", null, "Net(1)")]
    [InlineData("timm.models.resnet:resnet50()", "timm.models.resnet", "resnet50()")]
    [InlineData("src/net.py:Net(d={'a': 1})", "src/net.py", "Net(d={'a': 1})")]
    [InlineData("C:\\m\\net.py: Net()", "C:\\m\\net.py", "Net()")]
    [InlineData("Net({'a': 1})", null, "Net({'a': 1})")]
    [InlineData("lambda: Net()", null, "lambda: Net()")]
    public void An_entry_says_where_its_names_are(string text, string? module, string expression)
    {
        var entry = ModelEntry.Parse(text);
        Assert.Equal((module, expression), (entry.Module, entry.Expression));
    }

    [Fact]
    public void The_search_path_is_of_folders_that_are_there()
    {
        Directory.CreateDirectory(Path.Join(_folder, "a"));
        Assert.Equal([Path.Join(_folder, "a")], SearchPath.Resolve(["a", "env", "./a/"], _folder, "a" + Path.PathSeparator + "missing"));
        Assert.Empty(SearchPath.Resolve([], _folder, "a"));
        Assert.Throws<DirectoryNotFoundException>(() => SearchPath.Resolve(["missing"], _folder, null));
    }
}
