namespace ModelGuidelines.Storage;

/// <summary>Counts and sums up what is written through it. The stream behind it stays open.</summary>
/// <remarks>CRC-32 of zip (polynomial EDB88320), eight bytes at a time.</remarks>
internal sealed class Crc32Stream(Stream target) : Stream
{
    private static readonly uint[] Table = MakeTable();
    private uint _crc = uint.MaxValue;

    /// <summary>Bytes written.</summary>
    public long Count { get; private set; }

    public uint Crc => ~_crc;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => Count;

    public override long Position { get => Count; set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        target.Write(buffer);
        Count += buffer.Length;
        var crc = _crc;
        while (buffer.Length >= 8)
        {
            var low = crc ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(buffer);
            var high = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(buffer[4..]);
            crc = Table[(7 * 256) + (low & 0xFF)] ^ Table[(6 * 256) + ((low >> 8) & 0xFF)] ^ Table[(5 * 256) + ((low >> 16) & 0xFF)] ^ Table[(4 * 256) + (low >> 24)]
                ^ Table[(3 * 256) + (high & 0xFF)] ^ Table[(2 * 256) + ((high >> 8) & 0xFF)] ^ Table[256 + ((high >> 16) & 0xFF)] ^ Table[high >> 24];
            buffer = buffer[8..];
        }

        foreach (var value in buffer)
        {
            crc = Table[(crc ^ value) & 0xFF] ^ (crc >> 8);
        }

        _crc = crc;
    }

    public override void Flush() => target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static uint[] MakeTable()
    {
        var table = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
            }

            table[i] = value;
        }

        for (var i = 256; i < table.Length; i++)
        {
            table[i] = table[table[i - 256] & 0xFF] ^ (table[i - 256] >> 8);
        }

        return table;
    }
}
