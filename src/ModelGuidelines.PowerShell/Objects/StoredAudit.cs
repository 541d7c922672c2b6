namespace ModelGuidelines;

/// <summary>One run that a store holds.</summary>
public sealed class StoredAudit
{
    internal StoredAudit(Store.StoredRun run)
    {
        Id = run.Id;
        Started = run.Started;
        Finished = run.Finished;
        Repository = run.Repository;
        ComputerName = run.Host;
        Shard = run.Shard;
        Group = run.Group;
        Files = run.Files;
        Kept = run.Reused;
        Errors = run.Errors;
        Warnings = run.Warnings;
        Information = run.Information;
        Undecidable = run.Undecided;
        Unreadable = run.Unreadable;
    }

    public long Id { get; }

    public DateTimeOffset Started { get; }

    /// <summary>Null where the run was interrupted, or goes on.</summary>
    public DateTimeOffset? Finished { get; }

    /// <summary>What was audited, by the same name on every machine.</summary>
    public string Repository { get; }

    public string ComputerName { get; }

    /// <summary>3/16; null: all files.</summary>
    public string? Shard { get; }

    /// <summary>What the shards of one run have in common.</summary>
    public string? Group { get; }

    /// <summary>Files that were audited.</summary>
    public int Files { get; }

    /// <summary>Files that were not audited again because they are as they were; what is no model counts too.</summary>
    public int Kept { get; }

    public int Errors { get; }

    public int Warnings { get; }

    public int Information { get; }

    public int Undecidable { get; }

    public int Unreadable { get; }
}

/// <summary>How much of a guideline a run found.</summary>
public sealed class GuidelineTrend
{
    /// <summary>The run.</summary>
    public long Id { get; init; }

    public DateTimeOffset Started { get; init; }

    public required string Guideline { get; init; }

    public required string Severity { get; init; }

    public int Findings { get; init; }

    /// <summary>Files with such findings.</summary>
    public int Files { get; init; }
}
