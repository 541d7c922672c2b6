using System.Text;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Texts that are put together.</content>
internal sealed partial class Evaluator
{
    private Value Formatted(FormattedStringExpression e, Scope scope)
    {
        var text = new StringBuilder();
        var isKnown = true;
        var unknown = new List<Value>();
        foreach (var part in e.Parts)
        {
            if (part is StringExpression s)
            {
                text.Append(s.Value);
            }
            else if (part is FormattedValueExpression field)
            {
                var value = Evaluate(field.Value, scope);
                var spec = field.Format is null ? "" : Evaluate(field.Format, scope) is ConstantValue { Peek: string written } ? written : null;
                if ((spec, field.Conversion, value) is ("", null, ConstantValue constant) && Text.Of(constant) is { } known)
                {
                    text.Append(known);
                }
                else if (spec is not null && TextFormat.Written(value, spec, field.Conversion) is { } formatted)
                {
                    text.Append(formatted);
                }
                else
                {
                    isKnown = false;
                    unknown.Add(value);
                    text.Append('{').Append(value is UnknownValue u ? u.Text : field.Text).Append('}');
                }
            }
        }

        return isKnown && text.Length < MaxMade ? Made(text.ToString()) : _texts.Get(text.ToString(), scope.At(e.Start), unknown);
    }

    private readonly UnknownTexts _texts = new();

    private readonly Dictionary<string, List<string>> _unknownNames = new(StringComparer.Ordinal);

    /// <summary>The name of a child that was registered under a name that cannot be told. Names that are written alike and are read from other things are others.</summary>
    internal string UnknownName(UnknownValue name)
    {
        var text = name.Text.Trim('"');
        var others = _unknownNames.TryGetValue(text, out var known) ? known : _unknownNames[text] = [];
        var at = others.IndexOf(name.Identity);
        if (at < 0)
        {
            at = others.Count;
            others.Add(name.Identity);
        }

        return at == 0 ? $"<{text}>" : FormattableString.Invariant($"<{text}#{at + 1}>");
    }

    private const int MaxMade = 100_000;

    /// <summary>A text costs by its length: code that piles up texts ends as any that needs too many steps.</summary>
    private ConstantValue Made(string text)
    {
        _steps += text.Length >> 6;
        return ConstantValue.Of(text);
    }

    /// <summary>Texts with unknown parts: those of equal parts are one symbol, so a name that is built twice in the same way is the same name.</summary>
    private sealed class UnknownTexts
    {
        private const int MaxLength = 2_000;
        private readonly Dictionary<string, UnknownValue> _known = new(StringComparer.Ordinal);
        private int _long;

        public UnknownValue Get(string text, Place place, IReadOnlyList<Value>? parts = null)
        {
            // Texts of texts grow with every round of a loop; beyond any name's length each is a symbol of its own.
            if (text.Length > MaxLength)
            {
                return new(FormattableString.Invariant($"\"{text[..120]}...\" ({++_long})"), "a part of the text is not known", place, UnknownKind.Text);
            }

            var key = parts is null ? text : $"{text}\0{string.Join('\0', parts.Select(Identity))}";
            if (!_known.TryGetValue(key, out var value))
            {
                value = new($"\"{text}\"", "a part of the text is not known", place, UnknownKind.Text) { Parts = parts ?? [], Identity = key, IsNeverEmpty = parts is not null && IsNeverEmpty(text, parts) };
                if (_known.Count < 10_000)
                {
                    _known.Add(key, value);
                }
            }

            return value;
        }

        /// <summary>Whether something stands beside the parts that are not known, or one of them is a number.</summary>
        private static bool IsNeverEmpty(string text, IReadOnlyList<Value> parts)
        {
            foreach (var part in parts)
            {
                if (part is UnknownValue { Kind: UnknownKind.Number } or UnknownValue { IsNeverEmpty: true } or ConstantValue { Peek: long or double or bool })
                {
                    return true;
                }

                var shown = part is UnknownValue unknown ? $"{{{unknown.Text}}}" : null;
                var at = shown is null ? -1 : text.IndexOf(shown, StringComparison.Ordinal);
                if (at < 0)
                {
                    return false; // how it is written is not known
                }

                text = text.Remove(at, shown!.Length);
            }

            return text.Length > 0;
        }

        /// <summary>Whether what is known of a text holds another, whatever stands between.</summary>
        public static bool IsWritten(UnknownValue text, string sought)
        {
            var known = text.Text;
            foreach (var part in text.Parts)
            {
                var shown = part is UnknownValue unknown ? $"{{{unknown.Text}}}" : null;
                var at = shown is null ? -1 : known.IndexOf(shown, StringComparison.Ordinal);
                if (at < 0)
                {
                    return false; // how it is written is not known
                }

                known = $"{known[..at]}\0{known[(at + shown!.Length)..]}";
            }

            return known.Length > 2 && known[1..^1].Contains(sought, StringComparison.Ordinal);
        }

        private static string Identity(Value part) => part switch
        {
            UnknownValue u => u.Identity,
            ConstantValue { IsOpen: false } c => Text.Of(c) ?? "",
            ConstantValue { Peek: long } open => OpenKey(open),
            _ => "",
        };
    }
}
