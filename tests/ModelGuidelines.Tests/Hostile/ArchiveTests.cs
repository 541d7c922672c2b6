using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>What containers can do, as an audit of a whole file sees it: one error with the id of its kind, the place, and what was allocated before it was found.</summary>
/// <remarks>Each reader's own tests stand in Storage/; cycles of HDF5 in <c>Hdf5HostileTests</c>, pickles of 10^6 remembered values in <c>PickleReaderTests</c>.</remarks>
public sealed class ArchiveTests : IDisposable
{
    private const string Config = """{"class_name": "Sequential", "config": {"layers": []}}""";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>300 MB of zeros in 300 KB; of what is read in passing 513.</summary>
    [Theory]
    [InlineData("model.keras", "config.json", 300)]
    [InlineData("model.pt2", "archive/models/model.json", 513)]
    [InlineData("model.pt", "archive/data.pkl", 300)]
    public void A_bomb(string file, string entry, int megabytes)
    {
        var error = Refused(file, Archive(CompressionLevel.SmallestSize, [.. Needed(file), (entry, new byte[megabytes << 20])]));
        Assert.Equal("MG.Zip.EntryTooLarge", error.Id);
        Assert.Contains(entry, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Offset);
    }

    [Fact]
    public void Two_entries_in_the_same_bytes() => Assert.Equal("MG.Zip.Overlap", Refused("model.keras", Patched(1, 42, bytes => bytes[(Central(bytes, 0) + 42)..(Central(bytes, 0) + 46)])).Id);

    [Fact]
    public void Two_entries_of_one_name() => Assert.Equal("MG.Zip.Duplicate", Refused("model.keras", Archive(CompressionLevel.NoCompression, ("config.json", Text(Config)), ("metadata.json", Text("{}")), ("config.json", Text("{}")))).Id);

    /// <summary>As Keras, whose reader refuses it: what a letter of it was nobody knows.</summary>
    [Fact]
    public void An_entry_of_which_a_byte_is_another()
    {
        var bytes = Archive(CompressionLevel.NoCompression, ("metadata.json", Text("{}")), ("config.json", Text(Config)));
        Assert.Null(Audit("sound.keras", bytes).Error);
        bytes[bytes.AsSpan().IndexOf("Sequential"u8)] = (byte)'s';
        Assert.Equal("MG.Zip.Checksum", Refused("model.keras", bytes).Id);
    }

    [Fact]
    public void An_encrypted_entry()
    {
        var bytes = Patched(0, 8, _ => [1, 0]);
        bytes[6] |= 1;
        var error = Refused("model.keras", bytes);
        Assert.Equal("MG.Zip.Encrypted", error.Id);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A size of 2^32 - 1 says that the true one stands in a field that is not there, or lies.</summary>
    [Theory]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0xfe, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0x7f })]
    public void Sizes_beyond_the_file(byte[] size)
    {
        Assert.StartsWith("MG.Zip.", Refused("model.keras", Patched(0, 20, _ => size)).Id, StringComparison.Ordinal); // compressed
        Assert.StartsWith("MG.Zip.", Refused("model.keras", Patched(0, 24, _ => size)).Id, StringComparison.Ordinal);
    }

    /// <summary>Behind the data stands another size than in the directory: the directory counts, as for every reader, and the data must have what it says.</summary>
    [Fact]
    public void A_descriptor_that_lies()
    {
        using var pipe = new Pipe();
        using (var zip = new ZipArchive(pipe, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in new[] { ("metadata.json", Text("{}")), ("config.json", Text(Config)) })
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        var bytes = pipe.ToArray();
        var descriptor = bytes.AsSpan().IndexOf("PK\x07\x08"u8);
        Assert.True(descriptor > 0);
        var sound = Audit("sound.keras", bytes).Error?.Id;
        bytes.AsSpan(descriptor + 8, 8).Fill(0xfe);
        Assert.Equal(sound, Audit("lies.keras", bytes).Error?.Id);
        Assert.Null(sound);

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Central(bytes, 1) + 24), (uint)Config.Length + 1);
        Assert.Equal("MG.Zip.Size", Refused("directory.keras", bytes).Id);
    }

    [Theory]
    [InlineData("model.keras", "config.json", "MG.Keras.TooDeep")]
    [InlineData("model.pt2", "archive/models/model.json", "MG.ExportedProgram.TooDeep")]
    [InlineData("model.pt", "archive/model.json", "MG.TorchScript.ModelJson")]
    public void Json_of_a_million_levels(string file, string entry, string id) =>
        Assert.Equal(id, Refused(file, Archive(CompressionLevel.Optimal, [.. Needed(file).Where(n => n.Name != "archive/data.pkl"), ("archive/code/net.py", []), (entry, Text("""{"class_name": "Functional", "config": """ + new string('[', 1_000_000)))])).Id);

    [Fact]
    public void Protobuf_of_a_million_levels()
    {
        // Nodes of attributes of graphs, written from the inside out.
        var parts = new Stack<byte[]>();
        long inner = 0;
        for (var i = 0; i < 300_000; i++)
        {
            byte[] header = [(byte)((i % 3 == 2 ? 1 : i % 3 == 1 ? 5 : 6) << 3 | 2), .. Varint(inner)];
            parts.Push(header);
            inner += header.Length;
        }

        Assert.StartsWith("MG.Onnx.", Refused("model.onnx", [0x08, 0x08, 0x3a, .. Varint(inner), .. parts.SelectMany(p => p)], megabytes: 64).Id, StringComparison.Ordinal);

        static byte[] Varint(long value)
        {
            var bytes = new List<byte>();
            for (; value > 127; value >>= 7)
            {
                bytes.Add((byte)(value & 127 | 128));
            }

            return [.. bytes, (byte)value];
        }
    }

    private AuditResult Audit(string file, byte[] bytes) => Auditor.Default.Audit(new(_folder.Write(file, bytes), file), AuditSettings.Default, TestContext.Current.CancellationToken)!;

    private AuditError Refused(string file, byte[] bytes, int megabytes = 16)
    {
        AuditResult result = null!;
        Assert.InRange(Work.Allocated(() => result = Audit(file, bytes)), 0, (long)megabytes << 20);
        Assert.Equal(file, result.Path);
        return Assert.IsType<AuditError>(result.Error);
    }

    /// <summary>What makes an archive one of that format.</summary>
    private static (string Name, byte[] Content)[] Needed(string file) => Path.GetExtension(file) switch
    {
        ".keras" => [("metadata.json", Text("{}"))],
        ".pt2" => [("archive/archive_format", Text("pt2")), ("archive/version", Text("0"))],
        _ => [("archive/version", Text("3")), ("archive/data.pkl", [])],
    };

    /// <summary>A sound archive of two stored entries with bytes of one's record in the directory exchanged.</summary>
    private static byte[] Patched(int entry, int at, Func<byte[], byte[]> patch)
    {
        var bytes = Archive(CompressionLevel.NoCompression, ("config.json", Text(Config)), ("metadata.json", Text("{}")));
        patch(bytes).CopyTo(bytes, Central(bytes, entry) + at);
        return bytes;
    }

    private static int Central(byte[] bytes, int nth)
    {
        var at = -1;
        for (; nth >= 0; nth--)
        {
            at += 1 + bytes.AsSpan(at + 1).IndexOf("PK\x01\x02"u8);
        }

        return at;
    }

    private static byte[] Archive(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries.GroupBy(e => e.Name).SelectMany(g => g.Key == "archive/data.pkl" ? g.TakeLast(1) : g))
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A stream that cannot go back.</summary>
    private sealed class Pipe : MemoryStream
    {
        public override bool CanSeek => false;
    }
}
