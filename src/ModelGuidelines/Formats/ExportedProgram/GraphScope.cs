using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>What holds for all nodes of one graph.</summary>
/// <param name="Name">Of the graph; "" is the program's own.</param>
/// <param name="Calls">The calls of modules in it.</param>
/// <param name="Stack">The modules in which the graph stands.</param>
/// <param name="Arms">The branches in which it stands.</param>
/// <param name="Times">How often it runs.</param>
/// <param name="Certainty">Whether it runs.</param>
/// <param name="States">Parameters and buffers by the names that they have in it.</param>
internal sealed record GraphScope(
    string Name, CallTracker.Frame Calls, ImmutableArray<StackEntry> Stack, ImmutableArray<BranchArm> Arms, int Times, Certainty Certainty, IReadOnlyDictionary<string, string> States)
{
    private const string BranchDoubt = "it stands in a branch that the input decides";
    private const string LoopDoubt = "it stands in a loop whose length the input decides, and two rounds are assumed";

    /// <summary>The scope of a graph that a higher-order operator of this one is handed.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="index">Which of its graphs.</param>
    /// <param name="stack">The modules in which the operator stands.</param>
    /// <param name="branch">A number of its own, for a branch.</param>
    public GraphScope Within(ProgramNode node, int index, ImmutableArray<StackEntry> stack, int branch)
    {
        var kind = HigherOrderOperator.Of(node.Target);
        var name = node.Name ?? node.Outputs.FirstOrDefault() ?? CalledFunction.ShortTarget(node.Target);
        return new(
            $"{(Name.Length == 0 ? "" : Name + "/")}{name}.{index}",
            kind is HigherOrderKind.Once ? Calls : CallTracker.Open(Calls), // once: the nodes were moved into a graph of their own after tracing, so calls go on across its border
            stack,
            kind is HigherOrderKind.Branch ? Arms.Add(new(branch, index)) : Arms,
            kind is HigherOrderKind.Loop ? 2 : Times,
            kind switch
            {
                HigherOrderKind.Branch => Certainty.And(Certainty.Likely(BranchDoubt)),
                HigherOrderKind.Loop => Certainty.And(Certainty.Likely(LoopDoubt)),
                _ => Certainty,
            },
            ProgramModules.StatesWithin(node.Graphs[index], node, States));
    }
}
