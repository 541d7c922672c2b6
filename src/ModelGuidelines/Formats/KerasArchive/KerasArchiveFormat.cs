using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.KerasArchive;

/// <summary><c>.keras</c>: a zip archive of <c>config.json</c>, <c>metadata.json</c> and weights, written by Keras 3 and by Keras 2 since 2.12.</summary>
public sealed class KerasArchiveFormat : IModelFormat
{
    private const string ConfigName = "config.json";
    private const string MetadataName = "metadata.json";
    private const string WeightsName = "model.weights.h5";

    public string Name => "KerasArchive";

    public IReadOnlyCollection<string> Extensions => [".keras"];

    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory || !source.IsZip)
        {
            return false;
        }

        try
        {
            return source.Zip.Find(ConfigName) is not null && (source.Zip.Find(MetadataName) is not null || source.Zip.Find(WeightsName) is not null);
        }
        catch (ModelReadException)
        {
            return source.Extension is ".keras"; // what is wrong with it, reading says
        }
    }

    public ModelGraph Read(ModelSource source)
    {
        var zip = source.Zip;
        if (zip.Find(ConfigName) is not { } config)
        {
            throw new ModelReadException("MG.Keras.NoConfig", "the archive has no config.json: it holds no model");
        }

        var (version, facts) = (default(string), new KerasFacts { Where = "config.json", KeepsSharedObjects = true });
        if (zip.Find(MetadataName) is { } metadata)
        {
            using var document = KerasJsonText.Parse(zip.Read(metadata), source.Limits, MetadataName, source.Cancellation);
            version = document.RootElement.Get("keras_version").Text();
        }

        if (zip.Find(WeightsName) is { } weights)
        {
            facts = facts with { Evidence = new ArchiveWeightNames(source.File, weights, source.Limits, source.Cancellation) };
        }

        using var json = KerasJsonText.Parse(zip.Read(config), source.Limits, ConfigName, source.Cancellation);
        return KerasModelConfig.Read(json.RootElement, facts with { KerasVersion = version }, source.Limits, source.Cancellation);
    }
}
