using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Projects;

/// <summary>What the analyses of one run share of files: which there are, and their trees.</summary>
internal sealed record ProjectFiles(KnownPaths Paths, ParsedFiles Parsed)
{
    /// <summary>Takes what is asked of the disk for one audit; null: nobody remembers.</summary>
    public Storage.FileTrace? Trace { get; init; }

    public Storage.FileHashes? Hashes { get; init; }

    /// <summary>Texts that are read in place of the files of these full paths; null: files are as they are.</summary>
    public IReadOnlyDictionary<string, PythonFile>? Texts { get; init; }
}

/// <summary>Trees of files that several audited files import: each is parsed once. Thread-safe; trees are immutable.</summary>
internal sealed class ParsedFiles
{
    /// <summary>Bytes of source whose trees are kept.</summary>
    private const long MaxBytes = 24 << 20;

    /// <summary>Of one file that is imported.</summary>
    private static readonly ReadLimits Most = ReadLimits.Default with { Time = Timeout.InfiniteTimeSpan, HeldBytes = 256 << 20 };

    /// <summary>Files of which the words are kept.</summary>
    private const int MaxFiles = 4_000;
    private readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), Lazy<PythonFile>> _files = new();
    private readonly ConcurrentDictionary<string, bool> _opened = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), FileWords> _words = new();
    private readonly ConditionalWeakTable<PythonFile, ConcurrentDictionary<string, IReadOnlyCollection<string>>> _imports = [];
    private long _bytes;

    /// <summary>Paths of all files that were asked for.</summary>
    public IReadOnlyCollection<string> Opened => _opened.Keys.ToList();

    /// <exception cref="IOException">It cannot be read, or is no ordinary file: a pipe would wait for its writer.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    /// <exception cref="ModelReadException">It would take more memory than an imported file may.</exception>
    public PythonFile Get(string path, FileInfo info, CancellationToken cancellation)
    {
        if (FileProperties.KindOf(path) is not FileKind.Regular)
        {
            throw new IOException("it is no ordinary file");
        }

        _opened.TryAdd(path, true);
        var key = (path, info.Length, info.LastWriteTimeUtc);
        if (_files.TryGetValue(key, out var known))
        {
            return known.Value;
        }

        if (Interlocked.Read(ref _bytes) + info.Length > MaxBytes)
        {
            return Parse(path, cancellation);
        }

        return _files.GetOrAdd(key, k =>
        {
            Interlocked.Add(ref _bytes, k.Length);
            return new(() => Parse(k.Path, CancellationToken.None));
        }).Value;
    }

    /// <summary>Of a file that is imported, no more is held than of one that is audited.</summary>
    private static PythonFile Parse(string path, CancellationToken cancellation)
    {
        using var budget = new ReadBudget(Most, cancellation);
        return PythonParser.Parse(File.ReadAllBytes(path), budget);
    }

    /// <summary>What words a file holds that is not parsed.</summary>
    /// <exception cref="IOException">It cannot be read, or is no ordinary file: a pipe would wait for its writer.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    public FileWords Words(string path, FileInfo info)
    {
        var key = (path, info.Length, info.LastWriteTimeUtc);
        if (_words.TryGetValue(key, out var known))
        {
            return known;
        }

        var words = FileProperties.KindOf(path) is FileKind.Regular ? FileWords.Of(File.ReadAllText(path)) : throw new IOException("it is no ordinary file");
        if (_words.Count < MaxFiles)
        {
            _words.TryAdd(key, words);
        }

        return words;
    }

    /// <summary>The dotted names that a file may load others by, there or not.</summary>
    public IReadOnlyCollection<string> Imports(SourceModule module) =>
        _imports.GetValue(module.File, static _ => new(StringComparer.Ordinal)).GetOrAdd(module.DottedName, static (_, m) => ImportedNames.Of(m), module);
}
