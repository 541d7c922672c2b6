using ModelGuidelines.Reports;

namespace ModelGuidelines.Audit;

/// <summary>Where the files are that a report names, for reports that show lines of source and diffs of repairs.</summary>
public static class FoundAgain
{
    /// <summary>The report with the full paths of what is still there; places of Python files only, as reports come from anywhere. Whoever shows a line holds it against the one that was kept.</summary>
    /// <param name="report">Read from a file, or from objects.</param>
    /// <param name="fullPath">The full path of a name in it; null where there is no such file.</param>
    public static AuditReport Locate(AuditReport report, Func<string, string?> fullPath)
    {
        var known = new Dictionary<string, string?>(StringComparer.Ordinal);
        string? Full(string name) => known.TryGetValue(name, out var full) ? full : known[name] = fullPath(name);
        return report with
        {
            Results = [.. report.Results.Select(r => r with
            {
                FullPath = r.FullPath ?? Full(r.Path),
                Findings = [.. r.Findings.Select(f => f.SourcePath is null && f.SourcePlace is { } at && at.File.EndsWith(".py", StringComparison.OrdinalIgnoreCase) ? f with { SourcePath = Full(at.File) } : f)],
            })],
        };
    }
}
