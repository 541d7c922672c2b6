using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Functions and types of torch itself.</summary>
internal sealed class Torch : PythonLibrary
{
    /// <summary>Tensors in, one tensor out; no methods of tensors.</summary>
    private const string Plain =
        """
        adaptive_avg_pool1d affine_grid_generator alpha_dropout avg_pool1d batch_norm bilinear binary_cross_entropy_with_logits binomial block_diag bucketize cartesian_prod cat cdist celu
        chain_matmul channel_shuffle column_stack combinations complex concat concatenate constant_pad_nd conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d
        convolution cosine_embedding_loss cosine_similarity ctc_loss cumulative_trapezoid dropout dstack einsum embedding fake_quantize_per_channel_affine fake_quantize_per_tensor_affine
        feature_alpha_dropout feature_dropout fill frobenius_norm grid_sampler grid_sampler_2d grid_sampler_3d group_norm gru_cell hinge_embedding_loss hspmm hstack imag
        instance_norm isin kl_div layer_norm margin_ranking_loss matrix_rank max_pool1d max_pool2d max_pool3d norm_except_dim nuclear_norm pairwise_distance pdist pixel_shuffle pixel_unshuffle
        poisson_nll_loss polar quantize_per_channel quantize_per_tensor_dynamic real rms_norm rnn_relu_cell rnn_tanh_cell row_stack rrelu rsub saddmm scaled_dot_product_attention
        searchsorted segment_reduce selu solve spmm dsmm hsmm stack tensordot threshold trapezoid trapz triplet_margin_loss vander vstack
        """;

    /// <summary>They join the tensors of one list.</summary>
    private static readonly HashSet<string> Joining = [.. "cat column_stack concat concatenate dstack hstack row_stack stack vstack".Split(' ')];

    /// <summary>Tensors made of numbers: no operation on tensors.</summary>
    private const string Made =
        """
        as_tensor asarray bartlett_window blackman_window empty empty_like empty_permuted empty_quantized empty_strided eye frombuffer from_dlpack from_file from_numpy full full_like hamming_window
        hann_window kaiser_window logspace normal ones ones_like poisson rand rand_like randint randint_like randn randn_like randperm range scalar_tensor sparse_bsc_tensor
        sparse_bsr_tensor sparse_compressed_tensor sparse_coo_tensor sparse_csc_tensor sparse_csr_tensor tril_indices triu_indices zeros zeros_like
        BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor ShortTensor BFloat16Tensor
        """;

    private const string Linear =
        """
        cholesky cond cross det diagonal eigvals eigvalsh householder_product inv ldl_solve lu_solve matmul matrix_exp matrix_norm matrix_power matrix_rank multi_dot norm pinv solve
        solve_triangular svdvals tensorinv tensorsolve vander vecdot vector_norm
        """;

    /// <summary>They set something up.</summary>
    private const string Setters =
        """
        manual_seed save set_default_dtype set_default_tensor_type set_default_device set_deterministic_debug_mode set_flush_denormal set_float32_matmul_precision set_num_interop_threads set_num_threads
        set_printoptions set_rng_state set_warn_always use_deterministic_algorithms _assert _check _check_is_size _C._log_api_usage_once _assert_async
        """;

    public override IReadOnlyList<string> Prefixes => ["torch"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. TorchFunctions.Rows,
        .. LibraryRow.For(Plain, Returns.Tensor, Does.Operation).Where(r => !Joining.Contains(r.Name)),
        .. Joining.Select(n => new LibraryRow(n, Returns.Tensor, Does.Operation) { TakesSequence = true }),
        .. LibraryRow.For(Made, Returns.Tensor).Select(r => r with { MakesOf = r.Name is "from_numpy" ? InputUse.AsArray : r.Name.EndsWith("Tensor", StringComparison.Ordinal) ? InputUse.OrArray : null }),
        LibraryRow.Of("tensor", (_, a) => NumberTensors.Of(a), Returns.Tensor) with { Computes = true },
        LibraryRow.Of("Tensor", (_, a) => a.Positional is [SequenceValue] ? NumberTensors.Of(a) : new TensorValue(), Returns.Tensor),
        LibraryRow.Of("arange", (_, a) => NumberTensors.Counted(a), Returns.Tensor) with { Computes = true },
        LibraryRow.Of("linspace", (c, a) => Numpy.Linspace(c, a) is SequenceValue row ? new NumbersValue(row.Items) : null, Returns.Tensor) with { Computes = true },
        .. LibraryRow.For("adaptive_max_pool1d gru max_pool1d_with_indices rnn_relu rnn_tanh lstm_cell svd_lowrank lobpcg", Returns.TwoTensors, Does.Operation),
        .. LibraryRow.For("lstm lu_unpack pca_lowrank", Returns.ThreeTensors, Does.Operation),
        .. LibraryRow.For("align_tensors embedding_bag histogramdd", Returns.TensorTuple, Does.Operation),
        .. new[] { "broadcast_tensors", "meshgrid" }.Select(n => LibraryRow.Of(n, AsMany, Returns.TensorTuple, Does.Operation) with { Computes = true }),
        .. new[] { "atleast_1d", "atleast_2d", "atleast_3d" }.Select(n => LibraryRow.Of(n, (c, a) => a.Positional.Count > 1 ? AsMany(c, a) : null, Returns.Tensor, Does.Operation)),
        LibraryRow.Of("quantize_per_tensor", (c, a) => a.Find(0, "input") is SequenceValue ? c.Result(Returns.TensorTuple, a) : null, Returns.Tensor, Does.Operation),
        .. LibraryRow.For(Prefixed("linalg", Linear), Returns.Tensor, Does.Operation),
        .. LibraryRow.For(Prefixed("linalg", "cholesky_ex eig eigh inv_ex ldl_factor lu_factor qr slogdet solve_ex"), Returns.TwoTensors, Does.Operation),
        .. LibraryRow.For(Prefixed("linalg", "svd lu ldl_factor_ex lu_factor_ex"), Returns.ThreeTensors, Does.Operation),
        .. LibraryRow.For("linalg.lstsq", Returns.TensorTuple, Does.Operation),
        .. LibraryRow.For(Setters, Returns.None),
        .. LibraryRow.For(
            "are_deterministic_algorithms_enabled can_cast compiled_with_cxx11_abi cudnn_is_acceptable is_anomaly_enabled is_autocast_cache_enabled is_autocast_cpu_enabled is_autocast_enabled is_grad_enabled " +
            "is_inference_mode_enabled is_storage is_vulkan_available is_deterministic_algorithms_warn_only_enabled is_warn_always_enabled", Returns.Boolean),
        .. LibraryRow.For("get_num_interop_threads get_num_threads initial_seed seed", Returns.Number),
        .. LibraryRow.For(
            "get_autocast_cpu_dtype get_autocast_dtype get_autocast_gpu_dtype get_default_dtype get_default_device get_deterministic_debug_mode get_float32_matmul_precision get_rng_state promote_types result_type " +
            "finfo iinfo device dtype Generator load Stream Event typename layout memory_format", Returns.Unknown),
        .. LibraryRow.For("broadcast_shapes", Returns.Numbers),
        LibraryRow.Of("Size", (c, a) => a.Find(0, "iterable") is SequenceValue s ? new SequenceValue(SequenceKind.Tuple, [.. s.Items], s.Rest) : null, Returns.Numbers),
        LibraryRow.Of("is_tensor", IsTensor, Returns.Boolean),

        // What they wrap stays what it is; as a decorator, as a function, or around a block.
        .. LibraryRow.Decorators("no_grad enable_grad inference_mode set_grad_enabled autocast compile vmap"),
        LibraryRow.Of("cond", Branches, Returns.Unknown, Does.ControlFlow),
        .. LibraryRow.For("while_loop _higher_order_ops.map _higher_order_ops.scan _higher_order_ops.associative_scan", Returns.Unknown, Does.ControlFlow).Select(r => r with { Hides = Hides.Everything }),
    ];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["torch.functional."] = "torch.",
        ["torch.functional.F."] = "torch.nn.functional.", // the name under which that file imports it
        ["torch._VF."] = "torch.",
        ["torch._C._nn."] = "torch.nn.functional.",
        ["torch.ops.aten."] = "torch.",
        ["torch._higher_order_ops.cond"] = "torch.cond",
        ["torch._higher_order_ops.cond.cond"] = "torch.cond",
        ["torch.cond.cond"] = "torch.cond",
        ["torch._higher_order_ops.while_loop"] = "torch.while_loop",
        ["torch._higher_order_ops.while_loop.while_loop"] = "torch.while_loop",
        ["torch._higher_order_ops.map.map"] = "torch._higher_order_ops.map",
        ["torch._higher_order_ops.scan.scan"] = "torch._higher_order_ops.scan",
        ["torch._higher_order_ops.associative_scan.associative_scan"] = "torch._higher_order_ops.associative_scan",
        ["functorch.experimental.control_flow.cond"] = "torch.cond",
        ["functorch.experimental.control_flow.map"] = "torch._higher_order_ops.map",
        ["torch.special.expit"] = "torch.sigmoid",
        ["torch.special.softmax"] = "torch.softmax",
        ["torch.special.log_softmax"] = "torch.log_softmax",
        ["torch.types.Tensor"] = "torch.Tensor",
        ["torch.linalg.linalg_norm"] = "torch.linalg.norm",
    };

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("Tensor", ClassKind.Plain)
        {
            Attributes =
            [
                .. "T mT H mH data real imag".Split(' ').Select(n => (n, Returns.Tensor)),
                .. "ndim itemsize nbytes output_nr".Split(' ').Select(n => (n, Returns.Number)),
                .. "requires_grad is_cuda is_cpu is_mps is_meta is_leaf is_sparse is_quantized is_nested is_mkldnn is_sparse_csr is_vulkan is_xpu is_ipu is_xla retains_grad".Split(' ').Select(n => (n, Returns.Boolean)),
                .. "grad dtype device layout grad_fn names name".Split(' ').Select(n => (n, Returns.Unknown)),
                ("shape", Returns.Numbers),
            ],
        },
    ];

    public override IReadOnlyDictionary<string, Value> Constants { get; } = new Dictionary<string, Value>(StringComparer.Ordinal)
    {
        ["pi"] = new ConstantValue(Math.PI),
        ["e"] = new ConstantValue(Math.E),
        ["inf"] = new ConstantValue(double.PositiveInfinity),
        ["nan"] = new ConstantValue(double.NaN),
    };

    /// <summary>torch.special and torch.fft are functions of tensors throughout; so are names that end with an underscore.</summary>
    public override LibraryRow? Other(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        if (name.StartsWith("special.", StringComparison.Ordinal) || name.StartsWith("fft.", StringComparison.Ordinal))
        {
            return last.EndsWith("freq", StringComparison.Ordinal) ? new(name, Returns.Tensor) : new(name, Returns.Tensor, Does.Operation) { Operation = last };
        }

        return last.Length == name.Length && last.EndsWith('_') && !last.StartsWith('_') ? new(name, Returns.First, Does.Operation) : null;
    }

    private static string Prefixed(string prefix, string names) => string.Join(' ', names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(n => $"{prefix}.{n}"));

    /// <summary>As many tensors as are given, by themselves or in one list.</summary>
    private static SequenceValue? AsMany(ILibraryContext context, CallArguments arguments) =>
        arguments.Rest is not null ? null
        : arguments.Positional is [SequenceValue given] ? given.Rest is null ? TorchFunctions.Tensors(given.Items.Count) : null
        : arguments.Positional.Count > 0 && arguments.Positional.TrueForAll(v => v is TensorValue) ? TorchFunctions.Tensors(arguments.Positional.Count) : null;

    /// <summary><c>torch.cond(pred, true_fn, false_fn, operands)</c>: one of the two functions runs.</summary>
    private static Value? Branches(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(1, "true_fn") is not { } then || arguments.Find(2, "false_fn") is not { } otherwise || arguments.HasUnknown)
        {
            context.Gap("what 'torch.cond' calls is not followed", Hides.Everything);
            return null;
        }

        var operands = arguments.Find(3, "operands") is { } given ? context.Iterate(given) : [];
        return context.ForEach(context.OneOf([then, otherwise], "the branch of torch.cond"), f => context.Call(f, CallArguments.Of([.. operands])));
    }

    private static ConstantValue? IsTensor(ILibraryContext context, CallArguments arguments) => arguments.Find(0, "obj") switch
    {
        TensorValue => ConstantValue.True,
        null or UnknownValue or ChoiceValue => null,
        _ => ConstantValue.False,
    };
}
