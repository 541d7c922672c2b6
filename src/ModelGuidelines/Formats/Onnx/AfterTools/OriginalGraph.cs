namespace ModelGuidelines.Formats.Onnx.AfterTools;

/// <summary>The graph as the exporter wrote it, as far as a later tool's file still tells: fused nodes are the calls that they hold,
/// quantized ones are what was quantized.</summary>
/// <remarks>Sources: onnxruntime/python/tools/quantization (names that quantizers give), onnxruntime/core/optimizer (names of fused nodes),
/// onnxruntime/core/graph/contrib_ops (the operators' inputs).</remarks>
internal sealed class OriginalGraph
{
    /// <summary>In the order in which they ran, as far as known.</summary>
    public required List<OnnxNode> Nodes { get; init; }

    /// <summary>Weights by the names that the exporter gave them; scales and zero points left out.</summary>
    public required List<OnnxInitializer> Initializers { get; init; }

    /// <summary>Whether the order of nodes proves nothing.</summary>
    public bool IsReordered { get; init; }

    /// <summary>What a fused node computes and whose place no name tells.</summary>
    public List<OnnxNode> Lost { get; init; } = [];

    /// <summary>A value before which a quantizer may have removed an activation; null when there is none.</summary>
    public string? MaybeCut { get; init; }

    public static OriginalGraph AsWritten(OnnxModel model, List<OnnxNode> nodes) => new() { Nodes = nodes, Initializers = model.Graph.Initializers };

    public static OriginalGraph Of(OnnxModel model, List<OnnxNode> nodes)
    {
        var weights = model.Graph.Initializers;
        var written = nodes;
        var lost = new List<OnnxNode>();
        string? cut = null;
        if (nodes.Exists(n => MergedOperators.IsToolsOwn(n.Proto)))
        {
            var quantized = new QuantizedGraph(model, nodes);
            (nodes, weights, cut) = (quantized.Nodes, quantized.Initializers, quantized.MaybeCut);
            nodes = FusedNodes.Split(nodes, lost);
        }
        else if (nodes.Exists(FusedNodes.IsFused))
        {
            nodes = FusedNodes.Split(nodes, lost);
        }

        lost.AddRange(written.FindAll(n => MergedOperators.HoldsSeveral(n.Proto)));
        var isReordered = NodeOrder.IsReordered(model, nodes);
        return new()
        {
            Nodes = isReordered ? NodeOrder.Restore(nodes) : nodes,
            Initializers = weights,
            IsReordered = isReordered,
            Lost = lost,
            MaybeCut = cut,
        };
    }
}
