using System.Text;

namespace ModelGuidelines.Python.Values;

internal enum SequenceKind
{
    Tuple,
    List,
    Set,
}

/// <summary>A list, tuple or set. An item that is a <see cref="ChoiceValue"/> with <see cref="MissingValue"/> is there only at times; with <see cref="Rest"/> an unknown
/// number of further elements like it follows.</summary>
/// <remarks>Changed only through the journal of the running analysis (<c>context.Change(sequence)</c> before the first change).</remarks>
internal sealed class SequenceValue(SequenceKind kind, List<Value> items, Value? rest = null) : Value
{
    public SequenceKind Kind { get; } = kind;

    public List<Value> Items { get; set; } = items;

    public Value? Rest { get; set; } = rest;

    /// <summary>What is not known of its length, as a symbol; made when first asked for.</summary>
    public UnknownValue? Length { get; set; }

    public static SequenceValue Tuple(params Value[] items) => new(SequenceKind.Tuple, [.. items]);

    public static SequenceValue List(IEnumerable<Value> items) => new(SequenceKind.List, [.. items]);

    /// <summary>Elements of one kind, how many is unknown.</summary>
    public static SequenceValue Open(SequenceKind kind, Value element) => new(kind, [], element);
}

/// <summary>A dictionary; with unknown further entries when <see cref="Rest"/> is set. Entries may be missing at times, as items of a sequence may.</summary>
/// <remarks>Changed only through the journal of the running analysis (<c>context.Change(dict)</c> before the first change).</remarks>
internal sealed class DictValue : Value
{
    private Dictionary<object, int> _index = [];

    public List<(Value Key, Value Value)> Entries { get; private set; } = [];

    public Value? Rest { get; set; }

    /// <summary>The file at whose own level it is held: other files may add to it while they are imported.</summary>
    public Projects.SourceModule? Home { get; set; }

    /// <summary>What a missing key gives: a defaultdict's factory.</summary>
    public Value? Factory { get; set; }

    /// <summary>What a key is found by: equal keys have equal ones.</summary>
    public static object KeyOf(Value key) => key switch
    {
        ConstantValue { Peek: null } => ConstantValue.None,
        ConstantValue { Raw: double d } when d == Math.Floor(d) && Math.Abs(d) < 1e15 => (long)d,
        ConstantValue { Peek: bool b } => b ? 1L : 0L,
        ConstantValue c => c.Raw!,
        SequenceValue { Rest: null } s => Write(new(), s) is { Length: < MostOfKey } text ? text.ToString() : s,
        ExternalValue e => "external " + e.Name,
        _ => key,
    };

    /// <summary>Characters of the text that a tuple is found by; one of more, as tuples in tuples make in few steps, is found by itself alone.</summary>
    private const int MostOfKey = 2_000;

    private static StringBuilder Write(StringBuilder text, SequenceValue tuple)
    {
        text.Append('(');
        for (var i = 0; i < tuple.Items.Count && text.Length < MostOfKey; i++)
        {
            text.Append(i > 0 ? "\u0001" : "");
            _ = tuple.Items[i] is SequenceValue { Rest: null } inner ? Write(text, inner) : text.Append(KeyOf(tuple.Items[i]));
        }

        return text;
    }

    public Value? Find(Value key) => _index.TryGetValue(KeyOf(key), out var i) ? Entries[i].Value : null;

    public Value? Find(string key) => _index.TryGetValue(key, out var i) ? Entries[i].Value : null;

    public void Set(Value key, Value value)
    {
        var index = KeyOf(key);
        if (_index.TryGetValue(index, out var i))
        {
            Entries[i] = (Entries[i].Key, value);
        }
        else
        {
            _index.Add(index, Entries.Count);
            Entries.Add((key, value));
        }
    }

    public void Set(string key, Value value) => Set(ConstantValue.Of(key), value);

    public Value? Remove(Value key)
    {
        if (!_index.Remove(KeyOf(key), out var i))
        {
            return null;
        }

        var value = Entries[i].Value;
        Entries.RemoveAt(i);
        foreach (var (other, at) in _index.Where(p => p.Value > i).ToList())
        {
            _index[other] = at - 1;
        }

        return value;
    }

    public void Clear()
    {
        Entries = [];
        _index = [];
        Rest = null;
    }

    public DictValue Copy()
    {
        var copy = new DictValue { Rest = Rest, Factory = Factory };
        foreach (var (key, value) in Entries)
        {
            copy.Set(key, value);
        }

        return copy;
    }

    /// <summary>Takes over another's entries.</summary>
    public void Become(DictValue other)
    {
        Entries = [.. other.Entries];
        _index = new(other._index);
        Rest = other.Rest;
        Factory = other.Factory;
    }
}
