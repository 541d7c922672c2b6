namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Modules that are no models, by the names that the field gives them: what a model is trained, measured or tested with is never quantized.
/// As parts of a model they are followed like any other.</summary>
internal static class TrainingOnly
{
    private static readonly string[] Classes = ["Loss", "Losses", "Criterion", "Criteria", "Metric", "Metrics"];
    private static readonly string[] Files = ["loss", "losses", "criterion", "criterions", "metrics", "transforms", "augmentations", "augmentation", "conftest"];

    public static bool IsClass(string name) => Classes.Any(c => name.EndsWith(c, StringComparison.Ordinal));

    /// <summary>Whether every module of such a file stands beside a model: by the file's name without extension.</summary>
    public static bool IsFile(string name) => Files.Contains(name, StringComparer.Ordinal) || name.StartsWith("test_", StringComparison.Ordinal) || name.EndsWith("_test", StringComparison.Ordinal);
}
