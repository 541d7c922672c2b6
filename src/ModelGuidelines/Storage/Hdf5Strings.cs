using System.Text;

namespace ModelGuidelines.Storage;

/// <summary>Decodes attributes that hold strings: of fixed length, or of variable length in global heaps.</summary>
internal sealed class Hdf5Strings(Hdf5Bytes bytes)
{
    private const int FixedClass = 3;
    private const int VariableClass = 9;

    // Collections by address, and in each where its objects stand. Read once: names of layers share collections.
    private readonly Dictionary<long, Dictionary<int, (long Address, long Size)>> _collections = [];

    /// <summary>All strings; null when the attribute holds none.</summary>
    public IReadOnlyList<string>? Read(Hdf5Attribute attribute)
    {
        if (Places(attribute) is not { } places)
        {
            return null;
        }

        var result = new List<string>();
        foreach (var place in places)
        {
            result.Add(Encoding.UTF8.GetString(Slice(place)));
        }

        return result;
    }

    /// <summary>The bytes of the only string; null when there is not exactly one.</summary>
    public byte[]? ReadOne(Hdf5Attribute attribute) =>
        Places(attribute)?.Take(2).ToList() is [var place] ? Slice(place).ToArray() : null;

    private ReadOnlySpan<byte> Slice((long Address, long Size, bool IsSpacePadded) place)
    {
        bytes.TextBytes += place.Size;
        if (bytes.TextBytes > bytes.Limits.EntryBytes)
        {
            throw bytes.Error("MG.Hdf5.TooLarge", $"the texts in the HDF5 file exceed the {bytes.Limits.EntryBytes} bytes that an audit reads", place.Address);
        }

        var text = bytes.Span(place.Address, place.Size);
        if (place.IsSpacePadded)
        {
            return text.TrimEnd((byte)' ');
        }

        var end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }

    private IEnumerable<(long Address, long Size, bool IsSpacePadded)>? Places(Hdf5Attribute attribute)
    {
        var type = bytes.At(attribute.Type.Address, attribute.Type.Size);
        var kind = type.U8() & 15;
        var bits = type.U8();
        type.Skip(2);
        long size = type.U32();
        var isText = kind == FixedClass || (kind == VariableClass && (bits & 15) == 1);
        if (!isText || size == 0)
        {
            return null;
        }

        var count = Count(attribute);
        if (count > attribute.Value.Size / size)
        {
            throw bytes.Error("MG.Hdf5.Truncated", $"attribute '{attribute.Name}' declares {count} values of {size} bytes and has {attribute.Value.Size} bytes", attribute.Value.Address);
        }

        return kind == FixedClass
            ? Fixed(attribute.Value.Address, size, count, (bits & 15) == 2)
            : Variable(attribute.Value.Address, size, count);
    }

    private IEnumerable<(long Address, long Size, bool IsSpacePadded)> Fixed(long address, long size, long count, bool isSpacePadded)
    {
        for (long i = 0; i < count; i++)
        {
            bytes.Spend();
            yield return (address + (i * size), size, isSpacePadded);
        }
    }

    private IEnumerable<(long Address, long Size, bool IsSpacePadded)> Variable(long address, long size, long count)
    {
        for (long i = 0; i < count; i++)
        {
            bytes.Spend();
            var cursor = bytes.At(address + (i * size), size);
            long length = cursor.U32();
            var collection = cursor.Offset();
            var index = cursor.U32();
            if (length == 0 || collection is null or 0)
            {
                yield return (address, 0, false);
                continue;
            }

            if (index > ushort.MaxValue || !Collection(collection.Value).TryGetValue((int)index, out var place) || length > place.Size)
            {
                throw bytes.Error("MG.Hdf5.GlobalHeap", "a text of the HDF5 file is not in the heap it names", cursor.Address);
            }

            yield return (place.Address, length, false);
        }
    }

    /// <summary>The number of values: the product of the dimensions, or 1 for a scalar.</summary>
    private long Count(Hdf5Attribute attribute)
    {
        var cursor = bytes.At(attribute.Shape.Address, attribute.Shape.Size);
        var version = cursor.U8();
        var rank = cursor.U8();
        cursor.Skip(1);
        var kind = cursor.U8();
        if (version is not (1 or 2) || rank > 32)
        {
            throw bytes.Error("MG.Hdf5.Version", $"attribute '{attribute.Name}' has a shape of unknown version {version} or of {rank} dimensions", attribute.Shape.Address);
        }

        if (version == 2 && kind == 2)
        {
            return 0; // no value at all
        }

        cursor.Skip(version == 1 ? 4 : 0);
        var count = (UInt128)1;
        for (var i = 0; i < rank; i++)
        {
            count *= (UInt128)cursor.Length();
            count = count > long.MaxValue ? long.MaxValue : count;
        }

        return (long)count;
    }

    private Dictionary<int, (long Address, long Size)> Collection(long address)
    {
        if (_collections.TryGetValue(address, out var known))
        {
            return known;
        }

        var header = bytes.At(address);
        header.Signature("GCOL"u8);
        header.Skip(4);
        var size = header.Length();
        var cursor = bytes.At(address, size);
        // The library aligns both headers to 8 bytes, which shows when lengths have fewer.
        var padding = -bytes.LengthSize & 7;
        cursor.Skip(8 + bytes.LengthSize + padding);
        var objects = new Dictionary<int, (long Address, long Size)>();
        while (cursor.Left >= 8 + bytes.LengthSize + padding)
        {
            bytes.Spend();
            var index = cursor.U16();
            cursor.Skip(6);
            var length = cursor.Length();
            cursor.Skip(padding);
            if (index == 0)
            {
                break; // free space, to the end
            }

            objects.TryAdd(index, (cursor.Address, length));
            cursor.Skip(length);
            cursor.Skip(Math.Min(-length & 7, cursor.Left)); // padded to a multiple of 8
        }

        _collections.Add(address, objects);
        return objects;
    }
}
