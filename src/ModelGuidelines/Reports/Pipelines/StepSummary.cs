using System.Globalization;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports.Pipelines;

/// <summary>The summary of a step in Markdown: at most 200 lines, and first what to do.</summary>
internal static class StepSummary
{
    public const int MaximumLines = 200;
    private const int First = 25;
    private const int Models = 50;
    private const int Reasons = 15;

    /// <param name="report">What is shown.</param>
    /// <param name="verdict">Whether the step fails, and why.</param>
    public static string Of(AuditReport report, string verdict)
    {
        report = report.ByPlace();
        var lines = new List<string> { "## Model guidelines", "", $"**{MarkdownReport.Escape(verdict)}** {report.Summary}.{Against(report)}" };
        Table(lines, "What to do first", "| | Guideline | Where | What is wrong | What to do |", [.. WorstFirst(report).Select(f =>
            $"| {f.Severity} | [{f.Guideline}]({f.HelpUri}) | {MarkdownReport.Escape(f.SourcePlace?.ToString() ?? f.Path)} | {Text(f.Message)} | {Text(f.Recommendation)} |")], First);
        Table(lines, "Could not be audited", "| File | Why |", [.. report.Results.Where(r => r.Error is not null).Select(r => $"| {MarkdownReport.Escape(r.Path)} | {Text(r.Error!.Message)} (`{r.Error.Id}`) |")], First);
        Table(lines, "Models with the most findings", "| Model | Errors | Warnings |", [.. report.Results
            .Select(r => (r.Path, Errors: New(r).Count(f => f.Severity is Severity.Error), Warnings: New(r).Count(f => f.Severity is Severity.Warning)))
            .Where(r => r.Errors + r.Warnings > 0).OrderByDescending(r => r.Errors).ThenByDescending(r => r.Warnings)
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"| {MarkdownReport.Escape(r.Path)} | {r.Errors} | {r.Warnings} |"))], Models);
        Table(lines, "Cannot be decided", "| Files | Guideline | Why, and what would decide it |", [.. UndecidedGroup.Of(report.Results)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"| {g.Files.Length} | {g.Guideline} | {Text(g.Cause)} |"))], Reasons);
        return string.Join('\n', lines.Take(MaximumLines)) + "\n";
    }

    /// <summary>New findings: the worst first, then those that stand in most models.</summary>
    public static IEnumerable<Finding> WorstFirst(AuditReport report) => report.Results.SelectMany(New)
        .OrderByDescending(f => f.Severity).ThenByDescending(f => f.Models.Length).ThenByDescending(f => f.InstanceCount);

    private static IEnumerable<Finding> New(AuditResult result) => result.Findings.Where(f => f.BaselineState != Baseline.Unchanged);

    private static string Against(AuditReport report) => report.Run.Fixed is not { } gone ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" Against the baseline: {report.Results.Sum(r => New(r).Count())} new, {gone} fixed, {report.Results.Sum(r => r.Findings.Length - New(r).Count())} known.");

    private static void Table(List<string> lines, string title, string head, IReadOnlyList<string> rows, int maximum)
    {
        if (rows.Count == 0)
        {
            return;
        }

        lines.AddRange(["", $"### {title}", "", head, string.Concat(Enumerable.Repeat("|---", head.Count(c => c == '|') - 1)) + "|", .. rows.Take(maximum)]);
        if (rows.Count > maximum)
        {
            lines.AddRange(["", string.Create(CultureInfo.InvariantCulture, $"{rows.Count - maximum} more in the reports.")]);
        }
    }

    private static string Text(string? text) => MarkdownReport.Escape(Printable.Text(text, 400));
}
