using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Aimet;

/// <summary>What source tells of AIMET's measured behaviour: classes of leaves by their exact names, slices, names, control flow.</summary>
public sealed class SourceEvidenceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("self.a = nn.Linear(4, 4)", "")]
    [InlineData("self.a = nn.Identity()", "torch.nn.modules.linear.Identity a")]
    [InlineData("self.a = nn.Sequential()", "torch.nn.modules.container.Sequential a")] // an empty container is a leaf
    [InlineData("self.a = nn.Sequential(nn.ReLU())", "")]
    [InlineData("self.a = nn.MultiheadAttention(4, 2)", "")] // it holds a projection, which has a definition
    [InlineData("self.a = nn.TransformerEncoderLayer(4, 2)", "")]
    [InlineData("import torchvision\n        self.a = torchvision.ops.FrozenBatchNorm2d(4)", "torchvision.ops.misc.FrozenBatchNorm2d a")] // known to hold none, without its file
    [InlineData("self.a = Scale()", "net.Scale a")]
    [InlineData("self.a = Mine(4)", "net.Mine a")] // an empty subclass is another class
    [InlineData("self.a = Holder()", "")]
    [InlineData("shared = nn.ReLU()\n        self.r = shared\n        self.a = Holds(shared)", "")] // what it holds is registered elsewhere first
    public void Leaves_count_by_their_exact_class(string init, string expected)
    {
        var (findings, outcome) = Audit(init, "return self.a(x)");
        Assert.Equal(expected, string.Join("; ", findings.Select(f => $"{f.ModuleType} {string.Join(",", f.Instances)}")));
        Assert.All(findings, f => Assert.Equal(Confidence.Certain, f.Confidence));
        Assert.Equal(expected.Length == 0 ? Outcome.Pass : Outcome.Fail, outcome);
    }

    [Fact]
    public void One_finding_a_class_names_all_its_modules()
    {
        var finding = Assert.Single(Audit("self.a = Scale()\n        self.b = nn.ModuleList([Scale() for _ in range(3)])", "return self.b[0](self.a(x))").Findings);
        Assert.Equal(["a", "b.0", "b.1", "b.2"], finding.Instances);
    }

    [Fact]
    public void A_leaf_that_is_there_at_times_names_the_condition()
    {
        var finding = Assert.Single(Audit("self.a = Scale() if config.scaled else nn.ReLU()", "return self.a(x)", "config").Findings);
        Assert.Equal(Confidence.Likely, finding.Confidence);
        Assert.Contains("config.scaled", Assert.Single(finding.Conditions), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_of_a_package_that_is_not_there_hides_what_it_holds()
    {
        var (findings, outcome) = Audit("import timm\n        self.a = timm.create_model('resnet18')", "return self.a(x)");
        Assert.Empty(findings);
        Assert.Equal(Outcome.Undecidable, outcome);
    }

    [Fact]
    public void The_users_own_definitions_count() =>
        Assert.Empty(Audit("self.a = Scale()", "return self.a(x)", definitions: ["net.Scale"]).Findings);

    [Theory]
    [InlineData("return self.a[:1](x)", 1)]
    [InlineData("for m in self.a[:1]:\n            x = m(x)\n        return x", 0)] // no slice is called
    [InlineData("return self.a(x)", 0)]
    public void A_slice_that_is_called_is_a_name_error_of_the_preparer(string forward, int expected) =>
        Assert.Equal(expected, Audit("self.a = nn.Sequential(nn.Linear(4, 4), nn.ReLU())", forward, guideline: "Aimet.ModuleName").Findings.Count);

    [Fact]
    public void A_keyword_names_a_module() =>
        Assert.Equal("in", Assert.Single(Audit("self.add_module('in', nn.ReLU())", "return getattr(self, 'in')(x)", guideline: "Aimet.ModuleName").Findings).Module);

    [Fact]
    public void Control_flow_in_source_stops_all_tools_and_both_branches_are_followed()
    {
        const string Forward = "return torch.cond(x.sum() > 0, lambda y: self.a(y), lambda y: torch.relu(y), (x,))";
        var finding = Assert.Single(Audit("self.a = nn.ReLU()", Forward, guideline: "Aimet.ControlFlow").Findings);
        Assert.Equal((Severity.Error, "cond", Confidence.Certain), (finding.Severity, finding.OpType, finding.Confidence));
        Assert.Equal("relu", Assert.Single(Audit("self.a = nn.ReLU()", Forward, guideline: "PyTorch.FunctionalCall").Findings).Operator);
        Assert.Empty(Audit("self.a = nn.ReLU()", "return self.a(x) / torch.linalg.cond(x)", guideline: "Aimet.ControlFlow").Findings);
    }

    private (IReadOnlyList<Finding> Findings, Outcome Outcome) Audit(string init, string forward, string parameter = "config=None", string guideline = "Aimet.QuantizedDefinition", string[]? definitions = null)
    {
        var path = Path.Combine(_folder.FullName, "net.py");
        File.WriteAllText(path, $"""
            import torch
            from torch import nn

            class Scale(nn.Module):
                def forward(self, x):
                    return x * 2

            class Mine(nn.Linear):
                pass

            class Holds(nn.Module):
                def __init__(self, inner):
                    super().__init__()
                    self.inner = inner

                def forward(self, x):
                    return self.inner(x)

            class Holder(Holds):
                def __init__(self):
                    super().__init__(nn.ReLU())

            class Net(nn.Module):
                def __init__(self, {parameter}):
                    super().__init__()
                    {init}

                def forward(self, x):
                    {forward}
            """);
        var result = Auditor.Default.Audit(new(path, path), AuditSettings.Default with { MinimumSeverity = Severity.Warning, Guidelines = [guideline], DefinedClasses = [.. definitions ?? []] })!;
        Assert.Null(result.Error);
        return ([.. result.Findings.Where(f => f.Model == "Net")], result.Guidelines.Single().Outcome);
    }
}
