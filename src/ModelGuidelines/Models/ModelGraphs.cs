using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>Several graphs of one file as one.</summary>
public static class ModelGraphs
{
    /// <summary>One graph that holds them all, each with a root of its own; a single one stays as it is.</summary>
    /// <param name="graphs">Not empty; names tell the roots apart (<see cref="ModelModule.Model"/>).</param>
    public static ModelGraph Join(IReadOnlyList<(string Name, ModelGraph Graph)> graphs)
    {
        if (graphs.Count == 1)
        {
            return graphs[0].Graph;
        }

        var (modules, calls, operations, interfaces, nodes) = (new List<ModelModule>(), new List<ModuleCall>(), new List<Operation>(), new List<ModuleInterface>(), new List<GraphNode>());
        var branches = 0;
        foreach (var (name, graph) in graphs)
        {
            var first = modules.Count;
            var shift = branches;
            BranchArm Move(BranchArm arm)
            {
                branches = Math.Max(branches, arm.Branch + shift + 1);
                return arm with { Branch = arm.Branch + shift };
            }

            modules.AddRange(graph.Modules.Select(m => m with { Parent = m.Parent + first, Model = m.Model ?? name }));
            calls.AddRange(graph.Calls.Select(c => c with { Module = c.Module + first, Caller = c.Caller + first, Arms = [.. c.Arms.Select(Move)] }));
            operations.AddRange(graph.Operations.Select(o => o with { Module = o.Module + first }));
            interfaces.AddRange(graph.Interfaces.Select(i => i with { Module = i.Module + first }));
            nodes.AddRange(graph.Nodes.Select(n => n with { Module = n.Module + first, Graph = n.Graph.Length == 0 ? name : $"{name}/{n.Graph}" }));
        }

        Evidence Weakest(Func<GraphEvidence, Evidence> of) => graphs.Select(g => of(g.Graph.Evidence)).MinBy(e => e.Completeness)!;
        return graphs[0].Graph with
        {
            Modules = [.. modules],
            Calls = [.. calls],
            Operations = [.. operations],
            Interfaces = [.. interfaces],
            Nodes = [.. nodes],
            Gaps = [.. graphs.SelectMany(g => g.Graph.Gaps)],
            Suppressions = [.. graphs.SelectMany(g => g.Graph.Suppressions)],
            Evidence = new()
            {
                ModuleCalls = Weakest(e => e.ModuleCalls),
                Operations = Weakest(e => e.Operations),
                RootInterface = Weakest(e => e.RootInterface),
                SubmoduleInterfaces = Weakest(e => e.SubmoduleInterfaces),
                Construction = Weakest(e => e.Construction),
            },
        };
    }
}
