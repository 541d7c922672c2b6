using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Calls of modules in a torch.export-based export: nodes name the modules that they ran in, not in which call of these.</summary>
internal static class DynamoCalls
{
    /// <summary>Adds the calls in the order in which they ran.</summary>
    public static void Add(OnnxFacts facts, List<FxNode> calls)
    {
        var uses = new Dictionary<int, List<(FxNode Fx, int Depth)>>();
        foreach (var fx in calls)
        {
            for (var depth = 1; depth < fx.ModuleIndices.Length; depth++)
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(uses, fx.ModuleIndices[depth], out _) ??= []).Add((fx, depth));
            }
        }

        var found = new List<(int Order, ModuleCall Call, List<int> Nodes)>();
        foreach (var (module, list) in uses)
        {
            found.AddRange(CallsOf(facts, module, list));
        }

        foreach (var (_, call, nodes) in found.OrderBy(f => f.Order))
        {
            facts.AddCall(call, nodes);
        }
    }

    /// <summary>Splits the operations that ran inside one module into calls: first by call site, then by repetition of the whole pattern.</summary>
    private static IEnumerable<(int Order, ModuleCall Call, List<int> Nodes)> CallsOf(OnnxFacts facts, int module, List<(FxNode Fx, int Depth)> uses)
    {
        var info = facts.Builder.Modules[module];
        var isLeaf = uses.TrueForAll(u => u.Depth == u.Fx.Modules.Length - 1);
        var start = 0;
        var site = Site.Of(uses[0]);
        for (var i = 1; i <= uses.Count; i++)
        {
            if (i < uses.Count && (Site.Of(uses[i]) is not { } here || here.Equals(site ??= here)))
            {
                continue;
            }

            var run = start == 0 && i == uses.Count ? uses : uses[start..i];
            var period = run.Count == 1 ? 1 : Repetition.Period(run.ConvertAll(Pattern.Of));
            if (period == run.Count && info.Origin is ModuleOrigin.Framework && isLeaf && SplitByWeight(facts, info, run) is { } parts)
            {
                foreach (var part in parts)
                {
                    yield return Describe(facts, module, part, Certainty.Certain);
                }

                (start, site) = (i, i < uses.Count ? Site.Of(uses[i]) : null);
                continue;
            }

            var certainty = Certainty.Certain;
            if (period < run.Count && info.Origin is not ModuleOrigin.Framework)
            {
                // A loop inside the module's own forward leaves the same pattern as repeated calls of it.
                if (isLeaf || !IsFedFromOutside(facts, run, period))
                {
                    period = run.Count;
                }
                else
                {
                    certainty = Certainty.Likely("a loop inside its own forward would look the same in this file");
                }
            }

            for (var first = 0; first < run.Count; first += period)
            {
                yield return Describe(facts, module, period == run.Count ? run : run.GetRange(first, period), first > 0 ? certainty : Certainty.Certain);
            }

            (start, site) = (i, i < uses.Count ? Site.Of(uses[i]) : null);
        }
    }

    private static (int Order, ModuleCall Call, List<int> Nodes) Describe(OnnxFacts facts, int module, List<(FxNode Fx, int Depth)> part, Certainty certainty)
    {
        var nodes = new List<int>(part.Count);
        part.ForEach(u => nodes.AddRange(u.Fx.Nodes));
        var (fx, depth) = part[0];
        return (nodes[0], new()
        {
            Module = module,
            Caller = fx.ModuleIndices[depth - 1],
            Node = facts.Nodes[nodes[0]].Name,
            Location = CallLocation(fx, depth),
            Arms = facts.Nodes[nodes[0]].Arms,
            Certainty = certainty,
        }, nodes);
    }

    /// <summary>A module of torch.nn reads its own weight once in each call, even where constant folding has broken the pattern.
    /// Recurrent layers read theirs in every step.</summary>
    private static List<List<(FxNode Fx, int Depth)>>? SplitByWeight(OnnxFacts facts, ModelModule module, List<(FxNode Fx, int Depth)> run)
    {
        if (module.TypeName is "LSTM" or "GRU" or "RNN" or "MultiheadAttention")
        {
            return null;
        }

        foreach (var parameter in module.Parameters)
        {
            var name = $"{module.QualifiedName}.{parameter}";
            List<int>? readers = null;
            for (var i = 0; i < run.Count; i++)
            {
                if (Reads(facts, run[i].Fx, name))
                {
                    (readers ??= []).Add(i);
                }
            }

            if (readers is { Count: > 1 })
            {
                return [.. readers.Select((from, k) => run[(k == 0 ? 0 : from)..(k + 1 < readers.Count ? readers[k + 1] : run.Count)])];
            }
        }

        return null;
    }

    private static bool Reads(OnnxFacts facts, FxNode fx, string weight)
    {
        foreach (var node in fx.Nodes)
        {
            if (Array.IndexOf(facts.Nodes[node].Proto.Input, weight) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static SourceLocation? CallLocation(FxNode fx, int depth) => fx.CallFrames[depth] <= 0 ? null : fx.Frames[fx.CallFrames[depth] - 1].Location;

    /// <summary>Whether no repetition reads what the one before it computed: then it is no loop that refines a value.</summary>
    private static bool IsFedFromOutside(OnnxFacts facts, List<(FxNode Fx, int Depth)> run, int period)
    {
        for (var first = period; first < run.Count; first += period)
        {
            var before = run.GetRange(first - period, period).SelectMany(u => u.Fx.Nodes).SelectMany(n => facts.Nodes[n].Proto.Output).ToHashSet(StringComparer.Ordinal);
            if (run.GetRange(first, period).SelectMany(u => u.Fx.Nodes).Any(n => facts.Nodes[n].Proto.Input.Any(before.Contains)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Where a module is called: the lines of all frames above its forward.</summary>
    private readonly record struct Site(FxNode Fx, int Frames)
    {
        /// <summary>Null when frames and modules do not match.</summary>
        public static Site? Of((FxNode Fx, int Depth) use) => use.Fx.CallFrames[use.Depth] is >= 0 and var frames ? new(use.Fx, frames) : null;

        public bool Equals(Site other) => Frames == other.Frames && Fx.Frames.AsSpan(0, Frames).SequenceEqual(other.Fx.Frames.AsSpan(0, Frames), SameLine.Comparer);

        public override int GetHashCode() => Frames;
    }

    /// <summary>What runs inside a module, without the place of its call: equal ones may be one operation that runs again.</summary>
    private readonly record struct Pattern(FxNode Fx, int FirstFrame)
    {
        public static Pattern Of((FxNode Fx, int Depth) use) => new(use.Fx, use.Fx.CallFrames[use.Depth] is >= 0 and var first ? first : Math.Max(0, use.Fx.Frames.Length - 1));

        public bool Equals(Pattern other) => Fx.ModuleIndices[^1] == other.Fx.ModuleIndices[^1] && Fx.Target == other.Fx.Target
            && Fx.Frames.Length - FirstFrame == other.Fx.Frames.Length - other.FirstFrame && HasSameLines(other)
            && Fx.Arguments.Parameters.SequenceEqual(other.Fx.Arguments.Parameters, StringComparer.Ordinal);

        public override int GetHashCode() => Fx.ModuleIndices[^1];

        private bool HasSameLines(Pattern other)
        {
            for (var i = FirstFrame; i < Fx.Frames.Length; i++)
            {
                if (Fx.Frames[i].Line != other.Fx.Frames[i - FirstFrame + other.FirstFrame].Line)
                {
                    return false;
                }
            }

            return true;
        }
    }

    private sealed class SameLine : IEqualityComparer<PythonFrame>
    {
        public static SameLine Comparer { get; } = new();

        public bool Equals(PythonFrame? x, PythonFrame? y) => ReferenceEquals(x, y) || (x!.Line == y!.Line && x.File == y.File);

        public int GetHashCode(PythonFrame frame) => frame.Line;
    }
}
