using System.Collections.Frozen;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>What an ONNX graph holds that aimet_onnx minds: control flow, weights shared by operators of several types, quantized nodes, bfloat16 at the border.</summary>
/// <remarks>Linear in nodes and their inputs; no weight is read. Names are resolved within the graph that a node stands in and those around it.</remarks>
internal static class OnnxObservations
{
    private const int BFloat16 = 16;

    /// <summary>Operators that give back what they are given, in another order or form: ranges of values stay as they are.</summary>
    private static readonly FrozenSet<string> Moves = new[]
    {
        "Identity", "Constant", "ConstantOfShape", "Shape", "Size", "Cast", "CastLike", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "Gather", "GatherND", "GatherElements",
        "ScatterElements", "ScatterND", "Expand", "Tile", "Range", "NonZero", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Not", "Xor", "SequenceAt", "SequenceConstruct",
        "SequenceEmpty", "SequenceInsert", "SequenceLength", "ConcatFromSequence", "SplitToSequence", "DepthToSpace", "SpaceToDepth", "OneHot", "EyeLike", "ReverseSequence", "If", "Loop", "Scan",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Operators whose second input is their weight.</summary>
    private static readonly FrozenSet<string> Weighted = new[] { "Conv", "ConvTranspose", "MatMul", "Gemm" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Operators whose third input is their bias.</summary>
    private static readonly FrozenSet<string> Biased = new[] { "Conv", "ConvTranspose", "Gemm" }.ToFrozenSet(StringComparer.Ordinal);

    /// <param name="model">The file.</param>
    /// <param name="nodes">All its nodes as they are written: what a tool made of them is what aimet_onnx meets.</param>
    /// <param name="observations">What is added to.</param>
    public static void Add(OnnxModel model, List<OnnxNode> nodes, List<Observation> observations)
    {
        AddControlFlow(nodes, observations);
        AddSharedParameters(model, nodes, observations);
        AddQuantized(nodes, observations);
        AddBorders(model, observations);
    }

    private static void AddControlFlow(List<OnnxNode> nodes, List<Observation> observations)
    {
        foreach (var node in nodes)
        {
            if (node.OpType is not ("If" or "Loop" or "Scan") || node.Proto.Domain is not ("" or "ai.onnx"))
            {
                continue;
            }

            var computing = new List<string>();
            AddComputing(node.Proto, computing);
            observations.Add(new()
            {
                Kind = computing.Count > 0 ? ObservationKind.ControlFlow : ObservationKind.ControlFlowOfShapes,
                Name = NameOf(node),
                OpType = node.OpType,
                Detail = string.Join(", ", computing.Take(4)) + (computing.Count > 4 ? " ..." : ""),
            });
        }
    }

    /// <summary>The types of operators in a node's bodies, inner bodies left to their own node, that change ranges of values. Depth is bounded by the parser.</summary>
    private static void AddComputing(NodeContent node, List<string> types)
    {
        foreach (var attribute in node.Attribute)
        {
            foreach (var body in attribute.G is { } one ? [one] : (IEnumerable<GraphProto>)attribute.Graphs)
            {
                types.AddRange(body.Node.Select(n => n.OpType).Where(t => !Moves.Contains(t) && !types.Contains(t)).Distinct());
            }
        }
    }

    private static void AddSharedParameters(OnnxModel model, List<OnnxNode> nodes, List<Observation> observations)
    {
        var initializers = model.Graph.Initializers;
        var indices = new Dictionary<string, int>(initializers.Count, StringComparer.Ordinal); // of weights, and of values that are a weight passed on
        for (var i = 0; i < initializers.Count; i++)
        {
            indices.TryAdd(initializers[i].Name, i);
        }

        var first = new (string? Type, int Input)[initializers.Count];
        var readers = new List<(string Type, int Input)>?[initializers.Count]; // of those that are read again
        foreach (var node in nodes)
        {
            var inputs = node.Proto.Input;
            for (var i = 0; i < inputs.Length; i++)
            {
                if (!indices.TryGetValue(inputs[i], out var weight))
                {
                    continue;
                }

                if (node.OpType is "Identity" or "Transpose")
                {
                    indices.TryAdd(node.Proto.Output.FirstOrDefault() ?? "", weight);
                }
                else if (first[weight] is ({ } type, var input))
                {
                    (readers[weight] ??= [(type, input)]).Add((node.OpType, i));
                }
                else
                {
                    first[weight] = (node.OpType, i);
                }
            }
        }

        if (!Array.Exists(readers, r => r is not null))
        {
            return;
        }

        foreach (var weight in initializers.Select(i => i.Name))
        {
            if (readers[indices[weight]] is not { } list)
            {
                continue;
            }

            var types = list.Select(r => r.Type).Distinct(StringComparer.Ordinal).ToList();
            if (types.Count > 1 && list.Exists(r => Weighted.Contains(r.Type) && (r.Input == 1 || r is ("MatMul", 0))))
            {
                observations.Add(new() { Kind = ObservationKind.SharedWeight, Name = weight, Detail = $"operators of types {string.Join(" and ", types)}" });
            }
            else if (list.Exists(r => Biased.Contains(r.Type) && r.Input == 2))
            {
                observations.Add(new() { Kind = ObservationKind.SharedBias, Name = weight, Detail = $"{list.Count} operators ({string.Join(", ", types)})" });
            }
        }
    }

    private static void AddQuantized(List<OnnxNode> nodes, List<Observation> observations)
    {
        foreach (var node in nodes.Where(n => IsQuantized(n.OpType)))
        {
            observations.Add(new() { Kind = ObservationKind.Quantized, Name = NameOf(node), OpType = node.OpType });
        }
    }

    private static string NameOf(OnnxNode node) => node.Name.Length > 0 ? node.Name : node.Proto.Output.FirstOrDefault() ?? "";

    private static void AddBorders(OnnxModel model, List<Observation> observations)
    {
        var graph = model.Graph;
        if (graph.Inputs.Exists(IsBFloat16))
        {
            var weights = graph.Initializers.Select(w => w.Name).ToHashSet(StringComparer.Ordinal); // listed among the inputs before IR version 4
            Add(graph.Inputs.Where(v => !weights.Contains(v.Name)), "an input");
        }

        Add(graph.Outputs, "an output");

        void Add(IEnumerable<OnnxValue> values, string what)
        {
            foreach (var value in values.Where(IsBFloat16))
            {
                observations.Add(new() { Kind = ObservationKind.BFloat16Border, Name = value.Name, Detail = what });
            }
        }
    }

    private static bool IsBFloat16(OnnxValue value) => value.ElementType == BFloat16;

    /// <summary>ONNX: QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear, QLinearConv, ConvInteger, MatMulInteger; ONNX Runtime's own begin with QLinear or DynamicQuantize too.</summary>
    private static bool IsQuantized(string type) => type is "QuantizeLinear" or "DequantizeLinear" or "ConvInteger" or "MatMulInteger" or "QGemm" or "QAttention"
        || type.StartsWith("QLinear", StringComparison.Ordinal) || type.StartsWith("DynamicQuantize", StringComparison.Ordinal);
}
