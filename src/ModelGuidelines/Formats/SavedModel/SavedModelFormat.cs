using System.Text.Json;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.SavedModel;

/// <summary>A SavedModel folder: <c>saved_model.pb</c>, and <c>keras_metadata.pb</c> where Keras 2 wrote it. Variables and assets are not touched.</summary>
public sealed class SavedModelFormat : IModelFormat
{
    private const string ModelName = "saved_model.pb";
    private const string MetadataName = "keras_metadata.pb";

    public string Name => "SavedModel";

    public IReadOnlyCollection<string> Extensions => [];

    /// <summary>The folder, or the one file in it that is a model by its name.</summary>
    public bool Matches(ModelSource source) => source.IsDirectory ? source.Exists(Path.Join(source.Path, ModelName)) : Path.GetFileName(source.Path) == ModelName;

    public ModelGraph Read(ModelSource source)
    {
        var folder = source.IsDirectory ? source.Path : Path.GetDirectoryName(source.Path);
        using var model = source.Open(Path.Join(folder, ModelName));
        var metadataPath = Path.Join(folder, MetadataName);
        using var metadata = source.Exists(metadataPath) ? source.Open(metadataPath) : null;
        var saved = SavedObjects.Read(model, metadata, source.Limits, source.Cancellation);
        if (saved.Objects.Count == 0 || !saved.Objects[0].IsKeras)
        {
            return Undecided(saved, "the SavedModel holds functions and variables but no Keras objects, as Keras 3's export() and other TensorFlow programs write it; audit the .keras file or the source");
        }

        var root = saved.Objects[0];
        if (root.Metadata.IsEmpty)
        {
            return WithoutConfig(saved, root, null);
        }

        using var json = KerasJsonText.Parse(root.Metadata, source.Limits, "the root's metadata", source.Cancellation);
        if (!HasConfig(json.RootElement))
        {
            return WithoutConfig(saved, root, json.RootElement.Get("class_name").Text());
        }

        var version = json.RootElement.Get("keras_version").Text() ?? saved.Version;
        var facts = new KerasFacts { Where = "the SavedModel", KerasVersion = version, Evidence = new SavedModelLayers(saved) };
        return KerasModelConfig.Read(json.RootElement, facts, source.Limits, source.Cancellation);
    }

    /// <summary>Whether the model's get_config was asked and answered. Where it fails, Keras 2.4 and later write a mark in place of the config.</summary>
    private static bool HasConfig(JsonElement root) =>
        root.Get("config") is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } config && config.Get("layer was saved without config").ValueKind is JsonValueKind.Undefined;

    /// <summary>The kind of the root object is kept even so: it decides how the model is defined, not how often layers are called.</summary>
    private static ModelGraph WithoutConfig(SavedObjects saved, SavedObject root, string? className)
    {
        var isSubclass = root.Identifier is "_tf_keras_model";
        var isKnown = root.Identifier is "_tf_keras_model" or "_tf_keras_network" or "_tf_keras_sequential";
        var builder = new ModelGraphBuilder();
        builder.Add(new()
        {
            QualifiedName = "",
            Type = className,
            Origin = isSubclass ? ModuleOrigin.User : ModuleOrigin.Unknown,
            Construction = root.Identifier switch
            {
                "_tf_keras_model" => ModuleConstruction.SubclassedModel,
                "_tf_keras_network" => ModuleConstruction.Functional,
                "_tf_keras_sequential" => ModuleConstruction.Sequential,
                _ => ModuleConstruction.Unknown,
            },
        });
        var hasInner = saved.Objects.Skip(1).Any(o => o.Identifier is "_tf_keras_model");
        return builder.Build(Framework.Keras, Exporter(saved), new()
        {
            ModuleCalls = Evidence.Absent(root.Metadata.IsEmpty
                ? $"the SavedModel has no {MetadataName} with the model's config; audit the .keras file or the source"
                : $"the SavedModel keeps no config of the model ({className}), and so not its layers' calls: its class has no get_config that works; audit the source"),
            Construction = isSubclass ? Evidence.Complete
                : isKnown && !hasInner ? Evidence.BlindSpots("without a config only the kind of each saved object is known")
                : Evidence.Absent("the SavedModel holds no config, and a model that is no graph of layers among its objects; audit the .keras file or the source"),
        });
    }

    private static ModelGraph Undecided(SavedObjects saved, string reason) => new()
    {
        Framework = Framework.Keras,
        Exporter = Exporter(saved),
        Evidence = GraphEvidence.AllAbsent(reason),
    };

    private static string? Exporter(SavedObjects saved) => saved.Version is { } version ? $"TensorFlow {version}" : null;
}
