using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>One module that is called more than once on one path through the forward pass.</summary>
/// <param name="Module">Its index.</param>
/// <param name="Count">Calls on that path.</param>
/// <param name="Calls">All its calls, in order.</param>
/// <param name="Certainty">Certain when two of the calls are.</param>
internal sealed record ReusedModule(int Module, int Count, ImmutableArray<ModuleCall> Calls, Certainty Certainty)
{
    /// <summary>Modules that are called again only because this one is, at any depth.</summary>
    public List<int> Affected { get; } = [];

    /// <summary>Calls in a run of which <see cref="Certainty"/> holds.</summary>
    public int CountWhereItHolds { get; init; }
}

/// <summary>Counts calls: what ModuleReuse and LayerReuse share.</summary>
internal static class Reuse
{
    /// <summary>Every reused module that has a reason of its own; the others stand in its container's <see cref="ReusedModule.Affected"/>.</summary>
    public static IEnumerable<ReusedModule> Find(ModelGraph graph)
    {
        var reused = new SortedDictionary<int, ReusedModule>();
        foreach (var (module, all) in CallsOfSeveral(graph))
        {
            var calls = all.ToImmutable();
            if (CountOnOnePath(calls.AsSpan()) is > 1 and var count)
            {
                reused.Add(module, new(module, count, calls, CertaintyOf(calls)) { CountWhereItHolds = Math.Max(2, CountOnOnePath([.. calls.Where(c => !c.IsOfOtherRuns)])) });
            }
        }

        var result = new List<ReusedModule>();
        foreach (var item in reused.Values)
        {
            if (OutermostReason(item, reused, graph.Modules.Length) is { } container)
            {
                container.Affected.Add(item.Module);
            }
            else
            {
                result.Add(item);
            }
        }

        return result;
    }

    /// <summary>The calls of each module that has several, in order.</summary>
    private static Dictionary<int, ImmutableArray<ModuleCall>.Builder> CallsOfSeveral(ModelGraph graph)
    {
        var times = new int[graph.Modules.Length];
        foreach (var call in graph.Calls)
        {
            times[call.Module] = Math.Min(times[call.Module] + Math.Min(call.Times, 2), 2);
        }

        var several = new Dictionary<int, ImmutableArray<ModuleCall>.Builder>();
        foreach (var call in graph.Calls)
        {
            if (times[call.Module] > 1)
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(several, call.Module, out _) ??= ImmutableArray.CreateBuilder<ModuleCall>()).Add(call);
            }
        }

        return several;
    }

    /// <summary>The most calls that one forward pass can make: calls in exclusive arms are not added up.</summary>
    private static int CountOnOnePath(ReadOnlySpan<ModuleCall> calls)
    {
        var flat = new List<(ModuleCall Call, int Depth)>(calls.Length);
        foreach (var call in calls)
        {
            flat.Add((call, 0));
        }

        return Count(flat);

        static int Count(List<(ModuleCall Call, int Depth)> calls)
        {
            var always = 0;
            Dictionary<int, Dictionary<int, List<(ModuleCall, int)>>>? branches = null;
            foreach (var (call, depth) in calls)
            {
                if (depth >= call.Arms.Length)
                {
                    always = checked(always + Math.Min(call.Times, 1 << 20));
                    continue;
                }

                var arm = call.Arms[depth];
                branches ??= [];
                var arms = CollectionsMarshal.GetValueRefOrAddDefault(branches, arm.Branch, out _) ??= [];
                (CollectionsMarshal.GetValueRefOrAddDefault(arms, arm.Arm, out _) ??= []).Add((call, depth + 1));
            }

            return always + (branches?.Values.Sum(arms => arms.Values.Max(Count)) ?? 0);
        }
    }

    /// <summary>Two certain calls on one path are a certain reuse; else it holds where two calls do.</summary>
    private static Certainty CertaintyOf(ImmutableArray<ModuleCall> calls)
    {
        if (CountOnOnePath([.. calls.Where(c => c.Certainty.IsCertain)]) > 1)
        {
            return Certainty.Certain;
        }

        // Of the pairs of calls, the one that asks for least; a call in a loop is a pair by itself. Beyond the first calls nothing simpler is to be expected.
        var runs = calls.SelectMany(c => Enumerable.Repeat(c.Certainty, Math.Min(c.Times, 2))).Take(64).ToList();
        return runs
            .SelectMany((first, i) => runs.Skip(i + 1).Select(second => first.And(second)))
            .Where(c => !c.IsCertain)
            .Append(calls.First(c => !c.Certainty.IsCertain).Certainty)
            .MinBy(c => c.Conditions.Length + (c.Doubt is null ? 0 : 1));
    }

    /// <summary>The container whose repeated calls are the only reason, if there is one; the outermost of a chain.</summary>
    private static ReusedModule? OutermostReason(ReusedModule item, SortedDictionary<int, ReusedModule> reused, int modules)
    {
        ReusedModule? reason = null;
        for (var steps = 0; steps < modules; steps++)
        {
            if (item.Calls[0].Caller is not { } caller || caller == item.Module || item.Calls.Any(c => c.Caller != caller)
                || !reused.TryGetValue(caller, out var container) || item.Count > container.Count
                || container.Certainty.Doubt is not null || (item.Certainty.IsCertain && !container.Certainty.IsCertain)) // a doubtful container is not known to be the only reason
            {
                break;
            }

            reason = item = container;
        }

        return reason;
    }
}
