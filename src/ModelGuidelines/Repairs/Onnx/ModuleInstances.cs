using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Tells which call of a reused module a node belongs to, and how that call's module is called after the repair.</summary>
/// <remarks>A call whose nodes have a scope of their own is known by it; of Keras, whose exporter sorts the nodes anew, by the operators' numbers.
/// Everywhere else nodes stand in the order in which they run: a node belongs to the last call of its module that began before it.</remarks>
internal sealed class ModuleInstances(ModelGraph graph, NewNames names, char separator)
{
    private readonly Dictionary<int, Dictionary<string, int>> _scopes = [];
    private readonly (int Ordinal, int Count)[]? _ordinals = graph.Framework is Framework.Keras ? Ordinals(graph) : null;
    private readonly Dictionary<int, int[]> _starts = [];
    private readonly Dictionary<int, SourceLocation?[]> _locations = [];
    private readonly Dictionary<(string Parent, int Module), Dictionary<int, string>> _paths = [];
    private readonly Dictionary<int, int> _aliases = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Adds a module whose further calls become modules of their own.</summary>
    /// <param name="module">Its index.</param>
    /// <param name="starts">Where in <see cref="ModelGraph.Nodes"/> its calls begin, ascending.</param>
    /// <param name="locations">Where in the source each of these calls is written.</param>
    public void Add(int module, int[] starts, SourceLocation?[] locations)
    {
        _starts.Add(module, starts);
        _locations.Add(module, locations);
        var scopes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var call = 0; call < starts.Length; call++)
        {
            if (ScopeNames.UpTo(graph.Nodes[starts[call]].Name, graph.Modules[module].QualifiedName, separator) is not { } scope || !scopes.TryAdd(scope, call))
            {
                return; // not one scope for each call
            }
        }

        _scopes.Add(module, scopes);
    }

    /// <summary>Adds a further name of a reused object: its path stays, and becomes that of a module of its own.</summary>
    public void AddAlias(int alias, int module) => _aliases[alias] = module;

    /// <summary>The object behind a name.</summary>
    public int ObjectOf(int module) => _aliases.GetValueOrDefault(module, module);

    /// <summary>The modules around a node, outermost first, with their paths after the repair.</summary>
    /// <param name="node">Index in <see cref="ModelGraph.Nodes"/>.</param>
    /// <param name="innermost">The innermost module that is a new one: its path in the file and after the repair; null when none is new.</param>
    /// <param name="location">Where the call of that module is written, or else where the node comes from; null where the file does not tell.</param>
    public List<PathChange> Chain(int node, out PathChange? innermost, out SourceLocation? location)
    {
        innermost = null;
        location = null;
        var modules = new List<int>();
        for (var m = graph.Nodes[node].Module; m is { } index && modules.Count <= graph.Modules.Length; m = graph.Modules[index].Parent)
        {
            modules.Add(index);
        }

        var chain = new List<PathChange>(modules.Count);
        var oldParent = "";
        var newParent = "";
        for (var i = modules.Count - 1; i >= 0; i--)
        {
            var old = graph.Modules[modules[i]].QualifiedName;
            var plain = newParent == oldParent || !old.StartsWith(oldParent, StringComparison.Ordinal) ? old : newParent + old[oldParent.Length..];
            var path = Path(modules[i], newParent, plain, node, out var isNew);
            var change = new PathChange(old, path);
            chain.Add(change);
            if (isNew)
            {
                innermost = change with { Old = graph.Modules[ObjectOf(modules[i])].QualifiedName };
                location = (_starts.TryGetValue(modules[i], out var starts) ? _locations[modules[i]][CallOf(modules[i], starts, node)] : null) ?? graph.Nodes[node].Location;
            }

            (oldParent, newParent) = (old, path);
        }

        return chain;
    }

    /// <summary>Which of the module's calls, from 0.</summary>
    private int CallOf(int module, int[] starts, int node)
    {
        if (_scopes.TryGetValue(module, out var scopes) && ScopeNames.UpTo(graph.Nodes[node].Name, graph.Modules[module].QualifiedName, separator) is { } scope && scopes.TryGetValue(scope, out var known))
        {
            return known;
        }

        if (_ordinals is not null && _ordinals[node] is var (ordinal, count) && count == starts.Length)
        {
            return ordinal;
        }

        var call = Array.BinarySearch(starts, node);
        return Math.Max(0, call < 0 ? ~call - 1 : call);
    }

    private string Path(int module, string parent, string plain, int node, out bool isNew)
    {
        isNew = _aliases.ContainsKey(module);
        if (!_starts.TryGetValue(module, out var starts))
        {
            return plain;
        }

        var call = CallOf(module, starts, node);
        if (!_paths.TryGetValue((parent, module), out var paths))
        {
            _paths[(parent, module)] = paths = [];
        }

        if (!paths.TryGetValue(call, out var path))
        {
            // The first call within each module around keeps the plain name.
            path = _used.Add(plain) ? plain : names.Next(plain);
            paths[call] = path;
        }

        isNew |= path != plain;
        return path;
    }

    /// <summary>For each node, which of the equal operators of its module it is by its number, and how many there are.</summary>
    private static (int Ordinal, int Count)[] Ordinals(ModelGraph graph)
    {
        var result = new (int, int)[graph.Nodes.Length];
        foreach (var group in Enumerable.Range(0, graph.Nodes.Length).GroupBy(i => (graph.Nodes[i].Module, ScopeNames.Numbered(graph.Nodes[i].Name).Operator)))
        {
            var nodes = group.OrderBy(i => ScopeNames.Numbered(graph.Nodes[i].Name).Number).ToList();
            for (var i = 0; i < nodes.Count; i++)
            {
                result[nodes[i]] = (i, nodes.Count);
            }
        }

        return result;
    }
}
