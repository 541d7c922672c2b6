using System.Collections.Frozen;
using System.Collections.Immutable;
using ModelGuidelines.Formats.Onnx.Wire;

namespace ModelGuidelines.Formats.Onnx.AfterTools;

/// <summary>The operators of quantizers and optimizers, and what the exporter wrote in their place.</summary>
internal static class MergedOperators
{
    /// <param name="OpType">What the exporter wrote.</param>
    /// <param name="Inputs">Which inputs are its inputs.</param>
    public sealed record Meaning(string OpType, ImmutableArray<int> Inputs);

    private static readonly FrozenDictionary<string, Meaning> Table = new Dictionary<string, Meaning>(StringComparer.Ordinal)
    {
        // Quantized: input, its scale and zero point, the next input ...
        ["QLinearConv"] = new("Conv", [0, 3, 8]), ["QLinearMatMul"] = new("MatMul", [0, 3]), ["QGemm"] = new("Gemm", [0, 3, 6]),
        ["QLinearAdd"] = new("Add", [0, 3]), ["QLinearMul"] = new("Mul", [0, 3]), ["QLinearSigmoid"] = new("Sigmoid", [0]), ["QLinearLeakyRelu"] = new("LeakyRelu", [0]),
        ["QLinearSoftmax"] = new("Softmax", [0]), ["QLinearGlobalAveragePool"] = new("GlobalAveragePool", [0]), ["QLinearAveragePool"] = new("AveragePool", [0]),
        ["QLinearReduceMean"] = new("ReduceMean", [0]), ["QLinearConcat"] = new("Concat", [2, 5, 8, 11, 14, 17, 20, 23]), ["QLinearWhere"] = new("Where", [0, 1, 4]),
        ["ConvInteger"] = new("Conv", [0, 1]), ["MatMulInteger"] = new("MatMul", [0, 1]), ["MatMulIntegerToFloat"] = new("MatMul", [0, 1]), ["DynamicQuantizeMatMul"] = new("MatMul", [0, 1]),
        ["MatMulNBits"] = new("MatMul", [0, 1]),

        // Fused.
        ["FusedConv"] = new("Conv", [0, 1, 2]), ["NhwcFusedConv"] = new("Conv", [0, 1, 2]), ["NhwcConv"] = new("Conv", [0, 1, 2]), ["NhwcMaxPool"] = new("MaxPool", [0]),
        ["FusedGemm"] = new("Gemm", [0, 1, 2]), ["GemmFastGelu"] = new("Gemm", [0, 1, 2]), ["FusedMatMul"] = new("MatMul", [0, 1]), ["TransposeMatMul"] = new("MatMul", [0, 1]),
        ["FastGelu"] = new("Gelu", [0]), ["BiasGelu"] = new("Gelu", [0]), ["BiasSoftmax"] = new("Softmax", [0]),
        ["SkipLayerNormalization"] = new("LayerNormalization", [0, 2, 3]), ["SimplifiedLayerNormalization"] = new("RMSNormalization", [0, 1]),
        ["SkipSimplifiedLayerNormalization"] = new("RMSNormalization", [0, 2]),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Bridges = new[] { "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ReorderInput", "ReorderOutput" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Fused operators that hold calls of several modules and functions, of which no name is left.</summary>
    private static readonly FrozenSet<string> Several = new[]
    {
        "Attention", "MultiHeadAttention", "PackedAttention", "PackedMultiHeadAttention", "DecoderAttention", "DecoderMaskedMultiHeadAttention", "DecoderMaskedSelfAttention", "GroupQueryAttention",
        "SparseAttention", "LongformerAttention", "QAttention", "QOrderedAttention", "EmbedLayerNormalization", "QEmbedLayerNormalization", "GatedRelativePositionBias", "BiasSplitGelu", "SkipGroupNorm",
        "MoE", "QMoE", "BeamSearch", "GreedySearch", "Sampling",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static Meaning? Find(NodeContent node) => Table.GetValueOrDefault(node.OpType);

    /// <summary>Whether a tool has put so much into the node that what was called cannot be told.</summary>
    public static bool HoldsSeveral(NodeContent node) => node.Domain.StartsWith("com.microsoft", StringComparison.Ordinal) && Several.Contains(node.OpType);

    /// <summary>Whether a node only changes how a value is stored.</summary>
    public static bool IsBridge(NodeContent node) => Bridges.Contains(node.OpType);

    /// <summary>Whether no exporter of PyTorch writes such a node.</summary>
    public static bool IsToolsOwn(NodeContent node) => IsToolsOwn(node.OpType) || node.Domain.StartsWith("com.microsoft", StringComparison.Ordinal);

    /// <summary>Whether no exporter of PyTorch writes such an operator; with its domain, if it has one.</summary>
    public static bool IsToolsOwn(string opType) => Bridges.Contains(opType) || Table.ContainsKey(opType) || opType.StartsWith("com.microsoft", StringComparison.Ordinal);
}
