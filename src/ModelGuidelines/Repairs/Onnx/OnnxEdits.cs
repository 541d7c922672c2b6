namespace ModelGuidelines.Repairs.Onnx;

/// <summary>What becomes of one node: only what is set here is changed, the rest stays byte for byte.</summary>
internal sealed class NodeEdit
{
    public string? Name { get; set; }

    /// <summary>New names of inputs, by their position.</summary>
    public Dictionary<int, string> Inputs { get; } = [];

    /// <summary>Inputs behind the last one.</summary>
    public List<string> MoreInputs { get; } = [];

    /// <summary>A new name of the first output.</summary>
    public string? Output { get; set; }

    /// <summary>New values of metadata_props, by their key.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);
}

/// <summary>All changes of one model.</summary>
internal sealed class OnnxEdits
{
    public Dictionary<NodePlace, NodeEdit> Nodes { get; } = [];

    /// <summary>Copies of initializers, by graph and name of the source; each stands right behind its source.</summary>
    public Dictionary<(GraphPlace Graph, string Source), List<string>> Copies { get; } = [];

    /// <summary>Inputs of functions behind the last one.</summary>
    public Dictionary<GraphPlace, List<string>> Formals { get; } = [];

    /// <summary>Copies of nodes; each stands right behind its source.</summary>
    public Dictionary<NodePlace, List<NodeEdit>> NodeCopies { get; } = [];

    public NodeEdit Of(NodePlace node)
    {
        if (!Nodes.TryGetValue(node, out var edit))
        {
            Nodes[node] = edit = new();
        }

        return edit;
    }

    public void Copy(GraphPlace graph, string source, string name)
    {
        if (!Copies.TryGetValue((graph, source), out var copies))
        {
            Copies[(graph, source)] = copies = [];
        }

        copies.Add(name);
    }
}
