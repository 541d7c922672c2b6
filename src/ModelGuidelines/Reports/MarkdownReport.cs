using System.Globalization;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>A page for people: the summary of a build, a comment on a pull request. Begins with what to do first.</summary>
/// <remarks>GitHub takes 65,536 characters in a comment: what comes later is then counted and left out.</remarks>
public sealed class MarkdownReport : IReportWriter
{
    /// <summary>Room for the last sentence below GitHub's limit.</summary>
    private const int MaximumLength = 65_000;

    private const int First = 10;

    public string Name => "markdown";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        report = report.ByPlace();
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        var page = new Page(text);
        page.Add($"# Model guidelines\n\n{report.Summary}.\n");
        var findings = report.Results.SelectMany(r => r.Findings).ToList();
        if (findings.Count > First)
        {
            WriteFirst(page, findings);
        }

        var groups = UndecidedGroup.Of(report.Results);
        foreach (var result in report.Results.Where(r => r.Error is not null || !r.Findings.IsEmpty))
        {
            WriteFile(page, result);
        }

        if (!groups.IsEmpty)
        {
            page.Begin("\n## Cannot be decided\n\n| Files | Guideline | Why, and what would decide it |\n|---:|---|---|\n");
            foreach (var group in groups)
            {
                page.Add(string.Create(CultureInfo.InvariantCulture, $"| {group.Files.Length} | {group.Guideline} | {Escape(group.Cause)} |\n"));
            }
        }

        if (page.Omitted > 0)
        {
            text.Write(string.Create(CultureInfo.InvariantCulture, $"\n{page.Omitted} more lines are left out: a comment holds no more. The other reports have all.\n"));
        }
    }

    private static void WriteFirst(Page page, List<Finding> findings)
    {
        page.Add("\n## Fix these first\n\n| | Guideline | Finding | In |\n|---|---|---|---|\n");
        foreach (var finding in findings.OrderByDescending(f => f.Severity).ThenByDescending(f => f.Models.Length).ThenByDescending(f => f.InstanceCount).Take(First))
        {
            var many = finding.Models.Length > 1 ? $"{Number(finding.Models.Length)} models" : finding.InstanceCount > 1 ? $"{Number(finding.InstanceCount)} modules" : "1 module";
            page.Add($"| {finding.Severity} | [{finding.Guideline}]({finding.HelpUri}) | {Escape(finding.Message)} ({Escape(finding.Location?.ToString() ?? finding.Path)}) | {many} |\n");
        }
    }

    private static void WriteFile(Page page, AuditResult result)
    {
        if (result.Error is { } error)
        {
            page.Add($"\n## {Escape(result.Path)}\n\nNot audited: {Escape(error.Message)} (`{error.Id}`)\n");
            return;
        }

        page.Begin($"\n## {Escape(result.Path)}\n\n| | Guideline | Finding | What to do |\n|---|---|---|---|\n");
        foreach (var finding in result.Findings)
        {
            var where = finding.Location is { } location ? $" ({Escape(location.ToString())})" : "";
            page.Add($"| {finding.Severity} | [{finding.Guideline}]({finding.HelpUri}) | {Escape(finding.Message)}{where} | {Escape(finding.Recommendation)} |\n");
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Names come from files: nothing in them may become markup.</summary>
    internal static string Escape(string? text)
    {
        var result = new StringBuilder();
        var shown = Printable.Text(text);
        for (var i = 0; i < shown.Length; i++)
        {
            // Addresses, of which servers make links though nothing marks them: http://..., www....
            var c = shown[i];
            if ((c == ':' && shown.AsSpan(i).StartsWith("://", StringComparison.Ordinal)) || (c == '.' && shown.AsSpan(0, i).EndsWith("www", StringComparison.OrdinalIgnoreCase)) || c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#' or '~' or '&' or '@')
            {
                result.Append('\\');
            }

            result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>Text up to a length, in whole lines; a heading is written with the first line below it.</summary>
    private sealed class Page(TextWriter text)
    {
        private string _heading = "";
        private int _length;

        public int Omitted { get; private set; }

        public void Begin(string heading) => _heading = heading;

        public void Add(string line)
        {
            if (Omitted > 0 || _length + _heading.Length + line.Length > MaximumLength)
            {
                Omitted++;
                return;
            }

            text.Write(_heading);
            text.Write(line);
            _length += _heading.Length + line.Length;
            _heading = "";
        }
    }
}
