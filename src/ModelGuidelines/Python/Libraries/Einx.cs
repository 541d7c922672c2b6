using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>einx: operations in einops' notation. All that it calls stands in its own files; nothing of it is the user's call of a function of PyTorch.</summary>
internal sealed class Einx : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["einx"];

    public override bool IsReadFirst => true;

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For(
            """
            rearrange reduce elementwise vmap index dot id arange
            sum mean var std prod count_nonzero any all max min logsumexp argmax argmin
            add subtract multiply true_divide floor_divide divide logical_and logical_or where less less_equal greater greater_equal equal not_equal maximum minimum logaddexp
            get_at set_at add_at subtract_at flip roll softmax log_softmax sort argsort
            """, Returns.Tensor),
        .. LibraryRow.For("solve matches check", Returns.Unknown),
        .. LibraryRow.For("jit trace", Returns.First),
    ];
}
