using System.Collections.Frozen;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Where torch defines the classes of torch.nn: what a running model says its modules' classes are (<c>type(m).__module__</c>).</summary>
internal static class TorchNnFiles
{
    private const string Table =
        """
        modules.activation: CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish MultiheadAttention PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus Softshrink Softsign Tanh Tanhshrink Threshold
        modules.adaptive: AdaptiveLogSoftmaxWithLoss
        modules.batchnorm: BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d SyncBatchNorm
        modules.channelshuffle: ChannelShuffle
        modules.container: Container ModuleDict ModuleList ParameterDict ParameterList Sequential
        modules.conv: Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d
        modules.distance: CosineSimilarity PairwiseDistance
        modules.dropout: AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout
        modules.flatten: Flatten Unflatten
        modules.fold: Fold Unfold
        modules.instancenorm: InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d
        modules.linear: Bilinear Identity LazyLinear Linear NonDynamicallyQuantizableLinear
        modules.loss: BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss MSELoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss NLLLoss2d PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss
        modules.module: Module
        modules.normalization: CrossMapLRN2d GroupNorm LayerNorm LocalResponseNorm RMSNorm
        modules.padding: CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d
        modules.pixelshuffle: PixelShuffle PixelUnshuffle
        modules.pooling: AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool2d FractionalMaxPool3d LPPool1d LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d
        modules.rnn: GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase
        modules.sparse: Embedding EmbeddingBag
        modules.transformer: Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
        modules.upsampling: Upsample UpsamplingBilinear2d UpsamplingNearest2d
        parallel.data_parallel: DataParallel
        parallel.distributed: DistributedDataParallel
        """;

    private static readonly FrozenDictionary<string, string> Names = Table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(':'))
        .SelectMany(line => line[1].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name => (Short: $"torch.nn.{name}", Full: $"torch.nn.{line[0].Trim()}.{name}")))
        .ToFrozenDictionary(n => n.Short, n => n.Full, StringComparer.Ordinal);

    /// <summary>The name by which a running model calls a class of a library: <c>torch.nn.modules.linear.Linear</c> for <c>torch.nn.Linear</c>; others as they are.</summary>
    public static string ExactName(string canonical) => Names.GetValueOrDefault(canonical, canonical);
}
