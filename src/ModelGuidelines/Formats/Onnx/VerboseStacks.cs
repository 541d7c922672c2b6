using System.Globalization;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>What <c>verbose=True</c> keeps: each node's Python stack in its doc_string, innermost frame first, <c>/home/me/net.py(28): forward</c>.
/// It tells which function was called, or that torch.nn's own code ran.</summary>
internal static class VerboseStacks
{
    private const int MaximumFrames = 256;

    /// <param name="Function">The function of torch.nn.functional or torch that the user's code called; null where it called an operator or a method.</param>
    /// <param name="IsTorchNn">Whether the code of a module of torch.nn ran it.</param>
    /// <param name="Location">The user's line.</param>
    /// <param name="Forwards">How many of the user's forwards stand in the stack.</param>
    internal sealed record Origin(string? Function, bool IsTorchNn, SourceLocation? Location, int Forwards)
    {
        /// <summary>The scripting line of a node that comes from the same call, for grouping.</summary>
        public (string?, SourceLocation?) Call => (Function, Location);
    }

    /// <summary>Where a node comes from; null where it has no stack.</summary>
    public static Origin? Of(OnnxNode node)
    {
        var text = node.Proto.DocString;
        if (text.Length == 0 || !text.Contains("): ", StringComparison.Ordinal))
        {
            return null;
        }

        string? function = null;
        var forwards = 0;
        SourceLocation? location = null;
        var isTorchNn = false;
        var frames = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (++frames > MaximumFrames || !Frame.Parse(line, out var frame))
            {
                continue;
            }

            var isTorch = frame.File.IndexOf("-packages/torch/", StringComparison.Ordinal) >= 0 || frame.File.IndexOf("/torch/nn/", StringComparison.Ordinal) >= 0 || frame.File.IndexOf("/torch/_", StringComparison.Ordinal) >= 0;
            if (location is null && isTorch)
            {
                if (TorchFiles.IsModule(frame.File.ToString()) && !frame.File.EndsWith("/module.py", StringComparison.Ordinal))
                {
                    isTorchNn = true;
                }
                else if (!isTorchNn && (frame.File.EndsWith("/torch/nn/functional.py", StringComparison.Ordinal) || frame.File.EndsWith("/torch/functional.py", StringComparison.Ordinal)))
                {
                    function = frame.Function.ToString(); // the outermost of them is what was called
                }

                continue;
            }

            if (!isTorch)
            {
                location ??= new(frame.File.ToString(), frame.Line);
                forwards += frame.Function is "forward" ? 1 : 0;
            }
        }

        return frames == 0 || (location is null && !isTorchNn) ? null : new(function is null ? null : OperationTable.Canonical(function.TrimStart('_')), isTorchNn, location, forwards);
    }

    /// <summary>The calls of functions that the stacks of some nodes show, each with its first node. What the user's code called without torch.nn.functional is told by the operator.</summary>
    public static IEnumerable<(string Function, int Node, SourceLocation? Location)> Calls(OnnxFacts facts, List<int> nodes, OnnxWeights weights, ValueRanks ranks)
    {
        var origins = nodes.ConvertAll(n => facts.OriginOf(facts.Nodes[n]));
        var direct = nodes.Where((_, i) => origins[i] is { IsTorchNn: false, Function: null }).ToList();
        var folded = OnnxFunctions.Fold(facts, direct, weights, ranks).ToDictionary(f => f.Node, f => f.Function);
        (string?, SourceLocation?) open = default;
        for (var i = 0; i < nodes.Count; i++)
        {
            if (origins[i] is not { IsTorchNn: false } origin)
            {
                continue;
            }

            facts.NodeLocations[nodes[i]] = origin.Location;
            if (origin.Function is not null && origin.Call != open)
            {
                yield return (origin.Function, nodes[i], origin.Location);
            }
            else if (origin.Function is null && folded.TryGetValue(nodes[i], out var function))
            {
                yield return (function, nodes[i], origin.Location);
            }

            open = origin.Call;
        }
    }

    /// <summary>Adds the functions that the user's code called, where no scopes tell the module.</summary>
    /// <returns>Whether every operator that could be a call has a stack.</returns>
    public static bool AddOperations(OnnxFacts facts, OnnxWeights weights)
    {
        foreach (var (function, node, location) in Calls(facts, [.. Enumerable.Range(0, facts.Nodes.Count)], weights, new(facts, weights)))
        {
            facts.Builder.Operations.Add(new()
            {
                Function = function,
                Module = 0,
                Node = facts.Nodes[node].Name,
                OpType = facts.Nodes[node].OpType,
                Location = location,
                Certainty = Certainty.Likely("the file names no modules: that the root's forward calls it, and not a submodule's, is told from the stack alone"),
            });
        }

        return facts.Nodes.Count > 0 && facts.Nodes.TrueForAll(n => n.OpType is "Constant" or "Identity" or "Cast" or "Shape" or "Unsqueeze" or "Concat" or "Gather" or "Slice" || facts.OriginOf(n) is not null);
    }

    /// <summary>One line of a stack.</summary>
    private readonly ref struct Frame
    {
        /// <summary>With slashes.</summary>
        public ReadOnlySpan<char> File { get; private init; }

        public int Line { get; private init; }

        public ReadOnlySpan<char> Function { get; private init; }

        public static bool Parse(ReadOnlySpan<char> line, out Frame frame)
        {
            frame = default;
            line = line.Trim();
            var close = line.LastIndexOf("): ", StringComparison.Ordinal);
            var open = close < 0 ? -1 : line[..close].LastIndexOf('(');
            if (open <= 0 || !int.TryParse(line[(open + 1)..close], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number <= 0)
            {
                return false;
            }

            var file = line[..open];
            frame = new() { File = file.Contains('\\') ? file.ToString().Replace('\\', '/') : file, Line = number, Function = line[(close + 3)..] };
            return true;
        }
    }
}
