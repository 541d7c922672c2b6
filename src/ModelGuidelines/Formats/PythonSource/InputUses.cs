using ModelGuidelines.Models;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What the arguments of a root are, by what the code does with them, wherever it hands them on: whoever calls the model decides, and the file has no call.</summary>
internal sealed class InputUses
{
    private readonly Dictionary<Value, List<(InputUse Use, Condition When)>> _uses = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(int Module, string Function, Place Place), (InputValue Whole, string Reason)> _doubts = [];
    private readonly List<(Value Input, int Module, ValueDirection Direction, string Argument, SourceLocation? Location, Condition When)> _given = [];

    /// <summary>Arguments that are texts or that may be what the code asks for, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<InputUse>> Readings => _uses.Where(u => u.Key is InputValue { Of: null } && u.Value.Exists(v => v.Use >= InputUse.AsText))
        .GroupBy(u => ((InputValue)u.Key).Name, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => (IReadOnlySet<InputUse>)g.SelectMany(u => u.Value).Select(v => v.Use).ToHashSet(), StringComparer.Ordinal);

    public void Add(Value input, InputUse use, Condition when)
    {
        if (!_uses.TryGetValue(input, out var uses))
        {
            _uses[input] = uses = [];
        }

        var at = uses.FindIndex(u => u.Use == use);
        if (at < 0)
        {
            uses.Add((use, when));
        }
        else
        {
            uses[at] = (use, uses[at].When.Or(when));
        }
    }

    /// <summary>An operator's operands may be numbers, as elements of an argument may be.</summary>
    public void Doubt((int Module, string Function, Place Place) operation, UnknownValue? doubt)
    {
        if (doubt is { ElementOf: { } whole })
        {
            _doubts[operation] = (whole, doubt.Reason);
        }
    }

    /// <summary>Whether it is an operation on tensors: others of those elements are, as far as was followed.</summary>
    public Certainty CertaintyOf((int Module, string Function, Place Place) operation) => !_doubts.TryGetValue(operation, out var doubt)
        || (_uses.TryGetValue(doubt.Whole, out var uses) && uses.Exists(u => u.Use is InputUse.AsSequence or InputUse.AsTuple or InputUse.AsSequenceOfTensors)) ? Certainty.Certain : Certainty.Likely(doubt.Reason);

    /// <summary>A module gets it, or gives it back.</summary>
    public void Given(Value input, int module, ValueDirection direction, string argument, SourceLocation? location, Condition when) => _given.Add((input, module, direction, argument, location, when));

    /// <summary>Every border at which something that is no tensor is given, with the condition under which the code treats it so.</summary>
    public IEnumerable<(ModuleInterface Interface, Condition When)> Borders()
    {
        foreach (var (input, module, direction, argument, location, when) in _given)
        {
            if (TypeOf(input) is { } known && when.And(known.When) is { IsNever: false } under)
            {
                yield return (new() { Module = module, Direction = direction, Argument = argument, Type = known.Type, Location = location, Certainty = Certainty.Likely(known.Doubt) }, under);
            }
        }
    }

    private (ModelValueType Type, Condition When, string Doubt)? TypeOf(Value input)
    {
        if (!_uses.TryGetValue(input, out var uses))
        {
            return null;
        }

        Condition? Under(InputUse use) => uses.Exists(u => u.Use == use) ? uses.Find(u => u.Use == use).When : null;
        if (Under(InputUse.AsDictionary) is { } dictionary)
        {
            return (ModelValueType.Dict(ModelValueType.Tensor), dictionary, "it is read with a text as key, which objects that are no dictionaries may allow too");
        }

        if (Under(InputUse.AsText) is { } text)
        {
            return (ModelValueType.String, text, "it is compared with texts, or part of a name: in a name it may be a number");
        }

        if (Under(InputUse.AsNumber) is { } number && Under(InputUse.AsTensor) is null)
        {
            return (ModelValueType.Number, number, RootInputs.NumberDoubt);
        }

        if (Under(InputUse.AsObject) is { } thing)
        {
            return (new(ValueKind.Object), thing, "an attribute is read or a method called that tensors do not have");
        }

        if (Under(InputUse.AsSequenceOfObjects) is { } objects)
        {
            return (ModelValueType.List(new ModelValueType(ValueKind.Object)), objects, "of its elements an attribute is read or a method called that tensors do not have: it may be a tuple of such objects");
        }

        if (Under(InputUse.AsSequenceOfTensors) is { } sequence)
        {
            return (ModelValueType.List(ModelValueType.Tensor), sequence, "its elements are joined as tensors: it may be a tuple");
        }

        return Under(InputUse.AsSequence) is { } elements && (Under(InputUse.AsTensor) ?? Under(InputUse.AsOperand)) is null
            ? (ModelValueType.List(ModelValueType.Tensor), elements, "its elements are taken one by one and nothing is done with it as a whole: it may be a tuple") : null;
    }
}
