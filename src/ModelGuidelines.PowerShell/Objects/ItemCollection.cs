using System.Collections.ObjectModel;

namespace ModelGuidelines;

/// <summary>A list that is text where a table or a CSV file has one cell for it.</summary>
public sealed class ItemCollection<T>(IList<T> items) : ReadOnlyCollection<T>(items)
{
    public override string ToString() => string.Join(typeof(T) == typeof(string) ? ", " : "; ", this);
}
