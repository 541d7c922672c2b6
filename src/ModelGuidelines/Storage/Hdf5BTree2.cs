using System.Numerics;

namespace ModelGuidelines.Storage;

/// <summary>Walks a version 2 B-tree: the index of links, attributes and large objects in new files.</summary>
internal static class Hdf5BTree2
{
    private const int PrefixBytes = 4 + 1 + 1 + 4; // signature, version, type, checksum
    private const int MaximumDepth = 16;

    /// <summary>Every record, in no particular order.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="address">Of the tree's header.</param>
    /// <param name="type">The kind of record that is expected.</param>
    /// <param name="minimumSize">Bytes that a record has at least.</param>
    public static IEnumerable<(long Address, int Size)> Records(Hdf5Bytes bytes, long address, int type, int minimumSize)
    {
        var header = bytes.At(address);
        header.Signature("BTHD"u8);
        header.Skip(1);
        var found = header.U8();
        var nodeSize = header.U32();
        var recordSize = header.U16();
        var depth = header.U16();
        header.Skip(2);
        if (found != type || recordSize < minimumSize || depth > MaximumDepth || nodeSize < PrefixBytes + recordSize || nodeSize > bytes.Length)
        {
            throw bytes.Error("MG.Hdf5.BTree", "an index of the HDF5 file is of another kind than expected", address);
        }

        var root = header.Offset();
        var rootRecords = header.U16();
        if (root is null || rootRecords == 0)
        {
            yield break;
        }

        var levels = Levels(bytes, nodeSize, recordSize, depth, address);
        var seen = new HashSet<long>();
        var nodes = new Stack<(long Address, int Depth, long Records)>();
        nodes.Push((root.Value, depth, rootRecords));
        while (nodes.TryPop(out var next))
        {
            if (!seen.Add(next.Address))
            {
                throw bytes.Error("MG.Hdf5.Cycle", "an index of the HDF5 file points into itself", next.Address);
            }

            var node = bytes.At(next.Address, nodeSize);
            node.Signature(next.Depth == 0 ? "BTLF"u8 : "BTIN"u8);
            node.Skip(2);
            if (next.Records > levels[next.Depth].MaximumRecords)
            {
                throw bytes.Error("MG.Hdf5.BTree", "a node of an HDF5 index declares more records than it can hold", next.Address);
            }

            for (var i = 0; i < next.Records; i++)
            {
                bytes.Spend();
                yield return (node.Address, recordSize);
                node.Skip(recordSize);
            }

            for (var i = 0; next.Depth > 0 && i <= next.Records; i++)
            {
                bytes.Spend();
                var child = node.Offset() ?? throw bytes.Error("MG.Hdf5.BTree", "an index of the HDF5 file has an undefined child", next.Address);
                var records = node.Number(levels[0].CountSize);
                node.Skip(next.Depth > 1 ? levels[next.Depth - 1].TotalSize : 0);
                nodes.Push((child, next.Depth - 1, records));
            }
        }
    }

    /// <summary>How many records a node of each depth holds, which decides how wide the counts beside its children are.</summary>
    private static (long MaximumRecords, int CountSize, int TotalSize)[] Levels(Hdf5Bytes bytes, uint nodeSize, int recordSize, int depth, long address)
    {
        var levels = new (long MaximumRecords, int CountSize, int TotalSize)[depth + 1];
        var most = (nodeSize - PrefixBytes) / recordSize;
        var countSize = EncodedSize((ulong)most);
        levels[0] = (most, countSize, 0);
        var total = (UInt128)most;
        for (var i = 1; i <= depth; i++)
        {
            var pointer = bytes.OffsetSize + countSize + levels[i - 1].TotalSize;
            most = (nodeSize - PrefixBytes - pointer) / (recordSize + pointer);
            if (most < 1)
            {
                throw bytes.Error("MG.Hdf5.BTree", "the nodes of an HDF5 index are too small for its records", address);
            }

            total = (((UInt128)most + 1) * total) + (UInt128)most;
            total = total > ulong.MaxValue ? ulong.MaxValue : total;
            levels[i] = (most, countSize, EncodedSize((ulong)total));
        }

        return levels;
    }

    /// <summary>Bytes in which the library writes numbers up to a limit.</summary>
    public static int EncodedSize(ulong limit) => (BitOperations.Log2(limit) / 8) + 1;
}
