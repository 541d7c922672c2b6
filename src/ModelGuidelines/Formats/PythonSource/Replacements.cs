using System.Globalization;
using System.Text;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>The module that replaces a call, with the call's arguments: <c>torch.nn.LeakyReLU(0.1)</c>.</summary>
internal static class Replacements
{
    /// <summary>Null when an argument is not known, or the class is not built from the call's arguments.</summary>
    public static string? For(string function, CallArguments arguments)
    {
        if (OperationTable.Find(function) is not { Category: OperationCategory.Module, IsConstructible: true, ModuleClass: { } type } info || arguments.HasUnknown)
        {
            return null;
        }

        var text = new StringBuilder(type).Append('(');
        var isPositional = true;
        var first = true;
        foreach (var name in info.ConstructorParameters)
        {
            var position = info.Parameters.IndexOf(name);
            if (arguments.Find(position, name) is not { } value)
            {
                isPositional = false;
                continue;
            }

            if (TextOf(value, 0) is not { } written)
            {
                return null;
            }

            text.Append(first ? "" : ", ");
            if (!isPositional)
            {
                text.Append(name).Append('=');
            }

            text.Append(written);
            first = false;
        }

        return text.Append(')').ToString();
    }

    /// <summary>As Python source.</summary>
    private static string? TextOf(Value value, int depth) => value switch
    {
        ConstantValue { Peek: string s } => s.AsSpan().IndexOfAny('"', '\\', '\n') >= 0 ? null : $"\"{s}\"",
        ConstantValue { Raw: double d } when double.IsFinite(d) => d == Math.Floor(d) && Math.Abs(d) < 1e15 ? d.ToString("0.0", CultureInfo.InvariantCulture) : d.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal),
        ConstantValue { Raw: not double } c => BuiltinText.Written(c),
        SequenceValue { Rest: null, Kind: SequenceKind.Tuple or SequenceKind.List, Items.Count: > 0 and < 16 } s when depth < 4 && s.Items.ConvertAll(i => TextOf(i, depth + 1)) is var parts && !parts.Contains(null) =>
            s.Kind is SequenceKind.List ? $"[{string.Join(", ", parts)}]" : parts.Count == 1 ? $"({parts[0]},)" : $"({string.Join(", ", parts)})",
        _ => null,
    };
}
