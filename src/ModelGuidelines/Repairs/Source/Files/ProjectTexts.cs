using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The texts of a project's files, each parsed once: those that a repair has changed already, and the others as they are on disk.</summary>
internal sealed class ProjectTexts(IReadOnlyDictionary<string, PythonFile> changed, ReadLimits limits, CancellationToken cancellation)
{
    private const int MaxBytes = 8 << 20;
    private readonly Dictionary<string, PythonFile?> _read = new(StringComparer.Ordinal);

    /// <summary>What is read in place of files, by their full paths.</summary>
    public IReadOnlyDictionary<string, PythonFile> Changed => changed;

    /// <summary>The text of a file by its full path; null where it cannot be read, is none of the project's own, or is large.</summary>
    public PythonFile? Read(string path) => changed.GetValueOrDefault(path) ?? (_read.TryGetValue(path, out var known) ? known : _read[path] = FromDisk(path));

    /// <summary>The same with further changes.</summary>
    public ProjectTexts With(IEnumerable<KeyValuePair<string, PythonFile>> further)
    {
        var result = new ProjectTexts(Merged(changed, further), limits, cancellation);
        foreach (var (path, text) in _read)
        {
            result._read[path] = text;
        }

        return result;
    }

    /// <summary>What is read in place of files, with what is changed further.</summary>
    public static Dictionary<string, PythonFile> Merged(IReadOnlyDictionary<string, PythonFile>? known, IEnumerable<KeyValuePair<string, PythonFile>> further)
    {
        var all = known is null ? new(StringComparer.Ordinal) : new Dictionary<string, PythonFile>(known, StringComparer.Ordinal);
        foreach (var (path, text) in further)
        {
            all[path] = text;
        }

        return all;
    }

    private PythonFile? FromDisk(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (info.Exists && info.LinkTarget is null && info.Length <= Math.Min(MaxBytes, limits.EntryBytes) && FileProperties.KindOf(path) is FileKind.Regular)
            {
                return PythonParser.Parse(File.ReadAllBytes(path), cancellation);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody can import it either.
        }

        return null;
    }
}
