using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Modules that read the same matrices under names of their own. A scripted module that is registered under several names is exported once for each, and
/// the exporter merges initializers of equal values: one object and copies of it look the same. (A constant that several modules read, such as a mask, says nothing.)</summary>
internal static class EqualWeights
{
    /// <summary>Adds one gap for the first such modules; to be called when nodes have their modules.</summary>
    public static void AddGap(OnnxFacts facts, OnnxWeights weights)
    {
        var reads = new Dictionary<int, SortedSet<string>>();
        var matrices = new HashSet<int>();
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            if (facts.NodeModules[i] is not (> 0 and var module) || facts.Nodes[i].OpType == "Identity")
            {
                continue;
            }

            foreach (var weight in facts.Nodes[i].Proto.Input.Select(weights.Find).OfType<OnnxInitializer>())
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(reads, module, out _) ??= new(StringComparer.Ordinal)).Add(weight.Name);
                if (weight.Dimensions.Count(d => d > 1) > 1 && facts.Nodes[i].OpType is "MatMul" or "Gemm" or "Conv" or "ConvTranspose" or "Gather" or "LSTM" or "GRU" or "RNN")
                {
                    matrices.Add(module);
                }
            }
        }

        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var module in matrices.Order())
        {
            if (!first.TryAdd(string.Join('\n', reads[module]), module))
            {
                var (one, other) = (facts.Builder.Modules[first[string.Join('\n', reads[module])]].QualifiedName, facts.Builder.Modules[module].QualifiedName);
                facts.Builder.Gaps.Add(new(
                    $"a scripted module was exported, in which '{other}' has the weights of '{one}': it may be the same module under another name, or a copy of it that was never trained", null, GraphFacts.ModuleCalls,
                    "export the module unscripted, or audit the source"));
                return;
            }
        }
    }
}
