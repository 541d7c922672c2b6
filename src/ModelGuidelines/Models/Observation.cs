namespace ModelGuidelines.Models;

/// <summary>Something in a model's graph, beside modules and their calls, that AIMET's tools mind.</summary>
/// <remarks>Readers say what is there; whether it matters is for guidelines to say.</remarks>
public sealed record Observation
{
    public required ObservationKind Kind { get; init; }

    /// <summary>The node, initializer, value or attribute as the file names it.</summary>
    public required string Name { get; init; }

    /// <summary>The operator as the file names it: <c>If</c>, <c>cond</c>, <c>QuantizeLinear</c>; null where it is about a value.</summary>
    public string? OpType { get; init; }

    /// <summary>What else there is to say, as a part of a sentence: the operators that read a weight, those in a body.</summary>
    public string? Detail { get; init; }

    /// <summary>Index of the module in which it stands; null where the file does not tell.</summary>
    public int? Module { get; init; }

    public SourceLocation? Location { get; init; }

    public Certainty Certainty { get; init; }
}

/// <summary>What is observed.</summary>
public enum ObservationKind
{
    /// <summary>An operator that runs graphs of its own by data (If, Loop, torch.cond, while_loop), and something in them that has a value range.</summary>
    ControlFlow,

    /// <summary>The same, with bodies that only move data or compute shapes.</summary>
    ControlFlowOfShapes,

    /// <summary>A weight that operators of different types read.</summary>
    SharedWeight,

    /// <summary>A bias that is read more than once.</summary>
    SharedBias,

    /// <summary>A node that quantizes, dequantizes, or computes on quantized values.</summary>
    Quantized,

    /// <summary>An input or output of the model of type bfloat16.</summary>
    BFloat16Border,

    /// <summary>A container (Sequential, ModuleList) that is sliced in forward.</summary>
    SlicedContainer,

    /// <summary>A module is called that no attribute of the model registers: forward builds it, or takes it out of a list or dictionary of Python.</summary>
    UnregisteredModule,

    /// <summary>Python code needs what torch.fx does not know while it traces: whether something is true, which number it is, its elements.</summary>
    Untraceable,
}
