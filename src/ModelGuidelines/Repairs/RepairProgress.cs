namespace ModelGuidelines.Repairs;

/// <summary>What a repair is doing.</summary>
public enum RepairStage
{
    Reading,
    Writing,
    Proving,
    Running,
}

/// <summary>How far the repair of one file is.</summary>
/// <param name="Path">The file, as given.</param>
/// <param name="Stage">What is being done.</param>
/// <param name="Bytes">Written so far; 0 outside of <see cref="RepairStage.Writing"/>.</param>
public readonly record struct RepairProgress(string Path, RepairStage Stage, long Bytes = 0);

/// <summary>Says from time to time how much has been written.</summary>
internal sealed class ProgressStream(Stream inner, Action<long> report) : Stream
{
    private const long Step = 16 << 20;
    private long _written;
    private long _next = Step;

    public override bool CanRead => false;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => true;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _written += buffer.Length;
        if (_written >= _next)
        {
            _next = _written + Step;
            report(_written);
        }
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);
}
