using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>What is known of a value while the code is followed.</summary>
internal enum ScriptKind
{
    Unknown,
    Tensor,
    Number,
    Boolean,
    Text,
    None,
    List,
    Tuple,
    Dict,

    /// <summary>A module of the tree.</summary>
    Module,

    /// <summary>An object of a class of the archive.</summary>
    Object,

    /// <summary>The name of a function or class, or a part of such a name.</summary>
    Name,

    /// <summary>An entry of constants.pkl: a tensor, or the number that a trace wraps in one.</summary>
    Constant,
}

/// <summary>An abstract value: its kind always, its content where the code and the attributes in <c>data.pkl</c> tell.</summary>
internal sealed class ScriptValue(ScriptKind kind)
{
    public static readonly ScriptValue Unknown = new(ScriptKind.Unknown);
    public static readonly ScriptValue Tensor = new(ScriptKind.Tensor);
    public static readonly ScriptValue Number = new(ScriptKind.Number);
    public static readonly ScriptValue Boolean = new(ScriptKind.Boolean);
    public static readonly ScriptValue Text = new(ScriptKind.Text);
    public static readonly ScriptValue None = new(ScriptKind.None);
    public static readonly ScriptValue True = new(ScriptKind.Boolean) { Literal = true };
    public static readonly ScriptValue False = new(ScriptKind.Boolean) { Literal = false };

    public ScriptKind Kind { get; } = kind;

    /// <summary>A <see cref="long"/>, <see cref="double"/>, <see cref="bool"/> or <see cref="string"/>; null when only the kind is known.</summary>
    public object? Literal { get; init; }

    /// <summary>Elements of a list, tuple or dictionary; null when they are not known.</summary>
    public List<ScriptValue>? Items { get; set; }

    /// <summary>Keys of a dictionary whose <see cref="Items"/> are known.</summary>
    public List<string>? Keys { get; set; }

    /// <summary>What the elements of a list or dictionary are when <see cref="Items"/> is null.</summary>
    public ScriptValue? Element { get; set; }

    /// <summary>The declared type, where there is one.</summary>
    public ModelValueType? Type { get; init; }

    /// <summary>The node of a module.</summary>
    public ScriptModule? Module { get; init; }

    /// <summary>The module whose parameter or buffer a tensor is.</summary>
    public ScriptModule? Owner { get; init; }

    /// <summary>The class of an object; the text of a name.</summary>
    public string? Name { get; init; }

    /// <summary>What the graph's edges call it, where nodes are asked for: a node, a parameter, an argument of the root.</summary>
    public string? Edge { get; init; }

    /// <summary>Attributes of an object.</summary>
    public Dictionary<string, ScriptValue>? Fields { get; init; }

    /// <summary>An argument that is None unless a caller says otherwise.</summary>
    public bool DefaultsToNone { get; init; }

    /// <summary>How many undecided branches and loops stood around the place where it came to be.</summary>
    public int Uncertainty { get; init; }

    /// <summary>The loop of unknown length that counts with it: not negative, another number in each round.</summary>
    public int? LoopIndex { get; init; }

    /// <summary>The loop of unknown length in one round of which at most it is true.</summary>
    public int? OnceIn { get; init; }

    public bool IsTensor => Kind is ScriptKind.Tensor || (Kind is ScriptKind.Unknown && Type is { Kind: ValueKind.Optional, Elements: [{ Kind: ValueKind.Tensor }] });

    public bool? AsBoolean => Literal switch
    {
        bool b => b,
        long i => i != 0,
        _ => Kind is ScriptKind.None ? false : null,
    };

    public static ScriptValue Of(bool value) => value ? True : False;

    public static ScriptValue Of(long value) => new(ScriptKind.Number) { Literal = value };

    public static ScriptValue Of(double value) => new(ScriptKind.Number) { Literal = value };

    public static ScriptValue Of(string value) => new(ScriptKind.Text) { Literal = value };

    public static ScriptValue Named(string name) => new(ScriptKind.Name) { Name = name };

    public static ScriptValue Of(ModelValueType type, bool defaultsToNone = false) => type.Kind switch
    {
        ValueKind.Tensor => Tensor,
        ValueKind.Number => Number,
        ValueKind.Boolean => Boolean,
        ValueKind.String => Text,
        ValueKind.None => None,
        ValueKind.Tuple => new(ScriptKind.Tuple) { Type = type, Items = type.Elements.IsDefault ? null : [.. type.Elements.Select(e => Of(e))] },
        ValueKind.List => new(ScriptKind.List) { Type = type, Element = ElementOf(type) },
        ValueKind.Dict => new(ScriptKind.Dict) { Type = type, Element = ElementOf(type) },
        ValueKind.NamedTuple or ValueKind.Object => new(ScriptKind.Object) { Type = type },
        _ => new(ScriptKind.Unknown) { Type = type, DefaultsToNone = defaultsToNone },
    };

    private static ScriptValue ElementOf(ModelValueType type) => type.Elements.IsDefaultOrEmpty ? Unknown : Of(type.Elements[0]);

    /// <summary>The same with no content known: what a variable is in the next round of a loop.</summary>
    public ScriptValue Widen() => Kind switch
    {
        ScriptKind.Number or ScriptKind.Boolean or ScriptKind.Text => new(Kind),
        ScriptKind.List or ScriptKind.Dict when Items is not null => new(Kind) { Type = Type, Element = Element ?? Common(Items) },
        _ => this,
    };

    /// <summary>The same as one of many elements: numbers and texts may differ, the keys of a dictionary are taken to be the same.</summary>
    public ScriptValue WidenElement() => Kind is ScriptKind.Dict && Keys is not null ? this : Widen();

    /// <summary>What is true of both.</summary>
    public static ScriptValue Join(ScriptValue a, ScriptValue b)
    {
        if (ReferenceEquals(a, b) || (a.Kind == b.Kind && a.Literal is not null && a.Literal.Equals(b.Literal)))
        {
            return a;
        }

        if (a.Kind != b.Kind)
        {
            var (none, other) = a.Kind is ScriptKind.None ? (a, b) : (b, a);
            return none.Kind is ScriptKind.None && other.IsTensor ? Of(new ModelValueType(ValueKind.Optional, Elements: [ModelValueType.Tensor])) : Unknown;
        }

        return a.Kind switch
        {
            ScriptKind.Tuple when a.Items is { } x && b.Items is { } y && x.Count == y.Count => new(ScriptKind.Tuple) { Items = [.. x.Zip(y, Join)], Type = a.Type },
            ScriptKind.Dict when a.Keys is { } x && b.Keys is { } y && x.SequenceEqual(y, StringComparer.Ordinal) =>
                new(ScriptKind.Dict) { Keys = [.. x], Items = [.. a.Items!.Zip(b.Items!, Join)], Type = a.Type, Uncertainty = Math.Min(a.Uncertainty, b.Uncertainty) },
            ScriptKind.Module => Unknown,
            ScriptKind.Object when a.Name != b.Name => Unknown,
            _ => a.Widen(),
        };
    }

    /// <summary>The same under a name for the graph's edges.</summary>
    public ScriptValue On(string edge) => new(Kind) { Literal = Literal, Items = Items, Keys = Keys, Element = Element, Type = Type, Name = Name, Fields = Fields, DefaultsToNone = DefaultsToNone, Uncertainty = Uncertainty, Owner = Owner, Edge = edge };

    /// <summary>What all of them are.</summary>
    public static ScriptValue Common(List<ScriptValue> items) => items.Count == 0 ? Unknown : items.Aggregate(Join).WidenElement();
}
