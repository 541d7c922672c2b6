using System.Collections.Immutable;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>A node with the place it stands in.</summary>
/// <param name="Proto">As the file has it.</param>
/// <param name="Graph">"" for the main graph, else the owning node's or function's name and the body's.</param>
/// <param name="Arms">The branches of If that it runs in.</param>
/// <param name="InLoop">Whether it stands in the body of a Loop or Scan, which may run many times.</param>
internal sealed record OnnxNode(NodeProto Proto, string Graph, ImmutableArray<BranchArm> Arms, bool InLoop)
{
    /// <summary>Which of the file's nodes it is, or was before a tool merged it with others.</summary>
    public int Source { get; init; }

    /// <summary>The operator that a tool wrote in the place of others; null where the exporter wrote the node.</summary>
    public string? MergedOperator { get; init; }

    public bool IsToolMade => MergedOperator is not null;

    /// <summary>Whether a tool made it of the approximation of gelu by tanh.</summary>
    public bool IsTanhGelu => MergedOperator is "FastGelu";

    public string Name => Proto.Name;

    /// <summary>A node whose name, operator, inputs and outputs may be changed. What it shares with the one it copies, attributes and metadata, may not: they are most of it.</summary>
    public static NodeProto Copy(NodeProto node) => new()
    {
        Name = node.Name,
        OpType = node.OpType,
        Domain = node.Domain,
        DocString = node.DocString,
        Overload = node.Overload,
        Input = { node.Input },
        Output = { node.Output },
        Attribute = { node.Attribute },
        MetadataProps = { node.MetadataProps },
    };

    public string OpType => Proto.OpType;

    /// <summary>The metadata of that key, or null.</summary>
    public string? Metadata(string key)
    {
        // Asked four times of each node: an enumerator of these lists is an object.
        var entries = Proto.MetadataProps;
        for (var i = 0; i < entries.Count; i++)
        {
            if (MetadataEntry.Value(entries[i].Span, key) is { } value)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Lets go of metadata that have been read: those of one key stay.</summary>
    public void KeepMetadata(string key)
    {
        var entries = Proto.MetadataProps;
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            if (MetadataEntry.Value(entries[i].Span, key) is null)
            {
                entries.RemoveAt(i);
            }
        }

        entries.Capacity = entries.Count;
    }

    public AttributeProto? Attribute(string name)
    {
        var attributes = Proto.Attribute;
        for (var i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Name == name)
            {
                return attributes[i];
            }
        }

        return null;
    }

    /// <summary>All nodes in the order in which they run, bodies of control flow after their node. Depth is bounded by the parser.</summary>
    public static List<OnnxNode> Flatten(OnnxModel model)
    {
        var nodes = new List<OnnxNode>(model.Graph.Nodes.Count);
        var branches = 0;
        Add(model.Graph.Nodes, "", [], inLoop: false);
        return nodes;

        void Add(IEnumerable<NodeProto> list, string graph, ImmutableArray<BranchArm> arms, bool inLoop)
        {
            foreach (var proto in list)
            {
                nodes.Add(new(proto, graph, arms, inLoop) { Source = nodes.Count });
                var isIf = proto.OpType == "If";
                var branch = isIf ? branches++ : 0;
                for (var i = 0; i < proto.Attribute.Count; i++)
                {
                    var attribute = proto.Attribute[i];
                    if (attribute.G is null && attribute.Graphs.Count == 0)
                    {
                        continue;
                    }

                    foreach (var body in attribute.G is { } one ? [one] : (IEnumerable<GraphProto>)attribute.Graphs)
                    {
                        var bodyArms = isIf ? arms.Add(new(branch, attribute.Name == "then_branch" ? 0 : 1)) : arms;
                        Add(body.Node, $"{proto.Name}/{attribute.Name}", bodyArms, inLoop || !isIf);
                    }
                }
            }
        }
    }
}
