using System.Collections.Frozen;
using System.Numerics;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Calls of Keras 2's layers: all run in the layer's one scope, whose operations come again with numbers (<c>relu/Relu</c>, <c>relu/Relu_1</c>); a weight is read once in each.</summary>
internal static class Keras2Scopes
{
    private static readonly FrozenSet<string> DataMovement = new[] { "transpose", "Transpose", "Reshape", "Shape", "strided_slice", "Squeeze", "ExpandDims", "concat", "Cast", "zeros", "ones" }.ToFrozenSet(StringComparer.Ordinal);

    public static void AddCalls(OnnxFacts facts, List<KerasScopeNode> layers, HashSet<string> weights)
    {
        var scopes = layers.GroupBy(n => string.Join('/', n.Layer), StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        var parents = scopes.Keys.Select(k => k.LastIndexOf('/') is > 0 and var at ? k[..at] : "").ToHashSet(StringComparer.Ordinal);
        var counts = new SortedDictionary<string, (List<KerasScopeNode> Calls, Certainty Certainty)>(StringComparer.Ordinal);
        foreach (var (scope, nodes) in scopes.Where(s => !IsUnrolledCell(s.Key, scopes)))
        {
            var readers = KerasScopes.Readers(facts, nodes, weights).ToList();
            if (readers.Count > 0)
            {
                if (ByWeights(facts, nodes, readers) is { } found)
                {
                    counts[scope] = found;
                }
            }
            else if (!parents.Contains(scope) && Repetitions(facts, nodes) is { Count: > 1 } repeated)
            {
                counts[scope] = (repeated, Certainty.Likely("a custom layer whose own code repeats the operation would look the same in this file"));
            }
        }

        // A container whose layers are all called as often was called that often itself. Certainty is the least of theirs.
        foreach (var container in counts.Keys.SelectMany(Containers).Distinct(StringComparer.Ordinal).ToList())
        {
            var inside = counts.Where(c => c.Key.StartsWith(container + "/", StringComparison.Ordinal)).ToList();
            var calls = inside[0].Value.Calls;
            if (calls.Count > 1 && inside.TrueForAll(c => c.Value.Calls.Count == calls.Count)
                && !scopes.Any(s => (s.Key == container || s.Key.StartsWith(container + "/", StringComparison.Ordinal)) && Joins(facts, s.Value, calls.Count) is not null))
            {
                var module = facts.Builder.FindOrAdd(container, '/');
                var certainty = inside.Count > 1 ? Certainty.Certain : Certainty.Likely("the one layer in it may be called repeatedly instead");
                calls.ForEach(c => KerasScopes.AddCall(facts, module, c, certainty));
            }
        }

        foreach (var (scope, (calls, certainty)) in counts)
        {
            var module = facts.Builder.FindOrAdd(scope, '/');
            calls.ForEach(c => KerasScopes.AddCall(facts, module, c, certainty));
        }
    }

    /// <summary>The calls of a layer with weights; null when its own code reads one weight several times in a call.</summary>
    private static (List<KerasScopeNode> Calls, Certainty Certainty)? ByWeights(OnnxFacts facts, List<KerasScopeNode> nodes, List<List<KerasScopeNode>> readers)
    {
        var calls = readers.MaxBy(r => r.Count)!;
        if (calls.Count > 1 && (readers.Exists(r => r.Count != calls.Count) || Joins(facts, nodes, calls.Count) is not null))
        {
            return null;
        }

        // Only what does something else too, and as often, is surely called as a whole.
        var isPlain = readers.Count == 1 && Compute(facts, nodes).All(g => g.Count == calls.Count && g.Exists(calls.Contains));
        return (calls, calls.Count > 1 && isPlain ? Certainty.Likely("a custom layer whose own code uses its weight repeatedly would look the same in this file") : Certainty.Certain);
    }

    /// <summary>An operation of a scope that stands there once though others come several times: it joins their results, so all of it is one call.</summary>
    private static List<KerasScopeNode>? Joins(OnnxFacts facts, List<KerasScopeNode> nodes, int calls) =>
        Compute(facts, nodes).Find(g => g.Count == 1 && calls > 1 && facts.Nodes[g[0].Index].Proto.Input.Length > 1);

    /// <summary>The operations of a scope that compute something, each with its repetitions.</summary>
    private static List<List<KerasScopeNode>> Compute(OnnxFacts facts, List<KerasScopeNode> nodes) =>
        [.. nodes.Where(n => !n.IsHelper && !DataMovement.Contains(n.Operation)).GroupBy(n => (n.Operation, facts.Nodes[n.Index].OpType)).Select(g => g.ToList())];

    /// <summary>Whether a scope is the cell of a recurrent layer that was unrolled: the layer's own operations transpose before and after it.</summary>
    private static bool IsUnrolledCell(string scope, Dictionary<string, List<KerasScopeNode>> scopes) =>
        scope.LastIndexOf('/') is > 0 and var at && KerasScopeNode.WithoutNumber(scope[(at + 1)..]).EndsWith("_cell", StringComparison.Ordinal)
        && scopes.TryGetValue(scope[..at], out var around) && around.Exists(n => n.Operation is "transpose" or "unstack" or "stack");

    private static IEnumerable<string> Containers(string layer)
    {
        for (var at = layer.IndexOf('/', StringComparison.Ordinal); at > 0; at = layer.IndexOf('/', at + 1))
        {
            yield return layer[..at];
        }
    }

    /// <summary>One node per call when every operation of the scope stands there equally often, and none feeds its own repetition.</summary>
    private static List<KerasScopeNode>? Repetitions(OnnxFacts facts, List<KerasScopeNode> nodes)
    {
        var groups = nodes.Where(n => !n.IsHelper).GroupBy(n => (n.Operation, facts.Nodes[n.Index].OpType)).Select(g => g.ToList()).ToList();
        if (groups.TrueForAll(g => DataMovement.Contains(g[0].Operation)))
        {
            return null; // recurrent layers transpose before and after their loop
        }

        var calls = groups.Select(g => g.Count).Aggregate((a, b) => (int)BigInteger.GreatestCommonDivisor(a, b));
        var isChain = groups.Exists(g =>
        {
            var outputs = g.SelectMany(n => facts.Nodes[n.Index].Proto.Output).ToHashSet(StringComparer.Ordinal);
            return g.Exists(n => facts.Nodes[n.Index].Proto.Input.Any(outputs.Contains));
        });
        return calls > 1 && !isChain ? [.. groups.MinBy(g => g.Count)!.OrderBy(n => n.Index).Take(calls)] : null;
    }
}
