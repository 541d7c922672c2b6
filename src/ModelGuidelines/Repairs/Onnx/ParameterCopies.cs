using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Finds the initializers that several calls of one module read, and gives every new module copies of its own.</summary>
/// <remarks>Weights that different modules share on purpose stay shared between them.</remarks>
internal sealed class ParameterCopies(OnnxDocument document, ModelGraph graph, NodePlace?[] places, NewNames names, ModuleInstances instances)
{
    private readonly Dictionary<(GraphPlace Graph, string Name), List<Usage>> _usages = [];

    private sealed record Usage(NodePlace Node, int Input, int Module, List<PathChange> Chain, PathChange? Change);

    /// <summary>Notes what a node reads.</summary>
    public void Use(int node, List<PathChange> chain, PathChange? change)
    {
        if (places[node] is not { } place || graph.Nodes[node].Module is not { } module)
        {
            return;
        }

        for (var i = 0; i < place.Inputs.Count; i++)
        {
            if (place.Inputs[i].Length > 0 && OwnerOf(place.Graph, place.Inputs[i]) is { } owner)
            {
                var key = (owner, place.Inputs[i]);
                if (!_usages.TryGetValue(key, out var usages))
                {
                    _usages[key] = usages = [];
                }

                usages.Add(new(place, i, module, chain, change));
            }
        }
    }

    /// <summary>Plans the copies.</summary>
    public void Apply(OnnxEdits edits, Action<PathChange, Rename> report)
    {
        foreach (var ((owner, name), usages) in _usages)
        {
            if (Source(owner, name) is not { } source || IsInput(owner, source) || !OnnxTensors.IsParameterLike(document, owner.Initializers[source]))
            {
                continue;
            }

            foreach (var group in usages.GroupBy(u => instances.ObjectOf(u.Module)))
            {
                var keeper = group.First().Chain[^1].New;
                foreach (var instance in group.Where(u => u.Chain[^1].New != keeper).GroupBy(u => u.Chain[^1].New, StringComparer.Ordinal))
                {
                    var chain = instance.First().Chain;
                    var copy = NameOf(name, chain);
                    edits.Copy(owner, source, copy);
                    report(instance.First().Change ?? chain[^1], new(name, copy));
                    foreach (var usage in instance)
                    {
                        edits.Of(usage.Node).Inputs[usage.Input] = copy;
                    }
                }
            }
        }
    }

    /// <summary>The graph in which an initializer of that name, or an Identity of one, is visible from here.</summary>
    private static GraphPlace? OwnerOf(GraphPlace graph, string name)
    {
        for (var g = graph; g is not null; g = g.Outer)
        {
            if (g.Initializers.ContainsKey(name))
            {
                return g;
            }

            if (g.Producers.TryGetValue(name, out var producer))
            {
                return producer is { OpType: "Identity", Inputs: [var input] } && g.Initializers.ContainsKey(input) ? g : null;
            }
        }

        return null;
    }

    /// <summary>The initializer itself: the exporter writes equal tensors once, and an Identity for each other name.</summary>
    private static string? Source(GraphPlace owner, string name) =>
        owner.Initializers.ContainsKey(name) ? name
        : owner.Producers.TryGetValue(name, out var identity) && owner.Initializers.ContainsKey(identity.Inputs[0]) ? identity.Inputs[0]
        : null;

    /// <summary>From IR version 4 on an initializer that is also an input may be given at run time: then it has to stay one.</summary>
    private bool IsInput(GraphPlace owner, string source) => document.IrVersion >= 4 && owner.Inputs.Contains(source);

    /// <summary><c>encoder.conv1.weight</c> becomes <c>encoder2.conv1.weight</c>; a name that shows no module gets a number.</summary>
    private string NameOf(string name, List<PathChange> chain)
    {
        string? copy = null;
        for (var i = chain.Count - 1; i >= 0 && copy is null; i--)
        {
            var (old, changed) = chain[i];
            if (old.Length > 0 && name.StartsWith(old, StringComparison.Ordinal) && old != changed && name.Length > old.Length && name[old.Length] is '.' or '/')
            {
                copy = changed + name[old.Length..];
            }
        }

        // tf2onnx: the name of the node that read the variable.
        copy ??= ScopeNames.InNodeName(name, chain, graph.Framework is Framework.Keras ? '/' : '.');
        if (copy is null && name.LastIndexOf('.') is var dot and > 0 && !name.Contains(':', StringComparison.Ordinal))
        {
            copy = $"{chain[^1].New}.{name[(dot + 1)..]}"; // tied: it bears the name of another module
        }

        if (copy is not null && document.Names.Add(copy))
        {
            names.TryTake(copy);
            return copy;
        }

        for (var i = 2; ; i++)
        {
            copy = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
            if (document.Names.Add(copy))
            {
                return copy;
            }
        }
    }
}
