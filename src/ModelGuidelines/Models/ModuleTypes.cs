using System.Collections.Frozen;

namespace ModelGuidelines.Models;

/// <summary>What is known of module and layer classes by their name.</summary>
public static class ModuleTypes
{
    private static readonly FrozenSet<string> NoComputation = new[]
    {
        "Identity", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "DropPath", "StochasticDepth",
        "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "GaussianNoise", "ActivityRegularization", "InputLayer",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a module of this class computes nothing in inference, so that its reuse harms no quantization.</summary>
    public static bool ComputesNothingInInference(ModelModule module) => module.IsPassive || (module.TypeName is { } name && NoComputation.Contains(name));

    /// <summary>Whether a qualified class name is one of torch.nn's own modules.</summary>
    public static bool IsTorchNn(string type) =>
        type.StartsWith("torch.nn.", StringComparison.Ordinal) || type.StartsWith("torch.ao.nn.", StringComparison.Ordinal) || type.StartsWith("__torch__.torch.nn.", StringComparison.Ordinal);
}
