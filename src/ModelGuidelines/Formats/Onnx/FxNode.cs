using System.Collections.Immutable;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

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

    /// <summary>The innermost frame of the user's code; null where there is none.</summary>
    public PythonFrame? LastOfUser()
    {
        var last = Frames.Length - 1;
        while (last >= 0 && Frames[last].IsTorch)
        {
            last--;
        }

        return last < 0 ? null : Frames[last];
    }

    /// <summary>Matches frames with modules.</summary>
    /// <param name="isWhole">Whether the exporter keeps torch's own frames; before PyTorch 2.8 only the user's are there.</param>
    /// <param name="forwards">A list to work with.</param>
    /// <param name="known">The latest answer of each length: most are equal.</param>
    public void MatchFrames(bool isWhole, List<int> forwards, Dictionary<int, int[]> known)
    {
        var found = Modules.Length <= 64 ? stackalloc int[Modules.Length] : new int[Modules.Length];
        found.Fill(-1);
        Match(isWhole, forwards, found);
        if (!known.TryGetValue(found.Length, out var same) || !found.SequenceEqual(same))
        {
            known[found.Length] = same = found.ToArray();
        }

        CallFrames = same;
    }

    private void Match(bool isWhole, List<int> forwards, Span<int> found)
    {
        forwards.Clear();
        for (var i = 0; i < Frames.Length; i++)
        {
            if (Frames[i].IsForward && !(i > 0 && Frames[i - 1].CallsForwardByName))
            {
                forwards.Add(i);
            }
        }

        var withFrame = Types.Length <= 64 ? stackalloc bool[Types.Length] : new bool[Types.Length];
        var frames = 0;
        for (var m = 0; m < withFrame.Length; m++)
        {
            withFrame[m] = isWhole || !ModuleTypes.IsTorchNn(Types[m]);
            frames += withFrame[m] ? 1 : 0;
        }

        var matches = forwards.Count == frames;
        if (!matches && isWhole)
        {
            return;
        }

        // A module of torch.nn without a frame of its own is called by the frame before the next one inside.
        var next = Frames.Length;
        var isKnown = true;
        for (int m = Modules.Length - 1, f = forwards.Count - 1; m >= 0; m--)
        {
            if (withFrame[m])
            {
                isKnown = matches;
                next = matches ? forwards[f--] : -1;
            }

            found[m] = isKnown ? next : -1;
        }
    }
}

/// <summary>What an FX node took when the program was exported, before ONNX's passes merged and removed values.</summary>
/// <param name="Names">Values and parameters, in order: <c>embedding_4</c>, <c>p_fc_weight</c>.</param>
/// <param name="Constants">The rest of the arguments' text.</param>
internal sealed record FxArguments(ImmutableArray<string> Names, string Constants)
{
    private const int StackCharacters = 1024;
    private static readonly FxArguments None = new([], "");

    /// <summary>Those of the names that are parameters.</summary>
    public ImmutableArray<string> Parameters { get; } = Names.Any(IsParameter) ? Names.All(IsParameter) ? Names : [.. Names.Where(IsParameter)] : [];

    /// <param name="text">Of a node; empty where it has none.</param>
    /// <param name="texts">Of the file.</param>
    /// <summary>Reads the text of a node, <c>%add_3 : [num_users=1] = call_function[target=...](args = (%add_2, %embedding_4), kwargs = {})</c>.</summary>
    public static FxArguments Parse(ReadOnlySpan<char> text, TextPool texts)
    {
        const string Start = "](args = ";
        if (text.IndexOf(Start, StringComparison.Ordinal) is not (>= 0 and var start))
        {
            return None;
        }

        var rest = text[(start + Start.Length)..];
        var names = ImmutableArray.CreateBuilder<string>();
        var constants = rest.Length <= StackCharacters ? stackalloc char[rest.Length] : new char[rest.Length];
        var kept = 0;
        while (rest.IndexOf('%') is >= 0 and var at)
        {
            rest[..(at + 1)].CopyTo(constants[kept..]);
            kept += at + 1;
            rest = rest[(at + 1)..];
            var length = 0;
            while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] == '_'))
            {
                length++;
            }

            names.Add(texts.Get(rest[..length]));
            rest = rest[length..];
        }

        rest.CopyTo(constants[kept..]);
        return new(names.DrainToImmutable(), texts.Get(constants[..(kept + rest.Length)]));
    }

    private static bool IsParameter(string name) => name.StartsWith("p_", StringComparison.Ordinal);
}
