using System.Globalization;
using System.Text;
using System.Xml;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>A suite per file, a case per guideline: what build servers show among their tests.</summary>
public sealed class JUnitReport : IReportWriter
{
    public string Name => "junit";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        var results = report.Results;
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n", CloseOutput = false });
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", ToolInfo.Name);
        foreach (var result in results)
        {
            WriteSuite(xml, result);
        }

        xml.WriteEndElement();
    }

    private static void WriteSuite(XmlWriter xml, AuditResult result)
    {
        var cases = result.Guidelines.Where(g => g.Outcome is not Outcome.NotApplicable).ToList();
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Printable.Text(result.Path));
        Attribute(xml, "tests", result.Error is null ? cases.Count : 1);
        Attribute(xml, "failures", cases.Count(c => c.Outcome is Outcome.Fail));
        Attribute(xml, "errors", result.Error is null ? 0 : 1);
        Attribute(xml, "skipped", cases.Count(c => c.Outcome is Outcome.Undecidable));
        xml.WriteAttributeString("time", result.Elapsed.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture));
        if (result.Error is { } error)
        {
            StartCase(xml, result, "read");
            WriteOutcome(xml, "error", error.Message, error.Id);
            xml.WriteEndElement();
        }

        foreach (var guideline in cases)
        {
            StartCase(xml, result, guideline.Guideline);
            if (guideline.Outcome is Outcome.Undecidable)
            {
                WriteOutcome(xml, "skipped", $"cannot be decided: {guideline.Reason}", null);
            }
            else if (guideline.Outcome is Outcome.Fail)
            {
                var lines = result.Findings.Where(f => f.Guideline == guideline.Guideline).Select(f => Printable.Text(f.Location is null ? f.Message : $"{f.Message} ({f.Location})"));
                WriteOutcome(xml, "failure", string.Join('\n', lines), guideline.Guideline);
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void StartCase(XmlWriter xml, AuditResult result, string name)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", name);
        xml.WriteAttributeString("classname", Printable.Text(result.Path));
    }

    private static void WriteOutcome(XmlWriter xml, string element, string message, string? type)
    {
        xml.WriteStartElement(element);
        xml.WriteAttributeString("message", message.Split('\n')[0] is { Length: > 0 } first ? Printable.Text(first) : element);
        if (type is not null)
        {
            xml.WriteAttributeString("type", type);
        }

        xml.WriteString(string.Join('\n', message.Split('\n').Select(l => Printable.Text(l))));
        xml.WriteEndElement();
    }

    private static void Attribute(XmlWriter xml, string name, int value) => xml.WriteAttributeString(name, value.ToString(CultureInfo.InvariantCulture));
}
