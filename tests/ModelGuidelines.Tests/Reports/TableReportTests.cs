using ModelGuidelines.Audit;
using ModelGuidelines.Cli;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Tests.Reports;

public sealed class TableReportTests
{
    [Fact]
    public void Table()
    {
        var text = Write();
        Assert.Contains("\nmodels/net.onnx (net.py:12:9): error: module 'layer1.0.relu'", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        Snapshot.Match(text);
    }

    [Fact]
    public void Many_places_fit_in_the_lines_that_people_read_and_the_worst_stay()
    {
        var findings = Enumerable.Range(1, 2000).Select(i => new Finding
        {
            Guideline = "PyTorch.FunctionalCall",
            Severity = i == 1999 ? Severity.Error : Severity.Warning,
            Path = "net.py",
            Format = "PythonSource",
            Location = new("net.py", i, 5),
            Message = $"function {i} {new string('x', 200)}",
            InstanceCount = i,
        });
        var report = new AuditReport([new() { Path = "net.py", Findings = [.. findings] }]);
        var lines = Write(report).TrimEnd('\n').Split('\n');

        Assert.True(lines.Length <= TableReport.MaximumLines, $"{lines.Length} lines");
        Assert.StartsWith("1 file audited", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.StartsWith("net.py:1999:5: error: function 1999 xxx", StringComparison.Ordinal) && l.Length > 200);
        Assert.Equal(2000, Write(report, verbose: true).Split('\n').Count(l => l.StartsWith("net.py:", StringComparison.Ordinal)));
    }

    private static string Write() => Write(ReportSamples.Report);

    private static string Write(AuditReport report, bool verbose = false)
    {
        using var text = new StringWriter();
        TableReport.Write(Terminal.Output(text, isTerminal: false), report, verbose);
        return string.Join('\n', text.ToString().ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd()));
    }
}
