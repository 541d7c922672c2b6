using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Gives operators of another type, and every further reader of a bias, an initializer of their own.</summary>
/// <remarks>aimet_onnx gives a parameter one quantizer. A Transpose or Identity between weight and operator goes with its readers.</remarks>
internal sealed class SharedParameters(OnnxDocument document, OnnxEdits edits)
{
    private static readonly string[] Biased = ["Conv", "ConvTranspose", "Gemm"];

    /// <summary>A node's input that reads the initializer, by way of a node that passes it on where there is one.</summary>
    private sealed record Reader(NodePlace Node, int Input, NodePlace? Way);

    /// <summary>Plans the copies for one initializer; why there are none, or null.</summary>
    public string? Plan(Finding finding, List<RepairChange> changes)
    {
        if (document.Main is not { } graph || finding.Node is not { } weight || !graph.Initializers.ContainsKey(weight))
        {
            return "the file keeps no initializer of that name in its main graph";
        }

        if (document.IrVersion >= 4 && graph.Inputs.Contains(weight))
        {
            return "the initializer is an input too, which may be given at run time";
        }

        var readers = Readers(graph, weight);
        if (readers is null)
        {
            return "it is read inside of a body or a function, or by way of several nodes";
        }

        // Readers of one type share one, but each bias is its own.
        var taken = new HashSet<NodePlace>();
        var groups = readers.GroupBy(r => Biased.Contains(r.Node.OpType, StringComparer.Ordinal) && r.Input == 2 ? $"bias of {readers.IndexOf(r).ToString(CultureInfo.InvariantCulture)}" : r.Node.OpType, StringComparer.Ordinal).ToList();
        foreach (var group in groups.Skip(1))
        {
            var copy = document.Free(weight);
            edits.Copy(graph, weight, copy);
            foreach (var way in group.GroupBy(r => r.Way))
            {
                var value = copy;
                if (way.Key is { } between)
                {
                    // Where the first type has no need of it, it goes with those that have.
                    if (!groups[0].Any(r => r.Way == between) && taken.Add(between))
                    {
                        edits.Of(between).Inputs[0] = copy;
                        continue;
                    }

                    var made = new NodeEdit { Name = document.Free(between.Name), Output = document.Free(between.Outputs[0]) };
                    made.Inputs[0] = copy;
                    (edits.NodeCopies.TryGetValue(between, out var copies) ? copies : edits.NodeCopies[between] = []).Add(made);
                    edits.Of(between);
                    value = made.Output!;
                }

                foreach (var reader in way)
                {
                    edits.Of(reader.Node).Inputs[reader.Input] = value;
                }
            }

            changes.Add(new()
            {
                Kind = RepairKind.ParameterCopy,
                Module = weight,
                NewModule = copy,
                Parameters = [new(weight, copy)],
            });
        }

        // Where another repair of this run has given readers copies, those that are left may be of one type.
        return null;
    }

    /// <summary>In order; null where one of them cannot be followed.</summary>
    private List<Reader>? Readers(GraphPlace graph, string weight)
    {
        var readers = new List<Reader>();
        var ways = new Dictionary<string, NodePlace>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            var current = edits.Nodes.GetValueOrDefault(node);
            for (var i = 0; i < node.Inputs.Count; i++)
            {
                // What another repair of this run has changed reads a copy of its own already.
                if (current?.Inputs.ContainsKey(i) == true || !(node.Inputs[i] == weight || ways.ContainsKey(node.Inputs[i])))
                {
                    continue;
                }

                var way = ways.GetValueOrDefault(node.Inputs[i]);
                if (node is { OpType: "Identity" or "Transpose", Domain: "" or "ai.onnx", Outputs.Count: 1 })
                {
                    if (way is not null)
                    {
                        return null;
                    }

                    ways[node.Outputs[0]] = node;
                }
                else
                {
                    readers.Add(new(node, i, way));
                }
            }
        }

        // Bodies see the outer graph's values.
        var names = ways.Keys.Append(weight).ToHashSet(StringComparer.Ordinal);
        return document.Graphs.Exists(g => g != graph && !g.IsFunction && g.Nodes.Exists(n => n.Inputs.Exists(names.Contains))) ? null : readers;
    }
}
