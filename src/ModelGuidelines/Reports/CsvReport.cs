using System.Globalization;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports;

/// <summary>One line per finding, per guideline that cannot be decided and per file that could not be audited (RFC 4180).</summary>
/// <remarks>A text that a spreadsheet would run as a formula gets an apostrophe before it: names come from files.</remarks>
public sealed class CsvReport : IReportWriter
{
    private static readonly (string Name, Func<AuditResult, Finding?, object?> Value)[] Columns =
    [
        ("path", (r, _) => r.Path),
        ("format", (r, _) => r.Format),
        ("guideline", (_, f) => f?.Guideline),
        ("severity", (_, f) => f?.Outcome is Outcome.Fail ? f.Severity : null),
        ("outcome", (_, f) => f is null ? "Error" : f.Outcome),
        ("confidence", (_, f) => f?.Outcome is Outcome.Fail ? f.Confidence : null),
        ("module", (_, f) => f?.Module),
        ("moduleType", (_, f) => f?.ModuleType),
        ("operator", (_, f) => f?.Operator),
        ("replacement", (_, f) => f?.Replacement),
        ("callCount", (_, f) => f?.CallCount),
        ("direction", (_, f) => f?.Direction switch { ValueDirection.Input => "input", ValueDirection.Output => "output", _ => null }),
        ("argument", (_, f) => f?.Argument),
        ("valueType", (_, f) => f?.ValueType),
        ("node", (_, f) => f?.Node),
        ("file", (_, f) => f?.Location?.File),
        ("line", (_, f) => f?.Location?.Line),
        ("column", (_, f) => f?.Location?.Column),
        ("message", (r, f) => f is null ? $"{r.Error!.Id}: {r.Error.Message}" : f.Message),
        ("recommendation", (_, f) => f?.Recommendation),
        ("instanceCount", (_, f) => f?.Outcome is Outcome.Fail ? f.InstanceCount : null),
        ("instances", (_, f) => f is null ? null : string.Join(' ', f.Instances)),
        ("models", (_, f) => f is null ? null : string.Join(' ', f.Models)),
        ("conditions", (_, f) => f is null ? null : string.Join(" and ", f.Conditions)),
        ("snippet", (_, f) => f?.Snippet),
        ("place", (_, f) => f?.Place),
        ("fingerprint", (_, f) => f?.Fingerprint),
    ];

    public string Name => "csv";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        var results = report.Results;
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        text.WriteLine(string.Join(',', Columns.Select(c => c.Name)));
        foreach (var result in results)
        {
            if (result.Error is not null)
            {
                text.WriteLine(Line(result, null));
            }

            foreach (var finding in result.Findings)
            {
                text.WriteLine(Line(result, finding));
            }

            foreach (var undecided in result.Undecided)
            {
                text.WriteLine(Line(result, new() { Guideline = undecided.Guideline, Severity = Severity.Information, Outcome = Outcome.Undecidable, Message = undecided.Reason }));
            }
        }
    }

    private static string Line(AuditResult result, Finding? finding) => string.Join(',', Columns.Select(c => Cell(c.Value(result, finding))));

    private static string Cell(object? value)
    {
        if (value is not string raw)
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }

        var text = Printable.Text(raw);
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@')
        {
            text = "'" + text;
        }

        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
