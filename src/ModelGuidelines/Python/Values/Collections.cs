
namespace ModelGuidelines.Python.Values;

internal enum SequenceKind
{
    Tuple,
    List,
    Set,
}

/// <summary>What gives elements as a list does and is none.</summary>
internal enum SequenceForm
{
    /// <summary>What its kind says.</summary>
    Own,

    /// <summary>Gives each element once: a generator, what <c>iter</c>, <c>zip</c> and <c>map</c> give.</summary>
    Iterator,

    /// <summary>Of a dictionary.</summary>
    View,
    Range,
}

/// <summary>A list, tuple or set. An item that is a <see cref="ChoiceValue"/> with <see cref="MissingValue"/> is there only at times; with <see cref="Rest"/> an unknown
/// number of further elements like it follows.</summary>
/// <remarks>Changed only through the journal of the running analysis (<c>context.Change(sequence)</c> before the first change).</remarks>
internal sealed class SequenceValue(SequenceKind kind, List<Value> items, Value? rest = null) : Value
{
    public SequenceKind Kind { get; } = kind;

    private List<Value> _items = items;
    private Value? _rest = rest;

    public SequenceForm Form { get; init; }

    /// <summary>What it holds; of an iterator all that it has yet to give, which is made when this is read.</summary>
    public List<Value> Items
    {
        get
        {
            Settle();
            return _items;
        }

        set => (_items, Source) = (value, null);
    }

    public Value? Rest
    {
        get
        {
            Settle();
            return _rest;
        }

        set => _rest = value;
    }

    /// <summary>What makes the elements that an iterator has yet to give, behind those that are made; null where all are.</summary>
    public ElementSource? Source { get; set; }

    /// <summary>Of an iterator, under which condition it was made: on other ways nobody has it, and nobody may ask it there for elements.</summary>
    public Flow.Condition? Since { get; init; }

    /// <summary>The elements that are made.</summary>
    public List<Value> Made => _items;

    /// <summary><see cref="Rest"/>, where that is known without making more elements.</summary>
    public Value? MadeRest => _rest;

    /// <summary>What the generator returned that this is of, once it has ended: what <c>yield from</c> gives.</summary>
    public Value? Returned { get; set; }

    /// <summary>Whether it is known to be at its end when it holds nothing: what it is made of was read.</summary>
    public bool EndsWhereEmpty { get; init; }

    /// <summary>Makes all that is left.</summary>
    public void Settle() => Source?.Settle(this);

    /// <summary>Makes the next element, where one is left and none is made.</summary>
    public void Fill()
    {
        while (_items.Count == 0 && Source is { } source)
        {
            source.Advance(this);
        }
    }

    /// <summary>Holds what another held, which is not used any more.</summary>
    public void Hold(SequenceValue other) => (_items, _rest, Growth, Source) = (other._items, other._rest, other.Growth, other.Source);

    /// <summary>Another one that holds the same elements, or the very list of them.</summary>
    public SequenceValue Content(bool isCopy) => new(Kind, isCopy ? [.. _items] : _items, _rest) { Growth = Growth, Source = Source };

    /// <summary>What is not known of its length, as a symbol; made when first asked for.</summary>
    public UnknownValue? Length { get; set; }

    /// <summary>Each element is one, and stands for no others: how many there are at most is written.</summary>
    public bool IsCounted { get; init; }

    /// <summary>Rounds of a loop put in more than are known; null where they did not.</summary>
    public Growth? Growth { get; set; }

    /// <summary>In which order the elements stand, as a symbol, where it is not known: of a set, and of what is shuffled or sorted by what cannot be told. Null where it is the order of <see cref="Items"/>.</summary>
    public UnknownValue? Order { get; set; }

    /// <summary>Of a deque how many elements it holds at most: of more the first go, or the last.</summary>
    public long? Most { get; init; }

    /// <summary>Its elements as something gives them that is no list.</summary>
    public SequenceValue As(SequenceForm form) => new(Kind, Items, Rest) { Length = Length, Order = Order, Growth = Growth, Form = form };

    public static SequenceValue Tuple(params Value[] items) => new(SequenceKind.Tuple, [.. items]);

    public static SequenceValue List(IEnumerable<Value> items) => new(SequenceKind.List, [.. items]);

    /// <summary>Elements of one kind, how many is unknown.</summary>
    public static SequenceValue Open(SequenceKind kind, Value element) => new(kind, [], element);
}

/// <summary>A dictionary; with unknown further entries when <see cref="Rest"/> is set. Entries may be missing at times, as items of a sequence may.</summary>
/// <remarks>Changed only through the journal of the running analysis (<c>context.Change(dict)</c> before the first change).</remarks>
internal sealed class DictValue : Value
{
    // Which key stands where. A copy shares it until either gets or loses a key: most are made for a branch that writes to what is there, or to nothing.
    private Dictionary<object, int>? _index;
    private bool _isIndexShared;

    public List<(Value Key, Value Value)> Entries { get; private set; } = [];

    public Value? Rest { get; set; }

    /// <summary>The file at whose own level it is held: other files may add to it while they are imported.</summary>
    public Projects.SourceModule? Home { get; set; }

    /// <summary>The file whose names it holds (<c>globals()</c>): an entry is looked up when it is asked for.</summary>
    public Projects.SourceModule? NamesOf { get; init; }

    /// <summary>The object whose attributes it holds (<c>self.__dict__</c>): what is written to it is written there.</summary>
    public ObjectValue? AttributesOf { get; init; }

    /// <summary>Of those attributes it holds the modules that are registered: <c>self._modules</c>.</summary>
    public bool HoldsModules { get; init; }

    /// <summary>What a missing key gives: a defaultdict's factory.</summary>
    public Value? Factory { get; set; }

    /// <summary>Rounds of a loop put in more than are known; null where they did not.</summary>
    public Growth? Growth { get; set; }

    /// <summary>What a key is found by: equal keys have equal ones.</summary>
    public static object KeyOf(Value key) => key switch
    {
        ConstantValue { Peek: null } => ConstantValue.None,
        ConstantValue { Raw: double d } when d == Math.Floor(d) && Math.Abs(d) < 1e15 => (long)d,
        ConstantValue { Peek: bool b } => b ? 1L : 0L,
        ConstantValue c => c.Raw!,
        SequenceValue { Rest: null } s => new List<object>() is var parts && Write(s, parts, 0) ? new TupleKey(parts) : key,
        ExternalValue e => new ExternalKey(e.Name),
        ObjectValue { Class: { Kind: ClassKind.Enum, IsData: true } } member when member.Attributes.Find("value") is { } value => KeyOf(value),
        _ => key,
    };

    /// <summary>Most parts by which a tuple is found; a larger one is equal to itself only.</summary>
    private const int MaxKey = 256;

    /// <summary>Equal where all parts are: constants by what they are, all else by being the same object.</summary>
    private sealed class TupleKey(List<object> parts) : IEquatable<TupleKey>
    {
        private readonly int _hash = parts.Aggregate(parts.Count, HashCode.Combine);

        public bool Equals(TupleKey? other) => other is not null && other._hash == _hash && parts.SequenceEqual(other.Parts);

        public override bool Equals(object? obj) => Equals(obj as TupleKey);

        public override int GetHashCode() => _hash;

        private List<object> Parts => parts;
    }

    private readonly record struct ExternalKey(string Name);

    /// <summary>What stands for the start and the end of a tuple in a tuple.</summary>
    private static readonly object Opened = new(), Closed = new();

    private static bool Write(SequenceValue tuple, List<object> parts, int depth)
    {
        foreach (var item in tuple.Items)
        {
            if (depth >= 16 || parts.Count >= MaxKey)
            {
                return false;
            }

            if (item is not SequenceValue { Rest: null } inner)
            {
                parts.Add(KeyOf(item));
                continue;
            }

            parts.Add(Opened);
            if (!Write(inner, parts, depth + 1))
            {
                return false;
            }

            parts.Add(Closed);
        }

        return true;
    }

    public Value? Find(Value key) => _index is not null && _index.TryGetValue(KeyOf(key), out var i) ? Entries[i].Value : null;

    public Value? Find(string key) => _index is not null && _index.TryGetValue(key, out var i) ? Entries[i].Value : null;

    private Dictionary<object, int> OwnIndex()
    {
        if (_isIndexShared || _index is null)
        {
            (_index, _isIndexShared) = (_index is null ? [] : new(_index), false);
        }

        return _index;
    }

    public void Set(Value key, Value value)
    {
        var index = KeyOf(key);
        if (_index is not null && _index.TryGetValue(index, out var i))
        {
            Entries[i] = (Entries[i].Key, value);
        }
        else
        {
            OwnIndex().Add(index, Entries.Count);
            Entries.Add((key, value));
        }
    }

    public void Set(string key, Value value) => Set(ConstantValue.Of(key), value);

    public Value? Remove(Value key)
    {
        var index = KeyOf(key);
        if (_index is null || !_index.TryGetValue(index, out var i))
        {
            return null;
        }

        var own = OwnIndex();
        own.Remove(index);
        var value = Entries[i].Value;
        Entries.RemoveAt(i);
        foreach (var (other, at) in own.Where(p => p.Value > i).ToList())
        {
            own[other] = at - 1;
        }

        return value;
    }

    public void Clear()
    {
        Entries = [];
        (_index, _isIndexShared) = (null, false);
        Rest = null;
    }

    public DictValue Copy()
    {
        var copy = new DictValue();
        copy.Become(this);
        return copy;
    }

    /// <summary>What it holds, which it is about to lose, as a dictionary of its own.</summary>
    public DictValue HandOver()
    {
        var content = new DictValue();
        content.TakeOver(this);
        return content;
    }

    /// <summary>Takes what another holds, which is not used any more.</summary>
    public void TakeOver(DictValue other) => (Entries, _index, _isIndexShared, Rest, Factory, Growth) = (other.Entries, other._index, other._isIndexShared, other.Rest, other.Factory, other.Growth);

    /// <summary>Holds what another holds, each for itself.</summary>
    public void Become(DictValue other)
    {
        Entries = [.. other.Entries];
        _index = other._index;
        _isIndexShared = other._isIndexShared = _index is not null;
        (Rest, Factory, Growth) = (other.Rest, other.Factory, other.Growth);
    }
}
