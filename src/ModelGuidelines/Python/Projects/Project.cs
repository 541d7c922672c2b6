using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Projects;

/// <summary>The audited file and the files that it imports, parsed when a name of theirs is needed.</summary>
/// <remarks>Files are sought in the audited file's folder and below; where that folder is part of a package (it holds <c>__init__.py</c>), in the whole package; and on the
/// search path. Never elsewhere, and not through links that lead elsewhere.</remarks>
internal sealed class Project
{
    private const int MaxFiles = 2_000;
    private const int MaxBytes = 8 << 20;
    private const int MaxData = 1 << 20;
    private readonly ReadBudget _budget;
    private readonly KnownPaths _paths;
    private readonly ParsedFiles _files;
    private readonly LibraryCatalog _libraries;
    private readonly string _folder;
    private readonly FileTrace? _trace;
    private readonly FileHashes? _hashes;
    private readonly IReadOnlyDictionary<string, PythonFile>? _texts;
    private readonly Dictionary<string, SourceModule?> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceModule> _byPath = new(StringComparer.Ordinal);
    private readonly IDictionary<string, (string Path, string Within, bool IsExternal)?> _located;
    private readonly Dictionary<string, FileWords?> _words = new(StringComparer.Ordinal);
    private FileWords? _wordsOfMain;
    private readonly int _beside = int.MaxValue;
    private readonly List<(string Folder, string Within, bool IsExternal)> _roots = [];

    /// <summary>Folders between a file and the folder that the user named in which imports are sought.</summary>
    private const int MaxFolders = 16;

    public Project(string path, PythonFile file, ProjectFiles files, SourceOptions options, LibraryCatalog libraries, ReadBudget budget)
    {
        _budget = budget;
        (_paths, _files) = (files.Paths, files.Parsed);
        (_trace, _hashes, _texts) = (files.Trace, files.Hashes, files.Texts);
        _libraries = libraries;
        _folder = Path.GetDirectoryName(path)!;
        var (package, within, prefix) = PackageOf(_folder);
        var isPackage = prefix.Length > 0;
        _roots.Add((package, within, false));
        if (isPackage)
        {
            _roots.Add((_folder, within, false));

            // A program may be started in any folder of the package, and imports from there.
            _beside = _roots.Count;
            for (var own = Path.GetDirectoryName(_folder)!; own.Length >= within.Length; own = Path.GetDirectoryName(own)!)
            {
                _roots.Add((own, within, false));
            }
        }

        // The project's other packages lie beside this one, in the folder that the user named.
        if (options.Folder is { } named && path.StartsWith(named + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            _beside = Math.Min(_beside, _roots.Count);

            // A folder between may be a project of its own, and is nearer: what is imported is its own, whatever else is called so.
            for (var (above, depth) = (Path.GetDirectoryName(package)!, 0); depth < MaxFolders && above.StartsWith(named + Path.DirectorySeparatorChar, StringComparison.Ordinal); depth++)
            {
                _roots.Add((above, named, false));
                above = Path.GetDirectoryName(above)!;
            }

            _roots.Add((named, named, false));
            _roots.Add((Path.Join(named, "src"), named, false));

            // A folder of it may hold no __init__.py and name the package all the same.
            var around = PackageOf(named);
            if (!isPackage && around.Prefix.Length > 0)
            {
                _roots.Add((around.Parent, around.Within, false));
            }

            prefix = PrefixOf(file, prefix, _folder, named);
        }

        // A folder that is no package by its files may be one by what they import: from basis.models import Net, in basis/models/net.py.
        var whole = options.Folder is { } root && path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? root : package;
        if (Path.GetDirectoryName(whole) is { } outside)
        {
            _beside = Math.Min(_beside, _roots.Count);
            _roots.Add((outside, whole, false));
        }

        _roots.AddRange(options.SearchPath.Select(f => (Path.GetFullPath(f), Path.GetFullPath(f), true)));
        // Files of one folder seek the same names in the same places; a trace is told of each place that one of them asks for.
        _located = (IDictionary<string, (string Path, string Within, bool IsExternal)?>?)(_trace is null ? _paths.In(string.Join('\n', _roots.Select(r => $"{r.Folder}\t{r.Within}\t{r.IsExternal}").Prepend($"{_beside}"))) : null)
            ?? new Dictionary<string, (string Path, string Within, bool IsExternal)?>(StringComparer.Ordinal);
        var stem = Path.GetFileNameWithoutExtension(path);
        Main = new(file, path, Path.GetFileName(path), stem == "__init__" ? prefix.TrimEnd('.') : prefix + stem);
        _modules[Main.DottedName] = Main;
        _byPath[path] = Main;
    }

    /// <summary>The package that a folder is part of: the folder that holds it, its own, and its dotted name with a dot behind it; a folder without <c>__init__.py</c> is in none.</summary>
    private (string Parent, string Within, string Prefix) PackageOf(string folder)
    {
        var prefix = "";
        var within = folder;
        var depth = 0;
        for (; depth < 16 && Exists(Path.Join(folder, "__init__.py")) && Path.GetDirectoryName(folder) is { } parent; depth++)
        {
            prefix = Path.GetFileName(folder) + "." + prefix;
            within = folder;
            folder = parent;
        }

        return (folder, within, prefix);
    }

    /// <summary>The package of a file by what it imports: one that imports from further up than its packages reach lies in folders that are packages without an <c>__init__.py</c>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="prefix">The package by its files, with a dot behind it; empty for none.</param>
    /// <param name="folder">The file's folder.</param>
    /// <param name="named">The folder that the user named, above it.</param>
    internal static string PrefixOf(PythonFile file, string prefix, string folder, string named) =>
        ImportedNames.LevelsAbove(file) > Math.Max(prefix.Count(c => c == '.'), 1) && FoldersOf(folder, named) is { Length: > 0 } folders ? folders : prefix;

    /// <summary>What names a folder below another where no <c>__init__.py</c> says it: Python takes folders for packages, too.</summary>
    private static string FoldersOf(string folder, string named)
    {
        var parts = Path.GetRelativePath(named, folder).Split(Path.DirectorySeparatorChar);
        return parts.All(p => p.Length > 0 && p.All(c => char.IsLetterOrDigit(c) || c is '_')) ? string.Join('.', parts) + "." : "";
    }

    public SourceModule Main { get; }

    public IEnumerable<SourceModule> Modules => _byPath.Values;

    /// <summary>Whether there is a file of that dotted name, without parsing it.</summary>
    public bool Has(string dotted, SourceModule from) => _modules.TryGetValue(dotted, out var known) ? known is not null : Locate(dotted) is not null;

    /// <summary>Whether a dotted name is a package: its file is an <c>__init__.py</c>.</summary>
    public bool IsPackage(string dotted) => (_modules.TryGetValue(dotted, out var known) ? known?.Path : Locate(dotted)?.Path) is { } path && Path.GetFileName(path) == "__init__.py";

    /// <summary>Names by which a file of this project may load others that are there, in the order of its text.</summary>
    public IEnumerable<string> Imports(SourceModule module) => _files.Imports(module).Where(name => Has(name, module));

    /// <summary>An imported file by its dotted name; null when it is a library's, missing, or out of bounds.</summary>
    public SourceModule? Find(string dotted, SourceModule from)
    {
        if (_modules.TryGetValue(dotted, out var known))
        {
            return known;
        }

        SourceModule? module = null;
        if (_byPath.Count < MaxFiles && Locate(dotted) is { } at)
        {
            if (!_byPath.TryGetValue(at.Path, out module) && Read(at.Path, at.Within) is { } file)
            {
                module = new(file, at.Path, Path.GetRelativePath(_folder, at.Path).Replace('\\', '/'), dotted) { IsExternal = at.IsExternal };
                _byPath[at.Path] = module;
            }
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

    /// <summary>The dotted name that an import asks for. A relative one that leads to nothing by the packages that are known is sought by where the file lies: folders are packages without an <c>__init__.py</c>, too.</summary>
    public string? Imported(SourceModule from, ImportFromStatement import)
    {
        var dotted = Absolute(from, import.Level, import.Module);
        bool IsThere(string name) => (name.Length > 0 && Has(name, from)) || import.Names.Any(n => Has(name.Length == 0 ? n.Name : $"{name}.{n.Name}", from));
        if (import.Level == 0 || (dotted is not null && IsThere(dotted)))
        {
            return dotted;
        }

        var folder = from.Path;
        for (var i = 0; i < import.Level && folder is not null; i++)
        {
            folder = Path.GetDirectoryName(folder);
        }

        return _roots.Where(r => folder is not null && (folder + Path.DirectorySeparatorChar).StartsWith(r.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .Select(r => string.Join('.', Path.GetRelativePath(r.Folder, folder!).Split(Path.DirectorySeparatorChar).Where(p => p != ".").Append(import.Module).Where(p => p is not null))).FirstOrDefault(IsThere) ?? dotted;
    }

    private (string Path, string Within, bool IsExternal)? Locate(string dotted) => _located.TryGetValue(dotted, out var known) ? known : _located[dotted] = Sought(dotted);

    private (string Path, string Within, bool IsExternal)? Sought(string dotted)
    {
        foreach (var candidate in Candidates(dotted))
        {
            if (Exists(candidate.Path))
            {
                return candidate;
            }
        }

        return null;
    }

    private bool Exists(string path)
    {
        var exists = _paths.Exists(path);
        _trace?.Asked(path, exists);
        return exists;
    }

    /// <summary>Where a dotted name is sought, in order.</summary>
    public IEnumerable<(string Path, string Within, bool IsExternal)> Candidates(string dotted)
    {
        var first = dotted.Split('.')[0];
        if (dotted.Length is 0 or > 512 || IsFramework(first) || dotted.Contains("..", StringComparison.Ordinal) || !dotted.All(c => char.IsLetterOrDigit(c) || c is '_' or '.'))
        {
            yield break;
        }

        var relative = dotted.Replace('.', Path.DirectorySeparatorChar);
        for (var i = 0; i < _roots.Count; i++)
        {
            var (folder, within, isExternal) = _roots[i];
            if ((i >= _beside || isExternal) && _libraries.IsAside(first))
            {
                continue;
            }

            foreach (var candidate in new[] { relative + ".py", Path.Join(relative, "__init__.py") })
            {
                var path = Path.GetFullPath(Path.Join(folder, candidate));
                if (path.StartsWith(within + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    yield return (path, within, isExternal);
                }
            }
        }
    }

    /// <summary>Libraries whose own files are never read, even beside the audited file: what they mean is known.</summary>
    private static bool IsFramework(string first) => first is "torch" or "keras" or "tf_keras" or "tensorflow" or "numpy" or "jax";

    /// <summary>Whether a file that may be imported and has not run defines or quotes a name; files that have not been parsed are looked at, not parsed.</summary>
    public bool MayMake(string dotted, string name, bool isDefined = false)
    {
        if (_modules.TryGetValue(dotted, out var known))
        {
            return known is { IsRun: false } && Makes(known.File.Text);
        }

        if (Locate(dotted) is not { } at)
        {
            return false;
        }

        return WordsOf(at.Path, at.Within)?.MayMake(name) == true && ReadText(at.Path, at.Within, MostBytes) is { } text && Makes(text);

        bool Makes(string text) => isDefined ? FileWords.Defines(text, name) : FileWords.Makes(text, name);
    }

    /// <summary>Whether a file says a name, other than the file whose name it is; what cannot be read may.</summary>
    public bool Says(string dotted, string name, SourceModule home) => dotted == Main.DottedName ? Main != home && (_wordsOfMain ??= FileWords.Of(Main.File.Text)).Holds(name)
        : Locate(dotted) is { } at && at.Path != home.Path && WordsOf(at.Path, at.Within)?.Holds(name) != false;

    private FileWords? WordsOf(string path, string within)
    {
        if (!_words.TryGetValue(path, out var words))
        {
            _words[path] = words = _texts?.GetValueOrDefault(path) is { } given ? FileWords.Of(given.Text) : Read(path, within, MostBytes, info => _files.Words(path, info));
        }

        return words;
    }

    /// <summary>Files of data that were read so far.</summary>
    public int DataFiles { get; private set; }

    private long MostBytes => Math.Min(MaxBytes, _budget.Limits.EntryBytes);

    /// <summary>The text of a file of data beside the code that asks for it, beside the audited file, or named from a folder above it; null where there is none, where it is large, and where it lies outside what is audited.</summary>
    public string? ReadData(string relative, SourceModule? from)
    {
        if (relative.Length is 0 or > 512 || !relative.All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or '-' or '/' or ' ' or '+'))
        {
            return null;
        }

        // A program is started above its packages too: open("models/net.yaml") in models/net.py. What such a path names still lies inside a root.
        foreach (var folder in Above(_folder).Prepend(Path.GetDirectoryName(from?.Path)).Prepend(_folder))
        {
            var path = folder is null ? null : Path.GetFullPath(Path.Join(folder, relative));
            if (path is null || Path.GetExtension(path) is not (".yaml" or ".yml" or ".json") || _roots.Find(r => path.StartsWith(r.Within + Path.DirectorySeparatorChar, StringComparison.Ordinal)) is not { Within: { } within })
            {
                continue;
            }

            if (Exists(path) && ReadText(path, within, MaxData) is { } text)
            {
                DataFiles++;
                return text;
            }
        }

        return null;
    }

    private static IEnumerable<string> Above(string folder)
    {
        for (var at = Path.GetDirectoryName(folder); at is not null; at = Path.GetDirectoryName(at))
        {
            yield return at;
        }
    }

    /// <exception cref="ModelReadException">All files that are imported take more memory than may be held.</exception>
    private PythonFile? Read(string path, string within)
    {
        var file = _texts?.GetValueOrDefault(path) ?? Read(path, within, MostBytes, info => _files.Get(path, info, _budget.Token));
        _budget.Hold(file?.HeldBytes ?? 0);
        return file;
    }

    /// <summary>A pipe would wait for its writer.</summary>
    private string? ReadText(string path, string within, long most) => _texts?.GetValueOrDefault(path) is { } given ? given.Text
        : Read(path, within, most, _ => FileProperties.KindOf(path) is FileKind.Regular ? File.ReadAllText(path) : throw new IOException("it is no ordinary file"));

    /// <summary>What a file holds, which the trace is told; null where it is larger, lies elsewhere by its links, or cannot be read.</summary>
    private T? Read<T>(string path, string within, long most, Func<FileInfo, T> read)
        where T : class
    {
        try
        {
            var info = new FileInfo(path);
            var stamp = _trace is null ? default : FileStamp.Of(path) ?? default;
            if (info.Length > most || !_paths.IsWithin(path, within))
            {
                _trace?.GiveUp();
                return null;
            }

            var content = read(info);
            _trace?.ReadWhole(path, stamp, _hashes!);
            return content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ModelReadException)
        {
            _trace?.GiveUp();
            return null;
        }
    }
}
