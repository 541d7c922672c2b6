using System.Collections.Frozen;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Since which PyTorch a name is there: so that <c>hasattr(F, "scaled_dot_product_attention")</c> is known for the PyTorch that is assumed.</summary>
internal static class TorchVersions
{
    /// <summary>The PyTorch that is assumed where nothing else is asked for.</summary>
    public static readonly Version Assumed = new(2, 8);

    /// <summary>Names that PyTorch 1.13 does not have yet.</summary>
    private static readonly FrozenDictionary<string, Version> Since = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["torch.nn.functional.scaled_dot_product_attention"] = "2.0",
        ["torch.compile"] = "2.0",
        ["torch.vmap"] = "2.0",
        ["torch.func"] = "2.0",
        ["torch.set_default_device"] = "2.0",
        ["torch.compiler"] = "2.1",
        ["torch.export"] = "2.1",
        ["torch.nn.ZeroPad1d"] = "2.1",
        ["torch.nn.ZeroPad3d"] = "2.1",
        ["torch.nn.CircularPad1d"] = "2.1",
        ["torch.nn.CircularPad2d"] = "2.1",
        ["torch.nn.CircularPad3d"] = "2.1",
        ["torch.nn.attention"] = "2.2",
        ["torch.nn.LPPool3d"] = "2.3",
        ["torch.nn.functional.lp_pool3d"] = "2.3",
        ["torch.nn.RMSNorm"] = "2.4",
        ["torch.nn.functional.rms_norm"] = "2.4",
        ["torch.rms_norm"] = "2.4",
        ["torch.nn.Buffer"] = "2.5",
        ["torch.accelerator"] = "2.6",
        ["torch.nn.functional.grouped_mm"] = "2.10",
        ["torch.nn.functional.scaled_mm"] = "2.10",
        ["torch.nn.functional.scaled_grouped_mm"] = "2.10",
        ["torch.nn.functional.linear_cross_entropy"] = "2.11",
        ["torch.nn.LinearCrossEntropyLoss"] = "2.11",
    }.ToFrozenDictionary(p => p.Key, p => Version.Parse(p.Value), StringComparer.Ordinal);

    /// <summary>Whether a PyTorch has a name that the tables know.</summary>
    public static bool Has(Version version, string name) => !Since.TryGetValue(name, out var since) || since <= version;
}
