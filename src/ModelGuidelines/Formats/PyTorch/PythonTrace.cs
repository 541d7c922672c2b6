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
    /// <summary>Whether the frame runs code of torch.nn's own modules.</summary>
    public bool IsTorchModule => File.Replace('\\', '/').Contains("/torch/nn/modules/", StringComparison.Ordinal);

    /// <summary>Whether the frame runs code of torch.nn.functional.</summary>
    public bool IsFunctional => IsIn("torch/nn/functional.py") || IsIn("torch/functional.py");

    /// <summary>Whether the frame runs PyTorch's own code.</summary>
    public bool IsTorch => File.Replace('\\', '/').Contains("-packages/torch/", StringComparison.Ordinal);

    public SourceLocation Location => new(File, Line);

    private bool IsIn(string end) => File.Replace('\\', '/').EndsWith(end, StringComparison.Ordinal);
}

/// <summary>Reads the stack traces that torch.export keeps: <c>File "model.py", line 17, in forward</c>, outermost first.</summary>
internal static class PythonTrace
{
    private const int MaximumFrames = 512;

    public static ImmutableArray<PythonFrame> Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        var frames = ImmutableArray.CreateBuilder<PythonFrame>();
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.TrimStart();
            const string Between = "\", line ";
            if (frames.Count > 0 && frames[^1].Code.Length == 0 && !line.StartsWith("File \"", StringComparison.Ordinal))
            {
                frames[^1] = frames[^1] with { Code = line.TrimEnd().ToString() };
                continue;
            }

            if (!line.StartsWith("File \"", StringComparison.Ordinal) || line[6..].IndexOf(Between, StringComparison.Ordinal) is not (>= 0 and var end))
            {
                continue;
            }

            var rest = line[(6 + end + Between.Length)..];
            var comma = rest.IndexOf(", in ", StringComparison.Ordinal);
            if (comma > 0 && int.TryParse(rest[..comma], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                frames.Add(new(line.Slice(6, end).ToString(), number, rest[(comma + 5)..].TrimEnd().ToString(), ""));
                if (frames.Count == MaximumFrames)
                {
                    break;
                }
            }
        }

        return frames.ToImmutable();
    }
}
