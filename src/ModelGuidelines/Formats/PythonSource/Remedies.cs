namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What decides a place that could not be followed, where whoever met it knows nothing better.</summary>
internal static class Remedies
{
    private const string Exported = "audit an exported file of the model (torch.export, ONNX or TorchScript; .keras for Keras)";

    private static readonly (string Sign, string Remedy)[] Table =
    [
        ("' is a parameter of '", $"audit the model by an entry that gives that argument (--entry, or models in the settings), or {Exported}"),
        ("' holds what is put into it", $"audit the model by an entry that builds it with its modules (--entry, or models in the settings), or {Exported}"),
        ("calls itself more often", $"audit the model by an entry that says how deep it is (--entry, or models in the settings), or {Exported}"),
        ("is not set in what is read", $"set it in the constructor, or {Exported}"),
        ("cannot be parsed", "correct the syntax"),
    ];

    /// <summary>An imperative for a gap, by what it is.</summary>
    public static string For(string what) => Array.Find(Table, r => what.Contains(r.Sign, StringComparison.Ordinal)).Remedy ?? Exported;
}
