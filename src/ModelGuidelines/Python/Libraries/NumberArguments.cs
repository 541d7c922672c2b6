using System.Collections.Frozen;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Which arguments of a function are numbers, whatever else they might be: sizes, dimensions, scales, counts of rounds.</summary>
/// <remarks>Where one argument alone may be all sizes (<c>torch.zeros(size)</c>), it says nothing; in a tuple or list, or beside others, it is a number.</remarks>
internal static class NumberArguments
{
    private static readonly FrozenSet<string> Sized = ("torch.zeros torch.ones torch.empty torch.rand torch.randn "
        + "torch.Tensor.view torch.Tensor.reshape torch.Tensor.expand torch.Tensor.repeat torch.Tensor.tile torch.Tensor.new_zeros torch.Tensor.new_ones torch.Tensor.new_empty")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Counted = "builtins.range torch.arange torch.eye".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static readonly string[] Keywords = ["dim", "scale_factor", "kernel_size", "stride", "padding", "dilation", "groups", "chunks", "start_dim", "end_dim", "num_classes"];

    /// <summary>Those of a call.</summary>
    public static IEnumerable<Value> Of(string name, CallArguments arguments)
    {
        if (Counted.Contains(name))
        {
            return arguments.Positional;
        }

        if (!name.StartsWith("torch.", StringComparison.Ordinal))
        {
            return [];
        }

        var sizes = Sized.Contains(name) ? arguments.Positional.Skip(name.StartsWith("torch.Tensor.", StringComparison.Ordinal) ? 1 : 0).ToList() : [];
        return [.. sizes.Count > 1 ? sizes : [], .. arguments.All.OfType<SequenceValue>().Where(s => s.Kind is SequenceKind.Tuple or SequenceKind.List && s.Rest is null && Sizes(s, name, arguments)).SelectMany(s => s.Items),
            .. Keywords.Select(arguments.Find).OfType<Value>()];
    }

    /// <summary>Whether a sequence holds sizes: where a function takes them, or where one of its elements is a number that no tensor is.</summary>
    private static bool Sizes(SequenceValue sequence, string name, CallArguments arguments) =>
        Sized.Contains(name) || new[] { "size", "kernel_size", "stride", "padding", "output_size", "normalized_shape" }.Any(k => ReferenceEquals(arguments.Find(k), sequence));
}
