using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Tells calls of modules apart as nodes pass by.</summary>
/// <remarks>Since torch 2.6 the key of a stack's level names the call (<c>relu@1</c>). Before, a call is inferred: a module that is left and
/// entered again, or entered from another line, is called again: said as Likely for containers, whose nodes other code may part. A torch.nn module of one
/// function is called again when that function runs again, its weight is read again, or the tracer numbers the call.</remarks>
internal sealed class CallTracker(ModelGraphBuilder builder, bool recordsFurtherCalls)
{
    private const string Inferred = "the file is of a version of torch that does not number calls: that it is a further call is inferred from the order and lines of its nodes";
    private const string InBranch = "the graph of a branch or loop was traced on its own and repeats the name of a call outside, which may be the same call";
    private readonly HashSet<int> _called = [];

    /// <summary>The root's call, which no module makes and the graph does not list.</summary>
    public const int RootCall = -1;

    /// <summary>A node's view of one level.</summary>
    /// <param name="Trace">The node's stack trace.</param>
    /// <param name="Level">Of the module, counted with the root.</param>
    /// <param name="Levels">Of the node's stack, counted with the root.</param>
    /// <param name="Depth">Of the module, as the stack has it.</param>
    /// <param name="Node">What it does, at the innermost level; null above, and where the file numbers calls.</param>
    public sealed record Site(StackTrace Trace, int Level, int Levels, int Depth, NodeFacts? Node);

    /// <summary>What tells a further call of the module whose code a node is.</summary>
    /// <param name="Target">The operator.</param>
    /// <param name="Function">The function it belongs to.</param>
    /// <param name="ModuleCall">The tracer's number of the module's call; null where it keeps none.</param>
    /// <param name="States">Parameters and buffers that it reads.</param>
    public sealed record NodeFacts(string Target, CalledFunction? Function, string? ModuleCall, IReadOnlyList<string> States);

    /// <summary>The calls of one graph.</summary>
    public sealed class Frame(Frame? outer)
    {
        public Frame? Outer { get; } = outer;

        public Dictionary<StackKey, int> ByKey { get; } = [];

        /// <summary>What was read of a module that has no place in the stacks, since its last call began.</summary>
        public Dictionary<int, HashSet<(string Target, string State)>> Unplaced { get; } = [];

        /// <summary>The levels of the node before, and of this one.</summary>
        public List<Level> Last { get; set; } = [];

        public List<Level> Now { get; set; } = [];
    }

    /// <summary>One open call.</summary>
    public sealed class Level(StackKey key, int call, string? site)
    {
        private HashSet<string>? _functions;
        private HashSet<(string Target, string State)>? _reads;
        private string? _function;
        private string? _target;
        private string? _moduleCall;

        public StackKey Key => key;

        public int Call => call;

        public string? Site => site;

        public void Add(NodeFacts node)
        {
            _target ??= node.Target;
            _moduleCall ??= node.ModuleCall;
            if (node.States.Count > 0)
            {
                (_reads ??= []).UnionWith(node.States.Select(s => (node.Target, s)));
            }

            if (node.Function is { IsNumbered: true } function)
            {
                _function ??= function.Name;
                (_functions ??= new(StringComparer.Ordinal)).Add(function.Call);
            }
        }

        /// <summary>Whether a node belongs to a further call of a torch.nn module that runs one function.</summary>
        public bool IsEndedBy(NodeFacts node) => node.ModuleCall is not null && _moduleCall is not null ? node.ModuleCall != _moduleCall
            : node.Function is { IsNumbered: true } function ? function.Name == _function && _functions?.Contains(function.Call) is not true
            : _reads is not null || node.States.Count > 0 ? _reads is not null && node.States.Any(s => _reads.Contains((node.Target, s)))
            : node.Target == _target;
    }

    public static Frame Open(Frame? outer) => new(outer)
    {
        // What is open around a graph is open in it.
        Last = outer is null ? [] : [.. outer.Now.Count > 0 ? outer.Now : outer.Last],
    };

    /// <summary>A new node with that many levels.</summary>
    public static void Begin(Frame frame, int levels)
    {
        if (levels > 0)
        {
            if (frame.Now.Count > 0)
            {
                frame.Last = frame.Now;
            }

            frame.Now = [];
        }
    }

    public static void Keep(Frame frame, int depth, StackKey key, int call)
    {
        if (frame.Now.Count == depth)
        {
            frame.Now.Add(depth < frame.Last.Count && frame.Last[depth].Call == call ? frame.Last[depth] : new(key, call, null));
        }
    }

    /// <summary>The call of a module that a node without a place runs, by the parameters that it reads: what was read already is read by a further call.</summary>
    /// <param name="frame">The calls of its graph.</param>
    /// <param name="call">Such a call.</param>
    /// <param name="target">The node's operator.</param>
    /// <param name="states">The module's parameters that it reads.</param>
    public void EnterUnplaced(Frame frame, ModuleCall call, string target, IReadOnlyList<string> states)
    {
        if (!frame.Unplaced.TryGetValue(call.Module, out var reads) || states.Any(s => reads.Contains((target, s))))
        {
            builder.Calls.Add(call);
            _called.Add(call.Module);
            frame.Unplaced[call.Module] = reads = [];
        }

        reads.UnionWith(states.Select(s => (target, s)));
    }

    /// <summary>The call of a module that a node stands in: one that is known, or a new one.</summary>
    public int Enter(Frame frame, int module, StackKey key, int caller, Site site, ImmutableArray<BranchArm> arms, int times, string? node, Certainty certainty)
    {
        var known = Find(frame, module, key, site);
        if (known is { } call)
        {
            frame.Now.Add(LevelOf(frame, key, call, site));
            return call;
        }

        var isFurther = _called.Contains(module);
        var doubt = isFurther ? Doubt(frame, module, key) : null;
        builder.Calls.Add(new()
        {
            Module = module,
            Caller = caller,
            Node = recordsFurtherCalls && !key.IsEmpty ? Label(module, key) : node,
            Location = site.Trace.CallLocation(site.Level, site.Levels),
            Times = times,
            Arms = arms,
            Certainty = doubt is null ? certainty : certainty.And(Certainty.Likely(doubt)),
        });
        _called.Add(module);
        call = builder.Calls.Count - 1;
        frame.ByKey[key] = call;
        frame.Now.Add(LevelOf(frame, key, call, site));
        return call;
    }

    /// <summary><c>relu@1</c>: the module's name with the number of the call.</summary>
    private string Label(int module, StackKey key) =>
        builder.Modules[module].QualifiedName + key.Suffix;

    private string? Doubt(Frame frame, int module, StackKey key)
    {
        if (!recordsFurtherCalls)
        {
            return RunsOneFunction(builder.Modules[module]) ? null : Inferred;
        }

        for (var outer = frame.Outer; outer is not null; outer = outer.Outer)
        {
            if (outer.ByKey.ContainsKey(key))
            {
                return InBranch;
            }
        }

        return null;
    }

    private int? Find(Frame frame, int module, StackKey key, Site site)
    {
        var open = site.Depth < frame.Last.Count && frame.Last[site.Depth].Key == key && PrefixGoesOn(frame, site.Depth) ? frame.Last[site.Depth] : null;
        if (recordsFurtherCalls)
        {
            // Within a branch or loop, a level that was open where the branch stands is that call.
            return frame.ByKey.TryGetValue(key, out var call) ? call : open?.Call;
        }

        if (open is null)
        {
            return null;
        }

        var line = site.Trace.CallSite(site.Level, site.Levels);
        if (line is not null && open.Site is not null && line != open.Site)
        {
            return null;
        }

        return site.Node is { } node && RunsOneFunction(builder.Modules[module]) && open.IsEndedBy(node) ? null : open.Call;
    }

    private static bool PrefixGoesOn(Frame frame, int depth)
    {
        for (var i = 0; i < depth; i++)
        {
            if (i >= frame.Now.Count || i >= frame.Last.Count || frame.Now[i].Call != frame.Last[i].Call)
            {
                return false;
            }
        }

        return true;
    }

    private static Level LevelOf(Frame frame, StackKey key, int call, Site site)
    {
        var depth = site.Depth;
        var level = depth < frame.Last.Count && frame.Last[depth].Call == call ? frame.Last[depth] : new(key, call, site.Trace.CallSite(site.Level, site.Levels));
        if (site.Node is { } node)
        {
            level.Add(node);
        }

        return level;
    }

    private static bool RunsOneFunction(ModelModule module) => module.Type is { } type && module.TypeName is not "MultiheadAttention"
        && new[] { "activation", "conv", "linear", "batchnorm", "pooling", "normalization", "dropout", "sparse" }.Any(m => type.StartsWith($"torch.nn.modules.{m}.", StringComparison.Ordinal));
}
