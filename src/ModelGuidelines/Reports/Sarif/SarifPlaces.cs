using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports.Sarif;

/// <summary>Places in files, as SARIF has them.</summary>
internal sealed class SarifPlaces
{
    private string? _path;
    private SourceText? _text;

    /// <summary>A whole file.</summary>
    public static void Write(Utf8JsonWriter json, string path)
    {
        json.WriteStartObject("physicalLocation");
        WriteArtifact(json, path);
        json.WriteEndObject();
    }

    /// <summary>A line somewhere else.</summary>
    public static void Write(Utf8JsonWriter json, SourceLocation location)
    {
        json.WriteStartObject("physicalLocation");
        WriteArtifact(json, location.File);
        if (location.Line > 0)
        {
            json.WriteStartObject("region");
            WriteStart(json, location);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Where a finding is shown: of source its line to the end, with the text; of any other file the begin, as code scanning takes no result without a line.</summary>
    public void Write(Utf8JsonWriter json, Finding finding)
    {
        var own = finding.SourcePlace;
        json.WriteStartObject("physicalLocation");
        WriteArtifact(json, own?.File ?? finding.Path);
        json.WriteStartObject("region");
        if (own is not { Line: > 0 })
        {
            json.WriteNumber("startLine", 1);
        }
        else
        {
            WriteStart(json, own);
            var text = finding.SourcePath is { } path ? Text(path) : null;
            if (text?.Line(own.Line) is { } line && (finding.Snippet is null || text.Snippet(own.Line) == finding.Snippet))
            {
                json.WriteNumber("endLine", own.Line);
                json.WriteNumber("endColumn", Math.Max(line.Length, own.Column ?? 1) + 1);
            }

            if (finding.Snippet is { } snippet)
            {
                SarifReport.WriteMessage(json, "snippet", snippet);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteArtifact(Utf8JsonWriter json, string path, string name = "artifactLocation")
    {
        json.WriteStartObject(name);
        json.WriteString("uri", UriOf(path));
        json.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter json, SourceLocation location)
    {
        json.WriteNumber("startLine", location.Line);
        if (location.Column is > 0 and var column)
        {
            json.WriteNumber("startColumn", column);
        }
    }

    private SourceText Text(string path)
    {
        if (path != _path || _text is null)
        {
            (_path, _text) = (path, SourceText.Read(path));
        }

        return _text;
    }

    /// <summary>A relative path stays relative, as code scanning wants it. What an address cannot hold of a name is written by its bytes, which show and do nothing.</summary>
    private static string UriOf(string path)
    {
        var parts = path.Replace('\\', '/').Split('/').Select((p, i) => i == 0 && p is [_, ':'] ? p : Uri.EscapeDataString(p));
        var escaped = string.Join('/', parts);
        return Path.IsPathRooted(path) ? "file://" + (escaped.StartsWith('/') ? "" : "/") + escaped : escaped.StartsWith("./", StringComparison.Ordinal) ? escaped[2..] : escaped;
    }
}
