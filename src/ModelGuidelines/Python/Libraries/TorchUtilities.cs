using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What surrounds torch: compilation, checkpointing, initialization, devices, training.</summary>
internal sealed class TorchUtilities : PythonLibrary
{
    /// <summary>Parts of torch in which nothing counts for a model's forward pass: a name in them gives something that is no tensor of the model.</summary>
    private static readonly string[] Aside =
    [
        "autograd.", "backends.", "cuda.", "cpu.", "mps.", "xpu.", "distributed.", "futures.", "hub.", "library.", "multiprocessing.", "onnx.", "optim.", "package.", "profiler.", "random.", "serialization.", "storage.",
        "testing.", "types.", "utils.", "version.", "quantization.", "ao.quantization.", "_dynamo.", "_inductor.", "_C.", "overrides.", "export.", "accelerator.", "amp.", "fx.", "jit.", "compiler.", "nn.utils.", "nn.init.",
        "nn.attention.", "nested.", "sparse.", "distributions.", "masked.", "func.", "signal.", "monitor.", "return_types.", "classes.", "functional.", "_utils.", "_jit_internal.", "_logging.", "__config__.",
    ];

    public override IReadOnlyList<string> Prefixes => ["torch"];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["torch.autograd.function.Function"] = "torch.autograd.Function",
        ["torch.ao.quantization."] = "torch.quantization.",
        ["torch.quantization.stubs."] = "torch.quantization.",
        ["torch.quantization.QuantStub"] = "torch.nn.Identity",
        ["torch.quantization.DeQuantStub"] = "torch.nn.Identity",
        ["torch.quantization.QuantWrapper"] = "torch.nn.DataParallel",
        ["torch.nn.utils.parametrizations."] = "torch.nn.utils.",
        ["torch.utils.checkpoint.checkpoint_wrapper"] = "torch.utils.checkpoint.wrapper",
        ["torch.cuda.amp."] = "torch.amp.",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        // Run as written, by whoever audits: not scripted, traced, exported or compiled.
        .. LibraryRow.For(
            "jit.is_scripting jit.is_tracing onnx.is_in_onnx_export compiler.is_compiling compiler.is_dynamo_compiling compiler.is_exporting _dynamo.is_compiling _dynamo.is_dynamo_supported _utils.is_compiling " +
            "_C._get_tracing_state jit._state._get_current_state overrides.has_torch_function overrides.has_torch_function_unary overrides.has_torch_function_variadic overrides.is_tensor_like fx._symbolic_trace.is_fx_tracing",
            Returns.False),
        .. LibraryRow.For("cuda.is_available cuda.is_bf16_supported cuda.is_initialized cuda.is_current_stream_capturing backends.mps.is_available backends.cudnn.is_available backends.mkldnn.is_available", Returns.Boolean),
        .. LibraryRow.For("distributed.is_available distributed.is_initialized distributed.is_nccl_available distributed.is_torchelastic_launched xpu.is_available mps.is_available", Returns.Boolean),
        .. LibraryRow.For("cuda.device_count cuda.current_device distributed.get_rank distributed.get_world_size", Returns.Number),

        // They leave what they wrap as it is.
        .. LibraryRow.Decorators(
            "jit.script jit.script_if_tracing jit.script_method jit.export jit.ignore jit.unused jit.interface jit.freeze jit.optimize_for_inference jit.trace jit.trace_module jit._overload jit._overload_method " +
            "fx.wrap fx.symbolic_trace compiler.disable compiler.allow_in_graph compiler.assume_constant_result _dynamo.disable _dynamo.allow_in_graph _dynamo.optimize " +
            "amp.autocast amp.custom_fwd amp.custom_bwd autograd.no_grad autograd.set_detect_anomaly autograd.profiler.record_function profiler.record_function profiler.profile autograd.graph.save_on_cpu autograd.function.once_differentiable " +
            "nn.utils.weight_norm nn.utils.spectral_norm nn.utils.orthogonal nn.utils.remove_weight_norm nn.utils.remove_spectral_norm nn.utils.fusion.fuse_conv_bn_eval nn.utils.fuse_conv_bn_eval " +
            "nn.utils.parametrize.register_parametrization nn.utils.parametrize.cached nn.utils.parametrize.remove_parametrizations nn.attention.sdpa_kernel backends.cuda.sdp_kernel " +
            "overrides.wrap_torch_function onnx.symbolic_helper.parse_args library.custom_op library.register_fake library.impl quantization.prepare quantization.prepare_qat quantization.convert quantization.fuse_modules"),
        .. LibraryRow.For("nn.SyncBatchNorm.convert_sync_batchnorm", Returns.First),
        LibraryRow.Of("jit.annotate", (_, a) => a.Find(1, "the_value")),
        LibraryRow.Of("jit.isinstance", (_, _) => null, Returns.Boolean),
        LibraryRow.Of("utils.checkpoint.checkpoint", Checkpoint),
        LibraryRow.Of("utils.checkpoint.checkpoint_sequential", Sequence),
        LibraryRow.Of("func.functional_call", (c, a) => a.Find(0, "module") is { } module && a.Find(2, "args") is { } given
            ? c.Call(module, given is SequenceValue s ? CallArguments.Of([.. s.Items]) : CallArguments.Of(given)) : null),
        new("utils.checkpoint.create_selective_checkpoint_contexts", Returns.Unknown),

        // Sequences of different lengths.
        .. new[] { "pack_padded_sequence", "pack_sequence" }.Select(n => LibraryRow.Of("nn.utils.rnn." + n, (c, a) => c.NewObject("torch.nn.utils.rnn.PackedSequence", CallArguments.Of(new TensorValue())))),
        .. LibraryRow.For("nn.utils.rnn.pad_packed_sequence", Returns.TwoTensors),
        .. LibraryRow.For("nn.utils.rnn.pad_sequence nn.utils.parameters_to_vector", Returns.Tensor).Select(r => r with { TakesSequence = true }),
        .. LibraryRow.For("nn.utils.rnn.unpad_sequence nn.utils.rnn.unpack_sequence", Returns.TensorList),
        .. LibraryRow.For("nn.utils.vector_to_parameters nn.utils.clip_grad_norm_ nn.utils.clip_grad_value_", Returns.None),

        // Weights are set up, not used.
        .. LibraryRow.For(
            "constant_ dirac_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_ sparse_ trunc_normal_ uniform_ xavier_normal_ xavier_uniform_ zeros_ _no_grad_trunc_normal_ _no_grad_normal_ " +
            "constant kaiming_normal kaiming_uniform normal orthogonal uniform xavier_normal xavier_uniform", Returns.First).Select(r => r with { Name = "nn.init." + r.Name }),
        .. LibraryRow.For("nn.init.calculate_gain", Returns.Number),
        .. LibraryRow.For("nn.init._calculate_fan_in_and_fan_out", Returns.Numbers),

        LibraryRow.Of("nn.utils.skip_init", (c, a) => CallFirst(c, a, "module_cls")),

        // It runs while others do, and is waited for.
        LibraryRow.Of("jit.fork", (c, a) => CallFirst(c, a, "func")),
        .. LibraryRow.For("jit.wait", Returns.First),

        // Functions of tensors.
        .. LibraryRow.For("nested.nested_tensor nested.as_nested_tensor nested.to_padded_tensor sparse.mm sparse.sum sparse.softmax sparse.log_softmax sparse.sampled_addmm sparse.spdiags sparse.FloatTensor sparse.DoubleTensor sparse.HalfTensor sparse.LongTensor sparse.IntTensor sparse.BoolTensor", Returns.Tensor),
        .. LibraryRow.For("distributed.nn.all_reduce distributed.nn.functional.all_reduce", Returns.Tensor),
        .. LibraryRow.For("nn.attention.flex_attention.flex_attention nn.attention.varlen.varlen_attn", Returns.Tensor),
        LibraryRow.Of("autograd.Variable", (_, a) => a.Find(0, "data") as TensorValue, Returns.Tensor),
        .. LibraryRow.For("autograd.grad distributed.nn.all_gather", Returns.TensorTuple),
        .. LibraryRow.For("utils.data.default_collate utils.dlpack.from_dlpack utils.dlpack.to_dlpack", Returns.Tensor),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("utils.hooks.RemovableHandle", ClassKind.Plain) { Functions = ModuleHooks.HandleMethods },

        // The user's forward and backward, and what the one keeps for the other.
        new("autograd.Function", ClassKind.Plain) { IsAbstract = true },
        new("autograd.function.FunctionCtx", ClassKind.Plain)
        {
            Attributes = [("saved_tensors", Returns.TensorTuple), ("saved_variables", Returns.TensorTuple), ("needs_input_grad", Returns.Unknown)],
            Methods = [.. LibraryRow.For("save_for_backward save_for_forward mark_dirty mark_non_differentiable mark_shared_storage set_materialize_grads", Returns.None)],
        },
        .. LibraryClass.For("utils.data.Dataset utils.data.IterableDataset utils.data.DataLoader utils.data.Sampler optim.Optimizer optim.lr_scheduler.LRScheduler optim.lr_scheduler._LRScheduler", ClassKind.Plain, Returns.Unknown),
        .. LibraryClass.For("fx.Tracer fx.Interpreter fx.Transformer overrides.TorchFunctionMode utils._python_dispatch.TorchDispatchMode", ClassKind.Plain, Returns.Unknown),
    ];

    public override LibraryRow? Other(string name) => Array.Exists(Aside, a => name.StartsWith(a, StringComparison.Ordinal)) ? new(name, Returns.Unknown) : null;

    /// <summary>Calls its first argument with the others.</summary>
    private static Value? CallFirst(ILibraryContext context, CallArguments arguments, string name)
    {
        var inner = new CallArguments { Rest = arguments.Rest, NamedRest = arguments.NamedRest };
        inner.Positional.AddRange(arguments.Positional.Skip(1));
        inner.Named.AddRange(arguments.Named.Where(n => n.Name != name));
        return arguments.Find(0, name) is { } called ? context.Call(called, inner) : null;
    }

    private static Value? Checkpoint(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "function") is not { } function)
        {
            return null;
        }

        var inner = new CallArguments { Rest = arguments.Rest, NamedRest = arguments.NamedRest };
        inner.Positional.AddRange(arguments.Positional.Skip(1));
        inner.Named.AddRange(arguments.Named.Where(n => n.Name is not ("function" or "use_reentrant" or "preserve_rng_state" or "context_fn" or "determinism_check" or "debug" or "early_stop")));
        return context.Call(function, inner);
    }

    private static Value? Sequence(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "functions") is not { } functions || arguments.Find(2, "input") is not { } value)
        {
            return null;
        }

        foreach (var function in functions is ObjectValue { IsModule: true } module ? [.. context.Children(module).Select(m => m.Module)] : context.Iterate(functions))
        {
            value = context.Call(function, CallArguments.Of(value));
        }

        return value;
    }
}
