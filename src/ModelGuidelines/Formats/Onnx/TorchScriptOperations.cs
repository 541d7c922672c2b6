using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Functions called by modules that have submodules: nodes that stand directly in such a module's scope.</summary>
internal static class TorchScriptOperations
{
    public static void Add(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights, bool isScripted)
    {
        var ranks = new ValueRanks(facts, weights);
        var mayHaveLost = scopes.All.Count == 1 && weights.HasSubmodules("");
        var hasStacks = facts.Nodes.Exists(n => n.Proto.DocString.Length > 0);
        foreach (var scope in scopes.Owners)
        {
            var module = facts.Builder.FindOrAdd(scope.Module);
            if (hasStacks && scope.Nodes.Exists(n => facts.OriginOf(facts.Nodes[n]) is not null))
            {
                foreach (var (function, node, location) in VerboseStacks.Calls(facts, scope.Nodes, weights, ranks))
                {
                    facts.Builder.Operations.Add(new() { Function = function, Module = module, Node = facts.Nodes[node].Name, OpType = facts.Nodes[node].OpType, Location = location });
                }

                continue;
            }

            // A scope without scopes inside may be torch.nn's own code: nothing is claimed there, unless weights tell of modules inside.
            var container = scope.Module == scope.RealName ? scope : scopes.Find(scope.BaseDisplay!);
            var holdsModules = container is { Children.Count: > 0 } || weights.HasSubmodules(scope.Module);
            if ((scope.Parent is not null && !holdsModules) || (container is not null && IsTorchNnContainer(container)) || IsSequential(facts, scope, weights))
            {
                continue;
            }

            // A further call in a scope of its own runs the functions of the first one; what runs others holds modules whose scopes are gone.
            var isFurther = container is not null && container != scope;
            if (scope.Children.Count == 0 && (isFurther ? container!.Pattern != scope.Pattern : isScripted && (scope.Parent is not null || scopes.All.Count == 1)))
            {
                facts.Builder.Gaps.Add(new(
                    $"{(isScripted ? "a scripted module was exported, and " : "")}nothing tells the modules inside {(scope.Parent is null ? "the model" : $"'{scope.Module}'")} from its own functions", null,
                    GraphFacts.Operations | GraphFacts.ModuleCalls, "export the module unscripted, or audit the source"));
                continue;
            }

            var found = OnnxFunctions.Fold(facts, scope.Nodes, weights, ranks).ToList();
            if (scope.Parent is null && !holdsModules && IsOneTorchNnModule(facts, found.Select(f => f.Function)))
            {
                continue; // the root itself may be a module of torch.nn
            }

            foreach (var (function, node, certainty) in found)
            {
                facts.Builder.Operations.Add(new()
                {
                    Function = function,
                    Module = module,
                    Node = facts.Nodes[node].Name,
                    OpType = facts.Nodes[node].OpType,
                    Certainty = certainty.And(NameOfAnother(facts, scopes, scope, node)).And(ReadOfSubmodule(facts, weights, scope, function, node)).And(mayHaveLost ? Certainty.Likely("a scripted module of which the exporter lost all scopes would look the same in this file") : Certainty.Certain),
                });
            }
        }
    }

    /// <summary>Whether the file holds nothing but operators at the root that one module of torch.nn may be.</summary>
    public static bool IsMaybeOneModule(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights) =>
        scopes.All.Count == 1 && !weights.HasSubmodules("") && facts.Nodes.TrueForAll(n => facts.OriginOf(n) is null)
        && IsOneTorchNnModule(facts, OnnxFunctions.Fold(facts, scopes.Root.Nodes, weights, new(facts, weights)).Select(f => f.Function));

    /// <summary>Whether one module of torch.nn can compute these: one function; attention; the gates of a recurrent cell; a convolution that pads in a mode.</summary>
    private static bool IsOneTorchNnModule(OnnxFacts facts, IEnumerable<string> functions)
    {
        var found = functions.Where(f => OperationTable.Find(f) is { Category: OperationCategory.Module }).ToHashSet(StringComparer.Ordinal);
        if (!found.IsSubsetOf(["pad", "conv1d", "conv2d", "conv3d"]) && facts.Nodes.Exists(n => n.OpType is "Conv"))
        {
            return false; // a convolution computes nothing else
        }

        return found.Count < 2 || found.IsSubsetOf(["linear", "softmax", "dropout", "pad"]) || found.IsSubsetOf(["linear", "sigmoid", "tanh", "relu"]) || found.IsSubsetOf(["pad", "conv1d", "conv2d", "conv3d"]);
    }

    /// <summary>A function that is handed a submodule's weight, or that submodule called by its forward: the nodes are the same. What reads the module's own parameter is the module's own function.</summary>
    private static Certainty ReadOfSubmodule(OnnxFacts facts, OnnxWeights weights, Scope scope, string function, int node)
    {
        var owners = weights.Owners(facts.Nodes[node], []);
        var other = owners.Find(o => o.Length > 0 && o != scope.Module);
        if (other is null && (owners.Count > 0 || function is not ("linear" or "conv1d" or "conv2d" or "conv3d" or "conv_transpose1d" or "conv_transpose2d" or "conv_transpose3d" or "embedding")))
        {
            return Certainty.Certain;
        }

        return Certainty.Likely(other is null ? "a module's forward called by that name would look the same in this file" : $"'{other}.forward(...)' would look the same in this file");
    }

    /// <summary>A further call of <c>act</c> stands in the scope of a container that is called <c>act_1</c>.</summary>
    private static Certainty NameOfAnother(OnnxFacts facts, ScopeTree scopes, Scope scope, int node) =>
        scope.Suffix > 0 && scope.Children.Count > 0 && scopes.Find(scope.BaseDisplay!) is { Children.Count: 0, Nodes.Count: > 0 } other && other.Pattern == OnnxFacts.Pattern(facts.Nodes[node])
            ? Certainty.Likely($"a further call of '{other.Module}' would look the same in this file")
            : Certainty.Certain;

    /// <summary>A Sequential calls no functions: numbered modules below, of which a scripted model's second call leaves the nodes alone.</summary>
    private static bool IsSequential(OnnxFacts facts, Scope scope, OnnxWeights weights)
    {
        if (scope.Children.Count > 0 || scope.Parent is null)
        {
            return false;
        }

        var inside = facts.Builder.Modules.Where(m => m.Parent is { } p && facts.Builder.Modules[p].QualifiedName == scope.Module).Select(m => m.QualifiedName).ToList();
        return inside.Count > 0 && inside.TrueForAll(n => n.AsSpan(scope.Module.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0) && weights.HasSubmodules(scope.Module);
    }

    /// <summary>torch.nn's own modules that have submodules and call functions: the transformer layers, and those of which
    /// torch.nn.utils.parametrize computes a weight. The file names no classes, their parts do.</summary>
    private static bool IsTorchNnContainer(Scope scope)
    {
        return scope.Children.Exists(IsParametrization) || (Has("self_attn") && Has("linear1") && Has("linear2") && Has("norm1") && Has("norm2"));

        bool Has(string part) => scope.Children.Exists(c => c.Part == part);
    }

    /// <summary>The list of functions that compute a parameter: <c>/conv/weight/weight.0</c>.</summary>
    private static bool IsParametrization(Scope scope) =>
        scope.Part is "weight" or "bias" && scope.Children.Count > 0 && scope.Children.TrueForAll(c => c.Part.StartsWith($"{scope.Part}.", StringComparison.Ordinal));
}
