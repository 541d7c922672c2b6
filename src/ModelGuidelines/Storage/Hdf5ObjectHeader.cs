using System.Collections.Immutable;

namespace ModelGuidelines.Storage;

/// <summary>One message of an object header.</summary>
/// <param name="Type">Its number in the specification: 12 is an attribute.</param>
/// <param name="Flags">Bit 1: the body is a pointer to a shared message.</param>
/// <param name="Address">Where its body begins.</param>
/// <param name="Size">Bytes of the body.</param>
internal readonly record struct Hdf5Message(int Type, byte Flags, long Address, int Size)
{
    public bool IsShared => (Flags & 2) != 0;
}

/// <summary>A group, dataset or committed type: the messages of its header.</summary>
public sealed class Hdf5Object
{
    internal Hdf5Object(long address, ImmutableArray<Hdf5Message> messages)
    {
        Address = address;
        Messages = messages;
    }

    /// <summary>Where its header stands: what tells one object from another.</summary>
    public long Address { get; }

    /// <summary>Whether it has a data layout: it is a dataset.</summary>
    public bool IsDataset => Messages.Any(m => m.Type == Hdf5ObjectHeader.DataLayout);

    internal ImmutableArray<Hdf5Message> Messages { get; }
}

/// <summary>Reads object headers of both versions, with all their continuation blocks.</summary>
internal static class Hdf5ObjectHeader
{
    public const int LinkInfo = 2;
    public const int DataType = 3;
    public const int Link = 6;
    public const int DataLayout = 8;
    public const int Attribute = 12;
    public const int SharedMessageTable = 15;
    public const int Continuation = 16;
    public const int SymbolTable = 17;
    public const int AttributeInfo = 21;

    public static Hdf5Object Read(Hdf5Bytes bytes, long address)
    {
        bytes.Spend();
        var messages = ImmutableArray.CreateBuilder<Hdf5Message>();
        var blocks = new Queue<(long Address, long Length)>();
        var isNew = bytes.Span(address, 4).SequenceEqual("OHDR"u8);
        var cursor = bytes.At(address);
        var hasOrder = false;
        if (isNew)
        {
            cursor.Skip(4);
            CheckVersion(bytes, cursor.U8(), 2, address);
            var flags = cursor.U8();
            hasOrder = (flags & 4) != 0;
            cursor.Skip(((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0));
            var size = cursor.Number(1 << (flags & 3));
            ReadBlock(bytes, bytes.At(cursor.Address, size), isNew, hasOrder, messages, blocks);
        }
        else
        {
            CheckVersion(bytes, cursor.U8(), 1, address);
            cursor.Skip(1 + 2 + 4);
            var size = cursor.U32();
            cursor.Skip(4);
            ReadBlock(bytes, bytes.At(cursor.Address, size), isNew, hasOrder, messages, blocks);
        }

        var seen = new HashSet<long>();
        while (blocks.TryDequeue(out var block))
        {
            if (!seen.Add(block.Address))
            {
                throw bytes.Error("MG.Hdf5.Cycle", "two continuations of an HDF5 object header are one block", block.Address);
            }

            var part = bytes.At(block.Address, block.Length);
            if (isNew)
            {
                part.Signature("OCHK"u8);
                part = bytes.At(part.Address, part.Left - 4); // the checksum ends it
            }

            ReadBlock(bytes, part, isNew, hasOrder, messages, blocks);
        }

        return new(address, messages.ToImmutable());
    }

    private static void ReadBlock(
        Hdf5Bytes bytes, Hdf5Cursor cursor, bool isNew, bool hasOrder, ImmutableArray<Hdf5Message>.Builder messages, Queue<(long Address, long Length)> blocks)
    {
        var prefix = isNew ? 4 + (hasOrder ? 2 : 0) : 8;
        while (cursor.Left >= prefix)
        {
            bytes.Spend();
            var type = isNew ? cursor.U8() : cursor.U16();
            var size = cursor.U16();
            var flags = cursor.U8();
            cursor.Skip(prefix - (isNew ? 4 : 5));
            var message = new Hdf5Message(type, flags, cursor.Address, size);
            cursor.Skip(size);
            if (type == Continuation)
            {
                var body = bytes.At(message.Address, size);
                blocks.Enqueue((body.Offset() ?? 0, body.Length()));
            }
            else if (type != 0)
            {
                messages.Add(message);
            }
        }
    }

    private static void CheckVersion(Hdf5Bytes bytes, byte version, byte expected, long address)
    {
        if (version != expected)
        {
            throw bytes.Error("MG.Hdf5.Object", $"no HDF5 object header of a known version stands where one is expected (found {version})", address);
        }
    }
}
