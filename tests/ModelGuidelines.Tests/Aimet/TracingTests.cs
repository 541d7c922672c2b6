using System.Text.RegularExpressions;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Aimet;

/// <summary>What AIMET's preparer cannot trace, held against what torch.fx was recorded to do (<c>record.py</c> beside the models).</summary>
public sealed partial class TracingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mg-tracing-");

    public void Dispose() => _folder.Delete(recursive: true);

    [GeneratedRegex(@"^class (?<name>\w+)\(.*\):\n    # (?<says>.*)$", RegexOptions.Multiline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Model();

    [Fact]
    public void What_torch_fx_refuses_is_told_and_nothing_else()
    {
        var path = RepositoryFiles.Fixture("tracing", "traced.py");
        var result = Auditor.Default.Audit(new(path, "traced.py"), new AuditSettings { MinimumSeverity = Severity.Information })!;
        Assert.Null(result.Error);
        var stops = result.Findings.Where(f => f.Guideline == "Aimet.ModuleName" || (f.Guideline == "Aimet.ControlFlow" && f.OpType is null)).ToList();
        var said = Model().Matches(File.ReadAllText(path)).Select(m => (Name: m.Groups["name"].Value, Says: m.Groups["says"].Value)).ToList();
        Assert.True(said.Count > 120);
        var wrong = said.Where(m => m.Says != "inside others" && !Agrees(m.Says, stops.Where(f => f.Model == m.Name || f.Models.Contains(m.Name)).ToList())).Select(m => $"{m.Name}: {m.Says}");
        Assert.Equal([], wrong);
    }

    private static bool Agrees(string says, List<Finding> stops) =>
        says == "traces" ? stops.Count == 0 : says.StartsWith("traces", StringComparison.Ordinal) ? stops.TrueForAll(f => f.Confidence is Confidence.Likely) : stops.Count > 0;

    /// <summary>Recorded in AIMET's preparer itself: a test on data, a count taken from a size, a buffer cut by one, zeros of one, modules that are registered nowhere.</summary>
    [Theory]
    [InlineData("if x.abs().max() > 10.0:\n            x = self.a(x)\n        return self.b(x)", ReadinessVerdict.Refuses)]
    [InlineData("for i in range(x.shape[1]):\n            x = self.a(x)\n        return x", ReadinessVerdict.Refuses)]
    [InlineData("return self.a(x) + self.mask[:, : x.size(1)]", ReadinessVerdict.Refuses)]
    [InlineData("return self.a(x) + torch.zeros(x.size(0), 4)", ReadinessVerdict.Refuses)]
    [InlineData("return nn.ReLU()(self.a(x))", ReadinessVerdict.Refuses)]
    [InlineData("return self.plain[0](x)", ReadinessVerdict.Refuses)]
    [InlineData("y = self.a(x)\n        y[:, 0] = 0\n        return y", ReadinessVerdict.MayRefuse)]
    [InlineData("if self.deep:\n            x = self.a(x)\n        return self.b(x).view(x.size(0), -1)", ReadinessVerdict.Takes)]
    public void The_preparer_is_said_to_do_what_was_recorded(string forward, ReadinessVerdict verdict)
    {
        var file = Path.Join(_folder.FullName, "net.py");
        File.WriteAllText(file, $$"""
            import torch
            from torch import nn

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.a = nn.Linear(4, 4)
                    self.b = nn.Linear(4, 4)
                    self.deep = True
                    self.plain = [nn.Linear(4, 4)]
                    self.register_buffer("mask", torch.zeros(8, 8))

                def forward(self, x):
                    {{forward}}
            """);
        var preparer = ModelReadiness.Of(Auditor.Default.Audit(new(file, "net.py"), new AuditSettings { MinimumSeverity = Severity.Information })!).Single(t => t.Tool is Guidelines.Aimet.AimetTool.Preparer);
        Assert.Equal(verdict, preparer.Verdict);
        Assert.All(preparer.Reasons.Where(r => r.Effect is Guidelines.Aimet.ToolEffect.Raises), r => Assert.NotNull(r.Finding.Location));
    }

    /// <summary>People fix a line once, however many attributes run it.</summary>
    [Fact]
    public void A_line_that_cannot_be_traced_is_one_place_whichever_modules_run_it()
    {
        var file = Path.Join(_folder.FullName, "net.py");
        File.WriteAllText(file, """
            import torch
            from torch import nn

            class Half(nn.Module):
                def forward(self, x):
                    return x if x.sum() > 0 else -x

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.first = Half()
                    self.second = Half()

                def forward(self, x):
                    return self.second(self.first(x))
            """);
        var result = Auditor.Default.Audit(new(file, "net.py"), new AuditSettings { MinimumSeverity = Severity.Information })!;
        var finding = Assert.Single(result.Findings, f => f.Guideline == "Aimet.ControlFlow");
        Assert.Equal(["first", "second"], finding.Instances);
    }

    /// <summary>An exported file does not hold the code that the preparer would trace.</summary>
    [Fact]
    public void Of_files_without_the_code_the_preparer_is_not_told()
    {
        var path = Path.Join(RepositoryFiles.Root, "samples", "pytorch", "relu_twice.pt2");
        var result = Auditor.Default.Audit(new(path, "relu_twice.pt2"), new AuditSettings { MinimumSeverity = Severity.Information })!;
        var preparer = ModelReadiness.Of(result).Single(t => t.Tool is Guidelines.Aimet.AimetTool.Preparer);
        Assert.Equal(ReadinessVerdict.Undecidable, preparer.Verdict);
        Assert.Contains("torch.fx", Assert.Single(preparer.Open), StringComparison.Ordinal);
    }
}
