using ModelGuidelines.Guidelines;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>One planned change of a source file: undone as a whole when it turns out not to be safe.</summary>
internal sealed record SourceChange
{
    public required RepairKind Kind { get; init; }

    public required Finding Finding { get; init; }

    /// <summary>The class that is changed; changes of one are judged together.</summary>
    public ClassDefinition? Class { get; init; }

    /// <summary>The attribute that the change defines.</summary>
    public required string Attribute { get; init; }

    /// <summary>The attribute whose module it copies; "" for a function.</summary>
    public string Copied { get; init; } = "";

    /// <summary>Whether the attribute is a list of copies, one for each round of a loop.</summary>
    public bool IsList { get; init; }

    /// <summary>The names under which one object was held that becomes several, with all that is in it; null where it was held once.</summary>
    public IReadOnlyList<string>? Shared { get; init; }

    /// <summary>Its qualified name.</summary>
    public required string NewModule { get; init; }

    public required Models.SourceLocation Location { get; init; }

    /// <summary>As <see cref="RepairChange.Note"/>.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the module has parameters, which a checkpoint would have to give twice.</summary>
    public bool HasParameters { get; init; }

    /// <summary>Whether lines behind the definition make it hold the parameters of what it copies.</summary>
    public bool SharesParameters { get; init; }

    public required IReadOnlyList<SourceEdit> Edits { get; init; }
}
