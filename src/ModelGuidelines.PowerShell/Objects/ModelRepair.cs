namespace ModelGuidelines;

/// <summary>One change of a repair.</summary>
public sealed class ModelChange
{
    /// <summary>ModuleCopy or FunctionalToModule.</summary>
    public required string Kind { get; init; }

    public required string Module { get; init; }

    public required string NewModule { get; init; }

    public SourcePlace? Location { get; init; }

    /// <summary>Unified diff; of source code only.</summary>
    public string? Diff { get; init; }

    public override string ToString() => $"{Kind}: {Module} -> {NewModule}";
}

/// <summary>What stays, and why.</summary>
public sealed class LeftFinding
{
    public required string Guideline { get; init; }

    /// <summary>Qualified name; null where a whole file is meant.</summary>
    public string? Module { get; init; }

    public required string Reason { get; init; }

    public override string ToString() => $"{Guideline}{(Module is null ? "" : $" '{(Module.Length == 0 ? "(root)" : Module)}'")}: {Reason}";
}

/// <summary>All that is said of the repair of one file; emitted with -PassThru.</summary>
public sealed class ModelRepair
{
    public required string Path { get; init; }

    /// <summary>What was written; null when nothing was.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Repaired, Unchanged, WhatIf, Refused or Failed.</summary>
    public required string Status { get; init; }

    /// <summary>How equal the result is known to be: Structure or NotVerified; null when nothing was written.</summary>
    public string? Verified { get; init; }

    /// <summary>The proof in words.</summary>
    public string? Proof { get; init; }

    /// <summary>What running both showed; null when that was not asked for.</summary>
    public string? Running { get; init; }

    /// <summary>Other files that were changed together with it.</summary>
    public required ItemCollection<string> Others { get; init; }

    public required ItemCollection<ModelChange> Changes { get; init; }

    public required ItemCollection<LeftFinding> Left { get; init; }

    public AuditFailure? Error { get; init; }

    public override string ToString() => $"{Path}: {Status}, {Changes.Count} changes{(Error is null ? "" : $": {Error}")}";
}
