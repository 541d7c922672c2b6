using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace ModelGuidelines.Storage;

/// <summary>A file as read-only memory: pages are read when touched, so what a reader skips costs nothing.</summary>
/// <remarks>Slices must not outlive the file. Positions are checked; a position outside the file is the caller's error.</remarks>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;

    /// <param name="path">An ordinary file. Others may read and write it meanwhile.</param>
    /// <exception cref="IOException">The file is locked, missing, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    public MappedFile(string path)
    {
        // Pipes and devices have no length either, and opening a pipe would wait for its writer: neither is opened.
        var target = new FileInfo(path);
        target = target.LinkTarget is null ? target : (FileInfo?)target.ResolveLinkTarget(returnFinalTarget: true) ?? target;
        if (target is { Exists: true, Length: 0 })
        {
            return;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Length = stream.Length;
        if (Length == 0)
        {
            return; // an empty file cannot be mapped
        }

        _map = MemoryMappedFile.CreateFromFile(stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + _view.PointerOffset;
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>The bytes from <paramref name="offset"/> on.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        Check(offset, length);
        return new(_start + offset, length);
    }

    /// <summary>The bytes from <paramref name="offset"/> on, as memory that stays valid until the file is disposed.</summary>
    public ReadOnlyMemory<byte> Memory(long offset, int length)
    {
        Check(offset, length);
        return length == 0 ? ReadOnlyMemory<byte>.Empty : new Slice(_start + offset, length).Memory;
    }

    public void Dispose()
    {
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }

        _map?.Dispose();
    }

    private void Check(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset, nameof(length));
    }

    private sealed class Slice(byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
            // Mapped memory does not move.
        }

        protected override void Dispose(bool disposing)
        {
            // The file owns the memory.
        }
    }
}
