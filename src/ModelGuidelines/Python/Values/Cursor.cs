using ModelGuidelines.Python.Flow;

namespace ModelGuidelines.Python.Values;

/// <summary>A count by which a function goes through lists and that grows behind each element that it takes: no element is taken twice.</summary>
internal sealed class Cursor
{
    private readonly Dictionary<(object List, Value Element), Condition> _taken = [];

    /// <summary>Under which condition an element was taken before; null: under none.</summary>
    public Condition? Taken(object list, Value element) => _taken.GetValueOrDefault((list, element));

    public void Take(object list, Value element, Condition when) => _taken[(list, element)] = Taken(list, element) is { } earlier ? earlier.Or(when) : when;
}
