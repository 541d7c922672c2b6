using System.Globalization;
using System.Text;
using ModelGuidelines.Formats;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>A node and its place in the file.</summary>
internal sealed class NodePlace
{
    public required GraphPlace Graph { get; init; }

    public required ByteRange Range { get; init; }

    public string Name { get; set; } = "";

    public string OpType { get; set; } = "";

    public string Domain { get; set; } = "";

    /// <summary>The operator as the model graph names it: with its domain, unless that is ONNX' own.</summary>
    public string Operator => Domain is "" or "ai.onnx" ? OpType : $"{Domain}.{OpType}";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    /// <summary>metadata_props whose values a repair may have to change, by key.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public List<GraphPlace> Subgraphs { get; } = [];
}

/// <summary>A graph (or a function's body) and its place in the file.</summary>
internal sealed class GraphPlace
{
    public required ByteRange Range { get; init; }

    /// <summary>The graph whose node holds it; null for the main graph and for functions.</summary>
    public GraphPlace? Outer { get; init; }

    public bool IsFunction { get; init; }

    /// <summary>What nodes call a function: domain and name.</summary>
    public (string Domain, string Name) Function { get; set; }

    /// <summary>A function's inputs, in order.</summary>
    public List<string> Formals { get; } = [];

    public List<NodePlace> Nodes { get; } = [];

    /// <summary>Initializers by name: their TensorProto.</summary>
    public Dictionary<string, ByteRange> Initializers { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Inputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Values made by nodes here.</summary>
    public Dictionary<string, NodePlace> Producers { get; } = new(StringComparer.Ordinal);
}

/// <summary>Where everything stands that a repair reads or rewrites: names and places, no weights.</summary>
internal sealed class OnnxDocument
{
    private static readonly string[] MetadataOfInterest = ["namespace", "pkg.torch.onnx.name_scopes"];
    private readonly ModelSource _source;
    private int _items;

    private OnnxDocument(ModelSource source)
    {
        _source = source;
    }

    public PagedFile File => _source.File;

    public string Path => _source.Path;

    public long IrVersion { get; private set; }

    public GraphPlace? Main { get; private set; }

    /// <summary>The main graph, subgraphs and functions' bodies, in file order, outer before inner.</summary>
    public List<GraphPlace> Graphs { get; } = [];

    /// <summary>Every name of a value, initializer or node: new ones must be others.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>A name that nothing has, and that is taken from now on: the wanted one, or the first of <c>name_2</c>, <c>name_3</c>.</summary>
    public string Free(string name) => Free(name, Names);

    /// <summary>The same among other names.</summary>
    public static string Free(string name, HashSet<string> taken)
    {
        var free = name;
        for (var i = 2; !taken.Add(free); i++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return free;
    }

    /// <exception cref="ModelReadException">The file is damaged or exceeds a limit.</exception>
    public static OnnxDocument Read(ModelSource source)
    {
        var document = new OnnxDocument(source);
        foreach (var field in WireWalker.Fields(source.File, new(0, source.File.Length)))
        {
            switch (field.Number)
            {
                case OnnxFields.ModelIrVersion when field.WireType == 0:
                    document.IrVersion = (long)WireWalker.Value(source.File, field);
                    break;
                case OnnxFields.ModelGraph when field.IsMessage:
                    if (document.Main is not null)
                    {
                        throw new ModelReadException(RepairErrors.Unsupported, "the file has its graph in several parts, which a repair does not rewrite", field.Whole.Start);
                    }

                    document.Main = document.ReadGraph(field.Content, null, isFunction: false, 0);
                    break;
                case OnnxFields.ModelFunctions when field.IsMessage:
                    document.ReadGraph(field.Content, null, isFunction: true, 0);
                    break;
            }
        }

        return document;
    }

    /// <summary>The text of a field.</summary>
    public string Text(ByteRange range)
    {
        if (range.Length > _source.Limits.NameBytes)
        {
            throw new ModelReadException("MG.Onnx.NameTooLong", $"a name has {range.Length} bytes", range.Start);
        }

        return Encoding.UTF8.GetString(File.Span(range.Start, (int)range.Length));
    }

    private GraphPlace ReadGraph(ByteRange range, GraphPlace? outer, bool isFunction, int depth)
    {
        if (depth > _source.Limits.Depth)
        {
            throw new ModelReadException("MG.Onnx.TooDeep", $"subgraphs are nested more than {_source.Limits.Depth} deep", range.Start);
        }

        var graph = new GraphPlace { Range = range, Outer = outer, IsFunction = isFunction, Function = ("", "") };
        Graphs.Add(graph);
        var nodeField = isFunction ? OnnxFields.FunctionNode : OnnxFields.GraphNode;
        foreach (var field in WireWalker.Fields(File, range))
        {
            if (++_items % 4096 == 0)
            {
                _source.Cancellation.ThrowIfCancellationRequested();
            }

            if (_items > _source.Limits.Items)
            {
                throw new ModelReadException("MG.Onnx.TooManyItems", $"the file has more than {_source.Limits.Items} items", field.Whole.Start);
            }

            if (!field.IsMessage)
            {
                continue;
            }

            if (field.Number == nodeField)
            {
                var node = ReadNode(field.Content, graph, depth);
                graph.Nodes.Add(node);
                Names.Add(node.Name);
                foreach (var output in node.Outputs)
                {
                    Names.Add(output);
                    graph.Producers.TryAdd(output, node);
                }
            }
            else if (isFunction)
            {
                ReadFunction(graph, field);
            }
            else if (field.Number == OnnxFields.GraphInitializer)
            {
                var name = NameIn(field.Content, OnnxFields.TensorName);
                Names.Add(name);
                graph.Initializers.TryAdd(name, field.Content);
            }
            else if (field.Number == OnnxFields.GraphInput)
            {
                var name = NameIn(field.Content, OnnxFields.ValueInfoName);
                Names.Add(name);
                graph.Inputs.Add(name);
            }
        }

        return graph;
    }

    private void ReadFunction(GraphPlace function, WireField field)
    {
        switch (field.Number)
        {
            case OnnxFields.FunctionName:
                function.Function = (function.Function.Domain, Text(field.Content));
                break;
            case OnnxFields.FunctionDomain:
                function.Function = (Text(field.Content), function.Function.Name);
                break;
            case OnnxFields.FunctionInput:
                function.Formals.Add(Text(field.Content));
                break;
        }
    }

    private NodePlace ReadNode(ByteRange range, GraphPlace graph, int depth)
    {
        var node = new NodePlace { Graph = graph, Range = range };
        foreach (var field in WireWalker.Fields(File, range))
        {
            if (!field.IsMessage)
            {
                continue;
            }

            switch (field.Number)
            {
                case OnnxFields.NodeInput:
                    node.Inputs.Add(Text(field.Content));
                    break;
                case OnnxFields.NodeOutput:
                    node.Outputs.Add(Text(field.Content));
                    break;
                case OnnxFields.NodeName:
                    node.Name = Text(field.Content);
                    break;
                case OnnxFields.NodeOpType:
                    node.OpType = Text(field.Content);
                    break;
                case OnnxFields.NodeDomain:
                    node.Domain = Text(field.Content);
                    break;
                case OnnxFields.NodeMetadata:
                    var key = NameIn(field.Content, OnnxFields.EntryKey);
                    if (MetadataOfInterest.Contains(key, StringComparer.Ordinal))
                    {
                        node.Metadata[key] = NameIn(field.Content, OnnxFields.EntryValue);
                    }

                    break;
                case OnnxFields.NodeAttribute:
                    foreach (var inner in WireWalker.Fields(File, field.Content))
                    {
                        if (inner.IsMessage && inner.Number is OnnxFields.AttributeGraph or OnnxFields.AttributeGraphs)
                        {
                            node.Subgraphs.Add(ReadGraph(inner.Content, graph, isFunction: false, depth + 1));
                        }
                    }

                    break;
            }
        }

        return node;
    }

    /// <summary>The last field of that number, as protobuf has it.</summary>
    public string NameIn(ByteRange message, int number)
    {
        var name = "";
        foreach (var field in WireWalker.Fields(File, message))
        {
            if (field.Number == number && field.IsMessage)
            {
                name = Text(field.Content);
            }
        }

        return name;
    }
}
