using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs.Keras;

public sealed class KerasJsonRepairTests
{
    [Theory]
    [InlineData("branch_act", "dropout -> dropout_2, activation -> activation_2")]
    [InlineData("nested_twice", "encoder -> encoder_2")]
    [InlineData("k2_seq2seq_states", "dec -> dec_2")]
    [InlineData("k2tf1_nested_twice", "encoder -> encoder_2")]
    [InlineData("k2tf1_cycle", "transition -> transition_2, transition -> transition_3")]
    public void EveryUseGetsALayerOfItsOwnAndTheModelComputesTheSame(string model, string changes)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Copy(RepositoryFiles.Fixture("keras", model, "config.json"), "config.json");

        var result = Repair(path);

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Equal(changes, string.Join(", ", result.Changes.Select(c => $"{c.Module} -> {c.NewModule}")));
        Assert.Empty(result.Left);
        AssertSame(path, result.OutputPath!);
        Assert.Equal(RepairStatus.Unchanged, Repair(result.OutputPath!).Status);
    }

    [Fact]
    public void EveryConfigOfTheCorpusIsRepairedOrLeftWithAReason() => EveryModelOfTheCorpusIsRepairedOrLeft("config.json", AssertSame);

    /// <summary>Every file of that name in the corpus: repaired to the same, once and for all, or left with a reason.</summary>
    internal static void EveryModelOfTheCorpusIsRepairedOrLeft(string fileName, Action<string, string> assertSame)
    {
        var corpus = RepositoryFiles.CorpusOrSkip("keras");
        using var folder = new TemporaryFolder();
        var repaired = 0;
        foreach (var path in Directory.GetFiles(corpus, fileName, SearchOption.AllDirectories))
        {
            var copy = folder.Write(fileName, File.ReadAllBytes(path));
            var result = Repair(copy);

            Assert.True(result.Status is RepairStatus.Repaired or RepairStatus.Unchanged or RepairStatus.Refused, $"{path}: {result.Error?.Message}");
            // Refused where something is left, and nothing is left where the file was repaired; that an optimizer starts anew is said beside a whole repair.
            var left = result.Left.Where(l => !(result.Status is RepairStatus.Repaired && l.Module is null && l.Reason.StartsWith("the optimizer's state is that of the model before", StringComparison.Ordinal)));
            Assert.Equal(result.Status is RepairStatus.Refused, left.Any());
            if (result.Status is RepairStatus.Repaired)
            {
                assertSame(copy, result.OutputPath!);
                Assert.Equal("Structure", result.Verified);
                Assert.Equal(RepairStatus.Unchanged, Repair(result.OutputPath!).Status);
                repaired++;
            }
        }

        Assert.True(repaired > 0);
    }

    [Fact]
    public void TheOrderOfLayersIsKerasOrder()
    {
        // Files number weights by it. Each file of the corpus stands in the order that its framework gave it.
        var corpus = RepositoryFiles.CorpusOrSkip("keras");
        var graphs = 0;
        foreach (var path in Directory.GetFiles(corpus, "config.json", SearchOption.AllDirectories))
        {
            var text = KerasConfigText.Read(File.ReadAllBytes(path), ReadLimits.Default, path, TestContext.Current.CancellationToken);
            var repairer = new ConfigRepairer(text, new KerasFacts { Where = path }, ReadLimits.Default, TestContext.Current.CancellationToken);
            foreach (var (name, isKnown) in repairer.KnownOrders())
            {
                Assert.True(isKnown, $"{path}: '{name}'");
                graphs++;
            }
        }

        Assert.True(graphs > 0);
    }

    [Fact]
    public void WhatNeedNotChangeStaysByteForByte()
    {
        // White space of one's own, text that is not ASCII, a byte order mark, Python's numbers.
        const string entry = """
            {"class_name" : "Functional",
             "config": {"name": "m", "note": [NaN, "é"], "layers": [
               {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 2]}, "name": "x", "inbound_nodes": []},
               {"class_name": "ReLU", "config": {"name": "ré", "threshold": 0.0}, "name": "ré", "inbound_nodes": [ [["x", 0, 0, {}]],
                  [["ré", 0, 0, {}]] ]}
             ], "input_layers": [["x", 0, 0]], "output_layers": [["ré",1,0]]}, "keras_version": "2.13.1"}

            """;
        const string expected = """
            {"class_name" : "Functional",
             "config": {"name": "m", "note": [NaN, "é"], "layers": [
               {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 2]}, "name": "x", "inbound_nodes": []},
               {"class_name": "ReLU", "config": {"name": "ré", "threshold": 0.0}, "name": "ré", "inbound_nodes": [ [["x", 0, 0, {}]] ]},
               {"class_name": "ReLU", "config": {"name": "ré_2", "threshold": 0.0}, "name": "ré_2", "inbound_nodes": [ [["ré", 0, 0, {}]] ]}
             ], "input_layers": [["x", 0, 0]], "output_layers": [["ré_2",0,0]]}, "keras_version": "2.13.1"}

            """;
        using var folder = new TemporaryFolder();

        var result = Repair(folder.Write("model.json", Encoding.UTF8.GetBytes("\uFEFF" + entry)));

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Equal("\uFEFF" + expected, Encoding.UTF8.GetString(File.ReadAllBytes(result.OutputPath!)));
    }

    [Fact]
    public void AConfigInsideAStringStaysInside()
    {
        using var folder = new TemporaryFolder();
        var inner = Encoding.UTF8.GetString(File.ReadAllBytes(RepositoryFiles.Fixture("keras", "branch_act", "config.json")));
        var path = folder.Write("model.json", JsonStrings.Of("x"u8).Quote(inner));

        var result = Repair(path);

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.StartsWith("\"{\\\"module\\\"", File.ReadAllText(result.OutputPath!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"loss\": {\"act\": \"mse\"}}", "the training configuration names that output")]
    [InlineData("{\"loss\": \"mse\"}", null)]
    public void AnOutputThatLossesAreGivenForKeepsItsName(string compile, string? reason)
    {
        var entry = "{\"module\": \"keras\", \"class_name\": \"Functional\", \"config\": {\"name\": \"m\", \"layers\": ["
            + "{\"module\": \"keras.layers\", \"class_name\": \"InputLayer\", \"config\": {\"name\": \"x\"}, \"name\": \"x\", \"inbound_nodes\": []}, "
            + "{\"module\": \"keras.layers\", \"class_name\": \"ReLU\", \"config\": {\"name\": \"act\"}, \"name\": \"act\", \"inbound_nodes\": ["
            + "{\"args\": [{\"class_name\": \"__keras_tensor__\", \"config\": {\"shape\": [null, 2], \"keras_history\": [\"x\", 0, 0]}}], \"kwargs\": {}}, "
            + "{\"args\": [{\"class_name\": \"__keras_tensor__\", \"config\": {\"shape\": [null, 2], \"keras_history\": [\"act\", 0, 0]}}], \"kwargs\": {}}]}], "
            + "\"input_layers\": [\"x\", 0, 0], \"output_layers\": [\"act\", 1, 0]}, \"compile_config\": " + compile + "}";
        using var folder = new TemporaryFolder();

        var result = Repair(folder.Write("model.json", Encoding.UTF8.GetBytes(entry)));

        Assert.Equal(reason is null ? RepairStatus.Repaired : RepairStatus.Refused, result.Status);
        Assert.All(result.Left, l => Assert.Contains(reason!, l.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void NestedModelsThatDoubleManyTimesAreRefused()
    {
        // Each level calls the one below twice: 2^18 layers.
        var entry = "{\"class_name\": \"ReLU\", \"config\": {\"name\": \"l0\"}, \"name\": \"l0\", \"inbound_nodes\": [[[\"x\", 0, 0, {}]], [[\"l0\", 0, 0, {}]]]}";
        for (var level = 1; level <= 18; level++)
        {
            var number = level == 1 ? 1 : 2;
            entry = "{\"class_name\": \"Functional\", \"config\": {\"name\": \"l" + level + "\", \"layers\": [{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"x\"}, \"name\": \"x\", \"inbound_nodes\": []}, " + entry
                + "], \"input_layers\": [[\"x\", 0, 0]], \"output_layers\": [[\"l" + (level - 1) + "\", " + number + ", 0]]}, \"name\": \"l" + level + "\", \"inbound_nodes\": [[[\"x\", 0, 0, {}]], [[\"l" + level + "\", 1, 0, {}]]]}";
        }

        using var folder = new TemporaryFolder();
        var limits = ReadLimits.Default with { ExpandedCalls = 10_000 };

        var result = Repair(folder.Write("model.json", Encoding.UTF8.GetBytes(entry)), RepairSettings.Default with { Limits = limits });

        Assert.Equal("MG.Repair.TooLarge", result.Error?.Id);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void OnlyTheLayersThatAreNamedAreRepaired()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Copy(RepositoryFiles.Fixture("keras", "branch_act", "config.json"), "config.json");

        Assert.Equal(["activation_2"], Repair(path, new() { Modules = ["act*"], WhatIf = true }).Changes.Select(c => c.NewModule));
        Assert.Equal(["dropout_2"], Repair(path, new() { ExcludedModules = ["activation"], WhatIf = true }).Changes.Select(c => c.NewModule));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    internal static RepairResult Repair(string path, RepairSettings? settings = null) =>
        Repairer.Default.Repair(new AuditInput(path, path), (settings ?? RepairSettings.Default) with { Force = true }, TestContext.Current.CancellationToken);

    private static void AssertSame(string before, string after)
    {
        var original = new KerasEvaluation();
        var repaired = new KerasEvaluation(original);

        Assert.Equal(original.Outputs(File.ReadAllBytes(before)), repaired.Outputs(File.ReadAllBytes(after)));
        Assert.All(repaired.Calls, c => Assert.Equal(1, c.Value));
    }
}
