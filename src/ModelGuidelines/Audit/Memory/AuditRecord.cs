using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit.Memory;

/// <summary>What one audit of one file asked and found.</summary>
/// <param name="Seen">What the reader asked of the disk; paths relative to the folder in which the run stood, where they lie in it.</param>
/// <param name="Recorded">Ticks, UTC. A file that was written at about that time is in doubt.</param>
/// <param name="Result">Null: no model.</param>
/// <param name="Roles">Classes that were left out because they are no models: role, file, class.</param>
internal sealed record AuditRecord(ImmutableArray<SeenFile> Seen, long Recorded, AuditResult? Result, ImmutableArray<ImmutableArray<string>> Roles)
{
    /// <summary>Of a record unpacked; a larger one is not taken.</summary>
    private const int MaximumBytes = 1 << 26;

    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var packed = new BrotliStream(buffer, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(packed, this, RecordJson.Default.AuditRecord);
        }

        return buffer.ToArray();
    }

    /// <summary>The record; null when the bytes are none, as of a version that nobody knows.</summary>
    public static AuditRecord? Read(byte[] bytes)
    {
        var text = ArrayPool<byte>.Shared.Rent(Math.Max(1 << 14, 10 * bytes.Length));
        try
        {
            int length;
            while (!BrotliDecoder.TryDecompress(bytes, text, out length))
            {
                // Too little room, or damaged.
                if (text.Length >= MaximumBytes)
                {
                    return null;
                }

                var larger = ArrayPool<byte>.Shared.Rent(2 * text.Length);
                ArrayPool<byte>.Shared.Return(text);
                text = larger;
            }

            return JsonSerializer.Deserialize(text.AsSpan(0, length), RecordJson.Default.AuditRecord);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
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

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(AuditRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
