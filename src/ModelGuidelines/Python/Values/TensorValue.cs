using System.Collections.Immutable;
using ModelGuidelines.Python.Shapes;

namespace ModelGuidelines.Python.Values;

/// <summary>A tensor of a running model. Each result is an object of its own: what is asked of its shape is asked of that tensor.</summary>
internal class TensorValue : Value
{
    private UnknownValue? _facts;

    /// <summary>Its sizes, where the code and the input say them; null where they are not known.</summary>
    public Shape? Shape { get; set; }

    /// <summary>Its shape and other numbers, as one symbol to derive from.</summary>
    public UnknownValue Facts(string text, Place place) => _facts ??= new(text, $"the shape of '{text}' is known when the model runs", place);
}

/// <summary>A parameter or buffer: a tensor that a module registers.</summary>
internal sealed class ParameterValue : TensorValue
{
    /// <summary>It is known to be a parameter, no buffer.</summary>
    public bool IsParameter { get; init; }
}

/// <summary>A tensor of one dimension whose numbers the code makes itself: <c>torch.linspace(0, rate, depth)</c>, by which constructors decide.</summary>
internal sealed class NumbersValue(IReadOnlyList<Value> numbers) : TensorValue
{
    public IReadOnlyList<Value> Numbers { get; } = numbers;
}

/// <summary>One of them.</summary>
internal sealed class NumberTensorValue(Value number) : TensorValue
{
    public Value Number { get; } = number;
}

/// <summary>An argument of a root's forward: a tensor, unless the code treats it as something else.</summary>
/// <remarks>What the code does with it tells what it is: <see cref="InputUse"/>.</remarks>
internal sealed class InputValue(string name, string argument) : TensorValue
{
    public string Name { get; } = name;

    /// <summary>Its index among the arguments, or its name when it is keyword-only.</summary>
    public string Argument { get; } = argument;

    /// <summary>The argument of which it is an element, if that is a sequence: what is done with the element tells.</summary>
    public InputValue? Of { get; init; }

    /// <summary>The code names as many elements as there are, as callers give tuples: nothing speaks for a list.</summary>
    public bool IsUnpacked { get; private init; }

    /// <summary>It is an entry by name.</summary>
    public bool IsEntry { get; init; }

    /// <summary>The arguments of which it is an element, or an element of an element.</summary>
    public IEnumerable<InputValue> Wholes
    {
        get
        {
            for (var part = this; part is { Of: { } whole, IsEntry: false }; part = whole)
            {
                yield return whole;
            }
        }
    }

    /// <summary>An entry of it.</summary>
    public InputValue Entry(string name) => new($"{Name}[\"{name}\"]", Argument) { Of = this, IsEntry = true };

    /// <summary>An element of it.</summary>
    /// <param name="index">Which.</param>
    /// <param name="isUnpacked">By code that names as many as there are: <c>h, c = state</c>.</param>
    public InputValue Element(string index, bool isUnpacked = false) => new($"{Name}[{index}]", Argument) { Of = this, IsUnpacked = isUnpacked };
}

/// <summary>What code does with an argument of a root's forward.</summary>
internal enum InputUse
{
    /// <summary>Something that only a tensor allows.</summary>
    AsTensor,

    /// <summary>It is added to, multiplied with and such: a tensor allows it, and so does a number.</summary>
    AsOperand,

    /// <summary>Elements that are taken by number, or one after the other, are used as tensors; a tensor allows it, too, but few models do it.</summary>
    AsSequence,

    /// <summary>Elements that are named, all of them, are used as tensors.</summary>
    AsTuple,

    /// <summary>It is joined or stacked, element by element: no tensor allows it.</summary>
    AsSequenceOfTensors,

    /// <summary>Of an element, or of an element's element, an attribute is read, or a method called, that no tensor has.</summary>
    AsSequenceOfObjects,

    /// <summary>An entry is taken by name.</summary>
    AsDictionary,

    /// <summary>An attribute is read, or a method called, that no tensor has.</summary>
    AsObject,

    /// <summary>It is compared with a text, is part of one, or names something.</summary>
    AsText,

    /// <summary>It is a size, a bound of a part or a count of rounds: a tensor of one element allows it, but few callers give one.</summary>
    AsNumber,

    /// <summary>A tensor is made of it that cannot be made of a tensor: <c>torch.from_numpy(x)</c>.</summary>
    AsArray,

    /// <summary>It is asked for whether it is None; so for what follows: its caller gives what the code asks for.</summary>
    OrNone,

    OrText,

    OrList,

    OrTuple,

    OrDictionary,

    OrNumber,

    OrFlag,

    /// <summary>A tensor is made of it, which of a tensor is rarely asked for: <c>torch.LongTensor(x)</c>.</summary>
    OrArray,
}

/// <summary>A tensor of a Keras graph under construction: an output of a call.</summary>
internal sealed class GraphTensor(GraphCall? call) : Value
{
    /// <summary>Null for an input.</summary>
    public GraphCall? Call { get; } = call;

    /// <summary>The batch first, channels last; null where it is not known.</summary>
    public Shapes.Shape? Shape { get; init; }
}

/// <summary>A call in a Keras graph under construction.</summary>
/// <param name="Layer">Null for an operator or function.</param>
/// <param name="Inputs">The tensors it takes.</param>
/// <param name="Place">Where it is written.</param>
/// <param name="When">Under which condition it is made.</param>
internal sealed record GraphCall(ObjectValue? Layer, ImmutableArray<GraphTensor> Inputs, Place Place, Flow.Condition When);
