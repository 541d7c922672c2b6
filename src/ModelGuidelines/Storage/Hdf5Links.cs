using System.Text;

namespace ModelGuidelines.Storage;

/// <summary>One entry of a group.</summary>
/// <param name="Name">As written.</param>
/// <param name="Address">Of the object's header; null for soft, external and user-defined links.</param>
public sealed record Hdf5Link(string Name, long? Address);

/// <summary>Reads the links of groups, old and new.</summary>
internal static class Hdf5Links
{
    private const int MaximumDepth = 32;

    public static IEnumerable<Hdf5Link> Read(Hdf5Bytes bytes, Hdf5Object group)
    {
        foreach (var message in group.Messages.Where(m => !m.IsShared))
        {
            var links = message.Type switch
            {
                Hdf5ObjectHeader.Link => [ReadMessage(bytes, bytes.At(message.Address, message.Size))],
                Hdf5ObjectHeader.LinkInfo => ReadDense(bytes, message),
                Hdf5ObjectHeader.SymbolTable => ReadSymbolTable(bytes, message),
                _ => [],
            };
            foreach (var link in links)
            {
                yield return link;
            }
        }
    }

    private static Hdf5Link ReadMessage(Hdf5Bytes bytes, Hdf5Cursor cursor)
    {
        bytes.Spend();
        var at = cursor.Address;
        if (cursor.U8() is not 1 and var version)
        {
            throw bytes.Error("MG.Hdf5.Version", $"an HDF5 link has version {version}; known is 1", at);
        }

        var flags = cursor.U8();
        var type = (flags & 8) != 0 ? cursor.U8() : 0;
        cursor.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 0x10) != 0 ? 1 : 0));
        var name = Name(bytes, cursor.Take(cursor.Number(1 << (flags & 3))), at);
        return new(name, type == 0 ? cursor.Offset() : null);
    }

    private static List<Hdf5Link> ReadDense(Hdf5Bytes bytes, Hdf5Message message)
    {
        var cursor = bytes.At(message.Address, message.Size);
        cursor.Skip(1);
        var flags = cursor.U8();
        cursor.Skip((flags & 1) != 0 ? 8 : 0);
        var result = new List<Hdf5Link>();
        if (cursor.Offset() is not { } heapAddress || cursor.Offset() is not { } indexAddress)
        {
            return result; // all links are messages
        }

        var heap = Hdf5FractalHeap.Open(bytes, heapAddress);
        foreach (var record in Hdf5BTree2.Records(bytes, indexAddress, type: 5, minimumSize: 4 + heap.IdLength))
        {
            var id = bytes.At(record.Address, record.Size);
            id.Skip(4); // the name's hash
            var (address, size) = heap.Find(id.Address);
            result.Add(ReadMessage(bytes, bytes.At(address, size)));
        }

        return result;
    }

    private static List<Hdf5Link> ReadSymbolTable(Hdf5Bytes bytes, Hdf5Message message)
    {
        var cursor = bytes.At(message.Address, message.Size);
        var result = new List<Hdf5Link>();
        if (cursor.Offset() is not { } tree || cursor.Offset() is not { } heapAddress)
        {
            return result;
        }

        var heap = bytes.At(heapAddress);
        heap.Signature("HEAP"u8);
        heap.Skip(4);
        var heapSize = heap.Length();
        heap.Skip(bytes.LengthSize);
        var names = heap.Offset() ?? throw bytes.Error("MG.Hdf5.Heap", "a local heap of the HDF5 file has no data", heapAddress);
        _ = bytes.Span(names, heapSize);

        var seen = new HashSet<long>();
        var nodes = new Stack<(long Address, int Level)>();
        nodes.Push((tree, MaximumDepth));
        while (nodes.TryPop(out var next))
        {
            bytes.Spend();
            if (!seen.Add(next.Address))
            {
                throw bytes.Error("MG.Hdf5.Cycle", "a group's B-tree in the HDF5 file points into itself", next.Address);
            }

            var node = bytes.At(next.Address);
            node.Signature("TREE"u8);
            var type = node.U8();
            var level = node.U8();
            var used = node.U16();
            if (type != 0 || level >= next.Level)
            {
                throw bytes.Error("MG.Hdf5.BTree", "a group's B-tree in the HDF5 file has nodes of another kind", next.Address);
            }

            node.Skip(2 * bytes.OffsetSize);
            var children = new List<long>();
            for (var i = 0; i < used; i++)
            {
                bytes.Spend();
                node.Skip(bytes.LengthSize); // the key: where the first name stands
                children.Add(node.Offset() ?? throw bytes.Error("MG.Hdf5.BTree", "a B-tree of the HDF5 file has an undefined child", node.Address));
            }

            if (level == 0)
            {
                children.ForEach(child => ReadSymbols(bytes, child, names, heapSize, result));
            }
            else
            {
                children.Reverse();
                children.ForEach(child => nodes.Push((child, level)));
            }
        }

        return result;
    }

    private static void ReadSymbols(Hdf5Bytes bytes, long address, long names, long heapSize, List<Hdf5Link> links)
    {
        var cursor = bytes.At(address);
        cursor.Signature("SNOD"u8);
        cursor.Skip(2);
        for (var left = cursor.U16(); left > 0; left--)
        {
            bytes.Spend();
            var nameOffset = cursor.Length(); // as the library writes it; the specification calls it an offset
            var header = cursor.Offset();
            var cacheType = cursor.U32();
            cursor.Skip(4 + 16);
            if (nameOffset >= heapSize)
            {
                throw bytes.Error("MG.Hdf5.Heap", "a name of the HDF5 file lies outside its heap", address);
            }

            // A name ends at its zero byte; the longest that is accepted bounds the search for it. All are parts of what is read once.
            var rest = bytes.Span(names, heapSize).Slice((int)nameOffset, (int)Math.Min(heapSize - nameOffset, bytes.Limits.NameBytes + 1L));
            var end = rest.IndexOf((byte)0);
            links.Add(new(Name(bytes, end < 0 ? rest : rest[..end], names + nameOffset), cacheType == 2 ? null : header));
        }
    }

    private static string Name(Hdf5Bytes bytes, ReadOnlySpan<byte> utf8, long address)
    {
        bytes.TextBytes += utf8.Length;
        if (utf8.Length > bytes.Limits.NameBytes || bytes.TextBytes > bytes.Limits.EntryBytes)
        {
            throw bytes.Error("MG.Hdf5.Name", "the names in the HDF5 file are longer than an audit reads", address);
        }

        return Encoding.UTF8.GetString(utf8);
    }
}
