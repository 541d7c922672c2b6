using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Diagnostics;
using System.IO.Hashing;
using System.Text;

namespace ModelGuidelines.Storage;

/// <summary>One entry of a zip archive, as its central directory describes it.</summary>
/// <param name="Name">With forward slashes, relative, without "..".</param>
/// <param name="Method">0 stored, 8 deflated.</param>
/// <param name="CompressedLength">Bytes in the archive.</param>
/// <param name="Length">Bytes after decompression.</param>
/// <param name="HeaderOffset">Where its local header begins.</param>
public sealed record ZipEntry(string Name, int Method, long CompressedLength, long Length, long HeaderOffset)
{
    /// <summary>Where the next entry or the central directory begins.</summary>
    internal long End { get; init; }

    /// <summary>Where its record in the central directory begins.</summary>
    internal long RecordOffset { get; init; }

    internal int RecordLength { get; init; }

    /// <summary>CRC-32 of the bytes after decompression, as the archive declares it.</summary>
    internal uint Checksum { get; init; }
}

/// <summary>Reads a zip archive in place: the central directory, and the few entries asked for. Nothing else is touched.</summary>
/// <remarks>Source: PKWARE APPNOTE 6.3.10, with zip64. System.IO.Compression.ZipArchive reads from a stream, accepts duplicate and
/// overlapping entries and names that leave the folder, and trusts declared sizes; hostile archives are why this exists.</remarks>
public sealed class ZipArchiveView
{
    private const uint EndOfCentralDirectory = 0x06054b50;
    private const uint Zip64Locator = 0x07064b50;
    private const uint Zip64EndOfCentralDirectory = 0x06064b50;
    private const uint CentralHeader = 0x02014b50;
    private const uint LocalHeader = 0x04034b50;

    /// <summary>What an entry of the directory takes in memory, its name aside.</summary>
    private const int EntryBytes = 200;
    private readonly PagedFile _file;
    private readonly ReadLimits _limits;
    private readonly FrozenDictionary<string, ZipEntry> _entries;

    private ZipArchiveView(PagedFile file, ReadLimits limits, List<ZipEntry> entries)
    {
        _file = file;
        _limits = limits;
        Entries = entries;
        try
        {
            _entries = entries.ToFrozenDictionary(e => e.Name, StringComparer.Ordinal);
        }
        catch (ArgumentException e)
        {
            throw new ModelReadException("MG.Zip.Duplicate", "two entries of the archive have the same name", inner: e);
        }
    }

    /// <summary>In the order of the central directory.</summary>
    public IReadOnlyList<ZipEntry> Entries { get; }

    /// <summary>Whether these are the first bytes of a zip archive with at least one entry.</summary>
    public static bool IsZip(ReadOnlySpan<byte> header) => header.StartsWith("PK\x03\x04"u8);

    public ZipEntry? Find(string name) => _entries.GetValueOrDefault(name);

    /// <exception cref="ModelReadException">The directory is damaged, lies, or exceeds a limit.</exception>
    public static ZipArchiveView Open(PagedFile file, ReadLimits limits)
    {
        var (count, size, offset) = FindDirectory(file);
        if (count > limits.ArchiveEntries)
        {
            throw new ModelReadException("MG.Zip.TooManyEntries", $"the archive declares {count} entries, more than {limits.ArchiveEntries}");
        }

        if (offset < 0 || size < 0 || size > int.MaxValue || offset > file.Length - size || count > size / 46)
        {
            throw new ModelReadException("MG.Zip.Directory", "the archive's central directory lies outside the file", offset);
        }

        file.Hold(count * EntryBytes);
        var directory = file.Span(offset, (int)size);
        var entries = new List<ZipEntry>((int)count);
        var position = 0;
        for (long i = 0; i < count; i++)
        {
            entries.Add(ReadEntry(directory, ref position, offset));
        }

        CheckOverlaps(entries, offset);
        return new(file, limits, entries);
    }

    /// <summary>The decompressed bytes of an entry. A stored entry is a slice of the file: it must not outlive it.</summary>
    /// <exception cref="ModelReadException">The entry is damaged, lies about its size, or exceeds a limit.</exception>
    public ReadOnlyMemory<byte> Read(ZipEntry entry)
    {
        var data = DataOf(entry, _limits.EntryBytes);
        return entry.Method is 0 ? _file.Memory(data, (int)entry.Length) : Inflate(entry, _file.Memory(data, (int)entry.CompressedLength));
    }

    /// <summary>The same bytes for one who reads them in passing: they are not held. They may be more than <see cref="Read"/> gives.</summary>
    /// <remarks>What is wrong with them, reading the stream says.</remarks>
    /// <exception cref="ModelReadException">The entry is damaged, lies about its size, or exceeds a limit.</exception>
    public Stream Stream(ZipEntry entry)
    {
        var data = DataOf(entry, _limits.StreamedBytes);
        Stream bytes = new PagedFileStream(_file, data, entry.CompressedLength);
        return entry.Method is 0 ? bytes : new ZipEntryStream(entry, bytes);
    }

    /// <summary>Where the entry's data begins, of an entry that can be read.</summary>
    private long DataOf(ZipEntry entry, long most)
    {
        if (entry.Length > most)
        {
            throw new ModelReadException("MG.Zip.EntryTooLarge", $"entry '{entry.Name}' declares {entry.Length} bytes, more than the {most} an audit reads", entry.HeaderOffset);
        }

        var data = DataOffset(entry);
        if (entry.CompressedLength > entry.End - data || entry.CompressedLength > int.MaxValue)
        {
            throw new ModelReadException("MG.Zip.Truncated", $"entry '{entry.Name}' overlaps what follows it", entry.HeaderOffset);
        }

        return entry.Method switch
        {
            0 when entry.Length != entry.CompressedLength => throw new ModelReadException("MG.Zip.Size", $"stored entry '{entry.Name}' declares two different sizes", entry.HeaderOffset),

            // Deflate expands at most 1032 times: a larger claim is a lie, refused before anything is allocated.
            8 when entry.Length / 1032 > entry.CompressedLength + 1 => throw new ModelReadException("MG.Zip.Size", $"entry '{entry.Name}' declares {entry.Length} bytes, more than {entry.CompressedLength} compressed bytes can hold", entry.HeaderOffset),
            0 or 8 => data,
            _ => throw new ModelReadException("MG.Zip.Method", $"entry '{entry.Name}' uses compression method {entry.Method}, which no framework writes", entry.HeaderOffset),
        };
    }

    /// <summary>The same of an entry whose bytes must have the checksum that the archive declares. (torch.save can be told to write none, and torch.load asks for none.)</summary>
    /// <exception cref="ModelReadException">It has another one, or cannot be read.</exception>
    public ReadOnlyMemory<byte> ReadWhole(ZipEntry entry)
    {
        var bytes = Read(entry);
        return Crc32.HashToUInt32(bytes.Span) == entry.Checksum ? bytes
            : throw new ModelReadException("MG.Zip.Checksum", $"entry '{entry.Name}' is damaged: its bytes have another checksum than the archive declares", entry.HeaderOffset);
    }

    /// <summary>Where the entry's data begins, behind its local header.</summary>
    /// <exception cref="ModelReadException">The local header is damaged or another entry's.</exception>
    internal long DataOffset(ZipEntry entry)
    {
        if (entry.HeaderOffset > _file.Length - 30)
        {
            throw new ModelReadException("MG.Zip.Truncated", $"entry '{entry.Name}' begins beyond the end of the file", entry.HeaderOffset);
        }

        var header = _file.Span(entry.HeaderOffset, 30);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalHeader)
        {
            throw new ModelReadException("MG.Zip.LocalHeader", $"entry '{entry.Name}' has no local header", entry.HeaderOffset);
        }

        if ((BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) & 1) != 0)
        {
            throw new ModelReadException("MG.Zip.Encrypted", $"entry '{entry.Name}' is encrypted", entry.HeaderOffset);
        }

        // Readers that go by local headers must find the same entry.
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        if (nameLength > _file.Length - entry.HeaderOffset - 30 || NameOf(_file.Span(entry.HeaderOffset + 30, nameLength)) != entry.Name)
        {
            throw new ModelReadException("MG.Zip.LocalHeader", $"entry '{entry.Name}' has another name in its local header", entry.HeaderOffset);
        }

        return entry.HeaderOffset + 30 + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
    }

    private ReadOnlyMemory<byte> Inflate(ZipEntry entry, ReadOnlyMemory<byte> compressed)
    {
        _file.Hold(entry.Length);
        var bytes = new byte[entry.Length];
        using var stream = new ZipEntryStream(entry, new ReadOnlyMemoryStream(compressed));
        stream.ReadExactly(bytes);
        return stream.ReadByte() < 0 ? bytes : throw new UnreachableException();
    }

    private static (long Count, long Size, long Offset) FindDirectory(PagedFile file)
    {
        var tailLength = (int)Math.Min(file.Length, 22 + ushort.MaxValue);
        var tailStart = file.Length - tailLength;
        var tail = file.Span(tailStart, tailLength);
        for (var i = tailLength - 22; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail[i..]) != EndOfCentralDirectory
                || i + 22 + BinaryPrimitives.ReadUInt16LittleEndian(tail[(i + 20)..]) > tailLength)
            {
                continue;
            }

            var end = tail[i..];
            long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            return count == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue
                ? FindZip64Directory(file, tailStart + i) ?? (count, size, offset)
                : (count, size, offset);
        }

        throw new ModelReadException("MG.Zip.Truncated", "the archive has no end of central directory: it is truncated", file.Length);
    }

    private static (long Count, long Size, long Offset)? FindZip64Directory(PagedFile file, long end)
    {
        if (end < 20 || BinaryPrimitives.ReadUInt32LittleEndian(file.Span(end - 20, 4)) != Zip64Locator)
        {
            return null;
        }

        var at = BinaryPrimitives.ReadInt64LittleEndian(file.Span(end - 12, 8));
        if (at < 0 || at > file.Length - 56 || BinaryPrimitives.ReadUInt32LittleEndian(file.Span(at, 4)) != Zip64EndOfCentralDirectory)
        {
            throw new ModelReadException("MG.Zip.Directory", "the archive's zip64 directory lies outside the file", end);
        }

        var record = file.Span(at, 56);
        return (BinaryPrimitives.ReadInt64LittleEndian(record[32..]), BinaryPrimitives.ReadInt64LittleEndian(record[40..]), BinaryPrimitives.ReadInt64LittleEndian(record[48..]));
    }

    private static ZipEntry ReadEntry(ReadOnlySpan<byte> directory, ref int position, long directoryOffset)
    {
        var at = directoryOffset + position;
        var header = directory[position..];
        if (header.Length < 46 || BinaryPrimitives.ReadUInt32LittleEndian(header) != CentralHeader)
        {
            throw new ModelReadException("MG.Zip.Directory", "the archive's central directory is damaged", at);
        }

        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        var extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]);
        var commentLength = BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);
        var total = 46 + nameLength + extraLength + commentLength;
        if (total > header.Length)
        {
            throw new ModelReadException("MG.Zip.Directory", "the archive's central directory is damaged", at);
        }

        long compressed = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(header[42..]);
        ReadZip64Extra(header.Slice(46 + nameLength, extraLength), ref length, ref compressed, ref offset);
        var name = NameOf(header.Slice(46, nameLength));
        if (name.Length == 0 || name[0] == '/' || name.Contains('\0', StringComparison.Ordinal) || (name.Length > 1 && name[1] == ':') || name.Split('/').Contains("..", StringComparer.Ordinal))
        {
            throw new ModelReadException("MG.Zip.Name", $"the archive has an entry whose name leaves its folder: '{name}'", at);
        }

        if (compressed < 0 || length < 0 || offset < 0 || offset >= directoryOffset)
        {
            throw new ModelReadException("MG.Zip.Directory", $"entry '{name}' lies outside the archive", at);
        }

        position += total;
        return new(name, BinaryPrimitives.ReadUInt16LittleEndian(header[10..]), compressed, length, offset) { RecordOffset = at, RecordLength = total, Checksum = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]) };
    }

    private static string NameOf(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes).Replace('\\', '/');

    /// <summary>zip64: the values that did not fit stand in the extra field, in this order.</summary>
    private static void ReadZip64Extra(ReadOnlySpan<byte> extra, ref long length, ref long compressed, ref long offset)
    {
        while (extra.Length >= 4)
        {
            var id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            var size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
            {
                return;
            }

            if (id == 1)
            {
                var field = extra.Slice(4, size);
                Take(ref field, ref length);
                Take(ref field, ref compressed);
                Take(ref field, ref offset);
                return;
            }

            extra = extra[(4 + size)..];
        }

        static void Take(ref ReadOnlySpan<byte> field, ref long value)
        {
            if (value == uint.MaxValue && field.Length >= 8)
            {
                value = BinaryPrimitives.ReadInt64LittleEndian(field);
                field = field[8..];
            }
        }
    }

    private static void CheckOverlaps(List<ZipEntry> entries, long directoryOffset)
    {
        var end = directoryOffset;
        var order = Enumerable.Range(0, entries.Count).OrderByDescending(i => entries[i].HeaderOffset);
        foreach (var i in order)
        {
            var entry = entries[i];

            // 30 bytes of local header and the name come before the data.
            if (entry.CompressedLength > end - entry.HeaderOffset - 30)
            {
                throw new ModelReadException("MG.Zip.Overlap", $"entry '{entry.Name}' overlaps what follows it", entry.HeaderOffset);
            }

            entries[i] = entry with { End = end };
            end = entry.HeaderOffset;
        }
    }
}
