using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Walks a program's nodes in order and turns their stacks into modules, calls and operations.</summary>
/// <remarks>One per program. Parts: <see cref="ProgramModules"/> names modules, <see cref="CallTracker"/> tells calls apart, <see cref="SharedModules"/> finds one object under several names.</remarks>
internal sealed class ProgramTranslation
{
    private readonly Program _program;
    private readonly ReadLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly ModelGraphBuilder _builder = new();
    private readonly ProgramModules _modules;
    private readonly CallTracker _calls;
    private readonly HashSet<(int Call, string Scope, string FunctionCall, string Function)> _doneFunctions = [];
    private readonly Dictionary<(int Module, string Function, SourceLocation? Location), int> _emitted = [];
    private readonly Dictionary<(int Call, string Function, SourceLocation? Location), int> _inCall = [];
    private readonly SharedModules _shared = new();
    private readonly UnplacedNodes _unplaced;
    private readonly bool _hasUnplaced;
    private readonly bool _recordsFurtherCalls;
    private readonly bool _includeNodes;
    private int _branches;
    private int _walked;
    private bool _hasStacks;

    /// <param name="program">As it was read.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Is asked every few thousand nodes.</param>
    /// <param name="includeNodes">Whether <see cref="ModelGraph.Nodes"/> is asked for.</param>
    public ProgramTranslation(Program program, ReadLimits limits, CancellationToken cancellation, bool includeNodes = true)
    {
        (_program, _limits, _cancellation, _includeNodes) = (program, limits, cancellation, includeNodes);
        _modules = new(program, _builder);
        _recordsFurtherCalls = ProgramVersion.RecordsFurtherCalls(program);
        _calls = new(_builder, _recordsFurtherCalls);
        _unplaced = new(_builder, _modules, _calls);
        _hasUnplaced = HasUnplaced(program.Graph);
    }

    /// <summary>Recursion is bounded by the JSON reader.</summary>
    private bool HasUnplaced(ProgramGraph graph) => graph.Nodes.Any(n => StackOf(n) is null || Array.Exists(n.Graphs, HasUnplaced));

    public ModelGraph Translate()
    {
        var main = new GraphScope("", CallTracker.Open(null), [], [], 1, Certainty.Certain, _modules.States);
        Walk(_program.Graph, main, 0);
        if (_hasStacks)
        {
            _unplaced.Resolve(); // else it is said once, of the whole file
        }

        _shared.Merge(_builder);

        var interfaces = new ProgramInterfaces(_program, _builder, _modules.Seen, _limits);
        interfaces.Add();
        return _builder.Build(Framework.PyTorch, ProgramVersion.Exporter(_program), Evidence(interfaces));
    }

    private GraphEvidence Evidence(ProgramInterfaces interfaces)
    {
        if (!_hasStacks)
        {
            const string Reason = "the program's nodes carry no nn_module_stack, so nothing tells which module they belong to; export with torch 2.2 or newer without stripping metadata, or audit the source";
            return GraphEvidence.AllAbsent(Reason) with { RootInterface = interfaces.Root, SubmoduleInterfaces = interfaces.Submodules, ControlFlow = Models.Evidence.Complete, Quantization = Models.Evidence.Complete };
        }

        return new()
        {
            ModuleCalls = BlindSpots(),
            Operations = Models.Evidence.Complete,
            RootInterface = interfaces.Root,
            SubmoduleInterfaces = interfaces.Submodules,
            ModuleTypes = _program.Modules.Count > 0 ? Models.Evidence.Complete : Models.Evidence.BlindSpots("the program lists no modules, so a module may hold others that run no operation"),
            ControlFlow = Models.Evidence.Complete,
            Quantization = Models.Evidence.Complete,
        };
    }

    /// <summary>Modules without parameters look distinct when they are one object; modules without nodes have no calls.</summary>
    private Evidence BlindSpots()
    {
        var leaves = _modules.Seen.Except(_builder.Modules.Select(m => m.Parent).OfType<int>()).Where(i => !_modules.IsKnownObject(i)).Select(i => _builder.Modules[i]);
        var twins = leaves.Where(m => m.Parameters.IsEmpty && m.Type is not null).GroupBy(m => m.Type, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any());
        var reasons = new List<string>();
        if (twins is not null)
        {
            var names = twins.Take(2).Select(m => $"'{m.QualifiedName}'").ToArray();
            reasons.Add($"modules without parameters, such as {names[0]} and {names[1]} ({twins.First().TypeName}), would look the same if they were one object under several names");
        }

        var aliases = _builder.Modules.SelectMany(m => m.Aliases).ToHashSet(StringComparer.Ordinal);
        var parents = _builder.Modules.Select(m => m.Parent).ToHashSet();
        var silent = _builder.Modules.Where((m, i) => !_modules.Seen.Contains(i) && !parents.Contains(i) && !aliases.Contains(m.QualifiedName)).Select(m => m.QualifiedName).FirstOrDefault();
        if (silent is not null)
        {
            reasons.Add($"modules that run no operation, such as '{silent}', leave no trace of their calls");
        }

        return reasons.Count == 0 ? Models.Evidence.Complete : Models.Evidence.BlindSpots($"{string.Join("; ", reasons)}; the source or a TorchScript trace decides");
    }

    /// <summary>Recursion is bounded: the JSON reader bounds how deep graphs nest.</summary>
    private void Walk(ProgramGraph graph, GraphScope scope, int depth)
    {
        while (graph.Nodes.TryDequeue(out var node))
        {
            if ((++_walked & 1023) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
            }

            var trace = node.Trace;
            if (StackOf(node) is not { } stack)
            {
                WalkUnplaced(node, graph, scope, trace, depth);
                continue;
            }

            _hasStacks |= stack.Length > 0;
            var (module, call) = Place(node, stack, trace, scope);
            AddNode(node, graph, scope, module, trace);
            _shared.Read(module, call, node.Target, node.Constants, node.Inputs, scope.States);
            if (_hasUnplaced)
            {
                _unplaced.AddKnown(node, scope, scope.Calls.Now);
            }

            if (node.Graphs.Length == 0)
            {
                AddOperation(node, module, call, trace, scope);
                continue;
            }

            WalkNested(node, scope, stack, depth);
        }
    }

    /// <summary>The modules that a node stands in; null where the file does not tell: no stack is not the root.</summary>
    private ImmutableArray<StackEntry>? StackOf(ProgramNode node)
    {
        if (!node.Stack.IsEmpty && !CalledFunction.IsOfWrapper(node))
        {
            return node.Stack;
        }

        // Stacks of torch 2.1 leave the root out: what is traced in its forward has a function and no stack.
        return _modules.HasOldStacks && node.SourceFunctions is { Length: > 0 } ? [] : null;
    }

    /// <summary>A node of which only its operands tell whose it is: in the graph of a branch or loop that was not strictly exported.</summary>
    private void WalkUnplaced(ProgramNode node, ProgramGraph graph, GraphScope scope, StackTrace trace, int depth)
    {
        AddNode(node, graph, scope, null, trace);
        if (node.Graphs.Length > 0)
        {
            WalkNested(node, scope, scope.Stack, depth);
            return;
        }

        _unplaced.Add(node, scope, trace.UserLocation());
    }

    private void WalkNested(ProgramNode node, GraphScope scope, ImmutableArray<StackEntry> stack, int depth)
    {
        var branch = HigherOrderOperator.Of(node.Target) is HigherOrderKind.Branch ? ++_branches : 0;
        for (var i = 0; i < node.Graphs.Length; i++)
        {
            Walk(node.Graphs[i], scope.Within(node, i, stack, branch), depth + 1);
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
            var index = _modules.IndexOf(entry);
            if (entry.Path.Length == 0 && i == 0)
            {
                CallTracker.Keep(scope.Calls, i, entry.Key, call);
                continue;
            }

            if (index == module && !entry.Key.IsFurtherCall && i > 0 && stack[i - 1].Key == entry.Key)
            {
                continue; // the same level twice
            }

            var facts = i < stack.Length - 1 || _recordsFurtherCalls ? null
                : new CallTracker.NodeFacts(node.Target, CalledFunction.Of(node), CalledFunction.ModuleCall(node), [.. node.Inputs.Select(v => scope.States.GetValueOrDefault(v)).OfType<string>()]);
            call = _calls.Enter(scope.Calls, index, entry.Key, module, new(trace, i + offset, levels, i, facts), scope.Arms, scope.Times, node.Name, scope.Certainty);
            module = index;
        }

        return (module, call);
    }

    private void AddNode(ProgramNode node, ProgramGraph graph, GraphScope scope, int? module, StackTrace trace)
    {
        var name = node.Name ?? node.Outputs.FirstOrDefault() ?? "";
        if (_includeNodes)
        {
            _builder.Nodes.Add(new()
            {
                Name = name,
                OpType = CalledFunction.ShortTarget(node.Target),
                Module = module,
                Graph = scope.Name,
                Inputs = [.. node.Inputs.Select(v => graph.Tensors.GetValueOrDefault(v) ?? new(v))],
                Outputs = [.. node.Outputs.Select(v => graph.Tensors.GetValueOrDefault(v) ?? new(v))],
                Location = trace.UserLocation(),
            });
        }

        // torch.ops.quantized_decomposed.quantize_per_tensor.default, torch.ops.quantized.conv2d.new
        ObservationKind? observed = node.Target.Contains("quantized", StringComparison.Ordinal) ? ObservationKind.Quantized
            : node.Graphs.Length > 0 && HigherOrderOperator.Of(node.Target) is not HigherOrderKind.Once ? ObservationKind.ControlFlow
            : null;
        if (observed is { } kind)
        {
            _builder.Observations.Add(new() { Kind = kind, Name = name, OpType = CalledFunction.ShortTarget(node.Target), Module = module, Location = trace.UserLocation() });
        }
    }

    private void AddOperation(ProgramNode node, int module, int call, StackTrace trace, GraphScope scope)
    {
        // A convolution's _conv_forward, called by a subclass, is torch.nn's; the tensors on the same line may be the user's.
        var called = CalledFunction.Of(node);
        if (called is not null && called.Name.StartsWith("conv", StringComparison.Ordinal) && trace.LastForward is { CallsTorchHelper: true })
        {
            return;
        }

        // A torch.nn module that was called by .forward(...), or that no module holds, runs in its caller's scope: its code is not the user's.
        if (called is not { } function || (_builder.Modules[module].Origin is not ModuleOrigin.Framework && trace.LastForward is { IsTorchModule: true })
            || !_doneFunctions.Add((call, scope.Name, function.Call, function.Name)))
        {
            return;
        }

        // A module that is called again runs the same code again: only what earlier calls did not show is new.
        var location = trace.UserLocation();
        var count = ++CollectionsMarshal.GetValueRefOrAddDefault(_inCall, (call, function.Name, location), out _);
        ref var shown = ref CollectionsMarshal.GetValueRefOrAddDefault(_emitted, (module, function.Name, location), out _);
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
            Certainty = function.Doubt is null ? scope.Certainty : scope.Certainty.And(Certainty.Likely(function.Doubt)),
        });
    }
}
