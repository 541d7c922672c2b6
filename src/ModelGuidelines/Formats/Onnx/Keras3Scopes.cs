using System.Runtime.InteropServices;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Calls of Keras 3's layers: each enters the layer's scope twice, and TensorFlow numbers what is taken. <c>relu</c> runs in <c>relu_1</c>, its second
/// call in <c>relu_3</c>; a layer of the name <c>relu_1</c> runs in <c>relu_1_1</c> or <c>relu_1_2</c>. So a scope without its last number is its layer's name.</summary>
/// <remarks>Source: Layer.__call__ and Operation.__call__ of keras.src, FuncGraph.unique_name of TensorFlow.</remarks>
internal static class Keras3Scopes
{
    public static string NameOf(string[] layer, int depth) => string.Join('/', layer.Take(depth).Select(KerasScopeNode.WithoutNumber));

    public static void AddCalls(OnnxFacts facts, List<KerasScopeNode> layers, HashSet<string> weights)
    {
        var shared = SharedWeights(facts, layers, weights);
        foreach (var (name, (scopes, certainty, others)) in Numbered(facts, layers, weights).Where(n => !shared.ContainsKey(n.Key)).Concat(shared).OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            var module = facts.Builder.FindOrAdd(name, '/');
            if (others.Count > 0)
            {
                facts.Builder.Modules[module] = facts.Builder.Modules[module] with { Aliases = [.. others.Order(StringComparer.Ordinal)] };
            }

            foreach (var node in scopes.OrderBy(n => n.Index))
            {
                KerasScopes.AddCall(facts, module, node, certainty);
            }
        }
    }

    /// <summary>One weight read in several scopes. The outermost scope in which two readers differ is what was called again.</summary>
    private static Dictionary<string, Reused> SharedWeights(OnnxFacts facts, List<KerasScopeNode> layers, HashSet<string> weights)
    {
        var calls = new Dictionary<string, (Dictionary<string, KerasScopeNode> Scopes, HashSet<string> Others)>(StringComparer.Ordinal);
        foreach (var readers in KerasScopes.Readers(facts, layers, weights))
        {
            var first = readers[0];
            foreach (var reader in readers.Skip(1).Where(r => !r.Layer.AsSpan().SequenceEqual(first.Layer)))
            {
                if (KerasScopeNode.WithoutNumber(reader.Layer[^1]) != KerasScopeNode.WithoutNumber(first.Layer[^1]))
                {
                    continue; // weights tied on purpose, or equal ones merged
                }

                var depth = 0;
                while (depth < first.Layer.Length && depth < reader.Layer.Length && first.Layer[depth] == reader.Layer[depth])
                {
                    depth++;
                }

                depth = Math.Min(depth + 1, Math.Min(first.Layer.Length, reader.Layer.Length));
                var (name, other) = (NameOf(first.Layer, depth), NameOf(reader.Layer, depth));
                var isInTwo = name != other;
                if (isInTwo)
                {
                    // Held by two containers: the layer itself, under two names.
                    (name, other) = (NameOf(first.Layer, first.Layer.Length), NameOf(reader.Layer, reader.Layer.Length));
                    depth = int.MaxValue;
                }

                if (!calls.TryGetValue(name, out var known))
                {
                    calls[name] = known = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
                }

                if (isInTwo)
                {
                    known.Others.Add(other);
                }

                known.Scopes.TryAdd(string.Join('/', first.Layer.Take(depth)), first);
                known.Scopes.TryAdd(string.Join('/', reader.Layer.Take(depth)), reader);
            }
        }

        return calls.ToDictionary(c => c.Key, c => new Reused([.. c.Value.Scopes.Values], Certainty.Certain, c.Value.Others), StringComparer.Ordinal);
    }

    /// <summary>Scopes beside each other that differ in their number only: calls of one layer, unless they read different weights.</summary>
    private static Dictionary<string, Reused> Numbered(OnnxFacts facts, List<KerasScopeNode> layers, HashSet<string> weights)
    {
        var firsts = new Dictionary<(string Parent, string Name), Dictionary<string, KerasScopeNode>>();
        var read = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var node in layers)
        {
            for (var depth = 1; depth <= node.Layer.Length; depth++)
            {
                var parent = string.Join('/', node.Layer.Take(depth - 1));
                ref var scopes = ref CollectionsMarshal.GetValueRefOrAddDefault(firsts, (parent, KerasScopeNode.WithoutNumber(node.Layer[depth - 1])), out _);
                (scopes ??= new(StringComparer.Ordinal)).TryAdd(node.Layer[depth - 1], node);
                ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(read, $"{parent}/{node.Layer[depth - 1]}", out _);
                (own ??= new(StringComparer.Ordinal)).UnionWith(facts.Nodes[node.Index].Proto.Input.Where(weights.Contains));
            }
        }

        var result = new Dictionary<string, Reused>(StringComparer.Ordinal);
        foreach (var ((parent, name), scopes) in firsts.Where(f => f.Value.Count > 1))
        {
            if (scopes.Keys.Select(s => read[$"{parent}/{s}"]).Where(w => w.Count > 0).Distinct(HashSet<string>.CreateSetComparer()).Count() < 2)
            {
                var holder = parent.Length == 0 ? "" : NameOf(parent.Split('/'), int.MaxValue) + "/";
                result.TryAdd(holder + name, new(scopes.Values, Certainty.Likely("two layers of one name, as a subclassed model may have them, would look the same"), []));
            }
        }

        return result;
    }

    /// <summary>A layer's calls, one node each, and its names in other containers.</summary>
    private sealed record Reused(IReadOnlyCollection<KerasScopeNode> Scopes, Certainty Certainty, HashSet<string> Others);
}
