using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Further calls that have no scope of their own. An export of a scripted module gives them none: a leaf's second call stands in the scope of its first
/// (<c>/block/conv/Conv_1</c>), and a container's second call loses the scopes inside (<c>/encoder/Conv</c> reads <c>encoder.conv1.weight</c>).</summary>
/// <remarks>Only the order of nodes tells them, so files that a tool has sorted anew are left out.</remarks>
internal static class RepeatedScopes
{
    /// <summary>Moves nodes of further calls to the modules that they are calls of; to be asked before suffixes are decided.</summary>
    /// <returns>For each module's scope the nodes of its further calls.</returns>
    public static Dictionary<Scope, List<List<int>>> Find(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights)
    {
        var further = new Dictionary<Scope, List<List<int>>>();
        if (facts.IsReordered)
        {
            return further;
        }

        var scopeOf = new Scope?[facts.Nodes.Count];
        foreach (var scope in scopes.Owners)
        {
            scope.Nodes.ForEach(n => scopeOf[n] = scope);
        }

        foreach (var container in scopes.Owners.Where(s => s.Parent is not null && s.Children.Count > 0).ToList())
        {
            FindFlattened(facts, container, weights, scopeOf, further);
        }

        // A scope whose name may be another module's second call holds both: suffixes decide.
        var next = NextOfLeaf(facts, scopeOf);
        foreach (var leaf in scopes.Owners.Where(s => s.Parent is not null && s.Children.Count == 0 && s.Nodes.Count > 1 && (s.Suffix == 0 || scopes.Find(s.BaseDisplay!) is null)))
        {
            FindInterrupted(facts, leaf, next, further);
        }

        scopes.Owners.RemoveAll(s => s.Nodes.Count == 0);
        return further;
    }

    /// <summary>The container's whole pattern over again, all of it in its own scope.</summary>
    private static void FindFlattened(OnnxFacts facts, Scope container, OnnxWeights weights, Scope?[] scopeOf, Dictionary<Scope, List<List<int>>> further)
    {
        var inside = Below(container).SelectMany(s => s.Nodes).Order().ToList();
        var all = inside.Where(n => !IsConstant(facts.Nodes[n])).ToList();
        if (!container.Nodes.Exists(n => ReadsBelow(facts.Nodes[n], container, weights)))
        {
            return;
        }

        var keys = all.ConvertAll(n => $"{OnnxFacts.Pattern(facts.Nodes[n])}|{string.Join('|', facts.Nodes[n].Proto.Input.Select(weights.Find).OfType<OnnxInitializer>().Where(w => w.Dimensions.Length > 0).Select(w => w.Name))}");
        var period = Repetition.Period(keys);
        if (period == all.Count || all.Skip(period).Any(n => scopeOf[n] != container))
        {
            return;
        }

        for (var start = period; start < all.Count; start += period)
        {
            var groups = new Dictionary<Scope, List<int>>();
            for (var i = 0; i < period; i++)
            {
                if (scopeOf[all[i]] is { } scope && scope != container)
                {
                    var node = all[start + i];
                    (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(groups, scope, out _) ??= []).Add(node);
                    container.Nodes.Remove(node);
                    scopeOf[node] = scope;
                }
            }

            foreach (var (scope, nodes) in groups)
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(further, scope, out _) ??= []).Add(nodes);
            }
        }
    }

    /// <summary>A module without submodules runs no other module's nodes: where others stand between equal ones of its own, it was called again.</summary>
    private static void FindInterrupted(OnnxFacts facts, Scope leaf, int[] next, Dictionary<Scope, List<List<int>>> further)
    {
        var runs = new List<List<int>> { new() };
        var before = -1;
        foreach (var node in leaf.Nodes.Where(n => !IsConstant(facts.Nodes[n])))
        {
            if (before >= 0 && next[before + 1] < node)
            {
                runs.Add([]);
            }

            runs[^1].Add(node);
            before = node;
        }

        if (runs.Count < 2 || runs.Skip(1).Any(r => facts.PatternOf(r) != facts.PatternOf(runs[0])) || facts.PatternOf(runs[0]).Length == 0)
        {
            return;
        }

        leaf.Nodes.RemoveAll(n => n > runs[0][^1]);
        foreach (var run in runs.Skip(1))
        {
            (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(further, leaf, out _) ??= []).Add(run);
        }
    }

    /// <summary>For each node the next one, itself included, that a module without submodules runs.</summary>
    private static int[] NextOfLeaf(OnnxFacts facts, Scope?[] scopeOf)
    {
        var next = new int[facts.Nodes.Count + 1];
        next[^1] = int.MaxValue;
        for (var n = facts.Nodes.Count - 1; n >= 0; n--)
        {
            next[n] = scopeOf[n] is { Parent: not null, Children.Count: 0 } && !IsConstant(facts.Nodes[n]) ? n : next[n + 1];
        }

        return next;
    }

    private static bool ReadsBelow(OnnxNode node, Scope container, OnnxWeights weights) =>
        node.Proto.Input.Any(i => weights.IsNamed(i) && OnnxWeights.Owner(i).StartsWith($"{container.RealName}.", StringComparison.Ordinal));

    private static bool IsConstant(OnnxNode node) => node.OpType is "Constant";

    private static IEnumerable<Scope> Below(Scope scope)
    {
        var pending = new Stack<Scope>([scope]);
        while (pending.TryPop(out var next))
        {
            yield return next;
            next.Children.ForEach(pending.Push);
        }
    }
}
