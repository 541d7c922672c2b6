using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Texts that are put together: what stands in them as Python writes it.</summary>
internal static partial class TextFormat
{
    private const int MaxWidth = 200;

    /// <summary><c>text % values</c>; where a part is not known, a text with that part named.</summary>
    /// <param name="text">With <c>%d</c>, <c>%02d</c>, <c>%s</c> and the like.</param>
    /// <param name="values">One value, or a tuple of them.</param>
    /// <param name="unknown">A text of which parts are not known.</param>
    public static Value Percent(string text, Value values, Func<string, IReadOnlyList<Value>, UnknownValue> unknown)
    {
        List<Value> given = values is SequenceValue { Kind: SequenceKind.Tuple, Rest: null } t ? t.Items : [values];
        var (result, parts, next, end) = (new StringBuilder(), new List<Value>(), 0, 0);
        foreach (Match field in PercentField().Matches(text))
        {
            result.Append(text, end, field.Index - end);
            end = field.Index + field.Length;
            if (field.Value == "%%")
            {
                result.Append('%');
                continue;
            }

            if (next >= given.Count || values is DictValue || !field.Groups["type"].Success || field.Groups["flags"].ValueSpan.IndexOfAny(' ', '#') >= 0)
            {
                return unknown(text, given);
            }

            var value = given[next++];
            var (flags, type) = (field.Groups["flags"].Value, field.Groups["type"].Value);
            var spec = (flags.Contains('-', StringComparison.Ordinal) ? "<" : type is "s" or "r" ? ">" : "") + (flags.Contains('+', StringComparison.Ordinal) ? "+" : "") + (flags.Contains('0', StringComparison.Ordinal) && !flags.Contains('-', StringComparison.Ordinal) && type is not ("s" or "r") ? "0" : "")
                + field.Groups["width"].Value + field.Groups["precision"].Value + (type is "s" or "r" ? "" : type is "i" or "u" ? "d" : type);
            Append(result, parts, value, spec, type is "r" ? 'r' : type is "s" ? 's' : null);
        }

        result.Append(text, end, text.Length - end);
        return parts.Count == 0 ? ConstantValue.Of(result.ToString()) : unknown(result.ToString(), parts);
    }

    /// <summary><c>text.format(...)</c>; null where a field asks for more than a value.</summary>
    public static Value? Format(string text, CallArguments arguments, Func<string, IReadOnlyList<Value>, UnknownValue> unknown)
    {
        var (result, parts, next) = (new StringBuilder(), new List<Value>(), 1); // behind the text itself
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '{' or '}' && i + 1 < text.Length && text[i + 1] == text[i])
            {
                result.Append(text[i++]);
                continue;
            }

            if (text[i] != '{')
            {
                result.Append(text[i]);
                continue;
            }

            var close = text.IndexOf('}', i);
            if (close < 0 || Field().Match(text[(i + 1)..close]) is not { Success: true } field)
            {
                return null;
            }

            var name = field.Groups["name"].Value;
            var value = name.Length == 0 ? arguments.Find(next++, "") : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < 1000 ? arguments.Find(at + 1, "") : arguments.Find(name);
            if (value is null)
            {
                return null;
            }

            Append(result, parts, value, field.Groups["spec"].Value, field.Groups["conversion"] is { Success: true } conversion ? conversion.Value[0] : null);
            i = close;
        }

        return parts.Count == 0 ? ConstantValue.Of(result.ToString()) : unknown(result.ToString(), parts);
    }

    private static void Append(StringBuilder result, List<Value> parts, Value value, string spec, char? conversion)
    {
        if (Written(value, spec, conversion) is { } known)
        {
            result.Append(known);
            return;
        }

        parts.Add(value);
        result.Append('{').Append(value is UnknownValue u ? u.Text : "i").Append('}');
    }

    /// <summary>A constant as a format writes it; null for what is not known, or not written the same here.</summary>
    /// <param name="value">The value.</param>
    /// <param name="spec">What stands behind the colon: <c>02d</c>.</param>
    /// <param name="conversion">What stands behind the exclamation mark.</param>
    public static string? Written(Value value, string spec, char? conversion)
    {
        if (value is not ConstantValue { IsOpen: false } constant || SpecField().Match(spec) is not { Success: true } field)
        {
            return null;
        }

        var type = field.Groups["type"].Value;
        var precision = field.Groups["precision"] is { Success: true } p ? int.Parse(p.Value, CultureInfo.InvariantCulture) : -1;
        var raw = constant.Raw;
        if (raw is bool b && (type.Length > 0 || spec.Length > 0))
        {
            raw = b ? 1L : 0L;
        }

        string? text;
        var isNumber = false;
        switch (raw)
        {
            case string s when type is "" or "s":
                text = conversion is 'r' or 'a' ? s.All(c => c is >= ' ' and < (char)127 and not '\'' and not '\\') ? $"'{s}'" : null : precision >= 0 && precision < s.Length ? s[..precision] : s;
                break;
            case long i when conversion is not null || type is "" or "d":
                (text, isNumber) = (i.ToString(field.Groups["comma"].Success ? "#,0" : "0", CultureInfo.InvariantCulture), conversion is null);
                break;
            case long i when type is "x" or "X" && i >= 0:
                (text, isNumber) = (i.ToString(type, CultureInfo.InvariantCulture), true);
                break;
            case long i when type is "f" or "F":
                (text, isNumber) = (((decimal)i).ToString(Decimals(precision), CultureInfo.InvariantCulture), true);
                break;
            case double x when type is "f" or "F" && !IsBetween(x, precision):
                (text, isNumber) = (x.ToString(Decimals(precision), CultureInfo.InvariantCulture), true);
                break;
            case double when spec.Length == 0:
            case bool or null when spec.Length == 0:
                text = Evaluation.Text.Of(constant);
                break;
            default:
                return null;
        }

        if (text is null || !field.Groups["width"].Success)
        {
            return field.Groups["sign"].Success && text is not null && isNumber && text[0] != '-' ? "+" + text : text;
        }

        if (field.Groups["sign"].Success && isNumber && text[0] != '-')
        {
            text = "+" + text;
        }

        var width = int.Parse(field.Groups["width"].Value, CultureInfo.InvariantCulture);
        if (width > MaxWidth)
        {
            return null;
        }

        var isZero = field.Groups["zero"].Success && !field.Groups["align"].Success;
        var fill = field.Groups["fill"] is { Success: true } given ? given.Value[0] : field.Groups["zero"].Success ? '0' : ' ';
        return (field.Groups["align"].Success ? field.Groups["align"].Value : isNumber ? isZero ? "=" : ">" : "<") switch
        {
            ">" => text.PadLeft(width, fill),
            "<" => text.PadRight(width, fill),
            "^" => text.PadLeft(text.Length + (Math.Max(0, width - text.Length) / 2), fill).PadRight(width, fill),
            _ => text[0] is '-' or '+' ? text[0] + text[1..].PadLeft(width - 1, fill) : text.PadLeft(width, fill),
        };
    }

    /// <summary>Just between two numbers of so many digits: Python takes the even one.</summary>
    private static bool IsBetween(double number, int precision) => Math.Abs((number * Math.Pow(10, precision < 0 ? 6 : precision)) % 1) == 0.5;

    private static string Decimals(int precision) => string.Create(CultureInfo.InvariantCulture, $"F{(precision < 0 ? 6 : precision)}");

    // Each goes through its text once: on a busy machine a time would end what costs nothing.
    [GeneratedRegex("%%|%(?<flags>[-+ 0#]*)(?<width>[0-9]{0,3})(?<precision>(?:\\.[0-9]{1,2})?)(?<type>[disrfFxXu])|%", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex PercentField();

    [GeneratedRegex("^(?<name>[A-Za-z0-9_]*)(!(?<conversion>[rsa]))?(:(?<spec>[^{}]*))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Field();

    [GeneratedRegex("^((?<fill>.)?(?<align>[<>=^]))?(?<sign>[+])?(?<zero>0)?(?<width>[0-9]{1,3})?(?<comma>,)?(\\.(?<precision>[0-9]{1,2}))?(?<type>[sdfFxX]?)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex SpecField();
}
