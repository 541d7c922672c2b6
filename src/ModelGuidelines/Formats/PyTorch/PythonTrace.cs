using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PyTorch;

/// <summary>One frame of a recorded Python stack.</summary>
/// <param name="File">As recorded.</param>
/// <param name="Line">1-based.</param>
/// <param name="Function">The function's name.</param>
/// <param name="Code">The source line, where recorded; else "".</param>
internal sealed record PythonFrame(string File, int Line, string Function, string Code)
{
    public bool IsForward => Function is "forward";

    /// <summary>Whether the frame runs code of torch.nn's own modules.</summary>
    public bool IsTorchModule { get; } = TorchFiles.IsModule(Slashes(File));

    /// <summary>Whether a helper of torch.nn's own makes the call: its frame is not kept, only the line that calls it.</summary>
    public bool CallsTorchHelper { get; } = Code.Contains("._conv_forward(", StringComparison.Ordinal);

    /// <summary>Whether the next forward can be one of the same module, or of a module that was not called as one:
    /// <c>super().forward(x)</c> and <c>self.fc.forward(x)</c> enter no module.</summary>
    public bool CallsForwardByName { get; } = Code.Contains(".forward(", StringComparison.Ordinal);

    /// <summary>Whether the frame runs code of torch.nn.functional.</summary>
    public bool IsFunctional { get; } = Slashes(File).EndsWith("torch/nn/functional.py", StringComparison.Ordinal) || Slashes(File).EndsWith("torch/functional.py", StringComparison.Ordinal);

    /// <summary>Whether the frame runs PyTorch's own code.</summary>
    public bool IsTorch { get; } = TorchFiles.IsModule(Slashes(File)) || File.StartsWith('<') || Slashes(File).Contains("-packages/torch/", StringComparison.Ordinal);

    /// <summary>Whether the code was made at run time: <c>&lt;eval_with_key&gt;.5</c>.</summary>
    public bool IsGenerated => File.StartsWith('<');

    public SourceLocation Location { get; } = new(File, Line);

    private static string Slashes(string file) => file.Replace('\\', '/');
}

/// <summary>Reads the stack traces that torch.export keeps: <c>File "model.py", line 17, in forward</c>, outermost first.</summary>
/// <remarks>Most frames of a program stand in many of its traces: equal ones are one object.</remarks>
internal sealed class PythonTrace
{
    private const int MaximumFrames = 512;

    private readonly TextPool _texts = new();

    /// <summary>The latest frame of each hash; behind it those that have the same.</summary>
    private readonly Dictionary<int, (PythonFrame Frame, int Next)> _known = [];
    private readonly List<(PythonFrame Frame, int Next)> _others = [];

    /// <summary>The trace before, which most have their outer frames in common with.</summary>
    private readonly List<PythonFrame> _before = [];

    /// <summary>The latest trace that ends in a frame.</summary>
    private readonly Dictionary<PythonFrame, ImmutableArray<PythonFrame>> _byLast = new(ReferenceEqualityComparer.Instance);

    private char[] _text = [];
    private int _length;
    private ImmutableArray<PythonFrame> _frames;

    /// <summary>Where the headers of its frames stand.</summary>
    private readonly List<(int Start, int End)> _headers = [];

    public ImmutableArray<PythonFrame> Parse(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return [];
        }

        var common = text.CommonPrefixLength(_text.AsSpan(0, _length));
        if (common == text.Length && common == _length)
        {
            return _frames;
        }

        // A frame ends where the header of the next one stands: all of that, and what stands behind it, for its number may go on.
        var kept = 0;
        while (kept + 1 < _headers.Count && _headers[kept + 1].End < common)
        {
            kept++;
        }

        Read(text, kept);
        _frames = Shared();
        if (_text.Length < text.Length)
        {
            _text = new char[text.Length * 2];
        }

        text.CopyTo(_text);
        _length = text.Length;
        return _frames;
    }

    /// <summary>Most that end in one frame are equal; of those that are not, the latest is kept.</summary>
    private ImmutableArray<PythonFrame> Shared()
    {
        if (_before.Count == 0)
        {
            return [];
        }

        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_byLast, _before[^1], out var isKnown);
        return isKnown && known.AsSpan().SequenceEqual(CollectionsMarshal.AsSpan(_before), ReferenceEqualityComparer.Instance) ? known : known = [.. _before];
    }

    /// <summary>Makes <see cref="_before"/> the frames of a text, the first of which are as they were.</summary>
    private void Read(ReadOnlySpan<char> text, int kept)
    {
        var start = kept == 0 ? 0 : _headers[kept].Start;
        _headers.RemoveRange(kept, _headers.Count - kept);
        var count = kept;
        Header header = default;
        ReadOnlySpan<char> code = default;
        foreach (var raw in text[start..].EnumerateLines())
        {
            var line = raw.Trim();
            if (Header.Parse(line, out var next))
            {
                Add(ref count, header, code);
                header = next;
                code = default;
                if (count == MaximumFrames)
                {
                    header = default;
                    break;
                }

                text.Overlaps(line, out var at);
                _headers.Add((at, at + line.Length));
            }
            else if (code.IsEmpty)
            {
                code = line;
            }
        }

        Add(ref count, header, code);
        _before.RemoveRange(count, _before.Count - count);
    }

    private void Add(ref int count, Header header, ReadOnlySpan<char> code)
    {
        if (header.Line == 0)
        {
            return; // what stands before the first
        }

        if (count == _before.Count || !header.IsOf(_before[count], code))
        {
            _before.RemoveRange(count, _before.Count - count);
            _before.Add(Find(header, code));
        }

        count++;
    }

    private PythonFrame Find(Header header, ReadOnlySpan<char> code)
    {
        var hash = HashCode.Combine(string.GetHashCode(header.File, StringComparison.Ordinal), header.Line, string.GetHashCode(header.Function, StringComparison.Ordinal), string.GetHashCode(code, StringComparison.Ordinal));
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, hash, out var isKnown);
        if (isKnown)
        {
            for (var known = first; ; known = _others[known.Next])
            {
                if (header.IsOf(known.Frame, code))
                {
                    return known.Frame;
                }

                if (known.Next < 0)
                {
                    break;
                }
            }

            _others.Add(first);
        }

        first = (new(_texts.Get(header.File), header.Line, _texts.Get(header.Function), _texts.Get(code)), isKnown ? _others.Count - 1 : -1);
        return first.Frame;
    }

    /// <summary><c>File "/a/model.py", line 3, in forward</c>; the function may be missing.</summary>
    private readonly ref struct Header
    {
        public ReadOnlySpan<char> File { get; private init; }

        public int Line { get; private init; }

        public ReadOnlySpan<char> Function { get; private init; }

        /// <summary>Whether a frame has this header and that line of code.</summary>
        public bool IsOf(PythonFrame frame, ReadOnlySpan<char> code) =>
            Line == frame.Line && File.SequenceEqual(frame.File) && Function.SequenceEqual(frame.Function) && code.SequenceEqual(frame.Code);

        /// <summary>Whether a line is one.</summary>
        public static bool Parse(ReadOnlySpan<char> line, out Header header)
        {
            const string Open = "File \"";
            const string Middle = "\", line ";
            const string In = ", in ";
            header = default;
            if (!line.StartsWith(Open, StringComparison.Ordinal))
            {
                return false;
            }

            line = line[Open.Length..];
            var middle = line.IndexOf(Middle, StringComparison.Ordinal);
            if (middle < 0)
            {
                return false;
            }

            var rest = line[(middle + Middle.Length)..];
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (!int.TryParse(digits < 0 ? rest : rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            {
                return false;
            }

            header = new() { File = line[..middle], Line = number, Function = digits >= 0 && rest[digits..].StartsWith(In, StringComparison.Ordinal) ? rest[(digits + In.Length)..].Trim() : default };
            return true;
        }
    }
}
