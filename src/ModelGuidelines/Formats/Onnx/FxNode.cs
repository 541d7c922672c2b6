using System.Collections.Immutable;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>One node of the exported program: what one call of an ATen operator became.</summary>
internal sealed class FxNode
{
    /// <summary>As the program numbers it: <c>linear</c>, <c>linear_1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Qualified names from the root to the module that runs it.</summary>
    public required string[] Modules { get; init; }

    public required string[] Types { get; init; }

    public required string Target { get; init; }

    public required ImmutableArray<PythonFrame> Frames { get; init; }

    public required FxArguments Arguments { get; init; }

    /// <summary>Indices of the ONNX nodes that it became.</summary>
    public List<int> Nodes { get; } = [];

    public int[] ModuleIndices { get; set; } = [];

    /// <summary>For each module how many frames stand above its forward: the last of them makes the call. Negative where frames and modules do not match.</summary>
    public int[] CallFrames { get; set; } = [];

    /// <summary>Matches frames with modules.</summary>
    /// <param name="isWhole">Whether the exporter keeps torch's own frames; before PyTorch 2.8 only the user's are there.</param>
    public void MatchFrames(bool isWhole)
    {
        CallFrames = new int[Modules.Length];
        Array.Fill(CallFrames, -1);
        var forwards = new List<int>(Modules.Length);
        for (var i = 0; i < Frames.Length; i++)
        {
            if (Frames[i].IsForward && !(i > 0 && Frames[i - 1].CallsForwardByName))
            {
                forwards.Add(i);
            }
        }

        var withFrame = Array.ConvertAll(Types, t => isWhole || !ModuleTypes.IsTorchNn(t));
        var matches = forwards.Count == withFrame.Count(f => f);
        if (!matches && isWhole)
        {
            return;
        }

        // A module of torch.nn without a frame of its own is called by the frame before the next one inside.
        var next = Frames.Length;
        var known = true;
        for (int m = Modules.Length - 1, f = forwards.Count - 1; m >= 0; m--)
        {
            if (withFrame[m])
            {
                known = matches;
                next = matches ? forwards[f--] : -1;
            }

            CallFrames[m] = known ? next : -1;
        }
    }
}

/// <summary>What an FX node took when the program was exported, before ONNX's passes merged and removed values.</summary>
/// <param name="Names">Values and parameters, in order: <c>embedding_4</c>, <c>p_fc_weight</c>.</param>
/// <param name="Constants">The rest of the arguments' text.</param>
internal sealed record FxArguments(ImmutableArray<string> Names, string Constants)
{
    private static readonly FxArguments None = new([], "");

    /// <summary>Those of the names that are parameters.</summary>
    public ImmutableArray<string> Parameters { get; } = [.. Names.Where(n => n.StartsWith("p_", StringComparison.Ordinal))];

    /// <summary>Reads the text of a node, <c>%add_3 : [num_users=1] = call_function[target=...](args = (%add_2, %embedding_4), kwargs = {})</c>.</summary>
    public static FxArguments Parse(string? text)
    {
        const string Start = "](args = ";
        if (text is null || text.IndexOf(Start, StringComparison.Ordinal) is not (>= 0 and var start))
        {
            return None;
        }

        var rest = text.AsSpan(start + Start.Length);
        var names = ImmutableArray.CreateBuilder<string>();
        var constants = new System.Text.StringBuilder(rest.Length);
        while (rest.IndexOf('%') is >= 0 and var at)
        {
            constants.Append(rest[..(at + 1)]);
            rest = rest[(at + 1)..];
            var length = 0;
            while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] == '_'))
            {
                length++;
            }

            names.Add(rest[..length].ToString());
            rest = rest[length..];
        }

        return new(names.DrainToImmutable(), constants.Append(rest).ToString());
    }
}
