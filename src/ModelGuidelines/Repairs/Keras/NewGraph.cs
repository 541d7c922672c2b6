using ModelGuidelines.Formats.Keras;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Orders the layers of a graph whose layers were split.</summary>
internal static class NewGraph
{
    public static List<NewLayer> InOrder(List<NewLayer> layers, ContainerGraph graph, Func<KerasLayer, bool> isSplit)
    {
        var calls = new List<LayerOrder.Call>();
        var callOf = new Dictionary<(KerasLayer, int), int>();
        var owners = new List<(KerasLayer Source, int Call)>();
        for (var i = 0; i < layers.Count; i++)
        {
            var source = layers[i].Source;
            var (first, count) = layers[i].Call is { } only ? (only, 1) : (0, Math.Max(1, source.Nodes.Count));
            for (var call = first; call < first + count; call++)
            {
                callOf[(source, call)] = calls.Count;
                calls.Add(new(i, []));
                owners.Add((source, call));
            }
        }

        for (var i = 0; i < calls.Count; i++)
        {
            if (graph.Calls[owners[i].Source] is { Count: > 0 } written)
            {
                calls[i].Inputs.AddRange(written[owners[i].Call].Select(r => Target(r, isBorder: false)));
            }
        }

        var inputs = graph.Inputs.Select(r => calls[Target(r, isBorder: true)].Layer);
        return LayerOrder.Sort(layers.Count, calls, inputs, graph.Outputs.Select(r => Target(r, isBorder: true))) is { } order ? [.. order.Select(i => layers[i])] : layers;

        int Target(LayerReference tensor, bool isBorder)
        {
            var source = graph.Find(tensor.Layer)!;
            return callOf[(source, graph.CallOf(tensor, source, isBorder))];
        }
    }
}
