using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Shows the file's nodes as they are.</summary>
internal static class OnnxGraphNodes
{
    private static readonly string[] ElementTypes =
    [
        "undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64", "uint32", "uint64",
        "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
    ];

    /// <param name="facts">What was found of the nodes as the exporter wrote them.</param>
    /// <param name="nodes">As the file has them.</param>
    public static void Add(OnnxFacts facts, List<OnnxNode> nodes)
    {
        var infos = new Dictionary<string, TensorInfo>(StringComparer.Ordinal);
        var graph = facts.Model.Graph;
        foreach (var value in graph.Inputs.Concat(graph.Outputs).Concat(graph.Values).Select(v => v.Proto!))
        {
            infos.TryAdd(value.Name, Describe(value));
        }

        foreach (var weight in graph.Initializers)
        {
            infos[weight.Name] = new(weight.Name, ElementType(weight.DataType), [.. weight.Dimensions.Select(d => d.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        }

        var known = new int[nodes.Count];
        Array.Fill(known, -1);
        for (var i = facts.Nodes.Count - 1; i >= 0; i--)
        {
            known[facts.Nodes[i].Source] = i;
        }

        for (var i = 0; i < nodes.Count; i++)
        {
            var node = nodes[i];
            facts.Builder.Nodes.Add(new()
            {
                Name = node.Name,
                OpType = node.Proto.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Proto.Domain}.{node.OpType}",
                Module = known[i] < 0 ? null : facts.NodeModules[known[i]],
                Graph = node.Graph,
                Inputs = [.. node.Proto.Input.Select(Info)],
                Outputs = [.. node.Proto.Output.Select(Info)],
                Location = known[i] < 0 ? null : facts.NodeLocations[known[i]],
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
