using System.Globalization;
using System.Text;
using System.Xml;
using ModelGuidelines.Audit;

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
        var cases = TestCase.Of(result);
        var path = Printable.Text(result.Path);
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", path);
        Attribute(xml, "tests", cases.Count);
        Attribute(xml, "failures", cases.Count(c => c.Result is TestResult.Failed));
        Attribute(xml, "errors", cases.Count(c => c.Result is TestResult.Error));
        Attribute(xml, "skipped", cases.Count(c => c.Result is TestResult.Undecided));
        xml.WriteAttributeString("time", result.Elapsed.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture));
        foreach (var item in cases)
        {
            xml.WriteStartElement("testcase");
            xml.WriteAttributeString("name", item.Name);
            xml.WriteAttributeString("classname", path);
            WriteOutcome(xml, item);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteOutcome(XmlWriter xml, TestCase item)
    {
        var element = item.Result switch { TestResult.Failed => "failure", TestResult.Error => "error", TestResult.Undecided => "skipped", _ => null };
        if (element is null)
        {
            return;
        }

        xml.WriteStartElement(element);
        xml.WriteAttributeString("message", item.Lines is [{ Length: > 0 } first, ..] ? first : element);
        if (item.Type is not null)
        {
            xml.WriteAttributeString("type", item.Type);
        }

        xml.WriteString(string.Join('\n', item.Lines));
        xml.WriteEndElement();
    }

    private static void Attribute(XmlWriter xml, string name, int value) => xml.WriteAttributeString(name, value.ToString(CultureInfo.InvariantCulture));
}
