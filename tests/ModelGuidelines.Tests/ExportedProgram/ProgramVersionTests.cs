using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using static ModelGuidelines.Tests.ExportedProgram.ExportedProgramInputs;

namespace ModelGuidelines.Tests.ExportedProgram;

/// <summary>What versions of torch write differently: real files of each.</summary>
public sealed class ProgramVersionTests
{
    private static IEnumerable<Finding> Failing(AuditResult result, string guideline) =>
        result.Findings.Where(f => f.Guideline == guideline && f.Outcome is Outcome.Fail && f.Severity > Severity.Information);

    private static string Names(AuditResult result, string guideline) =>
        string.Join(' ', Failing(result, guideline).Select(f => $"{(f.Operator is null ? f.Module : $"{f.Module}:{f.Operator}")}={f.Confidence}").Order(StringComparer.Ordinal));

    private static Outcome OutcomeOf(AuditResult result, string guideline) => result.Guidelines.Single(g => g.Guideline == guideline).Outcome;

    [Fact]
    public void Torch_2_1_names_objects_so_one_object_under_two_names_is_one()
    {
        var result = AuditOf(Fixture("torch21_two_names"));
        var finding = Assert.Single(Failing(result, "PyTorch.ModuleReuse"));
        Assert.Equal(("relu1", "relu2", Confidence.Certain), (finding.Module, Assert.Single(finding.Aliases), finding.Confidence));
        Assert.Equal(Outcome.Pass, OutcomeOf(result, "PyTorch.FunctionalCall"));
    }

    [Fact]
    public void Torch_2_1_keeps_the_roots_signature_beside_the_modules() =>
        Assert.Contains(AuditOf(Fixture("torch21_takes_dict")).Findings, f => f.Guideline == "PyTorch.TensorInterface" && f.Module == "" && f.ValueType == "Dict[str, Tensor]");

    /// <summary>What core ATen writes for a function may be the user's too: Likely, with the other reading.</summary>
    [Fact]
    public void Torch_2_3_decomposes_functions() => Assert.Equal(
        ":adaptive_avg_pool2d=Likely :avg_pool2d=Certain :dropout=Likely :max_pool2d=Certain :softmax=Certain", Names(AuditOf(Fixture("torch23_pool_zoo")), "PyTorch.FunctionalCall"));

    [Fact]
    public void A_layer_that_decomposition_gives_one_operator_twice_is_called_once() =>
        Assert.DoesNotContain(Failing(AuditOf(Fixture("torch23_modulelist_times")), "PyTorch.ModuleReuse"), f => f.Module == "fc");

    [Fact]
    public void Bounds_of_dynamic_shapes_may_be_infinite()
    {
        var result = AuditOf(Fixture("torch25_dynamic"));
        Assert.Null(result.Error);
        Assert.Equal("mix", Assert.Single(Failing(result, "PyTorch.ModuleReuse")).Module);
    }

    [Fact]
    public void Text_that_looks_like_an_infinite_number_stays_text()
    {
        var program = Program("swish_function");
        program["torch_version"] = "2.9 NaN \\\" Infinity";
        var json = System.Text.Encoding.UTF8.GetBytes(program.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
            .Replace("\"graph_module\"", "\"range_constraints\":{\"s0\":[-Infinity,NaN]},\"graph_module\"", StringComparison.Ordinal));
        Assert.Contains("2.9 NaN \\\" Infinity", AuditOf(NewEntry, json).Exporter, StringComparison.Ordinal);
    }

    [Fact]
    public void A_branch_without_stacks_is_a_gap_and_never_the_root()
    {
        var result = AuditOf(Fixture("branch"));
        Assert.Empty(Failing(result, "PyTorch.FunctionalCall"));
        var outcome = result.Guidelines.Single(g => g.Guideline == "PyTorch.FunctionalCall");
        Assert.Equal(Outcome.Undecidable, outcome.Outcome);
        Assert.Contains("flow.py:17", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_branch_of_a_strict_export_names_the_root_in_its_own_way() =>
        Assert.Equal((":gelu=Likely", ""), (Names(AuditOf(Fixture("branch_strict")), "PyTorch.FunctionalCall"), Names(AuditOf(Fixture("branch_strict")), "PyTorch.ModuleReuse")));

    [Fact]
    public void In_a_loop_without_stacks_a_parameter_names_the_layer_that_reads_it() =>
        Assert.Equal("fc=Likely", Names(AuditOf(Fixture("loop")), "PyTorch.ModuleReuse"));

    [Fact]
    public void A_region_that_lost_its_stacks_repeats_what_another_call_runs()
    {
        var result = AuditOf(Fixture("no_grad_decomposed"));
        Assert.Equal("body.act=Likely body.fc=Likely body=Likely", Names(result, "PyTorch.ModuleReuse"));
        Assert.Empty(Failing(result, "PyTorch.FunctionalCall"));
    }

    [Fact]
    public void Operators_called_by_their_overloads_are_functions() => Assert.Equal(
        ["adaptive_avg_pool2d", "log_softmax", "max_pool2d", "pad", "relu", "silu"],
        Failing(AuditOf(Fixture("unflattened")), "PyTorch.FunctionalCall").Select(f => f.Operator).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_program_of_a_package_is_audited()
    {
        var result = AuditOf(Fixture("two_programs"));
        Assert.Equal(("encode", "relu"), Failing(result, "PyTorch.ModuleReuse").Select(f => (f.Model!, f.Module!)).Single());
        Assert.All(Failing(result, "PyTorch.FunctionalCall"), f => Assert.Equal("decode", f.Model));
        Assert.Equal(6, Failing(result, "PyTorch.FunctionalCall").Count());
    }

    [Fact]
    public void Extra_files_are_no_programs() => Assert.Equal(Outcome.Pass, OutcomeOf(AuditOf(Fixture("extra_files")), "PyTorch.ModuleReuse"));
}
