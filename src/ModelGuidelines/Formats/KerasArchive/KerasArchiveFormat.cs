using System.Buffers.Binary;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.KerasArchive;

/// <summary><c>.keras</c>: <c>config.json</c>, <c>metadata.json</c> and weights in a zip archive, as Keras 3 writes it and Keras 2 since 2.12;
/// or in a folder, as Keras 3 writes it with <c>zipped=False</c>.</summary>
public sealed class KerasArchiveFormat : IModelFormat
{
    internal const string ConfigName = "config.json";
    private const string MetadataName = "metadata.json";
    internal const string WeightsName = "model.weights.h5";
    private const int LocalHeaderBytes = 30;

    public string Name => "KerasArchive";

    public IReadOnlyCollection<string> Extensions => [".keras"];

    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory)
        {
            return new[] { ConfigName, MetadataName, WeightsName }.All(n => source.Exists(Path.Join(source.Path, n)));
        }

        if (!source.IsZip)
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

    public ModelGraph Read(ModelSource source) => source.IsDirectory ? ReadFolder(source) : ReadArchive(source);

    private static ModelGraph ReadArchive(ModelSource source)
    {
        var (config, facts) = Open(source);
        return Read(source, config, facts);
    }

    /// <summary>The config of an archive, and what else the archive says.</summary>
    /// <exception cref="ModelReadException">The archive is damaged, or holds no model.</exception>
    internal static (ReadOnlyMemory<byte> Config, KerasFacts Facts) Open(ModelSource source)
    {
        var zip = source.Zip;
        if (zip.Find(ConfigName) is not { } config)
        {
            throw new ModelReadException("MG.Keras.NoConfig", "the archive has no config.json: it holds no model");
        }

        var metadata = zip.Find(MetadataName) is { } entry ? zip.ReadWhole(entry) : default;
        var evidence = zip.Find(WeightsName) is { } weights ? new ArchiveWeightNames(() => OpenWeights(source, weights)) : null;
        return (zip.ReadWhole(config), Facts(source, metadata, evidence));
    }

    private static ModelGraph ReadFolder(ModelSource source)
    {
        using var config = source.Open(Path.Join(source.Path, ConfigName));
        using var metadata = source.Open(Path.Join(source.Path, MetadataName));
        using var weights = source.Open(Path.Join(source.Path, WeightsName));
        var evidence = new ArchiveWeightNames(() => Hdf5File.Open(weights, 0, weights.Length, source.Limits, source.Cancellation));
        return Read(source, All(config, source.Limits), Facts(source, All(metadata, source.Limits), evidence));
    }

    private static KerasFacts Facts(ModelSource source, ReadOnlyMemory<byte> metadata, ArchiveWeightNames? evidence)
    {
        string? version = null;
        if (!metadata.IsEmpty)
        {
            using var document = KerasJsonText.Parse(metadata, source.Limits, MetadataName, source.Cancellation);
            version = document.RootElement.Get("keras_version").Text();
        }

        return new() { Where = ConfigName, KeepsSharedObjects = true, KerasVersion = version, Evidence = evidence };
    }

    private static ModelGraph Read(ModelSource source, ReadOnlyMemory<byte> config, KerasFacts facts)
    {
        using var json = KerasJsonText.Parse(config, source.Limits, ConfigName, source.Cancellation);
        return KerasModelConfig.Read(json.RootElement, facts, source.Limits, source.Cancellation);
    }

    private static ReadOnlyMemory<byte> All(PagedFile file, ReadLimits limits) => file.Length <= limits.EntryBytes
        ? file.Memory(0, (int)file.Length)
        : throw new ModelReadException("MG.Keras.TooLarge", $"a config of {file.Length} bytes is more than the {limits.EntryBytes} an audit reads");

    /// <summary>The weights where they stand in the archive: Keras stores them uncompressed. Null when they are not.</summary>
    private static Hdf5File? OpenWeights(ModelSource source, ZipEntry entry) =>
        PlaceOfWeights(source, entry) is { } start ? Hdf5File.Open(source.File, start, entry.Length, source.Limits, source.Cancellation) : null;

    /// <summary>Where the bytes of an uncompressed entry begin; null when they are compressed or not all there.</summary>
    internal static long? PlaceOfWeights(ModelSource source, ZipEntry entry)
    {
        var file = source.File;
        if (entry.Method != 0 || entry.HeaderOffset < 0 || entry.HeaderOffset > file.Length - LocalHeaderBytes)
        {
            return null;
        }

        var header = file.Span(entry.HeaderOffset, LocalHeaderBytes);
        var start = entry.HeaderOffset + LocalHeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        return entry.Length >= 0 && start <= file.Length && entry.Length <= file.Length - start ? start : null;
    }
}
