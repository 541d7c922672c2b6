using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Functions called by modules that have submodules: nodes that stand directly in such a module's scope.</summary>
internal static class TorchScriptOperations
{
    public static void Add(OnnxFacts facts, ScopeTree scopes, OnnxWeights weights)
    {
        var ranks = new ValueRanks(facts, weights);
        foreach (var scope in scopes.Owners)
        {
            // A scope without scopes inside may be torch.nn's own code: nothing is claimed there.
            var container = scope.Module == scope.RealName ? scope : scopes.Find(scope.BaseDisplay!);
            if (scope.Display.Length > 0 && container is not { Children.Count: > 0 })
            {
                continue;
            }

            if (container is not null && IsTorchNnContainer(container))
            {
                continue;
            }

            var module = facts.Builder.FindOrAdd(scope.Module);
            foreach (var (function, node, certainty) in OnnxFunctions.Fold(facts, scope.Nodes, weights, ranks))
            {
                facts.Builder.Operations.Add(new()
                {
                    Function = function,
                    Module = module,
                    Node = facts.Nodes[node].Name,
                    OpType = facts.Nodes[node].OpType,
                    Certainty = certainty,
                });
            }
        }
    }

    /// <summary>torch.nn's own modules that have submodules and call functions: the transformer layers, and those of which
    /// torch.nn.utils.parametrize computes a weight. The file names no classes, their parts do.</summary>
    private static bool IsTorchNnContainer(Scope scope)
    {
        var names = scope.Children.Select(c => c.Parts[^1]).ToHashSet(StringComparer.Ordinal);
        return scope.Children.Exists(IsParametrization) || names.IsSupersetOf(["self_attn", "linear1", "linear2", "norm1", "norm2"]);
    }

    /// <summary>The list of functions that compute a parameter: <c>/conv/weight/weight.0</c>.</summary>
    private static bool IsParametrization(Scope scope) =>
        scope.Parts[^1] is "weight" or "bias" && scope.Children.Count > 0 && scope.Children.TrueForAll(c => c.Parts[^1].StartsWith($"{scope.Parts[^1]}.", StringComparison.Ordinal));
}
