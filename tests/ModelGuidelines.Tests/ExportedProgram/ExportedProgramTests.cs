using System.Text.Json.Nodes;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using static ModelGuidelines.Tests.ExportedProgram.ExportedProgramInputs;

namespace ModelGuidelines.Tests.ExportedProgram;

/// <summary>Programs that torch.export wrote, and variants of them that other versions write.</summary>
public sealed class ExportedProgramTests
{
    private const string Root = "L__self__,,model.Model";
    private const string Relu = Root + ";L__self__relu,relu,torch.nn.modules.activation.ReLU";

    [Theory]
    [InlineData("guide_relu_twice", "relu", "17 20", Confidence.Certain)]
    [InlineData("super_forward", "block.act", "12 22", Confidence.Certain)]
    [InlineData("loop_refine", "block", "26 26 26", Confidence.Certain)]
    [InlineData("modulelist_times", "layers.0.1", "17 17 17", Confidence.Likely)]
    public void Reuse_with_the_lines_of_its_calls(string pattern, string module, string lines, Confidence confidence)
    {
        var finding = AuditOf(Fixture(pattern)).Findings.Single(f => f.Guideline == "PyTorch.ModuleReuse" && f.Module == module);
        Assert.Equal(lines, string.Join(' ', finding.Calls.Select(c => c.Location!.Line)));
        Assert.Equal(confidence, finding.Confidence);
    }

    [Theory]
    [InlineData("shared_kernels")]
    [InlineData("standardized_conv")]
    public void Shared_weights_and_torchs_own_helpers_are_no_finding(string pattern) =>
        Assert.DoesNotContain(AuditOf(Fixture(pattern)).Findings, f => f.Guideline is "PyTorch.ModuleReuse" or "PyTorch.FunctionalCall" && f.Severity > Severity.Information && f.Outcome is Outcome.Fail);

    [Fact]
    public void Function_at_the_line_of_the_forward_that_calls_it()
    {
        var finding = AuditOf(Fixture("swish_function")).Findings.Single(f => f.Guideline == "PyTorch.FunctionalCall");
        Assert.Equal(("ffn", "sigmoid", 16), (finding.Module, finding.Operator, finding.Location!.Line));
    }

    [Fact]
    public void A_dictionary_is_returned_by_the_root()
    {
        var result = AuditOf(Fixture("returns_dict"));
        var finding = result.Findings.Single(f => f.Guideline == "PyTorch.TensorInterface");
        Assert.Equal(("", ValueDirection.Output, "Dict[str, Tensor]"), (finding.Module, finding.Direction, finding.ValueType));
    }

    [Fact]
    public void Borders_of_the_users_submodules_are_undecidable() =>
        Assert.Equal(Outcome.Undecidable, AuditOf(Fixture("swish_function")).Guidelines.Single(g => g.Guideline == "PyTorch.TensorInterface").Outcome);

    [Fact]
    public void In_the_older_layout_without_numbered_calls_a_layer_that_runs_its_function_twice_is_called_twice()
    {
        var program = Program("guide_relu_twice");
        program.AsObject().Remove("torch_version");
        foreach (var node in Nodes(program))
        {
            node.Remove("name");
            var metadata = node["metadata"]!.AsObject();
            metadata.Remove("torch_fn");
            metadata["nn_module_stack"] = metadata["nn_module_stack"]!.GetValue<string>().Replace("@1", "", StringComparison.Ordinal);
        }

        var finding = AuditOf(program, OldEntry).Findings.Single(f => f.Guideline == "PyTorch.ModuleReuse");
        Assert.Equal(("relu", 2, Confidence.Certain), (finding.Module, finding.CallCount, finding.Confidence));
    }

    [Fact]
    public void Without_torch_fn_the_operator_names_the_function()
    {
        var program = Program("swish_function");
        foreach (var node in Nodes(program))
        {
            node["metadata"]!.AsObject().Remove("torch_fn");
            node["metadata"]!.AsObject().Remove("stack_trace");
            node["metadata"]!["another"] = "field";
        }

        Assert.Equal("sigmoid", AuditOf(program).Findings.Single(f => f.Guideline == "PyTorch.FunctionalCall").Operator);
    }

    [Fact]
    public void Without_stacks_nothing_is_decided()
    {
        var program = Program("guide_relu_twice");
        foreach (var node in Nodes(program))
        {
            node["metadata"]!.AsObject().Remove("nn_module_stack");
        }

        Assert.All(AuditOf(program).Guidelines.Where(g => g.Guideline is "PyTorch.ModuleReuse" or "PyTorch.FunctionalCall"), g => Assert.Equal(Outcome.Undecidable, g.Outcome));
    }

    [Fact]
    public void One_call_of_many_nodes_is_one_function()
    {
        var program = ProgramOf(
            "2.13.0",
            Node("mul", "torch.ops.aten.mul.Tensor", Root, "gelu_1;builtin_function_or_method.gelu"),
            Node("erf", "torch.ops.aten.erf.default", Root, "gelu_1;builtin_function_or_method.gelu"),
            Node("mul_1", "torch.ops.aten.mul.Tensor", Root, "gelu_1;builtin_function_or_method.gelu"),
            Node("erf_1", "torch.ops.aten.erf.default", Root, "gelu_2;builtin_function_or_method.gelu"));
        Assert.Equal(["gelu", "gelu"], Read(program).Operations.Select(o => o.Function));
    }

    [Fact]
    public void Exclusive_arms_are_no_reuse()
    {
        var program = ProgramOf("2.13.0", Node("cond", "torch.ops.higher_order.cond", Root, null, Graph(Node("a", "torch.ops.aten.relu.default", Relu)), Graph(Node("b", "torch.ops.aten.relu.default", Relu))));
        Assert.Empty(AuditOf(program).Findings.Where(f => f.Guideline == "PyTorch.ModuleReuse"));
    }

    [Theory]
    [InlineData("while_loop", true)]
    [InlineData("map_impl", true)]
    [InlineData("wrap_with_autocast", false)]
    public void A_loop_repeats_what_is_in_it(string target, bool isReuse)
    {
        var program = ProgramOf("2.13.0", Node("loop", $"torch.ops.higher_order.{target}", Root, null, Graph(Node("a", "torch.ops.aten.relu.default", Relu))));
        Assert.Equal(isReuse, AuditOf(program).Findings.Any(f => f.Guideline == "PyTorch.ModuleReuse"));
    }

    [Fact]
    public void Quantizers_are_no_functions()
    {
        var program = ProgramOf("2.13.0", Node("q", "torch.ops.quantized_decomposed.quantize_per_tensor.default", Root), Node("sym", "torch.ops.aten.sym_size.int", Root));
        Assert.Empty(Read(program).Operations);
    }

    [Fact]
    public void A_preserved_signature_decides_a_submodule()
    {
        var program = ProgramOf("2.13.0", Node("r", "torch.ops.aten.relu.default", Root + ";L__self__enc,enc,model.Enc"));
        const string Leaf = "{\"type\": null, \"context\": null, \"children_spec\": []}";
        program["graph_module"]!["module_call_graph"] = new JsonArray(new JsonObject
        {
            ["fqn"] = "enc",
            ["signature"] = new JsonObject
            {
                ["inputs"] = new JsonArray(),
                ["outputs"] = new JsonArray(),
                ["in_spec"] = $"[1, {{\"type\": \"builtins.tuple\", \"context\": \"null\", \"children_spec\": [{{\"type\": \"builtins.tuple\", \"context\": \"null\", \"children_spec\": [{{\"type\": \"builtins.list\", \"context\": \"null\", \"children_spec\": [{Leaf}]}}]}}, {{\"type\": \"builtins.dict\", \"context\": \"[]\", \"children_spec\": []}}]}}]",
                ["out_spec"] = $"[1, {Leaf}]",
                ["forward_arg_names"] = new JsonArray("features"),
            },
        });
        var finding = AuditOf(program).Findings.First(f => f.Guideline == "PyTorch.TensorInterface" && f.Outcome is Outcome.Fail);
        Assert.Equal(("enc", "features", ValueDirection.Input), (finding.Module, finding.Argument, finding.Direction));
    }

    [Fact]
    public void Compiled_packages_are_undecidable()
    {
        var result = AuditOf("package/data/aotinductor/model/wrapper.cpp", [1, 2, 3]);
        Assert.Null(result.Error);
        Assert.All(result.Guidelines.Where(g => g.Outcome is not Outcome.NotApplicable), g => Assert.Equal(Outcome.Undecidable, g.Outcome));
    }

    [Theory]
    [InlineData("{\"graph_module\": {\"graph\": {\"nodes\": []}}, \"schema_version\": {\"major\": 9}}", "MG.ExportedProgram.SchemaVersion")]
    [InlineData("{\"graph_module\": {\"graph\": {\"nodes\": [", "MG.ExportedProgram.Json")]
    [InlineData("[1, 2]", "MG.ExportedProgram.NoGraph")]
    [InlineData("", "MG.ExportedProgram.Json")]
    [InlineData("{\"graph_module\": {\"graph\": {\"nodes\": [{\"name\": \"\\ud800\"}]}}}", "MG.ExportedProgram.Json")]
    public void Bad_programs(string json, string id) => Assert.Equal(id, AuditOf(NewEntry, System.Text.Encoding.UTF8.GetBytes(json)).Error?.Id);

    [Fact]
    public void Nesting_is_bounded()
    {
        var json = "{\"graph_module\": {\"graph\": {\"nodes\": " + new string('[', 100_000);
        Assert.Equal("MG.ExportedProgram.TooDeep", AuditOf(NewEntry, System.Text.Encoding.UTF8.GetBytes(json)).Error?.Id);
    }
}
