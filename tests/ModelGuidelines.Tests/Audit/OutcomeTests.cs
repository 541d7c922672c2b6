using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Tests.Audit;

/// <summary>What findings, gaps and conditions make of a file.</summary>
public sealed class OutcomeTests
{
    private static readonly Gap Unfollowed = new("'timm.layers' is not in this project", new("net.py", 3), GraphFacts.Operations, "name its folder");

    [Fact]
    public void A_gap_that_could_hide_a_finding_is_no_pass()
    {
        var result = new FunctionalCall().Evaluate(Graph(gaps: [Unfollowed]));

        Assert.Equal(Outcome.Undecidable, result.Outcome);
        Assert.Equal("net.py:3: 'timm.layers' is not in this project; name its folder", result.Reason);
    }

    [Fact]
    public void A_gap_that_hides_other_facts_is_a_pass() => Assert.Equal(Outcome.Pass, new ModuleReuse().Evaluate(Graph(gaps: [Unfollowed])).Outcome);

    [Fact]
    public void A_finding_beside_a_gap_is_a_failure() =>
        Assert.Equal(Outcome.Fail, new FunctionalCall().Evaluate(Graph(gaps: [Unfollowed]) with { Operations = [new() { Function = "relu", Module = 0 }] }).Outcome);

    [Fact]
    public void A_finding_names_its_conditions()
    {
        var operation = new Operation { Function = "gelu", Module = 0, Certainty = Certainty.Under("config.act == \"gelu\"") };
        var finding = Assert.Single(new FunctionalCall().Evaluate(Graph() with { Operations = [operation] }).Findings);

        Assert.Equal((Confidence.Likely, "config.act == \"gelu\""), (finding.Confidence, finding.Conditions.Single()));
        Assert.EndsWith("; only where config.act == \"gelu\"", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_call_under_a_condition_is_a_reuse_under_it()
    {
        ModuleCall[] calls = [new() { Module = 1 }, new() { Module = 1, Certainty = Certainty.Under("self.deep") }, new() { Module = 1, Certainty = Certainty.Under("a", "b") }];
        var finding = Assert.Single(new ModuleReuse().Evaluate(Graph() with { Calls = [.. calls] }).Findings);

        Assert.Equal(["self.deep"], finding.Conditions);
    }

    [Fact]
    public void Certain_calls_in_exclusive_arms_are_no_certain_reuse()
    {
        ModuleCall[] calls = [new() { Module = 1, Arms = [new(0, 0)] }, new() { Module = 1, Arms = [new(0, 1)] }, new() { Module = 1, Certainty = Certainty.Likely("or not") }];
        var finding = Assert.Single(new ModuleReuse().Evaluate(Graph() with { Calls = [.. calls] }).Findings);

        Assert.Equal(Confidence.Likely, finding.Confidence);
    }

    private static ModelGraph Graph(params Gap[] gaps) => new()
    {
        Framework = Framework.PyTorch,
        Modules = [new() { QualifiedName = "" }, new() { QualifiedName = "relu", Parent = 0 }],
        Evidence = new() { ModuleCalls = Evidence.Complete, Operations = Evidence.Complete, RootInterface = Evidence.Complete, SubmoduleInterfaces = Evidence.Complete },
        Gaps = [.. gaps],
    };
}
