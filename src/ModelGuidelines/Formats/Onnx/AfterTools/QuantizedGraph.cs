using ModelGuidelines.Formats.Onnx.Wire;

namespace ModelGuidelines.Formats.Onnx.AfterTools;

/// <summary>Takes quantization out of a graph: QuantizeLinear and DequantizeLinear pairs, QLinear operators, and the integer products
/// with the casts and scales around them that dynamic quantization writes.</summary>
internal sealed class QuantizedGraph
{
    private const string Quantized = "_quantized";
    private readonly Dictionary<string, string> _original = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeContent> _products = new(StringComparer.Ordinal);
    private readonly HashSet<string> _weights;

    public QuantizedGraph(OnnxModel model, List<OnnxNode> nodes)
    {
        _weights = model.Graph.Initializers.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var parameters = QuantizationParameters(nodes);
        Initializers = [.. model.Graph.Initializers.Where(i => !parameters.Contains(i.Name)).Select(i => i with { Name = Original(i.Name) })];
        foreach (var node in nodes)
        {
            Add(node);
        }

        var zeroPoints = model.Graph.Initializers.Where(i => i.Scalar is not null).GroupBy(i => i.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var producers = nodes.SelectMany(n => n.Proto.Output.Select(o => (o, n.Proto))).GroupBy(p => p.o, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Proto, StringComparer.Ordinal);
        var outputs = model.Graph.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var listed = model.Graph.Values.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        var isListed = AddRemoved(model, [.. nodes.Where(n => n.Proto.Output.Length > 0 && ZeroPoint(n.Proto) is not null).Select(n => Original(n.Proto.Output[0]))]);
        MaybeCut = model.Graph.Outputs.Select(o => o.Name).FirstOrDefault(o => MayBeCut(o, producers, zeroPoints, isListed ? listed : null))
            ?? nodes.Find(n => n.Proto.Output.Length > 0 && ZeroPoint(n.Proto) is { } zero && IsLowest(zero, zeroPoints)
                && !(isListed && Original(n.Proto.Output[0]) is var value && (listed.Contains(value) || outputs.Contains(value))))?.Proto.Output[0];
    }

    public List<OnnxNode> Nodes { get; } = [];

    public List<OnnxInitializer> Initializers { get; }

    /// <summary>A value before which the quantizer may have removed an activation.</summary>
    public string? MaybeCut { get; }

    /// <summary>Puts back activations that static quantization removed. What shape inference listed before, it leaves: the value of a node that is gone still has its name,
    /// in the order in which nodes ran.</summary>
    /// <param name="model">The file.</param>
    /// <param name="quantized">Values that quantized operators compute, behind which an activation may have stood.</param>
    /// <returns>Whether the list tells of every value: no activation that it names was left out.</returns>
    private bool AddRemoved(OnnxModel model, HashSet<string> quantized)
    {
        var produced = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Nodes.Count; i++)
        {
            foreach (var output in Nodes[i].Proto.Output)
            {
                produced.TryAdd(output, i);
            }
        }

        var removed = new List<(int After, OnnxNode Node)>();
        var isWhole = model.Graph.Values.Exists(v => produced.ContainsKey(v.Name));
        var (before, at) = ("", -1);
        foreach (var value in model.Graph.Values.Select(v => v.Name))
        {
            if (produced.TryGetValue(value, out var index))
            {
                (before, at) = (value, index);
            }
            else if (ScopeForm.Producer(value) is not { } name)
            {
                // A weight that was renamed, or a value whose name tells neither its operator nor its module.
                isWhole &= _weights.Contains(value) || _weights.Contains(value + Quantized);
            }
            else if (ScopeForm.Operator(name) is ("Relu" or "Clip") and var activation)
            {
                if (at >= 0 && quantized.Contains(before)) // values without a name are quantized too, in damaged files
                {
                    removed.Add((at, Nodes[at] with { Proto = new NodeContent { Name = name, OpType = activation, Input = [before], Output = [value] }, MergedOperator = null }));
                }
                else
                {
                    isWhole = false;
                }
            }
        }

        if (removed.Count > 0)
        {
            var behind = removed.ToLookup(r => r.After, r => r.Node);
            List<OnnxNode> all = [.. Nodes.SelectMany((n, i) => behind[i].Prepend(n))];
            Nodes.Clear();
            Nodes.AddRange(all);
        }

        return isWhole;
    }

    private void Add(OnnxNode node)
    {
        var proto = node.Proto;
        if (MergedOperators.IsBridge(proto))
        {
            if (proto.Input.Length > 0 && proto.Output.Length > 0)
            {
                // What enters the channel-blocked layout keeps its name; what leaves it has it only there.
                if (proto.OpType == "ReorderOutput" && _products.TryGetValue(proto.Input[0], out var blocked))
                {
                    blocked.Output = [proto.Output[0], .. blocked.Output[1..]];
                }
                else
                {
                    _original[proto.Output[0]] = Original(proto.Input[0]);
                }
            }

            return;
        }

        if (IsScaffold(proto))
        {
            return;
        }

        var meaning = MergedOperators.Find(proto);
        // Dynamic quantization takes Gemm apart into a product and a sum.
        var isGemm = proto.OpType is "MatMulInteger" && proto.Name.EndsWith("_MatMul_quant", StringComparison.Ordinal);
        var original = proto with
        {
            Name = isGemm ? proto.Name[..^"_MatMul_quant".Length] : proto.Name,
            OpType = isGemm ? "Gemm" : meaning?.OpType ?? proto.OpType,
            Domain = proto.Domain.StartsWith("com.microsoft", StringComparison.Ordinal) ? "" : proto.Domain,
            Input = meaning is null ? Array.ConvertAll(proto.Input, Original) : [.. meaning.Inputs.Where(i => i < proto.Input.Length).Select(i => Original(proto.Input[i]))],
            Output = Array.ConvertAll(proto.Output, o => WithoutEnd(WithoutEnd(WithoutEnd(o, "_output_quantized"), Quantized), "_MatMul")),
            Attribute = isGemm ? [.. proto.Attribute, new AttributeProto { Name = "transB", I = 1 }] : proto.Attribute,
        };

        foreach (var output in proto.Output)
        {
            _products.TryAdd(output, original);
            _products.TryAdd(WithoutEnd(output, "_output_quantized"), original);
        }

        Nodes.Add(node with { Proto = original, MergedOperator = MergedOperators.IsToolsOwn(proto) ? proto.OpType : null });
    }

    /// <summary>What dynamic quantization writes around an integer product: scales, a cast, a bias in the product's shape.</summary>
    private bool IsScaffold(NodeContent node)
    {
        var name = node.Name;
        if (name.EndsWith("_quant_scales_mul", StringComparison.Ordinal) || name.EndsWith("_output_quantized_cast", StringComparison.Ordinal) || name.EndsWith("_quant_output_scale_mul", StringComparison.Ordinal))
        {
            return true;
        }

        if (node.OpType == "Reshape" && node.Output.Length == 1 && node.Output[0].EndsWith("_bias_reshape_output", StringComparison.Ordinal) && node.Input.Length > 0)
        {
            _original[node.Output[0]] = Original(node.Input[0]);
            return true;
        }

        if (node.OpType != "Add" || node.Input.Length != 2 || node.Output.Length != 1)
        {
            return false;
        }

        var product = name.EndsWith("_bias_add", StringComparison.Ordinal) ? _products.GetValueOrDefault(node.Output[0])
            : name.EndsWith("_Add", StringComparison.Ordinal) && node.Input[0].EndsWith("_MatMul", StringComparison.Ordinal) ? _products.GetValueOrDefault(node.Input[0]) : null;
        if (product is null || product.Input.Length > 2)
        {
            return false;
        }

        product.Input = [.. product.Input, Original(node.Input[1])];
        product.Output = [node.Output[0], .. product.Output[1..]];
        return true;
    }

    private string Original(string value)
    {
        if (_original.TryGetValue(value, out var known))
        {
            return known;
        }

        // A quantized weight is called after the weight; a value after the value.
        return value.EndsWith(Quantized, StringComparison.Ordinal) ? value[..^Quantized.Length] : value;
    }

    /// <summary>Initializers that are scales and zero points.</summary>
    private HashSet<string> QuantizationParameters(List<OnnxNode> nodes)
    {
        var parameters = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in nodes.Select(n => n.Proto))
        {
            if (node.OpType is "QuantizeLinear" or "DequantizeLinear")
            {
                parameters.UnionWith(node.Input.Skip(1));
            }
            else if (MergedOperators.Find(node) is { } meaning && (node.OpType.StartsWith('Q') || node.OpType.EndsWith("Integer", StringComparison.Ordinal) || node.OpType is "MatMulNBits"))
            {
                parameters.UnionWith(node.Input.Where((_, i) => !meaning.Inputs.Contains(i)));
            }
        }

        foreach (var weight in _weights)
        {
            if ((weight.EndsWith("_scale", StringComparison.Ordinal) && _weights.Contains(weight[..^"_scale".Length] + Quantized))
                || (weight.EndsWith("_zero_point", StringComparison.Ordinal) && _weights.Contains(weight[..^"_zero_point".Length] + Quantized)))
            {
                parameters.Add(weight);
            }
        }

        return parameters;
    }

    /// <summary>Static quantization removes a Relu or Clip whose effect the quantized range has. In between the value keeps its name; at an
    /// output of the graph nothing tells, but that a range from zero on leaves it possible; where the list of values is whole, it has the name of the value before.</summary>
    private bool MayBeCut(string output, Dictionary<string, NodeContent> producers, Dictionary<string, OnnxInitializer> zeroPoints, HashSet<string>? listed)
    {
        if (producers.GetValueOrDefault(output) is not { OpType: "DequantizeLinear", Input: [var quantized, _, var zeroPoint, ..] })
        {
            return false;
        }

        var producer = producers.GetValueOrDefault(quantized);
        var isPair = producer is { OpType: "QuantizeLinear", Input.Length: > 0 };
        producer = isPair ? producers.GetValueOrDefault(producer!.Input[0]) : producer;
        if (listed is not null && producer is not null && !(isPair ? IsRenamed(producer) : Original(quantized) != output))
        {
            return false;
        }

        // The activation's value took the place of the operator's, whose name then nothing computes.
        bool IsRenamed(NodeContent node) => ScopeForm.Node(node.Name) is not { } name || (listed.Contains($"{name}_output_0") && !producers.ContainsKey($"{name}_output_0"));

        return producer is not null && (MergedOperators.Find(producer)?.OpType ?? producer.OpType) is "Conv" or "ConvTranspose" or "Gemm" or "MatMul" or "Add" && IsLowest(zeroPoint, zeroPoints);
    }

    /// <summary>The zero point of what a quantized operator computes, which an activation may have followed.</summary>
    private static string? ZeroPoint(NodeContent node) => node.OpType switch
    {
        "QLinearConv" or "QLinearMatMul" or "QLinearAdd" or "QLinearMul" when node.Input.Length > 7 => node.Input[7],
        "QGemm" when node.Input.Length > 8 => node.Input[8],
        _ => null,
    };

    /// <summary>Whether the range begins at zero, or the file does not tell.</summary>
    private static bool IsLowest(string zeroPoint, Dictionary<string, OnnxInitializer> zeroPoints) =>
        zeroPoints.GetValueOrDefault(zeroPoint) is not { Scalar: { } point } zero || point == (zero.DataType == 3 ? sbyte.MinValue : zero.DataType == 5 ? short.MinValue : 0);

    private static string WithoutEnd(string text, string end) => text.EndsWith(end, StringComparison.Ordinal) ? text[..^end.Length] : text;
}
