using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>A page for people: the summary of a build, a comment on a pull request.</summary>
public sealed class MarkdownReport : IReportWriter
{
    public string Name => "markdown";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        var results = report.Results;
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        text.WriteLine("# Model guidelines");
        text.WriteLine();
        text.WriteLine($"{report.Summary}.");
        foreach (var result in results.Where(r => r.Error is not null || !r.Findings.IsEmpty))
        {
            text.WriteLine();
            text.WriteLine($"## {Escape(result.Path)}");
            text.WriteLine();
            if (result.Error is { } error)
            {
                text.WriteLine($"Not audited: {Escape(error.Message)} (`{error.Id}`)");
                continue;
            }

            text.WriteLine("| | Guideline | Finding | What to do |");
            text.WriteLine("|---|---|---|---|");
            foreach (var finding in result.Findings)
            {
                var where = finding.Location is { } location ? $" ({Escape(location.ToString())})" : "";
                text.WriteLine($"| {finding.Severity} | [{finding.Guideline}]({finding.HelpUri}) | {Escape(finding.Message)}{where} | {Escape(finding.Recommendation)} |");
            }
        }

        var groups = UndecidedGroup.Of(results);
        if (groups.IsEmpty)
        {
            return;
        }

        text.WriteLine();
        text.WriteLine("## Cannot be decided");
        text.WriteLine();
        text.WriteLine("| Files | Guideline | Why, and what would decide it |");
        text.WriteLine("|---:|---|---|");
        foreach (var group in groups)
        {
            text.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"| {group.Files.Length} | {group.Guideline} | {Escape(group.Cause)} |"));
        }
    }

    /// <summary>Names come from files: nothing in them may become markup.</summary>
    private static string Escape(string? text)
    {
        var result = new StringBuilder();
        foreach (var c in Printable.Text(text))
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#' or '~' or '&')
            {
                result.Append('\\');
            }

            result.Append(c);
        }

        return result.ToString();
    }
}
