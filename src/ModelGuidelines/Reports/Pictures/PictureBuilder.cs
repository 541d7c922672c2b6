using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports.Pictures;

/// <summary>Makes boxes of modules and of marked functions, and arrows of the values between them.</summary>
internal sealed class PictureBuilder(ModelGraph graph, IReadOnlyCollection<Finding> findings, bool everyNode)
{
    /// <summary>A value that was put together from more boxes than this shows the first of them.</summary>
    private const int MaximumOrigins = 8;

    private readonly List<PictureBox> _boxes = [];
    private readonly Dictionary<int, int> _boxOfModule = [];
    private readonly Dictionary<(string Graph, string Node), int> _boxOfNode = [];
    private readonly HashSet<(int From, int To, int Call)> _flows = [];
    private readonly Dictionary<int, int> _seenCalls = [];
    private readonly Dictionary<(int Box, string Value), int> _callOf = [];
    private bool[] _hasChildren = [];
    private bool[] _isList = [];
    private HashSet<(string? Model, string Module)> _affected = [];
    private Dictionary<int, long> _timesCalled = [];
    private Dictionary<int, List<string>> _operators = [];
    private int _omitted;

    public Picture Build(string title)
    {
        var modules = graph.Modules;
        _hasChildren = new bool[modules.Length];
        var shown = Shown();
        for (var i = 0; i < modules.Length; i++)
        {
            if (modules[i].Parent is { } parent && shown[i])
            {
                _hasChildren[parent] = true;
            }
        }

        _isList = Lists();
        _operators = graph.Nodes.Where(n => n.Module is not null).GroupBy(n => n.Module!.Value).ToDictionary(g => g.Key, g => g.Select(n => n.OpType).Distinct().Take(2).ToList());
        _timesCalled = graph.Calls.GroupBy(c => c.Module).ToDictionary(g => g.Key, g => g.Sum(c => (long)c.Times));
        _affected = [.. findings.SelectMany(f => f.Affected.Select(a => (f.Model, a)))];
        var marks = findings.Where(f => f.Module is not null && f.Operator is null).ToLookup(f => (f.Model, f.Module));
        for (var i = 0; i < modules.Length; i++)
        {
            if (shown[i])
            {
                AddModule(i, [.. marks[(modules[i].Model, modules[i].QualifiedName)], .. modules[i].Model is null ? [] : marks[(null, modules[i].QualifiedName)]]);
            }
        }

        AddFunctions();
        var hasNodes = graph.Nodes.Any(n => n.Module is not null || everyNode);
        if (hasNodes)
        {
            FollowValues();
        }
        else
        {
            FollowCalls();
        }

        return new() { Title = title, Boxes = [.. _boxes], Flows = [.. _flows.Select(f => new PictureFlow(f.From, f.To, f.Call))], IsOrder = !hasNodes, Omitted = _omitted };
    }

    /// <summary>Modules that the file shows running.</summary>
    private IEnumerable<int> Running() => graph.Calls.Select(c => c.Module).Concat(graph.Nodes.Select(n => n.Module).OfType<int>()).Concat(graph.Operations.Select(o => o.Module));

    /// <summary>Modules that run, with all that hold them, and those that something is said of.</summary>
    private bool[] Shown()
    {
        var modules = graph.Modules;
        var shown = new bool[modules.Length];
        var everything = graph.Calls.IsEmpty && graph.Nodes.All(n => n.Module is null);
        void Show(int? module)
        {
            for (; module is { } m && !shown[m]; module = modules[m].Parent)
            {
                shown[m] = true;
            }
        }

        foreach (var module in Running())
        {
            Show(module);
        }

        var named = findings.Select(f => f.Module).ToHashSet();
        for (var i = 0; i < modules.Length; i++)
        {
            if (everything || modules[i].Parent is null || named.Contains(modules[i].QualifiedName))
            {
                Show(i);
            }
        }

        return shown;
    }

    /// <summary>Containers that nobody calls (lists and dictionaries of modules): their items stand where they are used.</summary>
    private bool[] Lists()
    {
        var runs = Running().ToHashSet();
        runs.UnionWith(graph.Calls.Select(c => c.Caller).OfType<int>());
        var named = findings.Select(f => f.Module).ToHashSet();
        return [.. graph.Modules.Select((m, i) => runs.Count > 0 && m.Parent is not null && _hasChildren[i] && !runs.Contains(i) && !named.Contains(m.QualifiedName))];
    }

    private int? Holder(int module)
    {
        var holder = graph.Modules[module].Parent;
        while (holder is { } h && _isList[h])
        {
            holder = graph.Modules[h].Parent;
        }

        return holder;
    }

    private void AddModule(int index, IReadOnlyList<Finding> marks)
    {
        if (_isList[index])
        {
            return;
        }

        if (_boxes.Count >= Picture.MaximumBoxes)
        {
            _omitted++;
            return;
        }

        var module = graph.Modules[index];
        var parent = Holder(index) is { } p && _boxOfModule.TryGetValue(p, out var box) ? box : -1;
        var name = module.QualifiedName;
        if (Holder(index) is { } holder && graph.Modules[holder].QualifiedName is { Length: > 0 } prefix && name.Length > prefix.Length + 1 && name.StartsWith(prefix, StringComparison.Ordinal) && name[prefix.Length] is '.' or '/')
        {
            name = name[(prefix.Length + 1)..];
        }

        string? Border(ValueDirection direction) => string.Join(", ", marks.Where(f => f.Direction == direction).Select(f => f.ValueType).Distinct()) is { Length: > 0 } text ? Printable.Text(text, 80) : null;
        _boxOfModule[index] = _boxes.Count;
        _boxes.Add(new(Printable.Text(name, 80), name.Length == 0 ? "" : Printable.Text(module.QualifiedName, 300), (module.TypeName ?? (!_hasChildren[index] && _operators.GetValueOrDefault(index) is [var single] ? single : null)) is { } type ? Printable.Text(type, 60) : null, parent)
        {
            Calls = marks.Max(f => (long?)f.CallCount) ?? (_affected.Contains((module.Model, module.QualifiedName)) ? _timesCalled.GetValueOrDefault(index) : 0),
            Marks = [.. marks.Select(f => Printable.Text(f.Message, 300)).Distinct()],
            Entering = Border(ValueDirection.Input),
            Leaving = Border(ValueDirection.Output),
        });
    }

    private void AddFunctions()
    {
        var byName = new Dictionary<(string?, string), int>();
        for (var i = 0; i < graph.Modules.Length; i++)
        {
            byName.TryAdd((graph.Modules[i].Model, graph.Modules[i].QualifiedName), i);
        }

        if (everyNode)
        {
            foreach (var node in graph.Nodes)
            {
                AddOperation(node.Module, node.OpType, node.Name, [], (node.Graph, node.Name));
            }

            return;
        }

        var graphOf = graph.Nodes.GroupBy(n => n.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Graph, StringComparer.Ordinal);
        foreach (var finding in findings.Where(f => f.Operator is not null && f.Module is not null))
        {
            if (byName.TryGetValue((finding.Model, finding.Module!), out var module) || byName.TryGetValue((null, finding.Module!), out module))
            {
                AddOperation(module, finding.Operator!, finding.Location is { } at ? $"line {at.Line}" : null, [Printable.Text(finding.Message, 300)],
                    finding.Node is { } node && graphOf.TryGetValue(node, out var of) ? (of, node) : null);
            }
        }
    }

    private void AddOperation(int? module, string name, string? type, ImmutableArray<string> marks, (string, string)? node)
    {
        if (_boxes.Count >= Picture.MaximumBoxes)
        {
            _omitted++;
            return;
        }

        var parent = module is { } m && _boxOfModule.TryGetValue(m, out var box) ? box : -1;
        if (node is { } key)
        {
            _boxOfNode.TryAdd(key, _boxes.Count);
        }

        _boxes.Add(new(Printable.Text(name, 80), parent < 0 ? "" : _boxes[parent].Path, type is { Length: > 0 } ? Printable.Text(type, 60) : null, parent) { IsOperation = true, Marks = marks });
    }

    /// <summary>From node to node: what runs in a leaf is the leaf, what is drawn itself is itself, all else passes values on.</summary>
    private void FollowValues()
    {
        var origins = new Dictionary<(string, string), ImmutableArray<int>>();
        var graphs = graph.Nodes.Select(n => n.Graph).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            var from = node.Inputs.SelectMany(v => origins.GetValueOrDefault((node.Graph, v.Name), [])).Distinct().Take(MaximumOrigins).ToImmutableArray();
            var box = BoxOf(node, graphs);
            if (box >= 0)
            {
                var values = node.Inputs.Where(v => origins.GetValueOrDefault((node.Graph, v.Name), []).Any(o => o != box)).Select(v => v.Name);
                AddFlows(from.Where(f => f != box), box, CallWith(box, [.. values]));
                from = [box];
            }

            foreach (var output in node.Outputs)
            {
                origins[(node.Graph, output.Name)] = from;
            }
        }
    }

    /// <summary>The box that a node is drawn as; -1: it only passes values on.</summary>
    /// <param name="node">Any node.</param>
    /// <param name="graphs">All graphs of the file: a container that has one of its own is called as a whole.</param>
    private int BoxOf(GraphNode node, HashSet<string> graphs)
    {
        if (_boxOfNode.TryGetValue((node.Graph, node.Name), out var own))
        {
            return own;
        }

        return node.Module is { } m && _boxOfModule.TryGetValue(m, out var box)
            && (!_hasChildren[m] || (graph.Modules[m].QualifiedName is { Length: > 0 } name && name != node.Graph && graphs.Contains(name))) ? box : -1;
    }

    /// <summary>The number of the call that takes these values from outside: a call of several nodes takes one value again and again.</summary>
    private int CallWith(int box, string[] values)
    {
        if (_boxes[box].Calls < 2 || values.Length == 0)
        {
            return 0;
        }

        var call = values.Select(v => _callOf.GetValueOrDefault((box, v))).FirstOrDefault(c => c > 0);
        call = call > 0 ? call : NextCall(box);
        Array.ForEach(values, v => _callOf.TryAdd((box, v), call));
        return call;
    }

    private int NextCall(int box) => _boxes[box].Calls < 2 ? 0 : _seenCalls[box] = _seenCalls.GetValueOrDefault(box) + 1;

    /// <summary>Within each caller from call to call; functions stand where their lines do.</summary>
    private void FollowCalls()
    {
        var functions = _boxes.Select((b, i) => (Box: b, Index: i)).Where(b => b.Box.IsOperation && b.Box.Parent >= 0).ToLookup(b => b.Box.Parent, b => (b.Index, Line: LineOf(b.Box)));
        foreach (var calls in graph.Calls.Where(c => c.Caller is not null).GroupBy(c => c.Caller!.Value))
        {
            var events = calls.Where(c => _boxOfModule.ContainsKey(c.Module)).Select((c, i) => (Box: _boxOfModule[c.Module], Line: c.Location?.Line ?? 0, Order: i)).ToList();
            var own = _boxOfModule.TryGetValue(calls.Key, out var caller) ? functions[caller] : [];
            foreach (var (index, line) in own.Where(f => f.Line > 0))
            {
                var at = events.FindIndex(e => e.Line > line);
                events.Insert(at < 0 ? events.Count : at, (index, line, 0));
            }

            for (var i = 1; i < events.Count; i++)
            {
                if (events[i].Box != events[i - 1].Box)
                {
                    AddFlows([events[i - 1].Box], events[i].Box, NextCall(events[i].Box));
                }
            }
        }
    }

    private static int LineOf(PictureBox box) => box.Type is { } type && type.StartsWith("line ", StringComparison.Ordinal) && int.TryParse(type.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? line : 0;

    private void AddFlows(IEnumerable<int> from, int to, int call)
    {
        foreach (var source in from)
        {
            _flows.Add((source, to, call));
        }
    }
}
