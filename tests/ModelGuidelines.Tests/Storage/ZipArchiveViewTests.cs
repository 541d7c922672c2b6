using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Storage;

public sealed class ZipArchiveViewTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    private static byte[] Archive(params (string Name, byte[] Content, CompressionLevel Level)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content, level) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Two() => Archive(("a/one", Encoding.ASCII.GetBytes("first"), CompressionLevel.NoCompression), ("a/two", new byte[5000], CompressionLevel.Optimal));

    /// <summary>Opens, reads every entry, and gives the texts of the lengths or the error's id.</summary>
    private string Try(byte[] bytes, ReadLimits? limits = null)
    {
        File.WriteAllBytes(_path, bytes);
        using var budget = new ReadBudget(limits ?? ReadLimits.Default, TestContext.Current.CancellationToken);
        using var file = new PagedFile(_path, budget: budget);
        try
        {
            var zip = ZipArchiveView.Open(file, budget.Limits);
            return string.Join(' ', zip.Entries.Select(e => $"{e.Name}:{zip.Read(e).Length}"));
        }
        catch (ModelReadException e)
        {
            return e.Id;
        }
    }

    private static int Find(byte[] bytes, uint signature, int nth = 0)
    {
        for (var i = 0; i + 4 <= bytes.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i)) == signature && nth-- == 0)
            {
                return i;
            }
        }

        throw new InvalidOperationException("no such record");
    }

    private const uint Local = 0x04034b50;
    private const uint Central = 0x02014b50;
    private const uint End = 0x06054b50;

    private static byte[] With(byte[] bytes, int at, params byte[] patch)
    {
        patch.CopyTo(bytes, at);
        return bytes;
    }

    [Fact]
    public void Reads_stored_and_deflated() => Assert.Equal("a/one:5 a/two:5000", Try(Two()));

    [Fact]
    public void A_comment_after_the_directory_does_no_harm()
    {
        var bytes = Two();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 2), 3);
        Assert.Equal("a/one:5 a/two:5000", Try([.. bytes, 1, 2, 3]));
    }

    [Theory]
    [InlineData("../one")]
    [InlineData("a/../../one")]
    [InlineData("/etc/passwd")]
    [InlineData("c:\\one")]
    [InlineData("a\\..\\one")]
    public void Names_stay_inside(string name) => Assert.Equal("MG.Zip.Name", Try(Archive((name, [1], CompressionLevel.NoCompression))));

    [Fact]
    public void Duplicates_are_refused() => Assert.Equal("MG.Zip.Duplicate", Try(Archive(("a", [1], CompressionLevel.NoCompression), ("a", [2], CompressionLevel.NoCompression))));

    [Fact]
    public void Truncation_is_refused()
    {
        var bytes = Two();
        for (var length = 0; length < bytes.Length; length += 7)
        {
            Assert.StartsWith("MG.Zip.", Try(bytes[..length]));
        }
    }

    [Fact]
    public void Overlapping_entries_are_refused()
    {
        var bytes = Two();
        var first = Find(bytes, Central);
        var second = Find(bytes, Central, 1);

        // The second entry is said to begin where the first does.
        Assert.Equal("MG.Zip.Overlap", Try(With(bytes, second + 42, bytes[(first + 42)..(first + 46)])));
    }

    [Fact]
    public void Four_gigabytes_out_of_nothing_are_refused_before_anything_is_allocated()
    {
        var bytes = Two();
        With(bytes, Find(bytes, Central, 1) + 24, 0xf0, 0xff, 0xff, 0xff);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("MG.Zip.EntryTooLarge", Try(bytes));
        With(bytes, Find(bytes, Central, 1) + 24, 0, 0, 0, 0x10);
        Assert.Equal("MG.Zip.Size", Try(bytes, ReadLimits.Default with { EntryBytes = int.MaxValue }));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10 << 20);
    }

    [Fact]
    public void A_bomb_stops_at_the_limit() =>
        Assert.Equal(ReadBudget.OutOfMemoryId, Try(Archive([.. Enumerable.Range(0, 5).Select(i => ($"{i}", new byte[1 << 20], CompressionLevel.Optimal))]), ReadLimits.Default with { HeldBytes = 3 << 20 }));

    [Fact]
    public void Lies_about_sizes_are_refused()
    {
        var bytes = Two();
        Assert.Equal("MG.Zip.Size", Try(With(bytes, Find(bytes, Central, 1) + 24, 0x87, 0x13, 0, 0))); // one byte less than there is
        bytes = Two();
        Assert.Equal("MG.Zip.Size", Try(With(bytes, Find(bytes, Central) + 24, 9)));
    }

    [Fact]
    public void Encrypted_entries_are_refused()
    {
        var bytes = Two();
        bytes[Find(bytes, Local) + 6] |= 1;
        Assert.Equal("MG.Zip.Encrypted", Try(bytes));
    }

    /// <summary>Written to a pipe, an entry's sizes stand behind it, and zeros before it.</summary>
    [Fact]
    public void Sizes_may_stand_behind_the_data()
    {
        using var pipe = new Pipe();
        using (var zip = new ZipArchive(pipe, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in new[] { "a/one", "a/two" })
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(new byte[5000]);
            }
        }

        var bytes = pipe.ToArray();
        Assert.Equal(8, bytes[6] & 8);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(18)));
        Assert.Equal("a/one:5000 a/two:5000", Try(bytes));
    }

    /// <summary>A stream that cannot go back.</summary>
    private sealed class Pipe : MemoryStream
    {
        public override bool CanSeek => false;
    }

    [Fact]
    public void Local_headers_must_agree()
    {
        var bytes = Two();
        Assert.Equal("MG.Zip.LocalHeader", Try(With(bytes, Find(bytes, Local) + 30, (byte)'b')));
        bytes = Two();
        Assert.Equal("MG.Zip.LocalHeader", Try(With(bytes, Find(bytes, Local), 0)));
        bytes = Two();
        Assert.Equal("MG.Zip.Encrypted", Try(With(bytes, Find(bytes, Local) + 6, 1)));
        bytes = Two();
        Assert.Equal("MG.Zip.Truncated", Try(With(bytes, Find(bytes, Local) + 28, 0xff, 0x00))); // an extra field into the next entry
    }

    [Fact]
    public void A_directory_of_a_million_entries_in_no_bytes_is_refused()
    {
        var bytes = Two();
        Assert.Equal("MG.Zip.Directory", Try(With(bytes, Find(bytes, End) + 10, 0xf0, 0xff)));
    }

    [Fact]
    public void Zip64_is_read_and_its_lies_are_refused()
    {
        var content = Encoding.ASCII.GetBytes("hello");
        byte[] name = [(byte)'a'];
        var local = new byte[30];
        BinaryPrimitives.WriteUInt32LittleEndian(local, Local);
        local[26] = 1;
        byte[] start = [.. local, .. name, .. content];
        var central = new byte[46];
        BinaryPrimitives.WriteUInt32LittleEndian(central, Central);
        central.AsSpan(20, 8).Fill(0xff);
        central[28] = 1;
        central[30] = 20;
        byte[] extra = [1, 0, 16, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0];
        byte[] directory = [.. central, .. name, .. extra];
        var end64 = new byte[56];
        BinaryPrimitives.WriteUInt32LittleEndian(end64, 0x06064b50);
        end64[24] = end64[32] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(40), directory.Length);
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(48), start.Length);
        var locator = new byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(locator, 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), start.Length + directory.Length);
        var end = new byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, End);
        end.AsSpan(8, 12).Fill(0xff);
        byte[] archive = [.. start, .. directory, .. end64, .. locator, .. end];
        Assert.Equal("a:5", Try(archive));

        var at = start.Length + 46 + 1 + 4;
        foreach (var size in new[] { long.MaxValue, -1, 1L << 40, 6 })
        {
            var lie = archive.ToArray();
            BinaryPrimitives.WriteInt64LittleEndian(lie.AsSpan(at + 8), size);
            Assert.StartsWith("MG.Zip.", Try(lie));
        }

        BinaryPrimitives.WriteInt64LittleEndian(archive.AsSpan(start.Length + directory.Length + 48), long.MaxValue);
        Assert.Equal("MG.Zip.Directory", Try(archive));
    }
}
