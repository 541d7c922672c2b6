using System.Collections.Concurrent;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Which files there are: every file of a package asks for the same imports, most of which are libraries' and not there.</summary>
internal sealed class KnownPaths
{
    /// <summary>Paths that are kept; beyond it the system is asked each time.</summary>
    private const int MaxPaths = 100_000;
    private readonly ConcurrentDictionary<string, bool> _paths = new(StringComparer.Ordinal);
    private readonly RealPaths _real = new();
    private int _count;

    /// <summary>Whether a file lies in that folder, whatever links lead to it.</summary>
    public bool IsWithin(string path, string folder) => _real.IsWithin(path, folder);

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
