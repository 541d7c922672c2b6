using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Folds ONNX operators back into the PyTorch functions that were called.</summary>
/// <remarks>Source: torch/onnx/symbolic_opset9.py to symbolic_opset20.py, which say what each function becomes.</remarks>
internal static class OnnxFunctions
{
    /// <summary>The functions behind the nodes of one scope, each with its first node.</summary>
    public static IEnumerable<(string Function, int Node, Certainty Certainty)> Fold(OnnxFacts facts, List<int> nodes, OnnxWeights weights, ValueRanks ranks)
    {
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        var consumers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var n in nodes)
        {
            foreach (var output in facts.Nodes[n].Proto.Output)
            {
                producers.TryAdd(output, n);
            }

            foreach (var input in facts.Nodes[n].Proto.Input)
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(consumers, input, out _) ??= []).Add(n);
            }
        }

        var sizes = Sizes(facts, nodes, weights, consumers);
        var parts = new Dictionary<OnnxNode, string>(ReferenceEqualityComparer.Instance);
        foreach (var n in nodes)
        {
            switch (facts.Nodes[n])
            {
                case { OpType: "Div" } quotient:
                    FindParts(quotient);
                    break;
                case { OpType: "HardSigmoid" } gate:
                    Note("hardswish", [.. Consumers(gate).Where(c => c.OpType == "Mul")]);
                    break;
                case { OpType: "Softplus" } gate:
                    Note("mish", [.. Consumers(gate).Where(c => c.OpType == "Tanh").SelectMany(Consumers).Where(c => c.OpType == "Mul")]);
                    break;
                case { OpType: "Erf" } error when Function(error) == "gelu":
                    var sums = Consumers(error).Where(c => c.OpType == "Add").ToList();
                    var products = sums.SelectMany(Consumers).Where(c => c.OpType == "Mul").ToList();
                    Note("gelu", [Producer(error, 0)!, .. sums, .. products, .. products.SelectMany(Consumers).Where(c => c.OpType == "Mul")]);
                    break;
            }
        }

        foreach (var n in nodes)
        {
            if (facts.Nodes[n].Proto.Output is [var size, ..] && sizes.Contains(size))
            {
                continue; // the code computes with numbers
            }

            if (Function(facts.Nodes[n]) is { } function)
            {
                yield return (function, n, Doubt(facts.Nodes[n], function));
            }
            else if (facts.Nodes[n].OpType == "Sigmoid")
            {
                facts.Builder.Gaps.Add(new($"the node '{facts.Nodes[n].Name}' is part of silu, logsigmoid or glu, or of the same written with sigmoid: which function was called is lost", null, GraphFacts.Operations, "audit the exported program (.pt2) or the source"));
            }
        }

        IEnumerable<OnnxNode> Consumers(OnnxNode node) => node.Proto.Output.Length == 0 ? [] : (consumers.GetValueOrDefault(node.Proto.Output[0]) ?? []).Select(c => facts.Nodes[c]);

        OnnxNode? Producer(OnnxNode node, int input) => Input(node, input) is { Length: > 0 } name && producers.TryGetValue(name, out var p) ? facts.Nodes[p] : null;

        // Quotients in which functions end that are exported as several operators; code that is written out leaves the same ones.
        void FindParts(OnnxNode quotient)
        {
            switch (Producer(quotient, 0), Producer(quotient, 1))
            {
                case ({ OpType: "Sub" } centred, { OpType: "Sqrt" } deviation)
                    when Producer(deviation, 0) is { OpType: "Add" } sum && Producer(sum, 0) is { OpType: "ReduceMean" } variance && Producer(variance, 0) is { OpType: "Pow" } square && Input(square, 0) == Input(quotient, 0)
                        && Producer(centred, 1) is { OpType: "ReduceMean" } mean && Input(mean, 0) == Input(centred, 0):
                    Note("layer_norm", mean, centred, square, variance, sum, deviation, quotient);
                    for (var last = quotient; Consumers(last).FirstOrDefault(c => c.OpType is "Mul" or "Add" && c.Proto.Input.Any(i => weights.Find(i) is not null)) is { } scaled && parts.TryAdd(scaled, "layer_norm"); last = scaled)
                    {
                        // The weight, and the bias.
                    }

                    break;
                case (_, { OpType: "Add" } sum) when Array.Find([Producer(sum, 0), Producer(sum, 1)], p => p is { OpType: "Abs" }) is { } magnitude && Input(magnitude, 0) == Input(quotient, 0):
                    Note("softsign", magnitude, sum, quotient);
                    break;
                case (_, { OpType: "Expand" } length) when Producer(length, 0) is { OpType: "Clip" or "Max" } bounded && Producer(bounded, 0) is { } norm && norm.OpType.StartsWith("Reduce", StringComparison.Ordinal):
                    Note("normalize", norm, bounded, quotient);
                    break;
            }
        }

        void Note(string function, params OnnxNode[] all) => Array.ForEach(all, n => parts.TryAdd(n, function));

        Certainty Doubt(OnnxNode node, string function) => (node.OpType, function) switch
        {
            _ when parts.TryGetValue(node, out var whole) => Certainty.Likely($"{whole} would look the same in this file"),
            // A linear function adds its result to the bias; code adds the bias to the product.
            ("MatMul", "linear") when !Consumers(node).Any(c => c.OpType == "Add" && Input(c, 1) == node.Proto.Output[0] && weights.Find(Input(c, 0)) is not null)
                => Certainty.Likely("a product with a transposed parameter would look the same in this file"),
            ("Gelu", _) when node.IsToolMade => Certainty.Likely("the tool that fused the node takes a gelu written out for one"),
            ("HardSigmoid", "hardswish") => Certainty.Likely("x * hardsigmoid(x) would look the same in this file"),
            ("Relu", "relu6") => Certainty.Likely("relu(x).clamp(max=6) would look the same in this file"),
            ("Softplus", "mish") => Certainty.Likely("x * tanh(softplus(x)) would look the same in this file"),
            ("GlobalAveragePool" or "GlobalMaxPool", _) when ranks.Find(Input(node, 0)) is null => Certainty.Likely("the file does not tell how many dimensions the input has"),
            _ => Certainty.Certain,
        };

        string? Function(OnnxNode node)
        {
            switch (node.OpType)
            {
                case "Sigmoid":
                    // x * sigmoid(x) may be silu(x), or what it says: which function was called is lost.
                    // So do log(sigmoid(x)) and logsigmoid(x), a * sigmoid(b) of two halves and glu(x).
                    return Consumers(node).Any(c => c.OpType == "Log" || (c.OpType == "Mul" && (c.Proto.Input.Contains(Input(node, 0)) || IsGate(node, c)))) ? null : "sigmoid";
                case "HardSigmoid":
                    // Before opset 14 hardswish is exported as this product.
                    return Consumers(node).Any(c => c.OpType == "Mul" && c.Proto.Input.Contains(Input(node, 0))) ? "hardswish" : "hardsigmoid";
                case "Erf":
                    // x * (erf(x / sqrt(2)) + 1) * 0.5 in this order: gelus written out multiply in another one.
                    return Producer(node, 0) is { OpType: "Div" or "Mul" } scaled && Consumers(node).Any(a => a.OpType == "Add"
                        && Consumers(a).Any(m => m.OpType == "Mul" && Input(m, 0) == Input(scaled, 0) && Consumers(m).Any(h => h.OpType == "Mul"))) ? "gelu" : "erf";
                case "Gelu" when node.IsToolMade && node.IsTanhGelu:
                    facts.Builder.Gaps.Add(new($"the node '{node.Name}' is gelu, or the same written with tanh: which function was called is lost", null, GraphFacts.Operations, "audit the export before the tool, or the source"));
                    return null;
                case "Softmax":
                    // softmax(-x) is how softmin is exported.
                    return IsAttention(node) ? "scaled_dot_product_attention" : Through(Producer(node, 0), "Transpose", "Cast") is { OpType: "Neg" } ? null : "softmax";
                case "Softplus":
                    // x * tanh(softplus(x)) is how mish is exported.
                    return Consumers(node).Any(t => t.OpType == "Tanh" && Consumers(t).Any(m => m.OpType == "Mul" && m.Proto.Input.Contains(Input(node, 0)))) ? "mish" : "softplus";
                case "Tanh":
                    // x - tanh(x) is tanhshrink, and 1 + tanh(...) with the constant first is gelu's approximation: code adds constants behind.
                    return Producer(node, 0)?.OpType == "Softplus" || Consumers(node).Any(c => c.OpType == "Sub") ? null
                        : Consumers(node).Any(c => c.OpType == "Add" && Input(c, 1) == node.Proto.Output[0] && Producer(c, 0) is { OpType: "Constant" }) ? "gelu" : "tanh";
                case "Relu":
                    // relu6 is exported as both, and lp_pool takes relu(abs(x)).
                    return Consumers(node).Any(IsUpperBound) ? "relu6" : Consumers(node).Any(c => c.OpType is "Clip" or "Min") || Producer(node, 0) is { OpType: "Abs" } ? null : "relu";
                case "Clip" or "Min" when IsUpperBound(node) && Producer(node, 0) is { OpType: "Relu" }:
                    return null;
                case "Add":
                    // A linear function of more than two dimensions adds its product to the bias.
                    return Producer(node, 1) is { OpType: "MatMul" } product && weights.Find(Input(node, 0)) is not null && Function(product) == "linear" ? null : "add";
                case "Log":
                    // logsigmoid is exported as log(sigmoid(x)).
                    return Producer(node, 0) is { OpType: "Sigmoid" } ? null : "log";
                case "Concat":
                    // stack is exported as a new dimension for each, and cat.
                    return node.Proto.Input.Length > 0 && Enumerable.Range(0, node.Proto.Input.Length).All(i => Producer(node, i) is { OpType: "Unsqueeze" }) ? null : "cat";
                case "Gemm":
                    // mm and addmm are exported as Gemm too; a linear function transposes its weight and adds its bias.
                    return node.Attribute("transB") is { I: 1 } && node.Proto.Input.Length > 2 && (weights.Find(Input(node, 1)) ?? weights.Find(Input(node, 2))) is not null ? "linear" : "matmul";
                case "MatMul":
                    // A product of two weights computes a weight, as spectral_norm does.
                    return !node.Proto.Input.All(i => weights.Find(i) is not null) && node.Proto.Input.Any(i => weights.Find(i) is { Dimensions.Length: 2 }) && node.Proto.Input.Any(i => i.StartsWith("onnx::MatMul", StringComparison.Ordinal)) ? "linear"
                        : Producer(node, 1) is { OpType: "Transpose" } transpose && weights.Find(Input(transpose, 0)) is { Dimensions.Length: 2 } ? "linear" : "matmul";
                case "Gather":
                    // Indexing a parameter looks alike but names the axis; an embedding reads rows of a weight.
                    return Input(node, 0).EndsWith(".weight", StringComparison.Ordinal) && node.Attribute("axis") is null && weights.Find(Input(node, 0)) is { Dimensions.Length: 2, DataType: 1 or 10 or 11 or 16 } ? "embedding" : "index_select";
                case "AveragePool" when IsLocalResponseNorm(node):
                    return "local_response_norm";
                case "AveragePool" when Consumers(node).Any(c => c.OpType == "Sign"):
                    // Part of lp_pool.
                    return null;
                case "AveragePool":
                    // Pooling to a given size is exported with a kernel and strides that divide the input, and without padding attributes.
                    return node.Attribute("count_include_pad") is null && node.Attribute("ceil_mode") is null && node.Attribute("pads") is null && SameInts(node, "kernel_shape", "strides")
                        ? $"adaptive_avg_pool{Rank(node)}d" : $"avg_pool{Rank(node)}d";
                case "GlobalAveragePool":
                    return $"adaptive_avg_pool{SpatialRank(Input(node, 0))}d";
                case "GlobalMaxPool":
                    return $"adaptive_max_pool{SpatialRank(Input(node, 0))}d";
                case "MaxPool":
                    // Pooling to a given size is exported without padding and the mode that rounds up, which old opsets have not.
                    return node.Attribute("ceil_mode") is null && node.Attribute("pads") is null && SameInts(node, "kernel_shape", "strides") ? $"adaptive_max_pool{Rank(node)}d" : $"max_pool{Rank(node)}d";
                case "Conv":
                    return $"conv{Rank(node)}d";
                case "ConvTranspose":
                    return $"conv_transpose{Rank(node)}d";
                case "Pad":
                    // Pooling with a count that includes padding is exported as padding and pooling.
                    // unfold pads and gathers at computed places.
                    return Consumers(node).Any(c => c.OpType is "AveragePool" || (c.OpType == "Pad" && Consumers(c).Any(a => a.OpType == "AveragePool"))
                        || (c.OpType == "Gather" && Producer(c, 1) is { OpType: "Add" })) ? null : "pad";
                case "InstanceNormalization":
                    return Producer(node, 0)?.OpType == "Reshape" ? "group_norm" : "instance_norm";
                default:
                    return OnnxOperators.Find(node.OpType);
            }
        }

        OnnxNode? Through(OnnxNode? node, params string[] operators)
        {
            for (var step = 0; step < 4 && node is not null && operators.Contains(node.OpType); step++)
            {
                node = Producer(node, 0);
            }

            return node;
        }

        // A number as the greatest value: an attribute in old opsets, a constant in others.
        bool IsUpperBound(OnnxNode node) => node.OpType switch
        {
            "Clip" => Input(node, 2).Length > 0 || node.Attribute("max") is not null,
            "Min" => node.Proto.Input.Length == 2 && Producer(node, 1) is { OpType: "Constant" },
            _ => false,
        };

        bool IsGate(OnnxNode sigmoid, OnnxNode product) =>
            Producer(sigmoid, 0) is { OpType: "Split", Proto.Output: [var first, var second] } && Input(sigmoid, 0) == second && Input(product, 0) == first;

        // Squares, given one more dimension and padded, are averaged over channels.
        bool IsLocalResponseNorm(OnnxNode pool)
        {
            var isWider = false;
            var node = Producer(pool, 0);
            for (var step = 0; step < 8 && node is { OpType: "Pad" or "Reshape" or "Unsqueeze" }; step++, node = Producer(node, 0))
            {
                isWider |= node.OpType == "Unsqueeze";
            }

            return isWider && node is { OpType: "Mul" } && Input(node, 0) == Input(node, 1);
        }

        // Scaled dot product attention scales the query and the key, each by the square root of the factor, before it multiplies them.
        bool IsAttention(OnnxNode softmax)
        {
            var scores = Producer(softmax, 0);
            if (scores is { OpType: "Add" })
            {
                scores = Producer(scores, 0) is { OpType: "MatMul" } left ? left : Producer(scores, 1);
            }

            return scores is { OpType: "MatMul" } && Producer(scores, 0) is { OpType: "Mul" } && Producer(scores, 1) is { OpType: "Mul" };
        }

        int SpatialRank(string value) => ranks.Find(value) is > 2 and < 6 and var rank ? rank - 2 : 2;
    }

    /// <summary>Values that are computed from sizes and constants alone, as the arguments of view are, and those that nothing but a shape is made of.</summary>
    private static HashSet<string> Sizes(OnnxFacts facts, List<int> nodes, OnnxWeights weights, Dictionary<string, List<int>> consumers)
    {
        var sizes = new HashSet<string>(StringComparer.Ordinal);
        HashSet<string>? constants = null;
        foreach (var n in nodes)
        {
            var node = facts.Nodes[n];
            if (node.OpType is "Shape" or "Size" || (sizes.Count > 0 && KeepsSizes(node.OpType) && node.OpType is not ("ConstantOfShape" or "Transpose") && node.Proto.Input is [_, ..] inputs && Array.Exists(inputs, sizes.Contains) && Array.TrueForAll(inputs, IsNumber)))
            {
                sizes.UnionWith(node.Proto.Output);
            }
        }

        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            var node = facts.Nodes[nodes[i]];
            if (KeepsSizes(node.OpType) && node.Proto.Output is [var output] && consumers.TryGetValue(output, out var uses) && uses.TrueForAll(u => IsShapeOf(facts.Nodes[u], output)))
            {
                sizes.Add(output);
            }
        }

        return sizes;

        bool IsNumber(string value) => sizes.Contains(value) || value.Length == 0 || weights.Find(value) is { DataType: 7 }
            || (constants ??= nodes.Where(n => facts.Nodes[n].OpType is "Constant").SelectMany(n => facts.Nodes[n].Proto.Output).ToHashSet(StringComparer.Ordinal)).Contains(value);

        bool IsShapeOf(OnnxNode user, string value) => (user.OpType is "Expand" or "Reshape" or "Tile" or "Pad" or "Slice" or "Resize" or "Upsample" && Array.IndexOf(user.Proto.Input, value) > 0)
            || user.OpType is "ConstantOfShape" || (user.Proto.Output is [var result] && sizes.Contains(result));

        static bool KeepsSizes(string operation) => operation is "Gather" or "Slice" or "Unsqueeze" or "Squeeze" or "Cast" or "Concat" or "Reshape" or "Identity" or "Add" or "Sub" or "Mul" or "Div" or "Mod"
            or "Floor" or "Ceil" or "Neg" or "Min" or "Max" or "Sqrt" or "Pow" or "ReduceProd" or "ReduceSum" or "Equal" or "Where" or "ConstantOfShape" or "Transpose";
    }

    /// <summary>The input's name; "" where a malformed node has none.</summary>
    private static string Input(OnnxNode node, int index) => node.Proto.Input.Length > index ? node.Proto.Input[index] : "";

    private static int Rank(OnnxNode node) => node.Attribute("kernel_shape")?.Ints.Count is > 0 and < 4 and var rank ? rank : 2;

    private static bool SameInts(OnnxNode node, string a, string b) =>
        node.Attribute(a) is { } x && node.Attribute(b) is { } y && x.Ints.Equals(y.Ints);
}
