using System.Globalization;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The module for a call of <c>pad</c>, whose class follows from the mode and from how many dimensions are padded.</summary>
internal static class Padding
{
    /// <summary>What <c>pad</c> is for this call; as it was when its arguments are not all written out.</summary>
    public static OperationInfo Of(CallExpression call, OperationInfo info)
    {
        var sizes = Argument(call, "pad", 1) switch
        {
            TupleExpression t => t.Elements,
            ListExpression l => l.Elements,
            _ => [],
        };
        if (sizes.Length is not (2 or 4 or 6) || call.Arguments.Any(a => a.Stars > 0))
        {
            return info;
        }

        var isConstant = true;
        string? family = "ConstantPad";
        if (Argument(call, "mode", 2) is { } mode)
        {
            family = (mode as StringExpression)?.Value switch { "constant" => family, "reflect" => "ReflectionPad", "replicate" => "ReplicationPad", _ => null };
            isConstant = family == "ConstantPad";
        }

        return family is null || (!isConstant && Argument(call, "value", 3) is not null) ? info : info with
        {
            ModuleClass = string.Create(CultureInfo.InvariantCulture, $"torch.nn.{family}{sizes.Length / 2}d"),
            Parameters = ["input", "pad", "mode", "value"],
            ConstructorParameters = ["pad", "mode", "value"],
        };
    }

    /// <summary>The constructor's arguments as the classes name and want them.</summary>
    public static string Constructor(CallExpression call, OperationInfo info, PythonFile file)
    {
        var padding = file.TextOf(Argument(call, "pad", 1)!);
        return !info.ModuleClass!.Contains("Constant", StringComparison.Ordinal) ? padding.ToString() : $"{padding}, {(Argument(call, "value", 3) is { } value ? file.TextOf(value) : "0.0")}";
    }

    private static Expression? Argument(CallExpression call, string name, int position) =>
        call.Arguments.FirstOrDefault(a => a.Name == name)?.Value ?? (call.Arguments.Length > position && call.Arguments.Take(position + 1).All(a => a.Name is null) ? call.Arguments[position].Value : null);
}
