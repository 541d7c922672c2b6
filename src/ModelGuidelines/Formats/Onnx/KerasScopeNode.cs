using System.Collections.Frozen;
using System.Globalization;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>The name of a node that tf2onnx wrote, taken apart.</summary>
/// <param name="Index">Of the node.</param>
/// <param name="Root">The model's own scope.</param>
/// <param name="Layer">The scopes below it, down to the layer's.</param>
/// <param name="Operation">The operation's name without its number.</param>
/// <param name="IsHelper">Whether tf2onnx made it beside an operation of the model.</param>
internal sealed record KerasScopeNode(int Index, string Root, string[] Layer, string Operation, bool IsHelper)
{
    /// <summary>Scopes that operations open inside a layer.</summary>
    private static readonly FrozenSet<string> OperationScopes = new[]
    {
        "moments", "batchnorm", "embedding_lookup", "Tensordot", "while", "PartitionedCall", "strided_slice", "zeros", "ones", "l2_normalize", "einsum", "Cast", "ReadVariableOp", "BiasAdd", "MatMul", "Conv2D", "GatherV2",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Null when the name has no scopes.</summary>
    public static KerasScopeNode? Parse(OnnxNode node, int index)
    {
        var name = node.Name;
        var isHelper = false;
        if (name.LastIndexOf("__", StringComparison.Ordinal) is > 0 and var at && int.TryParse(name.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            name = name[..at];
            isHelper = true;
        }

        // A SavedModel's signature calls the model as a function, which tf2onnx inlines under the call's name.
        var parts = name.Split('/');
        while (parts.Length > 1 && WithoutNumber(parts[0]) is "StatefulPartitionedCall" or "PartitionedCall")
        {
            parts = parts[1..];
        }

        if (parts.Length < 3)
        {
            return null;
        }

        var end = parts.Length - 1;
        for (var i = 2; i < end; i++)
        {
            if (OperationScopes.Contains(WithoutNumber(parts[i])))
            {
                end = i;
            }
        }

        return new(index, parts[0], parts[1..end], WithoutNumber(parts[^1]), isHelper);
    }

    public static string WithoutNumber(string name) =>
        name.LastIndexOf('_') is > 0 and var at && at < name.Length - 1 && name.AsSpan(at + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..at] : name;
}
