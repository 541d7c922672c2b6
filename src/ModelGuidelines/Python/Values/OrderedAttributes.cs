using System.Diagnostics.CodeAnalysis;

namespace ModelGuidelines.Python.Values;

/// <summary>Attributes by name, in the order in which they were first set.</summary>
internal sealed class OrderedAttributes
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);

    public int Count => _values.Count;

    public Value? Find(string name) => _values.GetValueOrDefault(name);

    public bool TryGet(string name, [NotNullWhen(true)] out Value? value) => _values.TryGetValue(name, out value);

    public void Set(string name, Value value)
    {
        if (!_values.ContainsKey(name))
        {
            _names.Add(name);
        }

        _values[name] = value;
    }

    public void Remove(string name)
    {
        if (_values.Remove(name))
        {
            _names.Remove(name);
        }
    }

    public IEnumerable<(string Name, Value Value)> All
    {
        get
        {
            for (var i = 0; i < _names.Count; i++)
            {
                yield return (_names[i], _values[_names[i]]);
            }
        }
    }
}
