using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The file to repair and what may know its classes: the imported files that define bases, and those of the folder that was named which mention a class of its.</summary>
internal sealed class SourceFiles
{
    private const int MaxFiles = 400;
    private readonly Dictionary<string, SourceTree?> _trees = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceTree?> _peeked = new(StringComparer.Ordinal);
    private readonly List<SourceTree> _all = [];
    private readonly ReadLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly string _root;
    private readonly RepairFolder? _folder;

    public SourceFiles(SourceTree main, RepairFolder? folder, ReadLimits limits, CancellationToken cancellation)
    {
        Main = main;
        _limits = limits;
        _cancellation = cancellation;
        _trees[main.Path] = main;
        var root = System.IO.Path.GetDirectoryName(main.Path)!;
        for (var depth = 0; depth < 16 && File.Exists(System.IO.Path.Join(root, "__init__.py")) && System.IO.Path.GetDirectoryName(root) is { } parent; depth++)
        {
            root = parent;
        }

        _root = root;
        _folder = folder;
        _all.Add(main);

        // Who has an object by a function that makes one need not name its class.
        var words = main.Nodes.OfType<ClassDefinition>().Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        for (var found = -1; found != Makers.Count && words.Count > 0;)
        {
            found = Makers.Count;
            Makers.UnionWith(main.File.Statements.OfType<FunctionDefinition>().Where(f => f.Name is not "main" && f.Body.SelectMany(SourceTree.Below).Any(n => n is NameExpression { Name: var name } && (words.Contains(name) || Makers.Contains(name)))).Select(f => f.Name));
        }

        foreach (var path in folder?.FilesThatMention(words, cancellation) ?? [])
        {
            Load(path);
        }

        foreach (var path in folder?.FilesThatMention(Makers, cancellation) ?? [])
        {
            if (Peek(path) is { } tree && CallsMaker(tree))
            {
                Load(path);
            }
        }
    }

    /// <summary>Functions of the file that make objects of its classes.</summary>
    private HashSet<string> Makers { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a file imports a function of this one that makes such objects, from it or from the package that it stands in.</summary>
    public bool CallsMaker(SourceTree tree) => tree != Main && Makers.Count > 0 && tree.Nodes.Exists(n => n switch
    {
        NameExpression e => Makers.Contains(e.Name) && (tree.Find(e.Name, e) is not { } binding ? tree.Nodes.Exists(i => i is ImportFromStatement { Names: [{ Name: "*" }] } all && IsMain(new string('.', all.Level) + all.Module)) : binding.Import is { } path && IsMain(path[..Math.Max(0, path.LastIndexOf('.'))])),
        AttributeExpression a => Makers.Contains(a.Name) && tree.Resolve(a.Value) is { } of && IsMain(of),
        _ => false,
    });

    private bool IsMain(string module)
    {
        var last = module[(module.LastIndexOf('.') + 1)..];
        return last.Length == 0 || last == System.IO.Path.GetFileNameWithoutExtension(Main.Path) || last == System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Main.Path));
    }

    /// <summary>A file of the folder, none of those at hand, that changes an attribute of that name of some object from outside; null: none.</summary>
    public string? ChangedElsewhere(string attribute) => _folder?.FilesThatChange(attribute, _cancellation).FirstOrDefault(p => !_all.Exists(t => t.Path == p));

    public SourceTree Main { get; }

    /// <summary>Those that were read so far: imported files are read when a class of theirs is asked for.</summary>
    public List<SourceTree> All => [.. _all];

    /// <summary>Whether some file that may matter was left out.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>The class behind an expression at a place: one of these files, following imports.</summary>
    public SourceClass? ClassOf(SourceTree tree, Expression expression, int depth = 0)
    {
        if (depth > 8)
        {
            return null;
        }

        if (expression is NameExpression name)
        {
            switch (tree.Find(name.Name, name))
            {
                case { All: [{ By: ClassDefinition type }] }:
                    return new(tree, type);
                case null:
                    return Starred(tree, name.Name, Named, depth);
            }
        }

        return tree.Resolve(expression) is { } path && path.LastIndexOf('.') is var dot and > 0 && FileOf(tree, path[..dot]) is { } file ? Named(file, path[(dot + 1)..], depth) : null;
    }

    /// <summary>The function behind an imported name, in the file that defines it; null where that is none of the files at hand.</summary>
    public (SourceTree Tree, FunctionDefinition Function)? FunctionOf(SourceTree tree, Expression expression) =>
        expression is NameExpression name && tree.Find(name.Name, name) is null ? Starred(tree, name.Name, FunctionNamed, 0)
        : tree.Resolve(expression) is { } path && path.LastIndexOf('.') is var dot and > 0 && FileOf(tree, path[..dot]) is { } file ? FunctionNamed(file, path[(dot + 1)..], 0) : null;

    /// <summary>Files that bring all names of another, one behind the other; each may bring those of many.</summary>
    private const int MaxStarred = 3;

    /// <summary>What a name stands for that a file has by <c>from .layers import *</c>: the last that may bring it counts.</summary>
    private T? Starred<T>(SourceTree tree, string name, Func<SourceTree, string, int, T?> find, int depth)
    {
        if (depth < MaxStarred && !name.StartsWith('_'))
        {
            foreach (var import in tree.Nodes.OfType<ImportFromStatement>().Where(i => i.Names is [{ Name: "*" }]).Reverse())
            {
                if (FileOf(tree, new string('.', import.Level) + import.Module) is not { } file)
                {
                    return default;
                }

                if (find(file, name, depth + 1) is { } found)
                {
                    return found;
                }
            }
        }

        return default;
    }

    private (SourceTree Tree, FunctionDefinition Function)? FunctionNamed(SourceTree tree, string name, int depth) => tree.Module.Find(name) switch
    {
        null => Starred(tree, name, FunctionNamed, depth),
        { All: [{ By: FunctionDefinition function }] } => (tree, function),
        { Import: { } path } when depth < 8 && path.LastIndexOf('.') is var dot and > 0 && FileOf(tree, path[..dot]) is { } file => FunctionNamed(file, path[(dot + 1)..], depth + 1),
        _ => null,
    };

    /// <summary>The class that an import of a file brings in by a name.</summary>
    public SourceClass? ClassImported(SourceTree tree, ImportAlias name) => Named(tree, name.Alias ?? name.Name, 0);

    private SourceClass? Named(SourceTree tree, string name, int depth) => tree.Module.Find(name) switch
    {
        null => Starred(tree, name, Named, depth),
        { All: [{ By: ClassDefinition type }] } => new(tree, type),
        { Import: { } path } when depth < 8 && path.LastIndexOf('.') is var dot and > 0 && FileOf(tree, path[..dot]) is { } file => Named(file, path[(dot + 1)..], depth + 1),
        _ => null,
    };

    /// <summary>The file of a module name, which begins with dots where it is relative.</summary>
    private SourceTree? FileOf(SourceTree from, string module) => Candidates(from, module).Select(Load).FirstOrDefault(t => t is not null);

    /// <summary>The class of that name that some file at hand defines or imports.</summary>
    public SourceClass? ClassNamed(string name)
    {
        foreach (var tree in All)
        {
            if (Named(tree, name, 0) is { } found)
            {
                return found;
            }
        }

        return All.SelectMany(t => t.Nodes.OfType<ClassDefinition>().Where(c => c.Name == name).Select(c => new SourceClass(t, c))).FirstOrDefault();
    }

    /// <summary>The class of a module that some import leads to, however many files lie between; these are read, but are none of the files at hand.</summary>
    /// <param name="name">The class.</param>
    /// <param name="file">The file that defines it, without folder and extension.</param>
    public SourceClass? ClassBehindImports(string name, string file)
    {
        var seen = new HashSet<string>(_all.Select(t => t.Path), StringComparer.Ordinal);
        var pending = new Queue<SourceTree>(_all);
        while (pending.TryDequeue(out var tree) && seen.Count < MaxFiles)
        {
            foreach (var path in tree.Nodes.OfType<ImportFromStatement>().Select(i => new string('.', i.Level) + i.Module).Distinct().SelectMany(m => Candidates(tree, m)).Where(seen.Add))
            {
                if (Peek(path) is not { } found)
                {
                    continue;
                }

                if (System.IO.Path.GetFileNameWithoutExtension(path) == file && found.Module.Find(name) is { All: [{ By: ClassDefinition type }] })
                {
                    return new(found, type);
                }

                pending.Enqueue(found);
            }
        }

        return null;
    }

    private SourceTree? Peek(string path) =>
        _trees.TryGetValue(path, out var known) || _peeked.TryGetValue(path, out known) ? known : _peeked[path] = Read(path);

    private IEnumerable<string> Candidates(SourceTree from, string module)
    {
        var dots = module.Length - module.TrimStart('.').Length;
        var names = module.TrimStart('.').Replace('.', System.IO.Path.DirectorySeparatorChar);
        var here = System.IO.Path.GetDirectoryName(from.Path)!;
        var starts = new List<string>();
        if (dots == 0)
        {
            starts.AddRange([_root, here]);
        }
        else
        {
            for (var i = 1; i < dots && here.Length > _root.Length; i++)
            {
                here = System.IO.Path.GetDirectoryName(here) ?? here;
            }

            starts.Add(here);
        }

        foreach (var start in starts.Distinct(StringComparer.Ordinal).Where(s => s.StartsWith(_root, StringComparison.Ordinal)))
        {
            yield return System.IO.Path.Join(start, names + ".py");
            yield return System.IO.Path.Join(start, names, "__init__.py");
        }
    }

    private SourceTree? Load(string path)
    {
        if (_trees.TryGetValue(path, out var known))
        {
            return known;
        }

        if (_trees.Count >= MaxFiles)
        {
            IsCutShort = true;
            return null;
        }

        var tree = _peeked.GetValueOrDefault(path) ?? Read(path);
        if (tree is not null)
        {
            _all.Add(tree);
        }

        return _trees[path] = tree;
    }

    private SourceTree? Read(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (info.Exists && info.LinkTarget is null && info.Length <= Math.Min(8 << 20, _limits.EntryBytes) && FileProperties.KindOf(path) is FileKind.Regular)
            {
                return new(PythonParser.Parse(File.ReadAllBytes(path), _cancellation), path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody can import it either.
        }

        return null;
    }
}

/// <summary>A class and the file that it stands in.</summary>
internal sealed record SourceClass(SourceTree Tree, ClassDefinition Node)
{
    public string Name => Node.Name;

    public IEnumerable<FunctionDefinition> Methods => Node.Body.OfType<FunctionDefinition>();

    public FunctionDefinition? MethodNamed(string name) => Methods.LastOrDefault(m => m.Name == name);
}

/// <summary>The folder that a run was given: which of its Python files say which words. Shared by the repairs of one run.</summary>
public sealed class RepairFolder(string folder)
{
    private const int MaxFiles = 20_000;
    private readonly object _gate = new();
    private List<(string Path, HashSet<string> Words)>? _files;

    private readonly Dictionary<string, HashSet<string>> _changed = new(StringComparer.Ordinal);

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
        foreach (var path in Directory.EnumerateFiles(folder, "*.py", options).Take(MaxFiles).Order(StringComparer.Ordinal))
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
