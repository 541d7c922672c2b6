namespace ModelGuidelines.Storage;

/// <summary>A part of a file as a stream.</summary>
internal sealed class PagedFileStream(PagedFile file, long offset, long length) : ReadOnlyStream
{
    private long _read;

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, length - _read);
        file.Copy(offset + _read, buffer[..count]);
        _read += count;
        return count;
    }
}
