using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Reports.Html;

/// <summary>The results as the page's script reads them: JSON of what it shows and nothing twice.</summary>
internal static class HtmlData
{
    /// <summary>Files listed below one reason; the number says how many there are.</summary>
    private const int FilesOfReason = 500;

    /// <summary>Files of source whose repairs are shown.</summary>
    private const int FilesWithRepairs = 20;

    /// <summary>Lines of source shown around a place, on each side.</summary>
    private const int LinesAround = 4;

    private static readonly JsonWriterOptions Options = new() { Encoder = LogSafeEncoder.Instance };

    public static void Write(Stream stream, AuditReport report)
    {
        using var json = new Utf8JsonWriter(stream, Options);
        var sources = new SourceExcerpts(LinesAround);
        var repairs = new RepairDiffs(FilesWithRepairs);
        json.WriteStartObject();
        WriteGuidelines(json);
        json.WriteStartArray("findings");
        foreach (var result in report.Results)
        {
            foreach (var finding in result.Findings)
            {
                WriteFinding(json, finding, sources, repairs.Of(result, finding));
            }
        }

        json.WriteEndArray();
        WritePictures(json, report);
        WriteUndecided(json, report);
        json.WriteStartArray("files");
        foreach (var result in report.Results)
        {
            WriteFile(json, result);
        }

        json.WriteEndArray();
        WriteHistory(json, report);
        json.WriteEndObject();
    }

    private static void WriteGuidelines(Utf8JsonWriter json)
    {
        json.WriteStartArray("guidelines");
        foreach (var descriptor in GuidelineCatalog.All.Select(g => g.Descriptor))
        {
            json.WriteStartObject();
            json.WriteString("id", descriptor.Id);
            json.WriteString("title", descriptor.Title);
            json.WriteString("why", GuidelinePages.Section(descriptor.Id, "How AIMET fails without it") ?? descriptor.Description);
            json.WriteString("help", descriptor.HelpUri.AbsoluteUri);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFinding(Utf8JsonWriter json, Finding finding, SourceExcerpts sources, string? repair)
    {
        json.WriteStartObject();
        json.WriteString("id", finding.Fingerprint);
        json.WriteString("guideline", finding.Guideline);
        json.WriteString("severity", finding.Severity.ToString());
        if (finding.Confidence is Confidence.Likely)
        {
            json.WriteBoolean("likely", true);
        }

        Text(json, "path", finding.Path);
        Text(json, "file", finding.Location?.File ?? finding.Path);
        if (finding.Location is { } at)
        {
            json.WriteNumber("line", at.Line);
            if (at.Column is { } column)
            {
                json.WriteNumber("column", column);
            }
        }

        if (sources.Around(finding) is var (code, first))
        {
            Text(json, "code", code);
            json.WriteNumber("codeLine", first);
        }

        Text(json, "message", finding.Message);
        Text(json, "fix", finding.Recommendation);
        Text(json, "repair", repair);
        Text(json, "module", finding.Module);
        Text(json, "type", finding.ModuleType);
        Text(json, "operator", finding.Operator);
        Text(json, "doubt", finding.Doubt);
        json.WriteNumber("count", finding.InstanceCount);
        if (finding.InstanceCount > 1)
        {
            Texts(json, "instances", finding.Instances);
        }

        Texts(json, "models", finding.Models);
        Texts(json, "conditions", finding.Conditions);
        Texts(json, "calls", finding.Calls.Select(c => c.ToString()));
        Texts(json, "affected", finding.Affected);
        Text(json, "baseline", finding.BaselineState);
        if (finding.External)
        {
            json.WriteBoolean("external", true);
            Text(json, "package", finding.Package);
        }

        json.WriteEndObject();
    }

    /// <summary>Pictures of the files with most findings, as many as the page should carry.</summary>
    private static void WritePictures(Utf8JsonWriter json, AuditReport report)
    {
        var left = PictureLimits.BoxesOfAPage;
        json.WriteStartObject("pictures");
        foreach (var result in PictureLimits.Order(report.Results.Where(r => r.Picture is not null)))
        {
            left -= result.Picture!.Boxes.Length;
            if (left < 0)
            {
                break;
            }

            json.WritePropertyName(Readable(result.Path));
            PictureData.Write(json, result.Picture);
        }

        json.WriteEndObject();
    }

    private static void WriteUndecided(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartArray("undecided");
        foreach (var group in UndecidedGroup.Of(report.Results))
        {
            json.WriteStartObject();
            json.WriteString("guideline", group.Guideline);
            Text(json, "cause", group.Cause);
            json.WriteNumber("total", group.Files.Length);
            json.WriteStartArray("files");
            foreach (var file in group.Files.Take(FilesOfReason))
            {
                json.WriteStartObject();
                Text(json, "path", file.Path);
                Text(json, "reason", file.Reason == group.Cause ? null : file.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFile(Utf8JsonWriter json, AuditResult result)
    {
        json.WriteStartObject();
        Text(json, "path", result.Path);
        Text(json, "format", result.Format);
        Text(json, "exporter", result.Exporter);
        Text(json, "error", result.Error is { } error ? $"{error.Id}: {error.Message}" : null);
        json.WriteNumber("count", result.Findings.Length);
        var outcomes = GuidelineCatalog.All.Select(g => result.Guidelines.FirstOrDefault(o => o.Guideline == g.Descriptor.Id)).ToList();
        json.WriteStartArray("outcomes");
        outcomes.ForEach(o => json.WriteStringValue(o?.Outcome.ToString()));
        json.WriteEndArray();
        json.WriteStartArray("reasons");
        outcomes.ForEach(o => json.WriteStringValue(o is null || o.Outcome is Outcome.NotApplicable || o.Reason is null ? null : Printable.Text(o.Reason)));
        json.WriteEndArray();
        Texts(json, "gaps", result.Gaps.Select(g => $"{(g.Location is null ? "" : $"{g.Location}: ")}{g.What}{(g.Remedy is null ? "" : $"; {g.Remedy}")}"));
        json.WriteEndObject();
    }

    private static void WriteHistory(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartArray("history");
        foreach (var run in report.Run.History)
        {
            json.WriteStartObject();
            json.WriteString("at", run.Started.UtcDateTime);
            json.WriteNumber("files", run.Files);
            json.WriteNumber("errors", run.Errors);
            json.WriteNumber("warnings", run.Warnings);
            json.WriteNumber("undecided", run.Undecided);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, Readable(value));
        }
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        var all = values.ToList();
        if (all.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        all.ForEach(v => json.WriteStringValue(Readable(v)));
        json.WriteEndArray();
    }

    /// <summary>Lines stay lines; what could mislead a reader shows as its code.</summary>
    private static string Readable(string text) => text.Contains('\n', StringComparison.Ordinal) ? string.Join('\n', text.Split('\n').Select(l => Printable.Text(l.Replace("\t", "    ", StringComparison.Ordinal)))) : Printable.Text(text);
}
