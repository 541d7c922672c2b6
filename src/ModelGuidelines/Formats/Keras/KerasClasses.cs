using System.Collections.Frozen;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Names of Keras' own classes, for files that keep no module beside a class name (.h5, TensorFlow 2.13's .json).</summary>
/// <remarks>Source: the public names of keras.layers (Keras 3.15), the layers of tf_keras 2.21 and of TensorFlow 1.15, the Operation classes of keras.src.ops.</remarks>
internal static class KerasClasses
{
    private static readonly FrozenSet<string> Graphs = Split("Functional Model Network");

    private static readonly FrozenSet<string> Layers = Split("""
        Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D
        AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D
        AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D BatchNormalization BatchNormalizationV1 BatchNormalizationV2 Bidirectional
        CategoryCrossing CategoryEncoding CenterCrop Concatenate ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D
        Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D ConvLSTM2DCell Convolution1D Convolution1DTranspose Convolution2D
        Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D Cropping2D Cropping3D CuDNNGRU CuDNNLSTM CutMix Dense DenseFeatures
        DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization FlaxLayer Flatten GRU GRUV1 GRUV2 GRUCell
        GRUCellV2 GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D
        GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization
        GroupQueryAttention GroupedQueryAttention HashedCrossing Hashing Identity InputLayer IntegerLookup JaxLayer KerasOpDispatcher LSTM LSTMV1 LSTMV2
        LSTMCell LSTMCellV2 Lambda LayerNormalization LeakyReLU LocallyConnected1D LocallyConnected2D Masking MaxNumBoundingBoxes MaxPool1D MaxPool2D
        MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum MelSpectrogram Merge Minimum MixUp MultiHeadAttention Multiply Normalization PReLU
        PeepholeLSTMCell Permute Pipeline PreprocessingStage FunctionalPreprocessingStage RMSNormalization RNN RandAugment RandomBrightness
        RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomFourierFeatures
        RandomGaussianBlur RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation
        RandomSharpness RandomShear RandomTranslation RandomWidth RandomZoom ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding
        STFTSpectrogram SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D SequenceFeatures SimpleRNN SimpleRNNCell Softmax
        Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells StringLookup Subtract SyncBatchNormalization
        TFSMLayer TernaryDense TextVectorization ThresholdedReLU TimeDistributed TorchModuleWrapper UnitNormalization UpSampling1D UpSampling2D
        UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D
        """);

    /// <summary>Layers that Keras 2 makes of a TensorFlow function called on a symbolic tensor.</summary>
    private static readonly FrozenSet<string> FunctionLayers = Split("TFOpLambda SlicingOpLambda TensorFlowOpLayer ClassMethod InstanceMethod InstanceProperty");

    private static readonly FrozenSet<string> Operations = Split("""
        Abs Absolute AdaptiveAveragePool AdaptiveMaxPool Add AffineTransform All AllClose Amax Amin Angle Any Append Arange Arccos Arccosh Arcsin Arcsinh
        Arctan Arctan2 Arctanh Argmax Argmin Argpartition Argsort Array ArraySplit AssociativeScan Average AveragePool BatchNorm BinaryCrossentropy
        Bincount BitwiseAnd BitwiseInvert BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor BroadcastTo CDist CTCDecode CTCLoss Cast
        CategoricalCrossentropy Cbrt Ceil Celu Cholesky CholeskyInverse Clip ColumnStack Concatenate Cond Conj Conjugate Conv ConvTranspose
        ConvertToTensor Copy Corrcoef Correlate Cos Cosh CountNonzero CropImages Cross Cumprod Cumsum Deg2rad DepthToSpace DepthwiseConv Det Diag
        Diagflat Diagonal Diff Digitize Divide DivideNoNan Dot DotProductAttention Dsplit Dstack Eig Eigh Einsum ElasticTransform Elu EmptyLike Equal
        Erf Erfc Erfinv Exp Exp2 ExpandDims Expm1 ExtractPatches ExtractSequences FFT FFT2 Fabs Flip Fliplr Flipud Floor FloorDivide Fmax Fmin Fmod Fold
        ForiLoop Full FullLike Gammainc GaussianBlur Gcd Gelu Geomspace GetItem Glu Greater GreaterEqual HSVToRGB HardShrink HardSigmoid HardSilu
        HardTanh Heaviside Histogram Hsplit Hstack Hypot I0 IFFT2 IRFFT ISTFT Imag InTopK Inner Inv IsIn Isclose Isfinite Isinf Isnan Isneginf Isposinf
        Isreal JVP Kron LayerNorm Lcm Ldexp LeakyRelu LeftShift Less LessEqual Linspace Log Log10 Log1p Log2 LogSigmoid LogSoftmax Logaddexp Logaddexp2
        Logdet LogicalAnd LogicalNot LogicalOr LogicalXor Logspace Logsumexp Lstsq LuFactor Map MapCoordinates Matmul MatrixPower MatrixRank Max MaxPool
        Maximum Mean Median Meshgrid Min Minimum Mod Moments Moveaxis MultiHot Multiply NanToNum Nanargmax Nanargmin Nancumprod Nancumsum Nanmax Nanmean
        Nanmedian Nanmin Nanpercentile Nanprod Nanquantile Nanstd Nansum Nanvar Ndim Negative Nextafter Nonzero Norm Normalize NotEqual OneHot OnesLike
        Outer PSNR Pad PadImages Percentile PerspectiveTransform Pinv Polar Power Prod Ptp Qr Quantile RFFT RGBToGrayscale RGBToHSV RMSNorm Rad2deg Ravel
        Real Rearrange Reciprocal ReconstructPatches Relu Relu6 Repeat Reshape Resize RightShift Roll Rot90 Round Rsqrt SSIM STFT SVD SaturateCast
        ScaleAndTranslate Scan Scatter ScatterUpdate SearchSorted SegmentMax SegmentMin SegmentProd SegmentReduction SegmentSum Select Selu SeparableConv
        Sigmoid Sign Signbit Silu Sin Sinc Sinh Size Slice SliceUpdate Slogdet SobelEdges SoftShrink Softmax Softplus Softsign Solve SolveTriangular Sort
        SpaceToDepth SparseCategoricalCrossentropy SparsePlus SparseSigmoid Sparsemax Split Sqrt Square Squareplus Squeeze Stack Std StopGradient Subtract
        Sum Swapaxes Switch Take TakeAlongAxis Tan Tanh TanhShrink Tensordot Threshold Tile TopK Trace Transpose Trapezoid Tril Triu TrueDivide Trunc
        Unfold Unique UnravelIndex Unstack Vander Var Vdot VectorizedMap View ViewAsComplex ViewAsReal Vsplit Vstack Where WhileLoop ZerosLike
        """);

    /// <summary>The class of a graph of layers; TensorFlow up to 2.2 writes <c>Model</c>.</summary>
    public static bool IsGraph(string className) => Graphs.Contains(className);

    public static bool IsSequential(string className) => className is "Sequential";

    public static bool IsLayer(string className) => Layers.Contains(className) || FunctionLayers.Contains(className);

    public static bool IsFunctionLayer(string className) => FunctionLayers.Contains(className);

    /// <summary>Whether Keras 3 has an operation of that class: <c>Relu</c>, <c>GetItem</c>.</summary>
    public static bool IsOperation(string className) => Operations.Contains(className);

    /// <summary>Whether a Python module is Keras' or TensorFlow's own: <c>keras.layers</c>, <c>tf_keras.src.engine.functional</c>. keras_hub and others are not.</summary>
    public static bool IsOwnModule(string module)
    {
        var dot = module.IndexOf('.', StringComparison.Ordinal);
        return (dot < 0 ? module : module[..dot]) is "keras" or "tf_keras" or "tensorflow" or "builtins";
    }

    private static FrozenSet<string> Split(string names) =>
        names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
