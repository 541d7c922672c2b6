using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;
using ModelGuidelines.Store;

namespace ModelGuidelines.Tests.Store;

/// <summary>What is as it was is not audited again, and what is not is.</summary>
public sealed class AuditStoreTests : IDisposable
{
    private static readonly DateTime Old = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-store-").FullName;

    private string Models => Directory.CreateDirectory(Path.Join(_folder, "models")).FullName;

    private string Store => Path.Join(_folder, "audits.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_report_from_a_store_is_the_report()
    {
        foreach (var file in Directory.EnumerateFiles(RepositoryFiles.Path("samples"), "*", SearchOption.AllDirectories))
        {
            Copy(file, Path.GetFileName(file));
        }

        var fresh = Report(null, out _);
        Assert.Equal(fresh, Report(Store, out var reused));
        Assert.Equal(0, reused);
        Assert.Equal(fresh, Report(Store, out reused));
        Assert.Equal(new InputFinder(FormatRegistry.Default).Find(Models).Count(), reused);
    }

    /// <summary>Another program takes the store in the middle of a run: what is found is told all the same, the failure at the end, and the store is not asked for again.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_store_that_is_lost_loses_no_result(int answers)
    {
        for (var i = 0; i < 5; i++)
        {
            Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), $"net{i}.onnx");
        }

        using var store = new LostStore(answers);
        var memory = new ModelGuidelines.Audit.Memory.AuditMemory(store, Models, TestContext.Current.CancellationToken);
        var results = new List<AuditResult>();
        await foreach (var result in Auditor.Default.AuditAsync(new InputFinder(FormatRegistry.Default).Find(Models), new() { Memory = memory, Parallelism = 1 }, TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        Assert.Equal(5, results.Count);
        Assert.All(results, r => Assert.NotEmpty(r.Findings));
        Assert.Equal("MG.Store.Locked", memory.Failure?.Id);
        Assert.Equal(answers + 1, store.Asked);
    }

    [Fact]
    public void What_was_lost_is_said_at_the_end()
    {
        using var kept = KeptRun.Begin(Store, Models, null, null);
        kept.Memory.Tell(_ => throw new ModelReadException("MG.Store.Locked", "held"));
        kept.Report([]);
        Assert.Empty(kept.History());
        Assert.Equal("MG.Store.Locked", Assert.Throws<ModelReadException>(kept.End).Id);
    }

    [Theory]
    [InlineData("postgres://[")]
    [InlineData("postgresql://u:p@:99999/x")]
    [InlineData("Host=localhost;Port=abc")]
    public void A_name_that_is_none_is_one_error(string name) => Assert.Equal("MG.Store.Name", Assert.Throws<ModelReadException>(() => AuditStore.OpenKept(name)).Id);

    private sealed class LostStore(int answers) : ModelGuidelines.Audit.Memory.IAuditStore
    {
        private int _asked;

        public int Asked => _asked;

        public IReadOnlyDictionary<string, byte[]> Find(IReadOnlyCollection<string> keys)
        {
            Ask();
            return new Dictionary<string, byte[]>();
        }

        public void Keep(string key, byte[] record) => Ask();

        public void Flush() => Ask();

        public long Begin(ModelGuidelines.Audit.Memory.RunRecord run) => 1;

        public void Report(long run, IReadOnlyCollection<AuditResult> results) => Ask();

        public void End(long run, ReportSummary summary, int reused) => Ask();

        public void Dispose()
        {
            // It holds nothing.
        }

        private void Ask()
        {
            if (Interlocked.Increment(ref _asked) > answers)
            {
                throw new ModelReadException("MG.Store.Locked", "another program holds the store");
            }
        }
    }

    [Fact]
    public void A_run_knows_those_before_it()
    {
        var file = Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), "net.onnx");
        Assert.Equal([1], Errors(shards: 0));
        File.Delete(file);
        Copy(RepositoryFiles.Path("samples/pytorch/clean.onnx"), "clean.onnx");
        Assert.Equal([1, 0], Errors(shards: 0));
        Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), "net.onnx");
        Copy(RepositoryFiles.Path("samples/pytorch/linear_twice.onnx"), "other.onnx");
        Assert.Equal([1, 0, 2], Errors(shards: 3)); // the parts of one run are one

        IEnumerable<int> Errors(int shards)
        {
            var history = System.Collections.Immutable.ImmutableArray<PastRun>.Empty;
            for (var part = 1; part <= Math.Max(1, shards); part++)
            {
                using var kept = KeptRun.Begin(Store, Models, shards == 0 ? null : $"{part}/{shards}", shards == 0 ? null : "build 7");
                var results = new InputFinder(FormatRegistry.Default).Find(Models).Where((_, i) => shards == 0 || i % shards == part - 1).Select(i => Auditor.Default.Audit(i, new() { Memory = kept.Memory })!).ToList();
                kept.Report(results);
                kept.End();
                history = kept.History();
            }

            return history.Select(r => r.Errors);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("build 7")]
    public void The_latest_findings_are_those_of_all_parts(string? group)
    {
        using var store = AuditStore.Open(Store);
        void Run(string file, string? shard, string? audit)
        {
            var run = store.Begin(new(DateTimeOffset.UnixEpoch, "r", "/r", "host", shard, audit));
            store.Report(run, [Auditor.Default.Audit(new(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), file), AuditSettings.Default)!]);
            store.End(run, new(), 0);
        }

        Run("whole", null, null);
        Run("a", "1/2", group);
        Run("first try of b", "2/2", group);
        Run("b", "2/2", group);
        Assert.Equal(["a", "b"], Latest());
        Run("part of four", "1/4", null);
        Assert.Equal(["part of four"], Latest());
        Run("next a", "1/2", group is null ? null : "build 8");
        Assert.Equal(["next a"], Latest()); // not beside a part of before
        Run("whole again", null, null);
        Assert.Equal(["whole again"], Latest());

        List<string> Latest()
        {
            store.Flush();
            using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Store};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT DISTINCT path FROM latest_findings ORDER BY path";
            using var reader = command.ExecuteReader();
            var paths = new List<string>();
            while (reader.Read())
            {
                paths.Add(reader.GetString(0));
            }

            return paths;
        }
    }

    [Fact]
    public void A_file_of_the_same_size_and_time_is_not_opened_and_one_of_another_time_is_asked_for_what_was_read()
    {
        var file = Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), "net.onnx");
        var before = Report(Store, out _);
        File.WriteAllBytes(file, new byte[new FileInfo(file).Length]); // no model any more, which only its bytes tell
        File.SetLastWriteTimeUtc(file, Old);
        Assert.Equal(before, Report(Store, out _));
        File.SetLastWriteTimeUtc(file, Old.AddDays(1));
        Assert.NotEqual(before, Report(Store, out var reused));
        Assert.Equal(0, reused);
        Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), "net.onnx", Old.AddDays(2));
        Assert.Equal(before, Report(Store, out _));
        File.SetLastWriteTimeUtc(file, Old.AddDays(3)); // as after a fresh clone
        Report(Store, out reused);
        Assert.Equal(1, reused);

        // The bytes were asked once: from then on size and time are enough again.
        File.WriteAllBytes(file, new byte[new FileInfo(file).Length]);
        File.SetLastWriteTimeUtc(file, Old.AddDays(3));
        Assert.Equal(before, Report(Store, out _));
    }

    [Fact]
    public void Weights_may_change()
    {
        var file = Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), "net.onnx");
        using (var stream = new FileStream(file, FileMode.Append))
        {
            // A megabyte in a field that no reader asks for: number 100, with its length.
            stream.Write([0xA2, 0x06, 0x80, 0x80, 0x40]);
            stream.Write(new byte[1 << 20]);
        }

        File.SetLastWriteTimeUtc(file, Old);
        var before = Report(Store, out _);
        using (var stream = new FileStream(file, FileMode.Open))
        {
            stream.Position = 500_001; // not where a superblock of HDF5 may stand
            stream.WriteByte(1);
        }

        Assert.Equal(before, Report(Store, out var reused));
        Assert.Equal(1, reused);
    }

    [Fact]
    public void Source_depends_on_what_it_imports_and_on_what_is_missing()
    {
        Write("net.py", "import torch\nfrom blocks import act\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return act(x)\n");
        Write("blocks.py", "def act(x):\n    return x\n");
        Assert.DoesNotContain("\"operator\"", Report(Store, out _), StringComparison.Ordinal);
        Write("blocks.py", "import torch.nn.functional as F\nfrom more import twice\n\ndef act(x):\n    return F.relu(x)\n");
        Assert.Contains("\"operator\": \"relu\"", Report(Store, out var reused), StringComparison.Ordinal);
        Assert.Equal(0, reused);
        Report(Store, out reused);
        Assert.Equal(2, reused);
        Write("more.py", "def twice(x):\n    return x\n");
        Report(Store, out reused);
        Assert.Equal(1, reused); // a file that net.py missed is there; what holds no model misses none
    }

    [Theory]
    [InlineData("net.py", "net.json", "json.load(open('net.json'))['twice']", "{\"twice\": false}", "{\"twice\": true}")]
    [InlineData("modeling_net.py", "config.json", "config.twice", "{\"architectures\": [\"Net\"], \"twice\": false}", "{\"architectures\": [\"Net\"], \"twice\": true}")]
    public void Source_depends_on_the_data_that_it_reads(string source, string data, string asked, string before, string after)
    {
        Write(source, $"import json\nfrom torch import nn\nfrom transformers import PreTrainedModel\n\nclass Net(PreTrainedModel):\n    def __init__(self, config=None):\n        super().__init__(config)\n        self.twice = {asked}\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        return self.act(self.act(x)) if self.twice else self.act(x)\n");
        Write(data, before);
        Assert.DoesNotContain("is called 2 times", Report(Store, out _), StringComparison.Ordinal);
        Write(data, after);
        Assert.Contains("is called 2 times", Report(Store, out var reused), StringComparison.Ordinal);
        Assert.Equal(0, reused);
    }

    [Fact]
    public void Other_settings_are_another_question()
    {
        Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), "net.onnx");
        Report(Store, out _);
        Report(Store, out var reused, new AuditSettings { Guidelines = ["Keras.*"] });
        Assert.Equal(0, reused);
        Report(Store, out reused, new AuditSettings { DefinedClasses = ["package.layers.Scale"] });
        Assert.Equal(0, reused);
    }

    [Fact]
    public async Task Two_runs_at_once_keep_all_of_both()
    {
        for (var i = 0; i < 60; i++)
        {
            Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), $"{i}.onnx");
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Report(Store, out int _))));
        Report(Store, out var reused);
        Assert.Equal(60, reused);
    }

    [Fact]
    public void A_file_that_is_no_store_is_a_clear_error()
    {
        File.WriteAllText(Store, new string('x', 5000));
        Assert.Equal("MG.Store.Failed", Assert.Throws<ModelReadException>(() => AuditStore.Open(Store)).Id);
        Assert.Equal("MG.Store.Name", Assert.Throws<ModelReadException>(() => AuditStore.Open(Path.Join(_folder, "no", "folder.db"))).Id);
        Assert.Equal("MG.Store.Failed", Assert.Throws<ModelReadException>(() => AuditStore.Open("Host=127.0.0.1;Port=1;Database=none;Timeout=2")).Id);
    }

    /// <summary>SQLite holds any value in any column.</summary>
    [Fact]
    public void A_store_of_other_values_is_a_clear_error()
    {
        AuditStore.Open(Store).Dispose();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE schema_version SET version = zeroblob(9)";
            command.ExecuteNonQuery();
        }

        Assert.Equal("MG.Store.Failed", Assert.Throws<ModelReadException>(() => AuditStore.Open(Store)).Id);
    }

    [Fact]
    public async Task A_server_keeps_the_same()
    {
        using var server = PostgreSqlServer.Start();
        for (var i = 0; i < 20; i++)
        {
            Copy(RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), $"{i}.onnx");
        }

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Report(server.Name, out int _))));
        Assert.Equal(Report(null, out _), Report(server.Name, out var reused));
        Assert.Equal(20, reused);
        using var store = AuditStore.Open(server.Name);
        var runs = store.Runs();
        Assert.Equal([20, 20, 20, 20], runs.Select(r => r.Files));
        Assert.All(store.Trend(runs: 3).Where(l => l.Guideline == "PyTorch.ModuleReuse"), l => Assert.Equal((20, 20), (l.Findings, l.Files)));
        Assert.Equal(runs.Take(3).Select(r => r.Id).Order(), store.Trend(runs: 3).Select(l => l.Run).Distinct());
        Assert.Empty(store.Trend("no such repository"));
        Assert.Equal(store.Results(runs[0].Id).SelectMany(r => r.Findings).Select(f => f.Fingerprint), store.Results(runs[3].Id).SelectMany(r => r.Findings).Select(f => f.Fingerprint));
    }

    private string Copy(string from, string name, DateTime? written = null)
    {
        var file = Path.Join(Models, name);
        File.Copy(from, file, overwrite: true);
        File.SetLastWriteTimeUtc(file, written ?? Old);
        return file;
    }

    private void Write(string name, string text)
    {
        var file = Path.Join(Models, name);
        var written = File.Exists(file) ? File.GetLastWriteTimeUtc(file).AddDays(1) : Old;
        File.WriteAllText(file, text);
        File.SetLastWriteTimeUtc(file, written);
    }

    private string Report(string? store, out int reused, AuditSettings? settings = null)
    {
        using var run = store is null ? null : KeptRun.Begin(store, _folder, null, null);
        var results = Auditor.Default.AuditAsync(new InputFinder(FormatRegistry.Default).Find(Models), (settings ?? AuditSettings.Default) with { Memory = run?.Memory, LeftOut = new(), Parallelism = 2 }).ToBlockingEnumerable();
        var collated = PlaceLedger.Collate([.. results.Select(r => r with { Elapsed = default })]);
        run?.Report(collated);
        run?.End();
        reused = run?.Memory.Reused ?? 0;
        using var text = new MemoryStream();
        new JsonReport().Write(text, new(collated));
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
