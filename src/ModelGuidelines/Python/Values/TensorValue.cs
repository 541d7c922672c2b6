using System.Collections.Immutable;

namespace ModelGuidelines.Python.Values;

/// <summary>A tensor of a running model. Each result is an object of its own: what is asked of its shape is asked of that tensor.</summary>
internal class TensorValue : Value
{
    private UnknownValue? _shape;

    /// <summary>Its shape and other numbers, as one symbol to derive from.</summary>
    public UnknownValue Shape(string text, Place place) => _shape ??= new(text, $"the shape of '{text}' is known when the model runs", place);
}

/// <summary>A parameter or buffer: a tensor that a module registers.</summary>
internal sealed class ParameterValue : TensorValue;

/// <summary>An argument of a root's forward: a tensor, unless the code treats it as something else.</summary>
internal sealed class InputValue(string name, string argument) : TensorValue
{
    public string Name { get; } = name;

    /// <summary>Its index among the arguments, or its name when it is keyword-only.</summary>
    public string Argument { get; } = argument;
}

/// <summary>A tensor of a Keras graph under construction: an output of a call.</summary>
internal sealed class GraphTensor(GraphCall? call) : Value
{
    /// <summary>Null for an input.</summary>
    public GraphCall? Call { get; } = call;
}

/// <summary>A call in a Keras graph under construction.</summary>
/// <param name="Layer">Null for an operator or function.</param>
/// <param name="Inputs">The tensors it takes.</param>
/// <param name="Place">Where it is written.</param>
/// <param name="When">Under which condition it is made.</param>
internal sealed record GraphCall(ObjectValue? Layer, ImmutableArray<GraphTensor> Inputs, Place Place, Flow.Condition When);
