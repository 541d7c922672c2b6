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
    private readonly Dictionary<SourceTree, List<(CallExpression Call, (SourceTree Tree, PythonNode Definition)? Behind)>> _callsElsewhere = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<SourceTree> _used = new(ReferenceEqualityComparer.Instance);
    private readonly ProjectTexts _texts;
    private readonly CancellationToken _cancellation;
    private readonly string _root;
    private readonly string _base;
    private readonly RepairFolder? _folder;

    /// <param name="main">The file in which most of what is changed stands.</param>
    /// <param name="base">The audited file, from whose folder findings name files.</param>
    /// <param name="texts">What files hold.</param>
    /// <param name="folder">The folder that was named; null: only what a file imports is looked at.</param>
    /// <param name="cancellation">Whether somebody still waits.</param>
    public SourceFiles(SourceTree main, string @base, ProjectTexts texts, RepairFolder? folder, CancellationToken cancellation)
    {
        Main = main;
        _base = System.IO.Path.GetDirectoryName(@base)!;
        _texts = texts;
        _cancellation = cancellation;
        _trees[main.Path] = main;
        _root = RootOf(main.Path);
        _folder = folder;
        _all.Add(main);
        if (@base != main.Path)
        {
            Load(@base);
        }

        LoadUsers(main);
    }

    private void LoadUsers(SourceTree main)
    {
        // Who has an object by a function that makes one need not name its class.
        var words = main.Nodes.OfType<ClassDefinition>().Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        Makers.UnionWith(ObjectMakers.Of(main, words));
        foreach (var path in _folder?.FilesThatMention(words, _cancellation) ?? [])
        {
            Load(path);
        }

        foreach (var path in _folder?.FilesThatMention(Makers, _cancellation) ?? [])
        {
            if (Peek(path) is { } tree && CallsMaker(tree))
            {
                Load(path);
            }
        }

        // backbone.__dict__[name]()
        if (Makers.Count + words.Count > 0 && _folder is not null)
        {
            var byName = _folder.FilesThatMention([System.IO.Path.GetFileNameWithoutExtension(main.Path)], _cancellation).ToHashSet(StringComparer.Ordinal);
            foreach (var path in _folder.FilesThatMention(["__dict__", "getattr"], _cancellation).Where(byName.Contains))
            {
                if (Peek(path) is { } tree && CallsMaker(tree))
                {
                    Load(path);
                }
            }
        }
    }

    /// <summary>Functions of the file that make objects of its classes, and tables of these.</summary>
    private HashSet<string> Makers { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a file imports a function of this one that makes such objects, from it or from the package that it stands in.</summary>
    public bool CallsMaker(SourceTree tree) => tree != Main && tree.Nodes.Exists(n => n switch
    {
        AttributeExpression { Name: "__dict__" } a => tree.Resolve(a.Value) is { } of && IsMain(of),
        CallExpression { Function: NameExpression { Name: "getattr" }, Arguments: [{ Value: NameExpression or AttributeExpression } asked, { Value: not StringExpression }, ..] } => tree.Resolve(asked.Value) is { } of && IsMain(of),
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

    /// <summary>The full path of the file that a finding names.</summary>
    public string FullPath(Models.SourceLocation location) => System.IO.Path.GetFullPath(System.IO.Path.Join(_base, location.File));

    /// <summary>A place as findings name it.</summary>
    public Models.SourceLocation LocationOf(SourceTree tree, int line, int? column) => new(System.IO.Path.GetRelativePath(_base, tree.Path).Replace('\\', '/'), line, column);

    /// <summary>The file that a finding names, where it can be read, with those that use its classes.</summary>
    public SourceTree? TreeOf(Models.SourceLocation location)
    {
        var tree = Load(FullPath(location));
        if (tree is not null)
        {
            Use(tree);
        }

        return tree;
    }

    /// <summary>The file of a full path, where it can be read.</summary>
    public SourceTree? TreeAt(string path) => Load(path);

    /// <summary>Takes in the files that use the classes of a further one, which is to be changed.</summary>
    public void Use(SourceTree tree)
    {
        if (tree != Main && _used.Add(tree))
        {
            LoadUsers(tree);
        }
    }

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

    /// <summary>Calls of what files of the project define, which are read where they are none of the files at hand; with those of a library's functions that go through the layers of a module.</summary>
    public List<(CallExpression Call, (SourceTree Tree, PythonNode Definition)? Behind)> CallsElsewhere(SourceTree tree)
    {
        if (!_callsElsewhere.TryGetValue(tree, out var known))
        {
            var behind = new Dictionary<string, (SourceTree Tree, PythonNode Definition)?>(StringComparer.Ordinal);
            known = [];
            foreach (var call in tree.Nodes.OfType<CallExpression>().Where(c => c.Function is NameExpression or AttributeExpression && c.Arguments.Length > 0 && (tree.Resolve(c.Function) is not null || (c.Function is NameExpression n && tree.Find(n.Name, n) is null or { All: [{ By: ClassDefinition or FunctionDefinition }] }))))
            {
                var name = tree.Text(call.Function);
                var found = behind.TryGetValue(name, out var before) ? before : behind[name] = Behind(tree, call.Function);
                if (found is not null || (KnownNames.Method(Chain.Last(call.Function), Does.Walks) && tree.Resolve(call.Function) is not null))
                {
                    known.Add((call, found));
                }
            }

            _callsElsewhere[tree] = known;
        }

        return known;
    }

    /// <summary>The class or function of the project that a name stands for; its file is read, but is none of the files at hand.</summary>
    private (SourceTree Tree, PythonNode Definition)? Behind(SourceTree tree, Expression name) => tree.Resolve(name) is { } path && path.LastIndexOf('.') is var dot and > 0 ? Defined(tree, path[..dot], path[(dot + 1)..], 0)
        : name is not NameExpression n ? null
        : tree.Find(n.Name, n) switch
        {
            null => DefinedStarred(tree, n.Name, 0),
            { All: [{ By: ClassDefinition or FunctionDefinition } own] } => (tree, own.By),
            _ => null,
        };

    private (SourceTree Tree, PythonNode Definition)? Defined(SourceTree from, string module, string name, int depth)
    {
        if (depth > MaxStarred || Candidates(from, module).Select(Peek).FirstOrDefault(t => t is not null) is not { } tree)
        {
            return null;
        }

        return tree.Module.Find(name) switch
        {
            null => DefinedStarred(tree, name, depth),
            { All: [{ By: ClassDefinition or FunctionDefinition } only] } => (tree, only.By),
            { Import: { } path } when path.LastIndexOf('.') is var dot and > 0 => Defined(tree, path[..dot], path[(dot + 1)..], depth + 1),
            _ => null,
        };
    }

    private (SourceTree Tree, PythonNode Definition)? DefinedStarred(SourceTree tree, string name, int depth) =>
        tree.Nodes.OfType<ImportFromStatement>().Where(i => i.Names is [{ Name: "*" }]).Reverse().Select(i => Defined(tree, new string('.', i.Level) + i.Module, name, depth + 1)).FirstOrDefault(d => d is not null);

    private SourceTree? Peek(string path) =>
        _trees.TryGetValue(path, out var known) || _peeked.TryGetValue(path, out known) ? known : _peeked[path] = Read(path);

    /// <summary>The folder that holds the package of a file; its own folder where it is in none.</summary>
    public static string RootOf(string path)
    {
        var root = System.IO.Path.GetDirectoryName(path)!;
        for (var depth = 0; depth < 16 && File.Exists(System.IO.Path.Join(root, "__init__.py")) && System.IO.Path.GetDirectoryName(root) is { } parent; depth++)
        {
            root = parent;
        }

        return root;
    }

    /// <summary>Full paths of the files that a file may import.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">What it holds.</param>
    /// <param name="audited">Another file, from whose package names are sought too.</param>
    public static IEnumerable<string> Imports(string path, PythonFile file, string audited) => file.Statements.SelectMany(SourceTree.Below).SelectMany(n => n switch
    {
        ImportStatement i => i.Names.Select(a => a.Name),
        ImportFromStatement i when new string('.', i.Level) + i.Module is var module => i.Names.Select(a => module.EndsWith('.') || module.Length == 0 ? module + a.Name : $"{module}.{a.Name}").Append(module),
        _ => Enumerable.Empty<string>(),
    }).Distinct(StringComparer.Ordinal).SelectMany(m => Candidates(path, RootOf(path), m).Concat(m.StartsWith('.') ? [] : Candidates(audited, RootOf(audited), m)));

    private IEnumerable<string> Candidates(SourceTree from, string module) => Candidates(from.Path, _root, module);

    private static IEnumerable<string> Candidates(string from, string root, string module)
    {
        var dots = module.Length - module.TrimStart('.').Length;
        var names = module.TrimStart('.').Replace('.', System.IO.Path.DirectorySeparatorChar);
        var here = System.IO.Path.GetDirectoryName(from)!;
        var starts = new List<string>();
        if (dots == 0)
        {
            starts.AddRange([root, here]);
        }
        else
        {
            for (var i = 1; i < dots && here.Length > root.Length; i++)
            {
                here = System.IO.Path.GetDirectoryName(here) ?? here;
            }

            starts.Add(here);
        }

        foreach (var start in starts.Distinct(StringComparer.Ordinal).Where(s => s.StartsWith(root, StringComparison.Ordinal)))
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

    private SourceTree? Read(string path) => _texts.Read(path) is { } file ? new(file, path) : null;
}

/// <summary>A class and the file that it stands in.</summary>
internal sealed record SourceClass(SourceTree Tree, ClassDefinition Node)
{
    public string Name => Node.Name;

    public IEnumerable<FunctionDefinition> Methods => Node.Body.OfType<FunctionDefinition>();

    public FunctionDefinition? MethodNamed(string name) => Methods.LastOrDefault(m => m.Name == name);
}
