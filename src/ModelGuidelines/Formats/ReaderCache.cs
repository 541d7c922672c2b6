using System.Collections.Concurrent;

namespace ModelGuidelines.Formats;

/// <summary>What readers of one run keep for each other: what the system was asked for one file need not be asked for the next. One per run, shared by its threads.</summary>
public sealed class ReaderCache
{
    private readonly ConcurrentDictionary<Type, object> _parts = [];

    /// <summary>The one object of that type, which must be safe for threads and bound what it holds.</summary>
    public T Get<T>()
        where T : class, new() => (T)_parts.GetOrAdd(typeof(T), static _ => new T());
}
