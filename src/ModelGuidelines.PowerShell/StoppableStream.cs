namespace ModelGuidelines.PowerShell;

/// <summary>Bytes on their way to a file until the pipeline is stopped: whoever writes meets it with the next ones.</summary>
/// <param name="target">Where they go; stays open.</param>
/// <param name="stop">Signalled when the pipeline is stopped.</param>
internal sealed class StoppableStream(Stream target, CancellationToken stop) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="OperationCanceledException">The pipeline is stopped.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        stop.ThrowIfCancellationRequested();
        target.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
