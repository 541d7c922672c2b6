using ModelGuidelines.Cli;

namespace ModelGuidelines.Tests.Reports;

public sealed class TableReportTests
{
    [Fact]
    public void Table()
    {
        var text = Write();
        Assert.All(text.Split('\n'), l => Assert.True(l.Length <= 80, l));
        Assert.DoesNotContain('\u001b', text);
        Snapshot.Match(text);
    }

    private static string Write()
    {
        using var text = new StringWriter();
        TableReport.Write(Terminal.Output(text, isTerminal: false), ReportSamples.Results);
        return string.Join('\n', text.ToString().ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd()));
    }
}
