using System.Globalization;
using System.Runtime.InteropServices;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Calls that ran and left no node, by the numbers of the exported program: ONNX's passes compute equal calls once and remove
/// calls whose result nobody uses, but the FX nodes that stay keep their numbers and the names of what they took.</summary>
internal sealed class UnseenCalls
{
    private readonly OnnxFacts _facts;
    private readonly Dictionary<string, FxNode> _byName;
    private HashSet<string>? _values;
    private readonly HashSet<string> _taken;

    /// <summary>The operator of each module that runs only one; null for the others.</summary>
    private readonly Dictionary<int, string?> _operators = [];

    /// <summary>Modules whose parameters no FX node takes: their calls were folded, removed or merged.</summary>
    private readonly List<ModelModule> _silent;

    private UnseenCalls(OnnxFacts facts, List<FxNode> nodes, Dictionary<string, string> states)
    {
        _facts = facts;
        _byName = nodes.ToDictionary(n => n.Name, StringComparer.Ordinal);
        _taken = new(nodes.Count, StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            foreach (var name in node.Arguments.Names)
            {
                _taken.Add(name);
            }
        }

        foreach (var node in nodes)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_operators, node.ModuleIndices[^1], out var exists);
            known = exists && known != node.Target ? null : node.Target;
        }

        var owners = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var (argument, state) in states)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(owners, OnnxWeights.Owner(state), out _) |= _taken.Contains(argument);
        }

        _silent = [.. owners.Where(o => !o.Value).Select(o => facts.Builder.Modules[facts.Builder.FindOrAdd(o.Key)])];
    }

    /// <summary>What the graph holds and computes.</summary>
    private HashSet<string> Values => _values ??= [.. _facts.Initializers.Select(i => i.Name), .. _facts.Nodes.SelectMany(n => n.Proto.Output)];

    public static void Add(OnnxFacts facts, List<FxNode> nodes, Dictionary<string, string> states)
    {
        if (nodes.TrueForAll(n => n.Arguments.Names.IsEmpty))
        {
            return; // exporters before torch 2.6 record no arguments
        }

        var unseen = new UnseenCalls(facts, nodes, states);
        unseen.AddMerged(nodes);
        unseen.AddRemoved(nodes);
    }

    /// <summary>A node that took <c>embedding_4</c> and now reads <c>embedding_2</c>: the two were equal, so one module computed both.</summary>
    private void AddMerged(List<FxNode> nodes)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            if (!ReadsOther(node))
            {
                continue;
            }

            var instead = node.Nodes.SelectMany(n => _facts.Nodes[n].Proto.Input).Distinct(StringComparer.Ordinal)
                .Where(i => !node.Arguments.Names.Contains(i) && _byName.ContainsKey(i)).Select(i => (Name: i, Number: Number(i))).ToList();
            var gone = node.Arguments.Names.Distinct(StringComparer.Ordinal).Select(n => (Name: n, Number: Number(n)))
                .Where(g => instead.Exists(i => i.Number.Series == g.Number.Series) && !IsThere(g.Name)).ToList();
            foreach (var (name, (series, number)) in gone)
            {
                if (gone.Count(g => g.Number.Series == series) == 1
                    && instead.FindAll(i => i.Number.Series == series) is [var (kept, keptNumber)]
                    && number > keptNumber.Number
                    && ModuleOf(_byName[kept]) is { } module
                    && !IsAmbiguous(_facts.Builder.Modules[module], series)
                    && done.Add(name))
                {
                    AddCall(module, name, "the exporter computed equal calls once, as the numbers of the exported program show; another module with equal weights would look the same");
                }
            }
        }
    }

    /// <summary>Whether a node reads what another computes and it did not take.</summary>
    private bool ReadsOther(FxNode node)
    {
        foreach (var n in node.Nodes)
        {
            var inputs = _facts.Nodes[n].Proto.Input;
            for (var i = 0; i < inputs.Length; i++)
            {
                if (!node.Arguments.Names.Contains(inputs[i]) && _byName.ContainsKey(inputs[i]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool IsThere(string name) => _byName.ContainsKey(name) || Values.Contains(name);

    /// <summary>Whether a module like this one, whose parameters nobody reads, may have made the call. As many of them as there are folded values have another explanation.</summary>
    private bool IsAmbiguous(ModelModule module, string series)
    {
        if (module.Parameters.IsEmpty)
        {
            return true;
        }

        var folded = Values.Count(v => Number(v).Series == series && !_byName.ContainsKey(v));
        return _silent.Count(s => s.Parameters.Length == module.Parameters.Length && !s.Parameters.Except(module.Parameters, StringComparer.Ordinal).Any()) > folded;
    }

    /// <summary>Numbers that are missing from a series in which modules take turns, always in the same order: <c>i2h ? i2h ? i2h h2o</c>.</summary>
    private void AddRemoved(List<FxNode> nodes)
    {
        if (_silent.Count > 0)
        {
            return; // what they computed is missing too
        }

        var all = new Dictionary<string, Dictionary<int, FxNode>>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var (series, number) = Number(node.Name);
            (CollectionsMarshal.GetValueRefOrAddDefault(all, series, out _) ??= []).TryAdd(number, node);
        }

        foreach (var (series, members) in all)
        {
            var length = members.Keys.Max() + 1;
            if (members.Count == length || length > nodes.Count || members.Values.Any(n => ModuleOf(n) is null || !CanOnlyBeRemovedUnused(n)))
            {
                continue;
            }

            var missing = Enumerable.Range(0, length).Where(i => !members.ContainsKey(i)).ToList();
            if (missing.Exists(i => Name(series, i) is var name && (_taken.Contains(name) || Values.Contains(name))) || Turns(members, length) is not { } turns)
            {
                continue;
            }

            foreach (var i in missing)
            {
                AddCall(turns[i % turns.Length], Name(series, i), "the exporter removed calls whose result is not used, as the numbers of the exported program show; calls of another module would leave the same gap");
            }
        }
    }

    /// <summary>The modules of the shortest order that repeats at least once and that every member keeps to; null when there is none.</summary>
    private int[]? Turns(Dictionary<int, FxNode> members, int length)
    {
        for (var period = 1; period <= length / 2; period++)
        {
            if (length % period != 0)
            {
                continue;
            }

            var turns = new int[period];
            Array.Fill(turns, -1);
            if (members.All(m => turns[m.Key % period] is var turn && ModuleOf(m.Value) is { } module && (turn < 0 || turn == module) && (turns[m.Key % period] = module) == module)
                && Array.TrueForAll(turns, t => t >= 0))
            {
                return turns;
            }
        }

        return null;
    }

    private void AddCall(int module, string name, string doubt) => _facts.AddCall(
        new() { Module = module, Caller = _facts.Builder.Calls.FirstOrDefault(c => c.Module == module)?.Caller, Node = name, Certainty = Certainty.Likely(doubt) }, []);

    /// <summary>The torch.nn module that is this operator: a call of the one is a call of the other. Null for all else.</summary>
    private int? ModuleOf(FxNode node) =>
        node.ModuleIndices.Length > 1 && _operators.GetValueOrDefault(node.ModuleIndices[^1]) is not null && _facts.Builder.Modules[node.ModuleIndices[^1]].Origin is ModuleOrigin.Framework
            ? node.ModuleIndices[^1]
            : null;

    /// <summary>Operators that a pass leaves out because they change nothing are no evidence of a call.</summary>
    private bool CanOnlyBeRemovedUnused(FxNode node) =>
        !ModuleTypes.ComputesNothingInInference(_facts.Builder.Modules[node.ModuleIndices[^1]])
        && OperationTable.Find(PyTorch.AtenNames.Function(node.Target)) is { Category: OperationCategory.Module, Name: not ("pad" or "interpolate") };

    private static string Name(string series, int number) => number == 0 ? series : string.Create(CultureInfo.InvariantCulture, $"{series}_{number}");

    /// <summary>FX numbers the nodes of one operator: <c>linear</c>, <c>linear_1</c>, <c>linear_2</c>.</summary>
    private static (string Series, int Number) Number(string name)
    {
        var at = name.LastIndexOf('_');
        return at > 0 && at < name.Length - 1 && name[at + 1] is not '0' && int.TryParse(name.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (name[..at], number)
            : (name, 0);
    }
}
