using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>The audited file and the files that it imports, read when a name of theirs is needed.</summary>
/// <remarks>Files are sought in the audited file's folder and below; where that folder is part of a package (it holds <c>__init__.py</c>),
/// in the whole package. Never outside, and not through links that lead outside.</remarks>
internal sealed class SourceProject
{
    private const int MaxFiles = 200;
    private const int MaxBytes = 8 << 20;
    private readonly ReadLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly KnownPaths _paths;
    private readonly string _folder;
    private readonly Dictionary<string, SourceModule?> _modules = new(StringComparer.Ordinal);

    public SourceProject(ModelSource source, PythonFile file)
    {
        var path = source.Path;
        _limits = source.Limits;
        _cancellation = source.Cancellation;
        _paths = source.Cache.Get<KnownPaths>();
        _folder = Path.GetDirectoryName(path)!;
        var package = _folder;
        var prefix = "";
        for (var depth = 0; depth < 16 && _paths.Exists(Path.Join(package, "__init__.py")) && Path.GetDirectoryName(package) is { } parent; depth++)
        {
            prefix = Path.GetFileName(package) + "." + prefix;
            package = parent;
        }

        Root = package;
        IsPackage = prefix.Length > 0;
        PackageFolder = IsPackage ? Path.Join(Root, prefix[..prefix.IndexOf('.', StringComparison.Ordinal)]) : Root;
        var stem = Path.GetFileNameWithoutExtension(path);
        Main = new(file, path, Path.GetFileName(path), stem == "__init__" ? prefix.TrimEnd('.') : prefix + stem);
        _modules[Main.DottedName] = Main;
    }

    public SourceModule Main { get; }

    /// <summary>The folder in which the first part of a dotted name is sought.</summary>
    private string Root { get; }

    private bool IsPackage { get; }

    private string PackageFolder { get; }

    /// <summary>An imported file by its dotted name; null when it is a library's, missing, or out of bounds.</summary>
    public SourceModule? Find(string dotted)
    {
        if (Libraries.IsFramework(dotted))
        {
            return null;
        }

        if (_modules.TryGetValue(dotted, out var known))
        {
            return known;
        }

        SourceModule? module = null;
        if (_modules.Count < MaxFiles && dotted.Length < 512 && dotted.All(c => char.IsLetterOrDigit(c) || c is '_' or '.') && !dotted.Contains("..", StringComparison.Ordinal))
        {
            module = Load(dotted);
        }

        _modules[dotted] = module;
        return module;
    }

    /// <summary>The dotted name of a relative import.</summary>
    public static string? Absolute(SourceModule from, int level, string? name)
    {
        if (level == 0)
        {
            return name;
        }

        var isPackage = Path.GetFileName(from.Path) == "__init__.py";
        var parts = from.DottedName.Split('.').ToList();
        var drop = isPackage ? level - 1 : level;
        if (drop > parts.Count)
        {
            return null;
        }

        parts.RemoveRange(parts.Count - drop, drop);
        if (name is not null)
        {
            parts.Add(name);
        }

        return parts.Count == 0 ? "" : string.Join('.', parts);
    }

    private SourceModule? Load(string dotted)
    {
        var relative = dotted.Replace('.', Path.DirectorySeparatorChar);
        var bases = IsPackage ? new[] { Root, _folder } : [Root];
        foreach (var start in bases)
        {
            foreach (var candidate in new[] { relative + ".py", Path.Join(relative, "__init__.py") })
            {
                var path = Path.GetFullPath(Path.Join(start, candidate));
                if (path.StartsWith(PackageFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal) && Read(path) is { } file)
                {
                    return new(file, path, Path.GetRelativePath(_folder, path).Replace('\\', '/'), dotted);
                }
            }
        }

        return null;
    }

    private PythonFile? Read(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (!_paths.Exists(path) || !info.Exists || info.Length > Math.Min(MaxBytes, _limits.EntryBytes) || (info.ResolveLinkTarget(returnFinalTarget: true) is { } target && !target.FullName.StartsWith(PackageFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            {
                return null;
            }

            return PythonParser.Parse(File.ReadAllBytes(path), _cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
