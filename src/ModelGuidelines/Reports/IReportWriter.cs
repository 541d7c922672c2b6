using System.Collections.Immutable;
using ModelGuidelines.Reports.Html;
using ModelGuidelines.Reports.Sarif;

namespace ModelGuidelines.Reports;

/// <summary>Writes the results of an audit in one format.</summary>
/// <remarks>Stateless. A writer is one file and one line in <see cref="ReportWriters"/>.</remarks>
public interface IReportWriter
{
    /// <summary>As on the command line: <c>json</c>.</summary>
    string Name { get; }

    /// <summary>Whether it draws models: then the audit must ask for pictures.</summary>
    bool ShowsPictures => false;

    /// <summary>Writes the whole report, UTF-8 without a byte order mark; leaves the stream open.</summary>
    void Write(Stream stream, AuditReport report);
}

/// <summary>All formats for machines, one line each. Tables for people are the front ends' business.</summary>
public static class ReportWriters
{
    public static ImmutableArray<IReportWriter> All { get; } =
    [
        new JsonReport(),
        new CsvReport(),
        new MarkdownReport(),
        new SarifReport(),
        new JUnitReport(),
        new NUnitReport(),
        new HtmlReport(),
    ];

    /// <summary>The writer of that name, or null.</summary>
    public static IReportWriter? Find(string name) => All.FirstOrDefault(w => string.Equals(w.Name, name, StringComparison.OrdinalIgnoreCase));
}
