using System.Collections.Immutable;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs;

/// <summary>How the repair of one file ended.</summary>
public enum RepairStatus
{
    /// <summary>Nothing was to be done.</summary>
    Unchanged,

    /// <summary>Something would be changed; <see cref="RepairSettings.WhatIf"/> asked for no more than the plan.</summary>
    WhatIf,

    /// <summary>A repaired model was written.</summary>
    Repaired,

    /// <summary>Something was found and none of it can be repaired, or the result was not proven equal and was not written: <see cref="RepairResult.Left"/> says why.</summary>
    Refused,

    /// <summary>The file could not be read or written, or the repaired model was not equal.</summary>
    Failed,
}

/// <summary>What a change does.</summary>
public enum RepairKind
{
    /// <summary>A further use of a module becomes an identical module of its own.</summary>
    ModuleCopy,

    /// <summary>A call of a function becomes a module.</summary>
    FunctionalToModule,

    /// <summary>A parameter that operators of several types read becomes one for each; of ONNX graphs only.</summary>
    ParameterCopy,
}

/// <summary>A name of the file before and after.</summary>
public sealed record Rename(string From, string To)
{
    public override string ToString() => $"{From} -> {To}";
}

/// <summary>One change: data, before anything is written.</summary>
public sealed record RepairChange
{
    public required RepairKind Kind { get; init; }

    /// <summary>The module that is used again; of a function, the module that calls it; of a parameter, its name.</summary>
    public required string Module { get; init; }

    /// <summary>The module that takes over the use.</summary>
    public required string NewModule { get; init; }

    public SourceLocation? Location { get; init; }

    /// <summary>Whether the new module has parameters, which checkpoints of before do not know by its name; of source code only.</summary>
    public bool HasParameters { get; init; }

    /// <summary>Whether the new module is a list with a module for each round of a loop.</summary>
    public bool IsList { get; init; }

    /// <summary>Unified diff; of source code only.</summary>
    public string? Diff { get; init; }

    /// <summary>Nodes that get a new scope, by their names before and after; of graphs only.</summary>
    public ImmutableArray<Rename> Nodes { get; init; } = [];

    /// <summary>Initializers or weights that are copied, and the copies' names; of graphs only.</summary>
    public ImmutableArray<Rename> Parameters { get; init; } = [];

    /// <summary>Beginnings of the keys of a <c>state_dict</c> before and after, where the new module has parameters; of source code only.</summary>
    public ImmutableArray<Rename> Keys { get; init; } = [];

    /// <summary>What changes beside the code or the graph, for whoever goes on working with the model; null when nothing does.</summary>
    public string? Note { get; init; }

    public override string ToString() => $"{Kind}: {Module} -> {NewModule}";
}

/// <summary>A unified diff that <c>git apply</c> accepts.</summary>
/// <param name="Parts">Of each file its changes, and its encoding, in which the diff has to be written to fit it.</param>
public sealed record SourceDiff(ImmutableArray<(string Text, Encoding Encoding)> Parts)
{
    /// <summary>Names of files and changes.</summary>
    public string Text => string.Concat(Parts.Select(p => p.Text));

    public byte[] ToBytes() => [.. Parts.SelectMany(p => p.Encoding.GetBytes(p.Text))];

    public override string ToString() => Text;
}

/// <summary>A finding that stays.</summary>
/// <param name="Guideline">Its id.</param>
/// <param name="Module">Qualified name; null where a whole file is meant.</param>
/// <param name="Reason">Why it cannot be repaired safely.</param>
public sealed record LeftFinding(string Guideline, string? Module, string Reason);

/// <summary>A file that is changed with another, so that both go on fitting together.</summary>
/// <param name="Path">Beside the other one, as that was given.</param>
/// <param name="OutputPath">What was written; null when nothing was.</param>
public sealed record ChangedFile(string Path, string? OutputPath)
{
    public override string ToString() => Path;
}

/// <summary>All that is said of the repair of one file.</summary>
public sealed record RepairResult
{
    /// <summary>As given.</summary>
    public required string Path { get; init; }

    /// <summary>False for a file that a search found by an extension that other files carry too, and that is no model.</summary>
    public bool IsModel { get; init; } = true;

    /// <summary>What was written; null when nothing was.</summary>
    public string? OutputPath { get; init; }

    public required RepairStatus Status { get; init; }

    /// <summary>The proof by structure; null when nothing was written, or where the format has none.</summary>
    public StructureProof? Proof { get; init; }

    /// <summary>What running both showed; null when that was not asked for or nothing was written.</summary>
    public RunComparison? Running { get; init; }

    /// <summary>How equal the result is known to be: <c>Structure</c>, or <c>NotVerified</c> where the format has no proof; null when nothing was written.</summary>
    public string? Verified => Status is not RepairStatus.Repaired ? null : Proof is { Holds: true } ? "Structure" : "NotVerified";

    /// <summary>All changes as one unified diff; null for what is no text.</summary>
    public SourceDiff? Diff { get; init; }

    /// <summary>Other files that are changed too, all together or none; of source code only.</summary>
    public ImmutableArray<ChangedFile> Others { get; init; } = [];

    public ImmutableArray<RepairChange> Changes { get; init; } = [];

    public ImmutableArray<LeftFinding> Left { get; init; } = [];

    public AuditError? Error { get; init; }

    public override string ToString() => $"{Path}: {Status}, {Changes.Length} changes{(Error is null ? "" : $": {Error.Id}: {Error.Message}")}";
}
