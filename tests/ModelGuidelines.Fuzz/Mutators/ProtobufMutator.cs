namespace ModelGuidelines.Fuzz.Mutators;

/// <summary>Fields of protobuf messages at every depth, with the lengths around them made right again.</summary>
internal sealed class ProtobufMutator : IMutator
{
    private const int Deepest = 24;
    private readonly ByteMutator _bytes = new();

    public bool Takes(ReadOnlySpan<byte> content) => content.Length > 4 && Message.TryParse(content.ToArray(), Deepest) is { Fields.Count: > 0 };

    public byte[] Mutate(byte[] content, byte[] other, Random random)
    {
        var root = Message.TryParse(content, Deepest)!;
        var messages = new List<Message>();
        root.Collect(messages);
        var at = random.Pick(messages);
        if (at.Fields.Count == 0)
        {
            return content;
        }

        var index = random.Next(at.Fields.Count);
        var field = at.Fields[index];
        switch (random.Next(8))
        {
            case 0:
                at.Fields.RemoveAt(index);
                break;
            case 1:
                at.Fields.Insert(random.Next(at.Fields.Count), field);
                break;
            case 2:
                at.Fields[index] = field with { Number = (ulong)random.Next(1, 40) };
                break;
            case 3:
                at.Fields[index] = field with { Number = field.Number, Type = 0, Varint = random.Pick<ulong>([0, 1, 2, 127, 128, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue]), Nested = null, Bytes = [] };
                break;
            case 4 when Message.TryParse(other, Deepest) is { } foreign:
                var sources = new List<Message>();
                foreign.Collect(sources);
                if (random.Pick(sources) is { Fields.Count: > 0 } source && source.Length < 8192)
                {
                    at.Fields.Insert(index, random.Pick(source.Fields));
                }

                break;
            case 5 when field.Nested is not null: // a message within itself
                at.Fields[index] = field with { Nested = new([.. field.Nested.Fields, field]) };
                break;
            case 6:
                for (var n = random.Next(4) == 0 ? 300 : 2; n > 0 && field.Length < 64; n--)
                {
                    at.Fields.Insert(index, field);
                }

                break;
            default:
                if (field is { Type: 2, Nested: null, Bytes.Length: > 0 })
                {
                    at.Fields[index] = field with { Bytes = field.Bytes.Length < 9 || random.Next(2) == 0 ? Text(field.Bytes, random) : _bytes.Mutate(field.Bytes, field.Bytes, random) };
                }
                else
                {
                    at.Fields.Reverse();
                }

                break;
        }

        return root.ToBytes();
    }

    /// <summary>Names are what graphs hang together by.</summary>
    private static byte[] Text(byte[] name, Random random) => random.Next(4) switch
    {
        0 => [.. name, (byte)('0' + random.Next(10))],
        1 => name.Length > 1 ? name[..^1] : [],
        2 => [.. name, .. "/Relu_1"u8],
        _ => [],
    };

    /// <param name="Type">0 number, 1 eight bytes, 2 bytes or a message, 5 four bytes.</param>
    private sealed record Field(ulong Number, int Type, ulong Varint, byte[] Bytes, Message? Nested)
    {
        public long Length => Nested?.Length ?? (Bytes.Length + 8L);
    }

    private sealed class Message(List<Field> fields)
    {
        public List<Field> Fields { get; } = fields;

        public long Length => Fields.Sum(f => f.Length + 4);

        public static Message? TryParse(byte[] bytes, int depth)
        {
            var fields = new List<Field>();
            var at = 0;
            while (at < bytes.Length)
            {
                if (!ReadVarint(bytes, ref at, out var tag) || tag >> 3 is 0 or > 1 << 29)
                {
                    return null;
                }

                switch ((int)(tag & 7))
                {
                    case 0 when ReadVarint(bytes, ref at, out var value):
                        fields.Add(new(tag >> 3, 0, value, [], null));
                        break;
                    case (1 or 5) and var type when bytes.Length - at >= (type == 1 ? 8 : 4):
                        fields.Add(new(tag >> 3, type, 0, bytes[at..(at + (type == 1 ? 8 : 4))], null));
                        at += type == 1 ? 8 : 4;
                        break;
                    case 2 when ReadVarint(bytes, ref at, out var length) && length <= (ulong)(bytes.Length - at):
                        var content = bytes[at..(at + (int)length)];
                        at += (int)length;
                        var nested = depth > 0 && content.Length > 1 && !IsText(content) ? TryParse(content, depth - 1) : null;
                        fields.Add(new(tag >> 3, 2, 0, nested is null ? content : [], nested));
                        break;
                    default:
                        return null;
                }
            }

            return new(fields);
        }

        public void Collect(List<Message> messages)
        {
            messages.Add(this);
            foreach (var field in Fields)
            {
                field.Nested?.Collect(messages);
            }
        }

        public byte[] ToBytes()
        {
            using var stream = new MemoryStream();
            foreach (var field in Fields)
            {
                WriteVarint(stream, (field.Number << 3) | (uint)field.Type);
                var bytes = field.Nested?.ToBytes() ?? field.Bytes;
                if (field.Type == 0)
                {
                    WriteVarint(stream, field.Varint);
                    continue;
                }

                if (field.Type == 2)
                {
                    WriteVarint(stream, (ulong)bytes.Length);
                }

                stream.Write(bytes);
            }

            return stream.ToArray();
        }

        private static bool IsText(byte[] content) => Array.TrueForAll(content, b => b is >= 32 and < 127);

        private static bool ReadVarint(byte[] bytes, ref int at, out ulong value)
        {
            value = 0;
            for (var shift = 0; shift < 64 && at < bytes.Length; shift += 7)
            {
                var next = bytes[at++];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return true;
                }
            }

            return false;
        }

        private static void WriteVarint(MemoryStream stream, ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                stream.WriteByte((byte)(value | 0x80));
            }

            stream.WriteByte((byte)value);
        }
    }
}
