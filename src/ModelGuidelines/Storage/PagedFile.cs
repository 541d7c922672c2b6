using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelGuidelines.Storage;

/// <summary>A file as read-only memory: a page of a large one is read when it is asked for, so what a reader skips costs nothing.</summary>
/// <remarks>Slices must not outlive the file. Positions are checked; a position outside the file is the caller's error. The bytes are copies:
/// a file that becomes shorter meanwhile ends in an exception, where one that the system maps would end the process.</remarks>
public sealed unsafe class PagedFile : IDisposable
{
    private const int PageBytes = 8 << 10;

    /// <summary>Up to here the whole file is read at once.</summary>
    private const int SmallBytes = 128 << 10;

    private readonly SafeFileHandle? _handle;
    private readonly byte* _whole;
    private readonly Dictionary<long, nint> _pages = [];
    private readonly Dictionary<long, (nint Start, int Length)> _blocks = [];
    private readonly HashSet<nint> _allocated = [];
    private readonly object _lock = new();

    /// <summary>The page that was asked for last, which is asked for byte by byte.</summary>
    private Page? _latest;
    private bool _isTold;

    private readonly FileTrace? _trace;

    /// <summary>What was read of it and is not held any more; null: nobody asks.</summary>
    private readonly RangeHash? _read;
    private readonly ReadBudget? _budget;
    private readonly string _path;
    private readonly FileStamp _stamp;

    /// <param name="path">An ordinary file. Others may read and write it meanwhile.</param>
    /// <param name="trace">Is told what was read of it, when it is closed; null: nobody asks.</param>
    /// <param name="budget">Counts what is held of it; null: nobody counts.</param>
    /// <param name="kind">What stands at the path, where that is known.</param>
    /// <exception cref="IOException">The file is locked, missing, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    public PagedFile(string path, FileTrace? trace = null, ReadBudget? budget = null, FileKind? kind = null)
    {
        (_path, _trace, _budget) = (path, trace, budget);
        if (trace is not null)
        {
            (_stamp, _read) = (FileStamp.Of(path) ?? default, new());
        }

        // Pipes and devices have no length either, and opening a pipe would wait for its writer: neither is opened.
        if ((kind ?? FileProperties.KindOf(path)) is FileKind.Special)
        {
            return;
        }

        _handle = FileProperties.OpenRegular(path);
        if (_handle is null)
        {
            return;
        }

        Length = RandomAccess.GetLength(_handle);
        if (Length is > 0 and <= SmallBytes)
        {
            _whole = Allocate((int)Length);
            Length = ReadUpTo(_whole, 0, (int)Length);
        }
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>The bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="IOException">The file has become shorter, or cannot be read.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        Check(offset, length);
        return length == 0 ? [] : new(Load(offset, length), length);
    }

    /// <summary>The bytes from <paramref name="offset"/> on, as memory that stays valid until the file is disposed.</summary>
    /// <exception cref="IOException">The file has become shorter, or cannot be read.</exception>
    public ReadOnlyMemory<byte> Memory(long offset, int length)
    {
        Check(offset, length);
        return length == 0 ? ReadOnlyMemory<byte>.Empty : new Slice(Load(offset, length), length).Memory;
    }

    /// <summary>Counts what is kept beside the file's own bytes.</summary>
    /// <exception cref="ModelReadException">It is more than may be held of one file.</exception>
    public void Hold(long bytes) => _budget?.Hold(bytes);

    /// <summary>One byte.</summary>
    public byte At(long offset)
    {
        if (_whole is not null && offset >= 0 && offset < Length)
        {
            return _whole[offset];
        }

        return _latest is { } page && page.Holds(offset, 1) ? page.Start[offset - page.Offset] : Span(offset, 1)[0];
    }

    /// <summary>Copies a few bytes.</summary>
    public void Peek(long offset, Span<byte> destination) => Span(offset, destination.Length).CopyTo(destination);

    /// <summary>Copies bytes that are looked at once: nothing of them is kept.</summary>
    /// <exception cref="IOException">The file has become shorter, or cannot be read.</exception>
    public void Copy(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length);
        fixed (byte* start = destination)
        {
            if (_whole is not null)
            {
                new ReadOnlySpan<byte>(_whole + offset, destination.Length).CopyTo(destination);
            }
            else if (ReadUpTo(start, offset, destination.Length) != destination.Length)
            {
                throw Shorter();
            }
            else if (_read is not null)
            {
                lock (_lock)
                {
                    _read.Add(offset, destination);
                }
            }
        }
    }

    /// <summary>Gives back the memory of what lies before a position: who goes through a large file, and has made what he needs of it.</summary>
    public void Forget(long before)
    {
        if (_whole is not null)
        {
            return;
        }

        lock (_lock)
        {
            _latest = null;
            Tell(before);
            foreach (var page in _pages.Keys.Where(p => (p + 1) * PageBytes <= before).ToList())
            {
                Free(_pages[page], PageBytes);
                _pages.Remove(page);
            }

            foreach (var block in _blocks.Where(b => b.Key + b.Value.Length <= before).ToList())
            {
                Free(block.Value.Start, block.Value.Length);
                _blocks.Remove(block.Key);
            }
        }
    }

    /// <summary>Tells a trace of what is held and ends before a position.</summary>
    private void Tell(long before)
    {
        if (_read is null)
        {
            return;
        }

        if (_whole is not null)
        {
            _read.Add(0, new(_whole, (int)Length));
            return;
        }

        var held = _pages.Select(p => (Offset: p.Key * PageBytes, Length: (int)Math.Min(PageBytes, Length - (p.Key * PageBytes)), Start: p.Value)).Concat(_blocks.Select(b => (Offset: b.Key, b.Value.Length, Start: b.Value.Start)));
        foreach (var (offset, length, start) in held.Where(p => p.Offset + p.Length <= before).OrderBy(p => p.Offset).ThenBy(p => p.Length))
        {
            _read.Add(offset, new((byte*)start, length));
        }
    }

    private void Free(nint start, int length)
    {
        NativeMemory.Free((void*)start);
        _allocated.Remove(start);
        Hold(-length);
    }

    public void Dispose()
    {
        if (_trace is not null && !_isTold)
        {
            _isTold = true;
            Tell(long.MaxValue);
            _trace.Read(_path, _stamp, _read!);
            _read!.Dispose();
        }

        _handle?.Dispose();
        _latest = null;
        foreach (var start in _allocated)
        {
            NativeMemory.Free((void*)start);
        }

        _allocated.Clear();
        _pages.Clear();
        _blocks.Clear();
    }

    private byte* Load(long offset, int length)
    {
        if (_whole is not null)
        {
            return _whole + offset;
        }

        if (_latest is { } latest && latest.Holds(offset, length))
        {
            return latest.Start + (offset - latest.Offset);
        }

        var page = offset / PageBytes;
        lock (_lock)
        {
            if ((offset + length - 1) / PageBytes == page)
            {
                if (!_pages.TryGetValue(page, out var start))
                {
                    _pages[page] = start = Read(page * PageBytes, (int)Math.Min(PageBytes, Length - (page * PageBytes)));
                }

                _latest = new(page * PageBytes, (byte*)start, (int)Math.Min(PageBytes, Length - (page * PageBytes)));
                return (byte*)start + (offset % PageBytes);
            }

            // What goes over the end of a page has memory of its own.
            if (!_blocks.TryGetValue(offset, out var block) || block.Length < length)
            {
                _blocks[offset] = block = (Read(offset, length), length);
            }

            return (byte*)block.Start;
        }
    }

    private nint Read(long offset, int length)
    {
        var start = Allocate(length);
        return ReadUpTo(start, offset, length) == length ? (nint)start : throw Shorter();
    }

    private static IOException Shorter() => new("the file has become shorter while it was read");

    private byte* Allocate(int length)
    {
        Hold(length);
        var start = (byte*)NativeMemory.Alloc((nuint)length);
        _allocated.Add((nint)start);
        return start;
    }

    /// <summary>What the file still holds: it may have become shorter since its length was asked.</summary>
    private int ReadUpTo(byte* destination, long offset, int length)
    {
        var done = 0;
        while (done < length && RandomAccess.Read(_handle!, new Span<byte>(destination + done, length - done), offset + done) is > 0 and var read)
        {
            done += read;
        }

        return done;
    }

    private void Check(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset, nameof(length));
    }

    private sealed class Page(long offset, byte* start, int length)
    {
        public long Offset => offset;

        public byte* Start => start;

        public bool Holds(long from, int bytes) => from >= offset && from + bytes <= offset + length;
    }

    private sealed class Slice(byte* start, int length) : System.Buffers.MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, length);

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
            // This memory does not move.
        }

        protected override void Dispose(bool disposing)
        {
            // The file owns the memory.
        }
    }
}
