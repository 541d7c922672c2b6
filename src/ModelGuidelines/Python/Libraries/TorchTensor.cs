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
        .. LibraryRow.For("dim ndimension nelement element_size storage_offset data_ptr dense_dim sparse_dim __len__", Returns.Number),
        .. LibraryRow.For("is_contiguous is_coalesced is_pinned is_set_to is_shared has_names __contains__", Returns.Boolean),
        .. LibraryRow.For("backward register_hook retain_grad record_stream register_post_accumulate_grad_hook", Returns.None),
        .. LibraryRow.For("storage storage_type untyped_storage qscheme reinforce", Returns.Unknown),
        .. LibraryRow.For("__array__", Returns.Array),
        LibraryRow.Of("numpy", (_, a) => a.Positional is [NumbersValue row] ? SequenceValue.List(row.Numbers) : null, Returns.Array),
        LibraryRow.Of("tolist", (_, a) => a.Positional switch { [NumbersValue row] => SequenceValue.List(row.Numbers), [NumberTensorValue one] => one.Number, _ => null }),
        LibraryRow.Of("item", (_, a) => a.Positional is [NumberTensorValue one] ? one.Number : null, Returns.Number),
        .. LibraryRow.For("type", Returns.Tensor),
        .. LibraryRow.For("stride", Returns.Numbers),
        LibraryRow.Of("size", (c, a) => a.Positional.Count > 1 || a.Named.Count > 0 ? c.Result(Returns.Number, a) : null, Returns.Numbers),
    ];
}
