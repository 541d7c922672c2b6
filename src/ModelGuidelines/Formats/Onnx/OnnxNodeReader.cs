using Google.Protobuf;
using Google.Protobuf.Collections;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Makes objects of a file's nodes: what stands in many of them is one object, and metadata that no reader asks for are left out.</summary>
/// <remarks>In a large graph the same attributes, classes of modules and Python stacks stand in tens of thousands of nodes: as they are written they are most of the file.</remarks>
internal sealed class OnnxNodeReader(ReadBudget budget)
{
    private const int AttributeField = 5;
    private const int MetadataField = 9;

    /// <summary>What one more of them takes in a list that grows.</summary>
    private const int Reference = 24;

    /// <summary>A longer attribute is hardly there twice.</summary>
    private const int MaximumShared = 512;

    private static readonly MessageParser<NodeProto> Nodes = NodeProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);
    private static readonly MessageParser<AttributeProto> Attributes = AttributeProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);
    /// <summary>Names of values, which stand in several nodes.</summary>
    public TextPool Texts { get; } = new();

    private readonly BytePool<ByteString> _metadata = new(ByteString.CopyFrom);
    private readonly BytePool<AttributeProto> _attributes = new(Attributes.ParseFrom);
    private byte[] _rest = [];

    /// <summary>Reads one node.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is damaged.</exception>
    public NodeProto Read(ReadOnlySpan<byte> message)
    {
        var rest = IsShareable(message) ? WithoutShared(message) : message;
        budget.Hold(MessageSize.Of(rest, MessageSize.Kind.Node));
        var node = Nodes.ParseFrom(rest);
        if (rest.Length < message.Length)
        {
            AddShared(node, message);
        }

        Share(node.Input);
        Share(node.Output);
        node.OpType = Texts.Get(node.OpType);
        return node;
    }

    private void Share(RepeatedField<string> texts)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            texts[i] = Texts.Get(texts[i]);
        }

        texts.Capacity = texts.Count; // the library makes room for eight
    }

    /// <summary>Whether the message is whole, and its attributes can be told from what they hold alone: graphs in them are read where they stand, and in their order.</summary>
    private static bool IsShareable(ReadOnlySpan<byte> message)
    {
        var position = 0;
        while (MessageSize.Next(message, ref position, out var tag, out var length))
        {
            if (tag == ((AttributeField << 3) | 2) && (length > MaximumShared || !IsPlain(message.Slice(position, length))))
            {
                return false;
            }

            position += length;
        }

        return position == message.Length;
    }

    private static bool IsPlain(ReadOnlySpan<byte> attribute)
    {
        var position = 0;
        while (MessageSize.Next(attribute, ref position, out var tag, out var length))
        {
            if ((tag >> 3) is AttributeProto.GFieldNumber or AttributeProto.GraphsFieldNumber)
            {
                return false;
            }

            position += length;
        }

        return position == attribute.Length;
    }

    private ReadOnlySpan<byte> WithoutShared(ReadOnlySpan<byte> message)
    {
        if (_rest.Length < message.Length)
        {
            _rest = new byte[message.Length * 2];
        }

        var kept = 0;
        for (int position = 0, start = 0; MessageSize.Next(message, ref position, out var tag, out var length); start = position)
        {
            position += length;
            if (!IsShared(tag))
            {
                message[start..position].CopyTo(_rest.AsSpan(kept));
                kept += position - start;
            }
        }

        return _rest.AsSpan(0, kept);
    }

    private static bool IsShared(ulong tag) => tag is ((AttributeField << 3) | 2) or ((MetadataField << 3) | 2);

    private void AddShared(NodeProto node, ReadOnlySpan<byte> message)
    {
        var position = 0;
        while (MessageSize.Next(message, ref position, out var tag, out var length))
        {
            var part = message.Slice(position, length);
            position += length;
            budget.Hold(IsShared(tag) ? Reference : 0);
            if (tag >> 3 == AttributeField && IsShared(tag))
            {
                node.Attribute.Add(_attributes.Get(part, budget, a => MessageSize.Of(a, MessageSize.Kind.Attribute)));
            }
            else if (IsShared(tag) && MetadataEntry.IsAskedFor(part))
            {
                node.MetadataProps.Add(_metadata.Get(part, budget, static a => 40 + a.Length));
            }
        }

        node.Attribute.Capacity = node.Attribute.Count;
        node.MetadataProps.Capacity = node.MetadataProps.Count;
    }
}
