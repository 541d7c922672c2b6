using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Further calls that have no scope of their own. An export of a scripted module gives them none: a leaf's second call stands in the scope of its first
/// (<c>/block/conv/Conv_1</c>), and a container's second call loses the scopes inside (<c>/encoder/Conv</c> reads <c>encoder.conv1.weight</c>).</summary>
/// <remarks>Only the order of nodes tells them, so files that a tool has sorted anew are left out.</remarks>
internal static class RepeatedScopes
{
    /// <summary>Moves nodes of further calls, and of further objects of a class, to the modules that they belong to; to be asked before suffixes are decided.</summary>
    /// <returns>For each module's scope the nodes of its further calls, and whether the file shows that a scripted module was exported.</returns>
    public static (Dictionary<Scope, List<(List<int> Nodes, Certainty Certainty)>> Further, bool IsScripted) Find(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights)
    {
        var further = new Dictionary<Scope, List<(List<int> Nodes, Certainty Certainty)>>();
        var isNamedByScript = ScriptedNames.Tell(facts, scopes);
        if (facts.IsReordered)
        {
            return (further, isNamedByScript);
        }

        var scopeOf = new Scope?[facts.Nodes.Count];
        foreach (var scope in scopes.Owners)
        {
            scope.Nodes.ForEach(n => scopeOf[n] = scope);
        }

        var isScripted = PlaceObjects(facts, scopes, weights, scopeOf) || isNamedByScript;
        foreach (var container in scopes.Owners.Where(s => s.Parent is not null && s.Children.Count > 0 && s.Nodes.Count > 0).ToList())
        {
            FindFlattened(facts, container, weights, scopeOf, further, isNamedByScript);
        }

        foreach (var scope in scopes.Owners.Where(s => s.Suffix > 0 && s.Children.Count == 0 && scopes.Find(s.BaseDisplay!) is { Children.Count: > 0 }).ToList())
        {
            FindFlattenedBeside(facts, scopes.Find(scope.BaseDisplay!)!, scope, weights, scopeOf, further);
        }

        // A scope whose name may be another module's second call holds both: suffixes decide.
        var next = NextOfLeaf(facts, scopeOf);
        foreach (var leaf in scopes.Owners.Where(s => s.Parent is not null && s.Children.Count == 0 && s.Nodes.Count > 1 && (s.Suffix == 0 || scopes.Find(s.BaseDisplay!) is null)))
        {
            FindInterrupted(facts, leaf, next, further);
        }

        scopes.Owners.RemoveAll(s => s.Nodes.Count == 0);
        return (further, isScripted || further.Count > 0);
    }

    /// <summary>A scripted model keeps the scopes inside the first object of a class only: another object's nodes stand in its own scope,
    /// and are placed as those of the first that computes the same from weights of the same names.</summary>
    private static bool PlaceObjects(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights, Scope?[] scopeOf)
    {
        var flat = scopes.Owners.FindAll(s => s.Parent is not null && s.Children.Count == 0 && s.Nodes.Exists(n => ReadsBelow(facts.Nodes[n], s, weights))).OrderBy(s => s.Nodes[0]).ToList();
        if (flat.Count == 0)
        {
            return false;
        }

        var first = new Dictionary<string, Scope>(StringComparer.Ordinal);
        foreach (var scope in scopes.All.Where(s => s.Parent is not null && s.Children.Count > 0))
        {
            first.TryAdd(Key(facts, Whole(facts, scope), scope, weights), scope);
        }

        var found = false;
        foreach (var scope in flat)
        {
            var nodes = Whole(facts, scope);
            if (!first.TryGetValue(Key(facts, nodes, scope, weights), out var like))
            {
                continue;
            }

            found = true;
            foreach (var (node, twin) in nodes.Zip(Whole(facts, like)).ToList())
            {
                if (scopeOf[twin] is not { } place || place == like)
                {
                    continue;
                }

                // A Sequential's name is part of its modules' names.
                var inside = place.Display[(like.Display.Length + 1)..];
                inside = inside.StartsWith($"{like.Part}.", StringComparison.Ordinal) ? scope.Part + inside[like.Part.Length..] : inside;
                scope.Nodes.Remove(node);
                scopes.Place(facts, $"{scope.Display}/{inside}", node);
                scopeOf[node] = scopes.Find($"{scope.Display}/{inside}");
            }
        }

        return found;
    }

    /// <summary>The nodes in and below a scope that compute something, in order.</summary>
    private static List<int> Whole(OnnxFacts facts, Scope scope) => [.. Below(scope).SelectMany(s => s.Nodes).Where(n => !IsConstant(facts.Nodes[n])).Order()];

    /// <summary>What nodes compute, with the names that their weights have within the module.</summary>
    private static string Key(OnnxFacts facts, List<int> nodes, Scope scope, OnnxWeights weights)
    {
        var prefix = scope.RealName + ".";
        return string.Join('\n', nodes.Select(n => $"{facts.Nodes[n].OpType}|{string.Join('|', facts.Nodes[n].Proto.Input.Where(i => weights.IsNamed(i) && i.StartsWith(prefix, StringComparison.Ordinal)).Select(i => i[prefix.Length..]))}"));
    }

    /// <summary>The container's whole pattern over again, all of it in its own scope.</summary>
    private static void FindFlattened(OnnxFacts facts, Scope container, OnnxWeights weights, Scope?[] scopeOf, Dictionary<Scope, List<(List<int> Nodes, Certainty Certainty)>> further, bool isNamedByScript)
    {
        // Without weights, what stands in a container's scope may be its own functions; a Sequential has none.
        var readsBelow = container.Nodes.Exists(n => ReadsBelow(facts.Nodes[n], container, weights));
        if (!readsBelow && !(isNamedByScript && container.Children.TrueForAll(c => ScriptedNames.IsNumber(c.Part)))
            && !container.Nodes.Exists(n => Array.Exists(facts.Nodes[n].Proto.Input, i => weights.Find(i) is { Dimensions.Length: > 1 })))
        {
            return;
        }

        var all = Whole(facts, container);
        var period = Repetition.Period(all.ConvertAll(n => KeyWithWeights(facts.Nodes[n], weights)));
        if (period == all.Count || all.Skip(period).Any(n => scopeOf[n] != container))
        {
            return;
        }

        // A function may be handed a module's weight as well, one function at least.
        var certainty = readsBelow && (isNamedByScript || period > 1) ? Certainty.Certain : Certainty.Likely($"functions that '{container.RealName}' calls itself would look the same in this file");
        for (var start = period; start < all.Count; start += period)
        {
            MoveInside(container, container, all[..period], all.GetRange(start, period), scopeOf, further, certainty);
        }
    }

    /// <summary>A container that calls functions too: its further call stands in a scope with a number, the nodes of the modules inside among its own.</summary>
    private static void FindFlattenedBeside(OnnxFacts facts, Scope container, Scope call, OnnxWeights weights, Scope?[] scopeOf, Dictionary<Scope, List<(List<int> Nodes, Certainty Certainty)>> further)
    {
        var all = Whole(facts, container);
        var again = Whole(facts, call);
        if (all.Count == 0 || again.Count % all.Count != 0 || again.Where((n, i) => KeyWithWeights(facts.Nodes[n], weights) != KeyWithWeights(facts.Nodes[all[i % all.Count]], weights)).Any())
        {
            return;
        }

        var certainty = again.Exists(n => ReadsBelow(facts.Nodes[n], container, weights))
            ? Certainty.Certain
            : Certainty.Likely($"a separate module '{call.RealName}' that computes the same would look the same in this file");
        for (var start = 0; start < again.Count; start += all.Count)
        {
            MoveInside(container, call, all, again.GetRange(start, all.Count), scopeOf, further, certainty);
        }
    }

    /// <summary>Nodes of a further call go to the modules inside that compute the same in the first call.</summary>
    private static void MoveInside(
        Scope container, Scope from, List<int> first, List<int> again, Scope?[] scopeOf, Dictionary<Scope, List<(List<int> Nodes, Certainty Certainty)>> further, Certainty certainty)
    {
        var groups = new Dictionary<Scope, List<int>>();
        foreach (var (like, node) in first.Zip(again))
        {
            if (scopeOf[like] is { } scope && scope != container)
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(groups, scope, out _) ??= []).Add(node);
                from.Nodes.Remove(node);
                scopeOf[node] = scope;
            }
        }

        foreach (var (scope, nodes) in groups)
        {
            (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(further, scope, out _) ??= []).Add((nodes, certainty));
        }
    }

    private static string KeyWithWeights(OnnxNode node, OnnxWeights weights) =>
        $"{OnnxFacts.Pattern(node)}|{string.Join('|', node.Proto.Input.Select(weights.Find).OfType<OnnxInitializer>().Where(w => w.Dimensions.Length > 0).Select(w => w.Name))}";

    /// <summary>A module without submodules runs no other module's nodes: where others stand between equal ones of its own, it was called again.</summary>
    private static void FindInterrupted(OnnxFacts facts, Scope leaf, int[] next, Dictionary<Scope, List<(List<int> Nodes, Certainty Certainty)>> further)
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
            (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(further, leaf, out _) ??= []).Add((run, Certainty.Certain));
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

    private static bool ReadsBelow(OnnxNode node, Scope container, OnnxWeights weights)
    {
        var inputs = node.Proto.Input;
        var name = container.RealName;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (weights.OwnerOf(inputs[i]) is { } owner && owner.Length > name.Length && owner[name.Length] == '.' && owner.StartsWith(name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

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
