using System.Collections.Frozen;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>ONNX operators that are one PyTorch function. Structural operators (Constant, Shape, Cast ...) are none.</summary>
internal static class OnnxOperators
{
    private static readonly FrozenDictionary<string, string> Functions = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Relu"] = "relu", ["LeakyRelu"] = "leaky_relu", ["Elu"] = "elu", ["Selu"] = "selu", ["Celu"] = "celu", ["PRelu"] = "prelu",
        ["HardSwish"] = "hardswish", ["HardSigmoid"] = "hardsigmoid", ["Softsign"] = "softsign", ["LogSoftmax"] = "log_softmax", ["Gelu"] = "gelu", ["Mish"] = "mish",
        ["Swish"] = "silu", ["Gemm"] = "linear", ["BatchNormalization"] = "batch_norm", ["LayerNormalization"] = "layer_norm", ["GroupNormalization"] = "group_norm",
        ["RMSNormalization"] = "rms_norm", ["LRN"] = "local_response_norm", ["Resize"] = "interpolate", ["Upsample"] = "interpolate", ["GridSample"] = "grid_sample",
        ["Dropout"] = "dropout", ["Shrink"] = "hardshrink", ["Attention"] = "scaled_dot_product_attention",
        ["Add"] = "add", ["Sub"] = "sub", ["Mul"] = "mul", ["Div"] = "div", ["Pow"] = "pow", ["Exp"] = "exp", ["Log"] = "log", ["Sqrt"] = "sqrt", ["Abs"] = "abs", ["Neg"] = "neg",
        ["Concat"] = "cat", ["ReduceMean"] = "mean", ["ReduceSum"] = "sum", ["ReduceMax"] = "amax", ["ReduceMin"] = "amin", ["ReduceL2"] = "norm", ["Max"] = "maximum", ["Min"] = "minimum",
        ["Clip"] = "clamp", ["Where"] = "where", ["TopK"] = "topk", ["CumSum"] = "cumsum", ["Sin"] = "sin", ["Cos"] = "cos", ["Floor"] = "floor", ["Ceil"] = "ceil", ["Round"] = "round",
        ["Einsum"] = "einsum", ["Transpose"] = "transpose", ["Reshape"] = "reshape", ["Flatten"] = "flatten", ["Split"] = "split", ["Slice"] = "slice", ["Squeeze"] = "squeeze",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string? Find(string opType) => Functions.GetValueOrDefault(opType);
}
