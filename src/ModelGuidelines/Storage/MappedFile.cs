using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelGuidelines.Storage;

/// <summary>A file as read-only memory: pages of a large one are read when touched, so what a reader skips costs nothing.</summary>
/// <remarks>Slices must not outlive the file. Positions are checked; a position outside the file is the caller's error.</remarks>
public sealed unsafe class MappedFile : IDisposable
{
    private const int WindowBytes = 4096;

    /// <summary>Up to here reading the whole file costs less than mapping it and giving the mapping back, which halts the other threads.</summary>
    private const int SmallBytes = 128 << 10;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private byte* _copy;
    private readonly SafeFileHandle? _handle;
    private readonly byte[] _window = new byte[WindowBytes];
    private long _windowStart;
    private int _windowLength;

    /// <param name="path">An ordinary file. Others may read and write it meanwhile.</param>
    /// <exception cref="IOException">The file is locked, missing, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    public MappedFile(string path)
    {
        // Pipes and devices have no length either, and opening a pipe would wait for its writer: neither is opened.
        var target = new FileInfo(path);
        target = target.Exists && target.Attributes.HasFlag(FileAttributes.ReparsePoint) ? (FileInfo?)target.ResolveLinkTarget(returnFinalTarget: true) ?? target : target;
        if (target is { Exists: true, Length: 0 })
        {
            return;
        }

        _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Length = RandomAccess.GetLength(_handle);
        if (Length == 0)
        {
            return; // an empty file cannot be mapped
        }

        if (Length <= SmallBytes)
        {
            _start = _copy = (byte*)NativeMemory.Alloc((nuint)Length);
            Length = ReadAll(new(_copy, (int)Length));
            return;
        }

        _map = MemoryMappedFile.CreateFromFile(_handle, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
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

    /// <summary>A few bytes, read and not mapped. Touching one mapped page makes the system map up to megabytes around it, which
    /// for the headers between a model's weights would add up; a small read does not. Not thread-safe.</summary>
    public void Peek(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length);
        if (_copy is not null || destination.Length > WindowBytes)
        {
            Span(offset, destination.Length).CopyTo(destination);
            return;
        }

        if (offset < _windowStart || offset + destination.Length > _windowStart + _windowLength)
        {
            _windowStart = offset;
            _windowLength = RandomAccess.Read(_handle!, _window, offset);
            if (_windowLength < destination.Length)
            {
                throw new IOException("the file has become shorter while it was read");
            }
        }

        _window.AsSpan((int)(offset - _windowStart), destination.Length).CopyTo(destination);
    }

    public void Dispose()
    {
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }

        _map?.Dispose();
        _handle?.Dispose();
        NativeMemory.Free(_copy);
        _copy = null;
    }

    /// <summary>What the file still holds: it may have become shorter since its length was asked.</summary>
    private int ReadAll(Span<byte> destination)
    {
        var length = 0;
        while (length < destination.Length && RandomAccess.Read(_handle!, destination[length..], length) is > 0 and var read)
        {
            length += read;
        }

        return length;
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
