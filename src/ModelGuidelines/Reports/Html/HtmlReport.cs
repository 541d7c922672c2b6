using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Reports.Html;

/// <summary>One page that stands alone: it loads nothing, and runs only the script that its policy names by hash.</summary>
/// <remarks>The results stand in it as compressed data. Where no script may run, and on paper, a plain table shows the first of them.</remarks>
public sealed class HtmlReport : IReportWriter
{
    /// <summary>Rows of the plain table: what a person reads on paper.</summary>
    private const int PlainRows = 300;

    public string Name => "html";

    public bool ShowsPictures => true;

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        report = report.ByPlace();
        var style = $"{Resource("report.css")}\n{PictureScript.Style}";
        var script = $"{PictureScript.Source}\n{Resource("history.js")}\n{Resource("report.js")}";
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        text.WriteLine("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        text.WriteLine($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '{Hash(script)}'; style-src '{Hash(style)}'; base-uri 'none'; form-action 'none'\">");
        text.WriteLine($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{ToolInfo.Name}: {Text(report.Summary.ToString())}</title>");
        text.WriteLine($"<style>{style}</style>\n</head>\n<body>");
        WriteHeader(text, report);
        text.WriteLine(Resource("report.html"));
        WritePlain(text, report);
        text.Write("<script type=\"application/octet-stream\" id=\"data\">");
        text.Flush();
        WriteData(stream, report);
        text.WriteLine($"</script>\n<script>{script}</script>\n</body>\n</html>");
    }

    private static void WriteHeader(TextWriter text, AuditReport report)
    {
        var summary = report.Summary;
        text.WriteLine($"<header>\n<h1>{ToolInfo.Name}</h1> <span class=\"soft\">{Text(ToolInfo.Version)}</span>\n<ul class=\"counts\">");
        Count(text, summary.Files, "file audited", "files audited", null, always: true);
        Count(text, summary.Clean, "clean", "clean", "good", always: true);
        Count(text, summary.Errors, "error", "errors", "Error");
        Count(text, summary.Warnings, "warning", "warnings", "Warning");
        Count(text, summary.Information, "note", "notes", "Information");
        Count(text, summary.Undecidable, "undecided", "undecided", "Undecidable");
        Count(text, summary.Unreadable, "file could not be audited", "files could not be audited", "Error");
        Count(text, summary.Suppressed, "suppressed", "suppressed", null);
        Count(text, report.Run.Fixed ?? 0, "fixed since the baseline", "fixed since the baseline", "good");
        text.WriteLine("</ul>");
    }

    private static void Count(TextWriter text, int number, string one, string many, string? type, bool always = false)
    {
        if (always || number > 0)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"<li{(type is null ? "" : $" class=\"{type}\"")}><b>{number:N0}</b> {(number == 1 ? one : many)}</li>"));
        }
    }

    /// <summary>What shows without the script.</summary>
    private static void WritePlain(TextWriter text, AuditReport report)
    {
        text.WriteLine("<section class=\"static\" id=\"static\">");
        var all = report.Results.SelectMany(r => r.Findings).OrderByDescending(f => f.Severity).ThenByDescending(f => f.Models.Length).ToList();
        if (all.Count > 0)
        {
            text.WriteLine("<table>\n<thead><tr><th>Severity</th><th>Where</th><th>Guideline</th><th>What</th></tr></thead>");
            foreach (var finding in all.Take(PlainRows))
            {
                var place = finding.Location?.ToString() ?? (string.IsNullOrEmpty(finding.Module) ? finding.Path : $"{finding.Path} {finding.Module}");
                text.WriteLine($"<tr><td class=\"{finding.Severity}\">{finding.Severity}</td><td class=\"place\">{Text(place)}</td><td>{Text(finding.Guideline)}</td><td>{Text(finding.Message)}{(finding.Recommendation is null ? "" : $"<br><span class=\"soft\">{Text(finding.Recommendation)}</span>")}</td></tr>");
            }

            text.WriteLine("</table>");
        }

        if (all.Count > PlainRows)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"<p>{all.Count - PlainRows:N0} more are not shown here.</p>"));
        }

        foreach (var failed in report.Results.Where(r => r.Error is not null).Take(PlainRows))
        {
            text.WriteLine($"<p><span class=\"Error\">{Text(failed.Error!.Id)}</span> <code>{Text(failed.Path)}</code>: {Text(failed.Error.Message)}</p>");
        }

        foreach (var group in UndecidedGroup.Of(report.Results).Take(PlainRows))
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"<p><span class=\"Undecidable\">{Text(group.Guideline)}</span> cannot be decided for {group.Files.Length:N0} {(group.Files.Length == 1 ? "file" : "files")}: {Text(group.Cause)}</p>"));
        }

        text.WriteLine("</section>");
    }

    private static void WriteData(Stream stream, AuditReport report)
    {
        using var base64 = new CryptoStream(stream, new ToBase64Transform(), CryptoStreamMode.Write, leaveOpen: true);
        using var packed = new GZipStream(base64, CompressionLevel.Optimal);
        HtmlData.Write(packed, report);
    }

    private static string Resource(string name) => EmbeddedText.Find($"html/{name}")!;

    private static string Hash(string content) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";

    private static string Text(string? text) => WebUtility.HtmlEncode(Printable.Text(text));
}
