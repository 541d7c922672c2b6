using System.Collections.Concurrent;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Which files there are: every file of a package asks for the same imports, most of which are libraries' and not there.</summary>
internal sealed class KnownPaths
{
    /// <summary>Paths that are kept; beyond it the system is asked each time.</summary>
    private const int MaxPaths = 100_000;
    private readonly ConcurrentDictionary<string, bool> _paths = new(StringComparer.Ordinal);
    private int _count;

    public bool Exists(string path)
    {
        if (!_paths.TryGetValue(path, out var exists))
        {
            exists = File.Exists(path);
            if (Interlocked.Increment(ref _count) <= MaxPaths)
            {
                _paths.TryAdd(path, exists);
            }
        }

        return exists;
    }
}
