using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Keras;

/// <summary>Files as four generations of Keras wrote them, with what their configs say. F Fail, P Pass, U Undecidable: first ModelApi, then LayerReuse.</summary>
public sealed class KerasFixtureTests
{
    [Theory]

    // One layer, two calls; a nested model, two calls: its layers come along.
    [InlineData("branch_act/config.json", "PF", "activation 2", "dropout 2")]
    [InlineData("unicode_names/model.keras", "PF", "激活 2")]
    [InlineData("nested_twice/model.keras", "PF", "encoder 2 + encoder/dense encoder/code")]
    [InlineData("nested_twice/model.h5", "PF", "encoder 2 + encoder/dense encoder/code")]
    [InlineData("nested_twice/config.json", "PF", "encoder 2 + encoder/dense encoder/code")]
    [InlineData("k2_nested_twice/model.h5", "PF", "encoder 2 + encoder/dense encoder/code")]
    [InlineData("k2_nested_twice/saved_model", "PF", "encoder 2 + encoder/dense encoder/code")]
    [InlineData("k2tf1_nested_twice/config.json", "PF", "encoder 2 + encoder/dense encoder/code")]
    [InlineData("k2tf1_three_levels/model.h5", "PF", "mid 2 + mid/leaf mid/leaf/fc mid/fc")]
    [InlineData("k2_seq2seq_states/config.json", "PF", "dec 2")]

    // A layer in two containers: by its id, by the object graph, or (TensorFlow 1) by its variables' names. The truth says reused everywhere;
    // the files marked U write both entries in full and no id, as they do for two layers of one name (distinct_names, where the truth says not reused).
    [InlineData("inside_and_outside/model.keras", "PF", "inner/shared = shared 2")]
    [InlineData("inside_and_outside/config.json", "PU")]
    [InlineData("distinct_names/model.keras", "PP")]
    [InlineData("distinct_names/config.json", "PU")]
    [InlineData("k2_inside_and_outside/saved_model", "PF", "inner/shared = shared 2")]
    [InlineData("k2_inside_and_outside/config.json", "PU")]
    [InlineData("k2tf1_inside_and_outside/model.h5", "PF", "inner/shared = shared 2 (likely)")]
    [InlineData("k2tf1_inside_and_outside/config.json", "PU")]
    [InlineData("k2old_two_parents/model.h5", "PF", "head_a/core = head_b/core 2 + head_a/core/dense")]

    // Keras 3's truth counts one call for this layer (a wrapper does not go through __call__); the config has both uses, and so has Keras 2's truth.
    [InlineData("wrapper_and_direct/model.keras", "PF", "steps/embed = embed 2")]
    [InlineData("k2old_wrapper_and_direct/saved_model", "PF", "steps/embed = embed 2")]
    [InlineData("k2_wrapper_and_direct/model.h5", "PF", "steps/embed = embed 2")] // its variables are named after the wrapper that built them

    // Wrappers, functions, tensors in keyword arguments, names with slashes: no reuse.
    [InlineData("time_distributed/config.json", "PP")]
    [InlineData("masked_attention/config.json", "PP")]
    [InlineData("keras_ops/model.h5", "PP")]
    [InlineData("k2_tf_ops/config.json", "PP")]
    [InlineData("k2old_slash_names/config.json", "PP")]

    // Subclasses, also inside a graph.
    [InlineData("guide_subclassed/model.keras", "FU")]
    [InlineData("guide_subclassed/model.h5", "FU")]
    [InlineData("k2_guide_subclassed/saved_model", "FU")]
    [InlineData("mixed_backbone/model.keras", "FP")]
    [InlineData("mixed_backbone/config.json", "FP")]
    [InlineData("mixed_backbone/model.h5", "FP")]
    [InlineData("k2_mixed_backbone/model.keras", "FP")]
    [InlineData("k2_mixed_backbone/saved_model", "FP")]
    [InlineData("k2old_mixed_backbone/model.keras", "FP")]

    // Custom layers are no models; an .h5 file does not tell which of the two a class with layers inside is.
    [InlineData("composite_layer/model.keras", "PP")]
    [InlineData("composite_layer/model.h5", "UP")]
    [InlineData("leaf_custom/model.h5", "PF", "gelu2 2")]

    // Functional by construction is clean where the file shows it: by its weights' names, by build(None), by the kind of the saved object.
    [InlineData("train_step_child/model.keras", "PF", "tanh 2")]
    [InlineData("functional_child/model.keras", "PU")]
    [InlineData("functional_child/config.json", "PU")]
    [InlineData("k2_functional_child/saved_model", "PP")]

    // A library's classes keep their arguments only: .keras and .json give one answer.
    [InlineData("hub_bart/model.keras", "PF", "token_embedding 2 (likely)")]
    [InlineData("hub_bart/config.json", "PF", "token_embedding 2 (likely)")]
    [InlineData("hub_clip/config.json", "PP")]
    [InlineData("hubtask_albert_text_classifier/config.json", "PF", "albert_backbone/group_0_inner_layer_0 2 (likely)")]

    // A subclass whose get_config failed is a model without config.
    [InlineData("tf24_plain_policy/saved_model", "FU")]

    // Nothing to decide with.
    [InlineData("nested_twice/saved_model_export", "UU")]
    [InlineData("k2_operators/weights.weights.h5", "UU")]
    public void Is_judged_as_its_config_says(string name, string outcomes, params string[] reused)
    {
        var result = Audit(name);
        Assert.Null(result.Error);
        Assert.Equal(Framework.Keras, result.Framework);
        Assert.Equal(outcomes, $"{Letter(result, "Keras.ModelApi")}{Letter(result, "Keras.LayerReuse")}");
        Assert.Equal(reused, result.Findings.Where(f => f.Guideline == "Keras.LayerReuse" && f.Outcome is Outcome.Fail).Select(Describe));
        Assert.All(result.Guidelines.Where(g => g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal)), g => Assert.Equal(Outcome.NotApplicable, g.Outcome));
        Assert.All(result.Guidelines.Where(g => g.Outcome is Outcome.Undecidable), g => Assert.False(string.IsNullOrEmpty(g.Reason)));
    }

    [Fact]
    public void Calls_name_the_layer_and_the_node_that_feed_each_use()
    {
        string[] Calls(string name) => [.. Audit(name).Findings.First(f => f.Guideline == "Keras.LayerReuse").Calls.Select(c => $"{c.Caller}: {c.Node}")];
        Assert.Equal([": activation#0 <- a1", ": activation#1 <- b1"], Calls("branch_act/config.json"));
        Assert.Equal([": dec#0 <- tgt, enc", ": dec#1 <- dec#0"], Calls("k2_seq2seq_states/config.json"));
        Assert.Equal(["inner: shared#0 <- input_1", ": shared#0 <- inner"], Calls("k2_inside_and_outside/saved_model"));
    }

    [Fact]
    public void Weights_are_named_as_such()
    {
        var result = Audit("k2_operators/weights.weights.h5");
        Assert.Equal("KerasHdf5", result.Format);
        Assert.Contains("weights only", result.Guidelines.First(g => g.Guideline == "Keras.ModelApi").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_custom_layer_in_a_graph_is_information()
    {
        var finding = Assert.Single(Audit("composite_layer/model.keras", Severity.Information).Findings, f => f.Guideline == "Keras.ModelApi");
        Assert.Equal((Severity.Information, "se", Confidence.Certain), (finding.Severity, finding.Module, finding.Confidence));
    }

    [Fact]
    public void The_graph_has_classes_edges_and_shapes()
    {
        var (format, graph) = Auditor.Default.ReadGraph(Path("nested_twice/model.keras"), ReadLimits.Default, TestContext.Current.CancellationToken);
        Assert.Equal("KerasArchive", format);
        Assert.Equal("Keras 3.15.1", graph.Exporter);
        Assert.Equal(["", "anchor", "positive", "encoder", "encoder/enc_in", "encoder/dense", "encoder/code", "dot"], graph.Modules.Select(m => m.QualifiedName));
        Assert.Equal("keras.layers.Dense", graph.Modules[5].Type);
        Assert.Equal(3, graph.Modules[5].Parent);
        var dot = graph.Nodes.Single(n => n.OpType == "Dot");
        Assert.Equal(["encoder#0: float32[?,4]", "encoder#1: float32[?,4]"], dot.Inputs.Select(i => i.ToString()));
    }

    private static string Describe(Finding finding) =>
        $"{finding.Module}{string.Concat(finding.Aliases.Select(a => $" = {a}"))} {finding.CallCount}{(finding.Affected.IsEmpty ? "" : $" + {string.Join(' ', finding.Affected)}")}{(finding.Confidence is Confidence.Likely ? " (likely)" : "")}";

    private static char Letter(AuditResult result, string guideline) => result.Guidelines.First(g => g.Guideline == guideline).Outcome.ToString()[0];

    private static string Path(string name) => RepositoryFiles.Fixture(["keras", .. name.Split('/')]);

    private static AuditResult Audit(string name, Severity minimum = Severity.Warning) =>
        Auditor.Default.Audit(new(Path(name), name), Written.Settings with { MinimumSeverity = minimum }, TestContext.Current.CancellationToken)!;
}
