using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Evidence of the TorchScript-based exporter: node names are scopes, <c>/layer1/layer1.0/relu_1/Relu</c>.</summary>
/// <remarks>The exporter joins the attribute names from the root down, and appends <c>_1</c>, <c>_2</c> to the last one when that scope has been
/// named before: the second call of <c>relu</c> is <c>/relu_1</c>. A module really called <c>relu_1</c> has the same name, so each suffix is
/// decided by the evidence around it. Source: torch/csrc/jit/passes/onnx/naming.cpp (ScopedNodeNameGenerator).</remarks>
internal static class TorchScriptScopes
{
    public static GraphEvidence Collect(OnnxFacts facts)
    {
        var begin = Leftovers.Now;
        var scopes = ScopeTree.Build(facts);
        var weights = new OnnxWeights(facts);
        weights.AddParameters(facts.Builder);
        Leftovers.GiveBackOfStep(ref begin);
        var outside = ScopeNames.Restore(facts, scopes, weights);
        var (further, isScripted) = RepeatedScopes.Find(facts, scopes, weights);
        Leftovers.GiveBackOfStep(ref begin);
        new ScopeSuffixes(facts, scopes, weights, outside).Decide();
        foreach (var (scope, calls) in further)
        {
            scope.Calls.AddRange(calls);
        }

        foreach (var (scope, certainty) in outside)
        {
            for (var i = 0; i < scope.Calls.Count; i++)
            {
                scope.Calls[i] = (scope.Calls[i].Nodes, scope.Calls[i].Certainty.And(certainty));
            }
        }

        AddCalls(facts, scopes);
        ContainerCalls.Add(facts);
        Leftovers.GiveBackOfStep(ref begin);
        if (isScripted)
        {
            EqualWeights.AddGap(facts, weights);
        }

        TorchScriptOperations.Add(facts, scopes, weights, isScripted);
        UnplacedNodes.Add(facts, Unscoped(facts), weights);
        if (FindOpaqueFunction(facts) is { } opaque)
        {
            // Found outside is found; what is inside nobody can tell.
            var inside = Evidence.Absent($"modules of the class {opaque} were exported as functions, whose nodes carry no scopes; export without export_modules_as_functions, or audit the source");
            return new() { ModuleCalls = inside, Operations = inside, RootInterface = OnnxBorders.Root, SubmoduleInterfaces = OnnxBorders.Submodules };
        }

        if (TorchScriptOperations.IsMaybeOneModule(facts, scopes, weights))
        {
            facts.Builder.Gaps.Add(new("nothing but operators stands at the root: the model may itself be one module of torch.nn", null, GraphFacts.Operations, "audit the source"));
        }

        return new()
        {
            ModuleCalls = Evidence.BlindSpots("one object registered under several parents looks like several modules in this file, and modules that leave no node (Dropout, Identity, a folded batch norm) do not show; a TorchScript trace or the source shows them"),
            Operations = Evidence.BlindSpots("a module without submodules keeps no sign of whether its code is torch.nn's or the user's, functions that the exporter writes as simpler operations (silu, layer_norm in older opsets, pixel_shuffle, hardtanh as clamp) look like these, and functions that it removes (dropout in evaluation mode, folded constants) leave no trace"),
            RootInterface = OnnxBorders.Root,
            SubmoduleInterfaces = OnnxBorders.Submodules,
        };
    }

    private static List<int> Unscoped(OnnxFacts facts)
    {
        var unscoped = new List<int>();
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            if (!facts.Nodes[i].Name.StartsWith('/'))
            {
                unscoped.Add(i);
            }
        }

        return unscoped;
    }

    /// <summary>A class other than torch.nn's that <c>export_modules_as_functions={...}</c> made a function. Those of torch.nn are calls like others, and their class is known.</summary>
    private static string? FindOpaqueFunction(OnnxFacts facts)
    {
        string? opaque = null;
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            if (!FunctionModules.IsCall(facts.Model, facts.Nodes[i].Proto))
            {
                continue;
            }

            var type = $"{facts.Nodes[i].Proto.Domain}.{facts.Nodes[i].OpType}";
            var isTorchNn = ModuleTypes.IsTorchNn(type);
            opaque ??= isTorchNn ? null : type;
            if (facts.NodeModules[i] is > 0 and var module)
            {
                facts.Builder.Modules[module] = facts.Builder.Modules[module] with { Type = type, Origin = isTorchNn ? ModuleOrigin.Framework : ModuleOrigin.User };
            }
        }

        return opaque;
    }

    /// <summary>One call for each scope that owns nodes: the suffixed ones are further calls of the module before.</summary>
    private static void AddCalls(OnnxFacts facts, ScopeTree scopes)
    {
        foreach (var scope in scopes.Owners.Where(s => s.Parent is not null).OrderBy(s => s.Nodes[0]))
        {
            var module = facts.Builder.FindOrAdd(scope.Module);
            var caller = facts.Builder.FindOrAdd(scope.CallerModule);
            foreach (var node in scope.Nodes)
            {
                facts.NodeModules[node] = module;
            }

            foreach (var (nodes, certainty) in scope.Calls)
            {
                facts.AddCall(new()
                {
                    Module = module,
                    Caller = caller,
                    Node = facts.Nodes[nodes[0]].Name,
                    Arms = facts.Nodes[nodes[0]].Arms,
                    Certainty = certainty,
                }, nodes);
            }
        }

        foreach (var node in scopes.Root.Nodes)
        {
            facts.NodeModules[node] = 0;
        }

        // A clash of names puts a further call's nodes into another module's scope.
        for (var call = 0; call < facts.CallNodes.Count; call++)
        {
            foreach (var node in facts.CallNodes[call])
            {
                facts.NodeModules[node] = facts.Builder.Calls[call].Module;
            }
        }
    }
}
