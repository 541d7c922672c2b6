using System.Globalization;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.KerasHdf5;

/// <summary><c>.h5</c>: a whole model (its config is an attribute of the root), or weights only, which are named and not audited.</summary>
public sealed class KerasHdf5Format : IModelFormat
{
    internal const string ConfigName = "model_config";

    public string Name => "KerasHdf5";

    public IReadOnlyCollection<string> Extensions => [];

    public IReadOnlyCollection<string> SharedExtensions => [".h5", ".hdf5"];

    /// <summary>HDF5 files of all kinds have the signature.</summary>
    public bool IsDamaged(ModelSource source) => !source.IsDirectory && (source.File.Length > 0 ? !Hdf5File.IsHdf5(source.File) : FileProperties.KindOf(source.Path) is FileKind.Regular);

    public (string Id, string Message)? NoMatch(ModelSource source) =>
        IsDamaged(source) ? ("MG.Hdf5.Signature", $"the file is called {source.Extension}, but is not HDF5: it is damaged, or is another kind of file") : null;

    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory || !Hdf5File.IsHdf5(source.File))
        {
            return false;
        }

        try
        {
            var file = Open(source);
            return file.AttributeNames(file.Root).Contains(ConfigName, StringComparer.Ordinal) || KindOfWeights(file) is not null;
        }
        catch (ModelReadException)
        {
            return source.Extension is ".h5" or ".hdf5" or ".keras"; // what is wrong with it, reading says
        }
    }

    public ModelGraph Read(ModelSource source)
    {
        var (config, facts, file) = OpenModel(source);
        if (config is null)
        {
            return Weights(KindOfWeights(file) ?? throw new ModelReadException("MG.KerasHdf5.NotKeras", "the HDF5 file has neither a model's config nor a model's weights"), facts);
        }

        using var json = KerasJsonText.Parse(config, source.Limits, ConfigName, source.Cancellation);
        return KerasModelConfig.Read(json.RootElement, facts, source.Limits, source.Cancellation);
    }

    /// <summary>The config, and what else the file says; no config where the file holds weights only.</summary>
    /// <exception cref="ModelReadException">The file is damaged.</exception>
    internal static (byte[]? Config, KerasFacts Facts, Hdf5File File) OpenModel(ModelSource source)
    {
        var file = Open(source);
        var facts = new KerasFacts
        {
            Where = "the .h5 file",
            KerasVersion = file.Strings(file.Root, "keras_version") is [var version, ..] ? version : null,
            Backend = file.Strings(file.Root, "backend") is [var backend, ..] ? backend : null,
        };
        var config = file.Text(file.Root, ConfigName);
        return (config, config is null ? facts : facts with { Evidence = Hdf5WeightNames.Read(file) }, file);
    }

    private static Hdf5File Open(ModelSource source) => Hdf5File.Open(source.File, 0, source.File.Length, source.Limits, source.Cancellation);

    private static ModelGraph Weights(string kind, KerasFacts facts) => new()
    {
        Framework = Framework.Keras,
        Exporter = facts.KerasVersion is { } version ? string.Create(CultureInfo.InvariantCulture, $"Keras {version}") : null,
        Evidence = GraphEvidence.AllAbsent($"the file holds weights only ({kind}), no model; audit the .keras file, the config or the source"),
    };

    /// <summary>Which of the layouts of weights-only files it is; null when it is none.</summary>
    private static string? KindOfWeights(Hdf5File file)
    {
        if (file.AttributeNames(file.Root).Contains("layer_names", StringComparer.Ordinal) || file.AttributeNames(file.Root).Contains("layer_names0", StringComparer.Ordinal))
        {
            return "written by save_weights in the .h5 format of Keras 2";
        }

        var groups = file.Links(file.Root).Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        if (groups.Contains("_layer_checkpoint_dependencies"))
        {
            return "a .weights.h5 file of Keras 2";
        }

        return groups.Contains("layers") && groups.Contains("vars") ? "a .weights.h5 file"
            : groups.Contains("model_weights") ? "model_weights without a model_config"
            : null;
    }
}
