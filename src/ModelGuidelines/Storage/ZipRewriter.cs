using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ModelGuidelines.Storage;

/// <summary>Writes a zip archive again with some entries' content replaced. All other entries are copied as they are, compressed data included.</summary>
/// <remarks>Source: PKWARE APPNOTE 6.3.10. A replaced entry keeps its name, time, attributes and method. Sizes beyond 4 GB are written as zip64.</remarks>
internal sealed class ZipRewriter(PagedFile file, ZipArchiveView zip, string path)
{
    private const int ChunkBytes = 1 << 20;
    private const int Zip64Bytes = 28; // id, size, and up to three numbers of eight bytes

    private readonly Dictionary<string, Action<Stream, CancellationToken>> _replaced = new(StringComparer.Ordinal);

    /// <summary>Gives an entry new content, which is asked for when the archive is written.</summary>
    public void Replace(string name, Action<Stream, CancellationToken> write) => _replaced[name] = write;

    /// <param name="output">Can seek: the header of a replaced entry is completed after its data.</param>
    /// <param name="cancellation">Asked for every chunk that is copied.</param>
    public void Write(Stream output, CancellationToken cancellation)
    {
        using var source = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var written = new Dictionary<ZipEntry, Written>();
        var first = zip.Entries.Count > 0 ? zip.Entries.Min(e => e.HeaderOffset) : 0;
        Copy(source, 0, first, output, cancellation); // what a self-extracting archive begins with
        foreach (var entry in zip.Entries.OrderBy(e => e.HeaderOffset))
        {
            var start = output.Position;
            if (_replaced.TryGetValue(entry.Name, out var write))
            {
                written[entry] = WriteEntry(entry, write, output, cancellation);
            }
            else
            {
                Copy(source, entry.HeaderOffset, entry.End, output, cancellation);
                written[entry] = new(start, entry.CompressedLength, entry.Length, null);
            }
        }

        WriteDirectory(written, output);
    }

    private Written WriteEntry(ZipEntry entry, Action<Stream, CancellationToken> write, Stream output, CancellationToken cancellation)
    {
        if (entry.Method is not (0 or 8))
        {
            throw new ModelReadException("MG.Zip.Method", $"entry '{entry.Name}' uses compression method {entry.Method}, which no framework writes", entry.HeaderOffset);
        }

        var start = output.Position;
        var old = file.Span(entry.HeaderOffset, 30);
        var name = file.Span(entry.HeaderOffset + 30, BinaryPrimitives.ReadUInt16LittleEndian(old[26..]));

        // What is replaced may grow to any size: room for zip64 is kept where the original is large.
        var isLarge = entry.Length > int.MaxValue / 2;
        var header = new byte[30 + name.Length + (isLarge ? 20 : 0)];
        old.CopyTo(header);
        name.CopyTo(header.AsSpan(30));
        header[6] &= 0xF7; // sizes stand in this header, not behind the data
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)(isLarge ? 20 : 0));
        output.Write(header);
        var data = output.Position;
        var (length, crc) = WriteData(entry, write, output, cancellation);
        var end = output.Position;
        var compressed = end - data;
        if (!isLarge && Math.Max(length, compressed) >= uint.MaxValue)
        {
            throw new ModelReadException("MG.Repair.TooLarge", $"entry '{entry.Name}' grew beyond 4 GB");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(14), crc);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(18), isLarge ? uint.MaxValue : (uint)compressed);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(22), isLarge ? uint.MaxValue : (uint)length);
        if (isLarge)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), 45);
            var extra = header.AsSpan(30 + name.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(extra, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], 16);
            BinaryPrimitives.WriteInt64LittleEndian(extra[4..], length);
            BinaryPrimitives.WriteInt64LittleEndian(extra[12..], compressed);
        }

        output.Position = start;
        output.Write(header);
        output.Position = end;
        return new(start, compressed, length, crc);
    }

    private static (long Length, uint Crc) WriteData(ZipEntry entry, Action<Stream, CancellationToken> write, Stream output, CancellationToken cancellation)
    {
        using var deflate = entry.Method == 8 ? new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true) : null;
        using var counted = new Crc32Stream(deflate ?? output);
        write(counted, cancellation);
        return (counted.Count, counted.Crc);
    }

    private void WriteDirectory(Dictionary<ZipEntry, Written> written, Stream output)
    {
        var start = output.Position;
        foreach (var entry in zip.Entries)
        {
            output.Write(Record(entry, written[entry]));
        }

        var size = output.Position - start;
        var count = zip.Entries.Count;
        var isLarge = count >= ushort.MaxValue || size >= uint.MaxValue || start >= uint.MaxValue;
        var end = new byte[(isLarge ? 56 + 20 : 0) + 22];
        var tail = end.AsSpan(end.Length - 22);
        if (isLarge)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06064b50);
            BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(4), 44);
            BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(12), 45);
            BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(14), 45);
            BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(24), count);
            BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(32), count);
            BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(40), size);
            BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(48), start);
            BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(56), 0x07064b50);
            BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(64), start + size);
            BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(72), 1);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(tail, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(tail[8..], (ushort)Math.Min(count, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(tail[10..], (ushort)Math.Min(count, ushort.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(tail[12..], (uint)Math.Min(size, uint.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(tail[16..], (uint)Math.Min(start, uint.MaxValue));
        output.Write(end);
    }

    /// <summary>The entry's record in the central directory: the original's, with the numbers of what was written.</summary>
    private byte[] Record(ZipEntry entry, Written written)
    {
        var old = file.Span(entry.RecordOffset, entry.RecordLength);
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(old[28..]);
        var extraLength = BinaryPrimitives.ReadUInt16LittleEndian(old[30..]);
        var extra = OtherExtras(old.Slice(46 + nameLength, extraLength));
        var zip64 = new MemoryStream(Zip64Bytes);
        Span<byte> number = stackalloc byte[8];
        foreach (var value in new[] { written.Length, written.Compressed, written.Start })
        {
            if (value >= uint.MaxValue)
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, value);
                zip64.Write(number);
            }
        }

        if (zip64.Length > 0)
        {
            Span<byte> head = stackalloc byte[4];
            BinaryPrimitives.WriteUInt16LittleEndian(head, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(head[2..], (ushort)zip64.Length);
            extra = [.. head, .. zip64.ToArray(), .. extra];
        }

        byte[] record = [.. old[..(46 + nameLength)], .. extra, .. old[(46 + nameLength + extraLength)..]];
        if (written.Crc is { } crc)
        {
            record[8] &= 0xF7;
            BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(16), crc);
        }

        if (zip64.Length > 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(6), 45);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(20), (uint)Math.Min(written.Compressed, uint.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(24), (uint)Math.Min(written.Length, uint.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(30), (ushort)extra.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(42), (uint)Math.Min(written.Start, uint.MaxValue));
        return record;
    }

    /// <summary>Extra fields but zip64's, which is written anew where it is needed.</summary>
    private static byte[] OtherExtras(ReadOnlySpan<byte> extra)
    {
        var result = new List<byte>();
        while (extra.Length >= 4)
        {
            var size = 4 + BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) != 1)
            {
                result.AddRange(extra[..size]);
            }

            extra = extra[size..];
        }

        return [.. result];
    }

    private static void Copy(Microsoft.Win32.SafeHandles.SafeFileHandle source, long from, long to, Stream output, CancellationToken cancellation)
    {
        var buffer = new byte[(int)Math.Min(ChunkBytes, Math.Max(0, to - from))];
        for (var at = from; at < to;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - at)), at);
            if (count == 0)
            {
                throw new ModelReadException("MG.Repair.Changed", "the file became shorter while it was being repaired; nothing was written", at);
            }

            output.Write(buffer, 0, count);
            at += count;
        }
    }

    private sealed record Written(long Start, long Compressed, long Length, uint? Crc);
}
