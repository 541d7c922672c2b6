using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>One frame of the Python stack under which an operation was traced.</summary>
/// <param name="File">As recorded.</param>
/// <param name="Line">1-based; 0 when the tracer did not know it (PyTorch up to 1.13 on Python 3.10 and newer writes -1, as an unsigned number).</param>
/// <param name="Function">The function's name.</param>
internal sealed record TraceFrame(string File, int Line, string Function);

/// <summary>The <c>.debug_pkl</c> beside a code file: which source each piece of the code came from.</summary>
/// <remarks>Source: PyTorch, torch/csrc/jit/serialization/source_range_serialization.cpp. Two layouts: the source's text in each range
/// (up to PyTorch 1.10), or a table of strings to which ranges refer. A scripted range is an offset into the function's text;
/// a traced one is the whole stack, a frame a line, innermost first.</remarks>
internal sealed class DebugRanges
{
    /// <summary>Lines of one function or frames of one stack that are looked at.</summary>
    private const int MaxPieces = 20_000;

    private const string TableMarker = "FORMAT_WITH_STRING_TABLE";
    private static readonly DebugRanges None = new([], [], []);

    private readonly int[] _offsets;
    private readonly PickleValue[] _ranges;
    private readonly ImmutableArray<PickleValue> _strings;
    private readonly Dictionary<PickleValue, TraceFrame?> _frames = [];
    private readonly Dictionary<int, ImmutableArray<TraceFrame>> _stacks = [];
    private readonly Dictionary<int, SourceLocation?> _locations = [];
    private int[]? _byteOffsets;

    private DebugRanges(int[] offsets, PickleValue[] ranges, ImmutableArray<PickleValue> strings)
    {
        _offsets = offsets;
        _ranges = ranges;
        _strings = strings;
    }

    /// <summary>Whether the file keeps any.</summary>
    public bool Exist => _offsets.Length > 0;

    public static DebugRanges Read(TorchArchive archive, string codeName, ReadOnlySpan<byte> code, string text)
    {
        if ((archive.ReadPickle(codeName + ".debug_pkl") ?? archive.ReadPickle("debug/" + codeName + ".debug_pkl")) is not { } root)
        {
            return None;
        }

        var items = root.Elements;
        ImmutableArray<PickleValue> strings = default;
        if (items is [PickleText { Value: TableMarker }, var table, var list])
        {
            strings = table.Elements;
            items = list.Elements;
        }

        var ranges = items
            .Select(i => i.Elements)
            .Where(i => i is [PickleInteger, _, ..])
            .Select(i => (Offset: (int)Math.Clamp(((PickleInteger)i[0]).Value, 0, int.MaxValue), Range: i[1]))
            .OrderBy(r => r.Offset)
            .ToList();
        var result = new DebugRanges([.. ranges.Select(r => r.Offset)], [.. ranges.Select(r => r.Range)], strings);
        if (code.Length != text.Length)
        {
            result.MapBytes(text);
        }

        return result;
    }

    /// <summary>Where the source of the code at that position stands; null when the file does not say. For a traced range: the innermost frame.</summary>
    /// <param name="position">In UTF-16 units of the code.</param>
    public SourceLocation? Find(int position)
    {
        var index = IndexOf(position);
        if (index < 0)
        {
            return null;
        }

        if (!_locations.TryGetValue(index, out var location))
        {
            location = Locate(_ranges[index]);
            _locations.Add(index, location);
        }

        return location;
    }

    /// <summary>What is equal for one place in the source, to the character; null when the file does not say.</summary>
    public (string File, long FirstLine, long Start)? Place(int position) =>
        IndexOf(position) is >= 0 and var index && Parts(_ranges[index]) is { } range && FileOf(range) is { Length: > 0 } file ? (file, range.FirstLine, range.Start) : null;

    private SourceLocation? Locate(PickleValue value)
    {
        if (Parts(value) is not { } range || FileOf(range) is not { Length: > 0 } file)
        {
            return null;
        }

        var line = range.FirstLine;
        long left = range.Start;
        foreach (var piece in range.Pieces.Take(MaxPieces))
        {
            var text = TextOf(piece);
            var bytes = Encoding.UTF8.GetByteCount(text);
            if (bytes <= left)
            {
                line += text.AsSpan().Count('\n');
                left -= bytes;
                continue;
            }

            line += Encoding.UTF8.GetBytes(text).AsSpan(0, (int)left).Count((byte)'\n');
            break;
        }

        return new(file, (int)Math.Clamp(line, 1, int.MaxValue));
    }

    /// <summary>The Python stack under which the code at that position was traced, innermost frame first; empty when the range is not a trace's.</summary>
    public ImmutableArray<TraceFrame> Stack(int position)
    {
        var index = IndexOf(position);
        if (index < 0)
        {
            return [];
        }

        if (!_stacks.TryGetValue(index, out var stack))
        {
            stack = Parts(_ranges[index]) is { } range ? Frames(range) : [];
            _stacks.Add(index, stack);
        }

        return stack;
    }

    /// <summary>Whether the first range between two positions is a trace's (true) or a script's (false); null when there is none.</summary>
    public bool? KindWithin(int start, int end)
    {
        foreach (var range in Within(start, end))
        {
            if (FileOf(range) is { Length: > 0 })
            {
                return !Frames(range).IsEmpty;
            }
        }

        return null;
    }

    /// <summary>Where the function was defined from which the code between two positions was compiled; null for traced code, of which no text is kept.</summary>
    public SourceLocation? Definition(int start, int end, string name)
    {
        var asked = new HashSet<PickleValue>();
        var header = $"def {name}(";
        foreach (var range in Within(start, end))
        {
            if (FileOf(range) is not { Length: > 0 } file)
            {
                continue;
            }

            var line = range.FirstLine;
            foreach (var piece in range.Pieces.Take(MaxPieces))
            {
                var text = TextOf(piece).AsSpan();
                if (asked.Add(StringOf(piece) ?? piece) && text.IndexOf(header, StringComparison.Ordinal) is >= 0 and var at)
                {
                    return new(file, (int)Math.Clamp(line + text[..at].Count('\n'), 1, int.MaxValue));
                }

                line += text.Count('\n');
            }
        }

        return null;
    }

    /// <summary>Whether the source from which the code between two positions was compiled holds a text.</summary>
    public bool Mention(int start, int end, string text)
    {
        var asked = new HashSet<PickleValue>();
        foreach (var range in Within(start, end))
        {
            if (range.Pieces.Any(p => asked.Add(StringOf(p) ?? p) && TextOf(p).Contains(text, StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The ranges of the code between two positions, in order.</summary>
    private IEnumerable<Range> Within(int start, int end)
    {
        var last = ByteOffset(end);
        for (var i = Math.Max(0, IndexOf(start)); i < _offsets.Length && _offsets[i] < last; i++)
        {
            if (Parts(_ranges[i]) is { } range)
            {
                yield return range;
            }
        }
    }

    private ImmutableArray<TraceFrame> Frames(in Range range)
    {
        var frames = ImmutableArray.CreateBuilder<TraceFrame>();
        foreach (var piece in range.Pieces.Take(MaxPieces))
        {
            if (_strings.IsDefault)
            {
                // The older layout: all frames in one text.
                frames.AddRange(TextOf(piece).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseFrame).OfType<TraceFrame>());
                continue;
            }

            var key = StringOf(piece) ?? piece;
            if (!_frames.TryGetValue(key, out var frame))
            {
                frame = ParseFrame(TextOf(piece));
                _frames.Add(key, frame);
            }

            if (frame is null && TextOf(piece).AsSpan().Trim().Length > 0)
            {
                return []; // source text
            }

            if (frame is not null)
            {
                frames.Add(frame);
            }
        }

        return frames.DrainToImmutable();
    }

    /// <summary><c>/home/me/model.py(12): forward</c></summary>
    private static TraceFrame? ParseFrame(string text)
    {
        var line = text.AsSpan().TrimEnd('\n');
        var close = line.LastIndexOf("): ");
        var open = close < 0 ? -1 : line[..close].LastIndexOf('(');
        return open > 0 && !char.IsWhiteSpace(line[0]) && ulong.TryParse(line[(open + 1)..close], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(line[..open].ToString().Replace('\\', '/'), number <= int.MaxValue ? (int)number : 0, line[(close + 3)..].ToString())
            : null;
    }

    private readonly record struct Range(ImmutableArray<PickleValue> Pieces, PickleValue File, long FirstLine, long Start);

    /// <summary>((pieces, file, first line), start, end)</summary>
    private static Range? Parts(PickleValue range) =>
        range.Elements is [var source, PickleInteger start, PickleInteger, ..] && source.Elements is [var text, var file, PickleInteger line, ..]
            ? new(text is PickleText ? [text] : text.Elements, file, line.Value, Math.Max(0, start.Value))
            : null;

    private string? FileOf(in Range range) => TextOf(range.File) is { Length: > 0 } file && file[0] != '<' ? file : null;

    private PickleValue? StringOf(PickleValue piece) =>
        piece is PickleInteger { Value: >= 0 and var index } && !_strings.IsDefault && index < _strings.Length ? _strings[(int)index] : null;

    private string TextOf(PickleValue piece) => piece.Text ?? StringOf(piece)?.Text ?? "";

    private int IndexOf(int position)
    {
        var index = Array.BinarySearch(_offsets, ByteOffset(position));
        if (index < 0)
        {
            return ~index - 1;
        }

        // Of several ranges at one place the last one holds.
        while (index + 1 < _offsets.Length && _offsets[index + 1] == _offsets[index])
        {
            index++;
        }

        return index;
    }

    private int ByteOffset(int position) => _byteOffsets is null ? position : _byteOffsets[Math.Min(position, _byteOffsets.Length - 1)];

    private void MapBytes(string text)
    {
        _byteOffsets = new int[text.Length + 1];
        for (var (i, bytes) = (0, 0); i < text.Length; i++)
        {
            _byteOffsets[i] = bytes;
            bytes += text[i] < 0x80 ? 1 : text[i] < 0x800 ? 2 : char.IsHighSurrogate(text[i]) ? 4 : char.IsLowSurrogate(text[i]) ? 0 : 3;
            _byteOffsets[i + 1] = bytes;
        }
    }
}
