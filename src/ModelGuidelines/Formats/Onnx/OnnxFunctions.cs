using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Folds ONNX operators back into the PyTorch functions that were called.</summary>
/// <remarks>Source: torch/onnx/symbolic_opset9.py to symbolic_opset20.py, which say what each function becomes.</remarks>
internal static class OnnxFunctions
{
    /// <summary>The functions behind the nodes of one scope, each with its first node.</summary>
    public static IEnumerable<(string Function, int Node)> Fold(OnnxFacts facts, List<int> nodes, OnnxWeights weights)
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

        foreach (var n in nodes)
        {
            if (Function(facts.Nodes[n]) is { } function)
            {
                yield return (function, n);
            }
        }

        IEnumerable<OnnxNode> Consumers(OnnxNode node) => node.Proto.Output.Count == 0 ? [] : (consumers.GetValueOrDefault(node.Proto.Output[0]) ?? []).Select(c => facts.Nodes[c]);

        OnnxNode? Producer(OnnxNode node, int input) => node.Proto.Input.Count > input && producers.TryGetValue(node.Proto.Input[input], out var p) ? facts.Nodes[p] : null;

        string? Function(OnnxNode node)
        {
            switch (node.OpType)
            {
                case "Sigmoid":
                    // x * sigmoid(x) may be silu(x), or what it says: which function was called is lost.
                    return Consumers(node).Any(c => c.OpType == "Mul" && c.Proto.Input.Contains(node.Proto.Input[0])) ? null : "sigmoid";
                case "Erf":
                    return Producer(node, 0) is { OpType: "Div" or "Mul" } && Consumers(node).Any(c => c.OpType == "Add") ? "gelu" : "erf";
                case "Softmax":
                    return IsAttention(node) ? "scaled_dot_product_attention" : "softmax";
                case "Softplus":
                    // x * tanh(softplus(x)) is how mish is exported.
                    return Consumers(node).Any(t => t.OpType == "Tanh" && Consumers(t).Any(m => m.OpType == "Mul" && m.Proto.Input.Contains(node.Proto.Input[0]))) ? "mish" : "softplus";
                case "Tanh":
                    return Producer(node, 0)?.OpType == "Softplus" ? null : "tanh";
                case "MatMul":
                    return node.Proto.Input.Any(i => weights.Find(i) is { Dimensions.Length: 2 }) && node.Proto.Input.Any(i => i.StartsWith("onnx::MatMul", StringComparison.Ordinal)) ? "linear" : "matmul";
                case "Gather":
                    // Indexing a parameter looks alike; an embedding reads rows of a weight.
                    return node.Proto.Input.Count > 0 && node.Proto.Input[0].EndsWith(".weight", StringComparison.Ordinal) && node.Attribute("axis") is null or { I: 0 } && weights.Find(node.Proto.Input[0]) is { Dimensions.Length: 2, DataType: 1 or 10 or 11 or 16 } ? "embedding" : "index_select";
                case "AveragePool":
                    // Pooling to a given size is exported with a kernel and strides that divide the input, and without padding attributes.
                    return node.Attribute("count_include_pad") is null && node.Attribute("ceil_mode") is null && node.Attribute("pads") is null && SameInts(node, "kernel_shape", "strides")
                        ? $"adaptive_avg_pool{Rank(node)}d" : $"avg_pool{Rank(node)}d";
                case "GlobalAveragePool":
                    return $"adaptive_avg_pool{SpatialRank(node.Proto.Input[0])}d";
                case "GlobalMaxPool":
                    return $"adaptive_max_pool{SpatialRank(node.Proto.Input[0])}d";
                case "MaxPool":
                    return $"max_pool{Rank(node)}d";
                case "Conv":
                    return $"conv{Rank(node)}d";
                case "ConvTranspose":
                    return $"conv_transpose{Rank(node)}d";
                case "Pad":
                    // Pooling with a count that includes padding is exported as padding and pooling.
                    return Consumers(node).Any(c => c.OpType is "AveragePool") ? null : "pad";
                case "InstanceNormalization":
                    return Producer(node, 0)?.OpType == "Reshape" ? "group_norm" : "instance_norm";
                default:
                    return OnnxOperators.Find(node.OpType);
            }
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

        int SpatialRank(string value) => facts.Model.Graph.Values.Concat(facts.Model.Graph.Inputs).FirstOrDefault(v => v.Name == value)?.Type?.TensorType?.Shape?.Dim.Count is > 2 and < 6 and var rank ? rank - 2 : 2;
    }

    private static int Rank(OnnxNode node) => node.Attribute("kernel_shape")?.Ints.Count is > 0 and < 4 and var rank ? rank : 2;

    private static bool SameInts(OnnxNode node, string a, string b) =>
        node.Attribute(a) is { } x && node.Attribute(b) is { } y && x.Ints.Equals(y.Ints);
}
