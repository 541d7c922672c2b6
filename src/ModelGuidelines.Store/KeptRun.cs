using System.Collections.Immutable;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Memory;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Store;

/// <summary>A run with a store: what it need not audit again, and what it leaves for the next. The same for every front end.</summary>
public sealed class KeptRun : IDisposable
{
    private readonly AuditStore _store;
    private readonly long _run;
    private ReportSummary _summary = new();

    private readonly string _repository;

    private KeptRun(AuditStore store, AuditMemory memory, long run, string repository) => (_store, Memory, _run, _repository) = (store, memory, run, repository);

    /// <summary>What the engine is given.</summary>
    public AuditMemory Memory { get; }

    /// <summary>Begins a run.</summary>
    /// <param name="store">A file, or a connection string or address of a PostgreSQL server.</param>
    /// <param name="folder">Where the run stands; a full path.</param>
    /// <param name="shard"><c>3/16</c>; null: all files.</param>
    /// <param name="group">What the shards of one run have in common.</param>
    /// <param name="cancellation">Ends the wait for git.</param>
    /// <exception cref="Storage.ModelReadException"><c>MG.Store.*</c></exception>
    public static KeptRun Begin(string store, string folder, string? shard, string? group, CancellationToken cancellation = default)
    {
        var opened = AuditStore.Open(store);
        try
        {
            var memory = new AuditMemory(opened, folder, cancellation);
            var record = memory.Run(TimeProvider.System.GetUtcNow(), shard, group);
            return new(opened, memory, opened.Begin(record), record.Repository);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Notes what is reported; each place in the file that holds it. A store that fails meanwhile is said at the <see cref="End"/>.</summary>
    public void Report(IReadOnlyCollection<AuditResult> results)
    {
        Memory.Tell(s => s.Report(_run, results));
        _summary = _summary.Plus(ReportSummary.Of(results));
    }

    /// <summary>Notes that all is reported. A run without this was interrupted; what it audited is kept all the same.</summary>
    /// <exception cref="Storage.ModelReadException"><c>MG.Store.*</c>: the store has failed, now or before; what was found is not in it.</exception>
    public void End()
    {
        Memory.Tell(s => s.End(_run, _summary, Memory.Reused));
        if (Memory.Failure is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Finished runs of the same repository, the oldest first and this one last; shards of one run are one.</summary>
    /// <param name="most">Of runs and shards.</param>
    public ImmutableArray<PastRun> History(int most = 60) => Memory.Ask(_ => PastRuns.In(_store, _repository, most), []);

    public void Dispose() => _store.Dispose();
}
