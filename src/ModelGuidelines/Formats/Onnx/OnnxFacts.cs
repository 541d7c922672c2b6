using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Formats.Onnx.AfterTools;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Collects facts from one file: a graph builder, and the nodes of each call.</summary>
/// <param name="model">The file.</param>
/// <param name="graph">Its nodes, as the exporter wrote them.</param>
/// <param name="limits">What may be used.</param>
/// <param name="cancellation">Asked once in every few thousand nodes.</param>
internal sealed class OnnxFacts(OnnxModel model, OriginalGraph graph, ReadLimits limits, CancellationToken cancellation)
{
    public OnnxModel Model { get; } = model;

    public List<OnnxNode> Nodes { get; } = graph.Nodes;

    public List<OnnxInitializer> Initializers { get; } = graph.Initializers;

    /// <summary>Whether the order of nodes proves nothing: a tool has sorted them anew.</summary>
    public bool IsReordered { get; } = graph.IsReordered;

    /// <summary>What a tool fused into other nodes and left no name of.</summary>
    public List<OnnxNode> Lost { get; } = graph.Lost;

    public ReadLimits Limits { get; } = limits;

    public CancellationToken Cancellation { get; } = cancellation;

    public ModelGraphBuilder Builder { get; } = new();

    public List<ImmutableArray<int>> CallNodes { get; } = [];

    /// <summary>Owning module of each node, where known.</summary>
    public int?[] NodeModules { get; } = new int?[graph.Nodes.Count];

    public SourceLocation?[] NodeLocations { get; } = new SourceLocation?[graph.Nodes.Count];

    private Dictionary<string, VerboseStacks.Origin?>? _origins;

    /// <summary>What a node's stack in doc_string tells; null where it has none. Nodes of one call have one text.</summary>
    public VerboseStacks.Origin? OriginOf(OnnxNode node)
    {
        if (node.Proto.DocString.Length == 0)
        {
            return null;
        }

        if (!(_origins ??= new(ReferenceEqualityComparer.Instance)).TryGetValue(node.Proto.DocString, out var origin))
        {
            _origins.Add(node.Proto.DocString, origin = VerboseStacks.Of(node));
        }

        return origin;
    }

    public void AddCall(ModuleCall call, IEnumerable<int> nodes)
    {
        Builder.Calls.Add(call);
        CallNodes.Add([.. nodes]);
    }

    /// <summary>What nodes compute, without names: equal for two calls of one module.</summary>
    public string PatternOf(List<int> nodes)
    {
        var patterns = new List<string>(nodes.Count);
        foreach (var n in nodes)
        {
            if (Nodes[n].OpType is not ("Constant" or "Identity" or "Shape" or "Cast" or "Unsqueeze" or "Gather" or "Concat" or "Slice" or "ConstantOfShape"))
            {
                patterns.Add(Pattern(Nodes[n]));
            }
        }

        return patterns.Count == 1 ? patterns[0] : string.Join(' ', patterns);
    }

    /// <summary>An operator with the attributes that modules of one class differ in.</summary>
    public static string Pattern(OnnxNode node)
    {
        var pattern = node.OpType;
        for (var i = 0; i < node.Proto.Attribute.Length; i++)
        {
            var a = node.Proto.Attribute[i];
            if (a.Name is "kernel_shape" or "strides" or "group" or "dilations" or "alpha" or "axis")
            {
                pattern += $"[{a.Name}:{a.I}{string.Join(',', a.Ints)}{a.F.ToString(CultureInfo.InvariantCulture)}]";
            }
        }

        return pattern;
    }
}
