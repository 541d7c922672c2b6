using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What makes a class a model that stands beside it: who fills it, sets its attributes, derives from it, or where its names come from.</summary>
public sealed class BesideTheClassTests
{
    /// <summary>A container with a forward of its own that its constructor leaves empty: nobody builds it to run nothing.</summary>
    [Theory]
    [InlineData("ModuleList", "", "for step in self:\n    x = step(x)\n    x = torch.tanh(x)")]
    [InlineData("ModuleDict", "", "x = sum(torch.tanh(part(x)) for part in self.values())")]
    [InlineData("Module", "def __init__(self, *steps):\n    super().__init__()\n    self.steps = nn.ModuleList(steps)", "for step in self.steps:\n    x = torch.tanh(step(x))")]
    [InlineData("Sequential", "def __init__(self, scale):\n    super().__init__()\n    self.scale = scale", "for step in self:\n    x = torch.tanh(step(x)) * self.scale")]
    public void An_empty_container_is_filled(string container, string init, string forward) => Assert.Equal(["tanh"], Functions($"""
        import torch
        from torch import nn

        class Steps(nn.{container}):
        {Indented(init, 4)}
            def forward(self, x):
        {Indented(forward, 8)}
                return x
        """));

    /// <summary>Further arguments are several modules: each runs once.</summary>
    [Fact]
    public void Further_arguments_are_several() => Assert.DoesNotContain(Findings("""
        from torch import nn

        class Steps(nn.Module):
            def __init__(self, *steps):
                super().__init__()
                self.steps = nn.ModuleList(steps)

            def forward(self, x):
                for step in self.steps:
                    x = step(x)
                return x
        """), f => f.Guideline == "PyTorch.ModuleReuse");

    /// <summary>None is what a class gives until others set it: the way on which it is set is no way that raises.</summary>
    [Theory]
    [InlineData("net.head.scales = torch.ones(3)", "tanh")]
    [InlineData("self.scales = torch.ones(3)", "")] // in a function of the file: nobody's attribute
    public void What_others_set_may_be_set(string sets, string expected) => Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Functions($"""
        import torch
        from torch import nn

        class Head(nn.Module):
            scales = None

            def forward(self, x):
                return x if self.training else torch.tanh(x * self.scales[0])

        def prepare(net, self):
            {sets}
        """));

    /// <summary>A base whose own code no class that derives from it runs is a model by itself, one whose code is there to be replaced is none.</summary>
    [Theory]
    [InlineData("return self.fc(torch.tanh(x))", "sigmoid tanh")]
    [InlineData("raise NotImplementedError(torch.tanh(x))", "sigmoid")]
    public void What_heirs_replace_is_run(string code, string expected) => Assert.Equal(expected.Split(' '), Functions($"""
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def encode(self, x):
                {code}

            def forward(self, x):
                return torch.sigmoid(self.encode(x))

        class Plain(Net):
            def encode(self, x):
                return self.fc(x)
        """));

    /// <summary>A library's name is the same from the file that defines it, and from one that imports it.</summary>
    [Theory]
    [InlineData("from torch.functional import F", "F.tanh(self.fc(x))")]
    [InlineData("from torch.nn.utils.weight_norm import weight_norm", "weight_norm(self.fc)(x).tanh()")]
    [InlineData("from torch.autograd.variable import Variable", "Variable(self.fc(x)).tanh()")]
    [InlineData("from torchvision.ops.stochastic_depth import StochasticDepth", "StochasticDepth(0.1, 'row')(self.fc(x)).tanh()")]
    [InlineData("from torchvision.ops.roi_pool import roi_pool", "roi_pool(self.fc(x), x, 7).tanh()")]
    [InlineData("from einops.einops import rearrange", "rearrange(self.fc(x), 'a b -> b a').tanh()")]
    public void A_name_is_the_library_s(string import, string code)
    {
        var functions = Findings($"""
            from torch import nn
            {import}

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.fc = nn.Linear(4, 4)

                def forward(self, x):
                    return {code}
            """).Where(f => f.Guideline == "PyTorch.FunctionalCall").ToList();
        Assert.Equal(["tanh", "Certain"], functions.SelectMany(f => new[] { f.Operator, f.Confidence.ToString() }));
    }

    /// <summary>A stack runs the modules that it was made of, not what else it was told.</summary>
    [Fact]
    public void A_number_is_no_layer() => Assert.DoesNotContain(Findings("""
        import torch
        from torch import nn

        class Unit(nn.Sequential):
            def __init__(self, width):
                super().__init__(nn.Linear(width, width))
                self.width = width

        class Net(nn.Module):
            def __init__(self, backbone):
                super().__init__()
                self.unit = Unit(backbone(torch.zeros(1, 4)).size(1))

            def forward(self, x):
                return self.unit(self.unit(x))
        """), f => f.Module == "unit.width");

    private static string Indented(string code, int by) => string.Join('\n', code.Split('\n').Select(l => l.Length == 0 ? l : new string(' ', by) + l));

    private static string[] Functions(string text) => [.. Findings(text).Where(f => f.Guideline == "PyTorch.FunctionalCall" && f.Severity is Severity.Warning).Select(f => f.Operator!).Distinct().Order(StringComparer.Ordinal)];

    private static IReadOnlyList<Finding> Findings(string text)
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("net.py");
        File.WriteAllText(path, text);
        var result = Auditor.Default.Audit(new(path, "net.py"), Written.Settings)!;
        Assert.Null(result.Error);
        return [.. result.Findings.Where(f => f.Outcome is Outcome.Fail)];
    }
}
