using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports;

/// <summary>The JSON report, schema version 2.0: written file by file, so that memory does not grow with the number of findings' text twice.</summary>
public sealed class JsonReport : IReportWriter
{
    /// <summary>How JSON for people and programs is written: with line ends, and so that it can be shown in a build server's log.</summary>
    public static JsonWriterOptions Options { get; } = new() { Indented = true, Encoder = LogSafeEncoder.Instance };

    public string Name => "json";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        using var json = new Utf8JsonWriter(stream, Options);
        Write(json, report);
        json.Flush();
        stream.Write("\n"u8);
    }

    /// <summary>The report as an object in another.</summary>
    internal static void Write(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartObject();
        json.WriteString("schemaVersion", "2.0");
        WriteTool(json);
        WriteRun(json, report);
        json.WriteStartArray("files");
        JsonLots.Write(json, report.Results, static (writer, result) => WriteFile(writer, result));
        json.WriteEndArray();
        json.WriteStartArray("findings");
        JsonLots.Write(json, [.. report.Results.SelectMany(r => r.Findings)], static (writer, finding) => WriteFinding(writer, finding));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A writer keeps everything until it is told to pass it on.</summary>
    internal static void Pass(Utf8JsonWriter json)
    {
        if (json.BytesPending > 1 << 15)
        {
            json.Flush();
        }
    }

    internal static void WriteTool(Utf8JsonWriter json)
    {
        json.WriteStartObject("tool");
        json.WriteString("name", ToolInfo.Name);
        json.WriteString("version", ToolInfo.Version);
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, AuditReport report)
    {
        var run = report.Run;
        json.WriteStartObject("run");
        WriteText(json, "settings", run.Settings);
        WriteText(json, "shard", run.Shard);
        if (run.Asked is { } asked)
        {
            json.WriteStartObject("asked");
            json.WriteString("failOn", asked.FailOn.ToString());
            json.WriteBoolean("failOnExternal", asked.FailOnExternal);
            json.WriteString("minimumSeverity", asked.MinimumSeverity.ToString());
            WriteTexts(json, "guidelines", asked.Guidelines);
            WriteTexts(json, "excludedGuidelines", asked.ExcludedGuidelines);
            WriteTexts(json, "excludedModules", asked.ExcludedModules);
            WriteTexts(json, "settings", asked.Settings);
            json.WriteBoolean("fails", asked.Fails);
            json.WriteEndObject();
        }

        WriteTexts(json, "searchPath", run.SearchPath);
        WriteTexts(json, "entries", run.Entries);
        WriteText(json, "baseline", run.Baseline);
        if (!run.LeftOut.IsEmpty)
        {
            json.WriteStartObject("leftOut");
            foreach (var (role, count) in run.LeftOut)
            {
                json.WriteNumber(role, count);
            }

            json.WriteEndObject();
        }

        json.WriteStartObject("counts");
        if (!run.IsBaseline)
        {
            WriteCounts(json, report.Summary, run.Fixed);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, ReportSummary summary, int? gone)
    {
        json.WriteNumber("files", summary.Files);
        json.WriteNumber("clean", summary.Clean);
        json.WriteNumber("violating", summary.Violating);
        json.WriteNumber("unreadable", summary.Unreadable);
        json.WriteNumber("errors", summary.Errors);
        json.WriteNumber("warnings", summary.Warnings);
        json.WriteNumber("information", summary.Information);
        json.WriteNumber("external", summary.External);
        json.WriteNumber("undecided", summary.Undecidable);
        json.WriteNumber("suppressed", summary.Suppressed);
        if (gone is { } count)
        {
            json.WriteNumber("fixed", count);
        }
    }

    internal static void WriteFile(Utf8JsonWriter json, AuditResult result, string? type = null)
    {
        json.WriteStartObject();
        WriteText(json, "type", type);
        json.WriteString("path", result.Path);
        WriteText(json, "entry", result.Entry);
        if (result.Order is { } order)
        {
            json.WriteNumber("order", order);
        }

        json.WriteString("format", result.Format);
        json.WriteString("exporter", result.Exporter);
        json.WriteString("framework", result.Framework.ToString());
        json.WriteNumber("seconds", Math.Round(result.Elapsed.TotalSeconds, 6));
        WriteError(json, result.Error);
        json.WriteNumber("suppressed", result.Suppressed);
        json.WriteStartArray("guidelines");
        foreach (var outcome in result.Guidelines)
        {
            json.WriteStartObject();
            json.WriteString("guideline", outcome.Guideline);
            json.WriteString("outcome", outcome.Outcome.ToString());
            json.WriteString("reason", outcome.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteGaps(json, result);
        json.WriteEndObject();
    }

    /// <summary>Why something could not be done; null where it could.</summary>
    public static void WriteError(Utf8JsonWriter json, AuditError? error)
    {
        if (error is null)
        {
            json.WriteNull("error");
            return;
        }

        json.WriteStartObject("error");
        json.WriteString("id", error.Id);
        json.WriteString("message", error.Message);
        WriteNumber(json, "offset", error.Offset);
        json.WriteEndObject();
    }

    private static void WriteGaps(Utf8JsonWriter json, AuditResult result)
    {
        json.WriteNumber("gapCount", result.GapCount);
        json.WriteStartArray("gaps");
        foreach (var gap in result.Gaps)
        {
            json.WriteStartObject();
            json.WriteString("what", gap.What);
            WriteLocation(json, gap.Location);
            json.WriteStartArray("hides");
            foreach (var id in gap.Hides)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
            WriteText(json, "remedy", gap.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void WriteFinding(Utf8JsonWriter json, Finding finding, string? type = null)
    {
        json.WriteStartObject();
        WriteText(json, "type", type);
        json.WriteString("guideline", finding.Guideline);
        json.WriteString("severity", finding.Severity.ToString());
        json.WriteString("outcome", finding.Outcome.ToString());
        json.WriteString("confidence", finding.Confidence.ToString());
        WriteTexts(json, "conditions", finding.Conditions);
        WriteText(json, "doubt", finding.Doubt);
        json.WriteString("path", finding.Path);
        json.WriteString("format", finding.Format);
        json.WriteString("framework", finding.Framework.ToString());
        WriteText(json, "module", finding.Module);
        WriteText(json, "moduleType", finding.ModuleType);
        WriteText(json, "model", finding.Model);
        json.WriteString("place", finding.Place);
        WriteTexts(json, "instances", finding.Instances);
        json.WriteNumber("instanceCount", finding.InstanceCount);
        WriteTexts(json, "models", finding.Models);
        if (finding.External)
        {
            json.WriteBoolean("external", true);
        }

        WriteText(json, "package", finding.Package);
        WriteTexts(json, "aliases", finding.Aliases);
        WriteText(json, "operator", finding.Operator);
        WriteText(json, "replacement", finding.Replacement);
        if (finding.CallCount is { } count)
        {
            json.WriteNumber("callCount", count);
        }

        WriteCalls(json, finding);
        WriteTexts(json, "affected", finding.Affected);
        WriteText(json, "direction", finding.Direction switch { ValueDirection.Input => "input", ValueDirection.Output => "output", _ => null });
        WriteText(json, "argument", finding.Argument);
        WriteText(json, "valueType", finding.ValueType);
        WriteText(json, "node", finding.Node);
        WriteText(json, "opType", finding.OpType);
        WriteLocation(json, finding.Location);
        WriteText(json, "snippet", finding.Snippet);
        json.WriteString("message", finding.Message);
        WriteText(json, "recommendation", finding.Recommendation);
        WriteText(json, "helpUri", finding.HelpUri?.ToString());
        json.WriteString("fingerprint", finding.Fingerprint);
        WriteText(json, "baselineState", finding.BaselineState);
        json.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter json, Finding finding)
    {
        if (finding.Calls.IsEmpty)
        {
            return;
        }

        json.WriteStartArray("calls");
        foreach (var call in finding.Calls)
        {
            json.WriteStartObject();
            json.WriteString("caller", call.Caller);
            json.WriteString("node", call.Node);
            WriteLocation(json, call.Location);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void WriteLocation(Utf8JsonWriter json, SourceLocation? location)
    {
        if (location is null)
        {
            return;
        }

        json.WriteStartObject("location");
        json.WriteString("file", location.File);
        json.WriteNumber("line", location.Line);
        WriteNumber(json, "column", location.Column);
        json.WriteEndObject();
    }

    internal static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    internal static void WriteTexts(Utf8JsonWriter json, string name, System.Collections.Immutable.ImmutableArray<string> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
