namespace ModelGuidelines.Storage;

/// <summary>The bytes of another stream, up to a bound: a device has no end.</summary>
/// <param name="inner">Is read forward only; whoever made it closes it.</param>
/// <param name="most">Bytes.</param>
/// <param name="error">What more of them is.</param>
internal sealed class BoundedStream(Stream inner, long most, Func<ModelReadException> error) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        _read += count;
        return _read <= most ? count : throw error();
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
