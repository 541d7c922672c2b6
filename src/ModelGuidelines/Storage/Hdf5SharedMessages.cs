namespace ModelGuidelines.Storage;

/// <summary>Finds the bodies of messages that objects share: committed types, and the file-wide heaps of shared messages.</summary>
internal sealed class Hdf5SharedMessages
{
    public static readonly Hdf5SharedMessages None = new([]);

    private readonly List<(int Types, Hdf5FractalHeap Heap)> _indexes;

    private Hdf5SharedMessages(List<(int Types, Hdf5FractalHeap Heap)> indexes) => _indexes = indexes;

    /// <param name="bytes">The file.</param>
    /// <param name="extension">The superblock's extension: it says where the table stands.</param>
    public static Hdf5SharedMessages Read(Hdf5Bytes bytes, Hdf5Object extension)
    {
        var indexes = new List<(int, Hdf5FractalHeap)>();
        foreach (var message in extension.Messages.Where(m => m.Type == Hdf5ObjectHeader.SharedMessageTable))
        {
            var cursor = bytes.At(message.Address, message.Size);
            cursor.Skip(1);
            if (cursor.Offset() is not { } address)
            {
                continue;
            }

            var count = cursor.U8();
            var table = bytes.At(address);
            table.Signature("SMTB"u8);
            for (var i = 0; i < count; i++)
            {
                bytes.Spend();
                table.Skip(2); // version, kind of index
                var types = table.U16();
                table.Skip(4 + 2 + 2 + 2);
                _ = table.Offset(); // the index: ids are all we need
                if (table.Offset() is { } heap)
                {
                    indexes.Add((types, Hdf5FractalHeap.Open(bytes, heap)));
                }
            }
        }

        return indexes.Count == 0 ? None : new(indexes);
    }

    /// <summary>The heap in which messages of that type are shared.</summary>
    public Hdf5FractalHeap? HeapOf(int type) => _indexes.Find(i => (i.Types & (1 << type)) != 0).Heap;

    /// <summary>Where the body of a shared message stands.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="cursor">At the pointer that stands in the message's place.</param>
    /// <param name="type">The message's type.</param>
    public (long Address, long Size) Resolve(Hdf5Bytes bytes, Hdf5Cursor cursor, int type)
    {
        var at = cursor.Address;
        var version = cursor.U8();
        var kind = cursor.U8();
        if (version == 1)
        {
            cursor.Skip(6);
        }

        if (version == 3 && kind == 1)
        {
            return HeapOf(type) is { } heap ? heap.Find(cursor.Address) : throw Impossible(bytes, at);
        }

        if (version is < 1 or > 3 || cursor.Offset() is not { } address)
        {
            throw Impossible(bytes, at);
        }

        // A committed message stands in another object's header; a pointer there must not lead on.
        foreach (var message in Hdf5ObjectHeader.Read(bytes, address).Messages)
        {
            if (message.Type == type && !message.IsShared)
            {
                return (message.Address, message.Size);
            }
        }

        throw Impossible(bytes, at);
    }

    private static ModelReadException Impossible(Hdf5Bytes bytes, long at) => bytes.Error("MG.Hdf5.Shared", "a shared message of the HDF5 file leads nowhere", at);
}
