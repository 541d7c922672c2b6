using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Evidence where no names of scopes are left: PyTorch before 1.13, metadata that a tool removed. A weight that is read twice still shows a module
/// that is called twice, the exporter's stacks still show functions, and an operator that stands once cannot be a module that is called twice.</summary>
internal static class WeightReads
{
    /// <summary>Operators that no module of torch.nn is by itself, or whose repetition is nobody's fault.</summary>
    private static readonly HashSet<string> Structural = new(StringComparer.Ordinal)
    {
        "Constant", "ConstantOfShape", "Identity", "Shape", "Size", "Cast", "CastLike", "Unsqueeze", "Squeeze", "Gather", "GatherND", "Concat", "Slice", "Reshape", "Transpose", "Expand", "Split",
        "Add", "Sub", "Mul", "Div", "Pow", "Sqrt", "Exp", "Log", "Neg", "Abs", "Max", "Min", "Where", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Not", "Range", "Mod", "Floor", "Ceil",
        "MatMul", "Einsum", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL2", "ArgMax", "TopK", "CumSum", "Sin", "Cos", "Sign", "Round", "Tile", "ScatterND", "ScatterElements", "NonZero", "OneHot", "Erf", "Flatten", "Reciprocal",
    };

    private const string NoScopes = "the nodes carry neither module scopes nor metadata (an exporter that writes none, or a tool that removed them)";
    private const string Remedy = "audit the export before the tool, an export of a current PyTorch, or the source";

    /// <summary>Whether an operator is no module of torch.nn by itself.</summary>
    public static bool IsStructural(string opType) => Structural.Contains(opType);

    public static GraphEvidence Collect(OnnxFacts facts)
    {
        var weights = new OnnxWeights(facts);
        weights.AddParameters(facts.Builder);
        AddCalls(facts, weights);
        ContainerCalls.Add(facts, onlyWeighted: true);
        var undecided = Repeated(facts, weights);
        var hasStacks = VerboseStacks.AddOperations(facts, weights);
        return new()
        {
            ModuleCalls = undecided is null
                ? Evidence.BlindSpots($"{NoScopes}; that no module is called twice was told from weights and operators alone, and modules that leave no node do not show")
                : Evidence.Absent($"{NoScopes}: {undecided}; {Remedy}"),
            Operations = hasStacks
                ? Evidence.BlindSpots("which function was called was read from the stacks in doc_string; functions that the exporter removes leave no trace")
                : Evidence.Absent($"{NoScopes}, so that nothing tells a function from a module; {Remedy}"),
            RootInterface = OnnxBorders.Root,
            SubmoduleInterfaces = OnnxBorders.Submodules,
        };
    }

    /// <summary>One call of a module for each operator that reads its weight. A weight of one dimension proves nothing: those of untrained norms and biases are equal, and equal ones are merged.</summary>
    private static void AddCalls(OnnxFacts facts, OnnxWeights weights)
    {
        var through = ReadThrough(facts);
        var reads = new List<(int Node, string Weight, string? Bias)>();
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            var named = facts.Nodes[i].Proto.Input.Select(input => weights.Find(through.GetValueOrDefault(input, input))).OfType<OnnxInitializer>().Where(w => weights.IsNamed(w.Name)).ToList();
            if (named.Find(w => w.Dimensions.Length > 1) is { } weight && !through.ContainsKey(facts.Nodes[i].Proto.Output.FirstOrDefault() ?? ""))
            {
                reads.Add((i, weight.Name, named.Find(w => w.Dimensions.Length == 1)?.Name));
            }
        }

        // A weight that is read beside the biases of several modules is tied: each module is the one whose bias it is.
        var tied = reads.GroupBy(r => r.Weight, StringComparer.Ordinal).Where(g => g.Select(r => r.Bias).Distinct(StringComparer.Ordinal).Skip(1).Any()).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        var owned = reads.ConvertAll(r => (r.Node, Module: OnnxWeights.Owner(tied.Contains(r.Weight) && r.Bias is not null ? r.Bias : r.Weight), r.Weight));
        var most = OnnxWeights.MostRead(owned.Select(r => (r.Module, r.Weight)));
        foreach (var (i, module, weight) in owned.Where(r => r.Module.Length > 0))
        {
            var index = facts.Builder.FindOrAdd(module);
            facts.NodeModules[i] = index;
            if (weight != most[module])
            {
                continue;
            }

            facts.AddCall(
                new()
                {
                    Module = index,
                    Caller = facts.Builder.Modules[index].Parent,
                    Node = facts.Nodes[i].Name,
                    Arms = facts.Nodes[i].Arms,
                    Certainty = Certainty.Likely("a separate module tied to the same weight, or one whose equal weight a tool merged, would look the same in this file"),
                },
                [i]);
        }
    }

    /// <summary>Values that are a weight in another form, by their names.</summary>
    private static Dictionary<string, string> ReadThrough(OnnxFacts facts)
    {
        var weights = facts.Initializers.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var through = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in facts.Nodes.Where(n => n.OpType is "Transpose" or "Identity" or "Cast" or "Reshape" && n.Proto.Output.Length == 1 && n.Proto.Input.Length > 0))
        {
            var source = through.GetValueOrDefault(node.Proto.Input[0], node.Proto.Input[0]);
            if (weights.Contains(source))
            {
                through[node.Proto.Output[0]] = source;
            }
        }

        return through;
    }

    /// <summary>Why a module without weights may be called twice: an operator that several nodes are. Null when none can be.</summary>
    private static string? Repeated(OnnxFacts facts, OnnxWeights weights)
    {
        var read = facts.Nodes.SelectMany(n => n.Proto.Input).Concat(facts.Model.Graph.Outputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
        if (facts.Model.Graph.Inputs.Find(i => !read.Contains(i.Name) && weights.Find(i.Name) is null) is { } unread)
        {
            return $"no node reads the input '{unread.Name}', so calls were merged or removed";
        }

        if (Missing(facts) is { } missing)
        {
            return $"the values' numbers leave out '{missing}', so calls were merged or removed";
        }

        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            var node = facts.Nodes[i];
            if (node.InLoop)
            {
                return "nodes stand in the body of a loop";
            }

            // What reads a weight of its own is told by it; two that read none, or the same nameless one, may be one module. A product with a weight is a linear layer.
            var weight = node.Proto.Input.Select(weights.Find).FirstOrDefault(w => w is { Dimensions.Length: > 1 });
            if ((Structural.Contains(node.OpType) && !(node.OpType is "MatMul" && weight is not null)) || node.OpType is "If" or "Loop" or "Scan")
            {
                continue;
            }

            if (facts.NodeModules[i] is null)
            {
                var what = weight is null ? node.OpType : $"{node.OpType} of the weight '{weight.Name}'";
                counts[what] = counts.GetValueOrDefault(what) + 1;
            }
        }

        foreach (var lost in facts.Lost)
        {
            counts[lost.OpType] = counts.GetValueOrDefault(lost.OpType) + (lost.Proto.Domain.Length > 0 ? 2 : 1);
        }

        var most = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).FirstOrDefault();
        return most.Value > 1 ? $"{most.Value} nodes are {most.Key}, which may be one module or several" : null;
    }

    /// <summary>A value that the torch.export-based exporter's numbers tell of and that is not there: <c>linear_1</c> beside <c>linear</c> and <c>linear_2</c>.</summary>
    private static string? Missing(OnnxFacts facts)
    {
        var series = new Dictionary<string, HashSet<int>>(StringComparer.Ordinal);
        foreach (var output in facts.Nodes.SelectMany(n => n.Proto.Output))
        {
            var at = output.LastIndexOf('_');
            var isNumbered = int.TryParse(output.AsSpan(at + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && at > 0;
            var name = isNumbered ? output[..at] : output;
            if (OperationTable.Find(name) is { Category: OperationCategory.Module })
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(series, name, out _) ??= []).Add(isNumbered ? number : 0);
            }
        }

        var gap = series.Where(s => s.Value.Max() >= s.Value.Count).OrderBy(s => s.Key, StringComparer.Ordinal).FirstOrDefault();
        var first = gap.Key is null ? 0 : Enumerable.Range(0, gap.Value.Count + 1).First(i => !gap.Value.Contains(i));
        return gap.Key is null ? null : first == 0 ? gap.Key : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{gap.Key}_{first}");
    }
}
