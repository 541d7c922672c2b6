using System.Collections.Frozen;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.PyTorch;

/// <summary>From ATen's operators to the functions people call.</summary>
internal static class AtenNames
{
    private static readonly FrozenDictionary<string, string> Functions = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["native_layer_norm"] = "layer_norm", ["native_group_norm"] = "group_norm", ["native_batch_norm"] = "batch_norm", ["batch_norm_impl_index"] = "batch_norm",
        ["native_batch_norm_legit"] = "batch_norm", ["native_batch_norm_legit_no_training"] = "batch_norm", ["native_batch_norm_legit_functional"] = "batch_norm",
        ["batch_norm_with_update"] = "batch_norm", ["cudnn_batch_norm"] = "batch_norm", ["native_dropout"] = "dropout", ["feature_dropout"] = "dropout2d",
        ["fused_rms_norm"] = "rms_norm", ["safe_softmax"] = "softmax", ["thnn_fused_lstm_cell"] = "lstm", ["linalg_vector_norm"] = "norm", ["prelu_kernel"] = "prelu",
        ["log_sigmoid_forward"] = "logsigmoid", ["im2col"] = "unfold", ["col2im"] = "fold", ["to_copy"] = "to", ["native_channel_shuffle"] = "channel_shuffle",
        ["reflection_pad1d"] = "pad", ["reflection_pad2d"] = "pad", ["reflection_pad3d"] = "pad", ["pad_circular"] = "pad",
        ["replication_pad1d"] = "pad", ["replication_pad2d"] = "pad", ["replication_pad3d"] = "pad",
        ["scaled_dot_product_flash_attention_for_cpu"] = "scaled_dot_product_attention", ["scaled_dot_product_flash_attention"] = "scaled_dot_product_attention",
        ["scaled_dot_product_efficient_attention"] = "scaled_dot_product_attention", ["scaled_dot_product_attention_math"] = "scaled_dot_product_attention",
        ["grid_sampler"] = "grid_sample", ["split_with_sizes"] = "split", ["thnn_conv2d"] = "conv2d", ["mkldnn_convolution"] = "conv2d", ["conv2d_clamp_run"] = "conv2d", ["conv2d_transpose_clamp_run"] = "conv_transpose2d", ["linear_clamp_run"] = "linear",
        ["__interpolate"] = "interpolate", ["__upsample"] = "interpolate", ["__upsample_bilinear"] = "interpolate", ["__upsample_nearest"] = "interpolate",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The function behind an operator: <c>aten._softmax.default</c> and <c>torch.ops.aten.softmax.int</c> are softmax.</summary>
    /// <param name="target">With or without namespace and overload.</param>
    /// <param name="spatialRank">Of a convolution's kernel; 2 when unknown.</param>
    public static string Function(string target, int spatialRank = 2)
    {
        var name = target.StartsWith("torch.ops.", StringComparison.Ordinal) ? target["torch.ops.".Length..] : target;
        name = name.Replace("::", ".", StringComparison.Ordinal);
        var parts = name.Split('.');
        name = Operator(parts.Length > 1 ? parts[1] : parts[0]);
        return name is "convolution" ? $"conv{spatialRank}d" : name;
    }

    /// <summary>The function behind an operator's plain name: <c>_softmax</c> and <c>softmax_</c> are softmax.</summary>
    public static string Operator(string name)
    {
        if (Functions.TryGetValue(name, out var function))
        {
            return function;
        }

        // A leading underscore marks what ATen calls inside; two begin the names of Python's operators.
        var plain = name.StartsWith("__", StringComparison.Ordinal) || name.Length == 1 ? name : name.TrimStart('_');
        plain = OperationTable.Canonical(plain);
        return plain.StartsWith("upsample_", StringComparison.Ordinal) ? "interpolate" : Functions.GetValueOrDefault(plain, plain);
    }
}
