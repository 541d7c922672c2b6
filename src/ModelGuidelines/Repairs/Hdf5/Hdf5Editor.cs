using System.Buffers.Binary;
using System.Text;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Hdf5;

/// <summary>Changes an HDF5 file by writing what is new behind what is there: all bytes of the original but the superblock's stay as they are,
/// datasets that are copied are copied at file speed, and no weight is held in memory.</summary>
/// <remarks>Source: HDF5 File Format Specification, version 3.0. For files as h5py writes them unless told otherwise, and so Keras: superblock 0,
/// groups of symbol tables, object headers of version 1. Groups that change, and those above them, are written anew; the old ones are no longer
/// referred to. A dataset in chunks is not copied but linked to under the second name.</remarks>
internal sealed class Hdf5Editor
{
    /// <summary>Bytes of an attribute beyond which Keras splits lists: what fits into a message of an object header.</summary>
    public const int MaximumAttribute = 64512;

    private const int GroupInfo = 10;

    // Of h5py: a string of variable length, UTF-8, null-terminated.
    private static readonly byte[] TextType = [0x19, 0x01, 0x01, 0x00, 0x10, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];

    private readonly PagedFile _file;
    private readonly long _start;
    private readonly Hdf5File _hdf5;
    private readonly Hdf5Appendix _appendix;

    private Hdf5Editor(PagedFile file, long start, long length, Hdf5File hdf5)
    {
        _file = file;
        _start = start;
        _hdf5 = hdf5;
        var superblock = file.Span(start, 96);
        if (superblock[8] != 0 || superblock[13] != 8 || superblock[14] != 8 || BinaryPrimitives.ReadInt64LittleEndian(superblock[24..]) != 0
            || BinaryPrimitives.ReadInt64LittleEndian(superblock[40..]) != length)
        {
            throw new ModelReadException(RepairErrors.Unsupported, "the HDF5 file is of a newer layout than the one Keras writes (superblock 0): save the model again with Keras");
        }

        _appendix = new(length, BinaryPrimitives.ReadUInt16LittleEndian(superblock[16..]), BinaryPrimitives.ReadUInt16LittleEndian(superblock[18..]));
        Root = new(this, hdf5.Root, isCopy: false);
    }

    public Hdf5Node Root { get; }

    /// <param name="file">Must outlive this.</param>
    /// <param name="start">Where the HDF5 file begins in it.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Asked every few thousand structures.</param>
    /// <exception cref="ModelReadException">Damaged, beyond a limit, or of a layout that is not changed.</exception>
    public static Hdf5Editor Open(PagedFile file, long start, long length, ReadLimits limits, CancellationToken cancellation)
    {
        if (length < 96 || file.Span(start, 1)[0] != 0x89 || !file.Span(start + 1, 7).SequenceEqual("HDF\r\n\u001a\n"u8))
        {
            throw new ModelReadException(RepairErrors.Unsupported, "the HDF5 file does not begin with its superblock: save the model again with Keras");
        }

        return new(file, start, length, Hdf5File.Open(file, start, length, limits, cancellation));
    }

    /// <summary>Settles what is written: the changed file as ranges of the original and new bytes.</summary>
    public SegmentList Finish()
    {
        _appendix.WriteTexts();
        var root = Write(Root, depth: 0);
        var result = new SegmentList();
        var superblock = _file.Span(_start, 96).ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(superblock.AsSpan(64), root.Header);
        if (root.Tree != 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(superblock.AsSpan(72), 1);
            BinaryPrimitives.WriteInt64LittleEndian(superblock.AsSpan(80), root.Tree);
            BinaryPrimitives.WriteInt64LittleEndian(superblock.AsSpan(88), root.Heap);
        }

        BinaryPrimitives.WriteInt64LittleEndian(superblock.AsSpan(40), _appendix.End);
        result.Add(superblock);
        result.Add(new ByteRange(_start + 96, _appendix.Base - 96));
        result.Add(_appendix.Segments);
        return result;
    }

    internal SortedDictionary<string, Hdf5Node> LinksOf(Hdf5Node node)
    {
        var links = new SortedDictionary<string, Hdf5Node>(Hdf5Node.ByBytes.Instance);
        if (node.Source is { IsDataset: false } group)
        {
            foreach (var link in _hdf5.Links(group))
            {
                links[link.Name] = new(this, _hdf5.Open(link), node.IsCopy);
            }
        }

        return links;
    }

    internal IEnumerable<string> AttributeNames(Hdf5Node node) => node.Source is null ? [] : _hdf5.AttributeNames(node.Source);

    internal IReadOnlyList<string>? Strings(Hdf5Object item, string attribute)
    {
        if (_hdf5.Strings(item, attribute) is { } whole)
        {
            return whole;
        }

        List<string>? parts = null;
        for (var i = 0; _hdf5.Strings(item, attribute + i.ToString(System.Globalization.CultureInfo.InvariantCulture)) is { } part; i++)
        {
            (parts ??= []).AddRange(part);
        }

        return parts;
    }

    /// <summary>Bytes that a list would take as one attribute.</summary>
    internal int SizeOf(Hdf5Node node, string name, IReadOnlyList<string> values) =>
        FixedType(node, name) is not null ? values.Count * Longest(values) : values.Count * 16;

    /// <summary>The body of an attribute's message.</summary>
    internal byte[] Attribute(Hdf5Node node, string name, IReadOnlyList<string> values, bool isScalar)
    {
        var data = new MemoryStream();
        var type = node.Source is { } source && _hdf5.TypeOf(source, name) is [var kind, ..] old && (kind & 15) == 9 ? old : TextType;
        if (FixedType(node, name) is { } written && !isScalar)
        {
            // Lists of TensorFlow 1: of one length, padded with zeros.
            type = [.. written];
            var size = Math.Max(1, Longest(values));
            BinaryPrimitives.WriteUInt32LittleEndian(type.AsSpan(4), (uint)size);
            foreach (var value in values)
            {
                var text = Encoding.UTF8.GetBytes(value);
                data.Write(text);
                data.Write(new byte[size - text.Length]);
            }
        }
        else
        {
            foreach (var value in values)
            {
                data.Write(_appendix.Text(Encoding.UTF8.GetBytes(value)));
            }
        }

        var shape = new byte[isScalar ? 8 : 16];
        shape[0] = 1;
        if (!isScalar)
        {
            shape[1] = 1;
            BinaryPrimitives.WriteInt64LittleEndian(shape.AsSpan(8), values.Count);
        }

        byte[] label = [.. Encoding.UTF8.GetBytes(name), 0];
        var head = new byte[8];
        head[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(2), (ushort)label.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), (ushort)type.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(6), (ushort)shape.Length);
        return [.. head, .. Padded(label), .. Padded(type), .. shape, .. data.ToArray()];
    }

    private static int Longest(IReadOnlyList<string> values) => values.Count == 0 ? 1 : values.Max(Encoding.UTF8.GetByteCount);

    /// <summary>The type of an attribute whose texts are of one length; null for any other. A part of a split list is like its first part.</summary>
    private byte[]? FixedType(Hdf5Node node, string name)
    {
        var plain = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return node.Source is { } source && (_hdf5.TypeOf(source, name) ?? _hdf5.TypeOf(source, plain) ?? _hdf5.TypeOf(source, plain + "0")) is { Length: 8 } type && (type[0] & 15) == 3 ? type : null;
    }

    private static byte[] Padded(byte[] bytes) => bytes.Length % 8 == 0 ? bytes : [.. bytes, .. new byte[8 - (bytes.Length % 8)]];

    /// <summary>Writes a node where it is new or changed.</summary>
    private (long Header, long Tree, long Heap) Write(Hdf5Node node, int depth)
    {
        if (depth > 64)
        {
            throw new ModelReadException("MG.Hdf5.TooDeep", "the groups of the HDF5 file are nested deeper than any model's");
        }

        if (node.IsDataset)
        {
            return (node.IsCopy ? CopyDataset(node) : node.Source!.Address, 0, 0);
        }

        var isChanged = node.IsCopy || node.Source is null || node.Attributes.Count > 0;
        var children = new List<(string Name, long Header)>();
        if (isChanged || node.IsOpen)
        {
            foreach (var (name, child) in node.Links)
            {
                children.Add((name, Write(child, depth + 1).Header));
            }

            isChanged = isChanged || !children.Select(c => (c.Name, (long?)c.Header)).Order().SequenceEqual(_hdf5.Links(node.Source!).Select(l => (l.Name, l.Address)).Order());
        }

        if (!isChanged)
        {
            return (node.Source!.Address, 0, 0);
        }

        var (tree, heap) = _appendix.Group(children);
        var table = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(table, tree);
        BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(8), heap);
        return (_appendix.Header([(Hdf5ObjectHeader.SymbolTable, 0, table), .. Messages(node).Where(m => m.Type != Hdf5ObjectHeader.SymbolTable)]), tree, heap);
    }

    /// <summary>The messages of the original's header, with the attributes that were set.</summary>
    private IEnumerable<(int Type, byte Flags, byte[] Body)> Messages(Hdf5Node node)
    {
        foreach (var message in node.Source?.Messages ?? [])
        {
            if (message.Type is Hdf5ObjectHeader.Link or Hdf5ObjectHeader.LinkInfo or GroupInfo)
            {
                continue; // of a group with names that are not ASCII: it becomes one with a symbol table, which holds the same bytes
            }

            if (message.Type is Hdf5ObjectHeader.AttributeInfo && !_hdf5.HasDenseAttributes(message))
            {
                continue;
            }

            if (message.Type is Hdf5ObjectHeader.AttributeInfo || (message.Type == Hdf5ObjectHeader.Attribute && message.IsShared))
            {
                throw new ModelReadException(RepairErrors.Unsupported, "the HDF5 file keeps attributes in the newer layout, which Keras does not write: save the model again with Keras");
            }

            if (message.Type != Hdf5ObjectHeader.Attribute || !node.Attributes.ContainsKey(_hdf5.NameOf(node.Source!, message)))
            {
                yield return (message.Type, message.Flags, _file.Span(_start + message.Address, message.Size).ToArray());
            }
        }

        foreach (var body in node.Attributes.Values)
        {
            if (body is not null)
            {
                yield return (Hdf5ObjectHeader.Attribute, 0, body);
            }
        }
    }

    private long CopyDataset(Hdf5Node node)
    {
        var messages = Messages(node).ToList();
        var index = messages.FindIndex(m => m.Type == Hdf5ObjectHeader.DataLayout);
        var layout = messages[index].Body;
        if (layout is not [3, 0 or 1, ..] || messages[index].Flags != 0 || messages.Exists(m => m.Type is 7))
        {
            return node.Source!.Address; // in chunks, or outside: one dataset under two names
        }

        if (layout[1] == 1 && layout.Length >= 18)
        {
            var (address, size) = (BinaryPrimitives.ReadInt64LittleEndian(layout.AsSpan(2)), BinaryPrimitives.ReadInt64LittleEndian(layout.AsSpan(10)));
            if (address >= 0)
            {
                if (size < 0 || address > _appendix.Base || size > _appendix.Base - address)
                {
                    throw new ModelReadException("MG.Hdf5.Truncated", "a dataset of the HDF5 file goes beyond its end", _start + address);
                }

                BinaryPrimitives.WriteInt64LittleEndian(layout.AsSpan(2), _appendix.Range(new(_start + address, size)));
            }
        }

        return _appendix.Header(messages);
    }
}
