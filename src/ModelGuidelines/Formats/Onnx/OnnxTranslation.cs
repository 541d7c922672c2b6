using System.Collections.Immutable;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>The graph of an ONNX file, and which of its nodes belong to which call: what a repair needs beside the graph.</summary>
/// <param name="Graph">What guidelines see.</param>
/// <param name="Nodes">All nodes, bodies of control flow included.</param>
/// <param name="CallNodes">For each call in <see cref="ModelGraph.Calls"/> the indices in <paramref name="Nodes"/>; empty where containers' calls are inferred.</param>
internal sealed record OnnxAnalysis(ModelGraph Graph, List<OnnxNode> Nodes, List<ImmutableArray<int>> CallNodes);

/// <summary>Collects facts from one file: a graph builder, and the nodes of each call.</summary>
internal sealed class OnnxFacts(OnnxModel model, List<OnnxNode> nodes, CancellationToken cancellation)
{
    public OnnxModel Model { get; } = model;

    public List<OnnxNode> Nodes { get; } = nodes;

    public CancellationToken Cancellation { get; } = cancellation;

    public ModelGraphBuilder Builder { get; } = new();

    public List<ImmutableArray<int>> CallNodes { get; } = [];

    /// <summary>Owning module of each node, where known.</summary>
    public int?[] NodeModules { get; } = new int?[nodes.Count];

    public SourceLocation?[] NodeLocations { get; } = new SourceLocation?[nodes.Count];

    /// <summary>A module of which a call's nodes all stand in the body of a Loop or Scan: called once in each round. Null when there is none.</summary>
    public string? CalledInLoop()
    {
        var call = CallNodes.FindIndex(c => !c.IsEmpty && c.All(n => Nodes[n].InLoop));
        return call < 0 ? null : Builder.Modules[Builder.Calls[call].Module].QualifiedName;
    }

    public void AddCall(ModuleCall call, IEnumerable<int> nodes)
    {
        Builder.Calls.Add(call);
        CallNodes.Add([.. nodes]);
    }
}

/// <summary>Translates an ONNX file by the evidence its exporter leaves.</summary>
internal static class OnnxTranslation
{
    public static ModelGraph Translate(OnnxModel model, ModelSource source) => Analyze(model, source).Graph;

    public static OnnxAnalysis Analyze(OnnxModel model, ModelSource source)
    {
        var nodes = OnnxNode.Flatten(model);
        var facts = new OnnxFacts(model, nodes, source.Cancellation);
        var exporter = OnnxExporter.Detect(model, nodes);
        facts.Builder.FindOrAdd("");
        var (framework, evidence) = exporter.Kind switch
        {
            OnnxExporterKind.Dynamo => (Framework.PyTorch, DynamoMetadata.Collect(facts)),
            OnnxExporterKind.TorchScriptScopes => (Framework.PyTorch, TorchScriptScopes.Collect(facts)),
            OnnxExporterKind.TorchScriptFunctions => (Framework.PyTorch, FunctionModules.Collect(facts, source.Limits)),
            OnnxExporterKind.TensorFlow => (Framework.Keras, KerasScopes.Collect(facts)),
            OnnxExporterKind.PyTorchWithoutScopes => (Framework.PyTorch, GraphEvidence.AllAbsent(
                "the nodes carry no module scopes (PyTorch before 1.13, or names removed); export with a current PyTorch, or audit the source")),
            _ => (Framework.Unknown, GraphEvidence.AllAbsent("the exporter keeps neither modules nor layers; audit the source or another export")),
        };
        if (framework is Framework.PyTorch && facts.CalledInLoop() is { } module && evidence.ModuleCalls.Completeness is not Completeness.Absent)
        {
            evidence = evidence with { ModuleCalls = Evidence.Absent($"'{module}' is called in the body of a loop, and the file does not tell how often that runs; audit the source") };
        }

        if (source.IncludeNodes)
        {
            OnnxGraphNodes.Add(facts);
        }

        return new(facts.Builder.Build(framework, exporter.Description, evidence), nodes, facts.CallNodes);
    }
}

/// <summary>Shows the file's nodes as they are.</summary>
internal static class OnnxGraphNodes
{
    private static readonly string[] ElementTypes =
    [
        "undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64", "uint32", "uint64",
        "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
    ];

    public static void Add(OnnxFacts facts)
    {
        var infos = new Dictionary<string, TensorInfo>(StringComparer.Ordinal);
        var graph = facts.Model.Graph;
        foreach (var value in graph.Inputs.Concat(graph.Outputs).Concat(graph.Values))
        {
            infos.TryAdd(value.Name, Describe(value));
        }

        foreach (var weight in graph.Initializers)
        {
            infos[weight.Name] = new(weight.Name, ElementType(weight.DataType), [.. weight.Dimensions.Select(d => d.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        }

        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            var node = facts.Nodes[i];
            facts.Builder.Nodes.Add(new()
            {
                Name = node.Name,
                OpType = node.Proto.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Proto.Domain}.{node.OpType}",
                Module = facts.NodeModules[i],
                Graph = node.Graph,
                Inputs = [.. node.Proto.Input.Select(Info)],
                Outputs = [.. node.Proto.Output.Select(Info)],
                Location = facts.NodeLocations[i],
            });
        }

        TensorInfo Info(string name) => infos.GetValueOrDefault(name) ?? new(name);
    }

    private static TensorInfo Describe(ValueInfoProto value) => value.Type?.TensorType is { } tensor
        ? new(value.Name, ElementType(tensor.ElemType), tensor.Shape is null ? default : [.. tensor.Shape.Dim.Select(Dimension)])
        : new(value.Name);

    private static string Dimension(TensorShapeProto.Types.Dimension d) => d.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue => d.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam => d.DimParam,
        _ => "?",
    };

    private static string? ElementType(int number) => number > 0 && number < ElementTypes.Length ? ElementTypes[number] : null;
}
