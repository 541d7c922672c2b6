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
    private readonly string _file = File.Replace('\\', '/');

    public bool IsForward => Function is "forward";

    /// <summary>Whether the frame runs code of torch.nn's own modules.</summary>
    public bool IsTorchModule => TorchFiles.IsModule(_file);

    /// <summary>Whether a helper of torch.nn's own makes the call: its frame is not kept, only the line that calls it.</summary>
    public bool CallsTorchHelper => Code.Contains("._conv_forward(", StringComparison.Ordinal);

    /// <summary>Whether the next forward can be one of the same module, or of a module that was not called as one:
    /// <c>super().forward(x)</c> and <c>self.fc.forward(x)</c> enter no module.</summary>
    public bool CallsForwardByName => Code.Contains(".forward(", StringComparison.Ordinal);

    /// <summary>Whether the frame runs code of torch.nn.functional.</summary>
    public bool IsFunctional => IsIn("torch/nn/functional.py") || IsIn("torch/functional.py");

    /// <summary>Whether the frame runs PyTorch's own code.</summary>
    public bool IsTorch => IsTorchModule || IsGenerated || _file.Contains("-packages/torch/", StringComparison.Ordinal);

    /// <summary>Whether the code was made at run time: <c>&lt;eval_with_key&gt;.5</c>.</summary>
    public bool IsGenerated => _file.StartsWith('<');

    public SourceLocation Location => new(File, Line);

    private bool IsIn(string end) => _file.EndsWith(end, StringComparison.Ordinal);
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
            var line = raw.Trim();
            if (ParseHeader(line) is { } frame)
            {
                if (frames.Count == MaximumFrames)
                {
                    break;
                }

                frames.Add(frame);
            }
            else if (line.Length > 0 && frames.Count > 0 && frames[^1].Code.Length == 0)
            {
                frames[^1] = frames[^1] with { Code = line.ToString() };
            }
        }

        return frames.ToImmutable();
    }

    /// <summary><c>File "/a/model.py", line 3, in forward</c>; the function may be missing.</summary>
    private static PythonFrame? ParseHeader(ReadOnlySpan<char> line)
    {
        const string Open = "File \"";
        const string Middle = "\", line ";
        const string In = ", in ";
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
        if (!int.TryParse(digits < 0 ? rest : rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
        {
            return null;
        }

        var function = digits >= 0 && rest[digits..].StartsWith(In, StringComparison.Ordinal) ? rest[(digits + In.Length)..].Trim().ToString() : "";
        return new(line[..middle].ToString(), number, function, "");
    }
}
