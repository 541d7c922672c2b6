using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports.Sarif;

/// <summary>Repairs of source as replacements, which editors apply: planned, and not written.</summary>
internal sealed class SarifFixes
{
    /// <summary>A plan reads its file again.</summary>
    private const int Files = 200;
    private readonly Html.RepairDiffs _diffs = new(Files);

    /// <summary>Writes <c>fixes</c> where there is one.</summary>
    public void Write(Utf8JsonWriter json, AuditResult result, Finding finding)
    {
        if (_diffs.Of(result, finding) is not { } diff || Replacements(diff) is not { Count: > 0 } replacements)
        {
            return;
        }

        json.WriteStartArray("fixes");
        json.WriteStartObject();
        SarifReport.WriteMessage(json, "description", finding.Recommendation ?? finding.Message);
        json.WriteStartArray("artifactChanges");
        json.WriteStartObject();
        SarifPlaces.WriteArtifact(json, result.Path);
        json.WriteStartArray("replacements");
        foreach (var (line, count, text) in replacements)
        {
            // Whole lines: from the begin of the first to the begin of the one behind the last.
            json.WriteStartObject();
            json.WriteStartObject("deletedRegion");
            json.WriteNumber("startLine", line);
            json.WriteNumber("startColumn", 1);
            json.WriteNumber("endLine", line + count);
            json.WriteNumber("endColumn", 1);
            json.WriteEndObject();
            SarifReport.WriteContent(json, "insertedContent", text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>The changed lines of a unified diff of one file: first line, number of lines that go, text that comes.</summary>
    internal static List<(int Line, int Count, string Text)> Replacements(string diff)
    {
        var found = new List<(int, int, string)>();
        var (line, start, count) = (0, 0, 0);
        var text = new StringBuilder();
        void Close()
        {
            if (count > 0 || text.Length > 0)
            {
                found.Add((start, count, text.ToString()));
            }

            (count, start) = (0, line);
            text.Clear();
        }

        var isHunk = false;
        foreach (var row in diff.Split('\n'))
        {
            if (row.StartsWith("@@ -", StringComparison.Ordinal))
            {
                Close();
                var range = row[4..row.IndexOf(' ', 4)].Split(',');
                line = int.Parse(range[0], CultureInfo.InvariantCulture) + (range is [_, "0"] ? 1 : 0);
                (start, isHunk) = (line, true);
            }
            else if (row.StartsWith("diff --git ", StringComparison.Ordinal))
            {
                isHunk = false;
            }
            else if (isHunk && row is ['-', ..])
            {
                count++;
                line++;
            }
            else if (isHunk && row is ['+', .. var added])
            {
                text.Append(added).Append('\n');
            }
            else if (isHunk && row is [' ', ..])
            {
                Close();
                start = ++line;
            }
        }

        Close();
        return found;
    }
}
