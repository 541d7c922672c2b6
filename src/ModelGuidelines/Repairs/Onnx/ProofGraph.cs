using System.Globalization;
using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>A node as the proof sees it: what it computes and of what, not what it is called.</summary>
/// <param name="Operator">Domain, type and overload.</param>
/// <param name="Inputs">Names of values.</param>
/// <param name="Outputs">Names of values.</param>
/// <param name="Attributes">Each by its identity; the graphs in it by themselves.</param>
internal sealed record ProofNode((string Domain, string Type, string Overload) Operator, List<string> Inputs, List<string> Outputs, List<(string Identity, List<ProofGraph> Graphs)> Attributes);

/// <summary>A graph or a function's body.</summary>
internal sealed class ProofGraph
{
    public List<ProofNode> Nodes { get; } = [];

    /// <summary>What each initializer holds but its name, by its name.</summary>
    public Dictionary<string, string> Initializers { get; } = new(StringComparer.Ordinal);

    /// <summary>Names, and what else is said of them.</summary>
    public List<(string Name, string Identity)> Inputs { get; } = [];

    public List<(string Name, string Identity)> Outputs { get; } = [];

    /// <summary>Everything else that is said of the graph, in order.</summary>
    public List<string> Rest { get; } = [];
}

/// <summary>A whole file.</summary>
internal sealed class ProofModel
{
    public ProofGraph? Main { get; set; }

    public bool InitializersAreInputs { get; set; }

    public Dictionary<(string Domain, string Name, string Overload), ProofGraph> Functions { get; } = [];

    public List<string> Rest { get; } = [];
}

/// <summary>Reads what a proof compares. Weights and other content are known by their place in the original, which the result's writer kept: none of their bytes is read.</summary>
/// <param name="file">The original or the result.</param>
/// <param name="origin">Where a range of this file stands in the original; null where it is new.</param>
/// <param name="limits">How deep.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class ProofReader(PagedFile file, Func<ByteRange, ByteRange?> origin, ReadLimits limits, CancellationToken cancellation)
{
    public ProofModel Read()
    {
        var model = new ProofModel();
        foreach (var field in WireWalker.Fields(file, new(0, file.Length)))
        {
            switch (field.Number)
            {
                case OnnxFields.ModelGraph when field.IsMessage:
                    model.Main = Graph(field.Content, isFunction: false, 0, out _);
                    break;
                case OnnxFields.ModelFunctions when field.IsMessage:
                    var function = Graph(field.Content, isFunction: true, 0, out var name);
                    model.Functions.TryAdd(name, function);
                    break;
                default:
                    if (field is { Number: OnnxFields.ModelIrVersion, WireType: 0 })
                    {
                        model.InitializersAreInputs = WireWalker.Value(file, field) < 4;
                    }

                    model.Rest.Add(Identity(field.Whole));
                    break;
            }
        }

        return model;
    }

    private ProofGraph Graph(ByteRange range, bool isFunction, int depth, out (string Domain, string Name, string Overload) name)
    {
        name = ("", "", "");
        cancellation.ThrowIfCancellationRequested();
        if (depth > limits.Depth)
        {
            throw new ModelReadException("MG.Onnx.TooDeep", $"subgraphs are nested more than {limits.Depth} deep", range.Start);
        }

        var graph = new ProofGraph();
        foreach (var field in WireWalker.Fields(file, range))
        {
            if (field.Number == (isFunction ? OnnxFields.FunctionNode : OnnxFields.GraphNode) && field.IsMessage)
            {
                graph.Nodes.Add(Node(field.Content, depth));
            }
            else if (isFunction)
            {
                switch (field.Number)
                {
                    case OnnxFields.FunctionInput:
                        graph.Inputs.Add((Text(field), ""));
                        break;
                    case OnnxFields.FunctionOutput:
                        graph.Outputs.Add((Text(field), ""));
                        break;
                    case OnnxFields.FunctionName:
                        name.Name = Text(field);
                        break;
                    case OnnxFields.FunctionDomain:
                        name.Domain = Text(field);
                        break;
                    case OnnxFields.FunctionOverload:
                        name.Overload = Text(field);
                        break;
                    default:
                        graph.Rest.Add(Identity(field.Whole));
                        break;
                }
            }
            else
            {
                ReadGraphField(graph, field);
            }
        }

        return graph;
    }

    private void ReadGraphField(ProofGraph graph, WireField field)
    {
        switch (field.Number)
        {
            case OnnxFields.GraphInitializer when field.IsMessage:
                var initializer = Named(field.Content, OnnxFields.TensorName);
                graph.Initializers.TryAdd(initializer.Name, initializer.Identity);
                break;
            case OnnxFields.GraphInput when field.IsMessage:
                graph.Inputs.Add(Named(field.Content, OnnxFields.ValueInfoName));
                break;
            case OnnxFields.GraphOutput when field.IsMessage:
                graph.Outputs.Add(Named(field.Content, OnnxFields.ValueInfoName));
                break;
            case OnnxFields.GraphValueInfo:
                break; // says again what follows from the rest
            default:
                graph.Rest.Add(Identity(field.Whole));
                break;
        }
    }

    private ProofNode Node(ByteRange range, int depth)
    {
        var node = new ProofNode(("", "", ""), [], [], []);
        var called = (Domain: "", Type: "", Overload: "");
        foreach (var field in WireWalker.Fields(file, range))
        {
            switch (field.Number)
            {
                case OnnxFields.NodeInput:
                    node.Inputs.Add(Text(field));
                    break;
                case OnnxFields.NodeOutput:
                    node.Outputs.Add(Text(field));
                    break;
                case OnnxFields.NodeOpType:
                    called.Type = Text(field);
                    break;
                case OnnxFields.NodeDomain:
                    called.Domain = Text(field);
                    break;
                case OnnxFields.NodeOverload:
                    called.Overload = Text(field);
                    break;
                case OnnxFields.NodeAttribute when field.IsMessage:
                    node.Attributes.Add(Attribute(field, depth));
                    break;
                case OnnxFields.NodeName or OnnxFields.NodeMetadata or OnnxFields.NodeDocumentation:
                    break; // where it comes from
                default:
                    node.Attributes.Add((Identity(field.Whole), []));
                    break;
            }
        }

        return node with { Operator = called };
    }

    private (string Identity, List<ProofGraph> Graphs) Attribute(WireField attribute, int depth)
    {
        var identity = new StringBuilder();
        var graphs = new List<ProofGraph>();
        foreach (var field in WireWalker.Fields(file, attribute.Content))
        {
            if (field.IsMessage && field.Number is OnnxFields.AttributeGraph or OnnxFields.AttributeGraphs)
            {
                graphs.Add(Graph(field.Content, isFunction: false, depth + 1, out _));
            }
            else
            {
                identity.Append(Identity(field.Whole)).Append(' ');
            }
        }

        return (identity.ToString(), graphs);
    }

    private (string Name, string Identity) Named(ByteRange message, int nameField)
    {
        var (name, identity) = ("", new StringBuilder());
        foreach (var field in WireWalker.Fields(file, message))
        {
            if (field.Number == nameField)
            {
                name = Text(field);
            }
            else
            {
                identity.Append(Identity(field.Whole)).Append(' ');
            }
        }

        return (name, identity.ToString());
    }

    private string Text(WireField field) => field.IsMessage && field.Content.Length <= limits.NameBytes
        ? Encoding.Latin1.GetString(file.Span(field.Content.Start, (int)field.Content.Length)) // bytes, whatever they mean
        : throw new ModelReadException("MG.Onnx.NameTooLong", $"a name has {field.Content.Length} bytes", field.Whole.Start);

    private string Identity(ByteRange range) => origin(range) is { } place
        ? string.Create(CultureInfo.InvariantCulture, $"{place.Start}+{place.Length}")
        : string.Create(CultureInfo.InvariantCulture, $"new@{range.Start}+{range.Length}");
}
