using ModelGuidelines.Models;

namespace ModelGuidelines.Audit;

/// <summary>Turns the places that a reader of source names into paths as the user gave them, and shows their text.</summary>
/// <remarks>A reader names files relative to the folder of the audited one; reports name every file as they name the audited one:
/// below the folder that was given, or by its full path; files of packages that are not read as their package names them.</remarks>
internal sealed class LocatedFiles(AuditInput input, bool absolute, IReadOnlySet<string> outlined)
{
    private readonly string _folder = Path.GetDirectoryName(input.FullPath) ?? input.FullPath;
    private readonly string _shownFolder = absolute ? "" : Path.GetDirectoryName(input.DisplayPath) ?? "";
    private readonly Dictionary<string, (string Full, string Shown)> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceText> _texts = new(StringComparer.Ordinal);

    /// <summary>Where a file is that the reader names.</summary>
    public string FullPath(string file) => Find(file).Full;

    /// <summary>The place with its file as reports name it.</summary>
    public SourceLocation Shown(SourceLocation location) => location with { File = Shown(location.File) };

    /// <summary>A file as reports name it.</summary>
    public string Shown(string file) => Find(file).Shown;

    /// <summary>The text of a file by its full path, read once.</summary>
    public SourceText Text(string fullPath) => _texts.TryGetValue(fullPath, out var text) ? text : _texts[fullPath] = SourceText.Read(fullPath);

    private (string Full, string Shown) Find(string file)
    {
        if (_paths.TryGetValue(file, out var known))
        {
            return known;
        }

        var full = Path.GetFullPath(Path.Join(_folder, file));
        var shown = outlined.Contains(file) ? file : absolute ? full : full == input.FullPath ? input.DisplayPath : Normal(Path.Join(_shownFolder, file.Replace('/', Path.DirectorySeparatorChar)));
        return _paths[file] = (full, Plain(shown));
    }

    /// <summary>Without "./" in front, which no tool that opens paths needs.</summary>
    internal static string Plain(string path) => path.StartsWith("./", StringComparison.Ordinal) || path.StartsWith(".\\", StringComparison.Ordinal) ? path[2..] : path;

    /// <summary>Without "folder/..", by the text alone.</summary>
    private static string Normal(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split(Path.DirectorySeparatorChar))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] is not (".." or "" or "."))
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != "." || parts.Count == 0)
            {
                parts.Add(part);
            }
        }

        return string.Join(Path.DirectorySeparatorChar, parts);
    }
}
