namespace ModelGuidelines;

/// <summary>Why a file could not be audited.</summary>
public sealed class AuditFailure
{
    public required string Id { get; init; }

    public required string Message { get; init; }

    /// <summary>Bytes from the start of the file, where known.</summary>
    public long? Offset { get; init; }

    public override string ToString() => $"{Id}: {Message}";
}

/// <summary>What one guideline says of one file.</summary>
public sealed class GuidelineResult
{
    public required string Guideline { get; init; }

    /// <summary>Pass, Fail, Undecidable or NotApplicable.</summary>
    public required string Outcome { get; init; }

    public string? Reason { get; init; }

    public override string ToString() => $"{Guideline}: {Outcome}";
}

/// <summary>A place that could not be followed, and the guidelines whose findings it may hide.</summary>
public sealed class UnfollowedPlace
{
    public required string What { get; init; }

    public SourcePlace? Location { get; init; }

    public required ItemCollection<string> Hides { get; init; }

    /// <summary>What would decide it.</summary>
    public string? Remedy { get; init; }

    public override string ToString() => $"{(Location is null ? "" : $"{Location}: ")}{What}";
}

/// <summary>One audited file with what every guideline says of it; emitted with -PassThru.</summary>
public sealed class AuditedFile
{
    public required string Path { get; init; }

    /// <summary>The expression that built the model; null: the whole file was audited.</summary>
    public string? Entry { get; init; }

    public required string Format { get; init; }

    public string? Exporter { get; init; }

    public required string Framework { get; init; }

    public double Seconds { get; init; }

    /// <summary>The worst of the guidelines' outcomes: Error, Fail, Undecidable, Pass or NotApplicable.</summary>
    public required string Outcome { get; init; }

    /// <summary>Null when the file was audited.</summary>
    public AuditFailure? Error { get; init; }

    /// <summary>How many findings the author accepted.</summary>
    public int Suppressed { get; init; }

    public required ItemCollection<GuidelineResult> Guidelines { get; init; }

    public required ItemCollection<UnfollowedPlace> Gaps { get; init; }

    public int GapCount { get; init; }

    /// <summary>Where the file is; not part of what is exported.</summary>
    internal string? FullPath { get; init; }

    /// <summary>How the audit was run that it comes from; an object: a type of the engine here would load the engine while the module is imported.</summary>
    internal object? Run { get; init; }

    public override string ToString() => $"{Path}: {Outcome}{(Error is null ? "" : $" ({Error})")}";
}

/// <summary>What accepts findings: a comment, or an entry of the settings file.</summary>
public sealed class ModelSuppression
{
    /// <summary>The file that was audited, as given; of the settings file's, the globs of those that are meant.</summary>
    public required string Path { get; init; }

    /// <summary>The guideline's id, or * for all.</summary>
    public required string Guideline { get; init; }

    /// <summary>Why, as its author says; null when he does not.</summary>
    public string? Reason { get; init; }

    /// <summary>The modules that are meant; null: all.</summary>
    public string? Module { get; init; }

    /// <summary>The last day on which it accepts anything; null: for ever.</summary>
    public string? Expires { get; init; }

    /// <summary>The file whose lines are meant: where it stands.</summary>
    public required string File { get; init; }

    public int FirstLine { get; init; }

    public int LastLine { get; init; }

    /// <summary>How many findings it accepts.</summary>
    public int Suppressed { get; init; }

    /// <summary>Whether it accepts any.</summary>
    public bool IsUsed => Suppressed > 0;

    public override string ToString() => $"{File}:{FirstLine}: {Guideline}{(Reason is null ? "" : $" -- {Reason}")}";
}
