using System.Collections.Frozen;
using ModelGuidelines.Formats.PyTorch;
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

    /// <summary>Whether a call of that operator on tensors counts as an operation of the module.</summary>
    public static bool IsOperation(string name) => !Bookkeeping.Contains(name) && !name.StartsWith("is_", StringComparison.Ordinal);

    /// <summary>What an operator with tensor arguments returns.</summary>
    public static ScriptValue ResultOf(string name) => name is "size" or "stride" or "sym_size" ? ScriptValue.Of(new ModelValueType(ValueKind.List, Elements: [ModelValueType.Number]))
        : Numbers.Contains(name) ? ScriptValue.Number
        : Flags.Contains(name) ? ScriptValue.Boolean
        : TensorLists.Contains(name) ? ScriptValue.Of(ModelValueType.List(ModelValueType.Tensor))
        : ScriptValue.Tensor;

    /// <summary>The name of a function of <c>torch.nn.functional</c> by the name under which it is compiled or shows in a stack: <c>_max_pool2d</c>, <c>interpolate__1</c>.</summary>
    public static string NameOfFunction(string function)
    {
        var overload = function.LastIndexOf("__", StringComparison.Ordinal);
        if (overload > 0 && function.AsSpan(overload + 2).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            function = function[..overload];
        }

        function = function.TrimStart('_');
        return function.EndsWith("_with_indices", StringComparison.Ordinal) ? function[..^"_with_indices".Length] : AtenNames.Operator(function);
    }

    private static FrozenSet<string> Words(string text) => text.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
