using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports.Sarif;

/// <summary>One result of a SARIF report.</summary>
/// <param name="Result">Of the file.</param>
/// <param name="Finding">The finding.</param>
/// <param name="By">What accepts it; null: nothing does.</param>
internal readonly record struct SarifResult(AuditResult Result, Finding Finding, Suppression? By);

/// <summary>What GitHub code scanning takes of a file.</summary>
/// <remarks>Source: GitHub's documentation, "SARIF results exceed one or more limits": 20 runs a file, 25,000 results a run of which the 5,000 worst are shown, 1,000 locations a result of which 100 are.</remarks>
internal static class SarifLimits
{
    public const int Runs = 20;

    public const int ResultsOfRun = 25_000;

    /// <summary>A run with more is shown in part.</summary>
    public const int ShownOfRun = 5_000;

    public const int LocationsOfResult = 100;

    /// <summary>The results, run by run in the order of the report, and how many are left out.</summary>
    public static (IReadOnlyList<SarifResult[]> Runs, int LeftOut) Share(AuditReport report)
    {
        var all = report.Results.SelectMany(r => r.Findings.Select(f => new SarifResult(r, f, null))
            .Concat(report.IncludeSuppressed ? r.SuppressedFindings.Select(s => new SarifResult(r, s.Finding, s.By)) : [])).ToList();
        var leftOut = all.Count - (Runs * ResultsOfRun);
        if (leftOut > 0)
        {
            var kept = Enumerable.Range(0, all.Count).OrderByDescending(i => all[i].Finding.Severity).Take(Runs * ResultsOfRun).ToHashSet();
            all = [.. all.Where((_, i) => kept.Contains(i))];
        }

        var ofRun = Math.Max(ShownOfRun, (all.Count + Runs - 1) / Runs);
        return (all.Count == 0 ? [[]] : [.. all.Chunk(ofRun)], Math.Max(0, leftOut));
    }
}
