using System.Buffers.Binary;

namespace ModelGuidelines.Storage;

/// <summary>The bytes of an HDF5 file, wherever they stand in a file, with the sizes of its addresses and lengths.</summary>
/// <remarks>Every access is checked against the end of the file; addresses count from the superblock. Spends a budget of items, so that no
/// structure that points into itself runs forever.</remarks>
internal sealed class Hdf5Bytes(PagedFile file, long start, long length, ReadLimits limits, CancellationToken cancellation)
{
    private int _items;

    /// <summary>Where the superblock stands: addresses count from there.</summary>
    public long Base { get; set; }

    /// <summary>Bytes of an address: 2, 4 or 8.</summary>
    public int OffsetSize { get; set; } = 8;

    /// <summary>Bytes of a length: 2, 4 or 8.</summary>
    public int LengthSize { get; set; } = 8;

    public long Length => length - Base;

    public ReadLimits Limits => limits;

    /// <summary>Bytes of text decoded so far.</summary>
    public long TextBytes { get; set; }

    public ReadOnlySpan<byte> Span(long address, long count)
    {
        if (address < 0 || count < 0 || count > int.MaxValue || address > Length || count > Length - address)
        {
            throw Error("MG.Hdf5.Truncated", "a structure of the HDF5 file goes beyond its end", address);
        }

        return file.Span(start + Base + address, (int)count);
    }

    /// <summary>A cursor from an address to the end of the file, or over the given number of bytes.</summary>
    public Hdf5Cursor At(long address, long? count = null)
    {
        _ = Span(address, count ?? 0);
        return new(this, address, count ?? Length - address);
    }

    /// <summary>Counts what has been looked at.</summary>
    public void Spend(int items = 1)
    {
        var before = _items;
        _items += items;
        if (_items < 0 || _items > limits.Items)
        {
            throw new ModelReadException("MG.Hdf5.TooLarge", $"the HDF5 file has more than {limits.Items} structures, or some that point into themselves");
        }

        if ((before ^ _items) >= 0x1000)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public ModelReadException Error(string id, string message, long address) => new(id, message, start + Base + Math.Max(address, 0));
}

/// <summary>Reads little-endian fields one after another.</summary>
internal struct Hdf5Cursor(Hdf5Bytes bytes, long address, long count)
{
    private readonly long _end = address + count;

    public long Address { get; private set; } = address;

    public readonly long Left => _end - Address;

    public ReadOnlySpan<byte> Take(long size)
    {
        if (size < 0 || size > Left)
        {
            throw bytes.Error("MG.Hdf5.Truncated", "a structure of the HDF5 file is shorter than what it declares", Address);
        }

        var span = bytes.Span(Address, size);
        Address += size;
        return span;
    }

    public void Skip(long size) => _ = Take(size);

    public byte U8() => Take(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>An unsigned number of 1 to 8 bytes; larger than any file's length is as good as 2^63-1.</summary>
    public long Number(int size)
    {
        ulong value = 0;
        var span = Take(size);
        for (var i = span.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | span[i];
        }

        return value > long.MaxValue ? long.MaxValue : (long)value;
    }

    /// <summary>An address; null when it is undefined (all bits set).</summary>
    public long? Offset()
    {
        var span = Take(bytes.OffsetSize);
        if (span.IndexOfAnyExcept((byte)0xFF) < 0)
        {
            return null;
        }

        Address -= bytes.OffsetSize;
        return Number(bytes.OffsetSize);
    }

    public long Length() => Number(bytes.LengthSize);

    /// <summary>Checks a structure's four-letter signature.</summary>
    public void Signature(ReadOnlySpan<byte> expected)
    {
        var at = Address;
        if (!Take(4).SequenceEqual(expected))
        {
            throw bytes.Error("MG.Hdf5.Signature", $"the HDF5 file has no {System.Text.Encoding.ASCII.GetString(expected)} structure where it points at one", at);
        }
    }
}
