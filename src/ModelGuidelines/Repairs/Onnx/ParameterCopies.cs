using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Finds the initializers that several calls of one module read, and gives every new module copies of its own.</summary>
/// <remarks>Weights that different modules share on purpose stay shared between them.</remarks>
internal sealed class ParameterCopies(OnnxDocument document, ModelGraph graph, NodePlace?[] places, NewNames names, ModuleInstances instances)
{
    private readonly Dictionary<(GraphPlace Graph, string Name), List<Usage>> _usages = [];

    private sealed record Usage(NodePlace Node, int Input, int Module, List<PathChange> Chain, PathChange? Change)
    {
        public string Name => Node.Inputs[Input];
    }

    /// <summary>Notes what a node reads.</summary>
    public void Use(int node, List<PathChange> chain, PathChange? change)
    {
        if (places[node] is not { } place || graph.Nodes[node].Module is not { } module)
        {
            return;
        }

        for (var i = 0; i < place.Inputs.Count; i++)
        {
            if (place.Inputs[i].Length > 0 && OwnerOf(place.Graph, place.Inputs[i]) is { } owner && Source(owner, place.Inputs[i]) is { } source)
            {
                if (!_usages.TryGetValue((owner, source), out var usages))
                {
                    _usages[(owner, source)] = usages = [];
                }

                usages.Add(new(place, i, module, chain, change));
            }
        }
    }

    /// <summary>Plans the copies.</summary>
    public void Apply(OnnxEdits edits, Action<PathChange, Rename> report)
    {
        foreach (var ((owner, source), usages) in _usages)
        {
            if (IsInput(owner, source) || !OnnxTensors.IsParameterLike(document, owner.Initializers[source]))
            {
                continue;
            }

            foreach (var group in usages.GroupBy(u => instances.ObjectOf(u.Module)))
            {
                var keeper = group.First().Chain[^1].New;
                foreach (var instance in group.Where(u => u.Chain[^1].New != keeper).GroupBy(u => u.Chain[^1].New, StringComparer.Ordinal))
                {
                    var chain = instance.First().Chain;
                    var name = DerivationOf(owner, instance.First().Name) is null ? instance.First().Name : source;
                    var copy = NameOf(name, chain);
                    edits.Copy(owner, source, copy);
                    report(instance.First().Change ?? chain[^1], new(source, copy));
                    foreach (var reading in instance.GroupBy(u => DerivationOf(owner, u.Name)))
                    {
                        var value = reading.Key is null ? copy : Derive(reading.Key, copy, chain, edits);
                        foreach (var usage in reading)
                        {
                            edits.Of(usage.Node).Inputs[usage.Input] = value;
                        }
                    }
                }
            }
        }
    }

    /// <summary>The node that transposes an initializer to make that value; null where the value is the initializer, if by another name.</summary>
    private static NodePlace? DerivationOf(GraphPlace owner, string name) => owner.Producers.GetValueOrDefault(name) is { OpType: "Transpose" } node ? node : null;

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
                return IsDerivation(producer) && g.Initializers.ContainsKey(producer.Inputs[0]) ? g : null;
            }
        }

        return null;
    }

    /// <summary>A node that gives an initializer another name, or the same weight transposed.</summary>
    private static bool IsDerivation(NodePlace producer) => producer is { OpType: "Identity" or "Transpose", Domain: "" or "ai.onnx", Inputs.Count: 1, Outputs.Count: 1 };

    /// <summary>A node of its own that transposes the copy.</summary>
    private string Derive(NodePlace node, string copy, List<PathChange> chain, OnnxEdits edits)
    {
        var separator = graph.Framework is Framework.Keras ? '/' : '.';
        var edit = new NodeEdit { Name = document.Free(ScopeNames.InNodeName(node.Name, chain, separator) ?? node.Name), Output = document.Free(node.Outputs[0]) };
        edit.Inputs[0] = copy;
        foreach (var (key, value) in node.Metadata)
        {
            edit.Metadata[key] = key == "namespace" ? ScopeNames.InNamespace(value, chain) : ScopeNames.InNameScopes(value, chain);
        }

        (edits.NodeCopies.TryGetValue(node, out var copies) ? copies : edits.NodeCopies[node] = []).Add(edit);
        return edit.Output;
    }

    /// <summary>The initializer itself: the exporter writes equal tensors once, and an Identity for each other name.</summary>
    private static string? Source(GraphPlace owner, string name) =>
        owner.Initializers.ContainsKey(name) ? name
        : owner.Producers.TryGetValue(name, out var node) && IsDerivation(node) && owner.Initializers.ContainsKey(node.Inputs[0]) ? node.Inputs[0]
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

        return document.Free(name);
    }
}
