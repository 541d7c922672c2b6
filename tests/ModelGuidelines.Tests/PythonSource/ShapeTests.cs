using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Sizes of tensors: known where the code and the input say them, and only there.</summary>
public sealed partial class ShapeTests : IDisposable
{
    private const string Head = "import torch, dataclasses, sys\nfrom torch import nn\nimport torch.nn.functional as F\n\n";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mg-shapes-");

    public void Dispose() => _folder.Delete(recursive: true);

    private AuditResult Audit(string text, string entry, params (string Name, string Value)[] arguments)
    {
        var path = Path.Join(_folder.FullName, "net.py");
        File.WriteAllText(path, text.StartsWith("import", StringComparison.Ordinal) || text.StartsWith('"') ? text : Head + text);
        var model = new ModelEntry(entry) { Arguments = arguments.ToImmutableSortedDictionary(a => a.Name, a => a.Value) };
        var result = Auditor.Default.Audit(new(path, "net.py") { Entry = model }, Written.Settings with { MinimumSeverity = Severity.Information })!;
        Assert.Null(result.Error);
        return result;
    }

    private static string Said(AuditResult result) => string.Join(' ', result.Findings.Where(f => f.Guideline == "PyTorch.FunctionalCall").Select(f => $"{f.Operator}{(f.Confidence is Confidence.Likely ? "?" : "")}").Order(StringComparer.Ordinal));

    /// <summary>Each assertion of a file that holds when PyTorch runs it is known to hold: what it guards does not happen, for sure.</summary>
    [Fact]
    public void What_PyTorch_says_of_sizes_is_known()
    {
        var text = File.ReadAllText(RepositoryFiles.Fixture("shapes", "shapes.py"));
        var guarded = Assertion().Replace(text, "        if not (${what}):\n            x = F.hardswish(x)\n");
        var result = Audit(guarded, "Net()");
        var lines = guarded.Split('\n');
        Assert.Equal([], result.Findings.Where(f => f.Operator == "hardswish").Select(f => lines[f.Location!.Line - 2].Trim()));
        Assert.True(Assertion().Count(text) > 100);
        Assert.Equal(Outcome.Pass, result.Guidelines.Single(g => g.Guideline == "PyTorch.TensorInterface").Outcome);
    }

    [GeneratedRegex(@"^ {8}assert (?<what>.*)\n", RegexOptions.Multiline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Assertion();

    /// <summary>A method that gives a tensor another shape in place, and lists that are longer than what is compared: not known, rather than wrong.</summary>
    [Theory]
    [InlineData("y = torch.zeros(2, 3)\n        y.unsqueeze_(0)", "y.dim() == 3")]
    [InlineData("y = torch.zeros(2, 3)\n        y.data = x", "y.dim() == 3")]
    [InlineData("y = [0] * 300", "y == [0] * 299 + [1]")]
    [InlineData("y = torch.zeros(x.shape)", "y.dim() == 3")]
    public void What_is_not_known_goes_either_way(string before, string test) =>
        Assert.Equal("hardswish?", Said(Audit($"class Net(nn.Module):\n    def forward(self, x):\n        {before}\n        if {test}:\n            x = F.hardswish(x)\n        return x\n", "Net()")));

    private const string Windows = """
        class Net(nn.Module):
            def __init__(self, config=None):
                super().__init__()
                self.stem = nn.Conv2d(3, 16, 4, stride=4)
                self.rest = nn.Identity()
                if config:
                    self.pretrained_cfg = config

            def forward(self, x):
                x = self.stem(x)
                B, C, H, W = x.shape
                if H % 7 or W % 7:
                    x = F.pad(x, (0, -W % 7, 0, -H % 7))
                B, C, H, W = x.shape
                windows = x.view(B, C, H // 7, 7, W // 7, 7).permute(0, 2, 4, 3, 5, 1).reshape(-1, 49, C)
                if windows.shape[0] // ((H // 7) * (W // 7)) != B:
                    x = F.gelu(x)
                if windows.shape[0] % 2:
                    x = F.silu(x)
                return x
        """;

    /// <summary>The model says for which images it is made; how many are in a batch it does not say, and of a Pass this is said.</summary>
    [Theory]
    [InlineData("Net(dict(input_size=(3, 224, 224)))", "silu?", true)]
    [InlineData("Net(dict(input_size=(3, 256, 256)))", "pad silu?", true)]
    [InlineData("Net(dict(input_size=None))", "gelu? pad? silu?", false)]
    [InlineData("Net()", "gelu? pad? silu?", false)]
    public void The_size_that_a_model_is_made_for_decides(string entry, string expected, bool isNamed)
    {
        var result = Audit(Windows, entry);
        Assert.Equal(expected, string.Join(' ', Said(result).Split(' ').Where(o => o.TrimEnd('?') is "pad" or "gelu" or "silu")));
        var reason = result.Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse") is { Outcome: Outcome.Pass, Reason: var said } ? said : null;
        Assert.All(result.Findings.Where(f => f.Guideline.StartsWith("Aimet.", StringComparison.Ordinal)), f => Assert.Equal(Confidence.Certain, f.Confidence));
        Assert.Equal(isNamed, reason?.Contains("3 x 2", StringComparison.Ordinal) == true);
    }

    /// <summary>What the user says goes before what the model says; one that is built for another size than it says is followed as one that says none.</summary>
    [Fact]
    public void What_the_user_gives_goes_before()
    {
        Assert.Equal("pad", Said(Audit(Windows, "Net(dict(input_size=(3, 224, 224)))", ("x", "torch.zeros(1, 3, 256, 256)"))).Split(' ').Single(o => o.StartsWith("pad", StringComparison.Ordinal)));
        const string Strict = """
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.default_cfg = {'input_size': (3, 224, 224)}

                def forward(self, x):
                    assert x.shape[2] == 384, 'built for 384'
                    return F.relu(x).view(-1)
            """;
        Assert.Equal("relu", Said(Audit(Strict, "Net()")));
    }

    [Theory]
    [InlineData("widths(4)", "gelu")]
    [InlineData("offsets(40)", "gelu")]
    [InlineData("registered()", "gelu")]
    [InlineData("fields()", "gelu")]
    public void What_a_constructor_computes_decides(string setting, string expected)
    {
        const string Text = """
            REGISTRY = {}
            sizes = {'make': 7}

            def register(function):
                module = sys.modules[function.__module__]
                if hasattr(module, 'sizes') and function.__name__ in module.sizes:
                    REGISTRY[function.__name__] = module.sizes[function.__name__]
                return function

            @register
            def make():
                pass

            def registered():
                return 'make' in REGISTRY and REGISTRY['make'] == 7

            @dataclasses.dataclass
            class Kept:
                sizes: dict = dataclasses.field(default_factory=dict)

            def fields():
                one, other = Kept(), Kept()
                one.sizes['a'], other.sizes['a'] = 1, 2
                return one.sizes['a'] == 1 and other.sizes['a'] == 2

            def widths(depth):
                row = torch.round(torch.arange(depth, dtype=torch.float32) * 20.5 / 40) * 40 + 8
                each, counts = torch.unique(row.int(), return_counts=True)
                return each.tolist() == [8, 48, 88] and counts.tolist() == [1, 2, 1] and int(row.max().item()) == 88

            def offsets(side):
                seen, rows = {}, []
                points = [(i, j) for i in range(side) for j in range(side)]
                for a in points:
                    for b in points:
                        key = (abs(a[0] - b[0]), abs(a[1] - b[1]))
                        if key not in seen:
                            seen[key] = len(seen)
                        rows.append(seen[key])
                return True

            class Net(nn.Module):
                def __init__(self, is_on):
                    super().__init__()
                    self.is_on = is_on

                def forward(self, x):
                    return F.gelu(x).view(-1) if self.is_on else F.relu(x).view(-1)
            """;
        Assert.Equal(expected, Said(Audit(Text, $"Net({setting})")));
    }
}
