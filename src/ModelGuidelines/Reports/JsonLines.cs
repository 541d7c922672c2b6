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
        Line(stream, json => JsonReport.WriteFile(json, result, "file"));
        foreach (var finding in result.Findings)
        {
            Line(stream, json => JsonReport.WriteFinding(json, finding, "finding"));
        }
    }

    private static void Line(Stream stream, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            write(json);
        }

        stream.Write("\n"u8);
    }
}
