using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports;

/// <summary>SARIF 2.1.0 (OASIS), as GitHub code scanning and Azure DevOps read it.</summary>
/// <remarks>A guideline that cannot be decided and a file that could not be read are notifications of the invocation: viewers show every result as an alert.</remarks>
public sealed class SarifReport : IReportWriter
{
    public string Name => "sarif";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        var results = report.Results;
        var rules = GuidelineCatalog.All.Select(g => g.Descriptor).ToList();
        using var json = new Utf8JsonWriter(stream, JsonReport.Options);
        json.WriteStartObject();
        json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        json.WriteStartObject();
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", ToolInfo.Name);
        json.WriteString("version", ToolInfo.Version);
        json.WriteString("informationUri", ToolInfo.Home.ToString());
        json.WriteStartArray("rules");
        rules.ForEach(r => WriteRule(json, r));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        WriteInvocation(json, results);
        json.WriteString("columnKind", "utf16CodeUnits");
        json.WriteStartArray("results");
        foreach (var finding in results.SelectMany(r => r.Findings))
        {
            WriteResult(json, finding, rules.FindIndex(r => r.Id == finding.Guideline));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    private static void WriteRule(Utf8JsonWriter json, GuidelineDescriptor rule)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        json.WriteString("name", rule.Id.Replace(".", "", StringComparison.Ordinal));
        WriteMessage(json, "shortDescription", rule.Title);
        WriteMessage(json, "fullDescription", rule.Description);
        json.WriteString("helpUri", rule.HelpUri.ToString());
        json.WriteStartObject("defaultConfiguration");
        json.WriteString("level", Level(rule.Severity));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteInvocation(Utf8JsonWriter json, IReadOnlyList<AuditResult> results)
    {
        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", results.All(r => r.Error is null));
        json.WriteStartArray("toolExecutionNotifications");
        foreach (var result in results)
        {
            if (result.Error is { } error)
            {
                WriteNotification(json, "descriptor", error.Id, "error", error.Message, result.Path);
            }

            foreach (var undecided in result.Undecided)
            {
                WriteNotification(json, "associatedRule", undecided.Guideline, "note", $"cannot be decided: {undecided.Reason}", undecided.Path);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteNotification(Utf8JsonWriter json, string kind, string id, string level, string message, string path)
    {
        json.WriteStartObject();
        json.WriteStartObject(kind);
        json.WriteString("id", id);
        json.WriteEndObject();
        json.WriteString("level", level);
        WriteMessage(json, "message", message);
        json.WriteStartArray("locations");
        json.WriteStartObject();
        WritePlace(json, path, null, null);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, Finding finding, int rule)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Guideline);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("kind", "fail");
        json.WriteString("level", Level(finding.Severity));
        JsonReport.WriteText(json, "baselineState", finding.BaselineState);
        WriteMessage(json, "message", finding.Recommendation is null ? finding.Message : $"{finding.Message}. To do: {finding.Recommendation}.");
        json.WriteStartArray("locations");
        json.WriteStartObject();

        // A place in the audited file itself is the location; one in the source that a model was exported from is related to it.
        var own = finding.Location is { } l && finding.SourcePath is not null ? l : null;
        WritePlace(json, own?.File ?? finding.Path, own, null);
        WriteLogicalLocation(json, finding);
        json.WriteEndObject();
        json.WriteEndArray();
        WriteRelated(json, finding, own);
        json.WriteStartObject("partialFingerprints");
        json.WriteString("modelGuidelines/v1", finding.Fingerprint);
        json.WriteEndObject();
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
        json.WriteEndObject();
    }

    private static void WriteLogicalLocation(Utf8JsonWriter json, Finding finding)
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

    private static void WriteRelated(Utf8JsonWriter json, Finding finding, SourceLocation? own)
    {
        var places = finding.Calls.Select(c => (c.Location, Text: $"call by '{c.Caller}'")).ToList();
        if (places.Count == 0)
        {
            places.Add((finding.Location, "source"));
        }

        places.RemoveAll(p => p.Location is null || p.Location == own);
        if (places.Count == 0)
        {
            return;
        }

        json.WriteStartArray("relatedLocations");
        for (var i = 0; i < places.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            WritePlace(json, places[i].Location!.File, places[i].Location, places[i].Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePlace(Utf8JsonWriter json, string path, SourceLocation? region, string? text)
    {
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", UriOf(path));
        json.WriteEndObject();
        if (region is { Line: > 0 })
        {
            json.WriteStartObject("region");
            json.WriteNumber("startLine", region.Line);
            if (region.Column is > 0 and var column)
            {
                json.WriteNumber("startColumn", column);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (text is not null)
        {
            WriteMessage(json, "message", text);
        }
    }

    /// <summary>A relative path stays relative, as code scanning wants it.</summary>
    private static string UriOf(string path)
    {
        var parts = Printable.Text(path).Replace('\\', '/').Split('/').Select((p, i) => i == 0 && p is [_, ':'] ? p : Uri.EscapeDataString(p));
        var escaped = string.Join('/', parts);
        return Path.IsPathRooted(path) ? "file://" + (escaped.StartsWith('/') ? "" : "/") + escaped : escaped;
    }

    private static void WriteMessage(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", Printable.Text(text));
        json.WriteEndObject();
    }

    private static string Level(Severity severity) => severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "note" };
}
