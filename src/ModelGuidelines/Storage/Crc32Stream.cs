using System.IO.Hashing;

namespace ModelGuidelines.Storage;

/// <summary>Counts and sums up what is written through it. The stream behind it stays open.</summary>
/// <remarks>CRC-32 of zip.</remarks>
internal sealed class Crc32Stream(Stream target) : Stream
{
    private readonly Crc32 _crc = new();

    /// <summary>Bytes written.</summary>
    public long Count { get; private set; }

    public uint Crc => _crc.GetCurrentHashAsUInt32();

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
        _crc.Append(buffer);
    }

    public override void Flush() => target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
