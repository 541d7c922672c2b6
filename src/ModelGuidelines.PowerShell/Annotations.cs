using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Lines by which a build server marks a finding, and lines for people that no server takes for one.</summary>
internal static class Annotations
{
    /// <summary>The server that this runs on: Azure, GitHub or None.</summary>
    public static string Server() =>
        string.Equals(Environment.GetEnvironmentVariable("TF_BUILD"), "True", StringComparison.OrdinalIgnoreCase) ? "Azure"
        : string.Equals(Environment.GetEnvironmentVariable("GITHUB_ACTIONS"), "true", StringComparison.OrdinalIgnoreCase) ? "GitHub" : "None";

    /// <summary>One finding as a command of the server.</summary>
    public static string Line(string server, Guidelines.Finding finding)
    {
        var inSource = finding.Format == "PythonSource" && finding.Location is not null;
        var line = inSource ? finding.Location!.Line.ToString(CultureInfo.InvariantCulture) : null;
        var text = Printable.Text(inSource ? finding.Message : $"{finding.Path}: {finding.Message}");
        return server == "Azure"
            ? $"##vso[task.logissue type={(finding.Severity is Severity.Error ? "error" : "warning")};sourcepath={Azure(finding.Path)}{(line is null ? "" : $";linenumber={line}")};code={finding.Guideline}]{Azure(text)}"
            : $"::{finding.Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "notice" }} file={GitHub(finding.Path)}{(line is null ? "" : $",line={line}")},title={GitHub(finding.Guideline)}::{GitHub(text)}";
    }

    /// <summary>A line for people: what a file's names hold can start no command.</summary>
    public static string Plain(string text) => Printable.Text(text).Replace("##", "# #", StringComparison.Ordinal).Replace("::", ": :", StringComparison.Ordinal);

    private static string Azure(string text) => Printable.Text(text).Replace("%", "%AZP25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal)
        .Replace("]", "%5D", StringComparison.Ordinal).Replace("##", "# #", StringComparison.Ordinal);

    private static string GitHub(string text) => Printable.Text(text).Replace("##", "# #", StringComparison.Ordinal).Replace("%", "%25", StringComparison.Ordinal).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);

    /// <summary>What a person reads of one file; nothing of a clean one.</summary>
    public static IEnumerable<string> Summary(AuditResult result, IReadOnlySet<Guidelines.Finding> known)
    {
        var findings = result.Findings.Where(f => f.Outcome is Outcome.Fail).ToList();
        if (result.Error is null && findings.Count == 0 && !result.Guidelines.Any(g => g.Outcome is Outcome.Undecidable))
        {
            yield break;
        }

        yield return "";
        yield return Plain(result.Path);
        if (result.Error is { } error)
        {
            yield return $"  [ERROR] {error.Id}: {Plain(error.Message)}";
        }

        foreach (var finding in findings)
        {
            var place = finding.Location is null ? "" : $" ({Plain(finding.Location.ToString())})";
            yield return $"  [{(known.Contains(finding) ? "KNOWN" : finding.Severity is Severity.Error ? "FAIL" : finding.Severity is Severity.Warning ? "WARN" : "NOTE")}] {finding.Guideline}: {Plain(finding.Message)}{place}";
            if (finding.Recommendation is not null && !known.Contains(finding))
            {
                yield return $"         {Plain(finding.Recommendation)}";
            }
        }

        foreach (var undecided in result.Guidelines.Where(g => g.Outcome is Outcome.Undecidable))
        {
            yield return $"  [?] {undecided.Guideline}: cannot be decided: {Plain(undecided.Reason ?? "")}";
        }
    }
}
