using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Texts that are put together.</summary>
internal static class TextFormat
{
    /// <summary><c>text % values</c>; where a part is not known, a text with that part named.</summary>
    public static Value Percent(string text, Value values, Func<string, UnknownValue> unknown) => BuiltinText.Percent(text, values) ?? (Value)unknown(text);
}
