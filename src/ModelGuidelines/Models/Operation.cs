using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>One call of a function by a module's own code: <c>F.gelu(x)</c> is one operation, however many nodes the file shows.</summary>
public sealed record Operation
{
    /// <summary>PyTorch's name in torch.nn.functional or torch, without trailing underscore: <c>relu</c>, <c>max_pool2d</c>.
    /// An operation unknown to <see cref="OperationTable"/> keeps the file's name.</summary>
    public required string Function { get; init; }

    /// <summary>Index of the module whose forward calls it.</summary>
    public required int Module { get; init; }

    /// <summary>The first node of the call.</summary>
    public string? Node { get; init; }

    /// <summary>The node's operator as the file names it.</summary>
    public string? OpType { get; init; }

    /// <summary>The module that replaces the call with its arguments, where they are known: <c>torch.nn.LeakyReLU(0.1)</c>;
    /// null: the class alone is named.</summary>
    public string? Replacement { get; init; }

    public SourceLocation? Location { get; init; }

    public Certainty Certainty { get; init; }
}
