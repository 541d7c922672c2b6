using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Onnx;

/// <summary>What real exports say, each with its counterpart that must not say it.</summary>
public sealed class OnnxFixtureTests
{
    private const string Trace = "torchscript-exporter.onnx";
    private const string Dynamo = "dynamo.onnx";

    [Theory]
    [InlineData("guide_relu_twice", Trace, "relu:2")]
    [InlineData("guide_relu_twice", Dynamo, "relu:2")]
    [InlineData("nested_reuse", Dynamo, "stage.inner:2")] // its leaves are called again only because it is
    [InlineData("loop_refine", Trace, "block:3 block.conv:3 block.act:3")]
    [InlineData("loop_refine", Dynamo, "block.conv:3 block.act:3")] // one line in a loop: its container could loop as well
    [InlineData("two_names", Trace, "relu1:2")]
    [InlineData("relu_suffix_clean", Trace, "")] // attributes really called relu_1 and fc_1
    [InlineData("relu_suffix_clean", Dynamo, "")]
    [InlineData("equal_linears", Trace, "")] // three modules whose weights are equal, merged by the exporter
    [InlineData("equal_linears", Dynamo, "")]
    [InlineData("char_rnn", Dynamo, "i2h:4 h2o:4 softmax:4")] // results that only the last round uses: the other rounds' calls left nothing but gaps in the numbers
    [InlineData("modulelist_times", Dynamo, "layers.0.0:3 layers.0.1:3")] // one object under three names, told from merged clones by what FX nodes took
    [InlineData("equal_norms", Dynamo, "")] // several modules with equal weights, merged by the exporter
    [InlineData("tied_autoencoder", Trace, "")] // weights tied on purpose
    [InlineData("tied_autoencoder", Dynamo, "")]
    public void Module_reuse(string pattern, string file, string expected)
    {
        var findings = Audit(pattern, file).Findings.Where(f => f is { Guideline: "PyTorch.ModuleReuse", Outcome: Outcome.Fail });
        Assert.Equal(expected, string.Join(' ', findings.Select(f => $"{f.Module}:{f.CallCount}")));
    }

    [Theory]
    [InlineData("relu_suffix_reused", "relu")]
    [InlineData("suffix_taken_by_another", "act")] // act_1 is a Sigmoid, and other modules run before the second Relu
    public void A_clash_of_a_suffix_with_an_attribute_is_likely(string pattern, string module)
    {
        var finding = Assert.Single(Audit(pattern, Trace).Findings, f => f is { Guideline: "PyTorch.ModuleReuse", Outcome: Outcome.Fail });
        Assert.Equal((module, Confidence.Likely), (finding.Module, finding.Confidence));
        Assert.Contains($"{module}_1", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Relu_with_an_upper_bound_is_likely_relu6()
    {
        var finding = Assert.Single(Audit("functional_relu6", Trace).Findings, f => f is { Guideline: "PyTorch.FunctionalCall" });
        Assert.Equal(("relu6", Confidence.Likely, "/Relu"), (finding.Operator, finding.Confidence, finding.Node));
        Assert.Contains("clamp", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_of_a_torch_export_point_at_the_source()
    {
        var finding = Assert.Single(Audit("guide_relu_twice", Dynamo).Findings, f => f.Guideline == "PyTorch.ModuleReuse");
        Assert.Equal([17, 20], finding.Calls.Select(c => c.Location!.Line));
        Assert.Equal("torch.nn.modules.activation.ReLU", finding.ModuleType);
    }

    [Theory]
    [InlineData(Trace)]
    [InlineData(Dynamo)]
    public void A_functional_call(string file)
    {
        var finding = Assert.Single(Audit("guide_functional_relu", file).Findings, f => f.Guideline == "PyTorch.FunctionalCall");
        Assert.Equal(("", "relu", "torch.nn.ReLU"), (finding.Module, finding.Operator, finding.Replacement));
    }

    [Fact]
    public void Interfaces_are_undecidable_never_a_pass()
    {
        foreach (var file in new[] { Trace, Dynamo })
        {
            var outcome = Audit("guide_relu_twice", file).Guidelines.Single(g => g.Guideline == "PyTorch.TensorInterface");
            Assert.Equal(Outcome.Undecidable, outcome.Outcome);
            Assert.NotNull(outcome.Reason);
        }
    }

    [Theory]
    [InlineData("k2old_siamese_dense", "project:2")]
    [InlineData("k2old_conv_shared_relu", "pool:2 relu:3")]
    [InlineData("nested_twice", "encoder:2")]
    [InlineData("distinct_names", "")] // dense, dense_1, dense_2/dense ...: five layers, no reuse
    public void Keras_layers(string pattern, string expected)
    {
        var result = Audit(pattern, "model.onnx");
        Assert.Equal(expected, string.Join(' ', result.Findings.Where(f => f is { Guideline: "Keras.LayerReuse", Outcome: Outcome.Fail }).Select(f => $"{f.Module}:{f.CallCount}").Order(StringComparer.Ordinal)));
        Assert.Equal(Outcome.Undecidable, result.Guidelines.Single(g => g.Guideline == "Keras.ModelApi").Outcome);
        Assert.Equal(Outcome.NotApplicable, result.Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse").Outcome);
    }

    [Fact]
    public void Modules_exported_as_functions()
    {
        var every = Audit("modules_as_functions", "every_module.onnx");
        Assert.Equal(["a/softmax", "b/softmax"], every.Findings.Where(f => f.Guideline == "PyTorch.FunctionalCall").Select(f => $"{f.Module}/{f.Operator}"));
        var reuse = Assert.Single(every.Findings, f => f.Guideline == "PyTorch.ModuleReuse");
        Assert.Equal(("a", 2, "__main__.Block", Confidence.Certain), (reuse.Module, reuse.CallCount, reuse.ModuleType, reuse.Confidence));

        // The nodes inside the one class' function carry no scopes: no claim, and no Pass.
        var one = Audit("modules_as_functions", "one_class.onnx");
        Assert.Equal(["a"], one.Findings.Where(f => f is { Guideline: "PyTorch.ModuleReuse", Outcome: Outcome.Fail }).Select(f => f.Module));
        Assert.Equal(Outcome.Undecidable, one.Guidelines.Single(g => g.Guideline == "PyTorch.FunctionalCall").Outcome);
    }

    private static AuditResult Audit(string pattern, string file)
    {
        var path = RepositoryFiles.Fixture("onnx", pattern, file);
        var result = Auditor.Default.Audit(new(path, path), new() { EveryInstance = true })!;
        Assert.Null(result.Error);
        return result;
    }
}
