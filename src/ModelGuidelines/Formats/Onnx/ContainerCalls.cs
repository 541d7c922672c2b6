using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Calls of containers that own no node themselves: told by their submodules' calls.</summary>
internal static class ContainerCalls
{
    /// <param name="facts">The file, with the calls of modules that own nodes.</param>
    /// <param name="onlyWeighted">Whether calls of modules without weights are not known: then one submodule that is known is not all that the container holds.</param>
    public static void Add(OnnxFacts facts, bool onlyWeighted = false)
    {
        var builder = facts.Builder;
        var called = new bool[builder.Modules.Count];
        var calls = new bool[builder.Modules.Count];
        foreach (var call in builder.Calls)
        {
            (called[call.Module], calls[call.Caller!.Value]) = (true, true);
        }

        var containers = Containers();
        if (containers.Count == 0 && IsOrdered(facts.CallNodes))
        {
            return;
        }

        var all = builder.Calls.Zip(facts.CallNodes, (call, nodes) => (Order: nodes[0], Call: call, Nodes: nodes)).ToList();
        var byCaller = new Dictionary<int, List<(int Order, ModuleCall Call, ImmutableArray<int> Nodes)>>();
        foreach (var call in all)
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(byCaller, call.Call.Caller!.Value, out _) ??= []).Add(call);
        }

        var lastCaller = new int[builder.Modules.Count];

        // Innermost first: a container may be told by containers inside it.
        foreach (var container in containers.OrderByDescending(c => builder.Modules[c].QualifiedName.AsSpan().Count('.')).ToList())
        {
            if (!byCaller.TryGetValue(container, out var inner))
            {
                continue;
            }

            if (IsEachOnce(inner, container))
            {
                Add(container, inner.MinBy(c => c.Order), Certainty.Certain);
                continue;
            }

            var inside = inner.GroupBy(c => c.Call.Module).Select(g => g.OrderBy(c => c.Order).ToList()).ToList();
            var (count, certainty) = Count(builder.Modules, container, inside, onlyWeighted);
            for (var k = 0; k < count; k++)
            {
                Add(container, inside.MinBy(c => c[k].Order)![k], k == 0 ? Certainty.Certain : certainty);
            }
        }

        builder.Calls.Clear();
        facts.CallNodes.Clear();
        foreach (var (_, call, nodes) in all.OrderBy(c => c.Order))
        {
            facts.AddCall(call, nodes);
        }

        void Add(int container, (int Order, ModuleCall Call, ImmutableArray<int> Nodes) first, Certainty certainty)
        {
            var call = (first.Order, new ModuleCall { Module = container, Caller = Caller(container), Node = first.Call.Node, Certainty = certainty }, Nodes: ImmutableArray<int>.Empty);
            all.Add(call);
            (CollectionsMarshal.GetValueRefOrAddDefault(byCaller, call.Item2.Caller!.Value, out _) ??= []).Add(call);
        }

        // Whether a container calls each module once: then it was called once itself.
        bool IsEachOnce(List<(int Order, ModuleCall Call, ImmutableArray<int> Nodes)> inner, int container)
        {
            foreach (var (_, call, _) in inner)
            {
                if (lastCaller[call.Module] == container)
                {
                    return false;
                }

                lastCaller[call.Module] = container;
            }

            return true;
        }

        // Whoever calls, and those around them, and is not known to be called.
        List<int> Containers()
        {
            var found = new List<int>();
            var seen = new bool[called.Length];
            foreach (var call in builder.Calls)
            {
                for (var c = call.Caller!.Value; c != 0 && !seen[c]; c = Caller(c))
                {
                    seen[c] = true;
                    if (!called[c])
                    {
                        found.Add(c);
                    }
                }
            }

            return found;
        }

        int Caller(int container) => builder.Modules[container].Parent is { } parent ? NearestCalled(parent) : 0;

        // A ModuleList is never called: its holder calls what is in it.
        int NearestCalled(int module)
        {
            while (module != 0 && !called[module] && !calls[module])
            {
                module = builder.Modules[module].Parent ?? 0;
            }

            return module;
        }
    }

    private static bool IsOrdered(List<ImmutableArray<int>> calls)
    {
        for (var i = 1; i < calls.Count; i++)
        {
            if (calls[i][0] < calls[i - 1][0])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A container whose submodules were all called equally often was called that often, unless it loops over them itself.
    /// A Sequential runs each of its modules once, one after the other.</summary>
    private static (int Count, Certainty Certainty) Count(
        List<ModelModule> modules, int container, List<List<(int Order, ModuleCall Call, ImmutableArray<int> Nodes)>> inside, bool onlyWeighted)
    {
        var count = inside[0].Count;
        if (count == 1 || inside.Exists(c => c.Count != count))
        {
            return (1, Certainty.Certain);
        }

        var prefix = modules[container].QualifiedName.Length + 1;
        var isSequential = inside.TrueForAll(c => modules[c[0].Call.Module].QualifiedName.AsSpan(prefix).IndexOfAnyExceptInRange('0', '9') < 0);
        if (isSequential && InRounds(inside))
        {
            return (count, inside.SelectMany(c => c.Skip(1)).Select(c => c.Call.Certainty).Aggregate((a, b) => a.IsCertain ? a : b));
        }

        return inside.Count > 1 || onlyWeighted
            ? (count, Certainty.Likely("a loop inside its own forward would look the same in this file"))
            : (1, Certainty.Certain);
    }

    /// <summary>Whether each module has run once before any runs again.</summary>
    private static bool InRounds(List<List<(int Order, ModuleCall Call, ImmutableArray<int> Nodes)>> inside) =>
        Enumerable.Range(1, inside[0].Count - 1).All(k => inside.Max(c => c[k - 1].Order) < inside.Min(c => c[k].Order));
}
