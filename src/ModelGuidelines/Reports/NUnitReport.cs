using System.Globalization;
using System.Text;
using System.Xml;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>NUnit 3: a suite per file, a case per guideline; Azure Pipelines shows what is inconclusive apart from what was skipped.</summary>
public sealed class NUnitReport : IReportWriter
{
    public string Name => "nunit";

    /// <inheritdoc/>
    public void Write(Stream stream, AuditReport report)
    {
        var results = report.Results;
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n", CloseOutput = false });
        var cases = results.SelectMany(r => r.Error is not null ? ["Failed"] : Cases(r).Select(c => ResultOf(c.Outcome))).ToList();
        xml.WriteStartElement("test-run");
        Counts(xml, ToolInfo.Name, cases);
        var id = 0;
        foreach (var result in results)
        {
            var own = result.Error is not null ? ["Failed"] : Cases(result).Select(c => ResultOf(c.Outcome)).ToList();
            xml.WriteStartElement("test-suite");
            xml.WriteAttributeString("type", "TestFixture");
            Counts(xml, result.Path, own);
            Number(xml, "duration", result.Elapsed.TotalSeconds);
            if (result.Error is { } error)
            {
                Case(xml, ++id, result.Path, "read", "Failed", $"{error.Id}: {error.Message}");
            }

            foreach (var guideline in Cases(result))
            {
                var text = guideline.Outcome is Outcome.Fail
                    ? string.Join('\n', result.Findings.Where(f => f.Guideline == guideline.Guideline && f.Outcome is Outcome.Fail).Select(f => f.Location is null ? f.Message : $"{f.Message} ({f.Location})"))
                    : guideline.Outcome is Outcome.Undecidable ? $"cannot be decided: {guideline.Reason}" : null;
                Case(xml, ++id, result.Path, guideline.Guideline, ResultOf(guideline.Outcome), text);
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static IEnumerable<GuidelineOutcome> Cases(AuditResult result) => result.Guidelines.Where(g => g.Outcome is not Outcome.NotApplicable);

    private static string ResultOf(Outcome outcome) => outcome switch { Outcome.Fail => "Failed", Outcome.Undecidable => "Inconclusive", _ => "Passed" };

    private static void Counts(XmlWriter xml, string name, List<string> results)
    {
        xml.WriteAttributeString("name", Printable.Text(name));
        xml.WriteAttributeString("fullname", Printable.Text(name));
        Number(xml, "testcasecount", results.Count);
        xml.WriteAttributeString("result", results.Contains("Failed", StringComparer.Ordinal) ? "Failed" : results.Contains("Passed", StringComparer.Ordinal) ? "Passed" : "Inconclusive");
        Number(xml, "total", results.Count);
        Number(xml, "passed", results.Count(r => r == "Passed"));
        Number(xml, "failed", results.Count(r => r == "Failed"));
        Number(xml, "inconclusive", results.Count(r => r == "Inconclusive"));
        Number(xml, "skipped", 0);
    }

    private static void Case(XmlWriter xml, int id, string path, string name, string result, string? text)
    {
        xml.WriteStartElement("test-case");
        xml.WriteAttributeString("id", id.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("name", name);
        xml.WriteAttributeString("fullname", $"{Printable.Text(path)}.{name}");
        xml.WriteAttributeString("classname", Printable.Text(path));
        xml.WriteAttributeString("result", result);
        if (text is not null)
        {
            xml.WriteStartElement(result == "Failed" ? "failure" : "reason");
            xml.WriteStartElement("message");
            xml.WriteString(string.Join('\n', text.Split('\n').Select(l => Printable.Text(l))));
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Number(XmlWriter xml, string name, double value) => xml.WriteAttributeString(name, value.ToString(CultureInfo.InvariantCulture));
}
