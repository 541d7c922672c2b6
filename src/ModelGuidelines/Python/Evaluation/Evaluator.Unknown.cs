using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Calls of what cannot be told.</content>
internal sealed partial class Evaluator
{
    /// <summary>A call of what cannot be told: what it does with tensors and modules is not seen.</summary>
    private Value CallUnknown(UnknownValue callee, CallArguments arguments, Place place, bool isHarmless = false, Hides? hides = null)
    {
        if (arguments.All.SelectMany(a => GraphTensors(a)).ToList() is { Count: > 0 } graph)
        {
            // A layer that is handed in, or a library's function: in a graph it gives a tensor of the graph.
            return NewGraphTensor(isHarmless || Libraries.Row(callee.Text) is not null ? null : HandedLayer(callee), graph, place);
        }

        if (Now.IsNever)
        {
            return callee; // what was called raises: nothing is called with it
        }

        var holdsTensor = Observer is not null && arguments.All.Any(HoldsTensor);

        // What is given nothing but text is a tokenizer or the like: no module.
        var mayBeModule = Observer is not null && callee.MayBeModule && (!arguments.All.Any() || arguments.All.Any(a => a is not ConstantValue { Peek: string }));
        if (!isHarmless && (holdsTensor || mayBeModule))
        {
            Observer!.UnknownCall(callee, place, Now);
            Gap($"what '{callee.Text}' is cannot be told ({callee.Reason})", place, hides ?? Hides.Calls | Hides.Functions | Hides.Values, callee.Remedy);
        }
        else if (!isHarmless && arguments.All.Any(HoldsModule))
        {
            Gap($"what '{callee.Text}' does with a module cannot be told ({callee.Reason})", place, (hides ?? Hides.Calls | Hides.Functions) & ~Hides.Values, callee.Remedy);
        }

        HandedModel(callee.Text, callee, arguments, place);
        var text = callee.Text.EndsWith(')') ? callee.Text : callee.Text + "(...)";
        return new UnknownValue(text, callee.Reason, callee.Begin) { Remedy = callee.Remedy, IsArgument = callee.IsArgument, MayBeTensor = holdsTensor || callee.MayBeTensor || mayBeModule };
    }

    /// <summary>A Keras model whose class nobody here knows: the file builds one, and what it holds is not seen.</summary>
    private void HandedModel(string name, UnknownValue why, CallArguments arguments, Place place)
    {
        if (Keras.IsModel(name, arguments) && place.Module?.File.Text.Contains("keras", StringComparison.Ordinal) == true)
        {
            Gap($"what '{name}' is cannot be told ({why.Reason})", place, Hides.Everything, why.Remedy ?? "audit the model by an entry that gives what it is (--entry, or models in the settings)");
        }
    }

    private readonly Dictionary<UnknownValue, ObjectValue> _handed = [];

    /// <summary>The layer that an unknown value is, where it is called on tensors of a graph.</summary>
    private ObjectValue? HandedLayer(UnknownValue callee)
    {
        if (callee.Reason.EndsWith("is not in what is read", StringComparison.Ordinal))
        {
            return null;
        }

        if (!_handed.TryGetValue(callee, out var layer))
        {
            _handed[callee] = layer = new ObjectValue(null, "keras.layers.Other", ClassKind.KerasLayer) { Place = callee.Begin, LayerName = callee.Text, Doubt = callee };
        }

        return layer;
    }

    /// <summary>The first name of an expression of the user that is nowhere defined: Python would raise.</summary>
    public UnknownValue? UndefinedName { get; set; }

    private Value Undefined(string name, Scope scope, int offset)
    {
        // An expression of the user may name a library that the file does not import.
        if (scope.Module.IsExpression && Libraries.Knows(name))
        {
            return new ExternalValue(name);
        }

        var symbol = Unknown(name, $"'{name}' is not defined in what is read", scope.At(offset));
        UndefinedName ??= scope.Module.IsExpression ? symbol : null;
        return symbol;
    }
}
