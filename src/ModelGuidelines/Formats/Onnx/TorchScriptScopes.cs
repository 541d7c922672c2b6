using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Evidence of the TorchScript-based exporter: node names are scopes, <c>/layer1/layer1.0/relu_1/Relu</c>.</summary>
/// <remarks>The exporter joins the attribute names from the root down, and appends <c>_1</c>, <c>_2</c> to the last one when that scope has been
/// named before: the second call of <c>relu</c> is <c>/relu_1</c>. A module really called <c>relu_1</c> has the same name, so each suffix is
/// decided by the evidence around it. Source: torch/csrc/jit/passes/onnx/naming.cpp (ScopedNodeNameGenerator).</remarks>
internal static class TorchScriptScopes
{
    public static GraphEvidence Collect(OnnxFacts facts)
    {
        var scopes = ScopeTree.Build(facts);
        var weights = new OnnxWeights(facts.Model, facts.Nodes);
        weights.AddParameters(facts.Builder);
        new ScopeSuffixes(facts, scopes, weights).Decide();
        AddCalls(facts, scopes);
        ContainerCalls.Add(facts);
        TorchScriptOperations.Add(facts, scopes, weights);
        if (FindOpaqueFunction(facts) is { } opaque)
        {
            // Found outside is found; what is inside nobody can tell.
            var inside = Evidence.Absent($"modules of the class {opaque} were exported as functions, whose nodes carry no scopes; export without export_modules_as_functions, or audit the source");
            return new() { ModuleCalls = inside, Operations = inside, RootInterface = OnnxBorders.Root, SubmoduleInterfaces = OnnxBorders.Submodules };
        }

        return new()
        {
            ModuleCalls = Evidence.BlindSpots("one object registered under several parents looks like several modules in this file, and modules that leave no node (Dropout, Identity, a folded batch norm) do not show; a TorchScript trace or the source shows them"),
            Operations = Evidence.BlindSpots("a module without submodules keeps no sign of whether its code is torch.nn's or the user's, functions that the exporter writes as simpler operations (silu, layer_norm in older opsets, pixel_shuffle, hardtanh as clamp) look like these, and functions that it removes (dropout in evaluation mode, folded constants) leave no trace"),
            RootInterface = OnnxBorders.Root,
            SubmoduleInterfaces = OnnxBorders.Submodules,
        };
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
        foreach (var scope in scopes.Owners.Where(s => s.Parts.Length > 0).OrderBy(s => s.Nodes[0]))
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

        foreach (var node in scopes.Root?.Nodes ?? [])
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

/// <summary>All scopes of a file's node names.</summary>
internal sealed class ScopeTree
{
    private readonly Dictionary<string, Scope> _scopes = new(StringComparer.Ordinal);

    /// <summary>Scopes that own nodes, in order of their first node.</summary>
    public List<Scope> Owners { get; } = [];

    public Scope? Root => Find("");

    public Scope? Find(string display) => _scopes.GetValueOrDefault(display);

    public static ScopeTree Build(OnnxFacts facts)
    {
        var tree = new ScopeTree();
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            var name = facts.Nodes[i].Name;
            if (name.Length == 0 || name[0] != '/')
            {
                continue;
            }

            var end = name.LastIndexOf('/');
            var display = name[..end];
            if (!tree._scopes.TryGetValue(display, out var scope))
            {
                scope = tree.Add(facts, display);
            }

            if (scope.Nodes.Count == 0)
            {
                tree.Owners.Add(scope);
            }

            scope.Nodes.Add(i);
        }

        return tree;
    }

    /// <summary>Adds a scope and those around it.</summary>
    private Scope Add(OnnxFacts facts, string display)
    {
        var scope = new Scope(facts, display);
        _scopes.Add(display, scope);
        for (var child = scope; child.Display.Length > 0;)
        {
            var parent = child.Display[..child.Display.LastIndexOf('/')];
            var isNew = !_scopes.TryGetValue(parent, out var around);
            if (isNew)
            {
                _scopes.Add(parent, around = new(facts, parent));
            }

            around!.Children.Add(child);
            child = around;
            if (!isNew)
            {
                break;
            }
        }

        return scope;
    }
}

/// <summary>One scope as displayed, its suffix included.</summary>
internal sealed class Scope
{
    private readonly OnnxFacts _facts;
    private string? _pattern;

    public Scope(OnnxFacts facts, string display)
    {
        _facts = facts;
        Display = display;
        Parts = display.Length == 0 ? [] : display[1..].Split('/');
        var names = ModuleScopes.QualifiedNames(Parts);
        RealName = names.Length == 0 ? "" : names[^1];
        CallerModule = names.Length < 2 ? "" : names[^2];
        Module = RealName;
        var last = Parts.Length == 0 ? "" : Parts[^1];
        if (last.LastIndexOf('_') is > 0 and var at && int.TryParse(last.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 && last[at + 1] != '0')
        {
            Suffix = number;
            BaseDisplay = display[..^(last.Length - at)];
            Parts[^1] = last[..at];
            BaseName = ModuleScopes.QualifiedNames(Parts)[^1];
            Parts[^1] = last;
        }
    }

    /// <summary><c>/encoder/conv1_1</c>; the root is "".</summary>
    public string Display { get; }

    public string[] Parts { get; }

    /// <summary>The qualified name when the suffix belongs to the attribute.</summary>
    public string RealName { get; }

    /// <summary>The number that may count calls; 0 when there is none.</summary>
    public int Suffix { get; }

    /// <summary>The display of the first call when the suffix counts calls.</summary>
    public string? BaseDisplay { get; }

    /// <summary>The qualified name when the suffix counts calls.</summary>
    public string? BaseName { get; }

    /// <summary>The module whose code makes the call.</summary>
    public string CallerModule { get; }

    /// <summary>The module it is decided to be a call of.</summary>
    public string Module { get; set; }

    public List<Scope> Children { get; } = [];

    /// <summary>Nodes directly in it.</summary>
    public List<int> Nodes { get; } = [];

    /// <summary>What its nodes compute, without names: equal for two calls of one module. Complete once all nodes are assigned.</summary>
    public string Pattern => _pattern ??= string.Join(' ', Nodes
        .Select(n => _facts.Nodes[n])
        .Where(n => n.OpType is not ("Constant" or "Identity" or "Shape" or "Cast" or "Unsqueeze" or "Gather" or "Concat" or "Slice" or "ConstantOfShape"))
        .Select(n => $"{n.OpType}{string.Concat(n.Proto.Attribute.Where(a => a.Name is "kernel_shape" or "strides" or "group" or "dilations" or "alpha" or "axis").Select(a => $"[{a.Name}:{a.I}{string.Join(',', a.Ints)}{a.F.ToString(CultureInfo.InvariantCulture)}]"))}"));

    /// <summary>The calls that its nodes show.</summary>
    public List<(List<int> Nodes, Certainty Certainty)> Calls { get; } = [];
}
