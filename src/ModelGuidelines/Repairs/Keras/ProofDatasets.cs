using System.Buffers.Binary;
using System.Globalization;
using ModelGuidelines.Repairs.Hdf5;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Names the datasets of an HDF5 file by their types, their shapes, and where in the original their bytes stand. No weight is read,
/// but where one layer of the original has its weights in two places, which are then compared.</summary>
/// <param name="file">That holds the HDF5 file.</param>
/// <param name="start">Where it begins.</param>
/// <param name="originOf">Where bytes, counted from there, stand in the original; null when they do not.</param>
internal sealed class ProofDatasets(PagedFile file, long start, Func<ByteRange, ByteRange?> originOf)
{
    private const int DataSpace = 1;
    private const int ChunkBytes = 1 << 20;
    private Dictionary<ByteRange, ByteRange> _same = [];

    /// <summary>Of an original: every byte stands where it is.</summary>
    public static ProofDatasets OfOriginal(PagedFile file, long start) => new(file, start, r => new(start + r.Start, r.Length));

    /// <summary>Takes over what the original knows to be the same.</summary>
    public ProofDatasets KnowingWhat(ProofDatasets original)
    {
        _same = original._same;
        return this;
    }

    public string Text(Hdf5Node dataset)
    {
        var messages = dataset.Source!.Messages;
        var layout = messages.Single(m => m.Type == Hdf5ObjectHeader.DataLayout);
        var head = string.Join(' ', messages.Where(m => m.Type is DataSpace or Hdf5ObjectHeader.DataType).Select(m => Convert.ToHexString(file.Span(start + m.Address, m.Size))));
        var bytes = file.Span(start + layout.Address, layout.Size);
        if (Contiguous(bytes) is { } range)
        {
            return range.Start < 0 ? $"{head} none" : $"{head} {Canonical(range)}";
        }

        // Small ones stand in the header; those in chunks are one dataset under two names.
        return bytes is [3, 0, ..] ? $"{head} {Convert.ToHexString(bytes)}" : $"{head} at {Canonical(new(dataset.Source.Address, 8))}";
    }

    /// <summary>Takes two datasets of the original for one, as a layer does that loads both: their bytes have to be the same.</summary>
    public void Same(Hdf5Node first, Hdf5Node second)
    {
        var (a, b) = (RangeOf(first), RangeOf(second));
        if (a is null || b is null || a == b)
        {
            return;
        }

        if (a.Value.Length != b.Value.Length || !SameBytes(a.Value, b.Value))
        {
            throw new ModelReadException(RepairErrors.Unsupported, "the file holds two different weights for one layer, of which Keras takes the later");
        }

        _same[b.Value] = _same.GetValueOrDefault(a.Value, a.Value);
    }

    private ByteRange? RangeOf(Hdf5Node dataset)
    {
        var layout = dataset.Source!.Messages.Single(m => m.Type == Hdf5ObjectHeader.DataLayout);
        return Contiguous(file.Span(start + layout.Address, layout.Size)) is { Start: >= 0 } range ? new(start + range.Start, range.Length) : null;
    }

    private static ByteRange? Contiguous(ReadOnlySpan<byte> layout) =>
        layout.Length >= 18 && layout[0] == 3 && layout[1] == 1 ? new(BinaryPrimitives.ReadInt64LittleEndian(layout[2..]), BinaryPrimitives.ReadInt64LittleEndian(layout[10..])) : null;

    private string Canonical(ByteRange range)
    {
        if (originOf(range) is not { } origin)
        {
            throw new ModelReadException(RepairErrors.Unsupported, "a weight's bytes are not the original's");
        }

        origin = _same.GetValueOrDefault(origin, origin);
        return string.Create(CultureInfo.InvariantCulture, $"{origin.Start}+{origin.Length}");
    }

    private bool SameBytes(ByteRange a, ByteRange b)
    {
        var (first, second) = (new byte[ChunkBytes], new byte[ChunkBytes]);
        for (long at = 0; at < a.Length; at += ChunkBytes)
        {
            var length = (int)Math.Min(ChunkBytes, a.Length - at);
            file.Copy(a.Start + at, first.AsSpan(0, length));
            file.Copy(b.Start + at, second.AsSpan(0, length));
            if (!first.AsSpan(0, length).SequenceEqual(second.AsSpan(0, length)))
            {
                return false;
            }
        }

        return true;
    }
}
