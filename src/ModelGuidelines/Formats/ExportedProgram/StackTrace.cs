using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>One frame of a stack trace.</summary>
/// <param name="Location">Where the call stands.</param>
/// <param name="Function">The function it stands in.</param>
/// <param name="Code">The line's text, as far as kept.</param>
internal sealed record StackFrame(SourceLocation Location, string Function, string Code)
{
    private readonly string _file = Location.File.Replace('\\', '/');

    public bool IsForward => Function is "forward";

    /// <summary>Whether it is code of torch's own modules.</summary>
    public bool IsTorchModule => _file.Contains("/torch/nn/modules/", StringComparison.Ordinal);

    /// <summary>Whether it is torch's own code, not the user's.</summary>
    public bool IsTorch => IsTorchModule
        || _file.Contains("/site-packages/torch/", StringComparison.Ordinal)
        || _file.Contains("/dist-packages/torch/", StringComparison.Ordinal);

    /// <summary>Whether a helper of torch.nn's own makes the call: its frame is not kept, only the line that calls it.</summary>
    public bool CallsTorchHelper => Code.Contains("._conv_forward(", StringComparison.Ordinal);

    /// <summary>Whether the next forward can be one of the same module, or of a module that was not called as one: no level of its own.</summary>
    public bool CallsForwardByName => Code.Contains(".forward(", StringComparison.Ordinal);
}

/// <summary>A node's stack trace, outermost frame first.</summary>
/// <remarks>torch 2.13 keeps frames of functions named forward only; older versions keep more.</remarks>
internal sealed class StackTrace
{
    private readonly ImmutableArray<StackFrame> _frames;

    private StackTrace(ImmutableArray<StackFrame> frames) => _frames = frames;

    /// <summary>The last frame of a forward, whoever's it is.</summary>
    public StackFrame? LastForward => _frames.LastOrDefault(f => f.IsForward);

    public static StackTrace Parse(string? text)
    {
        var frames = ImmutableArray.CreateBuilder<StackFrame>();
        (SourceLocation Location, string Function)? open = null;
        foreach (var each in (text ?? "").AsSpan().EnumerateLines())
        {
            var line = each.Trim();
            if (ParseHeader(line) is { } header)
            {
                Close("");
                open = header;
            }
            else if (open is not null && line.Length > 0)
            {
                Close(line.ToString());
            }
        }

        Close("");
        return new(frames.ToImmutable());

        void Close(string code)
        {
            if (open is { } o)
            {
                frames.Add(new(o.Location, o.Function, code));
                open = null;
            }
        }
    }

    /// <summary>Where the user's code makes the call that the node is: the innermost frame that is not torch's.</summary>
    public SourceLocation? UserLocation() => UserLocation(_frames.Length);

    /// <summary>Where the user's code calls the module of one level of the stack; null where frames and levels do not match.</summary>
    /// <param name="level">Of the module called; the root is 0.</param>
    /// <param name="levels">Of the node's stack.</param>
    public SourceLocation? CallLocation(int level, int levels) => FrameOf(level, levels) is { } frame and > 0 ? UserLocation(frame) : null;

    /// <summary>The frame that stands for the call of the module of one level: changes with the call, where the caller's line does.</summary>
    public string? CallSite(int level, int levels) => FrameOf(level, levels) is { } frame and > 0 ? _frames[frame - 1].Location.ToString() : null;

    private SourceLocation? UserLocation(int end)
    {
        for (var i = end - 1; i >= 0; i--)
        {
            if (!_frames[i].IsTorch)
            {
                return _frames[i].Location;
            }
        }

        return null;
    }

    /// <summary>Index of the frame of a module's own forward. Every level of the stack is one forward, but <c>super().forward(x)</c> and
    /// <c>self.other.forward(x)</c> are forwards without a level.</summary>
    private int? FrameOf(int level, int levels)
    {
        var extra = _frames.Count(f => f.IsForward) - levels;
        if (extra < 0)
        {
            return null;
        }

        var at = -1;
        var skip = false;
        for (var i = 0; i < _frames.Length; i++)
        {
            if (!_frames[i].IsForward)
            {
                continue;
            }

            if (skip && extra > 0)
            {
                extra--;
            }
            else if (++at == level)
            {
                return i;
            }

            skip = _frames[i].CallsForwardByName;
        }

        return null;
    }

    /// <summary><c>File "/a/model.py", line 3, in forward</c>.</summary>
    private static (SourceLocation Location, string Function)? ParseHeader(ReadOnlySpan<char> line)
    {
        const string Open = "File \"";
        const string Middle = "\", line ";
        if (!line.StartsWith(Open, StringComparison.Ordinal))
        {
            return null;
        }

        line = line[Open.Length..];
        var middle = line.IndexOf(Middle, StringComparison.Ordinal);
        if (middle < 0)
        {
            return null;
        }

        var rest = line[(middle + Middle.Length)..];
        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        var number = digits < 0 ? rest : rest[..digits];
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var lineNumber) || lineNumber == 0)
        {
            return null;
        }

        const string In = ", in ";
        var function = digits >= 0 && rest[digits..].StartsWith(In, StringComparison.Ordinal) ? rest[(digits + In.Length)..].Trim().ToString() : "";
        return (new(line[..middle].ToString(), lineNumber), function);
    }
}
