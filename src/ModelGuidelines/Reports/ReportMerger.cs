using System.Collections.Immutable;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Reports;

/// <summary>Makes one report of those of several agents. Of the shards of one audit it is what one run would have written, but for times.</summary>
public static class ReportMerger
{
    /// <summary>One report.</summary>
    /// <param name="reports">In any order, a part perhaps twice. A file that several hold stands once, with what either found; one that was audited says more than one that could not be.</param>
    public static AuditReport Merge(IReadOnlyCollection<AuditReport> reports)
    {
        var files = new Dictionary<(string Path, string? Entry), AuditResult>();
        foreach (var result in reports.SelectMany(r => r.Results))
        {
            var key = (result.Path, result.Entry);
            files[key] = !files.TryGetValue(key, out var known) || known.Error is not null ? result : result.Error is not null ? known : known with
            {
                Guidelines = [.. known.Guidelines.UnionBy(result.Guidelines, g => g.Guideline)],
                Findings = [.. known.Findings.UnionBy(result.Findings, f => (f.Guideline, f.Fingerprint, f.Message))],
            };
        }

        var isSharded = reports.Count > 0 && reports.All(r => r.Run.Shard is not null);
        var merged = files.Values.OrderBy(r => isSharded ? r.Order ?? int.MaxValue : 0).ThenBy(r => isSharded ? "" : r.Path, StringComparer.Ordinal).Select(r => r with { Order = null }).ToList();
        var run = reports.Count == 0 ? new() : reports.First().Run;
        return new(isSharded ? PlaceLedger.Collate([.. merged.Select(Located)]) : merged)
        {
            Run = run with
            {
                Shard = null,
                Asked = null,
                LeftOut = reports.DistinctBy(r => r.Run.Shard ?? (object)r).SelectMany(r => r.Run.LeftOut).GroupBy(c => c.Key, StringComparer.Ordinal).ToImmutableSortedDictionary(g => g.Key, g => g.Sum(c => c.Value), StringComparer.Ordinal),
                Fixed = reports.Any(r => r.Run.Fixed is not null) ? reports.Max(r => r.Run.Fixed) : null,
            },
        };
    }

    /// <summary>What the audit was asked of which these are the parts; null where they do not say, or are no parts.</summary>
    /// <param name="parts">Reports of the shards of one audit.</param>
    /// <exception cref="ModelReadException"><c>MG.Merge.OtherRequest</c>: they were not asked the same, or are parts beside a whole, and no one run says what they do.</exception>
    public static PartRequest? Asked(IReadOnlyCollection<AuditReport> parts)
    {
        if (parts.Any(r => r.Run.Shard is null) && parts.Any(r => r.Run.Shard is not null))
        {
            throw new ModelReadException("MG.Merge.OtherRequest", $"{parts.Count(r => r.Run.Shard is null)} of the {parts.Count} reports are no parts (an earlier merge?), the others are parts of one");
        }

        var asked = parts.Where(r => r.Run is { Shard: not null, Asked: not null }).ToList();
        var ways = asked.Select(r => r.Run.Asked + (r.Run.Baseline is { } known ? $" --baseline {known}" : "")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return ways.Count > 1 ? throw new ModelReadException("MG.Merge.OtherRequest", $"the parts were not asked the same: {string.Join("; ", ways)}")
            : asked.Count == 0 ? null : asked[0].Run.Asked! with { Fails = asked.Exists(r => r.Run.Asked!.Fails) };
    }

    /// <summary>What a report names files by stands for where they are: within one report no two have one name.</summary>
    private static AuditResult Located(AuditResult result) => result with
    {
        FullPath = NameOf(result.Path),
        Findings = [.. result.Findings.Select(f => f with { SourcePath = f.SourcePlace is { } at ? NameOf(at.File) : null, Sentence = Places.SentenceOf(f) })],
    };

    private static string NameOf(string path) => path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
}
