using System.Globalization;
using System.Text;
using System.Xml;

namespace ModelGuidelines.Reports;

/// <summary>NUnit 3: a suite per file, a case per guideline; Azure Pipelines shows what is inconclusive apart from what was skipped.</summary>
public sealed class NUnitReport : IReportWriter
{
    public string Name => "nunit";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n", CloseOutput = false });
        var suites = report.Results.Select(r => (Result: r, Cases: TestCase.Of(r))).ToList();
        xml.WriteStartElement("test-run");
        Counts(xml, ToolInfo.Name, [.. suites.SelectMany(s => s.Cases)]);
        var id = 0;
        foreach (var (result, cases) in suites)
        {
            xml.WriteStartElement("test-suite");
            xml.WriteAttributeString("type", "TestFixture");
            Counts(xml, result.Path, cases);
            Number(xml, "duration", result.Elapsed.TotalSeconds);
            cases.ForEach(c => Case(xml, ++id, result.Path, c));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string ResultOf(TestResult result) => result switch { TestResult.Passed => "Passed", TestResult.Undecided => "Inconclusive", _ => "Failed" };

    private static void Counts(XmlWriter xml, string name, List<TestCase> cases)
    {
        int Count(string result) => cases.Count(c => ResultOf(c.Result) == result);
        xml.WriteAttributeString("name", Printable.Text(name));
        xml.WriteAttributeString("fullname", Printable.Text(name));
        Number(xml, "testcasecount", cases.Count);
        xml.WriteAttributeString("result", Count("Failed") > 0 ? "Failed" : Count("Passed") > 0 ? "Passed" : "Inconclusive");
        Number(xml, "total", cases.Count);
        Number(xml, "passed", Count("Passed"));
        Number(xml, "failed", Count("Failed"));
        Number(xml, "inconclusive", Count("Inconclusive"));
        Number(xml, "skipped", 0);
    }

    private static void Case(XmlWriter xml, int id, string path, TestCase item)
    {
        var result = ResultOf(item.Result);
        xml.WriteStartElement("test-case");
        xml.WriteAttributeString("id", id.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("name", item.Name);
        xml.WriteAttributeString("fullname", $"{Printable.Text(path)}.{item.Name}");
        xml.WriteAttributeString("classname", Printable.Text(path));
        xml.WriteAttributeString("result", result);
        if (item.Result is not TestResult.Passed)
        {
            xml.WriteStartElement(result == "Failed" ? "failure" : "reason");
            xml.WriteStartElement("message");
            xml.WriteString($"{(item.Result is TestResult.Error ? $"{item.Type}: " : "")}{string.Join('\n', item.Lines)}");
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Number(XmlWriter xml, string name, double value) => xml.WriteAttributeString(name, value.ToString(CultureInfo.InvariantCulture));
}
