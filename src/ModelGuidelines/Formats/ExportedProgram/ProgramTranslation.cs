using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Walks a program's nodes in order and turns their stacks into modules, calls and operations.</summary>
/// <remarks>One per program. Parts: <see cref="CallTracker"/> tells calls apart, <see cref="SharedModules"/> finds one object under several names.</remarks>
internal sealed class ProgramTranslation(Program program, ReadLimits limits, CancellationToken cancellation)
{
    private readonly ModelGraphBuilder _builder = new();
    private readonly ModuleStack _stacks = new(limits);
    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);
    private readonly HashSet<int> _seen = [];
    private readonly HashSet<(int Call, string Function)> _doneFunctions = [];
    private readonly Dictionary<int, Dictionary<(string, SourceLocation?), int>> _emitted = [];
    private readonly Dictionary<int, Dictionary<(string, SourceLocation?), int>> _inCall = [];
    private readonly SharedModules _shared = new();
    private CallTracker _calls = null!;
    private int _branches;
    private int _walked;
    private bool _hasStacks;

    public ModelGraph Translate()
    {
        _builder.FindOrAdd("");
        foreach (var entry in program.Modules)
        {
            _builder.FindOrAdd(entry.Name.Split('@')[0]);
        }

        foreach (var (value, name) in program.States)
        {
            var dot = name.LastIndexOf('.');
            _states[value] = name;
            if (_builder.Find(dot < 0 ? "" : name[..dot]) is { } owner)
            {
                _builder.Modules[owner] = _builder.Modules[owner] with { Parameters = _builder.Modules[owner].Parameters.Add(name[(dot + 1)..]) };
            }
        }

        _calls = new(_builder, ProgramVersion.RecordsFurtherCalls(program));
        var main = new GraphScope("", CallTracker.Open(null), [], [], 1, Certainty.Certain);
        Walk(program.Graph, main, 0);
        _shared.Merge(_builder);
        var interfaces = new ProgramInterfaces(program, _builder, _seen, limits);
        interfaces.Add();
        return _builder.Build(Framework.PyTorch, ProgramVersion.Exporter(program), Evidence(interfaces));
    }

    private GraphEvidence Evidence(ProgramInterfaces interfaces)
    {
        if (!_hasStacks)
        {
            const string Reason = "the program's nodes carry no nn_module_stack, so nothing tells which module they belong to; export with torch 2.2 or newer without stripping metadata, or audit the source";
            return GraphEvidence.AllAbsent(Reason) with { RootInterface = interfaces.Root, SubmoduleInterfaces = interfaces.Submodules };
        }

        return new()
        {
            ModuleCalls = BlindSpots(),
            Operations = Models.Evidence.Complete,
            RootInterface = interfaces.Root,
            SubmoduleInterfaces = interfaces.Submodules,
        };
    }

    /// <summary>Modules without parameters look distinct when they are one object; modules without nodes have no calls.</summary>
    private Evidence BlindSpots()
    {
        var leaves = _seen.Except(_builder.Modules.Select(m => m.Parent).OfType<int>()).Select(i => _builder.Modules[i]);
        var twins = leaves.Where(m => m.Parameters.IsEmpty && m.Type is not null).GroupBy(m => m.Type, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any());
        var reasons = new List<string>();
        if (twins is not null)
        {
            var names = twins.Take(2).Select(m => $"'{m.QualifiedName}'").ToArray();
            reasons.Add($"modules without parameters, such as {names[0]} and {names[1]} ({twins.First().TypeName}), would look the same if they were one object under several names");
        }

        var silent = _builder.Modules.Where((m, i) => !_seen.Contains(i) && !_builder.Modules.Exists(c => c.Parent == i)).Select(m => m.QualifiedName).FirstOrDefault();
        if (silent is not null)
        {
            reasons.Add($"modules that run no operation, such as '{silent}', leave no trace of their calls");
        }

        return reasons.Count == 0 ? Models.Evidence.Complete : Models.Evidence.BlindSpots($"{string.Join("; ", reasons)}; the source or a TorchScript trace decides");
    }

    /// <summary>Recursion is bounded: the JSON reader bounds how deep graphs nest.</summary>
    private void Walk(ProgramGraph graph, GraphScope scope, int depth)
    {
        foreach (var node in graph.Nodes)
        {
            if ((++_walked & 1023) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var stack = node.ModuleStack is { Length: > 0 } text ? _stacks.Parse(text) : [];
            _hasStacks |= stack.Length > 0 && node.ModuleStack is not null;
            var hasOwnStack = stack.Length > 0;
            stack = hasOwnStack ? stack : scope.Stack;
            var trace = StackTrace.Parse(node.StackTrace);
            var (module, call) = Place(node, stack, trace, scope);
            AddNode(node, graph, scope, hasOwnStack || depth > 0 ? module : null, trace);
            _shared.Read(module, call, node.Target, node.Constants, node.Inputs, _states);
            if (node.Graphs.Count == 0)
            {
                AddOperation(node, module, call, trace, scope);
                continue;
            }

            WalkNested(node, scope, stack, depth);
        }
    }

    private void WalkNested(ProgramNode node, GraphScope scope, ImmutableArray<StackEntry> stack, int depth)
    {
        var kind = HigherOrderOperator.Of(node.Target);
        var branch = kind is HigherOrderKind.Branch ? ++_branches : 0;
        for (var i = 0; i < node.Graphs.Count; i++)
        {
            // Once: the nodes were moved into a graph of their own after tracing, so calls go on across its border.
            Walk(
                node.Graphs[i],
                new(
                    $"{(scope.Name.Length == 0 ? "" : scope.Name + "/")}{node.Name ?? node.Outputs.FirstOrDefault() ?? CalledFunction.ShortTarget(node.Target)}.{i}",
                    kind is HigherOrderKind.Once ? scope.Calls : CallTracker.Open(scope.Calls),
                    stack,
                    kind is HigherOrderKind.Branch ? scope.Arms.Add(new(branch, i)) : scope.Arms,
                    kind is HigherOrderKind.Loop ? 2 : scope.Times,
                    scope.Certainty),
                depth + 1);
        }
    }

    /// <summary>Enters every module of the stack; returns the innermost and its call.</summary>
    private (int Module, int Call) Place(ProgramNode node, ImmutableArray<StackEntry> stack, StackTrace trace, GraphScope scope)
    {
        var (module, call) = (0, CallTracker.RootCall);
        var levels = stack.Length + (stack.Length > 0 && stack[0].Path.Length > 0 ? 1 : 0); // very old stacks leave the root out
        var offset = levels - stack.Length;
        CallTracker.Begin(scope.Calls, stack.Length);
        for (var i = 0; i < stack.Length; i++)
        {
            var entry = stack[i];
            var index = _builder.FindOrAdd(entry.Path);
            Describe(index, entry);
            _seen.Add(index);
            if (entry.Path.Length == 0 && i == 0)
            {
                CallTracker.Keep(scope.Calls, i, entry.Key, call);
                continue;
            }

            if (entry.Path == _builder.Modules[module].QualifiedName && !entry.IsFurtherCall && i > 0 && stack[i - 1].Key == entry.Key)
            {
                continue; // the same level twice
            }

            var site = new CallTracker.Site(trace, i + offset, levels, i, i == stack.Length - 1 ? CalledFunction.Of(node) : null);
            call = _calls.Enter(scope.Calls, index, entry.Key, module, site, scope.Arms, scope.Times, node.Name, scope.Certainty);
            module = index;
        }

        return (module, call);
    }

    private void Describe(int index, StackEntry entry)
    {
        var module = _builder.Modules[index];
        if (module.Type is null && entry.Type is { } type)
        {
            _builder.Modules[index] = module with { Type = type, Origin = ModuleTypes.IsTorchNn(type) ? ModuleOrigin.Framework : ModuleOrigin.User };
        }
    }

    private void AddNode(ProgramNode node, ProgramGraph graph, GraphScope scope, int? module, StackTrace trace) => _builder.Nodes.Add(new()
    {
        Name = node.Name ?? node.Outputs.FirstOrDefault() ?? "",
        OpType = CalledFunction.ShortTarget(node.Target),
        Module = module,
        Graph = scope.Name,
        Inputs = [.. node.Inputs.Select(v => graph.Tensors.GetValueOrDefault(v) ?? new(v))],
        Outputs = [.. node.Outputs.Select(v => graph.Tensors.GetValueOrDefault(v) ?? new(v))],
        Location = trace.UserLocation(),
    });

    private void AddOperation(ProgramNode node, int module, int call, StackTrace trace, GraphScope scope)
    {
        // A convolution's _conv_forward, called by a subclass, is torch.nn's; the tensors on the same line may be the user's.
        if (CalledFunction.Of(node) is { } convolution && convolution.Name.StartsWith("conv", StringComparison.Ordinal) && trace.LastForward is { CallsTorchHelper: true })
        {
            return;
        }

        // A torch.nn module that was called by .forward(...), or that no module holds, runs in its caller's scope: its code is not the user's.
        if (CalledFunction.Of(node) is not { } function || (_builder.Modules[module].Origin is not ModuleOrigin.Framework && trace.LastForward is { IsTorchModule: true })
            || !_doneFunctions.Add((call, $"{scope.Name}\n{function.Call}\n{function.Name}")))
        {
            return;
        }

        // A module that is called again runs the same code again: only what earlier calls did not show is new.
        var location = trace.UserLocation();
        var counts = CollectionsMarshal.GetValueRefOrAddDefault(_inCall, call, out _) ??= [];
        var count = ++CollectionsMarshal.GetValueRefOrAddDefault(counts, (function.Name, location), out _);
        var emitted = CollectionsMarshal.GetValueRefOrAddDefault(_emitted, module, out _) ??= [];
        ref var shown = ref CollectionsMarshal.GetValueRefOrAddDefault(emitted, (function.Name, location), out _);
        if (count <= shown)
        {
            return;
        }

        shown = count;
        _builder.Operations.Add(new()
        {
            Function = function.Name,
            Module = module,
            Node = node.Name ?? node.Outputs.FirstOrDefault(),
            OpType = CalledFunction.ShortTarget(node.Target),
            Location = location,
            Certainty = scope.Certainty,
        });
    }

    /// <summary>What holds for all nodes of one graph.</summary>
    private sealed record GraphScope(string Name, CallTracker.Frame Calls, ImmutableArray<StackEntry> Stack, ImmutableArray<BranchArm> Arms, int Times, Certainty Certainty);
}
