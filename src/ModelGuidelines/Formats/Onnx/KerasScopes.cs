using System.Collections.Frozen;
using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Evidence of tf2onnx: node names are TensorFlow's, <c>model/encoder/dense/MatMul_1</c>, and weights keep one name however often they are read.</summary>
/// <remarks>Keras 2 runs every call of a layer in one scope and numbers the operations (<c>relu/Relu</c>, <c>relu/Relu_1</c>); Keras 3 opens a
/// numbered scope for each call (<c>relu_1</c>, <c>relu_3</c>), which another layer's name may equal: there only a shared weight is firm.</remarks>
internal static class KerasScopes
{
    /// <summary>Scopes that operations open inside a layer.</summary>
    private static readonly FrozenSet<string> OperationScopes = new[]
    {
        "moments", "batchnorm", "embedding_lookup", "Tensordot", "while", "PartitionedCall", "strided_slice", "zeros", "ones", "l2_normalize", "einsum", "Cast", "ReadVariableOp", "BiasAdd", "MatMul", "Conv2D", "GatherV2",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> DataMovement = new[] { "transpose", "Transpose", "Reshape", "Shape", "strided_slice", "Squeeze", "ExpandDims", "concat", "Cast", "zeros" }.ToFrozenSet(StringComparer.Ordinal);

    public static GraphEvidence Collect(OnnxFacts facts)
    {
        var nodes = facts.Nodes.Select((n, i) => KerasNode.Parse(n, i)).OfType<KerasNode>().ToList();
        var layers = nodes.Where(n => n.Layer.Length > 0).Concat(RecurrentNodes(facts, nodes)).ToList();
        if (layers.Count == 0)
        {
            return GraphEvidence.AllAbsent("the node names carry no layer scopes; audit the Keras file itself (.keras, .h5, SavedModel)");
        }

        // A call's number stands in every scope of Keras 3, in none but repeated names of Keras 2.
        var isKeras3 = layers.TrueForAll(n => IsNumbered(n.Layer[0]));
        if (isKeras3)
        {
            // Scopes without a number are operations' own.
            layers = layers.ConvertAll(n => n with { Layer = [.. n.Layer.TakeWhile(IsNumbered)] });
        }

        var weights = facts.Model.Graph.Initializers.Where(w => w.Dimensions.Length >= 2 && w.DataType is 1 or 10 or 11 or 16).Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in layers)
        {
            facts.NodeModules[node.Index] = facts.Builder.FindOrAdd(NameOf(node.Layer, node.Layer.Length, isKeras3), '/');
        }

        if (isKeras3)
        {
            AddSharedWeights(facts, layers, weights);
        }
        else
        {
            AddRepeatedOperations(facts, layers, weights);
        }

        return new()
        {
            ModuleCalls = Evidence.BlindSpots(isKeras3
                ? "Keras 3 gives each call a numbered scope that another layer's name may equal, so reuse of layers without weights does not show; audit the .keras file"
                : "operations that tf2onnx merges or folds leave no trace; audit the .keras or .h5 file"),
            Construction = Evidence.Absent("ONNX keeps no sign of whether a Keras model was subclassed; audit the .keras, .h5 or SavedModel file"),
        };
    }

    /// <summary>tf2onnx fuses a recurrent layer's loop into one node without a scope; the layer's own transposition feeds it.</summary>
    private static IEnumerable<KerasNode> RecurrentNodes(OnnxFacts facts, List<KerasNode> nodes)
    {
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            foreach (var output in facts.Nodes[i].Proto.Output)
            {
                producers.TryAdd(output, i);
            }
        }

        var byIndex = nodes.ToDictionary(n => n.Index);
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            var proto = facts.Nodes[i].Proto;
            if (proto.OpType is "LSTM" or "GRU" or "RNN" && !byIndex.ContainsKey(i) && proto.Input.Count > 0 && producers.TryGetValue(proto.Input[0], out var feeder)
                && byIndex.TryGetValue(feeder, out var scoped) && scoped.Operation == "transpose")
            {
                yield return scoped with { Index = i, Operation = proto.OpType };
            }
        }
    }

    private static bool IsNumbered(string scope) => KerasNode.WithoutNumber(scope) != scope;

    private static string NameOf(string[] layer, int depth, bool isKeras3) =>
        string.Join('/', layer.Take(depth).Select(s => isKeras3 ? KerasNode.WithoutNumber(s) : s));

    /// <summary>Keras 3: one weight read in several scopes. The outermost scope in which two readers differ is what was called again.</summary>
    private static void AddSharedWeights(OnnxFacts facts, List<KerasNode> layers, HashSet<string> weights)
    {
        var calls = new SortedDictionary<string, SortedDictionary<string, KerasNode>>(StringComparer.Ordinal);
        var aliases = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var readers in Readers(facts, layers, weights))
        {
            var first = readers[0];
            foreach (var reader in readers.Skip(1).Where(r => !r.Layer.AsSpan().SequenceEqual(first.Layer)))
            {
                if (KerasNode.WithoutNumber(reader.Layer[^1]) != KerasNode.WithoutNumber(first.Layer[^1]))
                {
                    continue; // weights tied on purpose, or equal ones merged
                }

                var depth = 0;
                while (depth < first.Layer.Length && depth < reader.Layer.Length && first.Layer[depth] == reader.Layer[depth])
                {
                    depth++;
                }

                depth = Math.Min(depth + 1, Math.Min(first.Layer.Length, reader.Layer.Length));
                var (name, other) = (NameOf(first.Layer, depth, isKeras3: true), NameOf(reader.Layer, depth, isKeras3: true));
                if (name != other)
                {
                    // Held by two containers: the layer itself, under two names.
                    (name, other) = (NameOf(first.Layer, first.Layer.Length, isKeras3: true), NameOf(reader.Layer, reader.Layer.Length, isKeras3: true));
                    depth = int.MaxValue;
                    (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(aliases, name, out _) ??= []).Add(other);
                }

                var known = calls.TryGetValue(name, out var list) ? list : calls[name] = new(StringComparer.Ordinal);
                known.TryAdd(string.Join('/', first.Layer.Take(depth)), first);
                known.TryAdd(string.Join('/', reader.Layer.Take(depth)), reader);
            }
        }

        foreach (var (name, scopes) in calls)
        {
            var module = facts.Builder.FindOrAdd(name, '/');
            if (aliases.TryGetValue(name, out var others))
            {
                facts.Builder.Modules[module] = facts.Builder.Modules[module] with { Aliases = [.. others.Order(StringComparer.Ordinal)] };
            }

            foreach (var node in scopes.Values.OrderBy(n => n.Index))
            {
                AddCall(facts, module, node, Certainty.Certain);
            }
        }
    }

    /// <summary>Keras 2: the operations of one scope come again with numbers; a weight is read once in each call.</summary>
    private static void AddRepeatedOperations(OnnxFacts facts, List<KerasNode> layers, HashSet<string> weights)
    {
        var scopes = layers.GroupBy(n => string.Join('/', n.Layer), StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        var parents = scopes.Keys.Select(k => k.LastIndexOf('/') is > 0 and var at ? k[..at] : "").ToHashSet(StringComparer.Ordinal);
        var counts = new SortedDictionary<string, (List<KerasNode> Calls, Certainty Certainty)>(StringComparer.Ordinal);
        foreach (var (scope, nodes) in scopes)
        {
            var readers = Readers(facts, nodes, weights).MaxBy(r => r.Count);
            if (readers is { Count: > 0 })
            {
                counts[scope] = (readers, Certainty.Certain);
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
            if (calls.Count > 1 && inside.TrueForAll(c => c.Value.Calls.Count == calls.Count))
            {
                var module = facts.Builder.FindOrAdd(container, '/');
                var certainty = inside.Count > 1 ? Certainty.Certain : Certainty.Likely("the one layer in it may be called repeatedly instead");
                calls.ForEach(c => AddCall(facts, module, c, certainty));
            }
        }

        foreach (var (scope, (calls, certainty)) in counts)
        {
            var module = facts.Builder.FindOrAdd(scope, '/');
            calls.ForEach(c => AddCall(facts, module, c, certainty));
        }
    }

    private static IEnumerable<string> Containers(string layer)
    {
        for (var at = layer.IndexOf('/', StringComparison.Ordinal); at > 0; at = layer.IndexOf('/', at + 1))
        {
            yield return layer[..at];
        }
    }

    /// <summary>The nodes that read each weight with the same operator, one list per weight.</summary>
    private static IEnumerable<List<KerasNode>> Readers(OnnxFacts facts, List<KerasNode> nodes, HashSet<string> weights) => nodes
        .SelectMany(n => facts.Nodes[n.Index].Proto.Input.Where(weights.Contains).Select(w => (Weight: w, Node: n)))
        .GroupBy(p => (p.Weight, facts.Nodes[p.Node.Index].OpType))
        .Select(g => g.Select(p => p.Node).OrderBy(n => n.Index).ToList());

    /// <summary>One node per call when every operation of the scope stands there equally often, and none feeds its own repetition.</summary>
    private static List<KerasNode>? Repetitions(OnnxFacts facts, List<KerasNode> nodes)
    {
        var groups = nodes.Where(n => !n.IsHelper).GroupBy(n => (n.Operation, facts.Nodes[n.Index].OpType)).Select(g => g.ToList()).ToList();
        if (groups.TrueForAll(g => DataMovement.Contains(g[0].Operation)))
        {
            return null; // recurrent layers transpose before and after their loop
        }

        var calls = groups.Select(g => g.Count).Aggregate((a, b) => (int)System.Numerics.BigInteger.GreatestCommonDivisor(a, b));
        var isChain = groups.Exists(g =>
        {
            var outputs = g.SelectMany(n => facts.Nodes[n.Index].Proto.Output).ToHashSet(StringComparer.Ordinal);
            return g.Exists(n => facts.Nodes[n.Index].Proto.Input.Any(outputs.Contains));
        });
        return calls > 1 && !isChain ? [.. groups.MinBy(g => g.Count)!.OrderBy(n => n.Index).Take(calls)] : null;
    }

    private static void AddCall(OnnxFacts facts, int module, KerasNode node, Certainty certainty) => facts.AddCall(new()
    {
        Module = module,
        Caller = facts.Builder.Modules[module].Parent,
        Node = facts.Nodes[node.Index].Name,
        Certainty = certainty,
    }, [node.Index]);

    /// <summary>A node's name taken apart.</summary>
    /// <param name="Index">Of the node.</param>
    /// <param name="Layer">The scopes below the model's own, down to the layer's.</param>
    /// <param name="Operation">The operation's name without its number.</param>
    /// <param name="IsHelper">Whether tf2onnx made it beside an operation of the model.</param>
    private sealed record KerasNode(int Index, string[] Layer, string Operation, bool IsHelper)
    {
        public static KerasNode? Parse(OnnxNode node, int index)
        {
            var name = node.Name;
            var isHelper = false;
            if (name.LastIndexOf("__", StringComparison.Ordinal) is > 0 and var at && int.TryParse(name.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                name = name[..at];
                isHelper = true;
            }

            var parts = name.Split('/');
            if (parts.Length < 3)
            {
                return null;
            }

            var end = parts.Length - 1;
            for (var i = 1; i < end; i++)
            {
                if (i > 1 && OperationScopes.Contains(WithoutNumber(parts[i])))
                {
                    end = i;
                }
            }

            return new(index, parts[1..end], WithoutNumber(parts[^1]), isHelper);
        }

        public static string WithoutNumber(string name) =>
            name.LastIndexOf('_') is > 0 and var at && at < name.Length - 1 && name.AsSpan(at + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..at] : name;
    }
}
