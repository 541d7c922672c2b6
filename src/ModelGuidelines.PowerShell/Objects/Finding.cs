namespace ModelGuidelines;

/// <summary>A place in source code, as the file names it.</summary>
public sealed class SourcePlace
{
    public required string File { get; init; }

    /// <summary>1-based.</summary>
    public required int Line { get; init; }

    /// <summary>1-based; null when the format keeps none.</summary>
    public int? Column { get; init; }

    public override string ToString() => Column is null ? $"{File}:{Line}" : $"{File}:{Line}:{Column}";
}

/// <summary>One use of a module.</summary>
public sealed class ModuleUse
{
    /// <summary>Qualified name of the calling module; null when unknown.</summary>
    public string? Caller { get; init; }

    /// <summary>The node or call site.</summary>
    public string? Node { get; init; }

    public SourcePlace? Location { get; init; }

    public override string ToString() => $"{Node ?? Caller ?? "?"}{(Location is null ? "" : $" ({Location})")}";
}

/// <summary>One violation of a guideline, as the cmdlets emit it: the fields of the JSON report, in strings and numbers that stay what they are in a job,
/// a remote session, CLIXML, JSON and CSV.</summary>
public sealed class Finding
{
    public required string Guideline { get; init; }

    /// <summary>Error, Warning or Information.</summary>
    public required string Severity { get; init; }

    /// <summary>To compare and to sort by: 2 for Error, 1 for Warning, 0 for Information.</summary>
    public int SeverityLevel { get; init; }

    /// <summary>Fail.</summary>
    public string Outcome { get; init; } = "Fail";

    /// <summary>Certain or Likely.</summary>
    public required string Confidence { get; init; }

    /// <summary>Tests under which it holds, as source text; only where Likely.</summary>
    public required ItemCollection<string> Conditions { get; init; }

    /// <summary>The other reading of the evidence; null where there is none.</summary>
    public string? Doubt { get; init; }

    /// <summary>The file, as given.</summary>
    public required string Path { get; init; }

    public required string Format { get; init; }

    public required string Framework { get; init; }

    /// <summary>Qualified name; "" is the root; null where a finding is about the whole file.</summary>
    public string? Module { get; init; }

    public string? ModuleType { get; init; }

    /// <summary>The class of the root; of several models the first.</summary>
    public string? Model { get; init; }

    /// <summary>What a person would go to: the same in every audit, whatever model leads there.</summary>
    public string? Place { get; init; }

    /// <summary>Qualified names of all modules in which it happens; <see cref="Module"/> is the first.</summary>
    public required ItemCollection<string> Instances { get; init; }

    /// <summary>How many these are.</summary>
    public int InstanceCount { get; init; }

    /// <summary>The classes of all roots in which it happens.</summary>
    public required ItemCollection<string> Models { get; init; }

    /// <summary>Whether the place lies in an installed package, which the user cannot edit.</summary>
    public bool External { get; init; }

    /// <summary>That package.</summary>
    public string? Package { get; init; }

    public required ItemCollection<string> Aliases { get; init; }

    public string? Operator { get; init; }

    public string? Replacement { get; init; }

    public int? CallCount { get; init; }

    public required ItemCollection<ModuleUse> Calls { get; init; }

    public required ItemCollection<string> Affected { get; init; }

    /// <summary>input or output.</summary>
    public string? Direction { get; init; }

    public string? Argument { get; init; }

    public string? ValueType { get; init; }

    public string? Node { get; init; }

    public string? OpType { get; init; }

    public SourcePlace? Location { get; init; }

    /// <summary>The file of <see cref="Location"/>.</summary>
    public string? File => Location?.File;

    /// <summary>The line of <see cref="Location"/>.</summary>
    public int? Line => Location?.Line;

    /// <summary>The line of source at <see cref="Location"/>.</summary>
    public string? Snippet { get; init; }

    public required string Message { get; init; }

    public string? Recommendation { get; init; }

    public Uri? HelpUri { get; init; }

    /// <summary>16 hexadecimal digits; the same when unrelated lines move or the file is moved.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>new or unchanged, where the audit was compared with a baseline.</summary>
    public string? BaselineState { get; init; }

    /// <summary>Where the file is; not part of what is exported.</summary>
    internal string? FullPath { get; init; }

    public override string ToString() => $"{Path}: {Severity}: {Guideline}: {Message}";
}

/// <summary>A finding that its author has accepted; emitted only when asked for.</summary>
public sealed class SuppressedFinding
{
    public required string Guideline { get; init; }

    /// <summary>What it would have.</summary>
    public required string Severity { get; init; }

    /// <summary>Suppressed.</summary>
    public string Outcome { get; init; } = "Suppressed";

    public required string Path { get; init; }

    public string? Module { get; init; }

    public SourcePlace? Location { get; init; }

    public required string Message { get; init; }

    /// <summary>Why it was accepted; null when the author gave no reason.</summary>
    public string? Reason { get; init; }

    /// <summary>Where that is said.</summary>
    public required string Source { get; init; }

    public required string Fingerprint { get; init; }

    public override string ToString() => $"{Path}: suppressed: {Guideline}: {Message}{(Reason is null ? "" : $" ({Reason})")}";
}

/// <summary>A guideline that cannot be decided for a file: no violation, and no Pass.</summary>
public sealed class UndecidableGuideline
{
    public required string Guideline { get; init; }

    /// <summary>Undecidable.</summary>
    public string Severity { get; init; } = "Undecidable";

    /// <summary>Undecidable.</summary>
    public string Outcome { get; init; } = "Undecidable";

    public required string Path { get; init; }

    public required string Format { get; init; }

    public required string Framework { get; init; }

    /// <summary>What the file keeps too little of, and what would decide it.</summary>
    public required string Reason { get; init; }

    public string Message => $"cannot be decided: {Reason}";

    public Uri? HelpUri { get; init; }

    /// <summary>Where the file is; not part of what is exported.</summary>
    internal string? FullPath { get; init; }

    public override string ToString() => $"{Path}: {Guideline} {Message}";
}
