using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Nodes of a torch.export-based export whose metadata name no module: bodies of If, Loop and Scan, and nodes that a later tool made or merged.
/// The weight that a node reads still names its module; all others are gaps.</summary>
internal static class UnplacedNodes
{
    private const string Remedy = "audit the exported program (.pt2), the export before the tool, or the source";

    public static void Add(OnnxFacts facts, List<int> unplaced, List<FxNode> calls, OnnxWeights weights)
    {
        foreach (var i in unplaced.Where(i => !WeightReads.IsStructural(facts.Nodes[i].OpType)))
        {
            var node = facts.Nodes[i];
            if (node.OpType is "If" or "Loop" or "Scan")
            {
                continue;
            }

            var module = node.Proto.Input.Where(weights.IsNamed).Select(OnnxWeights.Owner).FirstOrDefault();
            if (module is { Length: > 0 })
            {
                var index = facts.Builder.FindOrAdd(module);
                facts.NodeModules[i] = index;
                facts.AddCall(
                    new()
                    {
                        Module = index,
                        Caller = facts.Builder.Modules[index].Parent,
                        Node = node.Name,
                        Arms = node.Arms,
                        Certainty = Certainty.Likely($"a function that is handed the weight of '{module}' would look the same in this file"),
                    },
                    [i]);
                continue;
            }

            facts.Builder.Gaps.Add(new($"nothing tells which module runs the node '{node.Name}' ({node.OpType})", null, GraphFacts.Operations | GraphFacts.ModuleCalls, Remedy));
        }

        AddMerged(facts, calls);
    }

    /// <summary>Calls that another node swallowed: padding fused into a convolution, an activation that a quantizer made a range.</summary>
    private static void AddMerged(OnnxFacts facts, List<FxNode> calls)
    {
        var names = calls.Select(fx => fx.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var fx in calls)
        {
            var location = fx.Frames.LastOrDefault(f => !f.IsTorch)?.Location;
            if (fx.Nodes.Exists(n => facts.Nodes[n].Metadata("pkg.onnxscript.rewriter.rule_name")?.Contains("FuseConvPad", StringComparison.Ordinal) == true))
            {
                facts.Builder.Gaps.Add(new($"the exporter merged padding into the convolution '{facts.Nodes[fx.Nodes[0]].Name}', and nothing tells whether a function or a module made it", location, GraphFacts.Operations | GraphFacts.ModuleCalls, "audit the exported program (.pt2) or the source"));
            }

            var last = facts.Nodes[fx.Nodes[^1]].Proto.Output.FirstOrDefault() ?? "";
            if (last != fx.Name && !names.Contains(last) && Activation(last) is { } activation)
            {
                facts.Builder.Gaps.Add(new($"the call '{last}' was merged into the node '{facts.Nodes[fx.Nodes[^1]].Name}', and nothing tells whether the function {activation} or a module made it", location, GraphFacts.Operations | GraphFacts.ModuleCalls, Remedy));
            }
        }
    }

    /// <summary>The activation that a value is called after.</summary>
    private static string? Activation(string value)
    {
        var at = value.LastIndexOf('_');
        var name = at > 0 && value.AsSpan(at + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? value[..at] : value;
        name = AtenNames.Operator(name);
        return name is "relu" or "relu6" or "hardtanh" or "clamp" or "sigmoid" or "tanh" or "leaky_relu" ? name : null;
    }
}
