namespace ModelGuidelines.Repairs.Keras;

/// <summary>The order in which Keras has the layers of a graph after loading it: by their distance to the outputs, then by when they are met on the
/// way back from the outputs. Files number weights by it, so a split layer can change the numbers of others.</summary>
/// <remarks>Source: keras.src.ops.function.map_graph (Keras 3), _map_graph_network in engine/functional.py (Keras 2) and engine/network.py (TensorFlow 1).</remarks>
internal static class LayerOrder
{
    /// <summary>One call: whose, and the calls that feed it, in order.</summary>
    internal sealed record Call(int Layer, List<int> Inputs);

    /// <param name="layers">How many there are.</param>
    /// <param name="calls">All calls; an input layer has one.</param>
    /// <param name="inputs">The graph's input layers, in order.</param>
    /// <param name="outputs">The calls that make its outputs, in order.</param>
    /// <returns>The layers' indices in Keras' order; null when some are not on the way to an output, or calls feed themselves.</returns>
    public static List<int>? Sort(int layers, List<Call> calls, IEnumerable<int> inputs, IEnumerable<int> outputs)
    {
        var met = new int[layers];
        Array.Fill(met, -1);
        var isInput = new bool[layers];
        foreach (var input in inputs)
        {
            isInput[input] = true;
        }

        if (Finish(calls, outputs, met, isInput) is not { } finished)
        {
            return null;
        }

        // From the outputs back: a layer is as deep as the deepest of its calls met so far, and takes that depth to the calls that feed it.
        var depths = new int[calls.Count];
        var layerDepths = new int[layers];
        for (var i = finished.Count - 1; i >= 0; i--)
        {
            var call = calls[finished[i]];
            var depth = Math.Max(depths[finished[i]], layerDepths[call.Layer]);
            layerDepths[call.Layer] = depths[finished[i]] = depth;
            foreach (var input in isInput[call.Layer] ? [] : call.Inputs)
            {
                depths[input] = Math.Max(depths[input], depth + 1);
            }
        }

        for (var layer = 0; layer < layers; layer++)
        {
            if (met[layer] < 0 && !isInput[layer])
            {
                return null;
            }
        }

        return [.. Enumerable.Range(0, layers).OrderByDescending(l => layerDepths[l]).ThenBy(l => met[l])];
    }

    /// <summary>The calls in the order in which a walk from the outputs back is done with them; null when they go in a circle.</summary>
    private static List<int>? Finish(List<Call> calls, IEnumerable<int> outputs, int[] met, bool[] isInput)
    {
        var finished = new List<int>(calls.Count);
        var state = new byte[calls.Count]; // 1 on the way, 2 done
        var count = 0;
        var way = new Stack<(int Call, int Next)>();
        foreach (var output in outputs)
        {
            way.Push((output, 0));
            while (way.TryPop(out var step))
            {
                var call = calls[step.Call];
                if (step.Next == 0)
                {
                    if (state[step.Call] != 0)
                    {
                        if (state[step.Call] == 1)
                        {
                            return null;
                        }

                        continue;
                    }

                    state[step.Call] = 1;
                    met[call.Layer] = met[call.Layer] < 0 ? count++ : met[call.Layer];
                }

                if (!isInput[call.Layer] && step.Next < call.Inputs.Count)
                {
                    way.Push((step.Call, step.Next + 1));
                    way.Push((call.Inputs[step.Next], 0));
                    continue;
                }

                state[step.Call] = 2;
                finished.Add(step.Call);
            }
        }

        return finished;
    }
}
