using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Worth knowing; produced only when asked for.</summary>
    Information,

    /// <summary>AIMET works around it, or quantization loses quality.</summary>
    Warning,

    /// <summary>AIMET's features fail.</summary>
    Error,
}

/// <summary>What a guideline says of a file.</summary>
public enum Outcome
{
    /// <summary>Evidence, and no violation in it.</summary>
    Pass,

    /// <summary>At least one violation of severity Warning or Error.</summary>
    Fail,

    /// <summary>The file keeps too little to say.</summary>
    Undecidable,

    /// <summary>The guideline is for another framework.</summary>
    NotApplicable,
}

/// <summary>How sure a finding is.</summary>
public enum Confidence
{
    /// <summary>It holds under conditions, or the evidence has another, rarer reading; the message names either.</summary>
    Likely,

    /// <summary>The evidence has one reading, which holds in every run.</summary>
    Certain,
}

/// <summary>What a finding is about.</summary>
internal enum FindingSubject
{
    /// <summary>A module, or a value at its border: two attributes called on one line are two places.</summary>
    Module,

    /// <summary>A class of modules, wherever the code makes objects of it.</summary>
    Class,

    /// <summary>The code at the location, whichever modules run it.</summary>
    Code,
}

/// <summary>One use of a module.</summary>
/// <param name="Caller">Qualified name of the calling module; null when unknown.</param>
/// <param name="Node">The node or call site.</param>
/// <param name="Location">In the source, where the format keeps it.</param>
public sealed record CallSite(string? Caller, string? Node, SourceLocation? Location)
{
    public override string ToString() => $"{Node ?? Caller ?? "?"}{(Location is null ? "" : $" ({Location})")}";
}

/// <summary>One place that violates a guideline, with all modules in which it does.</summary>
/// <remarks>What cannot be decided is no finding: <see cref="Audit.AuditResult.Undecided"/>. Property names are the contract of the report; fields that do not apply are null or empty.</remarks>
public sealed record Finding
{
    public required string Guideline { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>Always <see cref="Outcome.Fail"/>; for readers of earlier reports.</summary>
    public Outcome Outcome { get; init; } = Outcome.Fail;

    public Confidence Confidence { get; init; } = Confidence.Certain;

    /// <summary>Tests under which it holds, as source text; only where Likely.</summary>
    public ImmutableArray<string> Conditions { get; init; } = [];

    /// <summary>The other reading of the evidence; null where there is none.</summary>
    public string? Doubt { get; init; }

    /// <summary>The file, as given.</summary>
    public string Path { get; init; } = "";

    public string Format { get; init; } = "";

    public Framework Framework { get; init; }

    /// <summary>Qualified name; "" is the root; null where a finding is about the whole file.</summary>
    public string? Module { get; init; }

    public string? ModuleType { get; init; }

    /// <summary>The class of the root; null where the file does not tell. Of several models the first.</summary>
    public string? Model { get; init; }

    /// <summary>The place: for source file, class, line and function, attribute or argument; for graph files guideline, class and name pattern.</summary>
    public string Place { get; init; } = "";

    /// <summary>Qualified names of all modules in which it happens; <see cref="Module"/> is the first.</summary>
    public ImmutableArray<string> Instances { get; init; } = [];

    /// <summary>How many these are.</summary>
    public int InstanceCount { get; init; }

    /// <summary>The classes of all roots in which it happens.</summary>
    public ImmutableArray<string> Models { get; init; } = [];

    /// <summary>Whether the place lies in an installed package, which the user cannot edit.</summary>
    public bool External { get; init; }

    /// <summary>That package.</summary>
    public string? Package { get; init; }

    public ImmutableArray<string> Aliases { get; init; } = [];

    public string? Operator { get; init; }

    public string? Replacement { get; init; }

    public int? CallCount { get; init; }

    public ImmutableArray<CallSite> Calls { get; init; } = [];

    /// <summary>Modules inside a reused container that are called again only because it is.</summary>
    public ImmutableArray<string> Affected { get; init; } = [];

    public ValueDirection? Direction { get; init; }

    public string? Argument { get; init; }

    public string? ValueType { get; init; }

    public string? Node { get; init; }

    public string? OpType { get; init; }

    /// <summary>In the source; of a Python file that was audited as reports name files.</summary>
    public SourceLocation? Location { get; init; }

    /// <summary>The line of source at <see cref="Location"/>, without the blanks around it.</summary>
    public string? Snippet { get; init; }

    public required string Message { get; init; }

    public string? Recommendation { get; init; }

    public Uri? HelpUri { get; init; }

    /// <summary>16 hexadecimal digits; the same when unrelated lines move or the file is moved.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>new or unchanged, where the audit was compared with a baseline; then an unchanged one fails nothing.</summary>
    public string? BaselineState { get; init; }

    /// <summary>The message without the other instances.</summary>
    internal string? Sentence { get; init; }

    /// <summary>The location is the definition of the forward whose argument is meant.</summary>
    internal bool IsAtDefinition { get; init; }

    /// <summary>What it is about, and with that what a place of it is.</summary>
    internal FindingSubject Subject { get; init; }

    /// <summary>The full path of the Python file that holds the place; null for graph files.</summary>
    internal string? SourcePath { get; init; }

    /// <summary>The line of source that somebody edits; null in a graph file, where a location is what an exporter recorded.</summary>
    public SourceLocation? SourcePlace => SourcePath is not null || Format == "PythonSource" ? Location : null;

    /// <summary>Where it is, for people: the line of source, or the audited file and behind it the line that an exporter recorded.</summary>
    public string Whereabouts => SourcePlace?.ToString() ?? (Location is { } recorded ? $"{Path} ({recorded})" : Path);

    /// <summary>The finding as sure as the fact that it rests on.</summary>
    internal Finding Under(Models.Certainty certainty) => certainty.IsCertain && Confidence is Confidence.Certain ? this : this with
    {
        Confidence = certainty.IsCertain ? Confidence.Certain : Confidence.Likely,
        Conditions = certainty.Conditions,
        Doubt = certainty.Doubt,
    };

    public override string ToString() => $"{Path}: {Severity}: {Guideline}: {Message}";
}
