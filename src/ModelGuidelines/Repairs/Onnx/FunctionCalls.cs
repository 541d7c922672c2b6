using ModelGuidelines.Formats;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Undoes reuse where every module is a local function (<c>export_modules_as_functions=True</c>): one function serves all objects of a class,
/// and the parameters that are handed in make a module what it is. A new module is handed copies; where a function calls one module twice, it takes
/// the second one's parameters as further inputs, and so does every function around it.</summary>
internal sealed class FunctionCalls
{
    private readonly OnnxDocument _document;
    private readonly ModelGraph _graph;
    private readonly GraphPlace _main;
    private readonly ReadLimits _limits;
    private readonly Dictionary<(string Domain, string Name), GraphPlace> _functions = [];
    private readonly Dictionary<GraphPlace, List<Call>> _calls = [];
    private readonly List<Call> _all = [];
    private readonly List<GraphPlace> _innerFirst = [];
    private readonly Dictionary<(string Source, string Wanted), string> _copies = [];
    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);

    private FunctionCalls(OnnxDocument document, ModelGraph graph, ReadLimits limits)
    {
        _document = document;
        _graph = graph;
        _main = document.Main!;
        _limits = limits;
        foreach (var function in document.Graphs.Where(g => g.IsFunction))
        {
            _functions.TryAdd(function.Function, function);
        }
    }

    /// <summary>One call of a function by one way from the main graph.</summary>
    private sealed class Call(NodePlace node, GraphPlace function, Call? outer)
    {
        public NodePlace Node => node;

        public GraphPlace Function => function;

        public Call? Outer => outer;

        /// <summary>What the function's inputs are called in the main graph, where they come from there unchanged.</summary>
        public Dictionary<string, string> Actuals { get; } = new(StringComparer.Ordinal);

        public Dictionary<NodePlace, Call> Inner { get; } = [];

        /// <summary>Index in <see cref="ModelGraph.Modules"/>.</summary>
        public int Module { get; set; }

        /// <summary>The modules around and itself, outermost first.</summary>
        public List<PathChange> Chain { get; set; } = [];

        /// <summary>The innermost new module around it, or itself.</summary>
        public PathChange? Change { get; set; }

        /// <summary>What has to be handed in: the initializer for each input of the changed function.</summary>
        public List<string> Wanted { get; } = [];
    }

    /// <summary>The calls of a file that consists of functions; null for every other file, and where the reader saw other calls.</summary>
    /// <exception cref="ModelReadException"><c>MG.Onnx.TooManyCalls</c>.</exception>
    public static FunctionCalls? Read(OnnxDocument document, ModelGraph graph, ReadLimits limits, CancellationToken cancellation)
    {
        if (document.Main is null)
        {
            return null;
        }

        var result = new FunctionCalls(document, graph, limits);
        if (!document.Main.Nodes.Exists(n => result.FunctionOf(n) is not null)
            || !document.Main.Nodes.TrueForAll(n => result.FunctionOf(n) is not null || n.OpType is "Identity" or "Constant")
            || document.Graphs.Exists(g => g.Outer is not null && g.Nodes.Exists(n => result.FunctionOf(n) is not null)))
        {
            return null;
        }

        foreach (var node in document.Main.Nodes)
        {
            if (result.FunctionOf(node) is { } function)
            {
                result.Expand(node, function, null, 0, cancellation);
            }
        }

        return result.MatchModules() ? result : null;
    }

    /// <summary>Plans new modules for all calls of these modules after each one's first.</summary>
    public void Apply(HashSet<int> reused, NewNames names, OnnxEdits edits, Action<PathChange, Rename> reportNode, Action<PathChange, Rename> reportParameter)
    {
        NameModules(reused, names);
        var reported = new HashSet<Rename>();
        foreach (var function in _innerFirst)
        {
            Split(function, edits);
        }

        foreach (var call in _all.Where(c => c.Outer is null))
        {
            for (var i = 0; i < call.Wanted.Count; i++)
            {
                Hand(edits, call.Node, i, call.Wanted[i]);
            }
        }

        foreach (var ((source, _), copy) in _copies)
        {
            edits.Copy(_main, SourceOf(source)!, copy);
        }

        foreach (var call in _all)
        {
            if (call.Change is { } own && own == call.Chain[^1])
            {
                reportNode(own, new(call.Node.Name, call.Node.Name));
            }

            foreach (var source in call.Change is null ? [] : call.Actuals.Values.Distinct(StringComparer.Ordinal))
            {
                if (_copies.TryGetValue((source, Wanted(source, call.Chain)), out var copy) && reported.Add(new(source, copy)))
                {
                    reportParameter(call.Change!.Value, new(source, copy));
                }
            }
        }
    }

    private GraphPlace? FunctionOf(NodePlace node) => node.Domain.Length > 0 ? _functions.GetValueOrDefault((node.Domain, node.OpType)) : null;

    private void Expand(NodePlace node, GraphPlace function, Call? outer, int depth, CancellationToken cancellation)
    {
        if (depth > _limits.Depth || _all.Count >= _limits.ExpandedFunctions)
        {
            throw new ModelReadException("MG.Onnx.TooManyCalls", $"functions call each other more than {_limits.Depth} deep or {_limits.ExpandedFunctions} times", node.Range.Start);
        }

        if ((_all.Count & 1023) == 0)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        var call = new Call(node, function, outer);
        for (var i = 0; i < Math.Min(node.Inputs.Count, function.Formals.Count); i++)
        {
            if (outer is null ? SourceOf(node.Inputs[i]) is not null : outer.Actuals.ContainsKey(node.Inputs[i]))
            {
                call.Actuals[function.Formals[i]] = outer is null ? node.Inputs[i] : outer.Actuals[node.Inputs[i]];
            }
        }

        outer?.Inner.TryAdd(node, call);
        _all.Add(call);
        foreach (var inner in function.Nodes)
        {
            if (FunctionOf(inner) is { } called)
            {
                Expand(inner, called, call, depth + 1, cancellation);
            }
        }

        // After those that it calls.
        if (!_calls.TryGetValue(function, out var calls))
        {
            _calls[function] = calls = [];
            _innerFirst.Add(function);
        }

        calls.Add(call);
    }

    /// <summary>Finds each call's module: the reader tells calls in the same order, all but that of the root.</summary>
    private bool MatchModules()
    {
        var next = 0;
        foreach (var call in _all)
        {
            if (next < _graph.Calls.Length && _graph.Calls[next] is var told && told.Node == call.Node.Name && (told.Caller ?? 0) == (call.Outer?.Module ?? 0))
            {
                call.Module = told.Module;
                next++;
            }
            else if (call.Outer is { Module: not 0 })
            {
                return false;
            }
        }

        return next == _graph.Calls.Length;
    }

    private void NameModules(HashSet<int> reused, NewNames names)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var call in _all)
        {
            var outer = call.Outer is { } o ? o.Chain[^1] : new PathChange("", "");
            var old = _graph.Modules[call.Module].QualifiedName;
            var plain = old.StartsWith(outer.Old, StringComparison.Ordinal) ? outer.New + old[outer.Old.Length..] : old;
            var path = !reused.Contains(call.Module) || used.Add(plain) ? plain : names.Next(plain);
            call.Chain = [.. call.Outer?.Chain ?? [], new(old, path)];
            call.Change = path != plain ? call.Chain[^1] : call.Outer?.Change;
        }
    }

    /// <summary>Gives a function as many inputs for a parameter as its calls want different ones.</summary>
    private void Split(GraphPlace function, OnnxEdits edits)
    {
        var calls = _calls[function];
        var slots = new List<(NodePlace Node, int Input, string Formal, string[] Wanted)>();
        foreach (var node in Nodes(function))
        {
            var called = FunctionOf(node);
            var count = called is null ? node.Inputs.Count : calls[0].Inner[node].Wanted.Count;
            for (var i = 0; i < count; i++)
            {
                var input = i;
                var formal = i < node.Inputs.Count ? node.Inputs[i] : FormalOf(calls[0], calls[0].Inner[node].Wanted[i]);
                if (formal is null || !calls.TrueForAll(c => c.Actuals.ContainsKey(formal)))
                {
                    continue;
                }

                slots.Add((node, i, formal, [.. calls.Select(c => called is null ? Copy(c.Actuals[formal], c.Chain) : c.Inner[node].Wanted[input])]));
            }
        }

        foreach (var call in calls)
        {
            call.Wanted.AddRange(function.Formals.Select(f => call.Actuals.GetValueOrDefault(f, "")));
        }

        var taken = function.Formals.Concat(function.Producers.Keys).ToHashSet(StringComparer.Ordinal);
        foreach (var formal in slots.GroupBy(s => s.Formal, StringComparer.Ordinal))
        {
            var isFirst = true;
            foreach (var group in formal.GroupBy(s => string.Join('\n', s.Wanted), StringComparer.Ordinal))
            {
                var wanted = group.First().Wanted;
                var name = formal.Key;
                if (isFirst)
                {
                    var at = function.Formals.IndexOf(formal.Key);
                    for (var c = 0; c < calls.Count; c++)
                    {
                        calls[c].Wanted[at] = wanted[c];
                    }

                    isFirst = false;
                }
                else
                {
                    name = OnnxDocument.Free(wanted[0], taken);
                    (edits.Formals.TryGetValue(function, out var more) ? more : edits.Formals[function] = []).Add(name);
                    for (var c = 0; c < calls.Count; c++)
                    {
                        calls[c].Wanted.Add(wanted[c]);
                    }
                }

                foreach (var slot in group)
                {
                    Hand(edits, slot.Node, slot.Input, name);
                }
            }
        }
    }

    /// <summary>The input of a call's function that carries what a further input of a function inside is a copy of; null for an input that is left out.</summary>
    private string? FormalOf(Call call, string wanted)
    {
        var source = _sources.GetValueOrDefault(wanted, wanted);
        return call.Actuals.FirstOrDefault(a => a.Value == source).Key;
    }

    private static void Hand(OnnxEdits edits, NodePlace node, int input, string name)
    {
        if (input < node.Inputs.Count)
        {
            if (name.Length > 0 && node.Inputs[input] != name)
            {
                edits.Of(node).Inputs[input] = name;
            }

            return;
        }

        var more = edits.Of(node).MoreInputs;
        while (node.Inputs.Count + more.Count <= input)
        {
            more.Add("");
        }

        more[input - node.Inputs.Count] = name;
    }

    /// <summary>All nodes of a function, those of control flow's bodies too.</summary>
    private static IEnumerable<NodePlace> Nodes(GraphPlace graph) => graph.Nodes.SelectMany(n => n.Subgraphs.SelectMany(Nodes).Prepend(n));

    /// <summary>The initializer behind a name of the main graph: itself, or what an Identity gives another name.</summary>
    private string? SourceOf(string name) =>
        _main.Initializers.ContainsKey(name) ? name
        : _main.Producers.TryGetValue(name, out var producer) && producer is { OpType: "Identity", Inputs: [var input] } && _main.Initializers.ContainsKey(input) ? input
        : null;

    /// <summary>The initializer that a module of that path is to read: the same, or a copy of it.</summary>
    private string Copy(string source, List<PathChange> chain)
    {
        var wanted = Wanted(source, chain);
        if (wanted == source || !OnnxTensors.IsParameterLike(_document, _main.Initializers[SourceOf(source)!]))
        {
            return source;
        }

        if (!_copies.TryGetValue((source, wanted), out var copy))
        {
            _copies[(source, wanted)] = copy = _document.Free(wanted);
            _sources[copy] = source;
        }

        return copy;
    }

    private static string Wanted(string source, List<PathChange> chain)
    {
        for (var i = chain.Count - 1; i >= 0; i--)
        {
            var (old, changed) = chain[i];
            if (old.Length > 0 && source.Length > old.Length && source.StartsWith(old, StringComparison.Ordinal) && source[old.Length] == '.')
            {
                return changed + source[old.Length..];
            }
        }

        // Tied: it bears the name of another module.
        return chain[^1].New == chain[^1].Old ? source : $"{chain[^1].New}.{source[(source.LastIndexOf('.') + 1)..]}";
    }
}
