using System.Buffers.Binary;
using System.Text;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Hdf5;

/// <summary>What is written behind an HDF5 file: headers, groups, texts, and ranges of the original. Everything begins at a multiple of 8.</summary>
/// <param name="length">Of the original.</param>
/// <param name="leafK">Half of the symbols in a node, as the superblock says.</param>
/// <param name="treeK">Half of the children in a node of a B-tree, as the superblock says.</param>
internal sealed class Hdf5Appendix(long length, int leafK, int treeK)
{
    private const long Undefined = -1;
    private const int MinimumCollection = 4096; // the library reads as much at once

    private readonly List<byte[]> _texts = [];
    private long _textBytes = 16;

    /// <summary>Where it begins.</summary>
    public long Base { get; } = length;

    public long End { get; private set; } = length;

    public SegmentList Segments { get; } = new();

    /// <summary>Adds a range of the original's bytes and tells its new address.</summary>
    public long Range(ByteRange range)
    {
        Align();
        var address = End;
        Segments.Add(range);
        End += range.Length;
        return address;
    }

    /// <summary>An object header of version 1.</summary>
    public long Header(IReadOnlyList<(int Type, byte Flags, byte[] Body)> messages)
    {
        using var body = new MemoryStream();
        Span<byte> head = stackalloc byte[8];
        foreach (var (type, flags, bytes) in messages)
        {
            var size = (bytes.Length + 7) & ~7;
            if (size > ushort.MaxValue)
            {
                throw new ModelReadException("MG.Repair.TooLarge", "an attribute is larger than HDF5 can hold in a header");
            }

            head.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)type);
            BinaryPrimitives.WriteUInt16LittleEndian(head[2..], (ushort)size);
            head[4] = flags;
            body.Write(head);
            body.Write(bytes);
            body.Write(new byte[size - bytes.Length]);
        }

        var header = new byte[16 + body.Length];
        header[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)messages.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), (uint)body.Length);
        body.ToArray().CopyTo(header, 16);
        return Add(header);
    }

    /// <summary>A group's names and what they lead to: a local heap, and a B-tree of symbol nodes.</summary>
    /// <param name="links">In the order of the names' bytes.</param>
    public (long Tree, long Heap) Group(List<(string Name, long Header)> links)
    {
        using var names = new MemoryStream();
        names.Write(new byte[8]);
        var offsets = new List<long>();
        foreach (var (name, _) in links)
        {
            offsets.Add(names.Length);
            byte[] text = [.. Encoding.UTF8.GetBytes(name), 0];
            names.Write(text);
            names.Write(new byte[-text.Length & 7]);
        }

        var data = Add(names.ToArray());
        var heap = new byte[32];
        "HEAP"u8.CopyTo(heap);
        BinaryPrimitives.WriteInt64LittleEndian(heap.AsSpan(8), names.Length);
        BinaryPrimitives.WriteInt64LittleEndian(heap.AsSpan(16), 1); // nothing is free
        BinaryPrimitives.WriteInt64LittleEndian(heap.AsSpan(24), data);

        var nodes = new List<(long Last, long Address)>();
        for (var i = 0; i < links.Count; i += 2 * leafK)
        {
            var count = Math.Min(2 * leafK, links.Count - i);
            nodes.Add((offsets[i + count - 1], Symbols(links, offsets, i, count)));
        }

        var level = 0;
        do
        {
            nodes = Level(nodes, level++);
        }
        while (nodes.Count > 1);
        return (nodes[0].Address, Add(heap));
    }

    /// <summary>A reference to a text of variable length: its bytes, where its collection stands, its number there.</summary>
    /// <remarks>All new texts form one collection, the first thing behind the original: its place is known before its size is.</remarks>
    public byte[] Text(byte[] text)
    {
        if (text.Length == 0)
        {
            return new byte[16];
        }

        _texts.Add(text);
        _textBytes += 16 + Padded(text.Length);
        if (_texts.Count >= ushort.MaxValue || _textBytes > int.MaxValue / 2)
        {
            throw new ModelReadException("MG.Repair.TooLarge", "the model has more new names than one collection of an HDF5 file holds");
        }

        var reference = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(reference, text.Length);
        BinaryPrimitives.WriteInt64LittleEndian(reference.AsSpan(4), (Base + 7) & ~7L);
        BinaryPrimitives.WriteInt32LittleEndian(reference.AsSpan(12), _texts.Count);
        return reference;
    }

    /// <summary>Writes the texts that were referred to. Once, before anything else.</summary>
    public void WriteTexts()
    {
        if (_texts.Count == 0)
        {
            return;
        }

        // What is left belongs to object 0, the free space; less than its header cannot be left.
        var size = Math.Max(MinimumCollection, _textBytes + 16);
        var collection = new byte[size];
        "GCOL"u8.CopyTo(collection);
        collection[4] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(collection.AsSpan(8), size);
        var at = 16;
        for (var i = 0; i < _texts.Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(collection.AsSpan(at), (ushort)(i + 1));
            BinaryPrimitives.WriteUInt16LittleEndian(collection.AsSpan(at + 2), 1);
            BinaryPrimitives.WriteInt64LittleEndian(collection.AsSpan(at + 8), _texts[i].Length);
            _texts[i].CopyTo(collection, at + 16);
            at += 16 + Padded(_texts[i].Length);
        }

        BinaryPrimitives.WriteInt64LittleEndian(collection.AsSpan(at + 8), size - at);
        Add(collection);
    }

    private static int Padded(int count) => (count + 7) & ~7;

    private long Add(byte[] bytes)
    {
        Align();
        var address = End;
        Segments.Add(bytes);
        End += bytes.Length;
        return address;
    }

    private void Align()
    {
        var padding = (int)(-End & 7);
        Segments.Add(new byte[padding]);
        End += padding;
    }

    private long Symbols(List<(string Name, long Header)> links, List<long> offsets, int first, int count)
    {
        var node = new byte[8 + (2 * leafK * 40)];
        "SNOD"u8.CopyTo(node);
        node[4] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(node.AsSpan(6), (ushort)count);
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(node.AsSpan(8 + (i * 40)), offsets[first + i]);
            BinaryPrimitives.WriteInt64LittleEndian(node.AsSpan(16 + (i * 40)), links[first + i].Header);
        }

        return Add(node);
    }

    /// <summary>One level of a B-tree. Keys are the last names below the children; the first is the empty one.</summary>
    private List<(long Last, long Address)> Level(List<(long Last, long Address)> children, int level)
    {
        var nodes = new List<(long Last, long Address)>();
        var size = 24 + (2 * treeK * 16) + 8;
        var count = Math.Max(1, (children.Count + (2 * treeK) - 1) / (2 * treeK));
        Align();
        var address = End;
        long key = 0;
        for (var n = 0; n < count; n++)
        {
            var node = new byte[(size + 7) & ~7];
            var own = children.Skip(n * 2 * treeK).Take(2 * treeK).ToList();
            "TREE"u8.CopyTo(node);
            node[5] = (byte)level;
            BinaryPrimitives.WriteUInt16LittleEndian(node.AsSpan(6), (ushort)own.Count);
            BinaryPrimitives.WriteInt64LittleEndian(node.AsSpan(8), n == 0 ? Undefined : address + ((n - 1) * (long)node.Length));
            BinaryPrimitives.WriteInt64LittleEndian(node.AsSpan(16), n == count - 1 ? Undefined : address + ((n + 1) * (long)node.Length));
            var at = 24;
            BinaryPrimitives.WriteInt64LittleEndian(node.AsSpan(at), key);
            foreach (var (last, child) in own)
            {
                BinaryPrimitives.WriteInt64LittleEndian(node.AsSpan(at + 8), child);
                BinaryPrimitives.WriteInt64LittleEndian(node.AsSpan(at + 16), last);
                at += 16;
                key = last;
            }

            nodes.Add((key, Add(node)));
        }

        return nodes;
    }
}
