namespace ModelGuidelines.Reports.Diagrams;

/// <summary>Places boxes in layers, callers above callees: a small form of Sugiyama's method (longest path, barycenters).</summary>
internal static class LayeredLayout
{
    private const int Sweeps = 4;

    /// <summary>The boxes of each layer, from the top, in order from the left.</summary>
    public static List<List<int>> Place(Diagram diagram)
    {
        var count = diagram.Boxes.Length;
        var next = Neighbours(count, diagram.Arrows.Select(a => (a.From, a.To)));
        var previous = Neighbours(count, diagram.Arrows.Select(a => (a.To, a.From)));
        var layerOf = Layers(count, next, previous);
        var layers = new List<List<int>>();
        for (var i = 0; i < count; i++)
        {
            while (layers.Count <= layerOf[i])
            {
                layers.Add([]);
            }

            layers[layerOf[i]].Add(i);
        }

        var position = new double[count];
        layers.ForEach(l => Number(l, position));
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var down = sweep % 2 == 0;
            for (var i = 0; i < layers.Count; i++)
            {
                var layer = layers[down ? i : layers.Count - 1 - i];
                var neighbours = down ? previous : next;
                var keys = layer.ToDictionary(b => b, b => neighbours[b].Count == 0 ? position[b] : neighbours[b].Average(n => position[n]));
                var ordered = layer.OrderBy(b => keys[b]).ThenBy(b => b).ToList();
                layer.Clear();
                layer.AddRange(ordered);
                Number(layer, position);
            }
        }

        return layers;
    }

    private static void Number(List<int> layer, double[] position)
    {
        for (var i = 0; i < layer.Count; i++)
        {
            position[layer[i]] = (i + 0.5) / layer.Count;
        }
    }

    /// <summary>The longest way from a start; an arrow that closes a cycle is passed over.</summary>
    private static int[] Layers(int count, List<int>[] next, List<int>[] previous)
    {
        var layer = new int[count];
        var waiting = previous.Select(p => p.Count).ToArray();
        var done = new bool[count];
        var ready = new Queue<int>(Enumerable.Range(0, count).Where(i => waiting[i] == 0));
        var resume = 0;
        for (var placed = 0; placed < count; placed++)
        {
            if (!ready.TryDequeue(out var box))
            {
                while (done[resume])
                {
                    resume++;
                }

                box = resume; // only cycles are left: break one at its first box
            }

            done[box] = true;
            foreach (var to in next[box].Where(t => !done[t]))
            {
                layer[to] = Math.Max(layer[to], layer[box] + 1);
                if (--waiting[to] == 0)
                {
                    ready.Enqueue(to);
                }
            }
        }

        return layer;
    }

    private static List<int>[] Neighbours(int count, IEnumerable<(int From, int To)> arrows)
    {
        var result = Enumerable.Range(0, count).Select(_ => new List<int>()).ToArray();
        foreach (var (from, to) in arrows)
        {
            result[from].Add(to);
        }

        return result;
    }
}
