using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Repairs.Source;

/// <summary>One planned change of a source file: undone as a whole when it turns out not to be safe.</summary>
internal sealed record SourceChange
{
    public required RepairKind Kind { get; init; }

    public required Finding Finding { get; init; }

    /// <summary>The attribute that the change defines.</summary>
    public required string Attribute { get; init; }

    /// <summary>Its qualified name.</summary>
    public required string NewModule { get; init; }

    public required Models.SourceLocation Location { get; init; }

    /// <summary>As <see cref="RepairChange.Note"/>.</summary>
    public string? Note { get; init; }

    public required IReadOnlyList<SourceEdit> Edits { get; init; }
}
