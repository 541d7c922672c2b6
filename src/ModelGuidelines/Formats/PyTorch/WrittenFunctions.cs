using System.Collections.Frozen;
using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.PyTorch;

/// <summary>What a quoted source line says was called, where export has written the function as other operators.</summary>
/// <remarks>Source: torch/_decomp/decompositions.py and torch/_refs/nn/functional of PyTorch 2.1 to 2.14.</remarks>
internal static class WrittenFunctions
{
    /// <summary>Operators that export writes in a function's place.</summary>
    private static readonly FrozenDictionary<string, ImmutableArray<string>> Parts = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
    {
        ["relu6"] = ["hardtanh", "clamp"], ["hardtanh"] = ["clamp"], ["selu"] = ["elu"], ["celu"] = ["elu"], ["rrelu"] = ["leaky_relu"],
        ["max_pool1d"] = ["max_pool2d", "squeeze", "unsqueeze"], ["avg_pool1d"] = ["avg_pool2d", "squeeze", "unsqueeze"],
        ["adaptive_avg_pool1d"] = ["adaptive_avg_pool2d", "avg_pool2d", "mean", "squeeze", "unsqueeze"], ["adaptive_avg_pool2d"] = ["mean", "avg_pool2d"], ["adaptive_avg_pool3d"] = ["mean", "avg_pool3d"],
        ["adaptive_max_pool1d"] = ["adaptive_max_pool2d", "max_pool2d", "squeeze", "unsqueeze"],
        ["silu"] = ["sigmoid", "mul"], ["mish"] = ["softplus", "tanh", "mul"], ["hardswish"] = ["add", "clamp", "mul", "div"], ["hardsigmoid"] = ["add", "clamp", "div"],
        ["softsign"] = ["abs", "add", "div"], ["tanhshrink"] = ["tanh", "sub"], ["softmin"] = ["neg", "softmax"], ["glu"] = ["split", "sigmoid", "mul"],
        ["logsigmoid"] = ["abs", "neg", "exp", "log1p", "sub", "minimum"], ["threshold"] = ["le", "gt", "where"],
        ["linear"] = ["addmm", "matmul", "bmm", "t", "view", "add", "permute"], ["bilinear"] = ["matmul", "bmm", "mul", "sum", "view"],
        ["instance_norm"] = ["batch_norm", "native_batch_norm", "view", "repeat", "mean", "sub", "rsqrt"], ["rms_norm"] = ["pow", "mean", "rsqrt", "mul", "add"],
        ["local_response_norm"] = ["mul", "unsqueeze", "pad", "avg_pool2d", "avg_pool3d", "squeeze", "add", "pow", "div", "view"], ["pixel_shuffle"] = ["view", "permute", "clone"], ["pixel_unshuffle"] = ["view", "permute", "clone"],
        ["cosine_similarity"] = ["norm", "clamp", "clamp_min", "div", "mul", "sum", "expand", "clone"], ["pairwise_distance"] = ["sub", "add", "norm"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The function on the line that may have become that operator; null where the line calls none, or several.</summary>
    /// <param name="code">A line of Python, as a stack quotes it.</param>
    /// <param name="target">The operator that export wrote.</param>
    public static string? Find(string code, string target)
    {
        if (code.Length == 0)
        {
            return null;
        }

        var op = AtenNames.Function(target);
        string? found = null;
        for (var open = code.IndexOf('(', StringComparison.Ordinal); open >= 0; open = code.IndexOf('(', open + 1))
        {
            var start = open;
            while (start > 0 && (char.IsAsciiLetterOrDigit(code[start - 1]) || code[start - 1] == '_'))
            {
                start--;
            }

            // self.relu6(x) calls a module.
            var name = OperationTable.Canonical(code[start..open].TrimStart('_'));
            if (name.Length == 0 || name == found || !Parts.TryGetValue(name, out var parts) || !parts.Contains(op) || code.AsSpan(0, start).EndsWith("self.", StringComparison.Ordinal))
            {
                continue;
            }

            if (found is not null)
            {
                return null;
            }

            found = name;
        }

        return found;
    }
}
