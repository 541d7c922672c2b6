namespace ModelGuidelines.Fuzz.Mutators;

/// <summary>Bits, bytes, addresses and lengths: what has no structure that is known here, HDF5 among it.</summary>
internal sealed class ByteMutator : IMutator
{
    public bool Takes(ReadOnlySpan<byte> content) => true;

    public byte[] Mutate(byte[] content, byte[] other, Random random)
    {
        if (content.Length <= 8)
        {
            return [.. content, .. other.AsSpan(0, Math.Min(other.Length, 64))];
        }

        content = [.. content];
        var at = random.Next(content.Length - 8);
        switch (random.Next(10))
        {
            case 0:
                content[at] ^= (byte)(1 << random.Next(8));
                return content;
            case 1:
                content[at] = (byte)random.Next(256);
                return content;
            case 2:
                content.AsSpan(at, 1 << random.Next(4)).Fill((byte)(random.Next(2) * 255));
                return content;
            case 3: // an address inside
                BitConverter.TryWriteBytes(content.AsSpan(at), (long)random.Next(content.Length));
                return content;
            case 4:
                BitConverter.TryWriteBytes(content.AsSpan(at), 1L << random.Next(63));
                return content;
            case 5:
                BitConverter.TryWriteBytes(content.AsSpan(at), (ushort)(BitConverter.ToUInt16(content, at) + random.Next(-2, 3)));
                return content;
            case 6:
                var from = random.Next(other.Length);
                var length = Math.Min(random.Next(64), Math.Min(other.Length - from, content.Length - at));
                other.AsSpan(from, length).CopyTo(content.AsSpan(at));
                return content;
            case 7 when random.Next(4) == 0:
                return content[..random.Next(content.Length)];
            case 8:
                var piece = content.AsSpan(at, Math.Min(random.Next(1, 400), content.Length - at)).ToArray();
                return [.. content[..at], .. piece, .. content[at..]];
            default:
                var cut = Math.Min(random.Next(1, 200), content.Length - at);
                return [.. content[..at], .. content[(at + cut)..]];
        }
    }
}
