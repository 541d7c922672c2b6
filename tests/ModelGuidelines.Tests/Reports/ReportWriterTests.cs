using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using NJsonSchema;

namespace ModelGuidelines.Tests.Reports;

public sealed class ReportWriterTests
{
    [Fact]
    public async Task Json_follows_its_schema()
    {
        var schema = await JsonSchema.FromFileAsync(RepositoryFiles.Path("docs", "report.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(Write("json")));
    }

    [Fact]
    public async Task Schema_refuses_what_is_no_report()
    {
        var schema = await JsonSchema.FromFileAsync(RepositoryFiles.Path("docs", "report.schema.json"), TestContext.Current.CancellationToken);
        Assert.NotEmpty(schema.Validate(Write("json").Replace("\"callCount\": 2", "\"callCount\": \"2\"", StringComparison.Ordinal)));
        Assert.NotEmpty(schema.Validate(Write("json").Replace("\"fingerprint\"", "\"finger\"", StringComparison.Ordinal)));
        Assert.NotEmpty(schema.Validate(Write("json").Replace("\"Fail\"", "\"Failed\"", StringComparison.Ordinal)));
    }

    /// <summary>Several processors write them, as one would.</summary>
    [Fact]
    public void Json_of_many_files_has_them_in_order_and_in_one_form()
    {
        var results = Enumerable.Range(0, 1500).Select(i => ReportSamples.Report.Results[i % ReportSamples.Report.Results.Count] with { Path = $"{i}" }).ToList();
        results = results.ConvertAll(r => r with { Findings = [.. r.Findings.Select((f, i) => f with { Path = r.Path, Message = $"{i} {f.Message}" })] });
        using var stream = new MemoryStream();
        new JsonReport().Write(stream, new([.. results]));
        var text = Encoding.UTF8.GetString(stream.ToArray());
        var report = System.Text.Json.Nodes.JsonNode.Parse(text)!;
        Assert.Equal(text, report.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JsonReport.Options.Encoder }) + "\n");
        Assert.Equal(results.Select(r => r.Path), report["files"]!.AsArray().Select(f => (string)f!["path"]!));
        Assert.Equal(results.SelectMany(r => r.Findings).Select(f => (f.Path, f.Message)), report["findings"]!.AsArray().Select(f => ((string)f!["path"]!, (string)f["message"]!)));
    }

    /// <summary>GitHub refuses a longer comment.</summary>
    [Fact]
    public void Markdown_stays_below_the_length_of_a_comment()
    {
        var findings = Enumerable.Range(0, 2000).Select(i => ReportSamples.Report.Results.SelectMany(r => r.Findings).First() with { Message = $"place {i}", Place = $"place {i}" });
        using var stream = new MemoryStream();
        new MarkdownReport().Write(stream, new([ReportSamples.Report.Results.First(r => !r.Findings.IsEmpty) with { Findings = [.. findings] }]));
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.InRange(text.Length, 50_000, 65_536);
        Assert.Contains("## Fix these first", text, StringComparison.Ordinal);
        Assert.EndsWith("lines are left out: a comment holds no more. The other reports have all.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_keeps_names_as_they_are()
    {
        using var json = JsonDocument.Parse(Write("json"));
        Assert.Contains(json.RootElement.GetProperty("findings").EnumerateArray(), f => f.TryGetProperty("module", out var m) && m.GetString() == ReportSamples.Hostile);
    }

    [Fact]
    public void Json_of_an_unpaired_surrogate_is_json()
    {
        var result = new AuditResult { Path = "a\ud800b.onnx", Error = new("MG.Onnx.Damaged", "name \udc00", null) };
        using var stream = new MemoryStream();
        new JsonReport().Write(stream, new([result]));
        JsonDocument.Parse(stream.ToArray()).Dispose();
    }

    [Fact]
    public void Csv() => Snapshot.Match(Write("csv"));

    [Fact]
    public void Markdown() => Snapshot.Match(Write("markdown"));

    [Fact]
    public void Sarif() => Snapshot.Match(Write("sarif"));

    [Fact]
    public void JUnit()
    {
        XDocument.Parse(Write("junit"));
        Snapshot.Match(Write("junit"));
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("markdown")]
    [InlineData("junit")]
    public void No_escape_reaches_a_terminal(string format) => Assert.DoesNotContain('\u001b', Write(format));

    /// <summary>What Azure finds anywhere in a line, and GitHub at its begin, is broken in every form; JSON still says the same.</summary>
    [Theory]
    [InlineData("##vso[task.setvariable variable=x]1")]
    [InlineData("##[error]x")]
    [InlineData("###[add-mask]x")]
    [InlineData("::error file=a::x")]
    [InlineData(" ::stop-commands::x")]
    public void No_name_starts_a_command_of_a_build_server(string name)
    {
        var result = ReportSamples.Report.Results[0];
        result = result with
        {
            Path = name,
            Findings = [.. result.Findings.Select(f => f with { Path = name, Module = name, Node = name, ModuleType = name, Message = name, Snippet = name, Instances = [name], Place = name, Location = new(name, 1) })],
            Guidelines = [.. result.Guidelines, new("Keras.LayerReuse", Outcome.Undecidable, name)],
        };
        foreach (var writer in ReportWriters.All)
        {
            using var stream = new MemoryStream();
            writer.Write(stream, new([result, new() { Path = name, Error = new("MG.Onnx.Damaged", name, null) }]));
            var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n');
            Assert.DoesNotContain(lines, l => l.Contains("##vso[", StringComparison.Ordinal) || l.Contains("##[", StringComparison.Ordinal) || l.TrimStart().StartsWith("::", StringComparison.Ordinal));
            if (writer.Name == "json")
            {
                using var json = JsonDocument.Parse(stream.ToArray());
                Assert.Equal(name, json.RootElement.GetProperty("files")[0].GetProperty("path").GetString());
            }
        }
    }

    [Theory]
    [InlineData("torch_lib::relu", "torch_lib::relu")]
    [InlineData("a ## b", "a ## b")]
    [InlineData("x::error::y", "x:\\u003aerror::y")]
    public void Only_what_is_a_command_is_broken(string text, string shown) => Assert.Equal(shown, Printable.Text(text));

    [Theory]
    [InlineData("torch_lib::relu", "torch_lib:\\u003arelu")]
    [InlineData("a ## b", "a #\\u0023 b")]
    [InlineData("####vso[x]", "#\\u0023#\\u0023vso[x]")]
    [InlineData("a\n::error::b", "a\\u000a:\\u003aerror:\\u003ab")]
    public void In_a_log_every_sign_is(string text, string shown) => Assert.Equal(shown, Printable.InLog(text));

    /// <summary>Servers make links of addresses that nothing marks.</summary>
    [Theory]
    [InlineData("http://evil.example/x", @"http\://evil.example/x")]
    [InlineData("www.evil.example", @"www\.evil.example")]
    [InlineData("layer1.0.conv: 3x3", "layer1.0.conv: 3x3")]
    public void In_Markdown_a_name_is_no_link(string text, string shown) => Assert.Equal(shown, MarkdownReport.Escape(text));

    [Fact]
    public void Names_are_unique() => Assert.Equal(ReportWriters.All.Length, ReportWriters.All.Select(w => w.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());

    [Fact]
    public void Numbers_ignore_the_culture()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        var expected = ReportWriters.All.Select(w => Write(w.Name)).ToList();
        try
        {
            Thread.CurrentThread.CurrentCulture = new("de-DE");
            Assert.Equal(expected, ReportWriters.All.Select(w => Write(w.Name)));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    private static string Write(string format)
    {
        using var stream = new MemoryStream();
        ReportWriters.Find(format)!.Write(stream, ReportSamples.Report);
        return Encoding.UTF8.GetString(stream.ToArray()).Replace(ToolInfo.Version, "VERSION", StringComparison.Ordinal);
    }
}
