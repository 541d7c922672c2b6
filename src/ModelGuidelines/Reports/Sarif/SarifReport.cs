using System.Globalization;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports.Sarif;

/// <summary>SARIF 2.1.0 (OASIS), as GitHub code scanning and Azure DevOps read it.</summary>
/// <remarks>A guideline that cannot be decided and a file that could not be read are notifications of the invocation: viewers show every result as an alert.
/// Of what GitHub takes nothing is exceeded: more results become several runs, each with an id of its own, as otherwise the last one would replace the others.</remarks>
public sealed class SarifReport : IReportWriter
{
    /// <summary>The property of a shard's first run that holds its report as JSON: SARIF alone keeps too little to be joined to what one run would have written.</summary>
    internal const string Part = "modelGuidelines/part";

    public string Name => "sarif";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        var rules = GuidelineCatalog.All.Select(g => g.Descriptor).ToList();
        var shown = SarifLimits.Share(report);
        using var json = new Utf8JsonWriter(stream, JsonReport.Options);
        json.WriteStartObject();
        json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        var places = new SarifPlaces();
        for (var part = 0; part < shown.Runs.Count; part++)
        {
            json.WriteStartObject();
            WriteTool(json, rules);
            WriteId(json, report.Run, part);
            WriteInvocation(json, part == 0 ? report.Results : [], part == 0 ? shown.LeftOut : 0, report.Results.All(r => r.Error is null));
            json.WriteString("columnKind", "utf16CodeUnits");
            SarifArtifacts.Write(json, shown.Runs[part].Select(r => r.Result));
            var results = new SarifResults(json, rules, places);
            json.WriteStartArray("results");
            foreach (var (result, finding, by) in shown.Runs[part])
            {
                results.Write(result, finding, by);
                JsonReport.Pass(json);
            }

            json.WriteEndArray();
            if (part == 0 && report.Run.Shard is not null)
            {
                json.WriteStartObject("properties");
                json.WritePropertyName(Part);
                JsonReport.Write(json, report);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    private static void WriteTool(Utf8JsonWriter json, List<GuidelineDescriptor> rules)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", ToolInfo.Name);
        json.WriteString("fullName", $"{ToolInfo.Name} {ToolInfo.Version}");
        json.WriteString("version", ToolInfo.Version);
        json.WriteString("semanticVersion", ToolInfo.Version);
        json.WriteString("informationUri", ToolInfo.Home.ToString());
        json.WriteStartArray("rules");
        rules.ForEach(r => WriteRule(json, r));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>What GitHub calls the category, up to the last slash: an upload replaces earlier ones of its own category only.</summary>
    private static void WriteId(Utf8JsonWriter json, RunInfo run, int part)
    {
        json.WriteStartObject("automationDetails");
        json.WriteString("id", string.Create(CultureInfo.InvariantCulture, $"modelguidelines/{(run.Shard is { } shard ? $"shard-{shard.Replace('/', '-')}/" : "")}{(part > 0 ? $"part-{part + 1}/" : "")}"));
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, GuidelineDescriptor rule)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        json.WriteString("name", rule.Id.Replace(".", "", StringComparison.Ordinal));
        WriteMessage(json, "shortDescription", rule.Title);
        WriteMessage(json, "fullDescription", rule.Description);
        if (GuidelinePages.Page(rule.Id) is { } page)
        {
            json.WriteStartObject("help");
            json.WriteString("text", $"{rule.Description} {rule.HelpUri}");
            json.WriteString("markdown", page.ReplaceLineEndings("\n"));
            json.WriteEndObject();
        }

        json.WriteString("helpUri", rule.HelpUri.ToString());
        json.WriteStartObject("defaultConfiguration");
        json.WriteString("level", Level(rule.Severity));
        json.WriteEndObject();
        json.WriteStartObject("properties");
        json.WriteString("problem.severity", rule.Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "recommendation" });
        json.WriteStartArray("tags");
        foreach (var tag in new[] { "quantization", "AIMET", rule.Framework is Models.Framework.Unknown ? null : rule.Framework.ToString() }.OfType<string>())
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteInvocation(Utf8JsonWriter json, IReadOnlyList<AuditResult> results, int leftOut, bool isComplete)
    {
        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", isComplete);
        json.WriteStartArray("toolExecutionNotifications");
        if (leftOut > 0)
        {
            WriteNotification(json, "descriptor", "MG.Report.TooLarge", "warning", string.Create(CultureInfo.InvariantCulture, $"{leftOut} further results are left out, of the lowest severity: code scanning takes {SarifLimits.Runs} runs of {SarifLimits.ResultsOfRun}; the JSON report has all"), null);
        }

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

    private static void WriteNotification(Utf8JsonWriter json, string kind, string id, string level, string message, string? path)
    {
        json.WriteStartObject();
        json.WriteStartObject(kind);
        json.WriteString("id", id);
        json.WriteEndObject();
        json.WriteString("level", level);
        WriteMessage(json, "message", message);
        if (path is not null)
        {
            json.WriteStartArray("locations");
            json.WriteStartObject();
            SarifPlaces.Write(json, path);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    internal static void WriteMessage(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", Printable.Text(text));
        json.WriteEndObject();
    }

    /// <summary>A text that must stay as it is: code.</summary>
    internal static void WriteContent(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    internal static string Level(Severity severity) => severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "note" };
}
