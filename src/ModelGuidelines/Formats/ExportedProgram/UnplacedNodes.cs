using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Nodes that carry no module stack: in the graph of a branch or loop that was not strictly exported, in a region (no_grad, autocast) that was decomposed.</summary>
/// <remarks>What tells whose they are: the same operations on the same parameters as in a call whose place is known, or a parameter that they read.
/// Both have other readings, so such calls are Likely, and what is left is a gap.</remarks>
internal sealed class UnplacedNodes(ModelGraphBuilder builder, ProgramModules modules, CallTracker calls)
{
    /// <summary>Comparisons of nodes with those of known calls, for one program; what is left then is explained by itself.</summary>
    private const int MaxComparisons = 2_000_000;

    private readonly List<Unplaced> _nodes = [];
    private readonly Dictionary<int, KnownCall> _known = [];
    private int _comparisons;

    private sealed record Unplaced(ProgramNode Node, GraphScope Scope, SourceLocation? Location);

    /// <summary>What one call of a container runs, in order, and the last call that it makes.</summary>
    private sealed class KnownCall
    {
        public List<int> Items { get; } = [];

        public bool ReadsStates { get; set; }

        public int LastCall { get; set; }
    }

    public bool IsEmpty => _nodes.Count == 0;

    public void Add(ProgramNode node, GraphScope scope, SourceLocation? location) => _nodes.Add(new(node, scope, location));

    /// <summary>Notes a node whose place is known, for every call in which it stands.</summary>
    public void AddKnown(ProgramNode node, GraphScope scope, IEnumerable<CallTracker.Level> levels)
    {
        var (item, reads) = (ItemOf(node, scope), Array.Exists(node.Inputs, scope.States.ContainsKey));
        foreach (var level in levels.Where(l => l.Call >= 0))
        {
            if (!_known.TryGetValue(level.Call, out var known))
            {
                _known.Add(level.Call, known = new());
            }

            known.Items.Add(item);
            known.ReadsStates |= reads;
            known.LastCall = builder.Calls.Count - 1;
        }
    }

    /// <summary>Says of each node what can be said; after all nodes were seen.</summary>
    public void Resolve()
    {
        var items = _nodes.ConvertAll(n => ItemOf(n.Node, n.Scope));
        var byFirst = _known.Where(k => k.Value.ReadsStates).OrderByDescending(k => k.Value.Items.Count).ToLookup(k => k.Value.Items[0]);
        for (var i = 0; i < _nodes.Count;)
        {
            var at = i;
            var match = _comparisons > MaxComparisons ? default : byFirst[items[i]].FirstOrDefault(k => Matches(items, at, k.Value.Items));
            if (match.Value is { } known)
            {
                Repeat(match.Key, known, _nodes[i]);
                i += known.Items.Count;
                continue;
            }

            Explain(_nodes[i++]);
        }
    }

    private bool Matches(List<int> items, int start, List<int> pattern)
    {
        if (pattern.Count > items.Count - start)
        {
            return false;
        }

        for (var i = 0; i < pattern.Count; i++)
        {
            if (++_comparisons > MaxComparisons || items[start + i] != pattern[i] || !ReferenceEquals(_nodes[start + i].Scope, _nodes[start].Scope))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The call, and those that it makes, once more.</summary>
    private void Repeat(int call, KnownCall known, Unplaced at)
    {
        for (var i = call; i <= known.LastCall; i++)
        {
            builder.Calls.Add(builder.Calls[i] with
            {
                Node = at.Node.Name,
                Location = at.Location,
                Arms = at.Scope.Arms,
                Times = at.Scope.Times,
                Certainty = at.Scope.Certainty.And(Certainty.Likely("no module stack shows the call, only that the same operations read the same parameters")),
            });
        }
    }

    private void Explain(Unplaced item)
    {
        var (node, scope, location) = item;
        if (CalledFunction.Of(node) is not { } function || OperationTable.Find(function.Name) is not { Category: OperationCategory.Module or OperationCategory.AimetModule } info)
        {
            return;
        }

        var hides = info.Category is OperationCategory.Module ? GraphFacts.Operations | GraphFacts.ModuleCalls : GraphFacts.ModuleCalls;
        if (modules.ReaderOf(node, scope.States) is var (module, states))
        {
            calls.EnterUnplaced(scope.Calls, modules.UnplacedCall(module, states[0], node, location, scope), node.Target, states);
            hides &= GraphFacts.Operations;
        }

        var where = scope.Name.Length == 0 ? "the program" : $"the graph '{scope.Name}'";
        builder.Gaps.Add(new($"'{function.Name}' of {where} carries no module stack: it may be a function's or a module's", location, hides, "export with strict=True, or audit the source"));
    }

    private static int ItemOf(ProgramNode node, GraphScope scope)
    {
        var hash = new HashCode();
        hash.Add(node.Target, StringComparer.Ordinal);
        hash.Add(node.Constants);
        foreach (var input in node.Inputs)
        {
            hash.Add(scope.States.GetValueOrDefault(input), StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
