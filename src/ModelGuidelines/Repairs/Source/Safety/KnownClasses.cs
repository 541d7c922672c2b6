using System.Collections.Frozen;
using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What is known of the classes of libraries: which have neither parameters nor state, and of which the parameters are all the state.</summary>
internal static class KnownClasses
{
    /// <summary>Classes of torch.nn without parameters and state: those that stand for functions that are handed none, and these.</summary>
    public static readonly FrozenSet<string> Stateless = OperationTable.All.Where(o => o is { IsConstructible: true, ModuleClass: not null }).Select(o => o.ModuleClass![(o.ModuleClass!.LastIndexOf('.') + 1)..])
        .Concat(["Identity", "Flatten", "Unflatten", "Sequential", "ModuleList", "ModuleDict", "Softmax2d", "UpsamplingNearest2d", "UpsamplingBilinear2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
            "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "CircularPad1d", "CircularPad2d", "CircularPad3d"])
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Classes whose parameters are all their state.</summary>
    public static readonly FrozenSet<string> Weighted = new[]
    {
        "Linear", "Bilinear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "LayerNorm", "GroupNorm", "RMSNorm", "Embedding", "EmbeddingBag", "PReLU",
        "LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell", "MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer", "TransformerEncoder", "TransformerDecoder", "Transformer",
        "NonDynamicallyQuantizableLinear", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "ParameterList", "ParameterDict",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Packages whose modules have neither parameters nor state.</summary>
    private static readonly string[] StatelessLibraries = ["einops.layers.torch.", "torchvision.transforms."];

    /// <summary>Whether a module has neither parameters nor buffers.</summary>
    public static bool IsParameterless(ModelModule module) => Stateless.Contains(module.TypeName ?? "") || IsStatelessLibrary(module.Type ?? "");

    /// <summary>Whether a class of that full name is of a package whose modules have neither parameters nor state.</summary>
    public static bool IsStatelessLibrary(string type) => StatelessLibraries.Any(l => type.StartsWith(l, StringComparison.Ordinal) && !type.EndsWith("EinMix", StringComparison.Ordinal));
}
