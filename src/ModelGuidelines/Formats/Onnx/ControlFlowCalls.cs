using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Calls in the bodies of If and Loop: made only when the branch is taken, or as often as the loop runs.</summary>
internal static class ControlFlowCalls
{
    public static void Qualify(OnnxFacts facts)
    {
        var calls = facts.Builder.Calls;
        if (!calls.Exists(c => !c.Arms.IsEmpty) && !facts.Nodes.Exists(n => n.InLoop))
        {
            return;
        }

        foreach (var module in Enumerable.Range(0, calls.Count).GroupBy(i => calls[i].Module).ToList())
        {
            if (module.Any(i => !calls[i].Arms.IsEmpty) && Least([.. module.Select(i => calls[i])], 0) < 2)
            {
                foreach (var i in module.Where(i => !calls[i].Arms.IsEmpty))
                {
                    calls[i] = calls[i] with { Certainty = calls[i].Certainty.And(Certainty.Likely($"the call '{calls[i].Node}' stands in a branch of If, which not every run takes")) };
                }
            }
        }

        var inLoop = facts.CallNodes.FindIndex(c => !c.IsEmpty && c.All(n => facts.Nodes[n].InLoop));
        if (inLoop >= 0)
        {
            var name = facts.Builder.Modules[calls[inLoop].Module].QualifiedName;
            facts.Builder.Gaps.Add(new($"'{name}' is called in the body of a loop, and the file does not tell how often that runs", null, GraphFacts.ModuleCalls, "audit the source"));
        }
    }

    /// <summary>The fewest calls that a run makes: If has two branches, and takes one.</summary>
    private static int Least(ImmutableArray<ModuleCall> calls, int depth)
    {
        var least = calls.Count(c => c.Arms.Length <= depth);
        foreach (var branch in calls.Where(c => c.Arms.Length > depth).GroupBy(c => c.Arms[depth].Branch))
        {
            var arms = branch.GroupBy(c => c.Arms[depth].Arm).Select(arm => Least([.. arm], depth + 1)).ToList();
            least += arms.Count < 2 ? 0 : arms.Min();
        }

        return least;
    }
}
