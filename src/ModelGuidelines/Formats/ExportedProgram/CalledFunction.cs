using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Which function a node belongs to a call of.</summary>
/// <param name="Name">By PyTorch's name.</param>
/// <param name="Call">Equal for the nodes of one call.</param>
internal sealed record CalledFunction(string Name, string Call)
{
    /// <summary>Python's operators, as torch_fn names them.</summary>
    private static readonly Dictionary<string, string> Operators = new(StringComparer.Ordinal)
    {
        ["__getitem__"] = "getitem", ["__setitem__"] = "copy", ["__and__"] = "bitwise_and", ["__or__"] = "bitwise_or", ["__invert__"] = "bitwise_not", ["__xor__"] = "bitwise_xor",
        ["__eq__"] = "equal", ["__ne__"] = "not_equal", ["__lt__"] = "less", ["__gt__"] = "greater", ["__le__"] = "less_equal", ["__ge__"] = "greater_equal",
        ["__rsub__"] = "sub", ["__rdiv__"] = "div", ["__rtruediv__"] = "div", ["__truediv__"] = "div", ["__rfloordiv__"] = "floor_divide", ["__floordiv__"] = "floor_divide",
        ["__pow__"] = "pow", ["__rpow__"] = "pow", ["__rmatmul__"] = "matmul", ["__matmul__"] = "matmul", ["__add__"] = "add", ["__radd__"] = "add", ["__iadd__"] = "add",
        ["__sub__"] = "sub", ["__isub__"] = "sub", ["__mul__"] = "mul", ["__rmul__"] = "mul", ["__imul__"] = "mul", ["__idiv__"] = "div", ["__itruediv__"] = "div", ["__mod__"] = "remainder",
        ["__neg__"] = "neg", ["__abs__"] = "abs",
    };

    /// <summary>The function behind a node; null for nodes that no call of the user's makes: quantizers, assertions, arithmetic on sizes.</summary>
    public static CalledFunction? Of(ProgramNode node)
    {
        var target = ShortTarget(node.Target);
        if (node.Target.StartsWith("_operator.", StringComparison.Ordinal) || node.Target.StartsWith("math.", StringComparison.Ordinal)
            || target.StartsWith("higher_order.", StringComparison.Ordinal) || target.StartsWith("quantized_decomposed.", StringComparison.Ordinal)
            || target.Contains("sym_", StringComparison.Ordinal) || target.Contains("_assert_", StringComparison.Ordinal))
        {
            return null;
        }

        if (node.TorchFunction is { } text && text.IndexOf(';', StringComparison.Ordinal) is var split and > 0)
        {
            var name = Last(text[(split + 1)..], '.');
            if (name is not ("default" or "Tensor" or "Scalar"))
            {
                return new(Canonical(name), text[..split]);
            }
        }

        // source_fn_stack, before torch 2.6: name,function joined by ';', innermost last.
        if (node.SourceFunctions is { } sources && Last(Last(sources, ';'), ',') is var source && source.Contains('.', StringComparison.Ordinal) && !ModuleTypes.IsTorchNn(source))
        {
            return new(Canonical(Last(source.Trim('\'', '>'), '.')), Last(sources, ';'));
        }

        var parts = target.Split('.');
        var operation = parts.Length > 1 ? parts[1] : parts[0];
        return new(AtenNames.Operator(operation), node.Name ?? node.Outputs.FirstOrDefault() ?? "");
    }

    /// <summary><c>aten.relu.default</c>.</summary>
    public static string ShortTarget(string target)
    {
        const string Ops = "torch.ops.";
        return target.StartsWith(Ops, StringComparison.Ordinal) ? target[Ops.Length..] : target;
    }

    private static string Canonical(string name) => OperationTable.Canonical(Operators.GetValueOrDefault(name, name));

    private static string Last(string text, char separator) => text[(text.LastIndexOf(separator) + 1)..];
}
