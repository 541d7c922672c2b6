using System.Buffers.Binary;
using System.IO.Compression;

namespace ModelGuidelines.Tests.Keras;

/// <summary>Archives that lie, and archives without what a model needs.</summary>
public sealed class KerasArchiveTests : IDisposable
{
    private readonly KerasInputs _inputs = new();

    public void Dispose() => _inputs.Dispose();

    [Theory]
    [InlineData(20, "MG.Zip.")] // compressed size
    [InlineData(24, "MG.Zip.")] // size
    public void An_entry_that_claims_four_gigabytes_is_refused(int field, string id)
    {
        var archive = Archive(("config.json", "{}"), ("metadata.json", "{}"));
        var header = archive.AsSpan().IndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(archive.AsSpan(header + field), 0xFFFF_FFF0);
        Assert.StartsWith(id, KerasInputs.Refuse("KerasArchive", _inputs.Write("x.keras", archive)).Id, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_archive_is_one_error_of_its_own_format()
    {
        var archive = File.ReadAllBytes(RepositoryFiles.Fixture("keras", "nested_twice", "model.keras"))[..^30];
        var result = KerasInputs.Audit(_inputs.Write("x.keras", archive));
        Assert.Equal(("KerasArchive", "MG.Zip.Truncated"), (result.Format, result.Error?.Id));
    }

    [Fact]
    public void Damaged_weights_do_not_keep_the_config_from_being_audited()
    {
        var config = """{"module": "mine", "class_name": "Net", "config": {"name": "net"}, "registered_name": "Net", "compile_config": {}}""";
        var result = KerasInputs.Audit(_inputs.Write("x.keras", Archive(("config.json", config), ("metadata.json", """{"keras_version": "3.1.0"}"""), ("model.weights.h5", "no hdf5"))));
        Assert.Null(result.Error);
        Assert.Equal("mine.Net", Assert.Single(result.Findings, f => f.Guideline == "Keras.ModelApi").ModuleType);
    }

    [Fact]
    public void Another_archive_is_not_ours() =>
        Assert.Equal("MG.Input.UnknownFormat", KerasInputs.Audit(_inputs.Write("x.zip", Archive(("readme.txt", "x")))).Error?.Id);

    private static byte[] Archive(params (string Name, string Text)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in entries)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name, CompressionLevel.NoCompression).Open());
                writer.Write(text);
            }
        }

        return stream.ToArray();
    }
}
