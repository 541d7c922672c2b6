using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Modules and layers that are no models: what a model is trained, measured or tested with, or what makes its inputs of texts and images, is never quantized. As parts of a model they are followed like any other.</summary>
internal static class Roles
{
    private static readonly (string Role, string[] Classes, string[] Files)[] Table =
    [
        (RolesLeftOut.Loss, ["Loss", "Losses", "Criterion", "Criteria"], ["loss", "losses", "criterion", "criterions"]),
        (RolesLeftOut.Metric, ["Metric", "Metrics"], ["metrics"]),
        (RolesLeftOut.Transform, [], ["transforms", "augmentations", "augmentation"]),
        (RolesLeftOut.Test, [], ["conftest"]),
        (RolesLeftOut.Dataset, ["Dataset", "DataModule", "DataLoader", "Dataloader"], ["dataset", "datasets", "dataloader", "dataloaders"]),
        (RolesLeftOut.Trainer, ["Trainer", "TrainStep", "TrainingStep", "TrainingTask", "TrainWrapper"], ["trainer", "trainers"]),
        (RolesLeftOut.Optimizer, ["Optimizer", "Scheduler"], ["optimizer", "optimizers"]),
    ];

    /// <summary>Layers of Keras that make a model's inputs before it runs, by what they derive from: classes of the file's own project and of libraries (Keras' and KerasHub's <c>PreprocessingLayer</c>, of which tokenizers and converters derive).</summary>
    private static readonly (string Role, string[] Classes, string[] Files)[] KerasTable =
    [
        (RolesLeftOut.Preprocessor, ["PreprocessingLayer", "Preprocessor"], []),
        (RolesLeftOut.Transform, ["AugmentationLayer"], []),
    ];

    /// <summary>The role of a class in a file of that name (without extension): by what it derives from, by the names that the field gives, and by what its forward is given and gives back; null for a model.</summary>
    public static string? Of(ClassValue type, string file) =>
        type.Kind is ClassKind.KerasLayer ? OfNames(KerasTable, type.ResolutionOrder.Select(NameOf))
        : type.Kind is not ClassKind.TorchModule ? null
        : OfNames(Table, type.ExternalBases.Select(LastPart).Append(type.Name)) ?? OfFile(file)
            ?? (type.Find("forward")?.Value is FunctionValue { Node: FunctionDefinition forward } ? TrainingForward.RoleOf(forward) : null);

    /// <summary>The role of every module of such a file.</summary>
    public static string? OfFile(string file) =>
        file.StartsWith("test_", StringComparison.Ordinal) || file.EndsWith("_test", StringComparison.Ordinal) ? RolesLeftOut.Test
        : Array.Find(Table, r => r.Files.Contains(file, StringComparer.Ordinal)).Role;

    private static string? OfNames((string Role, string[] Classes, string[] Files)[] table, IEnumerable<string> names) =>
        names.Select(n => Array.Find(table, r => Array.Exists(r.Classes, c => n.EndsWith(c, StringComparison.Ordinal))).Role).FirstOrDefault(r => r is not null);

    private static string NameOf(Value type) => type switch { ClassValue c => c.Name, ExternalValue e => LastPart(e.Name), _ => "" };

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
