using System.Collections.Concurrent;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Which files there are: every file of a package asks for the same imports, most of which are libraries' and not there.</summary>
internal sealed class KnownPaths
{
    /// <summary>Paths that are kept; beyond it the system is asked each time.</summary>
    private const int MaxPaths = 100_000;
    private const int MaxNames = 5_000;
    private const int MaxFolders = 500;
    private readonly ConcurrentDictionary<string, bool> _paths = new(StringComparer.Ordinal);
    private readonly RealPaths _real = new();
    private readonly ConcurrentDictionary<string, Locations> _locations = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Where files are by their dotted names, for who seeks them in the same folders.</summary>
    public sealed class Locations : ConcurrentDictionary<string, (string Path, string Within, bool IsExternal)?>
    {
        public Locations()
            : base(StringComparer.Ordinal)
        {
        }
    }

    /// <summary>What is known of names that are sought in these folders; null beyond the bound: nobody remembers.</summary>
    /// <param name="folders">The folders, in order, as one text.</param>
    public Locations? In(string folders) => _locations.TryGetValue(folders, out var known) ? (known.Count < MaxNames ? known : null)
        : _locations.Count < MaxFolders ? _locations.GetOrAdd(folders, static _ => new()) : null;

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
