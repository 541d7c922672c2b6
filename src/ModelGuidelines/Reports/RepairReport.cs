using System.Text.Json;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Reports;

/// <summary>The JSON report of repairs, schema version 1.0.</summary>
public static class RepairReport
{
    public static void Write(Stream stream, IReadOnlyList<RepairResult> results)
    {
        using var json = new Utf8JsonWriter(stream, JsonReport.Options);
        json.WriteStartObject();
        json.WriteString("schemaVersion", "1.0");
        JsonReport.WriteTool(json);
        json.WriteStartArray("repairs");
        foreach (var result in results)
        {
            Write(json, result);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter json, RepairResult result)
    {
        json.WriteStartObject();
        json.WriteString("path", result.Path);
        json.WriteString("outputPath", result.OutputPath);
        json.WriteString("status", result.Status.ToString());
        json.WriteString("verified", result.Verified);
        json.WriteString("verification", result.Proof?.Text);
        WriteRunning(json, result.Running);
        json.WriteString("diff", result.Diff?.Text);
        json.WriteStartArray("others");
        foreach (var other in result.Others)
        {
            json.WriteStartObject();
            json.WriteString("path", other.Path);
            json.WriteString("outputPath", other.OutputPath);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("changes");
        foreach (var change in result.Changes)
        {
            json.WriteStartObject();
            json.WriteString("kind", change.Kind.ToString());
            json.WriteString("module", change.Module);
            json.WriteString("newModule", change.NewModule);
            if (change.Location is null)
            {
                json.WriteNull("location");
            }

            JsonReport.WriteLocation(json, change.Location);
            json.WriteString("diff", change.Diff);
            json.WriteString("note", change.Note);
            WriteRenames(json, "nodes", change.Nodes);
            WriteRenames(json, "parameters", change.Parameters);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("left");
        foreach (var left in result.Left)
        {
            json.WriteStartObject();
            json.WriteString("guideline", left.Guideline);
            json.WriteString("module", left.Module);
            json.WriteString("reason", left.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        JsonReport.WriteError(json, result.Error);
        json.WriteEndObject();
    }

    private static void WriteRunning(Utf8JsonWriter json, RunComparison? running)
    {
        if (running is null)
        {
            return;
        }

        json.WriteStartObject("running");
        json.WriteString("outcome", running.Outcome.ToString());
        json.WriteString("text", running.ToString());
        json.WriteNumber("tolerance", running.Tolerance);
        if (double.IsFinite(running.LargestDifference))
        {
            json.WriteNumber("largestDifference", running.LargestDifference);
        }

        json.WriteStartArray("seeds");
        foreach (var seed in running.Seeds)
        {
            json.WriteNumberValue(seed);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRenames(Utf8JsonWriter json, string name, IReadOnlyCollection<Rename> renames)
    {
        if (renames.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var rename in renames)
        {
            json.WriteStartObject();
            json.WriteString("from", rename.From);
            json.WriteString("to", rename.To);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
