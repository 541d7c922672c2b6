using ModelGuidelines.Formats.Keras;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>The calls of one graph of layers, with the places where they are written.</summary>
internal sealed class ContainerGraph
{
    private readonly Dictionary<string, KerasLayer> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<KerasLayer, (int Inner, int Border)> _bases = [];

    private ContainerGraph(KerasLayer container) => Container = container;

    public KerasLayer Container { get; }

    /// <summary>The tensors of each layer's calls.</summary>
    public Dictionary<KerasLayer, List<List<LayerReference>>> Calls { get; } = [];

    public List<LayerReference> Inputs { get; private set; } = [];

    public List<LayerReference> Outputs { get; private set; } = [];

    /// <summary>Whether Keras has the layers in the order of the file, as far as that order can be told: then it can be told for a repaired graph too.</summary>
    public bool HasKnownOrder { get; private set; }

    /// <param name="container">A graph of layers.</param>
    /// <param name="spanOf">Where an entry stands.</param>
    /// <param name="graph">The calls; null when there is a problem.</param>
    /// <returns>What is in the way of rewriting it; null when nothing is.</returns>
    public static string? Read(KerasLayer container, Func<KerasLayer, JsonSpan> spanOf, out ContainerGraph? graph)
    {
        graph = null;
        var result = new ContainerGraph(container);
        var config = spanOf(container)["config"]!;
        if (config["layers"]!.Items.Count != container.Children.Count)
        {
            return $"the layers of {KerasText.Quote(container)} are not all entries of layers";
        }

        foreach (var child in container.Children)
        {
            if (!result._byName.TryAdd(child.Name, child))
            {
                return $"{KerasText.Quote(container)} has two layers of the name '{child.Name}'";
            }
        }

        var siblings = result._byName.Keys.ToHashSet(StringComparer.Ordinal);
        var isKeras3 = false;
        foreach (var child in container.Children)
        {
            var nodes = spanOf(child)["inbound_nodes"] is { IsArray: true } written ? written.Items : [];
            isKeras3 |= nodes.Exists(n => n.IsObject);
            result.Calls[child] = [.. nodes.Select(n => LayerReference.OfNode(n, siblings))];
        }

        result.Inputs = LayerReference.OfBorder(config["input_layers"], siblings);
        result.Outputs = LayerReference.OfBorder(config["output_layers"], siblings);
        if (result.FindBases(isKeras3) is { } problem)
        {
            return problem;
        }

        graph = result;
        result.HasKnownOrder = result.IsInOrder();
        return null;
    }

    public KerasLayer? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Which of the layer's calls a tensor comes from, from 0.</summary>
    public int CallOf(LayerReference tensor, KerasLayer layer, bool isBorder) =>
        layer.Nodes.Count < 2 ? 0 : tensor.Node - (isBorder ? _bases[layer].Border : _bases[layer].Inner);

    /// <summary>The number of a layer's first call, as the generation writes it.</summary>
    public int FirstNumber(KerasLayer layer, bool isBorder) => isBorder ? _bases[layer].Border : _bases[layer].Inner;

    /// <summary>The generations count calls differently: a nested model's own definition is its call 0 in Keras 2, and in Keras 3 for the graph's outputs only.</summary>
    private string? FindBases(bool isKeras3)
    {
        var inner = Calls.Values.SelectMany(c => c).SelectMany(r => r).ToLookup(r => r.Layer, StringComparer.Ordinal);
        var border = Outputs.ToLookup(r => r.Layer, StringComparer.Ordinal);
        foreach (var child in Container.Children.Where(c => c.Nodes.Count > 1))
        {
            (int, int)[] candidates = isKeras3 ? [(0, child.Kind is KerasLayerKind.Graph ? 1 : 0), (0, 0), (0, 1)] : [(0, 0), (1, 1)];
            var found = false;
            foreach (var (first, firstBorder) in candidates)
            {
                var calls = inner[child.Name].Select(r => r.Node - first).Concat(border[child.Name].Select(r => r.Node - firstBorder)).ToHashSet();
                if (calls.Count == child.Nodes.Count && calls.Min() == 0 && calls.Max() == calls.Count - 1)
                {
                    _bases[child] = (first, firstBorder);
                    found = true;
                    break;
                }
            }

            if (!found)
            {
                return $"the file's numbers of the calls of {KerasText.Quote(child)} do not tell which result is whose: not every call's is used, or they are counted in an unknown way";
            }
        }

        return null;
    }

    private bool IsInOrder()
    {
        var index = Container.Children.Select((c, i) => (c, i)).ToDictionary(p => p.c, p => p.i);
        var calls = new List<LayerOrder.Call>();
        var firstCall = new Dictionary<KerasLayer, int>();
        foreach (var child in Container.Children)
        {
            firstCall[child] = calls.Count;
            calls.AddRange(Enumerable.Range(0, Math.Max(1, child.Nodes.Count)).Select(_ => new LayerOrder.Call(index[child], [])));
        }

        foreach (var child in Container.Children)
        {
            for (var i = 0; i < Calls[child].Count; i++)
            {
                calls[firstCall[child] + i].Inputs.AddRange(Calls[child][i].Select(r => Target(r, isBorder: false)));
            }
        }

        var order = LayerOrder.Sort(index.Count, calls, Inputs.Where(r => _byName.ContainsKey(r.Layer)).Select(r => index[_byName[r.Layer]]), Outputs.Select(r => Target(r, isBorder: true)));
        return order is not null && order.SequenceEqual(Enumerable.Range(0, index.Count));

        int Target(LayerReference tensor, bool isBorder) => firstCall[_byName[tensor.Layer]] + CallOf(tensor, _byName[tensor.Layer], isBorder);
    }
}
