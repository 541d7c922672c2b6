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

    /// <summary>Values in between, where the file lists them.</summary>
    public List<OnnxValue> Values { get; } = [];

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

/// <summary>A value in between.</summary>
/// <param name="Name">As nodes refer to it.</param>
/// <param name="Rank">How many dimensions it has; null where the file does not tell.</param>
/// <param name="Proto">All that the file says, where that is asked for.</param>
internal sealed record OnnxValue(string Name, int? Rank, ValueInfoProto? Proto)
{
    private const int Bytes = 80;
    private static readonly Google.Protobuf.MessageParser<ValueInfoProto> Parser = ValueInfoProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);

    /// <summary>Reads one.</summary>
    /// <param name="message">As it is written.</param>
    /// <param name="keepsProto">Whether all is asked for.</param>
    /// <param name="texts">Of the file.</param>
    /// <param name="budget">Counts what is kept.</param>
    public static OnnxValue Read(ReadOnlySpan<byte> message, bool keepsProto, Storage.TextPool texts, Storage.ReadBudget budget)
    {
        var size = MessageSize.Of(message, MessageSize.Kind.Value);
        budget.Hold(size);
        var proto = Parser.ParseFrom(message);
        if (!keepsProto)
        {
            budget.Hold(Bytes + (2L * proto.Name.Length) - size);
        }

        return new(texts.Get(proto.Name), proto.Type?.TensorType?.Shape?.Dim.Count, keepsProto ? proto : null);
    }
}
