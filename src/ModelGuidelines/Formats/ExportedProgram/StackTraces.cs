using ModelGuidelines.Formats.PyTorch;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>The stack traces of one program: nodes that one line of code makes have one.</summary>
internal sealed class StackTraces
{
    private readonly PythonTrace _frames = new();
    private readonly Dictionary<PythonFrame, StackTrace> _byLast = new(ReferenceEqualityComparer.Instance);

    public StackTrace Parse(ReadOnlySpan<char> text)
    {
        var frames = _frames.Parse(text);
        return frames.IsEmpty ? StackTrace.None
            : _byLast.TryGetValue(frames[^1], out var known) && known.IsOf(frames) ? known
            : _byLast[frames[^1]] = StackTrace.Of(frames);
    }
}
