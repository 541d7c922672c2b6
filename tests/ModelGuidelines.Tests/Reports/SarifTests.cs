using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Sarif;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Reports;

public sealed class SarifTests
{
    private static readonly Finding Sample = ReportSamples.Report.Results.SelectMany(r => r.Findings).First();

    private static AuditReport Many(int count) => new([new() { Path = "net.onnx", Format = "Onnx", Findings = [.. Enumerable.Repeat(Sample, count)] }]);

    private static JsonElement[] Runs(AuditReport report)
    {
        using var stream = new MemoryStream();
        new SarifReport().Write(stream, report);
        using var json = JsonDocument.Parse(stream.ToArray());
        return [.. json.RootElement.Clone().GetProperty("runs").EnumerateArray()];
    }

    private static string IdOf(JsonElement run) => run.GetProperty("automationDetails").GetProperty("id").GetString()!;

    [Fact]
    public void More_results_than_are_shown_of_a_run_are_several_runs_that_replace_none_of_each_other()
    {
        var runs = Runs(Many(5_001));
        Assert.Equal([5_000, 1], runs.Select(r => r.GetProperty("results").GetArrayLength()));
        Assert.Equal(["modelguidelines/", "modelguidelines/part-2/"], runs.Select(IdOf));
        Assert.Single(Runs(Many(0)));
        Assert.Equal("modelguidelines/shard-3-16/", IdOf(Runs(Many(1) with { Run = new() { Shard = "3/16" } })[0]));
    }

    [Theory]
    [InlineData("\u001b[31mred.onnx")]
    [InlineData("two\nlines ##vso[x] ::error::.onnx")]
    [InlineData("\uFFFDbad\u202E.onnx")]
    public void An_address_is_the_name_of_the_file(string name)
    {
        var run = Runs(new([new() { Path = name, Format = "Onnx", Findings = [Sample with { Path = name, SourcePath = null, Location = null, Calls = [] }] }]))[0];
        var address = run.GetProperty("results")[0].GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString()!;
        Assert.Equal(name, Uri.UnescapeDataString(address));
        Assert.DoesNotMatch(@"^/|[^!-~]|##|::", address);
    }

    [Fact]
    public void What_no_file_may_hold_is_left_out_by_severity()
    {
        var report = Many(500_000);
        var worst = report.Results[0] with { Path = "last.onnx", Findings = [Sample with { Severity = Severity.Error }] };
        var lightest = report.Results[0] with { Findings = report.Results[0].Findings.SetItem(7, Sample with { Severity = Severity.Information }) };
        var (runs, leftOut) = SarifLimits.Share(new([lightest, worst]));
        Assert.Equal(1, leftOut);
        Assert.Equal(20, runs.Count);
        Assert.All(runs, r => Assert.InRange(r.Length, 1, 25_000));
        Assert.DoesNotContain(runs.SelectMany(r => r), r => r.Finding.Severity is Severity.Information);
    }

    [Fact]
    public void Accepted_findings_are_listed_where_that_is_asked()
    {
        var result = new AuditResult
        {
            Path = "net.py",
            SuppressedFindings = [new(Sample, new(Sample.Guideline, "weights are shared by design", 3, 3, "net.py")), new(Sample, new("*", "old", 9, 9, "modelguidelines.yaml"))],
        };
        Assert.Equal(0, Runs(new([result]))[0].GetProperty("results").GetArrayLength());
        var by = Runs(new([result]) { IncludeSuppressed = true })[0].GetProperty("results").EnumerateArray().Select(r => r.GetProperty("suppressions")[0]).ToList();
        Assert.Equal(["inSource", "external"], by.Select(s => s.GetProperty("kind").GetString()));
        Assert.Equal("weights are shared by design", by[0].GetProperty("justification").GetString());
    }

    [Fact]
    public void Fixes_applied_to_the_source_end_the_findings()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("net.py", """
            import torch
            from torch import nn

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.fc1 = nn.Linear(8, 8)
                    self.fc2 = nn.Linear(8, 8)
                    self.act = nn.ReLU()

                def forward(self, x):
                    x = self.act(self.fc1(x))
                    x = self.act(self.fc2(x))
                    return torch.softmax(x, dim=1)
            """u8.ToArray());
        var result = Auditor.Default.Audit(new(file, "net.py"), AuditSettings.Default)!;
        Assert.Equal(2, result.Findings.Length);
        var run = Runs(new([result]))[0];

        var lines = File.ReadAllLines(file).ToList();
        var changes = run.GetProperty("results").EnumerateArray().SelectMany(r => r.GetProperty("fixes")[0].GetProperty("artifactChanges")[0].GetProperty("replacements").EnumerateArray()).ToList();
        int Line(JsonElement change, string name) => change.GetProperty("deletedRegion").GetProperty(name).GetInt32();
        foreach (var change in changes.DistinctBy(c => c.ToString()).OrderByDescending(c => Line(c, "startLine")))
        {
            var first = Line(change, "startLine");
            lines.RemoveRange(first - 1, Line(change, "endLine") - first);
            lines.InsertRange(first - 1, change.GetProperty("insertedContent").GetProperty("text").GetString()!.TrimEnd('\n').Split('\n'));
        }

        File.WriteAllLines(file, lines);
        Assert.Empty(Auditor.Default.Audit(new(file, "net.py"), AuditSettings.Default)!.Findings);
    }

    [Fact]
    public void A_place_in_source_is_its_line_and_the_file_has_its_hash()
    {
        var file = RepositoryFiles.Path("samples", "pytorch", "nested_reuse.py");
        var run = Runs(new([Auditor.Default.Audit(new(file, "samples/pytorch/nested_reuse.py"), AuditSettings.Default)!]))[0];
        var region = run.GetProperty("results")[0].GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region");
        var line = File.ReadAllLines(file)[region.GetProperty("startLine").GetInt32() - 1];
        Assert.Equal(line.Trim(), region.GetProperty("snippet").GetProperty("text").GetString());
        Assert.Equal(line.Length + 1, region.GetProperty("endColumn").GetInt32());
        Assert.Equal(
            Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))).ToLowerInvariant(),
            run.GetProperty("artifacts")[0].GetProperty("hashes").GetProperty("sha-256").GetString());
    }

    [Fact]
    public void Read_back_a_graph_file_has_no_line_and_what_is_undecided_is_no_failure()
    {
        using var stream = new MemoryStream();
        new SarifReport().Write(stream, new([new() { Path = "net.onnx", Format = "Onnx", Findings = [Sample with { Path = "net.onnx" }], Guidelines = [new("PyTorch.TensorInterface", Outcome.Undecidable, "the file flattens them")] }]));
        stream.Position = 0;
        var result = Assert.Single(ReportReader.Read(stream));
        Assert.Null(result.Error);
        Assert.Null(Assert.Single(result.Findings).Location);
        Assert.Equal("the file flattens them", Assert.Single(result.Undecided).Reason);
    }
}
