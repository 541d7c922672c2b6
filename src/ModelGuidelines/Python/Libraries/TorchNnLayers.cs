using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>The modules of torch.nn that hold no others: what their instances keep and what a call of one gives back.</summary>
internal sealed class TorchNnLayers : PythonLibrary
{
    private const string Module = "torch.nn.Module";
    private const string Convolution = "padding_mode='zeros'";
    private const string Batch = "eps=1e-05 momentum=0.1 affine=True track_running_stats=True";
    private const string Pooling = "stride=None padding=0";

    public override IReadOnlyList<string> Prefixes => ["torch.nn"];

    public override IEnumerable<LibraryClass> Classes =>
    [
        // With weights. Whether there is a bias the constructor says.
        .. Weighted("Linear NonDynamicallyQuantizableLinear", "in_features out_features -bias=True"),
        .. Weighted("LazyLinear", "out_features -bias=True"),
        .. Weighted("Bilinear", "in1_features in2_features out_features -bias=True"),
        .. new[] { 1, 2, 3 }.SelectMany(d => Weighted($"Conv{d}d", $"in_channels out_channels kernel_size:{d} stride:{d}=1 padding:{d}=0 dilation:{d}=1 groups=1 -bias=True {Convolution}")).Select(WithForward),
        .. new[] { 1, 2, 3 }.SelectMany(d => Weighted($"LazyConv{d}d", $"out_channels kernel_size:{d} stride:{d}=1 padding:{d}=0 dilation:{d}=1 groups=1 -bias=True {Convolution}")).Select(WithForward),
        .. new[] { 1, 2, 3 }.SelectMany(d => Weighted(
            $"ConvTranspose{d}d", $"in_channels out_channels kernel_size:{d} stride:{d}=1 padding:{d}=0 output_padding:{d}=0 groups=1 -bias=True dilation:{d}=1 {Convolution}")),
        .. new[] { 1, 2, 3 }.SelectMany(d => Weighted(
            $"LazyConvTranspose{d}d", $"out_channels kernel_size:{d} stride:{d}=1 padding:{d}=0 output_padding:{d}=0 groups=1 -bias=True dilation:{d}=1 {Convolution}")),
        .. Normalizing("BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm", "num_features " + Batch, "affine", 3, isAffine: true),
        .. Normalizing("LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d", Batch, "affine", 2, isAffine: true),
        .. Normalizing("InstanceNorm1d InstanceNorm2d InstanceNorm3d", "num_features eps=1e-05 momentum=0.1 affine=False track_running_stats=False", "affine", 3, isAffine: false),
        .. Normalizing("LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d", Batch, "affine", 2, isAffine: true),
        .. Normalizing("GroupNorm", "num_groups num_channels eps=1e-05 affine=True", "affine", 3, isAffine: true),
        .. Normalizing("LayerNorm", "normalized_shape:1 eps=1e-05 elementwise_affine=True", "elementwise_affine", 2, isAffine: true),
        .. Normalizing("RMSNorm", "normalized_shape:1 eps=None elementwise_affine=True", "elementwise_affine", 2, isAffine: true),
        .. Layers("Embedding", "num_embeddings embedding_dim padding_idx=None max_norm=None norm_type=2.0 scale_grad_by_freq=False sparse=False").Select(c => c with { Attributes = [("weight", Returns.Tensor)] }),
        .. Layers("EmbeddingBag", "num_embeddings embedding_dim max_norm=None norm_type=2.0 scale_grad_by_freq=False mode='mean' sparse=False -_weight=None include_last_offset=False padding_idx=None")
            .Select(c => c with { Attributes = [("weight", Returns.Tensor)] }),
        .. Layers("PReLU", "num_parameters=1").Select(c => c with { Attributes = [("weight", Returns.Tensor)] }),

        // Without.
        .. Layers("ReLU ReLU6 SELU SiLU Mish Hardsigmoid Hardswish", "inplace=False"),
        .. Layers("LogSigmoid Sigmoid Softmax2d Softsign Tanh Tanhshrink"),
        .. Layers("CELU ELU", "alpha=1.0 inplace=False"),
        .. Layers("LeakyReLU", "negative_slope=0.01 inplace=False"),
        .. Layers("RReLU", "lower=0.125 upper=0.3333333333333333 inplace=False"),
        .. Layers("GELU", "approximate='none'"),
        .. Layers("GLU", "dim=-1"),
        .. Layers("Hardshrink Softshrink", "lambd=0.5"),
        .. Layers("Hardtanh", "min_val=-1.0 max_val=1.0 inplace=False"),
        .. Layers("Softplus", "beta=1 threshold=20"),
        .. Layers("Threshold", "threshold value inplace=False"),
        .. Layers("Softmax LogSoftmax Softmin", "dim=None"),
        .. LibraryClass.For("Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout", ClassKind.TorchModule, Returns.First, Module, "p=0.5 inplace=False"),
        .. LibraryClass.For("Identity", ClassKind.TorchModule, Returns.First, Module),
        .. Layers("AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d", "output_size"),
        .. Layers("AvgPool1d", $"kernel_size {Pooling} ceil_mode=False count_include_pad=True"),
        .. Layers("AvgPool2d AvgPool3d", $"kernel_size {Pooling} ceil_mode=False count_include_pad=True divisor_override=None"),
        .. Layers("LPPool1d LPPool2d LPPool3d", "norm_type kernel_size stride=None ceil_mode=False"),
        .. Layers("MaxUnpool1d MaxUnpool2d MaxUnpool3d", "kernel_size " + Pooling),
        .. Indexed("MaxPool1d MaxPool2d MaxPool3d", $"kernel_size {Pooling} dilation=1 return_indices=False ceil_mode=False"),
        .. Indexed("AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d", "output_size return_indices=False"),
        .. Indexed("FractionalMaxPool2d FractionalMaxPool3d", "kernel_size output_size=None output_ratio=None return_indices=False"),
        .. Layers("ConstantPad1d ConstantPad2d ConstantPad3d", "padding value"),
        .. Layers(
            "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d CircularPad1d CircularPad2d CircularPad3d", "padding"),
        .. Layers("Upsample", "size=None scale_factor=None mode='nearest' align_corners=None recompute_scale_factor=None"),
        .. Layers("UpsamplingBilinear2d UpsamplingNearest2d", "size=None scale_factor=None"),
        .. Layers("PixelShuffle", "upscale_factor"),
        .. Layers("PixelUnshuffle", "downscale_factor"),
        .. Layers("ChannelShuffle", "groups"),
        .. Layers("Flatten", "start_dim=1 end_dim=-1"),
        .. Layers("Unflatten", "dim unflattened_size"),
        .. Layers("Fold", "output_size kernel_size dilation=1 padding=0 stride=1"),
        .. Layers("Unfold", "kernel_size dilation=1 padding=0 stride=1"),
        .. Layers("LocalResponseNorm", "size alpha=0.0001 beta=0.75 k=1.0"),
        .. Layers("CrossMapLRN2d", "size alpha=0.0001 beta=0.75 k=1"),
        .. Layers("CosineSimilarity", "dim=1 eps=1e-08"),
        .. Layers("PairwiseDistance", "-p=2.0 eps=1e-06 keepdim=False"),
        .. Layers(
            "BCELoss BCEWithLogitsLoss CosineEmbeddingLoss CrossEntropyLoss CTCLoss GaussianNLLLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss LinearCrossEntropyLoss MarginRankingLoss MSELoss MultiLabelMarginLoss " +
            "MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss"),
        .. LibraryClass.For("AdaptiveLogSoftmaxWithLoss", ClassKind.TorchModule, Returns.TwoTensors, Module, "in_features n_classes cutoffs div_value=4.0 head_bias=False")
            .Select(c => c with { Methods = [.. LibraryRow.For("log_prob predict", Returns.Tensor)] }),

        // torch.ao's.
        .. LibraryClass.For("quantized.FloatFunctional quantized.FXFloatFunctional quantized.QFunctional", ClassKind.TorchModule, Returns.Tensor, Module)
            .Select(c => c with { HoldsModules = true, Methods = [.. LibraryRow.For("add add_scalar add_relu mul mul_scalar cat matmul", Returns.Tensor)] }),
    ];

    /// <summary>What its forward does, for heirs that do it with another weight.</summary>
    private static LibraryClass WithForward(LibraryClass convolution) => convolution with { Methods = [.. convolution.Methods, .. LibraryRow.For("_conv_forward", Returns.Tensor)] };

    private static IEnumerable<LibraryClass> Layers(string names, string parameters = "") => LibraryClass.For(names, ClassKind.TorchModule, Returns.Tensor, Module, parameters);

    /// <summary>They keep a weight, and a bias unless told otherwise.</summary>
    private static IEnumerable<LibraryClass> Weighted(string names, string parameters)
    {
        var position = parameters.Split(' ').TakeWhile(p => !p.StartsWith("-bias", StringComparison.Ordinal)).Count();
        return Layers(names, parameters).Select(c => c with { Attributes = [("weight", Returns.Tensor), ("bias", Returns.Unknown)], Construct = (context, self, a) => Parameters(context, self, a, position, "bias", true, "bias") });
    }

    /// <summary>They keep weight, bias and statistics, where they are told to.</summary>
    private static IEnumerable<LibraryClass> Normalizing(string names, string parameters, string affine, int position, bool isAffine) => Layers(names, parameters).Select(c => c with
    {
        Attributes = [("weight", Returns.Unknown), ("bias", Returns.Unknown), ("running_mean", Returns.Tensor), ("running_var", Returns.Tensor), ("num_batches_tracked", Returns.Tensor)],
        Construct = (context, self, a) => Parameters(context, self, a, position, affine, isAffine, "weight", "bias"),
    });

    /// <summary>They may be asked for indices too.</summary>
    private static IEnumerable<LibraryClass> Indexed(string names, string parameters)
    {
        var position = parameters.Split(' ').TakeWhile(p => !p.StartsWith("return_indices", StringComparison.Ordinal)).Count();
        return Layers(names, parameters).Select(c => c with
        {
            Forward = (context, self, _) => self.ConstructedWith?.Find(position, "return_indices") is { } asked && context.Truth(asked) is not false ? TorchFunctions.Tensors(2) : null,
        });
    }

    /// <summary>Sets parameters that are there when an argument says so; when that cannot be told, they cannot.</summary>
    private static Value? Parameters(ILibraryContext context, ObjectValue self, CallArguments arguments, int position, string argument, bool otherwise, params string[] names)
    {
        var isThere = arguments.Find(position, argument) is { } given ? context.Truth(given) : arguments.HasUnknown ? null : otherwise;
        if (isThere is { } known)
        {
            var features = self.Attributes.Find("num_features") ?? self.Attributes.Find("num_channels") ?? self.Attributes.Find("normalized_shape") ?? self.Attributes.Find("out_features") ?? self.Attributes.Find("out_channels");
            var sizes = (features is SequenceValue { Rest: null } several ? several.Items : features is null ? [] : [features]).Select(Size.Of).ToList();
            foreach (var name in names)
            {
                context.SetAttribute(self, name, known ? new ParameterValue { Shape = sizes.Count == 0 || sizes.Contains(null) ? null : new(sizes!) } : ConstantValue.None);
            }
        }

        return null;
    }
}
