using ModelGuidelines.Formats.Onnx.Wire;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>An ONNX file without its weights.</summary>
internal sealed class OnnxModel
{
    public long IrVersion { get; set; }

    public string Producer { get; set; } = "";

    public string ProducerVersion { get; set; } = "";

    public List<OperatorSetIdProto> Opsets { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public OnnxGraph Graph { get; } = new();

    /// <summary>Local functions by domain and name.</summary>
    public Dictionary<(string Domain, string Name), FunctionProto> Functions { get; } = [];
}

/// <summary>The main graph.</summary>
internal sealed class OnnxGraph
{
    public string Name { get; set; } = "";

    public List<NodeProto> Nodes { get; } = [];

    /// <summary>Dense and sparse initializers, in file order.</summary>
    public List<OnnxInitializer> Initializers { get; } = [];

    public List<ValueInfoProto> Inputs { get; } = [];

    public List<ValueInfoProto> Outputs { get; } = [];

    public List<ValueInfoProto> Values { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);
}

/// <summary>A weight's name and form.</summary>
/// <param name="Name">As nodes refer to it.</param>
/// <param name="Dimensions">Its shape.</param>
/// <param name="DataType">Number of its element type in TensorProto.DataType.</param>
internal sealed record OnnxInitializer(string Name, long[] Dimensions, int DataType)
{
    /// <summary>Its value where it is one whole number: a zero point.</summary>
    public long? Scalar { get; init; }
}
