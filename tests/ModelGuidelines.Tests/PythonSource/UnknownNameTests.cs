using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What is fetched by a name or number that the file does not tell is one of several, the same one where the name is the same.</summary>
public sealed class UnknownNameTests
{
    private static IReadOnlyList<string> Findings(string init, string forward, string before = "")
    {
        var text = $"""
            import torch
            from torch import nn
            import torch.nn.functional as F
            from elsewhere import make

            {before}

            class Net(nn.Module):
                def __init__(self, setup):
                    super().__init__()
                    self.setup = setup
            {Written.Indented(init)}

                def forward(self, x):
            {Written.Indented(forward)}
            """;
        return [.. Written.Audit(text).Findings.Where(f => f.Outcome is Outcome.Fail && f.Severity > Severity.Information)
            .Select(f => $"{f.Guideline[(f.Guideline.IndexOf('.', StringComparison.Ordinal) + 1)..]} {f.Module} {f.Operator ?? f.ModuleType}".TrimEnd()).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("for n in setup.names:\n    self.add_module(n, nn.Linear(4, 4))\nself.last = nn.Linear(4, 4)", "for n in self.setup.names:\n    x = getattr(self, n)(x)\nreturn self.last(x)")]
    [InlineData("self.name = 'norm_' + setup.tag\nself.add_module(self.name, nn.LayerNorm(4))\nself.fc = nn.Linear(4, 4)", "x = getattr(self, self.name)(x)\nreturn getattr(self, self.name)(self.fc(x))", "ModuleReuse <norm_{setup.tag}> torch.nn.LayerNorm")]
    [InlineData("self.parts = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])", "for i in x.argmax(-1).tolist():\n    x = self.parts[i](x)\nreturn x")]
    [InlineData("self.parts = nn.ModuleDict({n: nn.Linear(4, 4) for n in setup.names})", "for n in self.setup.names:\n    x = self.parts[n](self.parts[n](x))\nreturn x", "ModuleReuse parts.<setup.names[0]> torch.nn.Linear", "ModuleReuse parts.<setup.names[i]> torch.nn.Linear")]
    [InlineData("self.norm = getattr(nn, setup.norm)(4)\nself.fc = nn.Linear(4, 4)", "return self.norm(self.fc(self.norm(x)))", "ModuleReuse norm torch.nn.*")]
    [InlineData("self.fc = nn.Linear(4, 4)\nself.out = nn.Linear(4, 4)", "return self.out(getattr(F, self.setup.act)(self.fc(x)))", "FunctionalCall  getattr")]
    public void The_same_name_is_the_same_module(string init, string forward, params string[] expected) => Assert.Equal(expected, Findings(init, forward));

    /// <summary>Names that a format writes are the names that Python writes; names that are written alike of other numbers are others, and of the same number the same.</summary>
    [Theory]
    [InlineData("f'c{i:02d}'")]
    [InlineData("f'c{i!r}'")]
    [InlineData("f'c{i + 1:>3}'")]
    [InlineData("'c%02d' % i")]
    [InlineData("'%s_%d' % (self.tag, i)")]
    [InlineData("'c{:02d}'.format(i)")]
    [InlineData("'{0}_{i}'.format(self.tag, i=i)")]
    [InlineData("f'{self.tag}{i:02d}'")]
    [InlineData("'_'.join([self.tag, str(i)])")]
    [InlineData("f'c{self.width - i}'")]
    [InlineData("f'c{self.width // 2 ** i}'")]
    [InlineData("'c' + str(self.width * i)")]
    [InlineData("'c{}'.format(self.width * i)")]
    [InlineData("str(self.width >> i)")]
    public void Another_name_is_another_module(string name)
    {
        var init = $"self.tag, self.width = setup.tag, setup.width\nfor i in range(3):\n    self.add_module({name}, nn.Linear(4, 4))\nself.last = nn.Linear(4, 4)";
        Assert.Empty(Findings(init, $"for i in range(3):\n    x = getattr(self, {name})(x)\nreturn self.last(x)"));
        Assert.Single(Findings(init, $"i = 1\nx = getattr(self, {name})(x)\nreturn getattr(self, {name})(self.last(x))"));
    }

    /// <summary>As Python writes it.</summary>
    [Theory]
    [InlineData("f'{7:03d}{-7:04d}{7:<3}|{7:^5}|{7:+d}{1234567:,}'", "007-0077  |  7  |+71,234,567")]
    [InlineData("f'{0.5:.2f}{2:.1f}{255:x}{True:d}{None}'", "0.502.0ff1None")]
    [InlineData("f'{\"ab\":>4}{\"abc\":.2}{\"ab\"!r}{\"ab\":*^6}'", "  abab'ab'**ab**")]
    [InlineData("'%5.1f|%-4d|%s%%|%r' % (0.26, 3, 'a', 'b')", "  0.3|3   |a%|'b'")]
    public void A_format_writes_as_python_does(string text, string expected) =>
        Assert.Equal(["ModuleReuse a torch.nn.Linear"], Findings("self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)", $"x = self.a(x)\nreturn self.a(x) if {text} == {'"' + expected + '"'} else self.b(x)"));

    /// <summary>Which of the layers a part with unknown ends holds cannot be told: two parts that meet at one end share none, and what is found in the same part twice is never certain.</summary>
    [Theory]
    [InlineData("x = self.parts[1:self.setup.a](x)\nreturn self.parts[self.setup.a:self.setup.b](x)", 0)]
    [InlineData("i = self.setup.a\nreturn self.parts[i](self.parts[i](x))", 1)]
    public void Parts_with_unknown_ends_are_never_certain(string forward, int expected)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, $"""
                from torch import nn

                class Net(nn.Module):
                    def __init__(self, setup):
                        super().__init__()
                        self.setup = setup
                        self.parts = nn.Sequential(*[nn.Linear(4, 4) for _ in range(4)])

                    def forward(self, x):
                {Written.Indented(forward)}
                """);
            var found = Auditor.Default.Audit(new(path, path), Written.Settings)!.Findings.Where(f => f.Outcome is Outcome.Fail).ToList();
            Assert.Equal(expected, found.Count);
            Assert.All(found, f => Assert.Equal(Confidence.Likely, f.Confidence));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("return self.part(self.b(self.part(self.a(x))))", "class Part(nn.Module):\n    def forward(self, x):\n        if self.training:\n            return torch.dropout(x, 0.1, True)\n        return x", false)]
    [InlineData("return self.part(self.b(self.part(self.a(x))))", "class Part(nn.Module):\n    def forward(self, x):\n        if self.training:\n            return torch.dropout(x, 0.1, True)\n        return x * 2", true)]
    public void A_module_that_gives_back_its_argument_in_inference_may_run_twice(string forward, string type, bool isFound) =>
        Assert.Equal(isFound, Findings("self.part = Part()\nself.a = nn.Linear(4, 4)\nself.b = nn.Linear(4, 4)", forward, type).Any(f => f.StartsWith("ModuleReuse", StringComparison.Ordinal)));

    /// <summary>What another's library computes is its own; what it may call of the user's is what it is handed.</summary>
    [Theory]
    [InlineData("return make(self.fc(x))", "")]
    [InlineData("return make(self.fc, x)", "PyTorch.ModuleReuse")]
    [InlineData("return make(lambda y: torch.relu(self.fc(y)), x)", "PyTorch.FunctionalCall PyTorch.ModuleReuse")]
    public void A_library_that_is_not_there_hides_what_it_is_handed(string forward, string undecided)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, $"import torch\nfrom torch import nn\nfrom elsewhere import make\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        {forward}\n");
            var result = Auditor.Default.Audit(new(path, path), Written.Settings)!;
            Assert.Equal(undecided, string.Join(' ', result.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && g.Guideline is "PyTorch.FunctionalCall" or "PyTorch.ModuleReuse").Select(g => g.Guideline).Order(StringComparer.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_class_of_dict_is_a_dictionary() => Assert.Equal(
        ["ModuleReuse act torch.nn.ReLU"], // the second is another instance of the same place
        Findings(
            "self.act = TABLE[setup.act]\nself.fc = nn.Linear(4, 4)",
            "return self.act(self.fc(self.act(x)))",
            "class Table(dict):\n    def __getitem__(self, key):\n        return super().__getitem__(key)()\n\nTABLE = Table({'relu': nn.ReLU, 'gelu': nn.GELU})"));

    /// <summary>A package's first file that needs more steps than are followed costs its own names, not the file that imports it.</summary>
    [Fact]
    public void An_imported_file_has_steps_of_its_own()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var package = Directory.CreateDirectory(Path.Join(folder.FullName, "package")).FullName;
            File.WriteAllText(Path.Join(package, "__init__.py"), "def deep(tree):\n    out = {}\n    for k, v in tree.items():\n        out[k] = deep(v) if v else deep({k: v})\n    return out\n\ntable = deep(read())\n");
            File.WriteAllText(Path.Join(package, "base.py"), "from torch import nn\n\nclass Base(nn.Module):\n    pass\n");
            var path = Path.Join(package, "model.py");
            File.WriteAllText(path, "from torch import nn\nfrom . import base\n\nclass Net(base.Base):\n    def __init__(self):\n        super().__init__()\n        self.norm = nn.LayerNorm(4)\n\n    def forward(self, x):\n        return self.norm(self.norm(x))\n");
            var found = Auditor.Default.Audit(new(path, path), Written.Settings)!.Findings.Where(f => f.Outcome is Outcome.Fail);
            Assert.Equal("norm", Assert.Single(found).Module);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A child whose name is one of several is found under each of them: such names were not set, and the file undecided.</summary>
    [Theory]
    [InlineData("self.add_module(name, nn.ReLU())", "getattr(self, name)")]
    [InlineData("self.register_module(name, nn.ReLU())", "self._modules[name]")]
    [InlineData("setattr(self, name, nn.ReLU())", "getattr(self, name)")]
    [InlineData("setattr(self, name, nn.ReLU()) if not hasattr(self, name) else None", "getattr(self, name)")]
    [InlineData("self.acts = nn.ModuleDict(); self.acts[name] = nn.ReLU()", "self.acts[name]")]
    [InlineData("self.acts = nn.ModuleDict({name: nn.ReLU()})", "self.acts[name]")]
    public void A_child_of_one_of_several_names(string made, string read)
    {
        var said = Written.Said($$"""
            NAMES = {'BN': ('first', 1), 'GN': ('second', 2)}

            class Net(nn.Module):
                def __init__(self, kind):
                    super().__init__()
                    if kind not in NAMES:
                        raise KeyError(kind)
                    name, _ = NAMES[kind]
                    self.name = name
                    {{made}}

                def forward(self, x):
                    name = self.name
                    return {{read}}({{read}}(x))
            """).ToList();
        Assert.All(said, s => Assert.StartsWith("ModuleReuse ", s, StringComparison.Ordinal));
        Assert.DoesNotContain("ModuleReuse Undecidable", said);
        Assert.NotEmpty(said);
    }

    /// <summary>Layers of a stack whose names are each one of several are called once, each of them.</summary>
    [Fact]
    public void Layers_of_a_stack_by_one_of_several_names() => Assert.Equal(["FunctionalCall body.<a_3|a_5> tanh Certain", "FunctionalCall body.<b_3|b_5> relu Certain"], Written.Said("""
        class First(nn.Module):
            def forward(self, x):
                return F.tanh(F.tanh(x))

        class Second(nn.Module):
            def forward(self, x):
                return F.relu(F.relu(x))

        class Net(nn.Module):
            def __init__(self, kind):
                super().__init__()
                size = '3' if kind == 'small' else '5'
                self.body = nn.Sequential()
                self.body.add_module('a_' + size, First())
                self.body.add_module('b_' + size, Second())

            def forward(self, x):
                return self.body(x)
        """).Distinct().Order(StringComparer.Ordinal));

    /// <summary>A text in which something stands is true, whatever its other parts are.</summary>
    [Theory]
    [InlineData("'{}_x'.format(self.n)", "Pass")]
    [InlineData("'a' + str(self.n)", "Pass")]
    [InlineData("f'{self.n}_'", "Pass")]
    [InlineData("'%s:' % self.n", "Pass")]
    [InlineData("str(len(self.n))", "Pass")]
    [InlineData("f'{self.n}'", "Fail")]
    [InlineData("'%s' % self.n", "Fail")]
    [InlineData("'' + self.n", "Fail")]
    public void ATextWithSomethingInItIsTrue(string text, string outcome) => Assert.Equal(outcome, Written.Audit($"""
        from torch import nn

        class Net(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.n = n
                self.a = nn.Linear(4, 4)

            def forward(self, x):
                name = {text}
                return self.a(x) if name and name != '' else self.a(self.a(x))
        """).Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse").Outcome.ToString());
}
