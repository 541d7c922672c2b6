using System.Text;
using System.Text.RegularExpressions;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Pictures;
using ModelGuidelines.Reports.Sarif;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Audit;

/// <summary>Parts of an audit: together all of it, of about one cost, and joined what one run would have written.</summary>
public sealed class ShardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-shard-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_file_belongs_to_one_part_and_parts_cost_the_same()
    {
        var inputs = Inputs(1000);
        var parts = Enumerable.Range(1, 7).Select(i => new Shard(i, 7).Select(inputs)).ToList();
        Assert.Equal(Enumerable.Range(0, 1000), parts.SelectMany(p => p.Select(s => s.Order)).Order());
        Assert.All(parts, p => Assert.InRange(p.Count, 100, 1000 / 7 * 1.1));
    }

    [Fact]
    public void A_file_that_is_added_moves_few_others()
    {
        var inputs = Inputs(1000);
        var before = new Shard(2, 4).Select(inputs).Select(s => s.Input).ToHashSet();
        var after = new Shard(2, 4).Select([.. inputs.Take(500), new("/none/new.onnx", "new.onnx"), .. inputs.Skip(500)]).Select(s => s.Input).ToHashSet();
        Assert.InRange(before.Except(after).Count(), 0, 10);
    }

    [Theory]
    [InlineData("3/16", "3/16")]
    [InlineData("auto", "2/4", "SYSTEM_JOBPOSITIONINPHASE=2", "SYSTEM_TOTALJOBSINPHASE=4")]
    [InlineData("auto", "2/4", "STRATEGY_JOB_INDEX=1", "STRATEGY_JOB_TOTAL=4")]
    [InlineData("auto", "3/4", "SLURM_ARRAY_TASK_ID=14", "SLURM_ARRAY_TASK_MIN=10", "SLURM_ARRAY_TASK_STEP=2", "SLURM_ARRAY_TASK_COUNT=4")]
    [InlineData("auto", "1/4", "JOB_COMPLETION_INDEX=0", "MODELGUIDELINES_SHARDS=4")]
    [InlineData("auto", "4/4", "PARALLEL_SEQ=4", "MODELGUIDELINES_SHARDS=4")]
    [InlineData("auto", null)]
    [InlineData("0/4", null)]
    [InlineData("5/4", null)]
    [InlineData("x", null)]
    public void The_engine_says_which_part(string given, string? expected, params string[] variables)
    {
        string? Of(string name) => Array.Find(variables, v => v.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
        if (expected is null)
        {
            Assert.StartsWith("MG.Shard.", Assert.Throws<ModelReadException>(() => Shard.Parse(given, Of)).Id, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(expected, Shard.Parse(given, Of).ToString());
        }
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(5, false)]
    [InlineData(3, true)]
    public void Merged_parts_are_what_one_run_writes(int count, bool sarif)
    {
        foreach (var file in Directory.EnumerateFiles(RepositoryFiles.Path("samples"), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".md", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Join(_folder, Path.GetFileName(file)));
        }

        // Files whose places lie in another, which another part may hold, or none.
        File.WriteAllText(Path.Join(_folder, "blocks.py"), "import torch\nimport torch.nn.functional as F\n\nclass Block(torch.nn.Module):\n    def forward(self, x):\n        return F.relu(F.gelu(x))\n");
        foreach (var name in new[] { "a", "b", "c" })
        {
            File.WriteAllText(Path.Join(_folder, $"{name}.py"), $"import torch\nfrom blocks import Block\n\nclass Net{name}(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.one = Block()\n        self.{name} = Block()\n\n    def forward(self, x):\n        return self.one(self.{name}(self.one(x)))\n");
        }

        var inputs = new InputFinder(FormatRegistry.Default).Find(_folder).ToList();
        var whole = Json(new(PlaceLedger.Collate(Audit(inputs))));
        var parts = Enumerable.Range(1, count).Select(i => new Shard(i, count)).Select(shard =>
        {
            var own = shard.Select(inputs);
            var results = own.SelectMany(s => Audit([s.Input]).Select(r => r with { Order = s.Order })).ToList();
            using var stream = new MemoryStream();
            (sarif ? new SarifReport() : (IReportWriter)new JsonReport()).Write(stream, new(results) { Run = new() { Shard = shard.ToString() } });
            stream.Position = 0;
            return ReportReader.ReadReport(stream);
        });
        var merged = ReportMerger.Merge([.. parts.Reverse()]);
        Assert.Equal(whole, Json(merged));

        // The parts carry no pictures; the files are there.
        Assert.Equal(Pictures(PlaceLedger.Collate(Audit(inputs, AuditSettings.Default with { Pictures = true }))), Pictures(Redrawing.Redraw(merged, _folder, p => p).Results));
    }

    [Fact]
    public void A_part_given_twice_counts_once_and_a_whole_beside_parts_is_an_error()
    {
        AuditReport Of(string? shard) => new([]) { Run = new() { Shard = shard, LeftOut = System.Collections.Immutable.ImmutableSortedDictionary<string, int>.Empty.Add("loss", 2) } };
        Assert.Equal(4, ReportMerger.Merge([Of("1/2"), Of("2/2"), Of("1/2")]).Run.LeftOut["loss"]);
        Assert.Equal("MG.Merge.OtherRequest", Assert.Throws<ModelReadException>(() => ReportMerger.Asked([Of("1/2"), Of("2/2"), Of(null)])).Id);
    }

    private static IEnumerable<string> Pictures(IEnumerable<AuditResult> results) =>
        results.Where(r => !r.Findings.IsEmpty && r.Picture is not null).Select(r => $"{r.Path} {PictureData.Of(r.Picture!)}");

    private static List<AuditResult> Audit(IEnumerable<AuditInput> inputs, AuditSettings? settings = null) => [.. Auditor.Default.AuditAsync(inputs, settings ?? AuditSettings.Default).ToBlockingEnumerable()];

    private static string Json(AuditReport report)
    {
        using var text = new MemoryStream();
        new JsonReport().Write(text, report);
        return Regex.Replace(Encoding.UTF8.GetString(text.ToArray()), "\"seconds\": [^,]*", "\"seconds\": 0", RegexOptions.None, TimeSpan.FromSeconds(10));
    }

    private static List<AuditInput> Inputs(int count) => [.. Enumerable.Range(0, count).Select(i => new AuditInput($"/none/{i}.onnx", $"models/{i}.onnx"))];
}
