using System.Globalization;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Evidence of the TorchScript-based exporter's <c>export_modules_as_functions=True</c>: every module's call is a node that calls a local
/// function, whose domain and name are the module's class.</summary>
/// <remarks>The nodes carry no scopes, and one function serves all objects of a class. The parameters that a call hands in tell which object it is;
/// an object without parameters stays unknown. Source: torch/csrc/jit/passes/onnx/function_extraction.cpp.</remarks>
internal sealed class FunctionModules
{
    private readonly OnnxFacts _facts;
    private readonly OnnxWeights _weights;
    private readonly HashSet<int> _told = [];
    private readonly List<string> _unknown = [];
    private int _expanded;

    private FunctionModules(OnnxFacts facts)
    {
        _facts = facts;
        _weights = new(facts);
    }

    /// <summary>Whether nothing but functions stands in the main graph: then every node in a function is its module's own.</summary>
    public static bool Applies(OnnxModel model) =>
        model.Functions.Count > 0 && model.Graph.Nodes.Exists(n => IsCall(model, n)) && model.Graph.Nodes.TrueForAll(n => IsCall(model, n) || n.OpType is "Identity" or "Constant");

    /// <summary>Whether a node calls one of the file's functions.</summary>
    public static bool IsCall(OnnxModel model, NodeContent node) => node.Domain.Length > 0 && model.Functions.ContainsKey((node.Domain, node.OpType));

    public static GraphEvidence Collect(OnnxFacts facts) => new FunctionModules(facts).Collect();

    private GraphEvidence Collect()
    {
        _weights.AddParameters(_facts.Builder);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (node, i) in _facts.Nodes.Select((n, i) => (Node: n, Index: i)).Where(n => IsCall(_facts.Model, n.Node.Proto)).ToList())
        {
            var call = Expand(node.Proto, names, 0);
            Name(call);
            (call.Name, call.IsKnown) = ("", true); // what the main graph calls is the model
            Tell(call);
            _facts.NodeModules[i] = Emit(call, null, i);
        }

        // All modules are functions, or those of some classes: then the nodes of the others stand among a function's own.
        if (_facts.Nodes.Find(n => IsCall(_facts.Model, n.Proto)) is { } root && !_facts.Model.Functions.Keys.Any(f => ModuleTypes.IsTorchNn($"{f.Domain}.{f.Name}")))
        {
            var some = Evidence.Absent($"no module of torch.nn was exported as a function, so that its nodes look like those of the class '{root.Proto.Domain}.{root.OpType}'; export without export_modules_as_functions, or audit the source");
            _facts.Builder.Operations.Clear();
            return new() { ModuleCalls = some, Operations = some, RootInterface = OnnxBorders.Root, SubmoduleInterfaces = OnnxBorders.Submodules };
        }

        return new()
        {
            ModuleCalls = _unknown.Count == 0
                ? Evidence.BlindSpots("one object registered under several parents looks like several modules in this file")
                : Evidence.Absent($"files exported with export_modules_as_functions keep no names of modules: {_unknown[0]}; export without it, or audit the source"),
            Operations = Evidence.BlindSpots("functions that the exporter removes (dropout in evaluation mode, folded constants) leave no trace"),
            RootInterface = OnnxBorders.Root,
            SubmoduleInterfaces = OnnxBorders.Submodules,
        };
    }

    /// <summary>One call of a module.</summary>
    /// <param name="Type">The module's class.</param>
    /// <param name="Node">The node that calls.</param>
    /// <param name="Names">What the function calls its values, and what they are called outside; its own values are numbered.</param>
    /// <param name="Children">Calls of modules inside.</param>
    /// <param name="OwnParameters">Parameters that its nodes read, not those of the modules inside.</param>
    private sealed record Call(string Type, NodeContent Node, Dictionary<string, string> Names, List<Call> Children, List<string> OwnParameters)
    {
        public string Name { get; set; } = "";

        /// <summary>All weights that it is handed, named or not: two calls that are handed different ones are of different objects.</summary>
        public SortedSet<string> Weights { get; } = new(StringComparer.Ordinal);

        /// <summary>Its name where the modules inside whose names are numbers are its own, and not in a list that it holds.</summary>
        public string? NameOfSequence { get; set; }

        /// <summary>Whether the file tells which object is called.</summary>
        public bool IsKnown { get; set; }
    }

    /// <summary>The call with all calls inside, parameters bound to what the caller hands in.</summary>
    private Call Expand(NodeContent node, Dictionary<string, string> outer, int depth)
    {
        if (depth > _facts.Limits.Depth || ++_expanded > _facts.Limits.ExpandedFunctions)
        {
            throw new ModelReadException("MG.Onnx.TooManyCalls", $"functions call each other more than {_facts.Limits.Depth} deep or {_facts.Limits.ExpandedFunctions} times", null);
        }

        if ((_expanded & 1023) == 0)
        {
            _facts.Cancellation.ThrowIfCancellationRequested();
        }

        var function = _facts.Model.Functions[(node.Domain, node.OpType)];
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < function.Input.Length && i < node.Input.Length; i++)
        {
            names[function.Input[i]] = outer.GetValueOrDefault(node.Input[i], node.Input[i]);
        }

        // Functions of one class that differ are numbered: Sequential.1.
        var type = $"{node.Domain}.{node.OpType}";
        type = type.LastIndexOf('.') is > 0 and var dot && type.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? type[..dot] : type;
        var call = new Call(type, node, names, [], []);
        var values = string.Create(CultureInfo.InvariantCulture, $"{_expanded}/");
        foreach (var output in function.Nodes.SelectMany(n => n.Output))
        {
            names.TryAdd(output, values + output);
        }

        foreach (var inner in function.Nodes)
        {
            if (IsCall(_facts.Model, inner))
            {
                call.Children.Add(Expand(inner, names, depth + 1));
            }
            else
            {
                call.OwnParameters.AddRange(inner.Input.Select(i => names.GetValueOrDefault(i, i)).Where(_weights.IsNamed));
            }

            foreach (var weight in inner.Input.Select(i => _weights.Find(names.GetValueOrDefault(i, i))).OfType<OnnxInitializer>())
            {
                call.Weights.Add(weight.Name);
            }
        }

        return call;
    }

    /// <summary>Names a call's module by the parameters that it reads itself, or else by those of the modules inside, innermost first. Depth is bounded by <see cref="Expand"/>.</summary>
    private static void Name(Call call)
    {
        foreach (var child in call.Children)
        {
            Name(child);
        }

        call.Weights.UnionWith(call.Children.SelectMany(c => c.Weights));
        var known = call.OwnParameters.Select(OnnxWeights.Owner).Concat(call.Children.Where(c => c.IsKnown).Select(c => Holder(c.Name, call.Type))).ToList();
        call.IsKnown = known.Count > 0;
        call.Name = known.MinBy(n => n.Length) ?? "";
        call.NameOfSequence = call.OwnParameters.Count > 0 ? null : call.Children.Where(c => c.IsKnown).Select(c => OnnxWeights.Owner(c.Name)).MinBy(n => n.Length);

        // A class of the user's that hands the weights of modules inside to functions has the name that theirs have in common.
        if (call.Children.Count == 0 && !ModuleTypes.IsTorchNn(call.Type) && known.Distinct(StringComparer.Ordinal).Skip(1).Any() && known.Select(OnnxWeights.Owner).Distinct(StringComparer.Ordinal).ToList() is [{ Length: > 0 } holder])
        {
            call.Name = holder;
        }
    }

    /// <summary>Calls of modules without submodules that read parameters of several: one that another call reads whole is that call's, tied.
    /// And calls of one name that differ in what they are given are of different objects.</summary>
    private void Tell(Call root)
    {
        var calls = new List<Call>();
        for (var pending = new Stack<Call>([root]); pending.TryPop(out var next);)
        {
            calls.Add(next);
            next.Children.ForEach(pending.Push);
        }

        var leaves = calls.Where(c => c.Children.Count == 0 && c.OwnParameters.Count > 0).ToList();
        var whole = leaves.Select(c => c.OwnParameters.Select(OnnxWeights.Owner).Distinct(StringComparer.Ordinal).ToList()).Where(o => o.Count == 1).Select(o => o[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var leaf in leaves)
        {
            if (leaf.OwnParameters.Select(OnnxWeights.Owner).Distinct(StringComparer.Ordinal).Where(o => !whole.Contains(o)).ToList() is [var own] && whole.Contains(leaf.Name))
            {
                leaf.Name = own;
            }
        }

        foreach (var same in leaves.Where(c => c.IsKnown).GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Skip(1).Any()))
        {
            foreach (var other in same.Where(c => Attributes(c.Node) != Attributes(same.First().Node)))
            {
                other.IsKnown = false;
            }
        }

        static string Attributes(NodeContent node) => string.Join('|', node.Attribute.Where(a => a.Ints.Count > 0 || a.HasI || a.HasF).Select(a => $"{a.Name}={string.Join(',', a.Ints)}{a.I}{a.F.ToString(CultureInfo.InvariantCulture)}"));
    }

    /// <summary>The module that calls one of that name: lists are not called, so <c>layers.0</c> is called by what holds layers.</summary>
    private static string Holder(string name, string type)
    {
        var holder = OnnxWeights.Owner(name);
        return name.Length > 0 && char.IsAsciiDigit(name[^1]) && !type.EndsWith(".Sequential", StringComparison.Ordinal) && uint.TryParse(name.AsSpan(holder.Length == 0 ? 0 : holder.Length + 1), out _)
            ? OnnxWeights.Owner(holder)
            : holder;
    }

    /// <summary>Adds a call and those inside to the graph.</summary>
    private int Emit(Call call, int? caller, int graphNode)
    {
        // What has no parameters is named after its node, which bears the class' name and a number. What would be its caller is a subclass of Sequential.
        var builder = _facts.Builder;
        if (call.IsKnown && caller is { } around && call.Name == builder.Modules[around].QualifiedName && call.NameOfSequence is { Length: > 0 } sequence)
        {
            call.Name = sequence;
        }

        var name = call.IsKnown ? call.Name : $"{(caller is { } c && builder.Modules[c].QualifiedName is { Length: > 0 } outer ? outer + "." : "")}{call.Node.Name}";
        var module = builder.FindOrAdd(name);
        builder.Modules[module] = builder.Modules[module] with { Type = call.Type, Origin = ModuleTypes.IsTorchNn(call.Type) ? ModuleOrigin.Framework : ModuleOrigin.User };
        if (module != 0)
        {
            var parameters = call.Names.Values.Where(_weights.IsNamed).Distinct(StringComparer.Ordinal).ToList();
            _facts.AddCall(
                new()
                {
                    Module = module,
                    Caller = caller ?? 0,
                    Node = call.Node.Name,
                    Certainty = parameters is [var only] ? Certainty.Likely($"a separate module tied to the weight '{only}' would look the same in this file") : Certainty.Certain,
                },
                [graphNode]);
        }

        var twins = call.Children.Where(c => !c.IsKnown).GroupBy(c => (c.Type, string.Join('\n', c.Weights))).FirstOrDefault(g => g.Skip(1).Any());
        if (twins is not null)
        {
            _unknown.Add($"'{call.Type}' calls {twins.Count()} times a {twins.Key.Type} {(twins.First().Weights.Count == 0 ? "without parameters" : "with the same nameless parameters")}, which may be one object");
        }

        foreach (var child in call.Children)
        {
            Emit(child, module, graphNode);
        }

        if (_told.Add(module) && builder.Modules[module].Origin is ModuleOrigin.User)
        {
            AddOperations(call, call.IsKnown ? module : null);
        }

        return module;
    }

    /// <summary>What stands in a module's function beside calls of modules are functions that its forward calls.</summary>
    private void AddOperations(Call call, int? module)
    {
        var nodes = new List<OnnxNode>();
        foreach (var inner in _facts.Model.Functions[(call.Node.Domain, call.Node.OpType)].Nodes)
        {
            nodes.Add(new(inner with { Input = Renamed(inner.Input), Output = Renamed(inner.Output) }, call.Type, [], InLoop: false));
        }

        var body = new OnnxFacts(_facts.Model, new() { Nodes = nodes, Initializers = _facts.Initializers }, _facts.Limits, _facts.Cancellation);
        var own = Enumerable.Range(0, nodes.Count).Where(i => !IsCall(_facts.Model, nodes[i].Proto)).ToList();
        var found = OnnxFunctions.Fold(body, own, _weights, new(body, _weights)).ToList();
        body.Builder.Gaps.ForEach(_facts.Builder.Gaps.Add);
        foreach (var (function, node, certainty) in found.Where(f => !IsInherited(call, nodes[f.Node])))
        {
            if (module is { } known)
            {
                _facts.Builder.Operations.Add(new() { Function = function, Module = known, Node = nodes[node].Name, OpType = nodes[node].OpType, Certainty = certainty });
            }
            else if (OperationTable.Find(function) is { Category: OperationCategory.Module } && !(call.Children.Count == 0 && found.Count == 1))
            {
                _facts.Builder.Gaps.Add(new($"the class {call.Type} calls the function {function}, and the file does not name its modules", null, GraphFacts.Operations, "export without export_modules_as_functions, or audit the source"));
            }
        }

        string[] Renamed(string[] values) => Array.ConvertAll(values, v => call.Names.GetValueOrDefault(v, v));
    }

    /// <summary>Whether a module without submodules computes what its base class in torch.nn may do for it: the operator that reads its own parameters.</summary>
    private bool IsInherited(Call call, OnnxNode node) =>
        call.Children.Count == 0 && node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul" or "BatchNormalization" or "LayerNormalization" or "InstanceNormalization"
        && node.Proto.Input.Any(i => _weights.IsNamed(i) && OnnxWeights.Owner(i) == call.Name);
}
