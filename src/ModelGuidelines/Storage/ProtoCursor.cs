using System.Runtime.InteropServices;

namespace ModelGuidelines.Storage;

/// <summary>Walks the fields of one protobuf message in a file: skipped fields are never read.</summary>
/// <remarks>Source: Protocol Buffers encoding. Positions are 64 bits wide, for messages that exceed protobuf's own 2 GB.
/// A mutable struct: use it as a local, pass it by reference.</remarks>
[StructLayout(LayoutKind.Auto)]
public struct ProtoCursor(PagedFile file, string format, long start, long length, string malformed = "Malformed")
{
    private readonly long _end = start + length;

    /// <summary>Bytes from the start of the file.</summary>
    public long Position { get; private set; } = start;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>0 varint, 1 fixed 64, 2 length-delimited, 5 fixed 32.</summary>
    public int WireType { get; private set; }

    /// <summary>The payload's start of a length-delimited field.</summary>
    public long PayloadStart { get; private set; }

    /// <summary>The payload's bytes of a length-delimited field.</summary>
    public long PayloadLength { get; private set; }

    /// <summary>The value of a varint field.</summary>
    public long Value { get; private set; }

    /// <summary>Where the current field's tag begins.</summary>
    public long FieldStart { get; private set; }

    /// <summary>Moves to the next field and past it; false at the end of the message.</summary>
    /// <exception cref="ModelReadException">The field goes beyond the message, or is no field.</exception>
    public bool Next()
    {
        if (Position >= _end)
        {
            return false;
        }

        FieldStart = Position;
        var tag = ReadVarint();
        Field = tag > uint.MaxValue || tag < 0 ? 0 : (int)(tag >> 3);
        WireType = (int)(tag & 7);
        if (Field <= 0)
        {
            throw Damaged("a field has no valid number");
        }

        switch (WireType)
        {
            case 0:
                Value = ReadVarint();
                break;
            case 1:
                Skip(8);
                break;
            case 2:
                var size = ReadVarint();
                PayloadStart = Position;
                PayloadLength = size;
                if (size < 0 || size > _end - Position)
                {
                    throw new ModelReadException($"MG.{format}.Truncated", $"a field declares {(ulong)size} bytes where {_end - Position} are left", FieldStart);
                }

                Position += size;
                break;
            case 5:
                Skip(4);
                break;
            default:
                throw Damaged($"a field has wire type {WireType}");
        }

        return true;
    }

    /// <summary>A cursor over the current field's payload as a message.</summary>
    public readonly ProtoCursor Message() => new(file, format, PayloadStart, PayloadLength, malformed);

    /// <summary>The current field's payload.</summary>
    /// <exception cref="ModelReadException">It is longer than <paramref name="limit"/>.</exception>
    public readonly ReadOnlySpan<byte> Payload(int limit)
    {
        if (PayloadLength > limit)
        {
            throw new ModelReadException($"MG.{format}.TooLarge", $"a field of {PayloadLength} bytes stands where at most {limit} are read", FieldStart);
        }

        return file.Span(PayloadStart, (int)PayloadLength);
    }

    /// <summary>The current field's payload as text.</summary>
    public readonly string Text(int limit)
    {
        if (PayloadLength > 256)
        {
            var text = Payload(limit);
            file.Hold(2L * text.Length);
            return System.Text.Encoding.UTF8.GetString(text);
        }

        Span<byte> bytes = stackalloc byte[(int)PayloadLength];
        file.Peek(PayloadStart, bytes);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The current field's payload as packed varints.</summary>
    /// <exception cref="ModelReadException">There are more than <paramref name="limit"/>.</exception>
    public readonly List<long> PackedVarints(int limit)
    {
        var values = new List<long>();
        var packed = Message();
        while (packed.Position < packed._end)
        {
            values.Add(packed.ReadVarint());
            if (values.Count > limit)
            {
                throw Damaged($"more than {limit} numbers stand where dimensions are expected");
            }
        }

        return values;
    }

    private readonly ModelReadException Damaged(string reason) => new($"MG.{format}.{malformed}", $"the content is not a valid message: {reason}", FieldStart);

    private void Skip(long bytes)
    {
        if (bytes > _end - Position)
        {
            throw new ModelReadException($"MG.{format}.Truncated", "the content ends within a field", FieldStart);
        }

        Position += bytes;
    }

    private long ReadVarint()
    {
        ulong result = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (Position >= _end)
            {
                throw new ModelReadException($"MG.{format}.Truncated", "the content ends within a field", FieldStart);
            }

            var b = file.At(Position++);
            result |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return (long)result;
            }
        }

        throw Damaged("a number has more than ten bytes");
    }
}
