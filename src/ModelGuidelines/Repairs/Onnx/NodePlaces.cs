using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Finds the places in the file of the nodes that the reader speaks of.</summary>
internal static class NodePlaces
{
    /// <summary>One per node of the model graph; null where the node has no place of its own.</summary>
    public static NodePlace?[] Find(OnnxDocument document, ModelGraph graph)
    {
        var places = new NodePlace?[graph.Nodes.Length];
        var free = document.Graphs.ToList();
        foreach (var group in Enumerable.Range(0, graph.Nodes.Length).GroupBy(i => graph.Nodes[i].Graph, StringComparer.Ordinal))
        {
            var nodes = group.ToList();
            var match = free.Find(g => g.Nodes.Count == nodes.Count && (group.Key.Length > 0 || g == document.Main)
                && g.Nodes.Zip(nodes).All(p => p.First.Operator == graph.Nodes[p.Second].OpType && p.First.Name == graph.Nodes[p.Second].Name));
            if (match is null)
            {
                continue;
            }

            free.Remove(match);
            for (var i = 0; i < nodes.Count; i++)
            {
                places[nodes[i]] = match.Nodes[i];
            }
        }

        return places;
    }
}
