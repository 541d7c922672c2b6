using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary>Findings for people: a block per file, readable at 80 columns.</summary>
internal static class TableReport
{
    public static void Write(IAnsiConsole console, IReadOnlyList<AuditResult> results)
    {
        foreach (var result in results.Where(r => r.Error is not null || !r.Findings.IsEmpty))
        {
            console.MarkupLine($"[bold]{Escape(result.Path)}[/]");
            console.Write(Rows(result));
            console.WriteLine();
        }

        console.WriteLine($"{ReportSummary.Of(results)}.");
    }

    private static Grid Rows(AuditResult result)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(2));
        grid.AddColumn(new GridColumn().NoWrap().PadRight(2));
        grid.AddColumn(new GridColumn().PadRight(0));
        if (result.Error is { } error)
        {
            grid.AddRow("[red]unread[/]", Escape(error.Id), Escape(Printable.Text(error.Message)));
        }

        foreach (var finding in result.Findings)
        {
            var place = finding.Location is { } location ? $"\n[grey]{Escape(Printable.Text(location.ToString()))}[/]" : "";
            grid.AddRow(Label(finding), Escape(finding.Guideline), Escape(finding.Message) + place);
        }

        return grid;
    }

    private static string Label(Finding finding) => finding switch
    {
        { Outcome: Outcome.Undecidable } => "[blue]unknown[/]",
        { Severity: Severity.Error } => "[red]error[/]",
        { Severity: Severity.Warning } => "[yellow]warning[/]",
        _ => "[grey]note[/]",
    };

    private static string Escape(string text) => Markup.Escape(Printable.Text(text));
}
