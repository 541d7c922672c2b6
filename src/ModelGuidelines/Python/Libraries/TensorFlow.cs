using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>TensorFlow beside its Keras: functions of tensors, and what prepares, trains and stores.</summary>
internal sealed class TensorFlow : PythonLibrary
{
    private static readonly FrozenSet<string> Aside =
        """
        autodiff autograph bitwise_config config compat data debugging device distribute dtypes errors estimator experimental feature_column graph_util initializers io_config lite lookup mlir name_scope nest profiler
        quantization_config queue resource saved_model summary sysconfig test tools train types v1 version xla gfile logging flags app Graph GradientTape Session ConfigProto
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Methods that tensors of rows of unequal length have beside those of all tensors.</summary>
    public static readonly FrozenSet<string> RaggedMethods =
        "to_tensor to_list to_sparse row_lengths row_splits row_starts row_limits value_rowids nrows bounding_shape merge_dims with_values with_flat_values flat_values nested_row_splits nested_row_lengths"
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Methods that variables have beside those of all tensors; each gives the variable, or what it holds.</summary>
    public static readonly FrozenSet<string> VariableMethods =
        "assign assign_add assign_sub read_value scatter_add scatter_sub scatter_update scatter_max scatter_min scatter_mul scatter_div scatter_nd_add scatter_nd_sub scatter_nd_update batch_scatter_update sparse_read gather_nd"
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public override IReadOnlyList<string> Prefixes => ["tensorflow"];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["tensorflow.compat.v1."] = "tensorflow.",
        ["tensorflow.compat.v2."] = "tensorflow.",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.Decorators("function autograph.experimental.do_not_convert autograph.to_graph custom_gradient recompute_grad contrib.eager.defun device name_scope variable_scope init_scope control_dependencies"),
        .. LibraryRow.For("is_tensor executing_eagerly io.gfile.exists", Returns.Boolean),
        .. LibraryRow.For("group no_op print assert_equal random.set_seed set_random_seed", Returns.None),
        .. LibraryRow.For("split unstack meshgrid dynamic_partition", Returns.Unknown).Select(r => r with { Function = (c, a) => Keras.Several(c, a) }),
        .. LibraryRow.For("nn.moments nn.top_k math.top_k unique linalg.eigh linalg.qr", Returns.Unknown).Select(r => r with { Function = (c, a) => Keras.Pair(c, a) }),
        LibraryRow.Of("cond", Cond),
        .. new[] { "map_fn", "vectorized_map" }.Select(n => LibraryRow.Of(n, (c, a) => Trees.MapElements(c, a))),
        .. Trees.Functions("nest.", "map_structure"),
        .. GraphLoops.OfTensorFlow,
        .. LibraryRow.For("py_function numpy_function", Returns.KerasTensor).Select(r => r with { Hides = Hides.Calls }),
        .. VariableMethods.Select(n => new LibraryRow("Variable." + n, Returns.Receiver)),
        .. RaggedMethods.Select(n => new LibraryRow("RaggedTensor." + n, Returns.KerasTensor)),
        .. LibraryRow.For("TensorShape", Returns.Numbers),
        .. new[] { "as_dtype", "dtypes.as_dtype" }.Select(n => LibraryRow.Of(n, (_, a) => a.Find(0, "type_value") switch
        {
            ConstantValue { Peek: string type } when type.All(char.IsAsciiLetterOrDigit) => new ExternalValue("tensorflow." + type),
            var type => type as ExternalValue,
        })),
        .. LibraryRow.For("random.Generator.from_seed random.Generator.from_state random.Generator.from_key_counter random.Generator.from_non_deterministic_state random.get_global_generator", Returns.Unknown)
            .Select(r => r with { Function = (c, _) => c.NewObject("tensorflow.random.Generator", new()) }),
        .. LibraryRow.For("float16 float32 float64 int32 int64 bool string uint8", Returns.Unknown),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For("Module Tensor Variable estimator.Estimator", ClassKind.Plain, Returns.Unknown),
        .. LibraryClass.For("lookup.StaticHashTable lookup.StaticVocabularyTable lookup.experimental.MutableHashTable lookup.experimental.DenseHashTable", ClassKind.Plain, Returns.KerasTensor).Select(c => c with
        {
            Methods = [.. LibraryRow.For("lookup size export", Returns.KerasTensor), .. LibraryRow.For("insert remove erase", Returns.None)],
        }),
        new("TensorArray", ClassKind.Plain)
        {
            Output = Returns.KerasTensor,
            Methods = [.. LibraryRow.For("read stack gather concat size", Returns.KerasTensor), .. LibraryRow.For("close", Returns.None)],
            Functions = new[] { "write", "unstack", "scatter", "split", "identity", "grad" }.ToFrozenDictionary(n => n, _ => (LibraryMethod<ObjectValue>)((_, self, _) => self), StringComparer.Ordinal),
        },
        new("random.Generator", ClassKind.Plain)
        {
            Methods =
            [
                .. LibraryRow.For("uniform normal truncated_normal uniform_full_int binomial make_seeds", Returns.KerasTensor),
                .. LibraryRow.For("reset reset_from_seed reset_from_key_counter skip", Returns.None),
            ],
        },
    ];

    public override LibraryRow? Other(string name)
    {
        var first = name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? name[..dot] : name;
        return Aside.Contains(first) ? new(name, Returns.Unknown) : new(name, Returns.KerasTensor);
    }

    /// <summary>One of two functions runs.</summary>
    public static Value? Cond(ILibraryContext context, CallArguments arguments)
    {
        if ((arguments.Find(1, "true_fn") ?? arguments.Find("fn1")) is not { } then || (arguments.Find(2, "false_fn") ?? arguments.Find("fn2")) is not { } otherwise)
        {
            return null;
        }

        return arguments.Find(0, "pred") is { } test && context.Truth(test) is { } known
            ? context.Call(known ? then : otherwise, new())
            : context.ForEach(context.OneOf([then, otherwise], "the condition of cond"), f => context.Call(f, new()));
    }
}
