using Google.Protobuf;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Reads an ONNX file's structure. Model and graph are walked field by field; small messages are parsed by Google.Protobuf.</summary>
/// <remarks>Memory is bounded by the graph (names, attributes other than tensors, and shapes) and counted before it is taken. Tensors' bytes and external data are never read.
/// Source: onnx/onnx.proto, IR versions 3 to 13.</remarks>
internal static class OnnxReader
{
    private const string Format = "Onnx";

    /// <summary>What an initializer takes in memory, without its bytes.</summary>
    private const int InitializerBytes = 200;
    private const int ShortName = 256;
    private static readonly MessageParser<FunctionProto> Functions = FunctionProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);
    private static readonly MessageParser<OperatorSetIdProto> Opsets = OperatorSetIdProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);
    private static readonly MessageParser<StringStringEntryProto> Entries = StringStringEntryProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);

    /// <exception cref="ModelReadException">The file is damaged, hostile, or no ONNX model.</exception>
    public static OnnxModel Read(ModelSource source)
    {
        var limits = source.Limits;
        var model = new OnnxModel();
        var hasGraph = false;
        var cursor = new ProtoCursor(source.File, Format, 0, source.File.Length);
        while (cursor.Next())
        {
            switch (cursor.Field, cursor.WireType)
            {
                case (1, 0): model.IrVersion = cursor.Value; break;
                case (2, 2): model.Producer = cursor.Text(limits.NameBytes); break;
                case (3, 2): model.ProducerVersion = cursor.Text(limits.NameBytes); break;
                case (7, 2):
                    hasGraph = true;
                    ReadGraph(model, cursor.Message(), source);
                    break;
                case (8, 2): model.Opsets.Add(Parse(Opsets, cursor, MessageSize.Kind.Opset, source)); break;
                case (14, 2): AddEntry(model.Metadata, cursor, source); break;
                case (25, 2):
                    var function = Parse(Functions, cursor, MessageSize.Kind.Function, source);
                    model.Functions.TryAdd((function.Domain, function.Name), new([.. function.Input], [.. function.Node.Select(NodeContent.Of)]));
                    break;
                default: break; // documentation, training information, device configurations
            }
        }

        if (!hasGraph)
        {
            throw new ModelReadException("MG.Onnx.NoGraph", "the content has the form of a protobuf message but holds no ONNX graph", 0);
        }

        return model;
    }

    private static void ReadGraph(OnnxModel model, ProtoCursor cursor, ModelSource source)
    {
        var graph = model.Graph;
        var limits = source.Limits;
        var nodes = new OnnxNodeReader(model.Texts, source.Budget, source.File);
        var items = 0;
        OnnxValue Value(ProtoCursor at) => Parse(at, m => OnnxValue.Read(m, source.IncludeNodes, model.Texts, source.Budget));
        while (cursor.Next())
        {
            if ((++items & 4095) == 0)
            {
                source.Cancellation.ThrowIfCancellationRequested();
                source.File.Forget(cursor.FieldStart); // what objects were made of
            }

            if (items > limits.Items)
            {
                throw new ModelReadException("MG.Onnx.TooManyItems", $"the graph has more than {limits.Items} nodes and values", cursor.FieldStart);
            }

            switch (cursor.Field, cursor.WireType)
            {
                case (1, 2):
                    nodes.Start = cursor.PayloadStart;
                    var node = Parse(cursor, nodes.Read);
                    CheckName(node.Name, cursor, limits);
                    CheckName(node.OpType, cursor, limits);
                    graph.Nodes.Add(node);
                    break;
                case (2, 2): graph.Name = cursor.Text(limits.NameBytes); break;
                case (5, 2):
                    graph.Initializers.Add(ReadTensor(cursor, model.Texts, limits));
                    source.Budget.Hold(InitializerBytes);
                    break;
                case (11, 2): graph.Inputs.Add(Value(cursor)); break;
                case (12, 2): graph.Outputs.Add(Value(cursor)); break;
                case (13, 2): graph.Values.Add(Value(cursor)); break;
                case (15, 2):
                    graph.Initializers.Add(ReadSparseTensor(cursor, model.Texts, limits));
                    source.Budget.Hold(InitializerBytes);
                    break;
                case (16, 2): AddEntry(graph.Metadata, cursor, source); break;
                default: break;
            }
        }
    }

    /// <summary>A tensor's header. Its data fields, which may exceed 2 GB, are passed over.</summary>
    private static OnnxInitializer ReadTensor(ProtoCursor parent, TextPool texts, ReadLimits limits)
    {
        var name = "";
        var type = 0;
        List<long> dimensions = [];
        long? scalar = null;
        var tensor = parent.Message();
        while (tensor.Next())
        {
            switch (tensor.Field, tensor.WireType)
            {
                case (1, 0): dimensions.Add(tensor.Value); break;
                case (1, 2): dimensions.AddRange(tensor.PackedVarints(limits.Depth)); break;
                case (2, 0): type = (int)tensor.Value; break;
                case (5, 0): scalar = tensor.Value; break;
                case (5, 2) when tensor.PayloadLength < 16: scalar = tensor.PackedVarints(limits.Depth) is [var only] ? only : null; break;
                case (8, 2): name = tensor.PayloadLength <= ShortName ? texts.Get(tensor.Payload(ShortName)) : tensor.Text(limits.NameBytes); break;
                case (9, 2) when tensor.PayloadLength <= 2: scalar = ReadSmall(tensor.Payload(2), type); break;
                default: break;
            }
        }

        return new(name, [.. dimensions], type) { Scalar = dimensions.TrueForAll(d => d == 1) ? scalar : null };
    }

    /// <summary>One number of 8 or 16 bits.</summary>
    private static long? ReadSmall(ReadOnlySpan<byte> bytes, int type) => (type, bytes.Length) switch
    {
        (2, 1) => bytes[0],
        (3, 1) => (sbyte)bytes[0],
        (4, 2) => System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (5, 2) => System.Buffers.Binary.BinaryPrimitives.ReadInt16LittleEndian(bytes),
        _ => null,
    };

    private static OnnxInitializer ReadSparseTensor(ProtoCursor parent, TextPool texts, ReadLimits limits)
    {
        var values = new OnnxInitializer("", [], 0);
        List<long> dimensions = [];
        var sparse = parent.Message();
        while (sparse.Next())
        {
            switch (sparse.Field, sparse.WireType)
            {
                case (1, 2): values = ReadTensor(sparse, texts, limits); break;
                case (3, 0): dimensions.Add(sparse.Value); break;
                case (3, 2): dimensions.AddRange(sparse.PackedVarints(limits.Depth)); break;
                default: break;
            }
        }

        return values with { Dimensions = [.. dimensions] };
    }

    private static void AddEntry(Dictionary<string, string> metadata, ProtoCursor cursor, ModelSource source)
    {
        var entry = Parse(Entries, cursor, MessageSize.Kind.Entry, source);
        metadata[entry.Key] = entry.Value;
    }

    private static void CheckName(string name, ProtoCursor cursor, ReadLimits limits)
    {
        if (name.Length > limits.NameBytes)
        {
            throw new ModelReadException("MG.Onnx.NameTooLong", $"a name has {name.Length} characters, more than {limits.NameBytes}", cursor.FieldStart);
        }
    }

    private static T Parse<T>(MessageParser<T> parser, ProtoCursor cursor, MessageSize.Kind kind, ModelSource source)
        where T : IMessage<T> => Parse(cursor, payload =>
        {
            source.Budget.Hold(MessageSize.Of(payload, kind));
            return parser.ParseFrom(payload);
        });

    private delegate T Maker<T>(ReadOnlySpan<byte> payload);

    private static T Parse<T>(ProtoCursor cursor, Maker<T> make)
    {
        var offset = cursor.FieldStart;
        try
        {
            // A node may carry a constant of any size: its bytes are passed over too, so the bound is protobuf's own.
            return make(cursor.Payload(int.MaxValue));
        }
        catch (InvalidProtocolBufferException e) when (e.Message.Contains("nest", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("recursion", StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelReadException("MG.Onnx.TooDeep", "graphs or types are nested more than 100 levels deep", offset, e);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelReadException("MG.Onnx.Malformed", "a message of the graph is damaged", offset, e);
        }
    }
}
