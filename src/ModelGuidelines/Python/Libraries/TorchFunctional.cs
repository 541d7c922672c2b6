using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Functions of torch.nn.functional.</summary>
internal sealed class TorchFunctional : PythonLibrary
{
    private const string Plain =
        """
        adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d affine_grid alpha_dropout avg_pool1d avg_pool2d avg_pool3d batch_norm bilinear binary_cross_entropy
        binary_cross_entropy_with_logits celu channel_shuffle conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d cosine_embedding_loss cosine_similarity cross_entropy
        ctc_loss dropout dropout1d dropout2d dropout3d elu embedding embedding_bag feature_alpha_dropout fold gaussian_nll_loss gelu glu grid_sample group_norm grouped_mm gumbel_softmax hardshrink
        hardsigmoid hardswish hardtanh hinge_embedding_loss huber_loss instance_norm interpolate kl_div l1_loss layer_norm leaky_relu linear linear_cross_entropy local_response_norm log_softmax logsigmoid
        lp_pool1d lp_pool2d lp_pool3d margin_ranking_loss max_unpool1d max_unpool2d max_unpool3d mish mse_loss multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss native_channel_shuffle
        nll_loss normalize one_hot pad pairwise_distance pdist pixel_shuffle pixel_unshuffle poisson_nll_loss prelu relu relu6 rms_norm rrelu scaled_dot_product_attention scaled_grouped_mm scaled_mm selu
        sigmoid silu smooth_l1_loss soft_margin_loss softmax softmin softplus softshrink softsign tanh tanhshrink threshold triplet_margin_loss triplet_margin_with_distance_loss unfold upsample
        upsample_bilinear upsample_nearest
        """;

    private const string Pools = "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d fractional_max_pool2d fractional_max_pool3d";

    public override IReadOnlyList<string> Prefixes => ["torch.nn.functional"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For(Plain, Returns.Tensor, Does.Operation),
        new(LibraryRow.AnyName, Returns.Tensor, Does.Operation) { Operation = Models.OperationTable.AnyFunction },
        .. LibraryRow.For("multi_head_attention_forward", Returns.TwoTensors, Does.Operation),
        .. LibraryRow.For(string.Join(' ', Pools.Split(' ').Select(n => n + "_with_indices")), Returns.TwoTensors, Does.Operation),
        .. LibraryRow.For("has_torch_function has_torch_function_unary has_torch_function_variadic", Returns.False),
        .. LibraryRow.For("handle_torch_function assert_int_or_pair boolean_dispatch", Returns.Unknown),

        // return_indices=True makes it two.
        .. Pools.Split(' ').Select(n => LibraryRow.Of(n, MaxPool, Returns.Tensor, Does.Operation)),
    ];

    /// <summary>In-place forms hand back what they change.</summary>
    public override LibraryRow? Other(string name) => name.EndsWith('_') && !name.Contains('.', StringComparison.Ordinal) ? new(name, Returns.First, Does.Operation) : null;

    private static Value? MaxPool(ILibraryContext context, CallArguments arguments) =>
        arguments.Find("return_indices") is { } indices && context.Truth(indices) is not false ? context.Result(Returns.TwoTensors, arguments) : null;
}
