using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>What replaces a call of a function.</summary>
public enum OperationCategory
{
    /// <summary>Neither torch.nn nor AIMET has a module; nothing to do.</summary>
    Other,

    /// <summary>Moves data and changes no value range: never a finding.</summary>
    Invariant,

    /// <summary>Only AIMET has a module class (<c>aimet_torch.nn.modules.custom</c>).</summary>
    AimetModule,

    /// <summary>torch.nn has a module class.</summary>
    Module,
}

/// <summary>One PyTorch function.</summary>
/// <param name="Name">In torch.nn.functional or torch.</param>
/// <param name="Category">What replaces it.</param>
/// <param name="ModuleClass">The class that replaces a call: <c>torch.nn.ReLU</c>; null where there is none.</param>
/// <param name="Parameters">The function's parameters in order, the tensor inputs first; default when not constructible from its arguments.</param>
/// <param name="TensorInputs">How many leading parameters are the module's inputs at run time.</param>
/// <param name="ConstructorParameters">The class' parameters in order, named as the function's that give their values.</param>
public sealed record OperationInfo(
    string Name,
    OperationCategory Category,
    string? ModuleClass = null,
    ImmutableArray<string> Parameters = default,
    int TensorInputs = 1,
    ImmutableArray<string> ConstructorParameters = default)
{
    /// <summary>Whether a call's arguments become the constructor's: not for functions that are handed weights.</summary>
    public bool IsConstructible => !Parameters.IsDefault;
}

/// <summary>PyTorch's functions: the one table that readers map into and that messages and repairs read.</summary>
/// <remarks>Sources: torch.nn.functional of PyTorch 2.x; AIMET 2.x, its model preparer's table and aimet_torch.nn.modules.custom.</remarks>
public static class OperationTable
{
    private static readonly FrozenDictionary<string, OperationInfo> Infos = Build().ToFrozenDictionary(i => i.Name, StringComparer.Ordinal);

    /// <summary>A function of torch.nn.functional, whichever: it is fetched by a name that cannot be told.</summary>
    public const string AnyFunction = "getattr";

    /// <summary>Other names of the same function: torch's, aten's, Python's.</summary>
    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["multiply"] = "mul", ["divide"] = "div", ["true_divide"] = "div", ["subtract"] = "sub", ["rsub"] = "sub", ["negative"] = "neg",
        ["concat"] = "cat", ["concatenate"] = "cat", ["__matmul__"] = "matmul", ["mm"] = "matmul", ["spmm"] = "matmul", ["dsmm"] = "matmul", ["hsmm"] = "matmul", ["truediv"] = "div", ["floordiv"] = "floor_divide",
        ["special_softmax"] = "softmax", ["special_expit"] = "sigmoid", ["logsigmoid_"] = "logsigmoid", ["log_sigmoid"] = "logsigmoid",
        ["upsample"] = "interpolate", ["upsample_nearest"] = "interpolate", ["upsample_bilinear"] = "interpolate",
        ["max_pool1d_with_indices"] = "max_pool1d", ["max_pool2d_with_indices"] = "max_pool2d", ["max_pool3d_with_indices"] = "max_pool3d",
        ["adaptive_max_pool1d_with_indices"] = "adaptive_max_pool1d", ["adaptive_max_pool2d_with_indices"] = "adaptive_max_pool2d",
        ["adaptive_max_pool3d_with_indices"] = "adaptive_max_pool3d", ["fractional_max_pool2d_with_indices"] = "fractional_max_pool2d",
        ["fractional_max_pool3d_with_indices"] = "fractional_max_pool3d",
        ["cross_entropy_loss"] = "cross_entropy", ["nll_loss_nd"] = "nll_loss", ["nll_loss2d"] = "nll_loss",
        ["constant_pad_nd"] = "pad", ["absolute"] = "abs", ["clip"] = "clamp",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The function of that name; in-place forms (<c>relu_</c>) and aliases included. Null when unknown.</summary>
    public static OperationInfo? Find(string name) => Infos.GetValueOrDefault(Canonical(name));

    /// <summary>PyTorch's name of a function: <c>relu_</c> is <c>relu</c>, <c>concat</c> is <c>cat</c>; an unknown name stays.</summary>
    public static string Canonical(string name)
    {
        if (name.Length > 1 && name[^1] == '_' && name[^2] != '_')
        {
            name = name[..^1];
        }

        return Aliases.GetValueOrDefault(name, name);
    }

    public static IEnumerable<OperationInfo> All => Infos.Values.OrderBy(i => i.Name, StringComparer.Ordinal);

    private static IEnumerable<OperationInfo> Build()
    {
        // function(inputs; arguments) -> class(arguments): one line each.
        OperationInfo Module(string name, string type, string arguments = "", string? constructor = null, int inputs = 1) => new(
            name, OperationCategory.Module, "torch.nn." + type,
            [.. Enumerable.Repeat("input", inputs).Select((p, i) => i == 0 ? p : $"input{i + 1}"), .. Words(arguments)], inputs, [.. Words(constructor ?? arguments)]);

        // Functions that are handed weights: the class is known, its arguments are not in the call.
        OperationInfo Weighted(string name, string type) => new(name, OperationCategory.Module, "torch.nn." + type);

        yield return Weighted(AnyFunction, "Module");
        yield return Module("relu", "ReLU", "inplace");
        yield return Module("relu6", "ReLU6", "inplace");
        yield return Module("hardtanh", "Hardtanh", "min_val max_val inplace");
        yield return Module("hardswish", "Hardswish", "inplace");
        yield return Module("hardsigmoid", "Hardsigmoid", "inplace");
        yield return Module("elu", "ELU", "alpha inplace");
        yield return Module("selu", "SELU", "inplace");
        yield return Module("celu", "CELU", "alpha inplace");
        yield return Module("leaky_relu", "LeakyReLU", "negative_slope inplace");
        yield return Weighted("prelu", "PReLU");
        yield return Module("rrelu", "RReLU", "lower upper training inplace", "lower upper inplace");
        yield return Module("glu", "GLU", "dim");
        yield return Module("gelu", "GELU", "approximate");
        yield return Module("silu", "SiLU", "inplace");
        yield return Module("mish", "Mish", "inplace");
        yield return Module("logsigmoid", "LogSigmoid");
        yield return Module("hardshrink", "Hardshrink", "lambd");
        yield return Module("softshrink", "Softshrink", "lambd");
        yield return Module("tanhshrink", "Tanhshrink");
        yield return Module("softsign", "Softsign");
        yield return Module("softplus", "Softplus", "beta threshold");
        yield return Module("softmin", "Softmin", "dim");
        yield return Module("softmax", "Softmax", "dim");
        yield return Module("log_softmax", "LogSoftmax", "dim");
        yield return Module("tanh", "Tanh");
        yield return Module("sigmoid", "Sigmoid");
        yield return Module("threshold", "Threshold", "threshold value inplace");

        yield return Module("dropout", "Dropout", "p training inplace", "p inplace");
        yield return Module("dropout1d", "Dropout1d", "p training inplace", "p inplace");
        yield return Module("dropout2d", "Dropout2d", "p training inplace", "p inplace");
        yield return Module("dropout3d", "Dropout3d", "p training inplace", "p inplace");
        yield return Module("alpha_dropout", "AlphaDropout", "p training inplace", "p inplace");
        yield return Module("feature_alpha_dropout", "FeatureAlphaDropout", "p training inplace", "p inplace");

        foreach (var d in new[] { 1, 2, 3 })
        {
            yield return Module($"max_pool{d}d", $"MaxPool{d}d", "kernel_size stride padding dilation ceil_mode return_indices", "kernel_size stride padding dilation return_indices ceil_mode");
            yield return Module($"avg_pool{d}d", $"AvgPool{d}d", d == 1 ? "kernel_size stride padding ceil_mode count_include_pad" : "kernel_size stride padding ceil_mode count_include_pad divisor_override");
            yield return Module($"adaptive_avg_pool{d}d", $"AdaptiveAvgPool{d}d", "output_size");
            yield return Module($"adaptive_max_pool{d}d", $"AdaptiveMaxPool{d}d", "output_size return_indices");
            yield return Module($"lp_pool{d}d", $"LPPool{d}d", "norm_type kernel_size stride ceil_mode");
            yield return Module($"max_unpool{d}d", $"MaxUnpool{d}d", "kernel_size stride padding output_size", "kernel_size stride padding", inputs: 2);
            yield return Weighted($"conv{d}d", $"Conv{d}d");
            yield return Weighted($"conv_transpose{d}d", $"ConvTranspose{d}d");
        }

        yield return Module("fractional_max_pool2d", "FractionalMaxPool2d", "kernel_size output_size output_ratio return_indices");
        yield return Module("fractional_max_pool3d", "FractionalMaxPool3d", "kernel_size output_size output_ratio return_indices");
        yield return Weighted("linear", "Linear");
        yield return Weighted("bilinear", "Bilinear");
        yield return Weighted("embedding", "Embedding");
        yield return Weighted("embedding_bag", "EmbeddingBag");
        yield return Weighted("batch_norm", "BatchNorm2d");
        yield return Weighted("instance_norm", "InstanceNorm2d");
        yield return Weighted("layer_norm", "LayerNorm");
        yield return Weighted("group_norm", "GroupNorm");
        yield return Weighted("rms_norm", "RMSNorm");
        yield return Module("local_response_norm", "LocalResponseNorm", "size alpha beta k");
        yield return Weighted("multi_head_attention_forward", "MultiheadAttention");
        yield return Weighted("lstm", "LSTM");
        yield return Weighted("gru", "GRU");
        yield return Weighted("rnn_tanh", "RNN");
        yield return Weighted("rnn_relu", "RNN");
        yield return Module("interpolate", "Upsample", "size scale_factor mode align_corners recompute_scale_factor");
        yield return Weighted("pad", "ConstantPad2d");
        yield return Module("fold", "Fold", "output_size kernel_size dilation padding stride");
        yield return Module("unfold", "Unfold", "kernel_size dilation padding stride");
        yield return Module("pixel_shuffle", "PixelShuffle", "upscale_factor");
        yield return Module("pixel_unshuffle", "PixelUnshuffle", "downscale_factor");
        yield return Module("channel_shuffle", "ChannelShuffle", "groups");
        yield return Module("cosine_similarity", "CosineSimilarity", "dim eps", inputs: 2);
        yield return Module("pairwise_distance", "PairwiseDistance", "p eps keepdim", inputs: 2);
        yield return Weighted("lstm_cell", "LSTMCell");
        yield return Weighted("gru_cell", "GRUCell");
        yield return Weighted("rnn_tanh_cell", "RNNCell");
        yield return Weighted("rnn_relu_cell", "RNNCell");

        // Losses that a model computes in its forward.
        const string Reduction = "size_average reduce reduction";
        yield return Module("binary_cross_entropy", "BCELoss", $"weight {Reduction}", inputs: 2);
        yield return Module("binary_cross_entropy_with_logits", "BCEWithLogitsLoss", $"weight {Reduction} pos_weight", inputs: 2);
        yield return Module("cosine_embedding_loss", "CosineEmbeddingLoss", $"margin {Reduction}", inputs: 3);
        yield return Module("cross_entropy", "CrossEntropyLoss", "weight size_average ignore_index reduce reduction label_smoothing", inputs: 2);
        yield return Module("ctc_loss", "CTCLoss", "blank reduction zero_infinity", inputs: 4);
        yield return Module("gaussian_nll_loss", "GaussianNLLLoss", "full eps reduction", inputs: 3);
        yield return Module("hinge_embedding_loss", "HingeEmbeddingLoss", $"margin {Reduction}", inputs: 2);
        yield return Module("huber_loss", "HuberLoss", "reduction delta", inputs: 2);
        yield return Module("kl_div", "KLDivLoss", $"{Reduction} log_target", inputs: 2);
        yield return Module("l1_loss", "L1Loss", Reduction, inputs: 2);
        yield return Module("margin_ranking_loss", "MarginRankingLoss", $"margin {Reduction}", inputs: 3);
        yield return Module("mse_loss", "MSELoss", Reduction, inputs: 2);
        yield return Module("multi_margin_loss", "MultiMarginLoss", $"p margin weight {Reduction}", inputs: 2);
        yield return Module("multilabel_margin_loss", "MultiLabelMarginLoss", Reduction, inputs: 2);
        yield return Module("multilabel_soft_margin_loss", "MultiLabelSoftMarginLoss", $"weight {Reduction}", inputs: 2);
        yield return Module("nll_loss", "NLLLoss", "weight size_average ignore_index reduce reduction", inputs: 2);
        yield return Module("poisson_nll_loss", "PoissonNLLLoss", "log_input full size_average eps reduce reduction", inputs: 2);
        yield return Module("smooth_l1_loss", "SmoothL1Loss", $"{Reduction} beta", inputs: 2);
        yield return Module("soft_margin_loss", "SoftMarginLoss", Reduction, inputs: 2);
        yield return Module("triplet_margin_loss", "TripletMarginLoss", $"margin p eps swap {Reduction}", inputs: 3);
        yield return Module("triplet_margin_with_distance_loss", "TripletMarginWithDistanceLoss", "distance_function margin swap reduction", inputs: 3);

        foreach (var name in Words("add sub mul div floor_divide floordiv matmul exp norm mean pow sum where addmm bmm baddbmm cumsum masked_fill square rsqrt " +
            "grid_sample cat stack scaled_dot_product_attention abs amax amin argmax argmin asin atan ceil cos equal erf floor fmod greater less log " +
            "logical_and logical_not logical_or max maximum min minimum neg normalize not_equal one_hot outer prod remainder roi_align round scatter sin sqrt topk clamp einsum addcmul reciprocal"))
        {
            yield return new(name, OperationCategory.AimetModule);
        }

        foreach (var name in Words("chunk clone contiguous copy detach eq expand expand_as flatten float half double gather getitem index index_select movedim narrow ne permute randn repeat reshape reshape_as " +
            "roll select size slice split squeeze swapaxes t tile to transpose type_as unbind unflatten unsqueeze view view_as"))
        {
            yield return new(name, OperationCategory.Invariant);
        }
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
