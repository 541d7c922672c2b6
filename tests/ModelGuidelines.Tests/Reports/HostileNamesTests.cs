using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Diagrams;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Tests.Reports;

/// <summary>Names are data: whatever a file, a module or a message is called, each writer writes what its readers take for text.</summary>
public sealed partial class HostileNamesTests
{
    public static TheoryData<string> Names { get; } =
    [
        "\u001b[2J\u001b]0;title\u0007", "a\u202Egnp.exe\u202C\u2066\u2069\u200F\u061C", "line\nend\r\nand\u2028more\u2029\u0085", "=HYPERLINK(\"x\")", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1",
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</script><!--", "]]>", "&amp;&#0;", "\u0000\u0001\u000b\uFFFE\uFFFF", "half \ud800 and \udc00 a character", "\"] --> evil[\"x", "end\nclick n0 call x()", "%%{init: {}}%%",
        "\"; evil [URL=\"javascript:x\"]; \"", "\\\"; evil", "| a | b |", "[x](javascript:alert(1))", "![x](http://example.com/y)", "`code` **bold** # head", "{{ 7*7 }} ${7*7}", "[red]markup[/]", "../../etc/passwd", "C:\\x", "🙂模型",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_text_in_every_report(string name)
    {
        var (report, plain) = (Report(name), Report("plain"));
        foreach (var writer in ReportWriters.All)
        {
            var text = Written(report, writer);
            OnlyText(writer.Name, text, Written(plain, writer));
            switch (writer.Name)
            {
                case "json" or "sarif":
                    JsonDocument.Parse(text).Dispose();
                    break;
                case "junit" or "nunit":
                    XDocument.Parse(text);
                    break;
                case "csv":
                    Assert.All(Cells(text), c => Assert.False(c.Length > 0 && c[0] is '=' or '+' or '-' or '@' or '\t' or '\r', c));
                    break;
                case "markdown":
                    Assert.DoesNotMatch(@"(?<!\\)<(script|img|!--)|(?<!\\)\]\(javascript|!\[x\]\(", text);
                    var lines = text.Split('\n');
                    Assert.All(lines.Zip(lines.Skip(1)).Where(p => p.First.StartsWith('|') && p.Second.StartsWith('|')), p => Assert.Equal(UnescapedBar().Count(p.First), UnescapedBar().Count(p.Second)));
                    break;
                case "html":
                    Assert.DoesNotContain("<script>alert", text, StringComparison.OrdinalIgnoreCase);
                    Assert.DoesNotContain("<img", text, StringComparison.OrdinalIgnoreCase);
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_text_where_a_finding_is_explained(string name) =>
        Assert.All(Report(name).Results.SelectMany(r => r.Findings), f => OnlyText("explanation", Explanation.Of(f), ""));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_text_in_every_diagram(string name)
    {
        var builder = new ModelGraphBuilder();
        var root = builder.FindOrAdd("");
        foreach (var module in (string[])[name.Replace(".", "", StringComparison.Ordinal), "plain"])
        {
            var index = builder.FindOrAdd(module);
            builder.Modules[index] = builder.Modules[index] with { Type = name };
            builder.Calls.Add(new() { Module = index, Caller = root });
            builder.Nodes.Add(new() { Name = name, OpType = name, Module = index, Inputs = [new(module == "plain" ? name : "in")], Outputs = [new(module == "plain" ? "out" : name)] });
        }

        var picture = Picture.Of(builder.Build(Framework.PyTorch, name, new()), name, everyNode: true);
        foreach (var writer in DiagramWriters.All)
        {
            var text = DiagramWriters.Write(writer, picture, new());
            OnlyText(writer.Name, text, "");
            switch (writer.Name)
            {
                case "svg":
                    Assert.All(XDocument.Parse(text).Descendants(), e => Assert.DoesNotContain(e.Name.LocalName, (string[])["script", "img", "image", "a"]));
                    break;
                case "mermaid":
                    // Every line is one of the writer's own, with a label in which no quote ends.
                    Assert.DoesNotContain("%%{", text, StringComparison.Ordinal); // a directive, wherever it stands
                    Assert.All(text.TrimEnd('\n').Split('\n'), l => Assert.Matches(MermaidLine(), l));
                    break;
                case "dot":
                    Assert.Equal("", DotText().Replace(text, "").Replace("\n", "", StringComparison.Ordinal).Trim());
                    break;
            }
        }
    }

    /// <summary>One in which everything that a file says is that name.</summary>
    private static AuditReport Report(string name)
    {
        var sample = ReportSamples.Report.Results[0];
        var result = sample with
        {
            Path = name,
            Exporter = name,
            Findings = [.. sample.Findings.Select(f => f with { Path = name, Module = name, Node = name, ModuleType = name, OpType = name, Message = Printable.Text(name), Recommendation = Printable.Text(name), Snippet = name, Instances = [name], Models = [name], Conditions = [name], Place = name, Argument = name, ValueType = name, Location = new(name, 1) })],
            Guidelines = [.. sample.Guidelines, new("Keras.LayerReuse", Guidelines.Outcome.Undecidable, name)],
        };
        return new([result, new() { Path = name, Error = new("MG.Onnx.Damaged", name, null) }]);
    }

    private static string Written(AuditReport report, IReportWriter writer)
    {
        using var stream = new MemoryStream();
        writer.Write(stream, report);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(stream.ToArray());
    }

    /// <summary>Nothing that a terminal obeys, that reorders a line or ends one, and no half of a character.</summary>
    /// <param name="plain">The same with a harmless name: what the page's own scripts hold.</param>
    private static void OnlyText(string writer, string text, string plain)
    {
        Assert.Equal(Obeyed(plain), Obeyed(text));

        List<string> Obeyed(string of) => [.. of.EnumerateRunes().Where(IsObeyed).Select(r => $"{writer}: U+{r.Value:X4}")];

        bool IsObeyed(Rune rune)
        {
            var isEnd = rune.Value is '\n' || (writer is "csv" && rune.Value is '\r');
            return (!isEnd && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F or 0x061C or 0xFFFE or 0xFFFF;
        }
    }

    /// <summary>RFC 4180.</summary>
    private static IEnumerable<string> Cells(string csv) => Cell().Matches(csv).Select(m => m.Groups["q"].Success ? m.Groups["q"].Value.Replace("\"\"", "\"", StringComparison.Ordinal) : m.Groups["p"].Value);

    [GeneratedRegex("(?:^|,|\r\n)(?:\"(?<q>(?:[^\"]|\"\")*)\"|(?<p>[^,\r\n]*))", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Cell();

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex UnescapedBar();

    [GeneratedRegex(@"^( *)(flowchart TD|%% .*|end|subgraph n\d+\[""[^""]*""\]|n\d+(\[|\(\[)""[^""]*""(\]|\]\))(:::\w+)?|n\d+ -->(\|[^|""]*\|)? n\d+|class n\d+ \w+|classDef .*|omitted\[""[^""]*""\])$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex MermaidLine();

    /// <summary>The language with labels that end where they do.</summary>
    [GeneratedRegex(@"digraph ""(\\.|[^""\\])*"" \{|^ *compound=true;.*$|subgraph cluster_\d+ \{ label=""(\\.|[^""\\])*""; style=""rounded"";( color=""#\w+""; penwidth=2;)?|n\d+ \[label=""(\\.|[^""\\])*""(, color=""#\w+"", fillcolor=""#\w+"", penwidth=2)?\];|n\d+ -> n\d+( \[(label=""(\\.|[^""\\])*""|ltail=cluster_\d+|lhead=cluster_\d+|, )+\])?;|omitted \[.*\];|\}", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex DotText();
}
