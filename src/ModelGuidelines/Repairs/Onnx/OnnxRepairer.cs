using System.Collections.Immutable;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.Onnx.AfterTools;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Undoes reuse in ONNX models: every call after a module's first gets a scope and parameters of its own.</summary>
public sealed class OnnxRepairer : IFormatRepairer
{
    public string Format => "Onnx";

    /// <inheritdoc/>
    public RepairPlan Plan(ModelSource source, ModelGraph graph, IReadOnlyList<Finding> findings, RepairSettings settings)
    {
        if (graph.Nodes.FirstOrDefault(n => MergedOperators.IsToolsOwn(n.OpType)) is { } node)
        {
            throw new ModelReadException(RepairErrors.Unsupported, $"a quantizer or optimizer has rewritten the graph (node '{node.Name}', {node.OpType}): repair the export before the tool, and run the tool again");
        }

        return new Planning(OnnxDocument.Read(source), graph, settings).Plan(findings, source);
    }

    /// <summary>The work on one file.</summary>
    private sealed class Planning
    {
        private readonly OnnxDocument _document;
        private readonly ModelGraph _graph;
        private readonly RepairSettings _settings;
        private readonly char _separator;
        private readonly NodePlace?[] _places;
        private readonly OnnxEdits _edits = new();
        private readonly List<LeftFinding> _left = [];
        private readonly Dictionary<PathChange, ChangeParts> _changes = [];
        private List<Finding> _shared = [];

        public Planning(OnnxDocument document, ModelGraph graph, RepairSettings settings)
        {
            _document = document;
            _graph = graph;
            _settings = settings;
            _separator = graph.Framework is Framework.Keras ? '/' : '.';
            _places = NodePlaces.Find(document, graph);
        }

        public RepairPlan Plan(IReadOnlyList<Finding> all, ModelSource source)
        {
            _shared = [.. all.Where(f => f.Guideline == Repairer.SharedParameter)];
            IReadOnlyList<Finding> findings = [.. all.Where(f => f.Guideline != Repairer.SharedParameter)];
            var names = new NewNames(_graph.Modules.SelectMany(m => m.Aliases.Add(m.QualifiedName)).Concat(_document.Names), _separator);
            if (FunctionCalls.Read(_document, _graph, source.Limits, source.Cancellation) is { } calls)
            {
                var reused = findings.SelectMany(f => f.Affected.Insert(0, f.Module ?? "")).ToHashSet(StringComparer.Ordinal);
                if (!_settings.ShareParameters)
                {
                    calls.Apply([.. Enumerable.Range(0, _graph.Modules.Length).Where(m => reused.Contains(_graph.Modules[m].QualifiedName))], names, _edits,
                        (change, node) => Parts(change).Nodes.Add(node), (change, parameter) => Parts(change).Parameters.Add(parameter));
                }

                return Finish(findings);
            }

            var instances = new ModuleInstances(_graph, names, _separator);
            foreach (var finding in findings)
            {
                foreach (var name in finding.Affected.Insert(0, finding.Module ?? ""))
                {
                    if (Starts(name, out var module, out var starts) is not { } reason)
                    {
                        var own = starts.Where(s => !IsAlias(s.Node, module)).ToList();
                        instances.Add(module, [.. own.Select(s => s.Node)], [.. own.Select(s => s.Location)]);
                        starts.Except(own).ToList().ForEach(s => instances.AddAlias(_graph.Nodes[s.Node].Module!.Value, module));
                    }
                    else if (name == finding.Module)
                    {
                        _left.Add(new(finding.Guideline, finding.Module, reason));
                        break;
                    }
                }
            }

            var parameters = new ParameterCopies(_document, _graph, _places, names, instances);
            for (var i = 0; i < _graph.Nodes.Length; i++)
            {
                var chain = instances.Chain(i, out var innermost, out var location);
                parameters.Use(i, chain, innermost);
                if (innermost is { } change && _places[i] is { } place)
                {
                    Rename(place, chain, change);
                    Parts(change).Location ??= location;
                }
            }

            if (!_settings.ShareParameters)
            {
                parameters.Apply(_edits, (change, rename) => Parts(change).Parameters.Add(rename));
            }

            return Finish(findings);
        }

        private RepairPlan Finish(IReadOnlyList<Finding> findings)
        {
            var copies = new List<RepairChange>();
            var parameters = new SharedParameters(_document, _edits);
            foreach (var finding in _settings.ShareParameters ? [] : _shared)
            {
                if (parameters.Plan(finding, copies) is { } reason)
                {
                    _left.Add(new(finding.Guideline, finding.Node, reason));
                }
            }

            if (_edits.Nodes.Count == 0)
            {
                var shared = findings.Where(f => !_left.Exists(l => l.Module == f.Module))
                    .Select(f => new LeftFinding(f.Guideline, f.Module, "its calls have names of their own already and differ only in the parameters, which are to stay shared"));
                return new EmptyPlan { Left = [.. _left, .. shared] };
            }

            return new OnnxPlan(_document.Path, new OnnxRewriter(_document, _edits).Rewrite(), [.. OnnxTensors.ExternalFiles(_document)])
            {
                Left = [.. _left],
                Changes = [.. _changes.Select(c => new RepairChange
                {
                    Kind = RepairKind.ModuleCopy,
                    Module = c.Key.Old,
                    NewModule = c.Key.New,
                    Location = c.Value.Location,
                    Nodes = [.. c.Value.Nodes],
                    Parameters = [.. c.Value.Parameters],
                }), .. copies],
            };
        }

        /// <summary>Whether a call runs under another name of the same object.</summary>
        private bool IsAlias(int node, int module) =>
            _graph.Nodes[node].Module is { } index && index != module && _graph.Modules[module].Aliases.Contains(_graph.Modules[index].QualifiedName);

        /// <summary>Where the calls of a module begin; the reason when they cannot be told apart.</summary>
        private string? Starts(string name, out int module, out List<(int Node, SourceLocation? Location)> starts)
        {
            module = -1;
            starts = [];
            for (var i = 0; i < _graph.Modules.Length && module < 0; i++)
            {
                module = _graph.Modules[i].QualifiedName == name ? i : -1;
            }

            var index = module;
            var calls = _graph.Calls.Where(c => c.Module == index).ToList();
            if (calls.Exists(c => c.Times > 1))
            {
                return "it is called in a loop of the graph: one place in the file stands for all its calls";
            }

            var from = 0;
            foreach (var call in calls)
            {
                var start = call.Node is null ? -1 : IndexOf(call.Node, from);
                if (start < 0)
                {
                    return $"the file keeps no nodes of its call '{call.Node}': the exporter merged it with an equal one or removed it, so there is nothing to copy; repair the source";
                }

                if (_places[start] is null or { Graph.IsFunction: true })
                {
                    return "its nodes stand in a local function, whose body serves all its calls";
                }

                starts.Add((start, call.Location));
                from = start + 1;
            }

            return null;
        }

        private int IndexOf(string node, int from)
        {
            for (var i = from; i < _graph.Nodes.Length; i++)
            {
                if (_graph.Nodes[i].Name == node)
                {
                    return i;
                }
            }

            return -1;
        }

        private void Rename(NodePlace place, List<PathChange> chain, PathChange change)
        {
            var parts = Parts(change);
            var edit = new NodeEdit();
            if (ScopeNames.InNodeName(place.Name, chain, _separator) is { } name)
            {
                edit.Name = _document.Names.Add(name) ? name : Free(name);
            }

            Update(edit, place, "pkg.torch.onnx.name_scopes", v => ScopeNames.InNameScopes(v, chain));
            Update(edit, place, "namespace", v => ScopeNames.InNamespace(v, chain));
            if (edit.Name is not null || edit.Metadata.Count > 0)
            {
                _edits.Nodes[place] = edit;
                parts.Nodes.Add(new(place.Name, edit.Name ?? place.Name));
            }
        }

        private string Free(string name)
        {
            for (var i = 1; ; i++)
            {
                var free = $"{name}_{i}";
                if (_document.Names.Add(free))
                {
                    return free;
                }
            }
        }

        private static void Update(NodeEdit edit, NodePlace place, string key, Func<string, string> change)
        {
            if (place.Metadata.TryGetValue(key, out var value) && change(value) is var changed && changed != value)
            {
                edit.Metadata[key] = changed;
            }
        }

        private ChangeParts Parts(PathChange change)
        {
            if (!_changes.TryGetValue(change, out var parts))
            {
                _changes[change] = parts = new();
            }

            return parts;
        }
    }

    private sealed class ChangeParts
    {
        public SourceLocation? Location { get; set; }

        public List<Rename> Nodes { get; } = [];

        public List<Rename> Parameters { get; } = [];
    }
}
