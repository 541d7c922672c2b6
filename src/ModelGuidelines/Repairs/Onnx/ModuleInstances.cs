using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Tells which call of a reused module a node belongs to, and how that call's module is called after the repair.</summary>
/// <remarks>Nodes stand in the order in which they run, so a node belongs to the last call of its module that began before it.</remarks>
internal sealed class ModuleInstances(ModelGraph graph, NewNames names)
{
    private readonly Dictionary<int, int[]> _starts = [];
    private readonly Dictionary<(string Parent, int Module), Dictionary<int, string>> _paths = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Adds a module whose further calls become modules of their own.</summary>
    /// <param name="module">Its index.</param>
    /// <param name="starts">Where in <see cref="ModelGraph.Nodes"/> its calls begin, ascending.</param>
    public void Add(int module, int[] starts) => _starts.Add(module, starts);

    /// <summary>The modules around a node, outermost first, with their paths after the repair.</summary>
    /// <param name="node">Index in <see cref="ModelGraph.Nodes"/>.</param>
    /// <param name="innermost">The innermost module that is a new one: its path in the file and after the repair; null when none is new.</param>
    public List<PathChange> Chain(int node, out PathChange? innermost)
    {
        innermost = null;
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
            innermost = isNew ? change : innermost;
            (oldParent, newParent) = (old, path);
        }

        return chain;
    }

    private string Path(int module, string parent, string plain, int node, out bool isNew)
    {
        isNew = false;
        if (!_starts.TryGetValue(module, out var starts))
        {
            return plain;
        }

        var call = Array.BinarySearch(starts, node);
        call = Math.Max(0, call < 0 ? ~call - 1 : call);
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

        isNew = path != plain;
        return path;
    }
}
