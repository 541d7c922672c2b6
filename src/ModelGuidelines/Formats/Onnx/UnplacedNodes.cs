using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Nodes whose names or metadata tell no module: bodies of If, Loop and Scan in a torch.export-based export, and nodes that a later tool made or merged.
/// The weight that a node reads still names its module; all others are gaps.</summary>
internal static class UnplacedNodes
{
    private const string Remedy = "audit the exported program (.pt2), the export before the tool, or the source";

    public static void Add(OnnxFacts facts, List<int> unplaced, List<FxNode> calls, OnnxWeights weights)
    {
        Add(facts, unplaced, weights);
        AddMerged(facts, calls);
    }

    public static void Add(OnnxFacts facts, List<int> unplaced, OnnxWeights weights)
    {
        if (unplaced.Count == 0)
        {
            return;
        }

        var nameless = new HashSet<string>(StringComparer.Ordinal);
        var nodes = unplaced.Where(i => !WeightReads.IsStructural(facts.Nodes[i].OpType) && facts.Nodes[i].OpType is not ("If" or "Loop" or "Scan"))
            .Select(i => (Index: i, Weight: facts.Nodes[i].Proto.Input.FirstOrDefault(weights.IsNamed) ?? "")).ToList();
        var most = OnnxWeights.MostRead(nodes.Select(n => (OnnxWeights.Owner(n.Weight), n.Weight)));
        foreach (var (i, named) in nodes)
        {
            var node = facts.Nodes[i];
            var module = OnnxWeights.Owner(named);
            if (module.Length > 0)
            {
                var index = facts.Builder.FindOrAdd(module);
                facts.NodeModules[i] = index;
                if (named != most[module])
                {
                    continue;
                }

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

            // A convolution of a weight of its own is a module that is called once, whatever its name.
            if (node.Proto.Input.Select(weights.Find).FirstOrDefault(w => w is { Dimensions.Length: > 1 }) is { } weight)
            {
                if (!nameless.Add(weight.Name))
                {
                    facts.Builder.Gaps.Add(new($"several nodes read the weight '{weight.Name}', whose module the file does not name", null, GraphFacts.ModuleCalls, Remedy));
                }

                continue;
            }

            facts.Builder.Gaps.Add(new($"nothing tells which module runs the node '{node.Name}' ({node.OpType})", null, GraphFacts.Operations | GraphFacts.ModuleCalls, Remedy));
        }
    }

    /// <summary>Calls that another node swallowed: padding fused into a convolution, an activation that a quantizer made a range. The quoted source line may tell who made them.</summary>
    private static void AddMerged(OnnxFacts facts, List<FxNode> calls)
    {
        HashSet<string>? names = null;
        foreach (var fx in calls)
        {
            var at = fx.CallFrames[^1] > 0 ? fx.Frames[fx.CallFrames[^1] - 1] : fx.LastOfUser();
            if (fx.Nodes.Exists(n => IsPadded(facts.Nodes[n])))
            {
                Add(facts, fx, "pad", at, at is null ? null : QuotedCalls.Inside(at.Code, Module(fx)), "padding was merged");
            }

            var outputs = facts.Nodes[fx.Nodes[^1]].Proto.Output;
            var last = outputs.Length > 0 ? outputs[0] : "";
            if (last != fx.Name && !(names ??= calls.Select(c => c.Name).ToHashSet(StringComparer.Ordinal)).Contains(last) && Activation(last) is { } activation)
            {
                Add(facts, fx, activation, at, at is null ? null : QuotedCalls.Around(at.Code, Module(fx)), $"the call '{last}' was merged");
            }
        }
    }

    private static string Module(FxNode fx) => fx.Modules[^1][(fx.Modules[^1].LastIndexOf('.') + 1)..];

    private static bool IsPadded(OnnxNode node) => node.Metadata(MetadataKey.RuleName) is { } rule && rule.Value.IndexOf("FuseConvPad"u8) >= 0;

    private static void Add(OnnxFacts facts, FxNode fx, string function, PythonFrame? at, QuotedCalls.Call? written, string what)
    {
        const string Doubt = "the node is merged with another, and the quoted source line alone tells of it";
        var node = facts.Nodes[fx.Nodes[0]];
        var caller = fx.ModuleIndices.Length > 1 ? fx.ModuleIndices[^2] : 0;
        if (written?.Function is { } called && OperationTable.Canonical(called) == function)
        {
            facts.Builder.Operations.Add(new() { Function = function, Module = caller, Node = node.Name, OpType = node.OpType, Location = at!.Location, Certainty = Certainty.Likely(Doubt) });
            return;
        }

        if (written?.Attribute is { } attribute)
        {
            var holder = facts.Builder.Modules[caller].QualifiedName;
            var module = facts.Builder.FindOrAdd(holder.Length == 0 ? attribute : $"{holder}.{attribute}");
            facts.AddCall(new() { Module = module, Caller = caller, Node = node.Name, Location = at!.Location, Arms = node.Arms, Certainty = Certainty.Likely(Doubt) }, []);
            return;
        }

        facts.Builder.Gaps.Add(new($"{what} into the node '{node.Name}', and nothing tells whether the function {function} or a module made it", at?.Location, GraphFacts.Operations | GraphFacts.ModuleCalls, Remedy));
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
