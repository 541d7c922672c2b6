using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Evidence of <c>torch.onnx.dynamo_export</c> (PyTorch 2.1 to 2.6): every call of a module is a local function of its own, named after class, path and
/// the number of the call, <c>torch_nn_modules_conv_Conv2d_encoder_conv1_2</c>; where the exporter has inlined it, its nodes' names begin with that name.</summary>
/// <remarks>Paths have underscores for dots; the names of weights tell which. Source: torch/onnx/_internal/fx/passes/modularization.py of PyTorch 2.1 to 2.5.</remarks>
internal sealed partial class DynamoExportNames
{
    private const string Domain = "pkg.";
    private const string Library = "pkg.onnxscript";
    private readonly OnnxFacts _facts;
    private readonly OnnxWeights _weights;

    /// <summary>Qualified names by what they are with underscores.</summary>
    private readonly Dictionary<string, string> _modules = new(StringComparer.Ordinal);

    /// <summary>How long those are, the longest first: a path has a module's name at its start at these places alone, and is of a megabyte where a file says so.</summary>
    private readonly ImmutableArray<int> _lengths;
    private readonly List<string> _users;
    private readonly List<OnnxNode> _nodes = [];
    private readonly List<int> _owners = [];
    private readonly HashSet<(string Path, int Call)> _called = [];
    private int _expanded;

    private DynamoExportNames(OnnxFacts facts)
    {
        _facts = facts;
        _weights = new(facts);
        _users = [.. facts.Model.Opsets.Select(o => o.Domain).Where(d => d.StartsWith(Domain, StringComparison.Ordinal) && !d.StartsWith(Library, StringComparison.Ordinal) && !IsTorch(d)).Select(d => Escape(d[Domain.Length..]) + "_")];
        foreach (var owner in _weights.Modules)
        {
            for (var module = owner; module.Length > 0 && _modules.TryAdd(Escape(module), module); module = OnnxWeights.Owner(module))
            {
            }
        }

        _lengths = [.. _modules.Keys.Select(k => k.Length).Distinct().OrderDescending()];
    }

    /// <summary>One call of a module, as a name tells it.</summary>
    /// <param name="Type">The class, underscores for dots.</param>
    /// <param name="Path">The module's path, underscores for dots.</param>
    /// <param name="Number">Which call, from 1.</param>
    /// <param name="IsTorchNn">Whether the class is one of torch.nn's own.</param>
    private sealed record Name(string Type, string Path, int Number, bool IsTorchNn);

    /// <summary>Whether functions or names of nodes are modules' still: PyTorch 2.6 and tools inline all of them, and nothing is left.</summary>
    public static bool Applies(OnnxModel model) => model.Opsets.Exists(o => IsTorch(o.Domain))
        && model.Graph.Nodes.Exists(n => (n.Domain.StartsWith(Domain, StringComparison.Ordinal) && !n.Domain.StartsWith(Library, StringComparison.Ordinal)) || n.Name.Contains("torch_nn_modules_", StringComparison.Ordinal));

    public static GraphEvidence Collect(OnnxFacts facts)
    {
        var names = new DynamoExportNames(facts);
        names._weights.AddParameters(facts.Builder);
        names.Walk(facts.Nodes.Select((n, i) => (n, (int?)i)), new(StringComparer.Ordinal), 0, 0, null);
        ContainerCalls.Add(facts);
        names.AddOperations();
        return new()
        {
            ModuleCalls = Evidence.BlindSpots("one object registered under several names looks like several modules in this file, and modules that leave no node do not show; the source shows them"),
            Operations = Evidence.BlindSpots("functions that the exporter writes as simpler operators look like these, and functions that it removes leave no trace"),
            RootInterface = OnnxBorders.Root,
            SubmoduleInterfaces = OnnxBorders.Submodules,
        };
    }

    private static bool IsTorch(string domain) => domain.StartsWith("pkg.torch.", StringComparison.Ordinal) && domain.Length > 10 && char.IsAsciiDigit(domain[10]);

    /// <summary>Goes through a graph or a function's body: calls of modules are followed, all else belongs to the module whose body it is.</summary>
    private void Walk(IEnumerable<(OnnxNode Node, int? Index)> body, Dictionary<string, string> values, int owner, int depth, int? outer)
    {
        if (depth > _facts.Limits.Depth)
        {
            throw new ModelReadException("MG.Onnx.TooManyCalls", $"functions call each other more than {_facts.Limits.Depth} deep", null);
        }

        foreach (var (node, index) in body)
        {
            if (++_expanded > _facts.Limits.ExpandedFunctions)
            {
                throw new ModelReadException("MG.Onnx.TooManyCalls", $"functions call each other more than {_facts.Limits.ExpandedFunctions} times", null);
            }

            if ((_expanded & 1023) == 0)
            {
                _facts.Cancellation.ThrowIfCancellationRequested();
            }

            var at = index ?? outer ?? 0;
            if (node.Proto.Domain.StartsWith(Domain, StringComparison.Ordinal) && !node.Proto.Domain.StartsWith(Library, StringComparison.Ordinal)
                && _facts.Model.Functions.TryGetValue((node.Proto.Domain, node.OpType), out var function) && Parse(node.OpType + "_0_") is { } called)
            {
                var module = Enter(called, owner, node, at);
                var inner = new Dictionary<string, string>(StringComparer.Ordinal);
                for (var i = 0; i < function.Input.Length && i < node.Proto.Input.Length; i++)
                {
                    inner[function.Input[i]] = values.GetValueOrDefault(node.Proto.Input[i], node.Proto.Input[i]);
                }

                Walk(function.Nodes.Select(n => (new OnnxNode(n, node.Name, node.Arms, node.InLoop), (int?)null)), inner, module, depth + 1, at);
                continue;
            }

            var own = Parse(node.Name) is { } inlined ? Enter(inlined, owner, node, at) : owner;
            if (index is { } known)
            {
                _facts.NodeModules[known] = own;
            }

            _nodes.Add(node with { Proto = node.Proto with { Input = Array.ConvertAll(node.Proto.Input, i => values.GetValueOrDefault(i, i)) } });
            _owners.Add(own);
        }
    }

    /// <summary>The module of a name; its call is added when it is a new one.</summary>
    private int Enter(Name name, int caller, OnnxNode node, int at)
    {
        var builder = _facts.Builder;
        var module = builder.FindOrAdd(Resolve(name.Path));
        if (builder.Modules[module].Type is null)
        {
            builder.Modules[module] = builder.Modules[module] with { Type = name.Type, Origin = name.IsTorchNn ? ModuleOrigin.Framework : ModuleOrigin.User };
        }

        if (module != 0 && _called.Add((name.Path, name.Number)))
        {
            _facts.AddCall(new() { Module = module, Caller = caller, Node = node.Name, Arms = node.Arms }, [at]);
        }

        return module;
    }

    /// <summary>What stands beside calls of modules are functions that the module calls.</summary>
    private void AddOperations()
    {
        var body = new OnnxFacts(_facts.Model, new() { Nodes = _nodes, Initializers = _facts.Initializers }, _facts.Limits, _facts.Cancellation);
        var ranks = new ValueRanks(body, _weights);
        foreach (var own in Enumerable.Range(0, _nodes.Count).GroupBy(i => _owners[i]).Where(g => _facts.Builder.Modules[g.Key].Origin is not ModuleOrigin.Framework))
        {
            var library = own.Where(i => _nodes[i].Proto.Domain.StartsWith(Library, StringComparison.Ordinal)).Select(i => (Function: LibraryFunction(_nodes[i].OpType), Node: i, Certainty: Certainty.Certain));
            var operators = OnnxFunctions.Fold(body, [.. own.Where(i => _nodes[i].Proto.Domain.Length == 0)], _weights, ranks);
            foreach (var (function, node, certainty) in library.Concat(operators).OrderBy(f => f.Node))
            {
                _facts.Builder.Operations.Add(new() { Function = function, Module = own.Key, Node = _nodes[node].Name, OpType = _nodes[node].OpType, Certainty = certainty });
            }
        }
    }

    /// <summary><c>_aten_gelu_approximate_none</c> and <c>aten_relu|folded_0</c> are gelu and relu.</summary>
    private static string LibraryFunction(string opType)
    {
        var name = opType.Split('|')[0].TrimStart('_');
        name = name.StartsWith("aten_", StringComparison.Ordinal) ? name["aten_".Length..] : name;
        foreach (var form in (ReadOnlySpan<string>)["_onnx", "_no_dtype", "_inference"])
        {
            name = name.EndsWith(form, StringComparison.Ordinal) ? name[..^form.Length] : name;
        }

        return name.StartsWith("gelu_approximate", StringComparison.Ordinal) ? "gelu" : AtenNames.Operator(name);
    }

    /// <summary>A node's name: class, path, call, number of the node in the caller, and the name inside the module: <c>torch_nn_modules_conv_Conv2d_encoder_conv1_2_6_Conv_0</c>.</summary>
    private Name? Parse(string name)
    {
        var torch = name.LastIndexOf("torch_nn_modules_", StringComparison.Ordinal);
        var start = torch;
        var module = "torch_nn_modules_";
        foreach (var user in _users)
        {
            var at = name.LastIndexOf(user, StringComparison.Ordinal);
            if (at > start && (at == 0 || name[at - 1] == '_'))
            {
                (start, module) = (at, user);
            }
        }

        if (start < 0 || InlinedName().Match(name, start) is not { Success: true } match)
        {
            return null;
        }

        var whole = match.Groups["path"].Value[module.Length..];
        var isTorchNn = start == torch;
        if ((isTorchNn ? TorchClass() : UserClass()).Match(whole) is not { Success: true } type || !int.TryParse(match.Groups["call"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        var cls = module.Replace('_', '.') + (isTorchNn ? type.Value[..^1].Replace('_', '.') : type.Value[..^1]);
        return new(cls, whole[type.Length..], number, isTorchNn);
    }

    /// <summary>The qualified name behind a path with underscores.</summary>
    private string Resolve(string path)
    {
        // Where an attribute is no identifier: getattr_L__self___layer1___0___conv1 is getattr(self.layer1, '0').conv1.
        path = path.Replace("getattr_", "", StringComparison.Ordinal).Replace("L__self___", "", StringComparison.Ordinal).Replace("___", "_", StringComparison.Ordinal);
        if (_modules.TryGetValue(path, out var known))
        {
            return known;
        }

        foreach (var at in _lengths)
        {
            if (at > 0 && at < path.Length && path[at] == '_' && _modules.TryGetValue(path[..at], out var holder))
            {
                return $"{holder}.{Numbered().Replace(path[(at + 1)..], "${number}.")}";
            }
        }

        return path;
    }

    private static string Escape(string name) => name.Replace('.', '_');

    [GeneratedRegex(@"\G(?<path>.+)_(?<call>[0-9]+)_[0-9]+_(?:[A-Za-z_].*)?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Singleline, Timeout.Infinite)]
    private static partial Regex InlinedName();

    [GeneratedRegex("^[a-z0-9_]+_[A-Z][A-Za-z0-9]*_", RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex TorchClass();

    [GeneratedRegex("^_*[A-Z][A-Za-z0-9]*_", RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex UserClass();

    [GeneratedRegex("^(?<number>[0-9]+)_", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Numbered();
}
