using System.Collections.Immutable;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>A node with the place it stands in.</summary>
/// <param name="Proto">As the file has it.</param>
/// <param name="Graph">"" for the main graph, else the owning node's or function's name and the body's.</param>
/// <param name="Arms">The branches of If that it runs in.</param>
/// <param name="InLoop">Whether it stands in the body of a Loop or Scan, which may run many times.</param>
internal sealed record OnnxNode(NodeContent Proto, string Graph, ImmutableArray<BranchArm> Arms, bool InLoop)
{
    /// <summary>Which of the file's nodes it is, or was before a tool merged it with others.</summary>
    public int Source { get; init; }

    /// <summary>The operator that a tool wrote in the place of others; null where the exporter wrote the node.</summary>
    public string? MergedOperator { get; init; }

    public bool IsToolMade => MergedOperator is not null;

    /// <summary>Whether a tool made it of the approximation of gelu by tanh.</summary>
    public bool IsTanhGelu => MergedOperator is "FastGelu";

    public string Name => Proto.Name;

    public string OpType => Proto.OpType;

    /// <summary>The metadata of that key, or null.</summary>
    public MetadataEntry? Metadata(MetadataKey key)
    {
        foreach (var entry in Proto.Metadata)
        {
            if (entry.Key == key)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Lets go of metadata that have been read: those of one key stay.</summary>
    public void KeepMetadata(MetadataKey key) => Proto.Metadata = Metadata(key) is { } kept ? [kept] : [];

    public AttributeProto? Attribute(string name)
    {
        var attributes = Proto.Attribute;
        for (var i = 0; i < attributes.Length; i++)
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

        void Add(IReadOnlyList<NodeContent> list, string graph, ImmutableArray<BranchArm> arms, bool inLoop)
        {
            for (var n = 0; n < list.Count; n++)
            {
                var proto = list[n];
                nodes.Add(new(proto, graph, arms, inLoop) { Source = nodes.Count });
                var isIf = proto.OpType == "If";
                var branch = isIf ? branches++ : 0;
                for (var i = 0; i < proto.Attribute.Length; i++)
                {
                    var attribute = proto.Attribute[i];
                    if (attribute.G is null && attribute.Graphs.Count == 0)
                    {
                        continue;
                    }

                    foreach (var body in attribute.G is { } one ? [one] : (IEnumerable<GraphProto>)attribute.Graphs)
                    {
                        var bodyArms = isIf ? arms.Add(new(branch, attribute.Name == "then_branch" ? 0 : 1)) : arms;
                        Add([.. body.Node.Select(NodeContent.Of)], $"{proto.Name}/{attribute.Name}", bodyArms, inLoop || !isIf);
                    }
                }
            }
        }
    }
}
