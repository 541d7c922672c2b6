using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>An object's attributes as a dictionary: <c>self.__dict__.update(settings)</c>, <c>vars(self)</c>.</content>
internal sealed partial class Evaluator
{
    private const string OwnNamesAttribute = "__dict__";

    /// <summary>What an object holds, by name. Of a module, and of an object whose class is not read to the end, it may be more; PyTorch keeps modules elsewhere.</summary>
    private static DictValue OwnNames(ObjectValue o, AttributeText text, Place place)
    {
        var isWhole = o is { Kind: ClassKind.Plain, Doubt: null, Class: { HasUnknownBase: false } type } && type.ExternalBases.All(b => b is "builtins.object");
        var names = new DictValue { AttributesOf = o, Rest = isWhole ? null : Symbol(o, OwnNamesAttribute, text.ToString(), "not all attributes of the object are followed", place) };
        foreach (var (name, value) in o.Attributes.All)
        {
            if (name[0] != '*' && name != OwnNamesAttribute && IsOwnName(o, value))
            {
                names.Set(name, value);
            }
        }

        (o.Attributes.Find(Unregistered) as DictValue)?.Entries.ForEach(e => names.Set(e.Key, e.Value));
        return names;
    }

    /// <summary>The names of a file by name: <c>globals()</c>, <c>models.__dict__</c>; those of a function's own scope are not followed.</summary>
    private DictValue NamesOf(Projects.SourceModule? file, Place place) => new() { Rest = Unknown("a name", "names of a scope as a dictionary are not followed", place), NamesOf = file };

    /// <summary>Under which attribute a module keeps what is set beside PyTorch, which registers nothing of it: <c>object.__setattr__(self, "head", head)</c>.</summary>
    private const string Unregistered = "*unregistered";

    private void SetUnregistered(ObjectValue o, string name, Value value)
    {
        if (IsOwnName(o, value))
        {
            SetAttribute(o, name, value);
            return;
        }

        if (o.Attributes.Find(Unregistered) is not DictValue names)
        {
            SetAttribute(o, Unregistered, names = new());
        }

        _journal.Change(names);
        names.Set(name, value);
    }

    private static bool IsOwnName(ObjectValue o, Value value) => o.Kind is not ClassKind.TorchModule || value is not (ParameterValue or ObjectValue { IsModule: true } or ChoiceValue);

    /// <summary>Behind what code did to that dictionary: the attributes are what it holds.</summary>
    private void WriteBack(DictValue names, Value? rest)
    {
        if (names.AttributesOf is not { } o)
        {
            return;
        }

        foreach (var (key, value) in names.Entries)
        {
            if (key is ConstantValue { Peek: string name } && !ReferenceEquals(o.Attributes.Find(name), value) && (names.HoldsModules || IsOwnName(o, value)))
            {
                SetAttribute(o, name, value);
            }
        }

        List<string> held = names.HoldsModules ? [.. Children(o).Select(c => c.Name)] : [.. o.Attributes.All.Where(a => IsOwnName(o, a.Value)).Select(a => a.Name)];
        foreach (var name in held)
        {
            if (name[0] != '*' && names.Find(name) is null && name != OwnNamesAttribute)
            {
                RemoveAttribute(o, name);
            }
        }

        // Names that cannot be told may be those that the class gives a value.
        if (names.Rest is UnknownValue others && !ReferenceEquals(others, rest))
        {
            foreach (var (name, usual) in o.Class?.ResolutionOrder.OfType<ClassValue>().SelectMany(c => c.Members).Where(m => m.Value is not (FunctionValue or WrappedMethod)).ToList() ?? [])
            {
                if (o.Attributes.Find(name) is null)
                {
                    SetAttribute(o, name, Either(_tests.Ask(others, "has " + name, $"{name} is given"), () => others.Derive($"[{name}]", name), () => usual));
                }
            }
        }
    }

    /// <summary>What an object has whose dictionary of attributes was set: <c>self.__dict__ = self</c> makes entries of attributes.</summary>
    private Value? OfOwnNames(ObjectValue o, string name) => o.Attributes.Find(Unregistered) is DictValue beside && Here(beside.Find(name) ?? MissingValue.Instance).Present().Value is { } set ? set : o.Attributes.Find(OwnNamesAttribute) switch
    {
        ObjectValue holder when holder.Attributes.Find(Items) is DictValue items => Here(items.Find(name) ?? MissingValue.Instance).Present().Value,
        DictValue names => Here(names.Find(name) ?? MissingValue.Instance).Present().Value,
        _ => null,
    };
}
