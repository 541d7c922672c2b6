using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Onnx;

/// <summary>What files of other versions say, and files that have been through tools: findings (a question mark where they are Likely) and what cannot be told.</summary>
public sealed class OnnxVersionsTests
{
    [Theory]
    [InlineData("after_tools/functional_relu.extract.onnx", "Pass", "", "Fail", "/relu")] // the producer is another, the names are PyTorch's
    [InlineData("after_tools/relu_suffix_reused.basic.onnx", "Fail", "relu:2?", "Pass", "")] // nodes sorted anew: what is computed from what stands in for their order
    [InlineData("after_tools/twin_encoder.extended.onnx", "Fail", "encoder:2? encoder.conv1:2 encoder.conv2:2 encoder.relu1:2 encoder.relu2:2 encoder.pool:2 encoder.flat:2", "Pass", "")] // Relu fused into Conv
    [InlineData("after_tools/resnet_block.all.onnx", "Fail", "layer1.0.relu:2? layer1.1.relu:2?", "Pass", "")] // convolutions have lost their names, the activations in them have not
    [InlineData("after_tools/loop_refine.dynamic.onnx", "Fail", "block:3? block.conv:3 block.act:3?", "Pass", "")] // integer products with casts and scales around
    [InlineData("after_tools/loop_refine.dynamo.qdq.onnx", "Fail", "block.conv:3 block.act:3?", "Pass", "")] // the quoted source line tells of the Relu that became a range
    [InlineData("after_tools/relu_twice.qdq.onnx", "Undecidable", "", "Undecidable", "")] // the second Relu stood before the output: nothing but the range is left
    [InlineData("after_tools/functional_relu.qoperator.onnx", "Pass", "", "Fail", "/relu")] // here in between, and the list of values still names it
    [InlineData("after_tools/tensor_methods.qoperator.onnx", "Pass", "", "Fail", "gate/sigmoid gate/tanh head/relu head/softmax")]
    [InlineData("after_tools/linear_twice.stripped.onnx", "Fail", "mix:2?", "Undecidable", "")] // metadata gone: a weight that is read twice
    [InlineData("after_tools/equal_norms.stripped.onnx", "Undecidable", "", "Undecidable", "")] // equal norms, merged, are no reuse
    [InlineData("after_tools/tensor_methods.stripped.onnx", "Pass", "", "Undecidable", "")] // no operator twice: nothing to be called twice
    [InlineData("after_tools/loop_refine.stripped.onnx", "Fail", "block:3? block.conv:3?", "Undecidable", "")] // what else the block holds no weight tells: it goes with the convolution
    [InlineData("scripted/modulelist_times.onnx", "Undecidable", "", "Pass", "")] // [layer] * 3, or three copies
    [InlineData("scripted/twin_encoder.onnx", "Fail", "encoder:2? encoder.conv1:2 encoder.conv2:2 encoder.relu1:2 encoder.relu2:2 encoder.pool:2 encoder.flat:2", "Pass", "")] // the second call of a container has no scopes inside
    [InlineData("scripted/loop_refine.onnx", "Fail", "block.conv:3 block.act:3", "Pass", "")]
    [InlineData("scripted/inplace_method.onnx", "Pass", "", "Fail", "blocks.0/relu blocks.1/relu")] // the second object of a class has none either
    [InlineData("scripted/tiny_gpt.onnx", "Pass", "", "Fail", "h.0.attn/softmax h.0.mlp/tanh h.1.attn/softmax h.1.mlp/tanh")]
    [InlineData("dynamo_export/tensor_methods.2.1.onnx", "Pass", "", "Fail", "gate/sigmoid gate/tanh head/relu head/softmax")]
    [InlineData("dynamo_export/resnet_block.2.3.onnx", "Fail", "layer1.0.relu:2 layer1.1.relu:2", "Pass", "")]
    [InlineData("dynamo_export/twin_encoder.2.5.onnx", "Fail", "encoder.conv1:2 encoder.conv2:2 encoder.relu1:2 encoder.relu2:2 encoder.pool:2 encoder.flat:2", "Pass", "")]
    [InlineData("dynamo_2_5/resnet_block.onnx", "Fail", "layer1.0.relu:2 layer1.1.relu:2", "Pass", "")] // stacks without torch's own frames
    [InlineData("dynamo_2_5/modulelist_times.onnx", "Fail", "layers.0.0:3? layers.0.1:3?", "Pass", "")]
    [InlineData("dynamo_2_5/transformer_encoder.onnx", "Pass", "", "Pass", "")] // two layers in one scope are no two calls
    [InlineData("verbose/tensor_methods.onnx", "Pass", "", "Fail", "gate/sigmoid gate/tanh head/relu head/softmax")]
    [InlineData("verbose/functions_without_scopes.onnx", "Pass", "", "Fail", "/relu? /max_pool2d? /pad? /silu? /adaptive_avg_pool2d? /log_softmax?")] // the stack alone tells
    [InlineData("lost_levels/policy.onnx", "Fail", "policy.net.layers.act:2?", "Pass", "")] // shown as /net/act
    [InlineData("without_scopes/siamese.onnx", "Fail", "conv1:2? conv2:2?", "Undecidable", "")]
    [InlineData("without_scopes/recurrent_cell.onnx", "Pass", "", "Undecidable", "")] // one call reads two weights of a cell; x.3 and x.11 are numbered values, no weights of a module x
    [InlineData("without_scopes/while_modules.onnx", "Undecidable", "", "Undecidable", "")]
    [InlineData("without_scopes/pad_module_twice.onnx", "Fail", "pad:2?", "Pass", "")] // merged into the convolutions
    [InlineData("without_scopes/gelu_is_the_model.onnx", "Pass", "", "Undecidable", "")]
    [InlineData("functions_of_leaves/attention.onnx", "Pass", "", "Fail", "attn/linear? attn/softmax attn/pad attn/linear?")] // F.linear(x, self.qkv.weight), or self.qkv.forward(x)
    [InlineData("functions_of_leaves/multihead.onnx", "Pass", "", "Pass", "")] // torch.nn's own module does the same
    [InlineData("numbered_attribute/model.onnx", "Fail", "act_1:2?", "Pass", "")] // act_1_1 beside act_1 is a further call of it
    [InlineData("control_flow/branch_else.onnx", "Fail", "fc:2?", "Pass", "")]
    [InlineData("modules_as_functions/tied_autoencoder.onnx", "Pass", "", "Pass", "")] // a weight of two modules
    [InlineData("modules_as_functions/root_alone.onnx", "Undecidable", "", "Undecidable", "")] // the nodes of the modules inside stand in the root's function
    [InlineData("modules_as_functions/nameless_units.onnx", "Pass", "", "Undecidable", "")] // folded weights name no module
    public void Findings(string file, string reuse, string reused, string functional, string functions)
    {
        var result = Audit(file);
        Assert.Equal((reuse, functional), (Outcome(result, "PyTorch.ModuleReuse"), Outcome(result, "PyTorch.FunctionalCall")));
        Assert.Equal(reused, Describe(result, "PyTorch.ModuleReuse", f => $"{f.Module}:{f.CallCount}"));
        Assert.Equal(functions, Describe(result, "PyTorch.FunctionalCall", f => $"{f.Module}/{f.Operator}"));
    }

    [Fact]
    public void Stacks_of_verbose_exports_give_the_line()
    {
        var finding = Audit("verbose/tensor_methods.onnx").Findings.First(f => f is { Guideline: "PyTorch.FunctionalCall", Operator: "tanh" });
        Assert.EndsWith("model.py", finding.Location!.File, StringComparison.Ordinal);
        Assert.True(finding.Location.Line > 0);
    }

    [Theory]
    [InlineData("after_tools/relu_twice.qdq.onnx", "quantizer")]
    [InlineData("without_scopes/while_modules.onnx", "node_tanh")]
    [InlineData("after_tools/linear_twice.stripped.onnx", "metadata")]
    public void What_cannot_be_told_names_the_place(string file, string expected)
    {
        foreach (var guideline in Audit(file).Guidelines.Where(g => g is { Outcome: Guidelines.Outcome.Undecidable } && g.Guideline is "PyTorch.ModuleReuse" or "PyTorch.FunctionalCall"))
        {
            Assert.Contains(expected, guideline.Reason, StringComparison.Ordinal);
        }
    }

    private static string Outcome(AuditResult result, string guideline) => result.Guidelines.Single(g => g.Guideline == guideline).Outcome.ToString();

    private static string Describe(AuditResult result, string guideline, Func<Finding, string> text) => string.Join(' ', result.Findings
        .Where(f => f.Guideline == guideline && f.Outcome is Guidelines.Outcome.Fail && f.Severity >= Severity.Warning)
        .Select(f => text(f) + (f.Confidence is Confidence.Likely ? "?" : "")));

    private static AuditResult Audit(string file)
    {
        var path = RepositoryFiles.Fixture(["onnx", .. file.Split('/')]);
        var result = Auditor.Default.Audit(new(path, path), new() { EveryInstance = true })!;
        Assert.Null(result.Error);
        return result;
    }
}
