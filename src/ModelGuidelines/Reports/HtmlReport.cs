using System.Globalization;
using System.Net;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>One page that stands alone: no script, no address but those of the guidelines' pages.</summary>
public sealed class HtmlReport : IReportWriter
{
    private const string Style = """
        :root { color-scheme: light dark; } body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid #8884; padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
        code, .place { font-family: ui-monospace, monospace; font-size: 13px; } h2 { font-size: 1rem; margin: 2rem 0 .3rem; overflow-wrap: anywhere; }
        .Error { color: #c62828; font-weight: 600; } .Warning { color: #b26a00; font-weight: 600; } .Undecidable, .Information { color: #777; } small { color: #777; }
        """;

    public string Name => "html";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        var results = report.Results;
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        text.WriteLine($"<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{ToolInfo.Name}</title>\n<style>\n{Style}\n</style></head>\n<body>");
        text.WriteLine($"<h1>{ToolInfo.Name}</h1>\n<p>{Text(ReportSummary.Of(results).ToString())}.</p>");
        foreach (var result in results.Where(r => r.Error is not null || r.Findings.Any(f => f.Outcome is Outcome.Fail) || r.Guidelines.Any(g => g.Outcome is Outcome.Undecidable)))
        {
            WriteFile(text, result);
        }

        var clean = results.Where(r => r.Error is null && r.Guidelines.All(g => g.Outcome is Outcome.Pass or Outcome.NotApplicable)).ToList();
        if (clean.Count > 0)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"<h2>Clean ({clean.Count})</h2>\n<p>{string.Join("<br>", clean.Select(r => $"<code>{Text(r.Path)}</code>"))}</p>"));
        }

        text.WriteLine("</body>\n</html>");
    }

    private static void WriteFile(TextWriter text, AuditResult result)
    {
        text.WriteLine($"<h2>{Text(result.Path)} <small>{Text(result.Format)}{(result.Exporter is null ? "" : $", {Text(result.Exporter)}")}</small></h2>\n<table>");
        if (result.Error is { } error)
        {
            Row(text, "Error", "", error.Id, Text(error.Message), null);
        }

        foreach (var finding in result.Findings.Where(f => f.Outcome is Outcome.Fail))
        {
            var place = finding.Location?.ToString() ?? (finding.Module is { Length: 0 } ? "(root)" : finding.Module) ?? "";
            var advice = finding.Recommendation is null ? "" : $"<br><small>{Text(finding.Recommendation)}</small>";
            var doubt = finding.Confidence is Confidence.Likely ? " <small>(likely)</small>" : "";
            Row(text, finding.Severity.ToString(), place, finding.Guideline, $"{Text(finding.Message)}{doubt}{advice}", finding.HelpUri);
        }

        foreach (var undecided in result.Guidelines.Where(g => g.Outcome is Outcome.Undecidable))
        {
            Row(text, "Undecidable", "", undecided.Guideline, Text(undecided.Reason), null);
        }

        text.WriteLine("</table>");
    }

    private static void Row(TextWriter text, string severity, string place, string guideline, string html, Uri? help)
    {
        var id = help is { Scheme: "https" } ? $"<a href=\"{Text(help.AbsoluteUri)}\">{Text(guideline)}</a>" : Text(guideline);
        text.WriteLine($"<tr><td class=\"{severity}\">{severity}</td><td class=\"place\">{Text(place)}</td><td>{id}</td><td>{html}</td></tr>");
    }

    private static string Text(string? text) => WebUtility.HtmlEncode(Printable.Text(text));
}
