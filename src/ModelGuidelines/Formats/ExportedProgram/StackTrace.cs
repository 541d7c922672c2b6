using System.Collections.Immutable;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>A node's stack trace, outermost frame first.</summary>
/// <remarks>torch 2.13 keeps frames of functions named forward only; older versions keep more.</remarks>
internal sealed class StackTrace
{
    private readonly ImmutableArray<PythonFrame> _all;
    private readonly ImmutableArray<PythonFrame> _frames;

    private StackTrace(ImmutableArray<PythonFrame> all) => (_all, _frames) = (all, all.RemoveAll(f => f.IsGenerated));

    /// <summary>Of a node that has none.</summary>
    public static StackTrace None { get; } = new([]);

    /// <summary>The last frame of a forward, whoever's it is.</summary>
    public PythonFrame? LastForward => _frames.LastOrDefault(f => f.IsForward);

    /// <remarks>Code that Dynamo made says nothing of the user's.</remarks>
    public static StackTrace Of(ImmutableArray<PythonFrame> frames) => frames.IsEmpty ? None : new(frames);

    /// <summary>Whether it was made of this array, of which equal ones are one mostly.</summary>
    public bool IsOf(ImmutableArray<PythonFrame> frames) => _all == frames;

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
}
