using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports;

/// <summary>SARIF 2.1.0 (OASIS), as GitHub code scanning and Azure DevOps read it.</summary>
/// <remarks>An undecidable guideline is a result of kind "open"; a file that could not be read is a notification of the invocation.</remarks>
public sealed class SarifReport : IReportWriter
{
    public string Name => "sarif";

    /// <inheritdoc/>
    public void Write(Stream stream, IReadOnlyList<AuditResult> results)
    {
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
        foreach (var (path, error) in results.Where(r => r.Error is not null).Select(r => (r.Path, r.Error!)))
        {
            json.WriteStartObject();
            json.WriteStartObject("descriptor");
            json.WriteString("id", error.Id);
            json.WriteEndObject();
            json.WriteString("level", "error");
            WriteMessage(json, "message", error.Message);
            json.WriteStartArray("locations");
            json.WriteStartObject();
            WritePlace(json, path, null, null);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteResult(Utf8JsonWriter json, Finding finding, int rule)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Guideline);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("kind", finding.Outcome is Outcome.Undecidable ? "open" : "fail");
        json.WriteString("level", finding.Outcome is Outcome.Undecidable ? "none" : Level(finding.Severity));
        WriteMessage(json, "message", finding.Recommendation is null ? finding.Message : $"{finding.Message}. To do: {finding.Recommendation}.");
        json.WriteStartArray("locations");
        json.WriteStartObject();

        // A place in the audited file itself is the location; one in the source that a model was exported from is related to it.
        var own = finding.Location is { } l && finding.Format == "PythonSource" ? l : null;
        WritePlace(json, finding.Path, own, null);
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
