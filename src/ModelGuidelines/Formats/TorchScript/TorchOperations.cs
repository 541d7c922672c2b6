using System.Collections.Frozen;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>PyTorch's names of the operations that TorchScript's code calls.</summary>
internal static class TorchOperations
{
    /// <summary>Operators that read or build Python values and touch no tensor's content.</summary>
    private static readonly FrozenSet<string> Bookkeeping = Words(
        "size sym_size dim ndimension len numel item device dtype layout type format append extend insert pop remove clear reverse sort_ _set_item __getitem__ __contains__ keys values items list dict setdefault update get " +
        "__is__ __isnot__ __not__ __and__ __or__ warn stride storage_offset is_floating_point is_complex is_signed is_contiguous is_cuda is_leaf is_nonzero get_device requires_grad requires_grad_ " +
        "tolist __range_length __derive_index Int Float Bool IntImplicit FloatImplicit ScalarImplicit Complex hash ord chr str join split_ strip startswith endswith lower upper replace find count index_ " +
        "is_grad_enabled set_grad_enabled is_scripting is_tracing _infer_size broadcast_shapes result_type finfo iinfo data grad has_torch_function percentFormat");

    /// <summary>Operators whose result is a number, a flag or a text.</summary>
    private static readonly FrozenSet<string> Numbers = Words("dim ndimension len numel item get_device storage_offset __range_length __derive_index Int Float IntImplicit FloatImplicit ScalarImplicit hash ord find count");

    private static readonly FrozenSet<string> Flags = Words("is_floating_point is_complex is_signed is_contiguous is_cuda is_leaf is_nonzero requires_grad __contains__ Bool startswith endswith is_grad_enabled is_scripting is_tracing equal allclose");

    /// <summary>Operators that return a list of tensors.</summary>
    private static readonly FrozenSet<string> TensorLists = Words("chunk split unbind split_with_sizes tensor_split unsafe_chunk unsafe_split meshgrid broadcast_tensors hsplit vsplit dsplit where_");

    /// <summary>aten's name, PyTorch's name.</summary>
    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["upsample_nearest1d"] = "interpolate", ["upsample_nearest2d"] = "interpolate", ["upsample_nearest3d"] = "interpolate", ["_upsample_nearest_exact2d"] = "interpolate",
        ["upsample_linear1d"] = "interpolate", ["upsample_bilinear2d"] = "interpolate", ["upsample_trilinear3d"] = "interpolate", ["upsample_bicubic2d"] = "interpolate",
        ["_upsample_nearest_exact1d"] = "interpolate", ["_upsample_nearest_exact3d"] = "interpolate", ["_upsample_bilinear2d_aa"] = "interpolate", ["_upsample_bicubic2d_aa"] = "interpolate",
        ["__interpolate"] = "interpolate", ["__upsample"] = "interpolate", ["__upsample_bilinear"] = "interpolate", ["__upsample_nearest"] = "interpolate",
        ["reflection_pad1d"] = "pad", ["reflection_pad2d"] = "pad", ["reflection_pad3d"] = "pad", ["replication_pad1d"] = "pad", ["replication_pad2d"] = "pad", ["replication_pad3d"] = "pad", ["_pad_circular"] = "pad",
        ["_softmax"] = "softmax", ["_log_softmax"] = "log_softmax", ["log_sigmoid"] = "logsigmoid", ["im2col"] = "unfold", ["col2im"] = "fold", ["feature_dropout"] = "dropout2d", ["native_dropout"] = "dropout",
        ["native_layer_norm"] = "layer_norm", ["native_group_norm"] = "group_norm", ["native_batch_norm"] = "batch_norm", ["_batch_norm_impl_index"] = "batch_norm", ["native_channel_shuffle"] = "channel_shuffle",
        ["linalg_vector_norm"] = "norm", ["_scaled_dot_product_attention"] = "scaled_dot_product_attention", ["grid_sampler"] = "grid_sample", ["split_with_sizes"] = "split", ["_adaptive_avg_pool2d"] = "adaptive_avg_pool2d",
        ["_adaptive_avg_pool3d"] = "adaptive_avg_pool3d", ["thnn_conv2d"] = "conv2d", ["mkldnn_convolution"] = "conv2d", ["fused_rms_norm"] = "rms_norm", ["_fused_rms_norm"] = "rms_norm",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a call of that operator on tensors counts as an operation of the module.</summary>
    public static bool IsOperation(string name) => !Bookkeeping.Contains(name) && !name.StartsWith("is_", StringComparison.Ordinal);

    /// <summary>What an operator with tensor arguments returns.</summary>
    public static ScriptValue ResultOf(string name) => name is "size" or "stride" or "sym_size" ? ScriptValue.Of(new ModelValueType(ValueKind.List, Elements: [ModelValueType.Number]))
        : Numbers.Contains(name) ? ScriptValue.Number
        : Flags.Contains(name) ? ScriptValue.Boolean
        : TensorLists.Contains(name) ? ScriptValue.Of(ModelValueType.List(ModelValueType.Tensor))
        : ScriptValue.Tensor;

    /// <summary>PyTorch's name of an aten operator, as far as its name alone tells.</summary>
    public static string NameOf(string aten) => Names.TryGetValue(aten, out var name) ? name : OperationTable.Canonical(aten);

    /// <summary>The name of a function of <c>torch.nn.functional</c> by the name under which it is compiled or shows in a stack: <c>_max_pool2d</c>, <c>interpolate__1</c>.</summary>
    public static string NameOfFunction(string function)
    {
        var overload = function.LastIndexOf("__", StringComparison.Ordinal);
        if (overload > 0 && function.AsSpan(overload + 2).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            function = function[..overload];
        }

        function = function.TrimStart('_');
        return function.EndsWith("_with_indices", StringComparison.Ordinal) ? function[..^"_with_indices".Length] : NameOf(function);
    }

    private static FrozenSet<string> Words(string text) => text.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
