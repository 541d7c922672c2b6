using System.Collections.Immutable;

namespace ModelGuidelines.Storage;

/// <summary>One value of a pickle, as data. One object of the pickle is one instance here, however often it is referred to.</summary>
/// <remarks>Lists, dictionaries and objects may contain themselves: whoever walks them bounds the depth or remembers what it has seen.</remarks>
internal abstract class PickleValue
{
    /// <summary>The text, when it is one.</summary>
    public string? Text => (this as PickleText)?.Value;

    /// <summary>The elements of a tuple or list, or of a list that a call builds (<c>build_intlist([1, 2])</c>); empty when it is something else.</summary>
    public ImmutableArray<PickleValue> Elements => this switch
    {
        PickleTuple tuple => tuple.Items,
        PickleList list => [.. list.Items],
        PickleObject { Arguments: PickleTuple { Items: [PickleList inner, ..] } } => [.. inner.Items],
        _ => [],
    };

    /// <summary>Whether it is a tuple or list, or a list that a call builds.</summary>
    public bool IsSequence => this is PickleTuple or PickleList or PickleObject { Arguments: PickleTuple { Items: [PickleList, ..] } };

    /// <summary>The entries of a dictionary or of an object that was filled like one (OrderedDict); null when it is something else.</summary>
    public IReadOnlyList<KeyValuePair<PickleValue, PickleValue>>? Entries => this switch
    {
        PickleDict dict => dict.Items,
        PickleObject { Items: { } items } => items,
        _ => null,
    };

    /// <summary>The value under a text key of <see cref="Entries"/>; the last of equal keys, as Python has it.</summary>
    public PickleValue? this[string key] => Entries?.LastOrDefault(e => e.Key.Text == key).Value;
}

/// <summary>None, and what is of no interest: bytes, buffers.</summary>
internal sealed class PickleNone : PickleValue
{
    public static readonly PickleNone Instance = new();
}

internal sealed class PickleBytes : PickleValue
{
    public static readonly PickleBytes Instance = new();
}

internal sealed class PickleBoolean(bool value) : PickleValue
{
    public static readonly PickleBoolean True = new(value: true);
    public static readonly PickleBoolean False = new(value: false);

    public bool Value { get; } = value;
}

/// <summary>An integer; one beyond 64 bits is kept as its low 64 bits with <see cref="IsExact"/> false.</summary>
internal sealed class PickleInteger(long value, bool isExact = true) : PickleValue
{
    public long Value { get; } = value;

    public bool IsExact { get; } = isExact;
}

internal sealed class PickleFloat(double value) : PickleValue
{
    public double Value { get; } = value;
}

internal sealed class PickleText(string value) : PickleValue
{
    public string Value { get; } = value;
}

internal sealed class PickleTuple(ImmutableArray<PickleValue> items) : PickleValue
{
    public ImmutableArray<PickleValue> Items { get; } = items;
}

/// <summary>A list or set.</summary>
internal sealed class PickleList : PickleValue
{
    public List<PickleValue> Items { get; } = [];
}

internal sealed class PickleDict : PickleValue
{
    public List<KeyValuePair<PickleValue, PickleValue>> Items { get; } = [];
}

/// <summary>The name of a class or function. Only the name: nothing is ever looked up.</summary>
internal sealed class PickleGlobal(string module, string name) : PickleValue
{
    public string FullName => module.Length == 0 ? name : $"{module}.{name}";
}

/// <summary>What unpickling would hand to the loader: for PyTorch a storage.</summary>
internal sealed class PicklePersistent(PickleValue id) : PickleValue
{
    public PickleValue Id { get; } = id;
}

/// <summary>What unpickling would get by calling a class or function. Nothing is called: callee and arguments are kept.</summary>
internal sealed class PickleObject(PickleValue callee, PickleValue arguments) : PickleValue
{
    public PickleValue Callee { get; } = callee;

    /// <summary>The arguments: a tuple as a rule.</summary>
    public PickleValue Arguments { get; } = arguments;

    /// <summary>What BUILD hands over: attributes by name as a rule.</summary>
    public PickleValue? State { get; set; }

    /// <summary>Entries set on it as on a dictionary; null when there were none.</summary>
    public List<KeyValuePair<PickleValue, PickleValue>>? Items { get; set; }

    /// <summary>The qualified name of the class or function; null when it is no plain name.</summary>
    public string? TypeName => (Callee as PickleGlobal)?.FullName;
}
