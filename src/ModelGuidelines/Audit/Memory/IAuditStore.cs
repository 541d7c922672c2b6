using ModelGuidelines.Reports;

namespace ModelGuidelines.Audit.Memory;

/// <summary>Keeps what audits found, from run to run: a database. Thread-safe; several processes may use one at a time.</summary>
public interface IAuditStore : IDisposable
{
    /// <summary>The records that are there under these keys.</summary>
    IReadOnlyDictionary<string, byte[]> Find(IReadOnlyCollection<string> keys);

    /// <summary>Keeps a record under a key, in place of one that is there. It is on the disk after <see cref="Flush"/>, or soon.</summary>
    void Keep(string key, byte[] record);

    /// <summary>Writes what was kept.</summary>
    void Flush();

    /// <summary>Notes that a run has begun.</summary>
    /// <returns>Its number.</returns>
    long Begin(RunRecord run);

    /// <summary>Notes what a run reports of some files.</summary>
    /// <param name="run">Its number.</param>
    /// <param name="results">Each place in the file that holds it.</param>
    void Report(long run, IReadOnlyCollection<AuditResult> results);

    /// <summary>Notes that a run has ended.</summary>
    /// <param name="run">Its number.</param>
    /// <param name="summary">All of it in numbers.</param>
    /// <param name="reused">Files that were not audited again.</param>
    void End(long run, ReportSummary summary, int reused);
}

/// <summary>What is known of a run when it begins.</summary>
/// <param name="Started">When.</param>
/// <param name="Repository">What was audited, the same on every machine: <see cref="AuditMemory.RepositoryOf"/>.</param>
/// <param name="Folder">Where it ran.</param>
/// <param name="Host">The machine.</param>
/// <param name="Shard"><c>3/16</c>; null: all.</param>
/// <param name="Group">What the shards of one run have in common; null where it is one.</param>
public sealed record RunRecord(DateTimeOffset Started, string Repository, string Folder, string Host, string? Shard, string? Group);
