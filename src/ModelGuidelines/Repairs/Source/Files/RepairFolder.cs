using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The folder that a run was given: which of its Python files say which words. Shared by the repairs of one run.</summary>
public sealed class RepairFolder(string folder)
{
    private const int MaxFiles = 20_000;
    private readonly object _gate = new();
    private List<(string Path, HashSet<string> Words)>? _files;

    private readonly Dictionary<string, HashSet<string>> _changed = new(StringComparer.Ordinal);

    /// <summary>Its full path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(folder);

    /// <summary>Files that change an attribute of that name of some object, not of their own classes' one at hand.</summary>
    internal List<string> FilesThatChange(string attribute, CancellationToken cancellation)
    {
        var files = FilesThatMention([attribute], cancellation).ToList();
        lock (_gate)
        {
            return files.FindAll(f => (_changed.TryGetValue(f, out var known) ? known : _changed[f] = ChangesFromOutside.In(f, cancellation)).Contains(attribute));
        }
    }

    internal IEnumerable<string> FilesThatMention(HashSet<string> words, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _files ??= Read(cancellation);
        }

        return _files.Where(f => words.Overlaps(f.Words)).Select(f => f.Path);
    }

    private List<(string, HashSet<string>)> Read(CancellationToken cancellation)
    {
        var files = new List<(string, HashSet<string>)>();
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden, IgnoreInaccessible = true };
        foreach (var path in Directory.EnumerateFiles(Path, "*.py", options).Take(MaxFiles).Order(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (FileProperties.KindOf(path) is FileKind.Regular && new FileInfo(path).Length < 8 << 20)
                {
                    files.Add((path, Words(File.ReadAllText(path))));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What cannot be read cannot be imported either.
            }
        }

        return files;
    }

    private static HashSet<string> Words(string text)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            if (end > at)
            {
                words.Add(text[at..end]);
            }

            at = end + 1;
        }

        return words;
    }
}
