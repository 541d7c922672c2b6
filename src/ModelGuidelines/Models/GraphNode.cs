using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>One node of the file's graph: an operator, a layer call.</summary>
public sealed record GraphNode
{
    public required string Name { get; init; }

    /// <summary>The operator as the file names it: <c>Relu</c>, <c>aten.relu.default</c>, <c>Dense</c>.</summary>
    public required string OpType { get; init; }

    /// <summary>Index of the module in whose scope it runs; null where the file does not tell.</summary>
    public int? Module { get; init; }

    /// <summary>The subgraph or function it stands in; "" for the main graph.</summary>
    public string Graph { get; init; } = "";

    public ImmutableArray<TensorInfo> Inputs { get; init; } = [];

    public ImmutableArray<TensorInfo> Outputs { get; init; } = [];

    public SourceLocation? Location { get; init; }
}

/// <summary>A value on an edge of the graph.</summary>
/// <param name="Name">As the file names it.</param>
/// <param name="ElementType">As the file names it: <c>float32</c>; null when unknown.</param>
/// <param name="Shape">Dimensions, symbolic ones by name, unknown ones "?"; default when the rank is unknown.</param>
public sealed record TensorInfo(string Name, string? ElementType = null, ImmutableArray<string> Shape = default)
{
    public override string ToString() =>
        Shape.IsDefault && ElementType is null ? Name : $"{Name}: {ElementType ?? "?"}{(Shape.IsDefault ? "" : $"[{string.Join(',', Shape)}]")}";
}
