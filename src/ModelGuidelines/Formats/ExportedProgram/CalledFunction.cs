using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Which function a node belongs to a call of.</summary>
/// <param name="Name">By PyTorch's name.</param>
/// <param name="Call">Equal for the nodes of one call.</param>
/// <param name="IsNumbered">Whether the file numbers calls of functions; else every node is a call.</param>
/// <param name="Doubt">Another reading of the node, as a clause; null when there is none.</param>
internal sealed record CalledFunction(string Name, string Call, bool IsNumbered = true, string? Doubt = null)
{
    /// <summary>What wraps a region (no_grad, autocast): nodes that decomposition puts in its place bear its name, and its place in the modules.</summary>
    private const string Wrapper = "wrap_with_";

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

        var parts = target.Split('.');
        var operation = AtenNames.Operator(parts.Length > 1 ? parts[1] : parts[0]);
        if (node.TorchFunction is { } text && !IsOfWrapper(node) && text.IndexOf(';', StringComparison.Ordinal) is var split and > 0)
        {
            // An operator called by its overload (a program exported again): OpOverload.log_softmax.int.
            var called = text[(split + 1)..];
            return called.StartsWith("OpOverload", StringComparison.Ordinal) ? new(operation, text[..split]) : new(Canonical(Last(called, '.')), text[..split]);
        }

        // source_fn_stack, before torch 2.6: name,function joined by ';', innermost last; a method has no dots, a module is torch.nn's.
        if (node.SourceFunctions is { Length: > 0 } sources)
        {
            var innermost = Last(sources, ';');
            var source = Last(innermost, ',').Trim('\'', '>');
            return new(IsModule(source) ? operation : Canonical(Last(source, '.')), innermost);
        }

        var call = node.Name ?? node.Outputs.FirstOrDefault() ?? "";
        return target switch
        {
            "aten.mean.dim" when node.Numbers is [-1, -2] => new("adaptive_avg_pool2d", call, false, "x.mean((-1, -2), keepdim=True) is written alike"),
            "aten.clone.default" when node.Arguments == 1 => new("dropout", call, false, "x.clone() is written alike"),
            _ => new(operation, call, false),
        };
    }

    /// <summary>Whether a node was moved out of a region by decomposition, so that neither its function nor its place in the modules is its own.</summary>
    public static bool IsOfWrapper(ProgramNode node) =>
        node.TorchFunction?.StartsWith(Wrapper, StringComparison.Ordinal) is true && !ShortTarget(node.Target).StartsWith("higher_order.", StringComparison.Ordinal);

    /// <summary>The number of a call of a module, where the tracer called the module as one (Dynamo before it inlined them): <c>l__self___relu_1</c>.</summary>
    public static string? ModuleCall(ProgramNode node) =>
        node.SourceFunctions is { } sources && Last(sources, ';') is var source && source.Contains("l__self__", StringComparison.Ordinal) && IsModule(Last(source, ',')) ? source : null;

    private static bool IsModule(string source) => ModuleTypes.IsTorchNn(source) && !source.StartsWith("torch.nn.functional.", StringComparison.Ordinal);

    /// <summary><c>aten.relu.default</c>.</summary>
    public static string ShortTarget(string target)
    {
        const string Ops = "torch.ops.";
        return target.StartsWith(Ops, StringComparison.Ordinal) ? target[Ops.Length..] : target;
    }

    private static string Canonical(string name) => OperationTable.Canonical(Operators.GetValueOrDefault(name, name));

    private static string Last(string text, char separator) => text[(text.LastIndexOf(separator) + 1)..];
}
