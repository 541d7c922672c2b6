using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Functions of torch.nn.functional.</summary>
internal sealed class TorchFunctional : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["torch.nn.functional"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For("multi_head_attention_forward", Returns.TwoTensors, Does.Operation),

        // return_indices=True makes it two.
        .. "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d fractional_max_pool2d fractional_max_pool3d".Split(' ')
            .Select(n => LibraryRow.Of(n, MaxPool, Returns.Tensor, Does.Operation)),
    ];

    /// <summary>Every other function takes tensors and returns one.</summary>
    public override LibraryRow? Other(string name) => name.Contains('.', StringComparison.Ordinal) ? null : new(name, Returns.Tensor, Does.Operation);

    private static Value? MaxPool(ILibraryContext context, CallArguments arguments) =>
        arguments.Find("return_indices") is { } indices && context.Truth(indices) is not false ? context.Result(Returns.TwoTensors, arguments) : null;
}
