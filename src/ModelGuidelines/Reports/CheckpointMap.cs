using System.Text.Json;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Reports;

/// <summary>Which entries of a checkpoint of before the new modules need: JSON for whoever loads one into a repaired model.</summary>
/// <remarks>Keys of a state_dict are named by their module: <c>fc.</c> stands for <c>fc.weight</c>, <c>fc.bias</c> and all below; <c>block2.*.</c> for every element of a list. Of two that
/// begin a key, the longer one tells.</remarks>
public static class CheckpointMap
{
    public static void Write(Stream stream, IEnumerable<RepairResult> results)
    {
        using var json = new Utf8JsonWriter(stream, JsonReport.Options);
        json.WriteStartObject();
        json.WriteString("schemaVersion", "1.0");
        json.WriteStartArray("files");
        foreach (var result in results.Where(r => r.Changes.Any(c => c.HasParameters || !c.Parameters.IsEmpty)))
        {
            json.WriteStartObject();
            json.WriteString("path", result.OutputPath ?? result.Path);
            json.WriteStartObject("keys");

            // What was there keeps its name and is read by the copies as well.
            foreach (var entry in result.Changes.SelectMany(Entries).GroupBy(e => e.From, e => e.To, StringComparer.Ordinal))
            {
                json.WriteStartArray(entry.Key);
                foreach (var key in entry.Distinct(StringComparer.Ordinal).Prepend(entry.Key))
                {
                    json.WriteStringValue(key);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    private static IEnumerable<Rename> Entries(RepairChange change) =>
        !change.Keys.IsEmpty ? change.Keys : change.HasParameters ? [new(change.Module + ".", change.NewModule + (change.IsList ? ".*." : "."))] : change.Parameters;
}
