using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports.Sarif;

/// <summary>The results of one run.</summary>
internal sealed class SarifResults(Utf8JsonWriter json, List<GuidelineDescriptor> rules, SarifPlaces places)
{
    private readonly SarifFixes _fixes = new();

    public void Write(AuditResult result, Finding finding, Suppression? by)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Guideline);
        json.WriteNumber("ruleIndex", rules.FindIndex(r => r.Id == finding.Guideline));
        json.WriteString("kind", "fail");
        json.WriteString("level", SarifReport.Level(finding.Severity));
        JsonReport.WriteText(json, "baselineState", finding.BaselineState);
        SarifReport.WriteMessage(json, "message", finding.Recommendation is null ? finding.Message : $"{finding.Message}. To do: {finding.Recommendation}.");
        json.WriteStartArray("locations");
        json.WriteStartObject();

        // A place in the audited file itself is the location; one in the source that a model was exported from is related to it.
        places.Write(json, finding);
        WriteLogicalLocation(finding);
        json.WriteEndObject();
        json.WriteEndArray();
        WriteRelated(finding);
        json.WriteStartObject("partialFingerprints");
        json.WriteString("modelGuidelines/v1", finding.Fingerprint);

        // What code scanning goes by. It would compute one of the line's text, which a graph file does not have; ours counts up where the same stands twice.
        json.WriteString("primaryLocationLineHash", finding.Fingerprint + ":1");
        json.WriteEndObject();
        if (by is not null)
        {
            WriteSuppression(by);
        }

        _fixes.Write(json, result, finding);
        WriteProperties(finding);
        json.WriteEndObject();
    }

    private void WriteSuppression(Suppression by)
    {
        json.WriteStartArray("suppressions");
        json.WriteStartObject();
        json.WriteString("kind", by.File is null || by.File.EndsWith(".py", StringComparison.OrdinalIgnoreCase) ? "inSource" : "external");
        json.WriteString("status", "accepted");
        JsonReport.WriteText(json, "justification", by.Reason is null ? null : Printable.Text(by.Reason));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteProperties(Finding finding)
    {
        json.WriteStartObject("properties");
        json.WriteString("confidence", finding.Confidence.ToString());
        json.WriteString("framework", finding.Framework.ToString());
        json.WriteString("format", finding.Format);
        JsonReport.WriteText(json, "operator", finding.Operator);
        JsonReport.WriteText(json, "replacement", finding.Replacement);
        JsonReport.WriteText(json, "node", finding.Node);
        json.WriteString("place", finding.Place);
        JsonReport.WriteTexts(json, "instances", finding.Instances);
        JsonReport.WriteTexts(json, "models", finding.Models);
        JsonReport.WriteTexts(json, "conditions", finding.Conditions);
        json.WriteEndObject();
    }

    private void WriteLogicalLocation(Finding finding)
    {
        if (finding.Module is not { } module)
        {
            return;
        }

        json.WriteStartArray("logicalLocations");
        json.WriteStartObject();
        json.WriteString("fullyQualifiedName", module.Length == 0 ? "(root)" : Printable.Text(module));
        json.WriteString("kind", "module");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteRelated(Finding finding)
    {
        var related = finding.Calls.Select(c => (c.Location, Text: $"call by '{c.Caller}'")).ToList();
        if (related.Count == 0)
        {
            related.Add((finding.Location, "source"));
        }

        related.RemoveAll(p => p.Location is null || p.Location == finding.SourcePlace);
        if (related.Count == 0)
        {
            return;
        }

        json.WriteStartArray("relatedLocations");
        for (var i = 0; i < Math.Min(related.Count, SarifLimits.LocationsOfResult); i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            SarifPlaces.Write(json, related[i].Location!);
            SarifReport.WriteMessage(json, "message", related[i].Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
