using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelGuidelines.Storage;

/// <summary>Reads a pickle as data: opcodes of the protocols 0 to 5, and nothing else. No class or function is ever looked up, let alone called.</summary>
/// <remarks>Source: CPython's Lib/pickletools.py and Modules/_pickle.c. The stack machine is flat, so nesting costs no native stack;
/// open marks, memo and values are counted against <see cref="ReadLimits"/>, lengths against the bytes that are left.</remarks>
internal ref struct PickleReader
{
    /// <summary>Open marks per level of nesting: an object of a module tree opens up to three.</summary>
    private const int MarksPerLevel = 4;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadLimits _limits;
    private readonly string _what;
    private readonly CancellationToken _cancellation;
    private readonly List<PickleValue> _stack;
    private readonly List<int> _marks;
    private readonly Dictionary<long, PickleValue> _memo;
    private int _position;
    private int _values;

    private PickleReader(ReadOnlySpan<byte> bytes, ReadLimits limits, string what, CancellationToken cancellation)
    {
        _bytes = bytes;
        _limits = limits;
        _what = what;
        _cancellation = cancellation;
        _stack = [];
        _marks = [];
        _memo = [];
    }

    /// <summary>Reads one pickle from the start of the bytes.</summary>
    /// <param name="bytes">Further data may follow the pickle.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="what">What messages call it: an entry's name.</param>
    /// <param name="length">The bytes of the pickle.</param>
    /// <param name="cancellation">Asked every few thousand opcodes.</param>
    /// <exception cref="ModelReadException"><c>MG.Pickle.*</c>: it is truncated, damaged, or exceeds a limit.</exception>
    public static PickleValue Read(ReadOnlySpan<byte> bytes, ReadLimits limits, string what, out int length, CancellationToken cancellation = default)
    {
        var reader = new PickleReader(bytes, limits, what, cancellation);
        var value = reader.Run();
        length = reader._position;
        return value;
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, ReadLimits, string, out int, CancellationToken)"/>
    public static PickleValue Read(ReadOnlySpan<byte> bytes, ReadLimits limits, string what, CancellationToken cancellation = default) =>
        Read(bytes, limits, what, out _, cancellation);

    private PickleValue Run()
    {
        for (var count = 1; ; count++)
        {
            if ((count & 0xfff) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
            }

            var opcode = Byte();
            if (opcode == '.')
            {
                return Pop();
            }

            Execute(opcode);
        }
    }

    private void Execute(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: Take(1); break; // PROTO
            case 0x95: Take(8); break; // FRAME: only a hint for reading ahead
            case (byte)'(': Mark(); break;
            case (byte)'0': PopOrUnmark(); break;
            case (byte)'1': PopToMark(); break;
            case (byte)'2': Push(Peek()); break;
            case (byte)'N': Push(PickleNone.Instance); break;
            case 0x88: Push(PickleBoolean.True); break;
            case 0x89: Push(PickleBoolean.False); break;
            case (byte)'I': Integer(Line()); break;
            case (byte)'L': Integer(Line()); break;
            case (byte)'J': Push(new PickleInteger(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); break;
            case (byte)'K': Push(new PickleInteger(Byte())); break;
            case (byte)'M': Push(new PickleInteger(BinaryPrimitives.ReadUInt16LittleEndian(Take(2)))); break;
            case 0x8a: Long(Take(Byte())); break;
            case 0x8b: Long(Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); break;
            case (byte)'F': Push(new PickleFloat(Utf8Parser.TryParse(Line(), out double d, out _) ? d : double.NaN)); break;
            case (byte)'G': Push(new PickleFloat(BinaryPrimitives.ReadDoubleBigEndian(Take(8)))); break;
            case (byte)'S': Push(new PickleText(Unquote(Latin(Line())))); break;
            case (byte)'T': Push(new PickleText(Latin(Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))))); break;
            case (byte)'U': Push(new PickleText(Latin(Take(Byte())))); break;
            case (byte)'V': Push(new PickleText(Utf8(Line()))); break;
            case (byte)'X': Push(new PickleText(Utf8(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))))); break;
            case 0x8c: Push(new PickleText(Utf8(Take(Byte())))); break;
            case 0x8d: Push(new PickleText(Utf8(Take(BinaryPrimitives.ReadInt64LittleEndian(Take(8)))))); break;
            case (byte)'B': Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))); break;
            case (byte)'C': Bytes(Byte()); break;
            case 0x8e: Bytes(BinaryPrimitives.ReadInt64LittleEndian(Take(8))); break;
            case 0x96: Bytes(BinaryPrimitives.ReadInt64LittleEndian(Take(8))); break;
            case 0x97: Push(PickleBytes.Instance); break; // NEXT_BUFFER
            case 0x98: break; // READONLY_BUFFER
            case (byte)')': Push(new PickleTuple([])); break;
            case (byte)'t': Push(new PickleTuple(PopToMark())); break;
            case 0x85: PushTuple(1); break;
            case 0x86: PushTuple(2); break;
            case 0x87: PushTuple(3); break;
            case (byte)']': Push(new PickleList()); break;
            case 0x8f: Push(new PickleList()); break; // EMPTY_SET
            case (byte)'l': PushList(PopToMark()); break;
            case 0x91: PushList(PopToMark()); break; // FROZENSET
            case (byte)'a': Append([Pop()]); break;
            case (byte)'e': Append(PopToMark()); break;
            case 0x90: Append(PopToMark()); break; // ADDITEMS
            case (byte)'}': Push(new PickleDict()); break;
            case (byte)'d': PushDict(PopToMark()); break;
            case (byte)'s': SetItem(); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'c': Push(new PickleGlobal(Utf8(Line()), Utf8(Line()))); break;
            case 0x93: StackGlobal(); break;
            case 0x82: Extension(Take(1)); break;
            case 0x83: Extension(Take(2)); break;
            case 0x84: Extension(Take(4)); break;
            case (byte)'R': Construct(Pop()); break;
            case 0x81: Construct(Pop()); break; // NEWOBJ
            case 0x92: ConstructWithKeywords(); break;
            case (byte)'i': Push(new PickleObject(new PickleGlobal(Utf8(Line()), Utf8(Line())), new PickleTuple(PopToMark()))); break;
            case (byte)'o': ConstructFromMark(PopToMark()); break;
            case (byte)'b': Build(); break;
            case (byte)'P': Push(new PicklePersistent(new PickleText(Utf8(Line())))); break;
            case (byte)'Q': Push(new PicklePersistent(Pop())); break;
            case (byte)'p': Memoize(Index(Line())); break;
            case (byte)'q': Memoize(Byte()); break;
            case (byte)'r': Memoize(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))); break;
            case 0x94: Memoize(_memo.Count); break;
            case (byte)'g': Recall(Index(Line())); break;
            case (byte)'h': Recall(Byte()); break;
            case (byte)'j': Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))); break;
            default: throw Damaged($"there is no opcode 0x{opcode:x2}", "Opcode");
        }
    }

    // ---- stack

    private void Push(PickleValue value)
    {
        if (++_values > _limits.Items)
        {
            throw Damaged($"it has more than {_limits.Items} values", "TooManyValues");
        }

        _stack.Add(value);
    }

    private readonly int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    private readonly PickleValue Peek() => _stack.Count > Floor ? _stack[^1] : throw Damaged("an opcode needs a value and there is none", "StackUnderflow");

    private readonly PickleValue Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private readonly void PopOrUnmark()
    {
        if (_stack.Count > Floor)
        {
            _stack.RemoveAt(_stack.Count - 1);
        }
        else
        {
            PopToMark();
        }
    }

    private readonly void Mark()
    {
        if (_marks.Count >= _limits.Depth * MarksPerLevel)
        {
            throw Damaged($"it nests deeper than {_limits.Depth} levels", "TooDeep");
        }

        _marks.Add(_stack.Count);
    }

    private readonly ImmutableArray<PickleValue> PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Damaged("an opcode needs a mark and there is none", "StackUnderflow");
        }

        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        ImmutableArray<PickleValue> items = [.. CollectionsMarshal.AsSpan(_stack)[mark..]];
        _stack.RemoveRange(mark, items.Length);
        return items;
    }

    // ---- memo

    private readonly void Memoize(long index)
    {
        _memo[index] = Peek();
        if (_memo.Count > _limits.Items)
        {
            throw Damaged($"it remembers more than {_limits.Items} values", "TooManyValues");
        }
    }

    private void Recall(long index) => Push(_memo.TryGetValue(index, out var value) ? value : throw Damaged($"it refers to value {index.ToString(CultureInfo.InvariantCulture)}, which it never stored", "Memo"));

    private readonly long Index(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long index, out var used) && used == text.Length && index >= 0 ? index : throw Damaged("a reference is no number", "Memo");

    // ---- values

    private void Integer(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("00"u8) || text.SequenceEqual("01"u8))
        {
            Push(text[1] == '1' ? PickleBoolean.True : PickleBoolean.False);
            return;
        }

        text = text.Length > 0 && text[^1] == 'L' ? text[..^1] : text;
        var isExact = Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length;
        Push(new PickleInteger(value, isExact));
    }

    /// <summary>A two's complement number of any length, little-endian.</summary>
    private void Long(ReadOnlySpan<byte> bytes)
    {
        Span<byte> eight = stackalloc byte[8];
        eight.Fill(bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? (byte)0xff : (byte)0);
        bytes[..Math.Min(8, bytes.Length)].CopyTo(eight);
        Push(new PickleInteger(BinaryPrimitives.ReadInt64LittleEndian(eight), bytes.Length <= 8));
    }

    private void Bytes(long length)
    {
        Take(length);
        Push(PickleBytes.Instance);
    }

    private void PushTuple(int count)
    {
        var items = new PickleValue[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        Push(new PickleTuple([.. items]));
    }

    private void PushList(ImmutableArray<PickleValue> items)
    {
        var list = new PickleList();
        list.Items.AddRange(items);
        Push(list);
    }

    private readonly void Append(ImmutableArray<PickleValue> items)
    {
        // Appending to an object (a user's list class) calls its methods: nothing that is kept.
        if (Peek() is PickleList list)
        {
            list.Items.AddRange(items);
        }
    }

    private void PushDict(ImmutableArray<PickleValue> items)
    {
        Push(new PickleDict());
        SetItems(items);
    }

    private readonly void SetItem()
    {
        var value = Pop();
        SetItems([Pop(), value]);
    }

    private readonly void SetItems(ImmutableArray<PickleValue> items)
    {
        var target = Peek() switch
        {
            PickleDict dict => dict.Items,
            PickleObject o => o.Items ??= [],
            _ => throw Damaged("items are set on a value that has none", "Type"),
        };
        if (items.Length % 2 != 0)
        {
            throw Damaged("a key has no value", "StackUnderflow");
        }

        for (var i = 0; i < items.Length; i += 2)
        {
            target.Add(new(items[i], items[i + 1]));
        }
    }

    private void StackGlobal()
    {
        var name = Pop();
        var module = Pop();
        Push(new PickleGlobal(module.Text ?? "?", name.Text ?? "?"));
    }

    private void Extension(ReadOnlySpan<byte> code) => Push(new PickleGlobal("copyreg", "extension_" + Convert.ToHexString(code)));

    private void Construct(PickleValue arguments) => Push(new PickleObject(Pop(), arguments));

    private void ConstructWithKeywords()
    {
        Pop();
        Construct(Pop());
    }

    private void ConstructFromMark(ImmutableArray<PickleValue> items)
    {
        if (items.IsEmpty)
        {
            throw Damaged("an object has no class", "StackUnderflow");
        }

        Push(new PickleObject(items[0], new PickleTuple(items[1..])));
    }

    private readonly void Build()
    {
        var state = Pop();
        if (Peek() is PickleObject o)
        {
            o.State = state;
        }
    }

    // ---- bytes

    private byte Byte() => _position < _bytes.Length ? _bytes[_position++] : throw Truncated();

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > _bytes.Length - _position)
        {
            throw Truncated();
        }

        var slice = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return slice;
    }

    private ReadOnlySpan<byte> Line()
    {
        var length = _bytes[_position..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Truncated();
        }

        var line = Take(length);
        _position++;
        return line.Length > 0 && line[^1] == '\r' ? line[..^1] : line;
    }

    private static string Utf8(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static string Unquote(string text) => text.Length > 1 && text[0] is '\'' or '"' && text[^1] == text[0] ? text[1..^1] : text;

    private readonly ModelReadException Truncated() => Damaged("it ends in the middle of a value", "Truncated");

    private readonly ModelReadException Damaged(string message, string reason) =>
        new("MG.Pickle." + reason, string.Create(CultureInfo.InvariantCulture, $"the pickle '{_what}' cannot be read at its byte {_position}: {message}"));
}
