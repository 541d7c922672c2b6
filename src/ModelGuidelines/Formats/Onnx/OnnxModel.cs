using System.Text.Unicode;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>An ONNX file without its weights.</summary>
internal sealed class OnnxModel
{
    public long IrVersion { get; set; }

    public string Producer { get; set; } = "";

    public string ProducerVersion { get; set; } = "";

    /// <summary>Names of values and of what its metadata tell, as long as more of them are read.</summary>
    public TextPool Texts { get; set; } = new();

    public List<OperatorSetIdProto> Opsets { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public OnnxGraph Graph { get; } = new();

    /// <summary>Local functions by domain and name.</summary>
    public Dictionary<(string Domain, string Name), OnnxFunction> Functions { get; } = [];
}

/// <summary>The main graph.</summary>
internal sealed class OnnxGraph
{
    public string Name { get; set; } = "";

    public List<NodeContent> Nodes { get; } = [];

    /// <summary>Dense and sparse initializers, in file order.</summary>
    public List<OnnxInitializer> Initializers { get; } = [];

    public List<OnnxValue> Inputs { get; } = [];

    public List<OnnxValue> Outputs { get; } = [];

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

/// <summary>A local function.</summary>
/// <param name="Input">Names of values.</param>
/// <param name="Nodes">Its body.</param>
internal sealed record OnnxFunction(string[] Input, NodeContent[] Nodes);

/// <summary>An input, an output, or a value in between.</summary>
/// <param name="Name">As nodes refer to it.</param>
/// <param name="Rank">How many dimensions it has; null where the file does not tell.</param>
/// <param name="ElementType">Number of its element type in TensorProto.DataType; 0 where the file does not tell.</param>
/// <param name="Proto">All that the file says, where that is asked for.</param>
internal sealed record OnnxValue(string Name, int? Rank, int ElementType, ValueInfoProto? Proto)
{
    private const int Bytes = 80;
    private const ulong NameTag = (1 << 3) | 2;
    private const ulong TypeTag = (2 << 3) | 2;
    private const ulong TensorTag = (1 << 3) | 2;
    private const ulong ElementTag = 1 << 3;
    private const ulong ShapeTag = (2 << 3) | 2;
    private const ulong DimensionTag = (1 << 3) | 2;
    private const ulong DimensionNameTag = (2 << 3) | 2;
    private static readonly Google.Protobuf.MessageParser<ValueInfoProto> Parser = ValueInfoProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);

    /// <summary>Reads one.</summary>
    /// <param name="message">As it is written.</param>
    /// <param name="keepsProto">Whether all is asked for.</param>
    /// <param name="texts">Of the file.</param>
    /// <param name="budget">Counts what is kept.</param>
    public static OnnxValue Read(ReadOnlySpan<byte> message, bool keepsProto, TextPool texts, ReadBudget budget)
    {
        if (!keepsProto && Plain(message, texts) is { } plain)
        {
            budget.Hold(Bytes + (2L * plain.Name.Length));
            return plain;
        }

        var size = MessageSize.Of(message, MessageSize.Kind.Value);
        budget.Hold(size);
        var proto = Parser.ParseFrom(message);
        if (!keepsProto)
        {
            budget.Hold(Bytes + (2L * proto.Name.Length) - size);
        }

        return new(texts.Get(proto.Name), proto.Type?.TensorType?.Shape?.Dim.Count, proto.Type?.TensorType?.ElemType ?? 0, keepsProto ? proto : null);
    }

    /// <summary>A whole message of a value that is a tensor or says nothing of its type, which most are; null for all others, which the library reads.</summary>
    private static OnnxValue? Plain(ReadOnlySpan<byte> message, TextPool texts)
    {
        var name = "";
        int? rank = null;
        var element = 0;
        var position = 0;
        while (MessageSize.Next(message, ref position, out var tag, out var length))
        {
            var part = message.Slice(position, length);
            position += length;
            if (!MessageSize.IsTag(tag) || (tag == NameTag && !Utf8.IsValid(part)))
            {
                return null;
            }

            if (tag == NameTag)
            {
                name = texts.Get(part);
            }
            else if (tag == TypeTag && !IsTensor(part, ref rank, ref element))
            {
                return null;
            }
        }

        return position == message.Length ? new(name, rank, element, null) : null;
    }

    private static bool IsTensor(ReadOnlySpan<byte> type, ref int? rank, ref int element)
    {
        var position = 0;
        while (MessageSize.Next(type, ref position, out var tag, out var length))
        {
            if (tag != TensorTag)
            {
                return false;
            }

            var tensor = type.Slice(position, length);
            position += length;
            int at = 0, start = 0;
            for (; MessageSize.Next(tensor, ref at, out var field, out var size); start = at)
            {
                if (!MessageSize.IsTag(field))
                {
                    return false;
                }

                if (field == ShapeTag)
                {
                    rank ??= 0;
                    if (!CountDimensions(tensor.Slice(at, size), ref rank))
                    {
                        return false;
                    }
                }
                else if (field == ElementTag)
                {
                    element = MessageSize.Varint(tensor, ref start, out _) && MessageSize.Varint(tensor, ref start, out var value) ? (int)value : 0;
                }

                at += size;
            }

            if (at < tensor.Length)
            {
                return false;
            }
        }

        return position == type.Length;
    }

    /// <summary>Adds a shape's dimensions; whether all is whole.</summary>
    private static bool CountDimensions(ReadOnlySpan<byte> shape, ref int? rank)
    {
        var position = 0;
        while (MessageSize.Next(shape, ref position, out var tag, out var length))
        {
            rank += tag == DimensionTag ? 1 : 0;
            if (!MessageSize.IsTag(tag) || (tag == DimensionTag && !IsDimension(shape.Slice(position, length))))
            {
                return false;
            }

            position += length;
        }

        return position == shape.Length;
    }

    private static bool IsDimension(ReadOnlySpan<byte> message)
    {
        var position = 0;
        while (MessageSize.Next(message, ref position, out var tag, out var length))
        {
            if (!MessageSize.IsTag(tag) || (tag == DimensionNameTag && !Utf8.IsValid(message.Slice(position, length))))
            {
                return false;
            }

            position += length;
        }

        return position == message.Length;
    }
}
