using System.Collections.Concurrent;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Every library that is known, and what a dotted name means.</summary>
internal sealed class LibraryCatalog
{
    private readonly Dictionary<string, LibraryRow> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LibraryClass> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Value> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _aliases = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, string To)> _aliasPrefixes = [];
    private readonly List<(string Prefix, PythonLibrary Library)> _prefixes = [];
    private readonly HashSet<string> _first = new(StringComparer.Ordinal);
    private readonly List<PythonLibrary> _libraries;
    private const int MaxKnown = 20_000;
    private readonly ConcurrentDictionary<string, (string Name, LibraryRow? Row)> _known = new(StringComparer.Ordinal);
    private int _knownCount;

    private readonly Version _torch;

    /// <param name="libraries">Those that are known.</param>
    /// <param name="torch">The PyTorch that is assumed; null for <see cref="TorchVersions.Assumed"/>.</param>
    public LibraryCatalog(IEnumerable<PythonLibrary> libraries, Version? torch = null)
    {
        _torch = torch ?? TorchVersions.Assumed;
        _libraries = [.. libraries];
        foreach (var library in _libraries)
        {
            foreach (var prefix in library.Prefixes)
            {
                var start = prefix.Length == 0 ? "" : prefix + ".";
                _prefixes.Add((start, library));
                foreach (var row in library.Rows)
                {
                    _rows[start + row.Name] = row;
                    AddFirst(library, start + row.Name);
                }

                foreach (var type in library.Classes)
                {
                    _classes[start + type.Name] = type;
                    AddFirst(library, start + type.Name);
                }

                foreach (var (name, value) in library.Constants)
                {
                    _constants[start + name] = value;
                }
            }

            foreach (var (from, to) in library.Aliases)
            {
                if (from.EndsWith('.'))
                {
                    _aliasPrefixes.Add((from, to));
                }
                else
                {
                    _aliases[from] = to;
                }
            }
        }

        _prefixes.Sort((a, b) => b.Prefix.Length.CompareTo(a.Prefix.Length));
        _aliasPrefixes.Sort((a, b) => b.Prefix.Length.CompareTo(a.Prefix.Length));
    }

    private void AddFirst(PythonLibrary library, string name)
    {
        if (!library.IsReadFirst)
        {
            _first.Add(name[..name.IndexOf('.', StringComparison.Ordinal)]);
        }
    }

    /// <summary>The libraries that ship with the engine.</summary>
    public static LibraryCatalog Default { get; } = new(All());

    /// <summary>The same with another PyTorch.</summary>
    public static LibraryCatalog For(Version? torch) => torch is null ? Default : new(All(), torch);

    /// <summary>Whether anything of that library is known: its first name part. Files of such a library are not sought in the project.</summary>
    public bool Knows(string firstPart) => _first.Contains(firstPart) || _libraries.Exists(l => l.Knows(firstPart));

    /// <summary>Whether a library computes nothing of a model (os, yaml, PIL): its files tell nothing more.</summary>
    public bool IsAside(string firstPart) => _libraries.OfType<StandardLibrary>().Any(l => l.Knows(firstPart));

    /// <summary>The one name of something that has several.</summary>
    public string Canonical(string name) => Known(name).Name;

    /// <summary>What a function of a library means; null when it is not known.</summary>
    public LibraryRow? Row(string name) => Known(name).Row;

    /// <summary>The same few names are asked for again and again; of a file that makes up names without end not more are kept.</summary>
    private (string Name, LibraryRow? Row) Known(string name)
    {
        if (_known.TryGetValue(name, out var known))
        {
            return known;
        }

        var canonical = Resolve(name);
        var result = (canonical, FindRow(canonical));
        if (Volatile.Read(ref _knownCount) < MaxKnown && name.Length < 200 && _known.TryAdd(name, result))
        {
            Interlocked.Increment(ref _knownCount);
        }

        return result;
    }

    private string Resolve(string name)
    {
        for (var i = 0; i < 4; i++)
        {
            if (_aliases.TryGetValue(name, out var to))
            {
                name = to;
                continue;
            }

            var found = false;
            foreach (var (prefix, target) in _aliasPrefixes)
            {
                if (name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    name = target + name[prefix.Length..];
                    found = true;
                    break;
                }
            }

            if (!found)
            {
                break;
            }
        }

        return name;
    }

    private LibraryRow? FindRow(string name)
    {
        if (_rows.TryGetValue(name, out var row))
        {
            return row;
        }

        foreach (var (prefix, library) in _prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && library.Other(name[prefix.Length..]) is { } other)
            {
                return other;
            }
        }

        return null;
    }

    public LibraryClass? Class(string name) => Known(name) is var (canonical, row) && _classes.GetValueOrDefault(canonical) is { } own ? own
        : row?.Makes is { } made ? _classes.GetValueOrDefault(made) : null;

    /// <summary>Whether a library has that name (<c>hasattr</c>), in the versions that are assumed; null when the tables do not know all of its names.</summary>
    public bool? Has(string name)
    {
        name = Canonical(name);
        if (_rows.ContainsKey(name) || _classes.ContainsKey(name) || _constants.ContainsKey(name))
        {
            return TorchVersions.Has(_torch, name);
        }

        // Of these every public name is listed.
        var dot = name.LastIndexOf('.');
        return dot > 0 && name.AsSpan(0, dot) is "torch.nn.functional" or "torch.nn" or "torch.Tensor" && name[dot + 1] != '_' && name[^1] != '_' ? false : null;
    }

    public Value? Constant(string name) => _constants.GetValueOrDefault(Canonical(name));

    /// <summary>A method of a library's class, or of the classes it derives from.</summary>
    public LibraryMethod<ObjectValue>? Method(LibraryClass type, string name) => Up(type, t => t.Functions.GetValueOrDefault(name));

    /// <summary>The row of a method of a library's class, or of the classes it derives from.</summary>
    public LibraryRow? MethodRow(LibraryClass type, string name) => Up(type, t => t.Methods.FirstOrDefault(m => m.Name == name));

    /// <summary>The nearest answer on the way up a library's classes.</summary>
    public T? Up<T>(LibraryClass? type, Func<LibraryClass, T?> ask)
        where T : class
    {
        for (var depth = 0; type is not null && depth < 16; depth++)
        {
            if (ask(type) is { } answer)
            {
                return answer;
            }

            type = type.Base is null ? null : Class(type.Base);
        }

        return null;
    }

    private static IEnumerable<PythonLibrary> All() =>
    [
        new Builtins(),
        new BuiltinFunctions(),
        new BuiltinIterators(),
        new BuiltinText(),
        new BuiltinLists(),
        new BuiltinDictionaries(),
        new Torch(),
        new TorchTensor(),
        new TorchNn(),
        new TorchNnLayers(),
        new TorchTransformers(),
        new TorchFunctional(),
        new TorchUtilities(),
        new TorchDistributions(),
        new Keras(),
        new KerasLayers(),
        new KerasHub(),
        new TensorFlow(),
        new TensorFlowText(),
        new Torchvision(),
        new StandardMath(),
        new StandardCollections(),
        new StandardItertools(),
        new StandardOperators(),
        new StandardFunctools(),
        new StandardTyping(),
        new StandardArgparse(),
        new StandardRegex(),
        new StandardInspect(),
        new StandardLibrary(),
        new DataFiles(),
        new Numpy(),
        new Einops(),
        new Einx(),
        new Trees(),
        new Timm(),
        new Transformers(),
        new Registries(),
        new OpenMmlab(),
        new ModelLibraries(),
    ];
}
