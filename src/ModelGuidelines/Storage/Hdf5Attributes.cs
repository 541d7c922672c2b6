using System.Text;

namespace ModelGuidelines.Storage;

/// <summary>One attribute: its name, and where its type, its shape and its value stand.</summary>
internal sealed record Hdf5Attribute(string Name, (long Address, long Size) Type, (long Address, long Size) Shape, (long Address, long Size) Value);

/// <summary>Reads attributes, wherever a file keeps them.</summary>
internal static class Hdf5Attributes
{
    private const int DataSpace = 1;

    public static IEnumerable<Hdf5Attribute> Read(Hdf5Bytes bytes, Hdf5Object item, Hdf5SharedMessages shared)
    {
        foreach (var message in item.Messages)
        {
            if (message.Type == Hdf5ObjectHeader.Attribute)
            {
                var (address, size) = message.IsShared
                    ? shared.Resolve(bytes, bytes.At(message.Address, message.Size), Hdf5ObjectHeader.Attribute)
                    : (message.Address, message.Size);
                yield return ReadMessage(bytes, address, size, shared);
            }
            else if (message.Type == Hdf5ObjectHeader.AttributeInfo && !message.IsShared)
            {
                foreach (var attribute in ReadDense(bytes, message, shared))
                {
                    yield return attribute;
                }
            }
        }
    }

    private static IEnumerable<Hdf5Attribute> ReadDense(Hdf5Bytes bytes, Hdf5Message message, Hdf5SharedMessages shared)
    {
        var cursor = bytes.At(message.Address, message.Size);
        cursor.Skip(1);
        var flags = cursor.U8();
        cursor.Skip((flags & 1) != 0 ? 2 : 0);
        if (cursor.Offset() is not { } heapAddress || cursor.Offset() is not { } indexAddress)
        {
            yield break; // all attributes are messages
        }

        var heap = Hdf5FractalHeap.Open(bytes, heapAddress);
        foreach (var record in Hdf5BTree2.Records(bytes, indexAddress, type: 8, minimumSize: heap.IdLength + 1))
        {
            var body = bytes.At(record.Address, record.Size);
            body.Skip(heap.IdLength);
            var isShared = (body.U8() & 2) != 0;
            var home = isShared
                ? shared.HeapOf(Hdf5ObjectHeader.Attribute) ?? throw bytes.Error("MG.Hdf5.Shared", "a shared attribute of the HDF5 file leads nowhere", record.Address)
                : heap;
            var (address, size) = home.Find(record.Address);
            yield return ReadMessage(bytes, address, size, shared);
        }
    }

    private static Hdf5Attribute ReadMessage(Hdf5Bytes bytes, long address, long size, Hdf5SharedMessages shared)
    {
        bytes.Spend();
        var cursor = bytes.At(address, size);
        var version = cursor.U8();
        if (version is < 1 or > 3)
        {
            throw bytes.Error("MG.Hdf5.Version", $"an HDF5 attribute has version {version}; known are 1 to 3", address);
        }

        var flags = cursor.U8();
        if (version == 1)
        {
            flags = 0; // reserved there
        }

        var nameSize = cursor.U16();
        var typeSize = cursor.U16();
        var shapeSize = cursor.U16();
        cursor.Skip(version == 3 ? 1 : 0);

        // Version 1 pads each part to a multiple of 8 bytes.
        int Padded(int part) => version == 1 ? (part + 7) & ~7 : part;
        var utf8 = cursor.Take(Padded(nameSize))[..nameSize];
        var end = utf8.IndexOf((byte)0);
        var name = Encoding.UTF8.GetString(end < 0 ? utf8 : utf8[..end]);
        var type = Part(bytes, ref cursor, typeSize, Padded(typeSize), (flags & 1) != 0, Hdf5ObjectHeader.DataType, shared);
        var shape = Part(bytes, ref cursor, shapeSize, Padded(shapeSize), (flags & 2) != 0, DataSpace, shared);
        return new(name, type, shape, (cursor.Address, cursor.Left));
    }

    private static (long Address, long Size) Part(Hdf5Bytes bytes, ref Hdf5Cursor cursor, int size, int padded, bool isShared, int messageType, Hdf5SharedMessages shared)
    {
        var address = cursor.Address;
        cursor.Skip(padded);
        return isShared ? shared.Resolve(bytes, bytes.At(address, size), messageType) : (address, size);
    }
}
