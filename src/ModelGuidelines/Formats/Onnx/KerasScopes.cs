using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Evidence of tf2onnx: node names are TensorFlow's, <c>model/encoder/dense/MatMul_1</c>, and weights keep one name however often they are read.</summary>
/// <remarks>Keras runs a model in one scope of its name; a program of plain TensorFlow names its scopes as it likes, and they are no layers.
/// How a second call shows differs by generation: <see cref="Keras2Scopes"/>, <see cref="Keras3Scopes"/>.</remarks>
internal static class KerasScopes
{
    public static GraphEvidence Collect(OnnxFacts facts)
    {
        if (WhyNotKeras(facts) is { } reason)
        {
            return GraphEvidence.AllAbsent(reason);
        }

        var nodes = facts.Nodes.Select((n, i) => KerasScopeNode.Parse(n, i)).OfType<KerasScopeNode>().ToList();
        var layers = nodes.Where(n => n.Layer.Length > 0).Concat(RecurrentNodes(facts, nodes)).ToList();
        if (layers.Count == 0)
        {
            return GraphEvidence.AllAbsent("the node names carry no layer scopes; audit the Keras file itself (.keras, .h5, SavedModel)");
        }

        if (OtherRoot(layers) is var (root, other))
        {
            return GraphEvidence.AllAbsent($"the nodes stand in several scopes ('{root}', '{other}'), as a program of plain TensorFlow names them: a Keras model has one of its name. "
                + "Scopes of TensorFlow are no layers; audit the Keras file, or the source");
        }

        // A call's number stands in every scope of Keras 3, in none but repeated names of Keras 2.
        var isKeras3 = layers.TrueForAll(n => IsNumbered(n.Layer[0]));
        if (isKeras3)
        {
            // Scopes without a number are operations' own.
            layers = layers.ConvertAll(n => n with { Layer = [.. n.Layer.TakeWhile(IsNumbered)] });
        }

        foreach (var node in layers)
        {
            facts.NodeModules[node.Index] = facts.Builder.FindOrAdd(isKeras3 ? Keras3Scopes.NameOf(node.Layer, node.Layer.Length) : string.Join('/', node.Layer), '/');
        }

        var weights = facts.Model.Graph.Initializers.Where(w => w.Dimensions.Length >= 2 && w.DataType is 1 or 10 or 11 or 16).Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        if (isKeras3)
        {
            Keras3Scopes.AddCalls(facts, layers, weights);
        }
        else
        {
            Keras2Scopes.AddCalls(facts, layers, weights);
        }

        return new()
        {
            ModuleCalls = Evidence.BlindSpots("operations that tf2onnx merges or folds leave no trace; audit the .keras or .h5 file"),
            Construction = Evidence.Absent("ONNX keeps no sign of whether a Keras model was subclassed; audit the .keras, .h5 or SavedModel file"),
        };
    }

    /// <summary>What in the names shows that no Keras model was converted, or one whose layers do not show; null when nothing does.</summary>
    private static string? WhyNotKeras(OnnxFacts facts)
    {
        if (facts.Nodes.FirstOrDefault(n => n.Name.Contains(';', StringComparison.Ordinal)) is { } fused)
        {
            return $"the model went through TensorFlow Lite, which fuses operations of several layers ('{fused.Name}'); audit the Keras file itself (.keras, .h5, SavedModel)";
        }

        // tf.Variable of TensorFlow 1 is read through an operation of that name; Keras' variables are resources.
        if (facts.Model.Graph.Initializers.FirstOrDefault(w => w.Name.EndsWith("/read:0", StringComparison.Ordinal) || w.Name.EndsWith("/read", StringComparison.Ordinal)) is { Name: { } variable })
        {
            return $"the weights are variables of plain TensorFlow 1 ('{variable}'), whose scopes are no layers; audit the Keras file, or the source";
        }

        return facts.Model.Graph.Inputs.Any(i => i.Name is "Placeholder" or "Placeholder:0")
            ? "the input is a placeholder of plain TensorFlow 1, whose scopes are no layers; audit the Keras file, or the source"
            : null;
    }

    /// <summary>The scope that most nodes stand in and another that is none of a loop in it (whose functions' names are made of it); null when all stand in one.</summary>
    private static (string Root, string Other)? OtherRoot(List<KerasScopeNode> layers)
    {
        var roots = layers.GroupBy(n => n.Root, StringComparer.Ordinal).OrderByDescending(g => g.Count()).Select(g => g.Key).ToList();
        var other = roots.Find(r => r != roots[0] && !r.StartsWith(roots[0] + "_", StringComparison.Ordinal) && !r.EndsWith("_" + roots[0], StringComparison.Ordinal));
        return other is null ? null : (roots[0], other);
    }

    /// <summary>tf2onnx fuses a recurrent layer's loop into one node without a scope; the layer's own transposition feeds it.</summary>
    private static IEnumerable<KerasScopeNode> RecurrentNodes(OnnxFacts facts, List<KerasScopeNode> nodes)
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
            if (proto.OpType is "LSTM" or "GRU" or "RNN" && !byIndex.ContainsKey(i) && proto.Input.Length > 0 && producers.TryGetValue(proto.Input[0], out var feeder)
                && byIndex.TryGetValue(feeder, out var scoped) && scoped.Operation == "transpose")
            {
                yield return scoped with { Index = i, Operation = proto.OpType };
            }
        }
    }

    private static bool IsNumbered(string scope) => KerasScopeNode.WithoutNumber(scope) != scope;

    /// <summary>The nodes that read each weight with the same operator, one list per weight.</summary>
    public static IEnumerable<List<KerasScopeNode>> Readers(OnnxFacts facts, IEnumerable<KerasScopeNode> nodes, HashSet<string> weights) => nodes
        .SelectMany(n => facts.Nodes[n.Index].Proto.Input.Where(weights.Contains).Select(w => (Weight: w, Node: n)))
        .GroupBy(p => (p.Weight, facts.Nodes[p.Node.Index].OpType))
        .Select(g => g.Select(p => p.Node).OrderBy(n => n.Index).ToList());

    public static void AddCall(OnnxFacts facts, int module, KerasScopeNode node, Certainty certainty) => facts.AddCall(new()
    {
        Module = module,
        Caller = facts.Builder.Modules[module].Parent,
        Node = facts.Nodes[node.Index].Name,
        Certainty = certainty,
    }, [node.Index]);
}
