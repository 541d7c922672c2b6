using System.Text.RegularExpressions;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Pipelines;

namespace ModelGuidelines.Tests.Reports;

/// <summary>What the log of a build server gets: commands of ours, and none that a name in a model writes.</summary>
public sealed class BuildServerTests : IDisposable
{
    private const string Wicked = "###vso[task.setvariable variable=a]b;c]%0A::error::x\n::stop-commands::t";
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-server-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_our_commands_reach_Azure()
    {
        var lines = Publish("azure", Report(3, Wicked));
        Assert.All(lines, l => Assert.Equal(1, Regex.Count(l, @"##vso\[", RegexOptions.None, TimeSpan.FromSeconds(1))));
        Assert.All(lines, l => Assert.DoesNotContain('\n', l));
        Assert.Contains("sourcepath=net.py;linenumber=7;code=PyTorch.ModuleReuse]", lines[1], StringComparison.Ordinal);
        var summary = lines[^1]["##vso[task.uploadsummary]".Length..];
        Assert.StartsWith(_folder, summary, StringComparison.Ordinal);
        Assert.Contains("### What to do first", File.ReadAllText(summary), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_our_commands_reach_GitHub_and_no_more_than_it_shows()
    {
        var lines = Publish("github", Report(30, Wicked));
        Assert.Equal(10, lines.Count(l => l.StartsWith("::error file=", StringComparison.Ordinal))); // one of them: the file that cannot be read
        Assert.Equal("21 more findings are marked at no line; the reports have all.", lines[^1]);
        Assert.All(lines, l => Assert.DoesNotContain("##", l, StringComparison.Ordinal));
        Assert.StartsWith("::error file=bad.onnx,title=MG.Onnx.Truncated::bad.onnx: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("::error file=net.py,line=7,title=PyTorch.ModuleReuse::module ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_summary_of_anything_stays_short_and_known_findings_are_marked_nowhere()
    {
        Publish("github", Report(3000, "relu"));
        Assert.InRange(File.ReadAllLines(Path.Join(_folder, "summary.md")).Length, 50, 200);
        var known = Report(2, "relu");
        Assert.DoesNotContain(Publish("github", known with { Results = [.. known.Results.Select(r => r with { Findings = [.. r.Findings.Select(f => f with { BaselineState = Baseline.Unchanged })] })] }), l => l.Contains("PyTorch", StringComparison.Ordinal));
    }

    [Fact]
    public void The_server_is_the_one_that_this_runs_on()
    {
        Assert.Null(BuildServer.Find("auto", _folder, _ => null));
        Assert.Null(BuildServer.Find("none", _folder, _ => "true"));
        Assert.NotNull(BuildServer.Find("auto", _folder, v => v == "TF_BUILD" ? "True" : null));
        Assert.NotNull(BuildServer.Find("Auto", _folder, v => v == "GITHUB_ACTIONS" ? "true" : null));
    }

    private List<string> Publish(string name, AuditReport report) => [.. BuildServer.Find(name, _folder, v => v switch
    {
        "AGENT_TEMPDIRECTORY" or "GITHUB_WORKSPACE" => _folder,
        "GITHUB_STEP_SUMMARY" => Path.Join(_folder, "summary.md"),
        _ => null,
    })!.Publish(report, "Fails.")];

    private static AuditReport Report(int findings, string module) => new(
    [
        new() { Path = "bad.onnx", Error = new("MG.Onnx.Truncated", "the file ends too soon", 3) },
        .. Enumerable.Range(0, findings).Select(i => new AuditResult
        {
            Path = i == 0 ? "net.py" : $"net{i}.py",
            Findings = [new() { Guideline = "PyTorch.ModuleReuse", Severity = Severity.Error, Path = "net.py", Format = "PythonSource", Module = module, Message = $"module '{module}' is called twice", Location = new SourceLocation("net.py", 7, null) }],
        }),
    ]);
}
