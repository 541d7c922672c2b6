using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>What a person reads of an audit in a console or the log of a server, which takes nothing in it for a command.</summary>
internal static class ConsoleSummary
{
    /// <summary>What a person reads of one file; nothing of a clean one.</summary>
    public static IEnumerable<string> Summary(AuditResult result, IReadOnlySet<Guidelines.Finding> known)
    {
        var findings = result.Findings.Where(f => f.Outcome is Outcome.Fail).ToList();
        if (result.Error is null && findings.Count == 0 && !result.Guidelines.Any(g => g.Outcome is Outcome.Undecidable))
        {
            yield break;
        }

        yield return "";
        yield return Printable.InLog(result.Path);
        if (result.Error is { } error)
        {
            yield return $"  [ERROR] {error.Id}: {Printable.InLog(error.Message)}";
        }

        foreach (var finding in findings)
        {
            var place = finding.Location is null ? "" : $" ({Printable.InLog(finding.Location.ToString())})";
            yield return $"  [{(known.Contains(finding) ? "KNOWN" : finding.Severity is Severity.Error ? "FAIL" : finding.Severity is Severity.Warning ? "WARN" : "NOTE")}] {finding.Guideline}: {Printable.InLog(finding.Message)}{place}";
            if (finding.Recommendation is not null && !known.Contains(finding))
            {
                yield return $"         {Printable.InLog(finding.Recommendation)}";
            }
        }

        foreach (var undecided in result.Guidelines.Where(g => g.Outcome is Outcome.Undecidable))
        {
            yield return $"  [?] {undecided.Guideline}: cannot be decided: {Printable.InLog(undecided.Reason ?? "")}";
        }
    }
}
