using System.Runtime.InteropServices;

namespace ModelGuidelines.Formats.Onnx.AfterTools;

/// <summary>Whether nodes stand in the order in which they ran when the model was exported.</summary>
internal static class NodeOrder
{
    /// <summary>The exporter numbers a scope's operators as they run; ONNX Runtime, which sorts them anew, leaves its domains behind.</summary>
    public static bool IsReordered(OnnxModel model, List<OnnxNode> nodes)
    {
        if (model.Opsets.Exists(o => o.Domain is "com.microsoft.nchwc" or "ai.onnx.preview.training"))
        {
            return true;
        }

        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var name = node.Name;
            if (!name.StartsWith('/') || node.Graph.Length > 0)
            {
                continue;
            }

            // Conv is the first of Conv_1, Conv_2.
            var number = ScopeForm.Number(name);
            ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(last, number == 0 ? name : name[..name.LastIndexOf('_')], out _);
            if (number < before)
            {
                return true;
            }

            before = number;
        }

        return false;
    }

    /// <summary>An order in which numbers ascend and values are computed before they are read; otherwise as it was.</summary>
    public static List<OnnxNode> Restore(List<OnnxNode> nodes)
    {
        if (nodes.Exists(n => n.Graph.Length > 0))
        {
            return nodes; // bodies stand behind their node
        }

        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var output in nodes[i].Proto.Output)
            {
                producers.TryAdd(output, i);
            }
        }

        var followers = new List<int>[nodes.Count];
        var waiting = new int[nodes.Count];
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var input in nodes[i].Proto.Input)
            {
                if (producers.TryGetValue(input, out var producer) && producer != i)
                {
                    Follow(producer, i);
                }
            }
        }

        foreach (var series in Enumerable.Range(0, nodes.Count).Where(i => nodes[i].Name.StartsWith('/')).GroupBy(i => Series(nodes[i].Name)))
        {
            var ordered = series.OrderBy(i => ScopeForm.Number(nodes[i].Name)).ToList();
            for (var k = 1; k < ordered.Count; k++)
            {
                Follow(ordered[k - 1], ordered[k]);
            }
        }

        var ready = new PriorityQueue<int, int>();
        for (var i = 0; i < nodes.Count; i++)
        {
            if (waiting[i] == 0)
            {
                ready.Enqueue(i, i);
            }
        }

        var result = new List<OnnxNode>(nodes.Count);
        while (ready.TryDequeue(out var next, out _))
        {
            result.Add(nodes[next]);
            foreach (var follower in followers[next] ?? [])
            {
                if (--waiting[follower] == 0)
                {
                    ready.Enqueue(follower, follower);
                }
            }
        }

        return result.Count == nodes.Count ? result : nodes; // a cycle: the numbers are not the exporter's

        void Follow(int before, int after)
        {
            (followers[before] ??= []).Add(after);
            waiting[after]++;
        }
    }

    private static (string Scope, string Op) Series(string name) => (name[..name.LastIndexOf('/')], ScopeForm.Operator(name));
}
