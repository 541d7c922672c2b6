using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Projects;

/// <summary>Tells which Python files can reach a file through their imports, over any number of others.</summary>
/// <remarks>Files are sought where an audit seeks them. Not thread-safe.</remarks>
internal sealed class ImportClosure(IReadOnlyList<string> searchPath, CancellationToken cancellation = default)
{
    private readonly ProjectFiles _files = new(new(), new());
    private readonly Dictionary<string, SourceModule?> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Folder, string Path), List<string>> _sought = [];

    /// <summary>Whether the file, or one that it imports, seeks one of these files, be it there or gone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="named">The folder that the user named and in which it was found; null when it was named itself.</param>
    /// <param name="sought">Full paths.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public bool Reaches(string path, string? named, IReadOnlySet<string> sought)
    {
        if (Module(path) is not { } main)
        {
            return false; // what cannot be read says the same as before
        }

        using var budget = new ReadBudget(ReadLimits.Default with { Time = Timeout.InfiniteTimeSpan }, cancellation);
        var project = new Project(path, main.File, _files, new() { SearchPath = [.. searchPath], Folder = named }, LibraryCatalog.Default, budget);
        var folder = Path.GetDirectoryName(path)!;
        var seen = new HashSet<string>(StringComparer.Ordinal) { path };
        var open = new Queue<(string Path, string Dotted)>([(path, project.Main.DottedName)]);
        while (open.TryDequeue(out var at))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var candidate in Sought(project, $"{folder}\0{named}", at.Path, at.Dotted))
            {
                if (sought.Contains(candidate))
                {
                    return true;
                }

                if (seen.Add(candidate) && _files.Paths.Exists(candidate))
                {
                    open.Enqueue((candidate, DottedName(candidate, named)));
                }
            }
        }

        return false;
    }

    private List<string> Sought(Project project, string folder, string path, string dotted)
    {
        if (!_sought.TryGetValue((folder, path), out var known))
        {
            _sought[(folder, path)] = known = Module(path) is { } module
                ? [.. ImportedNames.Of(new(module.File, path, path, dotted)).SelectMany(project.Candidates).Select(c => c.Path).Distinct(StringComparer.Ordinal)]
                : [];
        }

        return known;
    }

    /// <summary>As its packages name it, by which its relative imports go.</summary>
    private string DottedName(string path, string? named)
    {
        var (own, prefix) = (Path.GetDirectoryName(path)!, "");
        for (var folder = own; folder is not null && _files.Paths.Exists(Path.Join(folder, "__init__.py")); folder = Path.GetDirectoryName(folder))
        {
            prefix = $"{Path.GetFileName(folder)}.{prefix}";
        }

        if (named is not null && path.StartsWith(named + Path.DirectorySeparatorChar, StringComparison.Ordinal) && Module(path) is { } module)
        {
            prefix = Project.PrefixOf(module.File, prefix, own, named);
        }

        return Path.GetFileNameWithoutExtension(path) is "__init__" ? prefix.TrimEnd('.') : prefix + Path.GetFileNameWithoutExtension(path);
    }

    private SourceModule? Module(string path)
    {
        if (!_modules.TryGetValue(path, out var known))
        {
            try
            {
                var info = new FileInfo(path);
                known = info.Exists && info.Length <= ReadLimits.Default.EntryBytes ? new(_files.Parsed.Get(path, info, cancellation), path, path, path) : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ModelReadException)
            {
                known = null;
            }

            _modules[path] = known;
        }

        return known;
    }
}
