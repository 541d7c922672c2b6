using System.Numerics;

namespace ModelGuidelines.Storage;

/// <summary>Finds objects in a fractal heap: where new files keep many links or attributes, and large ones.</summary>
internal sealed class Hdf5FractalHeap
{
    private readonly Hdf5Bytes _bytes;
    private readonly long _address;
    private readonly int _offsetBytes;
    private readonly int _lengthBytes;
    private readonly int _width;
    private readonly long _startingSize;
    private readonly long _maximumDirectSize;
    private readonly long? _root;
    private readonly int _rootRows;
    private readonly long? _hugeIndex;
    private Dictionary<long, (long Address, long Size)>? _huge;

    private Hdf5FractalHeap(Hdf5Bytes bytes, long address)
    {
        _bytes = bytes;
        _address = address;
        var cursor = bytes.At(address);
        cursor.Signature("FRHP"u8);
        cursor.Skip(1);
        IdLength = cursor.U16();
        var filters = cursor.U16();
        cursor.Skip(1);
        var maximumManaged = cursor.U32();
        cursor.Skip(bytes.LengthSize);
        _hugeIndex = cursor.Offset();
        cursor.Skip(bytes.LengthSize + bytes.OffsetSize + (8 * bytes.LengthSize));
        _width = cursor.U16();
        _startingSize = cursor.Length();
        _maximumDirectSize = cursor.Length();
        var bits = cursor.U16();
        cursor.Skip(2);
        _root = cursor.Offset();
        _rootRows = cursor.U16();
        if (filters != 0)
        {
            throw bytes.Error("MG.Hdf5.Filter", "a heap of the HDF5 file is compressed, which Keras never does", address);
        }

        if (IdLength < 2 || IdLength > 4096 || _width == 0 || !BitOperations.IsPow2(_width) || !IsSize(_startingSize) || !IsSize(_maximumDirectSize)
            || _maximumDirectSize < _startingSize || bits is 0 or > 64)
        {
            throw bytes.Error("MG.Hdf5.Heap", "a heap of the HDF5 file has impossible sizes", address);
        }

        _offsetBytes = (bits + 7) / 8;
        _lengthBytes = Math.Min((BitOperations.Log2((ulong)_maximumDirectSize) + 7) / 8, Hdf5BTree2.EncodedSize(Math.Max(1, maximumManaged)));
    }

    /// <summary>Bytes of an object's id.</summary>
    public int IdLength { get; }

    public static Hdf5FractalHeap Open(Hdf5Bytes bytes, long address) => new(bytes, address);

    /// <summary>Where an object stands.</summary>
    /// <param name="idAddress">Where its id stands.</param>
    public (long Address, long Size) Find(long idAddress)
    {
        _bytes.Spend();
        var id = _bytes.At(idAddress, IdLength);
        var flags = id.U8();
        switch ((flags >> 4) & 3)
        {
            case 0:
                var offset = id.Number(_offsetBytes);
                return Managed(offset, id.Number(_lengthBytes), idAddress);
            case 1:
                return Huge(id, idAddress);
            case 2:
                // The object stands in the id itself; ids longer than 17 bytes use a second byte for the length.
                var size = IdLength <= 17 ? (flags & 15) + 1 : (((flags & 15) << 8) | id.U8()) + 1;
                return size <= id.Left ? (id.Address, size) : throw Impossible(idAddress);
            default:
                throw Impossible(idAddress);
        }
    }

    private (long Address, long Size) Huge(Hdf5Cursor id, long idAddress)
    {
        if (IdLength - 1 >= _bytes.OffsetSize + _bytes.LengthSize)
        {
            return (id.Offset() ?? throw Impossible(idAddress), id.Length());
        }

        if (_huge is null)
        {
            _huge = [];
            if (_hugeIndex is { } index)
            {
                foreach (var record in Hdf5BTree2.Records(_bytes, index, type: 1, minimumSize: _bytes.OffsetSize + (2 * _bytes.LengthSize)))
                {
                    var cursor = _bytes.At(record.Address, record.Size);
                    var place = (cursor.Offset() ?? throw Impossible(record.Address), cursor.Length());
                    _huge.TryAdd(cursor.Length(), place);
                }
            }
        }

        var key = id.Number(Math.Min(IdLength - 1, 8));
        return _huge.TryGetValue(key, out var found) ? found : throw Impossible(idAddress);
    }

    /// <summary>Goes down the doubling table: rows of blocks, each row's twice as large as the one before.</summary>
    private (long Address, long Size) Managed(long offset, long size, long idAddress)
    {
        var block = _root ?? throw Impossible(idAddress);
        var rows = _rootRows;
        var directRows = BitOperations.Log2((ulong)_maximumDirectSize) - BitOperations.Log2((ulong)_startingSize) + 2;
        var firstRowBits = BitOperations.Log2((ulong)_startingSize) + BitOperations.Log2((uint)_width);
        for (var level = 0; level < 64; level++)
        {
            if (rows == 0)
            {
                // A direct block: its own header counts as the first bytes of what it holds.
                _bytes.At(block).Signature("FHDB"u8);
                return offset <= _maximumDirectSize ? (block + offset, size) : throw Impossible(idAddress);
            }

            var (row, column, blockSize, rest) = Locate(offset, rows, idAddress);
            var cursor = _bytes.At(block);
            cursor.Signature("FHIB"u8);
            cursor.Skip(1 + _bytes.OffsetSize + _offsetBytes);
            cursor.Skip((((long)row * _width) + column) * _bytes.OffsetSize);
            block = cursor.Offset() ?? throw Impossible(idAddress);
            offset = rest;
            rows = row < directRows ? 0 : BitOperations.Log2((ulong)blockSize) - firstRowBits + 1;
            if (rows < 0)
            {
                throw Impossible(idAddress);
            }
        }

        throw Impossible(idAddress);
    }

    private (int Row, long Column, long BlockSize, long Remainder) Locate(long offset, int rows, long idAddress)
    {
        var size = _startingSize;
        for (var row = 0; row < rows; row++)
        {
            var span = (UInt128)size * (UInt128)_width;
            if ((UInt128)offset < span)
            {
                return (row, offset / size, size, offset % size);
            }

            offset -= (long)span;
            if (row > 0)
            {
                if (size > long.MaxValue / 2)
                {
                    break;
                }

                size *= 2;
            }
        }

        throw Impossible(idAddress);
    }

    private static bool IsSize(long value) => value > 0 && value <= 1L << 40 && BitOperations.IsPow2(value);

    private ModelReadException Impossible(long at) => _bytes.Error("MG.Hdf5.Heap", $"a heap of the HDF5 file (at {_address}) holds no such object", at);
}
