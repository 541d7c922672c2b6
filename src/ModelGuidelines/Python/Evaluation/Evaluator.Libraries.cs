using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Calls of what libraries define.</content>
internal sealed partial class Evaluator
{
    private Value CallExternal(string name, CallArguments arguments, Place place)
    {
        if (_patched.TryGetValue(name, out var patched))
        {
            return Call(patched, arguments, place);
        }

        var canonical = Libraries.Canonical(name);
        var row = Libraries.Row(canonical);
        if (row?.Function is null && Libraries.Class(canonical) is { } type)
        {
            var made = new ObjectValue(null, canonical, type.Kind) { Place = place, ConstructedWith = arguments, IsSeveral = _laterRound > 0 };
            made.Attributes.Born = ++_born;
            Initialize(made, canonical, arguments, place);
            _made += made.IsModule ? 1 : 0;
            return made;
        }

        if (row is not null)
        {
            return CallRow(row, canonical, arguments, place);
        }

        var last = canonical[(canonical.LastIndexOf('.') + 1)..];
        if (last is "__new__" && arguments.Positional is [ClassValue, ..])
        {
            return Allocate(arguments, place);
        }

        // A method by its class: nn.Module.__init__(self), nn.Linear.forward(self, x).
        if (arguments.Positional is [ObjectValue self, ..] && canonical.Length > last.Length && Libraries.Class(canonical[..^(last.Length + 1)]) is { } owner && owner.Kind == self.Kind && self.Attributes.Find(Items) is null)
        {
            return LibraryMethod(self, canonical[..^(last.Length + 1)], last, arguments.WithoutFirst(), place);
        }

        var symbol = new UnknownValue(last, $"'{canonical}' is not in what is read", place) { Remedy = Remedy(canonical) };
        if (Observer is null && last.Length > 0 && char.IsAsciiLetterUpper(last[0]))
        {
            // By its looks a class; in a model most often a module.
            HandedModel(canonical, symbol, arguments, place);
            return new ObjectValue(null, canonical, ClassKind.TorchModule) { Place = place, ConstructedWith = arguments, Doubt = symbol };
        }

        return CallUnknown(symbol, arguments, place, hides: HiddenIn(canonical, arguments, place));
    }

    /// <summary>What a function of another's code, which is not there, may hide of the user's: calls of the modules and functions that it is handed. What it computes itself is its own.</summary>
    private Hides HiddenIn(string name, CallArguments arguments, Place place)
    {
        var first = name.Split('.', 2)[0];
        if (place.Module is not { } from || from.DottedName.Split('.', 2)[0] == first || from.Path.Replace('\\', '/').Contains($"/{first}/", StringComparison.Ordinal))
        {
            return Hides.Calls | Hides.Functions | Hides.Values; // a file of the user's own package
        }

        var functions = arguments.All.Any(a => a.Possible().Any(v => v is FunctionValue or BoundValue or PartialValue));
        return Hides.Values | (functions || arguments.All.Any(HoldsModule) ? Hides.Calls : Hides.Nothing) | (functions ? Hides.Functions : Hides.Nothing);
    }

    /// <summary>What a function of a library takes its first argument for.</summary>
    private void NoteUse(LibraryRow row, string name, CallArguments arguments, Place place)
    {
        if (Observer is not null && (row.Does is Does.Operation || row.TakesSequence || name.StartsWith("torch.Tensor.", StringComparison.Ordinal)) && arguments.All.FirstOrDefault() is InputValue input)
        {
            Use(input, row.TakesSequence ? InputUse.AsSequenceOfTensors : InputUse.AsTensor, place);
        }

        if (Observer is not null && row.MakesOf is { } made && arguments.Positional is [InputValue { Of: null } array, ..])
        {
            Observer.Used(array, made, place, Now);
        }
    }

    /// <summary>What a function takes for numbers: sizes, dimensions, rounds.</summary>
    private void NoteNumbers(string name, CallArguments arguments, Place place)
    {
        if (Observer is not null)
        {
            foreach (var number in NumberArguments.Of(name, arguments))
            {
                UseAsNumber(number, place);
            }
        }
    }

    private void Use(Value value, InputUse use, Place place)
    {
        if (value is InputValue input)
        {
            Observer?.Used(input, use, place, Now);
            if (use is InputUse.AsObject)
            {
                foreach (var whole in input.Wholes)
                {
                    Observer?.Used(whole, InputUse.AsSequenceOfObjects, place, Now);
                }
            }
            else if (input is { Of: { } whole, IsEntry: false })
            {
                Observer?.Used(whole, input.IsUnpacked ? InputUse.AsTuple : InputUse.AsSequence, place, Now);
            }
        }
    }

    /// <summary>What would tell of a name of a library that is not read.</summary>
    internal static string? Remedy(string name) => name.StartsWith("builtins.", StringComparison.Ordinal) ? null
        : $"audit with the installed package {(name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? name[..dot] : name)} on the search path";

    private Value CallRow(LibraryRow row, string name, CallArguments arguments, Place place)
    {
        if (row.Does is Does.Operation && Observer is not null)
        {
            var doubt = arguments.Any(_holdsCertainTensor) ? null : arguments.All.SelectMany(a => Here(a).Possible()).OfType<UnknownValue>().FirstOrDefault(u => u.MayBeTensor || u.Kind is UnknownKind.Any);

            // What is joined are tensors, or it raises.
            if (doubt is not null || row.TakesNumbers || arguments.Any(_holdsTensor) || (row.TakesSequence && Here(arguments.All.FirstOrDefault() ?? ConstantValue.None) is SequenceValue { Items.Count: > 0 } or SequenceValue { Rest: not null }))
            {
                Operation(row.Operation ?? name[(name.LastIndexOf('.') + 1)..], arguments, place, doubt is { MayBeTensor: false } && row.Name.Length > 0 && !name.StartsWith("operator.", StringComparison.Ordinal) ? null : doubt);
            }
        }

        if (row.Does is Does.ControlFlow)
        {
            Observer?.ControlFlow(name[(name.LastIndexOf('.') + 1)..], place, Now);
        }

        NoteUse(row, name, arguments, place);
        NoteNumbers(name, arguments, place);
        if (row.Hides is not Hides.Nothing && (arguments.Any(_holdsTensor) || arguments.Any(_holdsModule)))
        {
            Gap($"what '{name}' calls is not followed", place, row.Hides);
        }

        if (NumberTensors.Has(arguments) && NumberTensors.Compute(row.Operation ?? name[(name.LastIndexOf('.') + 1)..], arguments) is { } numbers)
        {
            return numbers;
        }

        // Of known numbers the parts are known numbers, not only their sizes.
        var context = new LibraryContext(this, name, place);
        var keepsNumbers = arguments.Positional.FirstOrDefault() is NumbersValue or NumberTensorValue;
        if (keepsNumbers && row.Function?.Invoke(context, arguments) is { } parts)
        {
            return parts;
        }

        if (ShapeRules.Of(name, arguments, _here) is { } shaped)
        {
            return shaped;
        }

        if (!keepsNumbers && row.Function?.Invoke(context, arguments) is { } computed)
        {
            return computed;
        }

        if (row.Calls is { } at && at < arguments.Positional.Count)
        {
            var inner = new CallArguments { Rest = arguments.Rest, NamedRest = arguments.NamedRest };
            inner.Positional.AddRange(arguments.Positional.Skip(at + 1));
            var called = Call(arguments.Positional[at], inner, place);
            if (row.Returns is Returns.CalledBack)
            {
                return called;
            }
        }

        return Result(row.Returns, name, arguments, place);
    }

    private Value Result(Returns returns, string name, CallArguments arguments, Place place)
    {
        if (returns is Returns.Tensor)
        {
            return new TensorValue();
        }

        var text = $"{name[(name.LastIndexOf('.') + 1)..]}({(arguments.Positional.FirstOrDefault() is UnknownValue first ? first.Text : arguments.Positional.FirstOrDefault() is ConstantValue { Peek: string or long } c ? Text.Of(c) : arguments.Positional.Count == 0 ? "" : "...")})";
        switch (returns)
        {
            case Returns.TwoTensors:
                return SequenceValue.Tuple(new TensorValue(), new TensorValue());
            case Returns.ThreeTensors:
                return SequenceValue.Tuple(new TensorValue(), new TensorValue(), new TensorValue());
            case Returns.TensorTuple:
                return SequenceValue.Open(SequenceKind.Tuple, new TensorValue());
            case Returns.TensorList:
                return SequenceValue.Open(SequenceKind.List, new TensorValue());
            case Returns.Number:
                return CalledSymbol(name, text, arguments, place, UnknownKind.Number);
            case Returns.Boolean:
                return CalledSymbol(name, text, arguments, place, UnknownKind.Boolean);
            case Returns.Text:
                return CalledSymbol(name, text, arguments, place, UnknownKind.Text);
            case Returns.Array:
                return Unknown(text, "arrays are not followed", place, UnknownKind.Array);
            case Returns.None:
                return ConstantValue.None;
            case Returns.True:
                return ConstantValue.True;
            case Returns.False:
                return ConstantValue.False;
            case Returns.Numbers:
                return Unknown(text, "the numbers are not known", place, UnknownKind.Number);
            case Returns.First or Returns.Receiver:
                return arguments.Positional.FirstOrDefault() ?? arguments.Named.Select(n => n.Value).FirstOrDefault() ?? Unknown(text, "nothing is given", place);
            case Returns.TensorOrNumber:
                return arguments.Any(_holdsTensor) ? new TensorValue() : CalledSymbol(name, text, arguments, place, UnknownKind.Number);
            case Returns.KerasTensor:
                return arguments.All.SelectMany(a => GraphTensors(a)).ToList() is { Count: > 0 } inputs ? NewGraphTensor(null, inputs, place, KerasShapes.OfFunction(name, arguments, Here)) : new TensorValue();
            default:
                return CalledSymbol(name, text, arguments, place, UnknownKind.Any);
        }
    }

    private readonly Dictionary<string, UnknownValue> _calls = new(StringComparer.Ordinal);

    /// <summary>What a function gives that asks the surroundings: the same question is the same symbol.</summary>
    private UnknownValue CalledSymbol(string name, string text, CallArguments arguments, Place place, UnknownKind kind)
    {
        if (StandardLibrary.IsDrawn(name))
        {
            return Unknown(text, "what it gives is known when the model runs", place, kind);
        }

        if (arguments.Positional is [UnknownValue u, .. var others] && arguments.Named.Count == 0 && arguments.Rest is null && others.TrueForAll(o => o is ConstantValue))
        {
            return u.Derive($"{name}({string.Join(',', others.Select(o => Text.Of((ConstantValue)o)))})", text, kind, false);
        }

        if (arguments.All.All(a => a is ConstantValue) && kind is UnknownKind.Boolean or UnknownKind.Text or UnknownKind.Number)
        {
            var key = name + "(" + string.Join(',', arguments.All.Select(a => Text.Of((ConstantValue)a)));
            if (!_calls.TryGetValue(key, out var known))
            {
                _calls[key] = known = Unknown(text, "what it gives is known when the model runs", place, kind);
            }

            return known;
        }

        return Unknown(text, "what it gives is known when the model runs", place, kind);
    }

    private void Operation(string function, CallArguments arguments, Place place, UnknownValue? doubt = null) => Observer?.Operation(function, arguments, place, Now, doubt);
}
