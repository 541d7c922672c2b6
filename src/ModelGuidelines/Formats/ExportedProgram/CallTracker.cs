using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Tells calls of modules apart as nodes pass by.</summary>
/// <remarks>Since torch 2.6 the key of a stack's level names the call (<c>relu@1</c>). Before, a call is inferred: a module that is left and
/// entered again, or entered from another line, or, for torch.nn modules of one function, whose function runs again, is called again. That is said as Likely.</remarks>
internal sealed class CallTracker(ModelGraphBuilder builder, bool recordsFurtherCalls)
{
    private const string Inferred = "the file is of a version of torch that does not number calls: that it is a further call is inferred from the order and lines of its nodes";
    private const string InBranch = "the graph of a branch or loop was traced on its own and repeats the name of a call outside, which may be the same call";
    private readonly HashSet<int> _called = [];

    /// <summary>The root's call, which no module makes and the graph does not list.</summary>
    public const int RootCall = -1;

    /// <summary>A node's view of one level.</summary>
    public sealed record Site(StackTrace Trace, int Level, int Levels, int Depth, CalledFunction? Function);

    /// <summary>The calls of one graph.</summary>
    public sealed class Frame(Frame? outer)
    {
        public Frame? Outer { get; } = outer;

        public Dictionary<string, int> ByKey { get; } = new(StringComparer.Ordinal);

        /// <summary>The levels of the node before, and of this one.</summary>
        public List<Level> Last { get; set; } = [];

        public List<Level> Now { get; set; } = [];
    }

    /// <summary>One open call.</summary>
    public sealed class Level(string key, int call, string? site)
    {
        public string Key => key;

        public int Call => call;

        public string? Site => site;

        public HashSet<string> Functions { get; } = new(StringComparer.Ordinal);

        public string? Function { get; set; }
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

    public static void Keep(Frame frame, int depth, string key, int call)
    {
        if (frame.Now.Count == depth)
        {
            frame.Now.Add(depth < frame.Last.Count && frame.Last[depth].Call == call ? frame.Last[depth] : new(key, call, null));
        }
    }

    /// <summary>The call of a module that a node stands in: one that is known, or a new one.</summary>
    public int Enter(Frame frame, int module, string key, int caller, Site site, ImmutableArray<BranchArm> arms, int times, string? node, Certainty certainty)
    {
        var known = Find(frame, module, key, site);
        if (known is { } call)
        {
            frame.Now.Add(LevelOf(frame, key, call, site));
            return call;
        }

        var isFurther = _called.Contains(module);
        var doubt = isFurther ? Doubt(frame, key) : null;
        builder.Calls.Add(new()
        {
            Module = module,
            Caller = caller,
            Node = recordsFurtherCalls && key.Length > 0 ? Label(module, key) : node,
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
    private string Label(int module, string key) =>
        builder.Modules[module].QualifiedName + (key.LastIndexOf('@') is var at and >= 0 ? key[at..] : "");

    private string? Doubt(Frame frame, string key)
    {
        if (!recordsFurtherCalls)
        {
            return Inferred;
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

    private int? Find(Frame frame, int module, string key, Site site)
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

        return site.Function is { } function && RunsOneFunction(builder.Modules[module]) && open.Function is not null && function.Name == open.Function && !open.Functions.Contains(function.Call)
            ? null
            : open.Call;
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

    private static Level LevelOf(Frame frame, string key, int call, Site site)
    {
        var depth = site.Depth;
        var level = depth < frame.Last.Count && frame.Last[depth].Call == call ? frame.Last[depth] : new(key, call, site.Trace.CallSite(site.Level, site.Levels));
        if (site.Function is { } function)
        {
            level.Function ??= function.Name;
            level.Functions.Add(function.Call);
        }

        return level;
    }

    private static bool RunsOneFunction(ModelModule module) => module.Type is { } type && module.TypeName is not "MultiheadAttention"
        && new[] { "activation", "conv", "linear", "batchnorm", "pooling", "normalization", "dropout", "sparse" }.Any(m => type.StartsWith($"torch.nn.modules.{m}.", StringComparison.Ordinal));
}
