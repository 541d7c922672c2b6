using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.SavedModel;

/// <summary>Walks over the fields of one protobuf message in place: what is not asked for is skipped by its length, never parsed.</summary>
/// <remarks>Generated classes would build the whole function graph in memory to reach a few names. Source: protobuf's encoding specification.</remarks>
internal ref struct ProtoFields(ReadOnlySpan<byte> message, long start)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;

    /// <summary>The field's number.</summary>
    public int Number { get; private set; }

    /// <summary>Its bytes, of a message, text or bytes field; else empty.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Its value, of an integer field; else 0.</summary>
    public long Value { get; private set; }

    /// <summary>Where <see cref="Bytes"/> begin in the file.</summary>
    public long BytesStart { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="ModelReadException">MG.SavedModel.Truncated, MG.SavedModel.Damaged.</exception>
    public bool Next()
    {
        if (_position >= _message.Length)
        {
            return false;
        }

        var tag = Varint();
        Number = (int)Math.Min(tag >> 3, int.MaxValue);
        Bytes = default;
        Value = 0;
        switch (tag & 7)
        {
            case 0:
                Value = (long)Varint();
                break;
            case 1:
                Skip(8);
                break;
            case 2:
                var length = Varint();
                BytesStart = start + _position;
                Bytes = Skip(length);
                break;
            case 5:
                Skip(4);
                break;
            default:
                throw new ModelReadException("MG.SavedModel.Damaged", $"a field of the file has wire type {tag & 7}, which TensorFlow never writes", start + _position);
        }

        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position >= _message.Length)
            {
                throw Truncated();
            }

            var next = _message[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new ModelReadException("MG.SavedModel.Damaged", "a number of the file has more than 10 bytes", start + _position);
    }

    private ReadOnlySpan<byte> Skip(ulong length)
    {
        if (length > (ulong)(_message.Length - _position))
        {
            throw Truncated();
        }

        var bytes = _message.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }

    private readonly ModelReadException Truncated() => new("MG.SavedModel.Truncated", "a field goes beyond the end of its message: the file is truncated or damaged", start + _position);
}
