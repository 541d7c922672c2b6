using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>A range of bytes of the file.</summary>
/// <param name="Start">From the start of the file.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct ByteRange(long Start, long Length)
{
    public long End => Start + Length;
}

/// <summary>One field of a protobuf message, by its place in the file.</summary>
/// <param name="Number">The field's number.</param>
/// <param name="WireType">0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.</param>
/// <param name="Whole">With its tag and length.</param>
/// <param name="Content">Of a length-delimited field, what is inside.</param>
internal readonly record struct WireField(int Number, int WireType, ByteRange Whole, ByteRange Content)
{
    public bool IsMessage => WireType == 2;
}

/// <summary>Walks the fields of a message without touching what is in them.</summary>
/// <remarks>Source: Protocol Buffers, Encoding. The deprecated groups, which ONNX never had, are refused.</remarks>
internal static class WireWalker
{
    /// <exception cref="ModelReadException">The message is damaged or goes beyond its range.</exception>
    public static IEnumerable<WireField> Fields(PagedFile file, ByteRange message)
    {
        var position = message.Start;
        while (position < message.End)
        {
            var start = position;
            var tag = Varint(file, ref position, message.End);
            var number = (int)(tag >> 3);
            var type = (int)(tag & 7);
            if (number == 0 || tag > uint.MaxValue)
            {
                throw Damaged(start);
            }

            switch (type)
            {
                case 0:
                    Varint(file, ref position, message.End);
                    yield return new(number, type, new(start, position - start), default);
                    break;
                case 1 or 5:
                    position += type == 1 ? 8 : 4;
                    Check(position, message.End, start);
                    yield return new(number, type, new(start, position - start), default);
                    break;
                case 2:
                    var length = Varint(file, ref position, message.End);
                    if (length > (ulong)(message.End - position))
                    {
                        throw Damaged(start);
                    }

                    var content = new ByteRange(position, (long)length);
                    position = content.End;
                    yield return new(number, type, new(start, position - start), content);
                    break;
                default:
                    throw Damaged(start);
            }
        }
    }

    /// <summary>The value of a varint field.</summary>
    public static ulong Value(PagedFile file, WireField field)
    {
        var position = field.Whole.Start;
        Varint(file, ref position, field.Whole.End);
        return Varint(file, ref position, field.Whole.End);
    }

    private static ulong Varint(PagedFile file, ref long position, long end)
    {
        ulong value = 0;
        var bytes = file.Span(position, (int)Math.Min(10, end - position));
        for (var i = 0; i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                position += i + 1;
                return value;
            }
        }

        throw Damaged(position);
    }

    private static void Check(long position, long end, long start)
    {
        if (position > end)
        {
            throw Damaged(start);
        }
    }

    private static ModelReadException Damaged(long offset) => new("MG.Onnx.Truncated", "the file is damaged or truncated: a field goes beyond its message", offset);
}
