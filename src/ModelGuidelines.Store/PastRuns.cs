using System.Collections.Immutable;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Store;

/// <summary>The runs in a store, in the numbers that a chart shows.</summary>
public static class PastRuns
{
    /// <summary>Finished runs, the oldest first; shards of one run are one.</summary>
    /// <param name="store">The store.</param>
    /// <param name="repository">Of which repository; null: of all.</param>
    /// <param name="most">Of runs and shards.</param>
    public static ImmutableArray<PastRun> In(AuditStore store, string? repository, int most = 60) =>
    [
        .. store.Runs(repository, most).Where(r => r.Finished is not null)
            .GroupBy(r => r.Group is null ? (object)r.Id : r.Group)
            .Select(g => new PastRun(g.Min(r => r.Started), g.Sum(r => r.Files), g.Sum(r => r.Errors), g.Sum(r => r.Warnings), g.Sum(r => r.Undecided)))
            .OrderBy(r => r.Started),
    ];
}
