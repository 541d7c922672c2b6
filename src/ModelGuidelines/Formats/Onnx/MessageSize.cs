namespace ModelGuidelines.Formats.Onnx;

/// <summary>What a message will take in memory as an object, told from its bytes before it is made: an attribute or a node of two bytes takes a hundred times as much.</summary>
/// <remarks>Follows onnx.proto beside it: a field that is not there is passed over here as it is by the parser.</remarks>
internal static class MessageSize
{
    private const int Message = 150;

    /// <summary>With what is built of a node later.</summary>
    internal const int Node = 400;
    internal const int Text = 40;
    private const int Depth = 110;

    internal enum Kind
    {
        None,
        Text,
        Numbers,
        Entry,
        Tensor,
        Sparse,
        Attribute,
        Node,
        Shape,
        Dimension,
        Type,
        TensorType,
        ElementType,
        MapType,
        Value,
        Graph,
        Function,
        Opset,
    }

    /// <summary>Bytes of the object; damage is left to the parser.</summary>
    public static long Of(ReadOnlySpan<byte> message, Kind kind, int depth = 0)
    {
        long size = kind is Kind.Node ? Node : Message;
        var position = 0;
        while (depth < Depth && Next(message, ref position, out var tag, out var length))
        {
            var field = tag >> 3;
            var nested = field > 25 ? Kind.None : Nested(kind, (int)field);
            if (nested is not Kind.None)
            {
                size += nested is Kind.Numbers ? 8 + (8L * length)
                    : (tag & 7) != 2 ? 0
                    : nested is Kind.Text ? Text + (2L * length)
                    : Of(message.Slice(position, length), nested, depth + 1);
            }

            position += length;
        }

        return size;
    }

    /// <summary>The next field's tag, and the bytes of its payload; false at the message's end, and before it where it is damaged.</summary>
    /// <param name="message">All of it.</param>
    /// <param name="position">Goes from the tag's begin to the payload's; a number's payload is passed over.</param>
    /// <param name="tag">Field and wire type.</param>
    /// <param name="length">Of what follows <paramref name="position"/>.</param>
    public static bool Next(ReadOnlySpan<byte> message, ref int position, out ulong tag, out int length)
    {
        var start = position;
        length = 0;

        // Nearly all fields are texts and messages of less than 128 bytes.
        if (position + 1 < message.Length && message[position] < 0x80 && (message[position] & 7) == 2 && message[position + 1] < 0x80 && message[position + 1] <= message.Length - position - 2)
        {
            (tag, length) = (message[position], message[position + 1]);
            position += 2;
            return true;
        }

        if (!Varint(message, ref position, out tag))
        {
            position = start;
            return false;
        }

        length = (int)(tag & 7) switch
        {
            0 => Varint(message, ref position, out _) ? 0 : -1,
            1 => 8,
            5 => 4,
            2 when Varint(message, ref position, out var declared) && declared <= (ulong)(message.Length - position) => (int)declared,
            _ => -1,
        };
        if (length >= 0 && length <= message.Length - position)
        {
            return true;
        }

        position = start;
        return false;
    }

    /// <summary>Whether a tag is one that the library reads as it stands: it takes the lower half of a longer number, and refuses a field without number.</summary>
    public static bool IsTag(ulong tag) => tag is >= 8 and <= uint.MaxValue;

    private static Kind Nested(Kind kind, int field) => (kind, field) switch
    {
        (Kind.Node, 1 or 2 or 3 or 4 or 6 or 7 or 8 or 9) => Kind.Text, // metadata stay as they are written
        (Kind.Node, 5) => Kind.Attribute,
        (Kind.Attribute, 1 or 4 or 21) => Kind.Text,
        (Kind.Attribute, 8) => Kind.Numbers,
        (Kind.Attribute, 6 or 11) => Kind.Graph,
        (Kind.Graph, 1) => Kind.Node,
        (Kind.Graph, 2) => Kind.Text,
        (Kind.Graph, 5) => Kind.Tensor,
        (Kind.Graph, 11 or 12) => Kind.Value,
        (Kind.Graph, 15) => Kind.Sparse,
        (Kind.Tensor, 1) => Kind.Numbers,
        (Kind.Tensor, 8) => Kind.Text,
        (Kind.Sparse, 1) => Kind.Tensor,
        (Kind.Sparse, 3) => Kind.Numbers,
        (Kind.Value, 1) => Kind.Text,
        (Kind.Value, 2) => Kind.Type,
        (Kind.Type, 1 or 8) => Kind.TensorType,
        (Kind.Type, 4 or 9) => Kind.ElementType,
        (Kind.Type, 5) => Kind.MapType,
        (Kind.TensorType, 2) => Kind.Shape,
        (Kind.ElementType, 1) or (Kind.MapType, 2) => Kind.Type,
        (Kind.Shape, 1) => Kind.Dimension,
        (Kind.Dimension, 2) => Kind.Text,
        (Kind.Function, 1 or 4 or 5 or 10 or 13) => Kind.Text,
        (Kind.Function, 7) => Kind.Node,
        (Kind.Opset, 1) or (Kind.Entry, 1 or 2) => Kind.Text,
        _ => Kind.None,
    };

    internal static bool Varint(ReadOnlySpan<byte> bytes, ref int position, out ulong value)
    {
        value = 0;
        if (position < bytes.Length && bytes[position] < 0x80)
        {
            value = bytes[position++];
            return true;
        }

        for (var shift = 0; shift < 64 && position < bytes.Length; shift += 7)
        {
            var b = bytes[position++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
