using System.IO.Compression;

namespace ModelGuidelines.Storage;

/// <summary>The bytes of a deflated entry, which must be as many as the archive declares.</summary>
internal sealed class ZipEntryStream(ZipEntry entry, Stream compressed) : ReadOnlyStream
{
    private readonly DeflateStream _bytes = new(compressed, CompressionMode.Decompress);
    private long _read;

    /// <exception cref="ModelReadException">They are not.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            var count = _bytes.Read(buffer);
            _read += count;
            return _read <= entry.Length && (count > 0 || _read == entry.Length) ? count
                : throw new ModelReadException("MG.Zip.Size", $"entry '{entry.Name}' does not have the {entry.Length} bytes it declares", entry.HeaderOffset);
        }
        catch (InvalidDataException e)
        {
            throw new ModelReadException("MG.Zip.Deflate", $"entry '{entry.Name}' is damaged: its compressed data cannot be read", entry.HeaderOffset, e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _bytes.Dispose();
        }

        base.Dispose(disposing);
    }
}
