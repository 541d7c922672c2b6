using System.Collections.Immutable;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>What the Python stack of a traced operation tells.</summary>
/// <param name="Function">The function of torch.nn.functional or torch.functional through which it was called; null when there was none.</param>
/// <param name="Below">Frames that belong to that function.</param>
/// <param name="InFramework">Whether code of torch.nn's own modules called it.</param>
/// <param name="Location">The innermost frame that is not PyTorch's.</param>
internal readonly record struct TraceOrigin(string? Function, int Below, bool InFramework, SourceLocation? Location);

/// <summary>Where in the tree of modules an operation was traced, as far as a stack tells.</summary>
/// <param name="IsInFramework">Whether code of torch.nn's own modules runs it.</param>
/// <param name="IsInContainer">Whether a Sequential stands between that module and the user's code.</param>
/// <param name="Class">What tells classes of modules apart: the line of torch.nn's code, or of the user's.</param>
/// <param name="UserLine">The innermost line of the user's code.</param>
/// <param name="Around">The frames above it: who called that code.</param>
/// <param name="Depth">Modules below the root that are open.</param>
/// <param name="OuterDepth">Of these, the ones that are open in the frames above the user's innermost one: 0 in the root's forward.</param>
internal readonly record struct TracePlace(bool IsInFramework, bool IsInContainer, string Class, string UserLine, (int, int) Around, int Depth, int OuterDepth);

/// <summary>Reads the stacks under which operations were traced.</summary>
internal sealed class TraceStacks
{
    /// <summary>Python refuses deeper stacks unless told otherwise.</summary>
    private const int MaxFrames = 1000;

    private const string TracerFile = "/torch/jit/_trace.py";
    private string? _torch;

    /// <summary>Explains one stack.</summary>
    /// <param name="stack">Innermost frame first.</param>
    public TraceOrigin Explain(ImmutableArray<TraceFrame> stack)
    {
        FindTorch(stack);
        string? function = null;
        var i = 0;
        for (; i < stack.Length && IsTorch(stack[i].File) && !IsNnModule(stack[i].File); i++)
        {
            if (IsFunctional(stack[i].File))
            {
                function = stack[i].Function;
            }
        }

        var user = stack.FirstOrDefault(f => !IsTorch(f.File));
        return new(function, i, i < stack.Length && IsNnModule(stack[i].File), user is { Line: > 0 } ? Locate(user) : null);
    }

    /// <summary>Where the call stands that opened the n-th module below the root: the frame outside of the n-th entry into <c>Module.__call__</c>, counted from outside.</summary>
    public SourceLocation? CallSite(ImmutableArray<TraceFrame> stack, int depth)
    {
        FindTorch(stack);
        var seen = 0;
        for (var i = stack.Length - 1; i > 0; i--)
        {
            // The root's own entry, where the tracer makes one, is not counted.
            if (IsModuleCall(stack[i - 1]) && !IsModuleCall(stack[i]) && !IsTracer(stack[i].File) && ++seen == depth)
            {
                // A Sequential's loop says nothing: the line that called the Sequential does.
                while (i < stack.Length && IsTorch(stack[i].File))
                {
                    i++;
                }

                return i < stack.Length && stack[i].Line > 0 ? Locate(stack[i]) : null;
            }
        }

        return null;
    }

    /// <summary>Places one stack in the tree of modules.</summary>
    public TracePlace Place(ImmutableArray<TraceFrame> stack)
    {
        FindTorch(stack);
        var below = 0;
        while (below < stack.Length && IsTorch(stack[below].File) && !IsNnModule(stack[below].File))
        {
            below++;
        }

        var user = FirstOfUser(stack);
        var isInFramework = below < user && below < stack.Length;
        var isInContainer = false;
        for (var i = below; i < user; i++)
        {
            isInContainer |= stack[i].File.EndsWith("/container.py", StringComparison.Ordinal);
        }

        static string Line(TraceFrame frame) => $"{frame.File}:{frame.Line}";
        var first = isInFramework ? Line(stack[below]) : user < stack.Length ? Line(stack[user]) : "";
        return new(
            isInFramework,
            isInContainer,
            isInFramework ? first : "",
            user < stack.Length ? Line(stack[user]) : "",
            HashOf(stack, user + 1),
            ModuleDepth(stack, 0),
            ModuleDepth(stack, user));
    }

    /// <summary>How many modules below the root are open around the innermost line of the user's code.</summary>
    public int DepthOfUser(ImmutableArray<TraceFrame> stack)
    {
        FindTorch(stack);
        return ModuleDepth(stack, FirstOfUser(stack));
    }

    /// <summary>The innermost frame that is not PyTorch's; behind the last where all are.</summary>
    private int FirstOfUser(ImmutableArray<TraceFrame> stack)
    {
        var user = 0;
        while (user < stack.Length && IsTorch(stack[user].File))
        {
            user++;
        }

        return user;
    }

    /// <summary>Equal for equal frames: two hashes, so that different ones do not meet.</summary>
    private static (int, int) HashOf(ImmutableArray<TraceFrame> stack, int from)
    {
        var (first, second) = (default(HashCode), default(HashCode));
        second.Add(nameof(TraceStacks), StringComparer.Ordinal);
        for (var i = from; i < Math.Min(stack.Length, from + MaxFrames); i++)
        {
            first.Add(stack[i]);
            second.Add(stack[i]);
        }

        return (first.ToHashCode(), second.ToHashCode());
    }

    /// <summary>How many modules below the root are open from a frame outwards.</summary>
    private int ModuleDepth(ImmutableArray<TraceFrame> stack, int from)
    {
        var depth = 0;
        for (var i = Math.Max(1, from); i < stack.Length; i++)
        {
            if (IsModuleCall(stack[i - 1]) && !IsModuleCall(stack[i]) && !IsTracer(stack[i].File))
            {
                depth++;
            }
        }

        return depth;
    }

    private static SourceLocation Locate(TraceFrame frame) => new(frame.File, frame.Line);

    private void FindTorch(ImmutableArray<TraceFrame> stack)
    {
        if (_torch is not null)
        {
            return;
        }

        for (var i = stack.Length - 1; i >= 0; i--)
        {
            if (stack[i].File.EndsWith(TracerFile, StringComparison.Ordinal))
            {
                _torch = stack[i].File[..^"jit/_trace.py".Length];
                return;
            }
        }
    }

    private bool IsTorch(string file) => _torch is not null ? file.StartsWith(_torch, StringComparison.Ordinal) : file.Contains("-packages/torch/", StringComparison.Ordinal);

    private bool IsNnModule(string file) => IsTorch(file) && TorchFiles.IsModule(file);

    private bool IsFunctional(string file) => IsTorch(file) && file.EndsWith("/functional.py", StringComparison.Ordinal);

    private bool IsTracer(string file) => file.EndsWith(TracerFile, StringComparison.Ordinal);

    private bool IsModuleCall(TraceFrame frame) => IsNnModule(frame.File) && frame.File.EndsWith("/module.py", StringComparison.Ordinal) &&
        frame.Function is "_slow_forward" or "_call_impl" or "_wrapped_call_impl" or "__call__";
}
