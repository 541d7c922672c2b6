using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Puts a changed model together: the messages around a change get new lengths, everything else is a range of the original.</summary>
internal sealed class OnnxRewriter(OnnxDocument document, OnnxEdits edits)
{
    private readonly HashSet<GraphPlace> _changed = ChangedGraphs(edits);

    /// <exception cref="ModelReadException">The result would not be a legal protobuf file: <c>MG.Repair.TooLarge</c>.</exception>
    public SegmentList Rewrite()
    {
        var result = new SegmentList();
        var byContent = document.Graphs.ToDictionary(g => g.Range);
        foreach (var field in WireWalker.Fields(document.File, new(0, document.File.Length)))
        {
            if (field.Number is OnnxFields.ModelGraph or OnnxFields.ModelFunctions && field.IsMessage
                && byContent.TryGetValue(field.Content, out var graph) && _changed.Contains(graph))
            {
                result.AddField(field.Number, Graph(graph));
            }
            else
            {
                result.Add(field.Whole);
            }
        }

        return result.Length <= int.MaxValue
            ? result
            : throw new ModelReadException("MG.Repair.TooLarge", "with its copied parameters the model would be larger than the 2 GB that a protobuf file can have: share the parameters, or store them as external data");
    }

    private static HashSet<GraphPlace> ChangedGraphs(OnnxEdits edits)
    {
        var changed = new HashSet<GraphPlace>();
        foreach (var start in edits.Nodes.Keys.Select(n => n.Graph).Concat(edits.Copies.Keys.Select(c => c.Graph)).Concat(edits.Formals.Keys))
        {
            for (var graph = start; graph is not null && changed.Add(graph); graph = graph.Outer)
            {
                // The loop's condition does the work: every graph around a change is changed.
            }
        }

        return changed;
    }

    private SegmentList Graph(GraphPlace graph)
    {
        var result = new SegmentList();
        var next = 0;
        var more = edits.Formals.GetValueOrDefault(graph);
        var formals = graph.Formals.Count;
        var nodeField = graph.IsFunction ? OnnxFields.FunctionNode : OnnxFields.GraphNode;
        foreach (var field in WireWalker.Fields(document.File, graph.Range))
        {
            if (field.IsMessage && field.Number == nodeField)
            {
                var node = graph.Nodes[next++];
                if (edits.Nodes.ContainsKey(node) || node.Subgraphs.Exists(_changed.Contains))
                {
                    result.AddField(nodeField, Node(node, edits.Nodes.GetValueOrDefault(node)));
                }
                else
                {
                    result.Add(field.Whole);
                }

                foreach (var copy in edits.NodeCopies.GetValueOrDefault(node) ?? [])
                {
                    result.AddField(nodeField, Node(node, copy));
                }

                continue;
            }

            result.Add(field.Whole);
            if (graph.IsFunction && field.Number == OnnxFields.FunctionInput && --formals == 0)
            {
                more?.ForEach(f => result.AddField(field.Number, Encoding.UTF8.GetBytes(f)));
            }
            else if (!graph.IsFunction && field.IsMessage)
            {
                AddCopies(result, graph, field);
            }
        }

        return result;
    }

    /// <summary>Behind what describes an initializer, the same for each of its copies.</summary>
    private void AddCopies(SegmentList result, GraphPlace graph, WireField field)
    {
        var nameField = field.Number switch
        {
            OnnxFields.GraphInitializer => OnnxFields.TensorName,
            OnnxFields.GraphValueInfo => OnnxFields.ValueInfoName,

            // Before IR version 4 every initializer is an input too.
            OnnxFields.GraphInput when document.IrVersion < 4 => OnnxFields.ValueInfoName,
            _ => 0,
        };
        if (nameField == 0 || edits.Copies.Count == 0 || !edits.Copies.TryGetValue((graph, document.NameIn(field.Content, nameField)), out var copies))
        {
            return;
        }

        foreach (var name in copies)
        {
            result.AddField(field.Number, Renamed(field.Content, nameField, name));
        }
    }

    private SegmentList Renamed(ByteRange message, int nameField, string name)
    {
        var result = new SegmentList();
        foreach (var field in WireWalker.Fields(document.File, message))
        {
            if (field.Number == nameField && field.IsMessage)
            {
                result.AddField(nameField, Encoding.UTF8.GetBytes(name));
            }
            else
            {
                result.Add(field.Whole);
            }
        }

        return result;
    }

    private SegmentList Node(NodePlace node, NodeEdit? edit)
    {
        var result = new SegmentList();
        var input = 0;
        var inputs = node.Inputs.Count;
        foreach (var field in WireWalker.Fields(document.File, node.Range))
        {
            if (!field.IsMessage)
            {
                result.Add(field.Whole);
                continue;
            }

            switch (field.Number)
            {
                case OnnxFields.NodeInput when edit is not null:
                    if (edit.Inputs.TryGetValue(input, out var value))
                    {
                        result.AddField(field.Number, Encoding.UTF8.GetBytes(value));
                    }
                    else
                    {
                        result.Add(field.Whole);
                    }

                    if (++input == inputs)
                    {
                        edit.MoreInputs.ForEach(m => result.AddField(field.Number, Encoding.UTF8.GetBytes(m)));
                    }

                    break;
                case OnnxFields.NodeOutput when edit?.Output is { } output:
                    result.AddField(field.Number, Encoding.UTF8.GetBytes(output));
                    break;
                case OnnxFields.NodeName when edit?.Name is { } name:
                    result.AddField(field.Number, Encoding.UTF8.GetBytes(name));
                    break;
                case OnnxFields.NodeMetadata when edit is { Metadata.Count: > 0 } && edit.Metadata.TryGetValue(document.NameIn(field.Content, OnnxFields.EntryKey), out var text):
                    result.AddField(field.Number, Renamed(field.Content, OnnxFields.EntryValue, text));
                    break;
                case OnnxFields.NodeAttribute when node.Subgraphs.Exists(_changed.Contains):
                    result.AddField(field.Number, Attribute(node, field.Content));
                    break;
                default:
                    result.Add(field.Whole);
                    break;
            }
        }

        return result;
    }

    private SegmentList Attribute(NodePlace node, ByteRange attribute)
    {
        var result = new SegmentList();
        foreach (var field in WireWalker.Fields(document.File, attribute))
        {
            var graph = field.IsMessage && field.Number is OnnxFields.AttributeGraph or OnnxFields.AttributeGraphs
                ? node.Subgraphs.Find(g => g.Range == field.Content && _changed.Contains(g))
                : null;
            if (graph is null)
            {
                result.Add(field.Whole);
            }
            else
            {
                result.AddField(field.Number, Graph(graph));
            }
        }

        return result;
    }
}
