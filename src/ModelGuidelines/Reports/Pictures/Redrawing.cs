using ModelGuidelines.Audit;

namespace ModelGuidelines.Reports.Pictures;

/// <summary>Draws the pictures of a report that was read back, which carries none: of files that are still there and in which the same is found as was.</summary>
public static class Redrawing
{
    /// <summary>The report with pictures of the files with most findings, as many as a page carries; those files are audited again.</summary>
    /// <param name="report">A report.</param>
    /// <param name="folder">The folder in which the audit stood; a full path.</param>
    /// <param name="locate">The full path of a file of the report; null where there is none.</param>
    /// <param name="cancellation">Ends it.</param>
    public static AuditReport Redraw(AuditReport report, string folder, Func<string, string?> locate, CancellationToken cancellation = default)
    {
        var drawn = new Dictionary<AuditResult, Picture>(ReferenceEqualityComparer.Instance);
        var left = PictureLimits.BoxesOfAPage;
        foreach (var result in PictureLimits.Order(report.Results.Where(r => r.Entry is null)))
        {
            if (locate(result.Path) is { } full && Path.Exists(full) && Again(report.Run, result, full, folder, cancellation) is { } picture)
            {
                drawn[result] = picture;
                if ((left -= picture.Boxes.Length) < 0)
                {
                    break;
                }
            }
        }

        return report with { Results = [.. report.Results.Select(r => drawn.TryGetValue(r, out var picture) ? r with { Picture = picture } : r)] };
    }

    private static Picture? Again(RunInfo run, AuditResult result, string full, string folder, CancellationToken cancellation)
    {
        var searched = full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? folder : null;
        var settings = new AuditSettings
        {
            Pictures = true,
            MinimumSeverity = result.Findings.Min(f => f.Severity),
            Guidelines = [.. result.Guidelines.Select(g => g.Guideline)],
            SearchPath = [.. run.SearchPath.Select(p => Path.GetFullPath(p, folder))],
        };
        var again = Auditor.Default.Audit(new(full, result.Path) { SearchedFolder = searched }, settings, cancellation);
        if (again?.Picture is null)
        {
            return null;
        }

        // A report may hold a part of what was found; of source it has a place in the file that holds it, whichever file comes to it.
        var (before, now) = (Prints(result.Findings), Prints(again.Findings));
        var own = again.Findings.Where(f => f.SourcePath == full).ToList();
        return before.IsSubsetOf(now) || (own.Count > 0 && Prints(own).IsSubsetOf(before)) ? again.Picture : null;

        static HashSet<string> Prints(IEnumerable<Guidelines.Finding> findings) => findings.Select(f => f.Fingerprint).ToHashSet(StringComparer.Ordinal);
    }
}

/// <summary>How many pictures a page carries, and which.</summary>
internal static class PictureLimits
{
    /// <summary>Boxes of all pictures together: about a megabyte.</summary>
    public const int BoxesOfAPage = 60_000;

    /// <summary>The files with most findings first.</summary>
    public static IEnumerable<AuditResult> Order(IEnumerable<AuditResult> results) => results.Where(r => !r.Findings.IsEmpty).OrderByDescending(r => r.Findings.Length).ThenBy(r => r.Path, StringComparer.Ordinal);
}
