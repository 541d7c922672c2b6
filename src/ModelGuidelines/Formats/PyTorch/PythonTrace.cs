using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Models;

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

    /// <summary>Frames by the hash of their text: header and line of code.</summary>
    private readonly Dictionary<int, List<(string Header, PythonFrame Frame)>> _known = [];

    /// <summary>The trace before, which most have their outer frames in common with.</summary>
    private readonly List<(string Header, PythonFrame Frame)> _before = [];

    private string? _text;
    private ImmutableArray<PythonFrame> _frames;

    public ImmutableArray<PythonFrame> Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        if (text != _text)
        {
            (_text, _frames) = (text, Read(text));
        }

        return _frames;
    }

    private ImmutableArray<PythonFrame> Read(string text)
    {
        var frames = ImmutableArray.CreateBuilder<PythonFrame>(16);
        ReadOnlySpan<char> header = default;
        ReadOnlySpan<char> code = default;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.Trim();
            if (Header.Parse(line, out _))
            {
                Add(frames, header, code);
                header = line;
                code = default;
                if (frames.Count == MaximumFrames)
                {
                    return frames.ToImmutable();
                }
            }
            else if (code.IsEmpty)
            {
                code = line;
            }
        }

        Add(frames, header, code);
        return frames.ToImmutable();
    }

    private void Add(ImmutableArray<PythonFrame>.Builder frames, ReadOnlySpan<char> header, ReadOnlySpan<char> code)
    {
        if (header.IsEmpty)
        {
            return; // what stands before the first
        }

        if (frames.Count < _before.Count && header.SequenceEqual(_before[frames.Count].Header) && code.SequenceEqual(_before[frames.Count].Frame.Code))
        {
            frames.Add(_before[frames.Count].Frame);
            return;
        }

        _before.RemoveRange(frames.Count, Math.Max(0, _before.Count - frames.Count));
        _before.Add(Find(header, code));
        frames.Add(_before[^1].Frame);
    }

    private (string Header, PythonFrame Frame) Find(ReadOnlySpan<char> header, ReadOnlySpan<char> code)
    {
        var hash = HashCode.Combine(string.GetHashCode(header, StringComparison.Ordinal), string.GetHashCode(code, StringComparison.Ordinal));
        var alike = System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_known, hash, out _) ??= [];
        foreach (var known in alike)
        {
            if (header.SequenceEqual(known.Header) && code.SequenceEqual(known.Frame.Code))
            {
                return known;
            }
        }

        Header.Parse(header, out var parts);
        alike.Add((header.ToString(), new(parts.File.ToString(), parts.Line, parts.Function.ToString(), code.ToString())));
        return alike[^1];
    }

    /// <summary><c>File "/a/model.py", line 3, in forward</c>; the function may be missing.</summary>
    private readonly ref struct Header
    {
        public ReadOnlySpan<char> File { get; private init; }

        public int Line { get; private init; }

        public ReadOnlySpan<char> Function { get; private init; }

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
