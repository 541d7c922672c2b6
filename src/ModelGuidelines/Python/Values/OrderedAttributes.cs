using System.Diagnostics.CodeAnalysis;

namespace ModelGuidelines.Python.Values;

/// <summary>Attributes by name, in the order in which they were first set.</summary>
/// <remarks>Models are made of tens of thousands of objects with a dozen attributes each: few are found by looking at all, only of many there is an index.</remarks>
internal sealed class OrderedAttributes
{
    private const int MaxUnindexed = 12;
    private (string Name, Value Value)[] _entries = [];
    private Dictionary<string, int>? _index;

    public int Count { get; private set; }

    /// <summary>The how-manieth object of a class it is that has them: what was made behind others, the ways that left before that do not have.</summary>
    public long Born { get; set; }

    /// <summary>By their order.</summary>
    public (string Name, Value Value) this[int index] => _entries[index];

    public Value? Find(string name) => At(name) is >= 0 and var i ? _entries[i].Value : null;

    public bool TryGet(string name, [NotNullWhen(true)] out Value? value) => (value = Find(name)) is not null;

    public void Set(string name, Value value)
    {
        var at = At(name);
        if (at >= 0)
        {
            _entries[at].Value = value;
            return;
        }

        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(4, Count * 2));
        }

        _entries[Count] = (name, value);
        _index?.Add(name, Count);
        Count++;
        if (_index is null && Count > MaxUnindexed)
        {
            Index();
        }
    }

    public void Remove(string name)
    {
        if (At(name) is not (>= 0 and var at))
        {
            return;
        }

        Array.Copy(_entries, at + 1, _entries, at, --Count - at);
        _entries[Count] = default;

        // The last one, as a branch is taken back: nothing else has another place.
        if (at == Count)
        {
            _index?.Remove(name);
            return;
        }

        _index = null;
        if (Count > MaxUnindexed)
        {
            Index();
        }
    }

    public IEnumerable<(string Name, Value Value)> All
    {
        get
        {
            for (var i = 0; i < Count; i++)
            {
                yield return _entries[i];
            }
        }
    }

    private void Index()
    {
        _index = new(Count * 2, StringComparer.Ordinal);
        for (var i = 0; i < Count; i++)
        {
            _index.Add(_entries[i].Name, i);
        }
    }

    private int At(string name)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(name, out var at) ? at : -1;
        }

        for (var i = 0; i < Count; i++)
        {
            if (ReferenceEquals(_entries[i].Name, name))
            {
                return i;
            }
        }

        for (var i = 0; i < Count; i++)
        {
            if (_entries[i].Name.Length == name.Length && _entries[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
