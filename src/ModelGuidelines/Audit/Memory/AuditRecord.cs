using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit.Memory;

/// <summary>What one audit of one file asked and found.</summary>
/// <param name="Seen">What the reader asked of the disk; paths relative to the folder in which the run stood, where they lie in it.</param>
/// <param name="Recorded">Ticks, UTC. A file that was written at about that time is in doubt.</param>
/// <param name="Result">Null: no model.</param>
/// <param name="Roles">Classes that were left out because they are no models: role, file, class.</param>
/// <param name="Digest">Of the result: null where there is none.</param>
internal sealed record AuditRecord(ImmutableArray<SeenFile> Seen, long Recorded, AuditResult? Result, ImmutableArray<ImmutableArray<string>> Roles, string? Digest)
{
    /// <summary>Of a record unpacked; a larger one is not taken.</summary>
    private const int MaximumBytes = 1 << 26;

    /// <summary>Smaller records are not packed: unpacking them would cost more than reading them.</summary>
    private const int SmallBytes = 1 << 12;

    /// <summary>How what follows is written, and its checksum: a disk that changed a byte would change an answer.</summary>
    private const int HeadBytes = 1 + sizeof(uint);
    private const byte Plain = 2;
    private const byte Packed = 3;

    public byte[] ToBytes()
    {
        using var plain = new MemoryStream();
        plain.Write(stackalloc byte[HeadBytes]);
        RecordFields.Record(new RecordForm(plain), this);
        if (plain.Length <= SmallBytes)
        {
            return WithHead(Plain, plain.ToArray());
        }

        using var packed = new MemoryStream();
        packed.Write(stackalloc byte[HeadBytes]);
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(plain.GetBuffer().AsSpan(HeadBytes, (int)plain.Length - HeadBytes));
        }

        return WithHead(Packed, packed.ToArray());
    }

    /// <summary>The record; null when the bytes are none, as of a version that nobody knows, or were changed.</summary>
    /// <param name="bytes">What was kept.</param>
    /// <param name="texts">Those that other records have, too.</param>
    public static AuditRecord? Read(byte[] bytes, TextPool texts) => bytes.Length < HeadBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(1)) != Checksum(bytes) ? null : bytes[0] switch
    {
        Plain => Read(bytes, HeadBytes, bytes.Length, texts),
        Packed => Unpack(bytes.AsSpan(HeadBytes), texts),
        _ => null,
    };

    private static byte[] WithHead(byte form, byte[] bytes)
    {
        bytes[0] = form;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), Checksum(bytes));
        return bytes;
    }

    private static uint Checksum(byte[] bytes)
    {
        using var sum = new Crc32Stream(Stream.Null);
        sum.Write(bytes.AsSpan(0, 1));
        sum.Write(bytes.AsSpan(HeadBytes));
        return sum.Crc;
    }

    private static AuditRecord? Unpack(ReadOnlySpan<byte> packed, TextPool texts)
    {
        var plain = ArrayPool<byte>.Shared.Rent(Math.Max(1 << 14, 10 * packed.Length));
        try
        {
            int length;
            while (!BrotliDecoder.TryDecompress(packed, plain, out length))
            {
                // Too little room, or damaged.
                if (plain.Length >= MaximumBytes)
                {
                    return null;
                }

                var larger = ArrayPool<byte>.Shared.Rent(2 * plain.Length);
                ArrayPool<byte>.Shared.Return(plain);
                plain = larger;
            }

            return Read(plain, 0, length, texts);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private static AuditRecord? Read(byte[] bytes, int start, int end, TextPool texts)
    {
        try
        {
            var form = new RecordForm(bytes, start, end, texts);
            var record = RecordFields.Record(form, null);
            return form.IsAtEnd ? record : null;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or OverflowException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static Finding Moved(Finding finding, Func<string, string> change) => finding.SourcePath is null ? finding : finding with { SourcePath = change(finding.SourcePath) };

    /// <summary>The record with all full paths changed.</summary>
    public AuditRecord WithPaths(Func<string, string> change) => this with
    {
        Seen = [.. Seen.Select(s => s with { Path = change(s.Path) })],
        Roles = [.. Roles.Select(r => r.SetItem(1, change(r[1])))],
        Result = Result is null ? null : Result with
        {
            FullPath = Result.FullPath is null ? null : change(Result.FullPath),
            Findings = [.. Result.Findings.Select(f => Moved(f, change))],
            SuppressedFindings = [.. Result.SuppressedFindings.Select(s => s with { Finding = Moved(s.Finding, change) })],
        },
    };
}
