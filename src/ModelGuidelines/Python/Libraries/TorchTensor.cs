using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Methods and attributes of tensors. A name that is neither is no method of tensors.</summary>
internal sealed class TorchTensor : PythonLibrary
{
    /// <summary>Methods only, one tensor out; they move data, say how it is kept, or convert it.</summary>
    private const string Plain =
        """
        align_as align_to bfloat16 ccol_indices col_indices crow_indices row_indices bool byte cdouble cfloat chalf char coalesce contiguous cpu cuda double expand expand_as float half indices int long
        pin_memory refine_names rename repeat reshape_as resize resize_as short sparse_mask sum_to_size to to_dense to_mkldnn to_padded_tensor to_sparse to_sparse_coo to_sparse_csc to_sparse_csr to_sparse_bsc to_sparse_bsr to_sparse_bsc to_sparse_bsr
        type_as view view_as xpu values
        """;

    /// <summary>New tensors that take nothing but kind and place from this one.</summary>
    private const string Made = "as_subclass new new_empty new_empty_strided new_full new_ones new_tensor new_zeros";

    /// <summary>Changed in place and handed back.</summary>
    private const string InPlace =
        """
        apply_ bernoulli_ cauchy_ copy_ exponential_ fill_ fill_diagonal_ geometric_ log_normal_ normal_ random_ requires_grad_ resize_ resize_as_ set_ share_memory_ uniform_ zero_
        map_ map2_ rename_ resize_as_sparse_ sparse_resize_ sparse_resize_and_clear_
        """;

    /// <summary>The operators that Python calls by name; recorded as the function they stand for.</summary>
    private static readonly (string Name, string Operation)[] Dunders =
    [
        ("__add__", "add"), ("__radd__", "add"), ("__iadd__", "add"), ("__sub__", "sub"), ("__rsub__", "sub"), ("__isub__", "sub"), ("__mul__", "mul"), ("__rmul__", "mul"), ("__imul__", "mul"),
        ("__truediv__", "div"), ("__rtruediv__", "div"), ("__itruediv__", "div"), ("__floordiv__", "floor_divide"), ("__mod__", "remainder"), ("__pow__", "pow"), ("__rpow__", "pow"),
        ("__matmul__", "matmul"), ("__rmatmul__", "matmul"), ("__neg__", "neg"), ("__abs__", "abs"), ("__eq__", "eq"), ("__ne__", "ne"), ("__lt__", "less"), ("__gt__", "greater"),
        ("__le__", "le"), ("__ge__", "ge"), ("__and__", "bitwise_and"), ("__or__", "bitwise_or"), ("__xor__", "bitwise_xor"), ("__invert__", "bitwise_not"), ("__getitem__", "getitem"),
    ];

    private static readonly Dictionary<string, LibraryRow> ByName = All().GroupBy(r => r.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);

    public override IReadOnlyList<string> Prefixes => ["torch.Tensor"];

    public override IEnumerable<LibraryRow> Rows => ByName.Values;

    /// <summary>In-place forms of the functions: <c>add_</c>, <c>clamp_</c>; what they change they hand back.</summary>
    public override LibraryRow? Other(string name) =>
        name.Length > 1 && name[^1] == '_' && name[^2] != '_' && ByName.TryGetValue(name[..^1], out var row) ? new(name, Returns.First, row.Does) : null;

    private static IEnumerable<LibraryRow> All() =>
    [
        .. TorchFunctions.Rows,
        .. LibraryRow.For(Plain, Returns.Tensor, Does.Operation),
        .. LibraryRow.For(Made, Returns.Tensor),
        .. LibraryRow.For(InPlace, Returns.First),

        // A view: torch.nn.functional.unfold is another thing.
        .. LibraryRow.For("unfold", Returns.Tensor),
        .. Dunders.Select(d => new LibraryRow(d.Name, Returns.Tensor, Does.Operation) { Operation = d.Operation }),
        .. new[] { "dim", "ndimension" }.Select(n => LibraryRow.Of(n, (c, a) => Fact(c, a, ".ndim", UnknownKind.Number), Returns.Number)),
        .. new[] { "numel", "nelement" }.Select(n => LibraryRow.Of(n, (c, a) => Fact(c, a, ".numel", UnknownKind.Number), Returns.Number)),
        .. new[] { "is_floating_point", "is_complex", "is_contiguous" }.Select(n => LibraryRow.Of(n, (c, a) => Fact(c, a, "." + n, UnknownKind.Boolean), Returns.Boolean)),
        .. LibraryRow.For("element_size storage_offset data_ptr dense_dim sparse_dim __len__", Returns.Number),
        .. LibraryRow.For("_indices _values _to_dense _conj _neg_view", Returns.Tensor),
        .. LibraryRow.For("_nnz _dimI _dimV", Returns.Number),
        .. LibraryRow.For("is_coalesced is_pinned is_set_to is_shared has_names __contains__", Returns.Boolean),
        .. LibraryRow.For("backward register_hook retain_grad record_stream register_post_accumulate_grad_hook", Returns.None),
        .. LibraryRow.For("storage storage_type untyped_storage qscheme reinforce", Returns.Unknown),
        .. LibraryRow.For("__array__", Returns.Array),
        LibraryRow.Of("numpy", (_, a) => a.Positional is [NumbersValue row] ? SequenceValue.List(row.Numbers) : null, Returns.Array),
        LibraryRow.Of("tolist", (c, a) => a.Positional switch
        {
            [NumbersValue row] => SequenceValue.List(row.Numbers),
            [NumberTensorValue one] => one.Number,
            [TensorValue { Shape.Rank: 0 }] => null,
            [TensorValue { Shape.Rank: var rank }] => Lists(c, rank),
            _ => Lists(c, 1),
        }, Returns.Number),
        LibraryRow.Of("item", (_, a) => a.Positional is [NumberTensorValue one] ? one.Number : null, Returns.Number),
        .. LibraryRow.For("type", Returns.Tensor),
        .. LibraryRow.For("stride", Returns.Numbers),
        LibraryRow.Of("size", Size, Returns.Numbers),
    ];

    /// <summary>The numbers of a tensor as lists in lists.</summary>
    private static SequenceValue Lists(ILibraryContext context, int rank) =>
        SequenceValue.Open(SequenceKind.List, rank > 1 ? Lists(context, rank - 1) : context.Unknown("an element of the list", "it is known when the model runs", UnknownKind.Number));

    /// <summary>What is asked of a tensor twice has one answer.</summary>
    private static UnknownValue? Fact(ILibraryContext context, CallArguments arguments, string fact, UnknownKind kind)
    {
        if (arguments.Positional is not [TensorValue tensor] || arguments.Named.Count > 0)
        {
            return null;
        }

        var name = context.Name[(context.Name.LastIndexOf('.') + 1)..];
        var of = (tensor as InputValue)?.Name;
        return tensor.Facts(of ?? "the tensor", context.Place).Derive(fact, of is null ? name + "(...)" : $"{of}.{name}()", kind, false);
    }

    /// <summary><c>x.size(1)</c> is <c>x.shape[1]</c>.</summary>
    private static Value? Size(ILibraryContext context, CallArguments arguments) => arguments switch
    {
        { Positional: [TensorValue tensor], Named.Count: 0 } => context.Attribute(tensor, "shape"),
        { Positional: [TensorValue tensor, ConstantValue dim], Named.Count: 0 } => context.Item(context.Attribute(tensor, "shape"), dim),
        { Positional.Count: > 1 } or { Named.Count: > 0 } => context.Result(Returns.Number, arguments),
        _ => null,
    };
}
