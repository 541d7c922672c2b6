using System.Buffers;
using System.Text.Json;
using ModelGuidelines.Audit;

namespace ModelGuidelines.Reports;

/// <summary>JSON Lines: an object a line, written as results come, so that memory does not grow with their number.</summary>
/// <remarks>The objects are those of the JSON report with a <c>type</c> before them: <c>file</c>, then its <c>finding</c>s.</remarks>
public static class JsonLines
{
    public const string Name = "jsonl";

    private static readonly JsonWriterOptions Options = new() { Encoder = LogSafeEncoder.Instance };

    /// <summary>Writes one result, UTF-8 without a byte order mark; leaves the stream open.</summary>
    public static void Write(Stream stream, AuditResult result)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 12);
        Write(buffer, result);
        stream.Write(buffer.WrittenSpan);
    }

    /// <summary>The same into memory that is used again.</summary>
    public static void Write(IBufferWriter<byte> buffer, AuditResult result)
    {
        using var json = new Utf8JsonWriter(buffer, Options);
        JsonReport.WriteFile(json, result, "file");
        EndLine(json, buffer);
        foreach (var finding in result.Findings)
        {
            json.Reset();
            JsonReport.WriteFinding(json, finding, "finding");
            EndLine(json, buffer);
        }
    }

    private static void EndLine(Utf8JsonWriter json, IBufferWriter<byte> buffer)
    {
        json.Flush();
        buffer.Write("\n"u8);
    }
}
