namespace ModelGuidelines.Storage;

/// <summary>Reads the groups, links and attributes of an HDF5 file in place. No dataset is read.</summary>
/// <remarks>Source: HDF5 File Format Specification, version 3.0 (docs.hdfgroup.org). Superblocks 0 to 3; object headers 1 and 2 with
/// continuations; old groups (B-tree 1, symbol nodes, local heap) and new ones (link messages, fractal heap with B-tree 2); attributes in the
/// header, in dense storage, and shared. Only hard links are followed: soft, external and user-defined links are listed, never opened.
/// Checksums are not verified: damage that matters fails a check of its own. Not thread-safe.</remarks>
public sealed class Hdf5File
{
    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    private readonly Hdf5Bytes _bytes;
    private readonly Hdf5SharedMessages _shared;
    private readonly Hdf5Strings _strings;

    private Hdf5File(Hdf5Bytes bytes, long root, Hdf5SharedMessages shared)
    {
        _bytes = bytes;
        _shared = shared;
        _strings = new(bytes);
        Root = ReadObject(root);
    }

    /// <summary>The root group.</summary>
    public Hdf5Object Root { get; }

    /// <summary>Whether a file's first bytes, or those behind a user block of the usual sizes, are those of HDF5.</summary>
    public static bool IsHdf5(PagedFile file) => FindSuperblock(file, 0, file.Length) is not null;

    /// <summary>Opens a file, or a part of one: an HDF5 file inside an archive.</summary>
    /// <param name="file">Must outlive this.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Asked every few thousand structures.</param>
    /// <exception cref="ModelReadException">MG.Hdf5.*: no HDF5, damaged, of an unknown version, or beyond a limit.</exception>
    public static Hdf5File Open(PagedFile file, long start, long length, ReadLimits limits, CancellationToken cancellation)
    {
        if (FindSuperblock(file, start, length) is not { } found)
        {
            throw new ModelReadException("MG.Hdf5.Signature", "the file is not HDF5");
        }

        var bytes = new Hdf5Bytes(file, start, length, limits, cancellation) { Base = found };
        var cursor = bytes.At(8);
        var version = cursor.U8();
        return version switch
        {
            0 or 1 => OpenOld(bytes, cursor, version),
            2 or 3 => OpenNew(bytes, cursor),
            _ => throw bytes.Error("MG.Hdf5.Version", $"the HDF5 superblock has version {version}; known are 0 to 3", 8),
        };
    }

    /// <summary>The links of a group, in no order that means anything; none for a dataset.</summary>
    /// <exception cref="ModelReadException">Damaged, or beyond a limit.</exception>
    public IEnumerable<Hdf5Link> Links(Hdf5Object group) => Hdf5Links.Read(_bytes, group);

    /// <summary>The object behind a hard link; null when there is no such name, or the link is soft or external.</summary>
    /// <exception cref="ModelReadException">Damaged, or beyond a limit.</exception>
    public Hdf5Object? Find(Hdf5Object group, string name) =>
        Links(group).FirstOrDefault(l => l.Address is not null && l.Name == name) is { Address: { } address } ? ReadObject(address) : null;

    /// <summary>The object that a link points at.</summary>
    /// <param name="link">A hard link.</param>
    /// <exception cref="ModelReadException">Damaged, beyond a limit, or no hard link.</exception>
    public Hdf5Object Open(Hdf5Link link) => ReadObject(link.Address
        ?? throw new ModelReadException("MG.Hdf5.Link", $"link '{link.Name}' leads out of the file; it is not followed"));

    /// <summary>The names of an object's attributes.</summary>
    /// <exception cref="ModelReadException">Damaged, or beyond a limit.</exception>
    public IEnumerable<string> AttributeNames(Hdf5Object item) => Hdf5Attributes.Read(_bytes, item, _shared).Select(a => a.Name);

    /// <summary>The strings of an attribute; null when there is none of that name or it holds no strings. A scalar is a list of one.</summary>
    /// <exception cref="ModelReadException">Damaged, or beyond a limit.</exception>
    public IReadOnlyList<string>? Strings(Hdf5Object item, string attribute) =>
        Hdf5Attributes.Read(_bytes, item, _shared).FirstOrDefault(a => a.Name == attribute) is { } found ? _strings.Read(found) : null;

    /// <summary>The bytes of an attribute that is one string: a slice of the file, which it must not outlive; null as in <see cref="Strings"/>.</summary>
    /// <exception cref="ModelReadException">Damaged, or beyond a limit.</exception>
    public byte[]? Text(Hdf5Object item, string attribute) =>
        Hdf5Attributes.Read(_bytes, item, _shared).FirstOrDefault(a => a.Name == attribute) is { } found ? _strings.ReadOne(found) : null;

    /// <summary>The bytes of an attribute's type; null when there is none of that name.</summary>
    internal byte[]? TypeOf(Hdf5Object item, string attribute) =>
        Hdf5Attributes.Read(_bytes, item, _shared).FirstOrDefault(a => a.Name == attribute) is { } found ? _bytes.Span(found.Type.Address, found.Type.Size).ToArray() : null;

    /// <summary>The name of the attribute that a message holds.</summary>
    internal string NameOf(Hdf5Object item, Hdf5Message message) => Hdf5Attributes.Read(_bytes, new(item.Address, [message]), _shared).First().Name;

    /// <summary>Whether an attribute info message leads to attributes, and does not only say how they would be kept.</summary>
    internal bool HasDenseAttributes(Hdf5Message message)
    {
        var cursor = _bytes.At(message.Address, message.Size);
        cursor.Skip(1);
        cursor.Skip((cursor.U8() & 1) != 0 ? 2 : 0);
        return cursor.Offset() is not null;
    }

    private Hdf5Object ReadObject(long address) => Hdf5ObjectHeader.Read(_bytes, address);

    private static long? FindSuperblock(PagedFile file, long start, long length)
    {
        // At 0, or after a user block of 512 bytes or a power of two above.
        for (long at = 0; at <= length - 16 && at <= 1L << 40; at = at == 0 ? 512 : at * 2)
        {
            if (file.Span(start + at, 8).SequenceEqual(Magic))
            {
                return at;
            }
        }

        return null;
    }

    private static Hdf5File OpenOld(Hdf5Bytes bytes, Hdf5Cursor cursor, int version)
    {
        cursor.Skip(4); // versions of free space, root group, reserved, shared header messages
        ReadSizes(bytes, ref cursor);
        cursor.Skip(1 + 2 + 2 + 4 + (version == 1 ? 4 : 0));
        cursor.Skip(4 * bytes.OffsetSize); // base, free space, end of file, driver information
        cursor.Skip(bytes.LengthSize); // the root's name: the specification calls it an offset, the library writes a length
        return new(bytes, cursor.Offset() ?? throw NoRoot(bytes, cursor), Hdf5SharedMessages.None);
    }

    private static Hdf5File OpenNew(Hdf5Bytes bytes, Hdf5Cursor cursor)
    {
        ReadSizes(bytes, ref cursor);
        cursor.Skip(1 + bytes.OffsetSize);
        var extension = cursor.Offset();
        cursor.Skip(bytes.OffsetSize);
        var root = cursor.Offset() ?? throw NoRoot(bytes, cursor);
        return new(bytes, root, extension is { } address ? Hdf5SharedMessages.Read(bytes, Hdf5ObjectHeader.Read(bytes, address)) : Hdf5SharedMessages.None);
    }

    private static void ReadSizes(Hdf5Bytes bytes, ref Hdf5Cursor cursor)
    {
        var (offsets, lengths) = (cursor.U8(), cursor.U8());
        if (offsets is not (2 or 4 or 8) || lengths is not (2 or 4 or 8))
        {
            throw bytes.Error("MG.Hdf5.Sizes", $"the HDF5 file's addresses have {offsets} bytes and its lengths {lengths}; 2, 4 and 8 are possible", cursor.Address - 2);
        }

        bytes.OffsetSize = offsets;
        bytes.LengthSize = lengths;
    }

    private static ModelReadException NoRoot(Hdf5Bytes bytes, Hdf5Cursor cursor) => bytes.Error("MG.Hdf5.NoRoot", "the HDF5 file has no root group", cursor.Address);
}
