namespace ModelGuidelines.Formats.Onnx.AfterTools;

/// <summary>The names that the TorchScript-based exporter gives: nodes <c>/layer1/conv/Conv_1</c>, values <c>/layer1/conv/Conv_1_output_0</c>.
/// Tools change nodes' names but seldom values': the form tells, whoever the producer is.</summary>
internal static class ScopeForm
{
    private const string Output = "_output_";

    /// <summary>What quantizers and optimizers append.</summary>
    private static readonly string[] Decorations =
    [
        "_QuantizeLinear_Input", "_QuantizeLinear_Output", "_DequantizeLinear_Output", "_QuantizeLinear", "_DequantizeLinear", "_output_quantized", "_quantized", "_quant", "_nchwc",
    ];

    /// <summary>The name that the exporter gave a node, from the name it has now; null where that has no such form.</summary>
    public static string? Node(string name)
    {
        if (name.StartsWith("fused ", StringComparison.Ordinal))
        {
            name = name["fused ".Length..];
        }

        if (name.Length == 0 || name[0] != '/')
        {
            return null;
        }

        // ONNX Runtime: /fc/MatMul/MatMulAddFusion, /norm/Mul/LayerNormFusion/, .../MatMul_token_4.
        name = Undecorated(name.TrimEnd('/'));
        if (name.LastIndexOf("_token_", StringComparison.Ordinal) is > 0 and var token && name.AsSpan(token + 7).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            name = name[..token];
        }

        var slash = name.LastIndexOf('/');
        if (slash > 0 && name.EndsWith("Fusion", StringComparison.Ordinal))
        {
            name = name[..slash];
            slash = name.LastIndexOf('/');
        }

        return IsOperator(name.AsSpan(slash + 1)) ? name : null;
    }

    /// <summary>The name of the node that computed a value, from the value's name; null where that has no such form.</summary>
    public static string? Producer(string value) => ProducerOf(value) is { IsEmpty: false } name ? name.ToString() : null;

    /// <summary>The same, empty where the value's name has no such form.</summary>
    public static ReadOnlySpan<char> ProducerOf(string value)
    {
        if (value.Length == 0 || value[0] != '/')
        {
            return default;
        }

        value = Undecorated(value);
        var at = value.LastIndexOf(Output, StringComparison.Ordinal);
        return at > 0 && at + Output.Length < value.Length && value.AsSpan(at + Output.Length).IndexOfAnyExceptInRange('0', '9') < 0
            && IsOperator(value.AsSpan(value.LastIndexOf('/', at) + 1, at - value.LastIndexOf('/', at) - 1)) ? value.AsSpan(0, at) : default;
    }

    /// <summary>The operator in a node's name: <c>Conv</c> of <c>/layer1/conv/Conv_1</c>.</summary>
    public static string Operator(string name) => OperatorOf(name).ToString();

    /// <summary>Whether a node's name says that it is that operator.</summary>
    public static bool Names(ReadOnlySpan<char> name, string opType) => OperatorOf(name).SequenceEqual(opType);

    private static ReadOnlySpan<char> OperatorOf(ReadOnlySpan<char> name)
    {
        var last = name[(name.LastIndexOf('/') + 1)..];
        return last.IndexOf('_') is > 0 and var at ? last[..at] : last;
    }

    /// <summary>The number in a node's name, 0 where there is none.</summary>
    public static int Number(string name) =>
        name.LastIndexOf('_') is > 0 and var at && at > name.LastIndexOf('/') && int.TryParse(name.AsSpan(at + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The name without what quantizers and optimizers appended.</summary>
    public static string Undecorated(string name)
    {
        if (name.Length > 0 && char.IsAsciiDigit(name[^1]))
        {
            return name; // no decoration ends so
        }

        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var decoration in Decorations)
            {
                if (name.Length > decoration.Length && name.EndsWith(decoration, StringComparison.Ordinal))
                {
                    name = name[..^decoration.Length];
                    changed = true;
                }
            }
        }

        return name;
    }

    /// <summary>Operators begin with a capital, modules' attributes seldom; a number may follow.</summary>
    private static bool IsOperator(ReadOnlySpan<char> last)
    {
        if (last.Length == 0 || !char.IsAsciiLetterUpper(last[0]))
        {
            return false;
        }

        var at = last.IndexOf('_');
        return at < 0 || (at + 1 < last.Length && last[(at + 1)..].IndexOfAnyExceptInRange('0', '9') < 0);
    }
}
