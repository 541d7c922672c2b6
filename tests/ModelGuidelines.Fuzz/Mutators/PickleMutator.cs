namespace ModelGuidelines.Fuzz.Mutators;

/// <summary>Instructions of a pickle put in, and its bytes.</summary>
internal sealed class PickleMutator : IMutator
{
    private static readonly byte[][] Pieces =
    [
        "("u8.ToArray(), "."u8.ToArray(), "0"u8.ToArray(), "N"u8.ToArray(), "]"u8.ToArray(), "}"u8.ToArray(), ")"u8.ToArray(), "t"u8.ToArray(), "s"u8.ToArray(), "u"u8.ToArray(), "a"u8.ToArray(), "e"u8.ToArray(), "R"u8.ToArray(), "b"u8.ToArray(), "2"u8.ToArray(),
        "q\x00"u8.ToArray(), "h\x00"u8.ToArray(), "K\xff"u8.ToArray(), "cos\nsystem\n"u8.ToArray(), "ccollections\nOrderedDict\n"u8.ToArray(), [0x81], [0x85], [0x86], [0x87], [0x88], [0x93], [0x94], [0x95, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0], [0x8a, 0xff], [(byte)'X', 0xff, 0xff, 0xff, 0x7f], [(byte)'r', 0xff, 0xff, 0xff, 0x7f],
    ];

    private readonly ByteMutator _bytes = new();

    public bool Takes(ReadOnlySpan<byte> content) => content is [0x80, <= 5, ..];

    public byte[] Mutate(byte[] content, byte[] other, Random random)
    {
        if (random.Next(2) == 0)
        {
            return _bytes.Mutate(content, other, random);
        }

        var at = random.Next(2, content.Length + 1);
        return [.. content[..at], .. random.Pick(Pieces), .. content[at..]];
    }
}
