using System.Collections.Immutable;
using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit.Memory;

/// <summary>Records as bytes: one description of a type writes it and reads it. What is handed in is written and given back, or, where bytes are read, passed over for what stands there.</summary>
/// <remarks>A text is written once. The bytes are for the build that wrote them alone: its id is part of a record's key. In place of JSON, whose reading was a third of a run in which nothing had changed.</remarks>
internal sealed class RecordForm
{
    private const int KnownTexts = 2;
    private readonly MemoryStream? _output;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private readonly TextPool? _shared;
    private readonly byte[] _input = [];
    private readonly int _end;
    private int _at;

    /// <summary>Writes.</summary>
    public RecordForm(MemoryStream output) => _output = output;

    /// <summary>Reads a part of an array.</summary>
    /// <param name="input">The array.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="end">Behind its last byte.</param>
    /// <param name="shared">Texts that other records have, too: most of what guidelines say of a file they say of others.</param>
    public RecordForm(byte[] input, int start, int end, TextPool shared) => (_input, _at, _end, _shared) = (input, start, end, shared);

    public bool IsAtEnd => _at == _end;

    /// <summary>Texts that need not be written: the same for writer and reader.</summary>
    public void Know(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            Add(text);
        }
    }

    public long Number(long value)
    {
        if (_output is null)
        {
            return Signed(Read());
        }

        Write((ulong)((value << 1) ^ (value >> 63)));
        return value;
    }

    public int Number(int value) => checked((int)Number((long)value));

    public bool Flag(bool value) => Number(value ? 1 : 0) != 0;

    /// <summary>Null, or a number.</summary>
    public long? Perhaps(long? value) => Flag(value is not null) ? Number(value ?? 0) : null;

    public int? Perhaps(int? value) => checked((int?)Perhaps((long?)value));

    /// <summary>Null, or a thing.</summary>
    public T? Perhaps<T>(T? value, Func<RecordForm, T?, T> form)
        where T : class => Flag(value is not null) ? form(this, value) : null;

    /// <summary>A text that is never null.</summary>
    public string Name(string? value) => Text(value) ?? throw new InvalidDataException();

    public string? Text(string? value)
    {
        if (_output is not null)
        {
            WriteText(value);
            return value;
        }

        var number = Read();
        if (number == 0)
        {
            return null;
        }

        if (number >= KnownTexts)
        {
            return _texts[checked((int)(number - KnownTexts))];
        }

        var length = Count();
        var text = _shared!.Get(_input.AsSpan(_at, length));
        _at += length;
        _texts.Add(text);
        return text;
    }

    public ImmutableArray<string> Texts(ImmutableArray<string> values) => List(values, static (f, v) => f.Name(v));

    public ImmutableArray<T> List<T>(ImmutableArray<T> values, Func<RecordForm, T?, T> form)
    {
        if (_output is not null)
        {
            Write((ulong)values.Length);
            foreach (var value in values)
            {
                form(this, value);
            }

            return values;
        }

        var count = Count();
        if (count == 0)
        {
            return [];
        }

        var list = ImmutableArray.CreateBuilder<T>(count);
        for (var i = 0; i < count; i++)
        {
            list.Add(form(this, default));
        }

        return list.MoveToImmutable();
    }

    private static long Signed(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private void Add(string text)
    {
        if (_output is null)
        {
            _texts.Add(text);
        }
        else
        {
            _numbers.TryAdd(text, _numbers.Count);
        }
    }

    private void WriteText(string? text)
    {
        if (text is null)
        {
            Write(0);
        }
        else if (_numbers.TryGetValue(text, out var number))
        {
            Write((ulong)number + KnownTexts);
        }
        else
        {
            Add(text);
            Write(1);
            var bytes = Encoding.UTF8.GetBytes(text);
            Write((ulong)bytes.Length);
            _output!.Write(bytes);
        }
    }

    private void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _output!.WriteByte((byte)(value | 0x80));
        }

        _output!.WriteByte((byte)value);
    }

    /// <summary>A number of things of which each takes a byte at least.</summary>
    private int Count() => Read() is var count && count <= (ulong)(_end - _at) ? (int)count : throw new InvalidDataException();

    private ulong Read()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at >= _end)
            {
                throw new InvalidDataException();
            }

            var next = _input[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException();
    }
}
