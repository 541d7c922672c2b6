using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Functions that torch has and that tensors have as methods: rows for both, the tensor first.</summary>
internal static class TorchFunctions
{
    /// <summary>Tensors that are counted out one by one; more are 'some'.</summary>
    private const int MaxCounted = 1_000;

    /// <summary>Tensors in, one tensor out.</summary>
    private const string Plain =
        """
        abs absolute acos acosh addbmm addcdiv addcmul addmm addmv addr adjoint all amax amin angle any arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort
        argwhere as_strided as_strided_scatter asin asinh atan atan2 atanh baddbmm bernoulli bincount bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
        bitwise_xor bmm broadcast_to ceil cholesky cholesky_inverse cholesky_solve clamp clamp_max clamp_min clip clone conj conj_physical copysign corrcoef cos cosh
        count_nonzero cov cross cumprod cumsum deg2rad det detach diag diag_embed diagflat diagonal diagonal_scatter diff digamma dist dot eq erf erfc erfinv exp exp2
        expm1 fix flatten flip fliplr flipud float_power floor fmax fmin fmod frac gather gcd ge ger greater greater_equal gt hardshrink heaviside histc hypot
        i0 igamma igammac index_add index_copy index_fill index_put index_reduce index_select inner int_repr inverse isclose isfinite isinf isnan isneginf isposinf isreal istft kron lcm
        ldexp le lerp less less_equal lgamma log log10 log1p log2 log_softmax logaddexp logaddexp2 logcumsumexp logdet logical_and logical_not logical_or logical_xor logit
        logsumexp lt lu_solve masked_fill masked_scatter masked_select matmul matrix_exp matrix_power maximum mean minimum mm moveaxis movedim msort multinomial mv
        mvlgamma nan_to_num nanmean nanquantile nansum narrow narrow_copy ne neg negative nextafter norm not_equal orgqr ormqr outer permute pinverse polygamma positive pow prelu
        prod put q_per_channel_scales q_per_channel_zero_points quantile rad2deg ravel reciprocal relu remainder renorm repeat_interleave reshape
        resolve_conj resolve_neg roll rot90 round rsqrt scatter scatter_add scatter_reduce select select_scatter sgn sigmoid sign signbit sin sinc sinh slice_scatter smm softmax
        sqrt square squeeze sspaddmm std stft sum swapaxes swapdims t take take_along_dim tan tanh tile trace transpose tril triu trunc unflatten
        unsqueeze var vdot view_as_complex view_as_real xlogy
        """;

    /// <summary>The same of tensors or numbers (PyTorch's <c>should_allow_numbers_as_tensors</c>).</summary>
    private const string OfNumbers = "add div divide floor_divide mul multiply sub subtract true_divide";

    /// <summary>Two tensors out.</summary>
    private const string Two = "aminmax cummax cummin frexp geqrf histogram kthvalue lstsq lu mode qr slogdet sort std_mean symeig topk triangular_solve var_mean";

    /// <summary>Some tensors out, as a tuple.</summary>
    private const string Several = "dsplit gradient hsplit split_with_sizes tensor_split unbind unsafe_chunk unsafe_split unsafe_split_with_sizes vsplit";

    private const string Questions = "allclose equal is_complex is_conj is_distributed is_floating_point is_inference is_neg is_nonzero is_same_size is_signed";

    public static IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For(Plain, Returns.Tensor, Does.Operation),
        .. LibraryRow.For(OfNumbers, Returns.Tensor, Does.Operation).Select(r => r with { TakesNumbers = true }),
        .. LibraryRow.For(Two, Returns.TwoTensors, Does.Operation),
        .. LibraryRow.For("svd", Returns.ThreeTensors, Does.Operation),
        .. LibraryRow.For(Several, Returns.TensorTuple, Does.Operation),
        .. LibraryRow.For(Questions, Returns.Boolean),
        .. LibraryRow.For("numel q_scale q_zero_point q_per_channel_axis get_device", Returns.Number),

        // With a dimension they say where, too.
        .. new[] { "max", "min", "median", "nanmedian" }.Select(n => LibraryRow.Of(n, AlongDimension, Returns.Tensor, Does.Operation)),
        .. new[] { "unique", "unique_consecutive" }.Select(n => LibraryRow.Of(n, Unique, Returns.Tensor, Does.Operation)),
        LibraryRow.Of("where", (c, a) => a.Positional.Count + a.Named.Count > 1 ? null : c.Result(Returns.TensorTuple, a), Returns.Tensor, Does.Operation),
        LibraryRow.Of("nonzero", (c, a) => a.Find("as_tuple") is { } asTuple && c.Truth(asTuple) is not false ? c.Result(Returns.TensorTuple, a) : null, Returns.Tensor, Does.Operation),
        LibraryRow.Of("dequantize", (c, a) => a.Find(0, "tensors") is SequenceValue ? c.Result(Returns.TensorTuple, a) : null, Returns.Tensor, Does.Operation),
        LibraryRow.Of("chunk", (_, a) => Counted(a.Find(1, "chunks")), Returns.TensorTuple, Does.Operation),
        LibraryRow.Of("split", (_, a) => a.Find(0, "tensor") is NumbersValue row ? Parts(row, a.Find(1, "split_size_or_sections") ?? a.Find("split_size")) : (a.Find(1, "split_size_or_sections") ?? a.Find("split_size")) is SequenceValue { Rest: null } sizes ? Tensors(sizes.Items.Count) : null, Returns.TensorTuple, Does.Operation),
    ];

    /// <summary>A tuple of so many tensors.</summary>
    public static SequenceValue Tensors(int count) => SequenceValue.Tuple([.. Enumerable.Range(0, count).Select(_ => new TensorValue())]);

    /// <summary>Known numbers in parts of given lengths, or each of one length but the last.</summary>
    private static SequenceValue? Parts(NumbersValue row, Value? sizes)
    {
        var lengths = sizes switch
        {
            ConstantValue { Raw: long n and > 0, IsOpen: false } => row.Numbers.Chunk((int)Math.Min(n, int.MaxValue)).Select(c => (long)c.Length),
            SequenceValue { Rest: null } list when list.Items.TrueForAll(i => i is ConstantValue { Raw: long and >= 0 }) => list.Items.Select(i => (long)((ConstantValue)i).Raw!),
            _ => null,
        };
        if (lengths is null)
        {
            return null;
        }

        var (from, parts) = (0L, new List<Value>());
        foreach (var length in lengths)
        {
            parts.Add(new NumbersValue([.. row.Numbers.Skip((int)from).Take((int)length)]));
            from += length;
        }

        return from == row.Numbers.Count ? SequenceValue.Tuple([.. parts]) : null;
    }

    private static SequenceValue? Counted(Value? count) => count is ConstantValue { Raw: long n and > 0 and <= MaxCounted, IsOpen: false } ? Tensors((int)n) : null;

    private static Value? AlongDimension(ILibraryContext context, CallArguments arguments) =>
        arguments.Find("dim") is not null || (arguments.Positional.Count > 1 && !context.HoldsTensor(arguments.Positional[1])) ? context.Result(Returns.TwoTensors, arguments) : null;

    private static Value? Unique(ILibraryContext context, CallArguments arguments)
    {
        var more = new[] { "return_inverse", "return_counts" }.Select(n => arguments.Find(n) is { } asked ? context.Truth(asked) : false).ToList();
        return more.Contains(null) ? context.Result(Returns.TensorTuple, arguments) : more.Contains(true) ? Tensors(1 + more.Count(m => m is true)) : null;
    }
}
