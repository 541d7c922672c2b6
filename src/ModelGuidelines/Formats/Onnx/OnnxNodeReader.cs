using System.Text.Unicode;
using Google.Protobuf;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Makes objects of a file's nodes: what stands in many of them is one object, and metadata that no reader asks for are left out.</summary>
/// <remarks>In a large graph the same attributes, classes of modules and Python stacks stand in tens of thousands of nodes: as they are written they are most of the file.
/// Nodes are most of what is read of a small file, too: so they are read here, from the bytes, and not by the library, which makes lists of eight for one name.</remarks>
/// <param name="texts">Names of values, which stand in several nodes.</param>
/// <param name="budget">Counts what is made.</param>
/// <param name="file">What is read of, to which metadata of one node point; null: they are copied.</param>
internal sealed class OnnxNodeReader(TextPool texts, ReadBudget budget, PagedFile? file = null)
{
    private const ulong Input = (1 << 3) | 2;
    private const ulong Output = (2 << 3) | 2;
    private const ulong Name = (3 << 3) | 2;
    private const ulong OpType = (4 << 3) | 2;
    private const ulong Attribute = (5 << 3) | 2;
    private const ulong DocString = (6 << 3) | 2;
    private const ulong Domain = (7 << 3) | 2;
    private const ulong Metadata = (9 << 3) | 2;

    /// <summary>What one more of them takes in a list.</summary>
    private const int Reference = 24;

    /// <summary>A longer attribute is hardly there twice.</summary>
    private const int MaximumShared = 512;

    private static readonly MessageParser<NodeProto> Nodes = NodeProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);
    private static readonly MessageParser<AttributeProto> Attributes = AttributeProto.Parser.WithDiscardUnknownFields(discardUnknownFields: true);

    private readonly BytePool<AttributeProto> _attributes = new(Attributes.ParseFrom);
    private readonly BytePool<MetadataEntry?> _metadata = new(MetadataEntry.Read);

    /// <summary>The latest node's: most nodes have some of it in common with the one before.</summary>
    private MetadataEntry[] _before = [];
    private (byte[] Bytes, int Length, string Text) _doc = ([], 0, "");

    /// <summary>Where the node that is read next begins.</summary>
    public long Start { get; set; }

    /// <summary>Reads one node.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is damaged.</exception>
    /// <exception cref="ModelReadException">Its metadata are damaged, or it takes too much memory.</exception>
    public NodeContent Read(ReadOnlySpan<byte> message)
    {
        if (!Count(message, out var counts))
        {
            // Whatever it is, the library says what is wrong, or reads what a field of another kind leaves.
            budget.Hold(MessageSize.Of(message, MessageSize.Kind.Node));
            return NodeContent.Of(Nodes.ParseFrom(message));
        }

        budget.Hold(counts.Size);
        var inputs = counts.Inputs == 0 ? [] : new string[counts.Inputs];
        var outputs = counts.Outputs == 0 ? [] : new string[counts.Outputs];
        var attributes = counts.Attributes == 0 ? [] : new AttributeProto[counts.Attributes];
        var metadata = counts.Metadata == 0 ? [] : new MetadataEntry[counts.Metadata];
        var (name, opType, domain, doc) = ("", "", "", "");
        int position = 0, input = 0, output = 0, attribute = 0, entry = 0;
        while (MessageSize.Next(message, ref position, out var tag, out var length))
        {
            var part = message.Slice(position, length);
            position += length;
            switch (tag)
            {
                case Input: inputs[input++] = texts.Get(part); break;
                case Output: outputs[output++] = texts.Get(part); break;
                case Name: name = TextPool.Decode(part); break;
                case OpType: opType = texts.Get(part); break;
                case Domain: domain = texts.Get(part); break;
                case DocString: doc = Shared(part); break;
                case Attribute: attributes[attribute++] = ReadAttribute(part); break;
                case Metadata when MetadataEntry.IsAskedFor(part, out var isOften) && ReadMetadata(part, isOften, Start + position - length) is { } known: metadata[entry++] = known; break;
                default: break;
            }
        }

        if (entry < metadata.Length)
        {
            Array.Resize(ref metadata, entry);
        }

        _before = metadata.Length > 0 ? metadata : _before;
        return new() { Name = name, OpType = opType, Domain = domain, DocString = doc, Input = inputs, Output = outputs, Attribute = attributes, Metadata = metadata };
    }

    private struct Counts
    {
        public int Inputs;
        public int Outputs;
        public int Attributes;
        public int Metadata;
        public long Size;
    }

    /// <summary>What the message holds, and what it takes in memory but for what it shares; false where it is not whole, or a text in it is none.</summary>
    private static bool Count(ReadOnlySpan<byte> message, out Counts counts)
    {
        counts = new() { Size = MessageSize.Node };
        var position = 0;
        while (MessageSize.Next(message, ref position, out var tag, out var length))
        {
            switch (tag)
            {
                case var _ when !MessageSize.IsTag(tag):
                    return false;
                case Input or Output or Name or OpType or DocString or Domain:
                    if (!Utf8.IsValid(message.Slice(position, length)))
                    {
                        return false;
                    }

                    counts.Inputs += tag == Input ? 1 : 0;
                    counts.Outputs += tag == Output ? 1 : 0;
                    counts.Size += MessageSize.Text + (2L * length);
                    break;
                case Attribute:
                    counts.Attributes++;
                    counts.Size += Reference;
                    break;
                case Metadata when MetadataEntry.IsAskedFor(message.Slice(position, length), out _):
                    counts.Metadata++;
                    counts.Size += Reference;
                    break;
                default:
                    break;
            }

            position += length;
        }

        return position == message.Length;
    }

    /// <summary>An attribute that can be told from what it holds alone is shared: graphs in them are read where they stand, and in their order.</summary>
    private AttributeProto ReadAttribute(ReadOnlySpan<byte> attribute)
    {
        if (attribute.Length <= MaximumShared && IsPlain(attribute))
        {
            return _attributes.Get(attribute, budget, static a => MessageSize.Of(a, MessageSize.Kind.Attribute));
        }

        budget.Hold(MessageSize.Of(attribute, MessageSize.Kind.Attribute));
        return Attributes.ParseFrom(attribute);
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

    /// <summary>A stack in doc_string: the nodes of one call have the same.</summary>
    private string Shared(ReadOnlySpan<byte> doc)
    {
        if (!doc.SequenceEqual(_doc.Bytes.AsSpan(0, _doc.Length)))
        {
            var bytes = _doc.Bytes.Length < doc.Length ? new byte[doc.Length * 2] : _doc.Bytes;
            doc.CopyTo(bytes);
            _doc = (bytes, doc.Length, TextPool.Decode(doc));
        }

        return _doc.Text;
    }

    private MetadataEntry? ReadMetadata(ReadOnlySpan<byte> entry, bool isOften, long offset)
    {
        foreach (var before in _before)
        {
            if (before.Message.SequenceEqual(entry))
            {
                return before;
            }
        }

        if (isOften)
        {
            return _metadata.Get(entry, budget, static e => MetadataEntry.Bytes + e.Length);
        }

        budget.Hold(MetadataEntry.Bytes);
        return MetadataEntry.Read(entry, file, offset);
    }
}
