using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>What a changed file consists of, in order: ranges of the original, and new bytes between them.</summary>
/// <remarks>Weights are ranges: they are named here, never held.</remarks>
internal sealed class SegmentList
{
    private const int ChunkBytes = 1 << 20;
    private readonly List<(ByteRange Range, byte[]? Bytes)> _segments = [];

    private long[] _starts = [];

    /// <summary>Bytes.</summary>
    public long Length { get; private set; }

    public void Add(ByteRange range)
    {
        if (range.Length == 0)
        {
            return;
        }

        Length += range.Length;
        if (_segments.Count > 0 && _segments[^1] is { Bytes: null, Range: var last } && last.End == range.Start)
        {
            _segments[^1] = (new(last.Start, last.Length + range.Length), null);
            return;
        }

        _segments.Add((range, null));
    }

    public void Add(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            Length += bytes.Length;
            _segments.Add((default, bytes));
        }
    }

    public void Add(SegmentList other)
    {
        foreach (var (range, bytes) in other._segments)
        {
            if (bytes is null)
            {
                Add(range);
            }
            else
            {
                Add(bytes);
            }
        }
    }

    /// <summary>Where a range of the result comes from in the original; null where it holds new bytes.</summary>
    public ByteRange? Origin(ByteRange range)
    {
        if (_starts.Length != _segments.Count)
        {
            _starts = new long[_segments.Count];
            for (var (i, start) = (0, 0L); i < _segments.Count; i++)
            {
                _starts[i] = start;
                start += _segments[i].Bytes?.Length ?? _segments[i].Range.Length;
            }
        }

        var at = Array.BinarySearch(_starts, range.Start);
        at = at < 0 ? ~at - 1 : at;
        return at >= 0 && _segments[at] is { Bytes: null, Range: var source } && range.End <= _starts[at] + source.Length
            ? new(source.Start + range.Start - _starts[at], range.Length)
            : null;
    }

    /// <summary>A length-delimited field with the given content.</summary>
    public void AddField(int number, SegmentList content)
    {
        Add(Head(number, content.Length));
        Add(content);
    }

    public void AddField(int number, byte[] content)
    {
        Add(Head(number, content.Length));
        Add(content);
    }

    /// <summary>Writes all segments. Large ranges are read, not mapped: mapped pages would count as this process' memory.</summary>
    public void WriteTo(Stream output, string path, CancellationToken cancellation)
    {
        using var source = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var buffer = new byte[ChunkBytes];
        foreach (var (range, bytes) in _segments)
        {
            if (bytes is not null)
            {
                output.Write(bytes);
                continue;
            }

            for (var at = range.Start; at < range.End;)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(ChunkBytes, range.End - at)), at);
                if (count == 0)
                {
                    throw new ModelReadException("MG.Repair.Changed", "the file became shorter while it was being repaired; nothing was written", at);
                }

                output.Write(buffer, 0, count);
                at += count;
            }
        }
    }

    private static byte[] Head(int number, long length)
    {
        var head = new List<byte>(12);
        Varint(head, ((ulong)number << 3) | 2);
        Varint(head, (ulong)length);
        return [.. head];
    }

    private static void Varint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }
}
