using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Python's own functions and the methods of its own types.</summary>
internal static class Builtins
{
    private static readonly FrozenSet<string> Names = (
        "abs all any bool callable classmethod dict dir divmod enumerate filter float format frozenset getattr globals hasattr hash id int isinstance issubclass iter len list locals map max min next object open " +
        "pow print property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip bytes complex delattr " +
        "Exception ValueError TypeError RuntimeError NotImplementedError KeyError IndexError AttributeError ImportError AssertionError Warning UserWarning DeprecationWarning StopIteration OSError FileNotFoundError ModuleNotFoundError")
        .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public static bool IsBuiltin(string name) => Names.Contains(name);

    public static Value Math(string name, CallArguments arguments)
    {
        var values = arguments.Positional.Select(p => p is ConstantValue { Raw: long or double or bool } c ? Convert.ToDouble(c.Raw, CultureInfo.InvariantCulture) : (double?)null).ToList();
        if (values.Count == 0 || values.Contains(null))
        {
            return ScalarValue.Number;
        }

        var x = values[0]!.Value;
        double? result = name switch
        {
            "sqrt" => System.Math.Sqrt(x),
            "exp" => System.Math.Exp(x),
            "log" => values.Count > 1 ? System.Math.Log(x, values[1]!.Value) : System.Math.Log(x),
            "log2" => System.Math.Log2(x),
            "log10" => System.Math.Log10(x),
            "pow" when values.Count > 1 => System.Math.Pow(x, values[1]!.Value),
            "fabs" => System.Math.Abs(x),
            _ => null,
        };
        if (result is { } real)
        {
            return new ConstantValue(real);
        }

        return name switch
        {
            "ceil" when System.Math.Abs(x) < 1e15 => ConstantValue.Of((long)System.Math.Ceiling(x)),
            "floor" when System.Math.Abs(x) < 1e15 => ConstantValue.Of((long)System.Math.Floor(x)),
            _ => ScalarValue.Number,
        };
    }

    /// <summary><c>text % values</c> with %d and %s.</summary>
    public static Value Percent(string text, Value values)
    {
        var parts = values is SequenceValue { Kind: SequenceKind.Tuple } t ? t.Items : [values];
        var result = new StringBuilder();
        var next = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            switch (text[++i])
            {
                case '%':
                    result.Append('%');
                    break;
                case 'd' or 's' or 'i' when next < parts.Count && parts[next] is ConstantValue c && Interpreter.TextOf(c) is { } known:
                    result.Append(known);
                    next++;
                    break;
                default:
                    return ScalarValue.Text;
            }
        }

        return new ConstantValue(result.ToString());
    }

    public static Value SequenceMethod(Interpreter interpreter, SequenceValue s, string name, CallArguments arguments)
    {
        switch (name)
        {
            case "append" or "add" or "appendleft" when arguments.Positional.Count == 1:
                // Within a loop that is followed once, further elements may follow.
                if (interpreter.IsInUnknownLoop)
                {
                    s.Rest = s.Rest is null ? arguments.Positional[0] : Interpreter.Join([s.Rest, arguments.Positional[0]]);
                }
                else if (name == "appendleft")
                {
                    s.Items.Insert(0, arguments.Positional[0]);
                }
                else
                {
                    s.Items.Add(arguments.Positional[0]);
                }

                return ConstantValue.None;
            case "extend" or "update" when arguments.Positional.Count == 1:
                var (items, rest) = interpreter.Iterate(arguments.Positional[0]);
                s.Items.AddRange(items);
                s.Rest ??= rest;
                return ConstantValue.None;
            case "insert" when arguments.Positional is [ConstantValue { Raw: long at }, var value]:
                s.Items.Insert((int)System.Math.Clamp(at < 0 ? at + s.Items.Count : at, 0, s.Items.Count), value);
                return ConstantValue.None;
            case "pop" or "popleft":
                if (s.Items.Count == 0 || s.Rest is not null)
                {
                    return s.Rest ?? UnknownValue.Instance;
                }

                var index = name == "popleft" ? 0 : arguments.Positional.Count == 0 ? s.Items.Count - 1 : arguments.Positional[0] is ConstantValue { Raw: long i } ? (int)(i < 0 ? i + s.Items.Count : i) : -1;
                if (index < 0 || index >= s.Items.Count)
                {
                    return UnknownValue.Instance;
                }

                var popped = s.Items[index];
                s.Items.RemoveAt(index);
                return popped;
            case "tolist":
                return s;
            case "split" when arguments.Positional is [SequenceValue { Rest: null } sizes] && sizes.Items.TrueForAll(i => i is ConstantValue { Raw: long and >= 0 }):
                var parts = new List<Value>();
                var from = 0;
                foreach (var size in sizes.Items)
                {
                    var count = (int)System.Math.Min((long)((ConstantValue)size).Raw!, s.Items.Count);
                    parts.Add(new SequenceValue(SequenceKind.List, [.. s.Items.Skip(from).Take(count)], s.Rest));
                    from += count;
                }

                return new SequenceValue(SequenceKind.List, parts);
            case "reverse":
                s.Items.Reverse();
                return ConstantValue.None;
            case "copy":
                return new SequenceValue(s.Kind, [.. s.Items], s.Rest);
            case "clear":
                s.Items.Clear();
                s.Rest = null;
                return ConstantValue.None;
            case "index" when arguments.Positional.Count == 1 && s.Rest is null:
                var at2 = s.Items.FindIndex(i => i is ConstantValue a && arguments.Positional[0] is ConstantValue b && Equals(a.Raw, b.Raw));
                return at2 < 0 ? ScalarValue.Number : ConstantValue.Of(at2);
            case "index" or "count" or "numel":
                return ScalarValue.Number;
            case "sort":
                return ConstantValue.None;
            default:
                return UnknownValue.Instance;
        }
    }

    public static Value DictMethod(Interpreter interpreter, DictValue d, string name, CallArguments arguments)
    {
        switch (name)
        {
            case "keys":
                return new SequenceValue(SequenceKind.List, [.. d.Entries.Select(e => e.Key)], d.Rest is null ? null : UnknownValue.Instance);
            case "values":
                return new SequenceValue(SequenceKind.List, [.. d.Entries.Select(e => e.Value)], d.Rest);
            case "items":
                return new SequenceValue(SequenceKind.List, [.. d.Entries.Select(e => SequenceValue.Tuple(e.Key, e.Value))], d.Rest is null ? null : SequenceValue.Tuple(UnknownValue.Instance, d.Rest));
            case "get" when arguments.Positional.Count > 0:
                return d.Find(arguments.Positional[0]) ?? (d.Rest is not null || arguments.Positional[0] is not ConstantValue ? UnknownValue.Instance : arguments.Find(1, "default") ?? ConstantValue.None);
            case "pop" when arguments.Positional.Count > 0:
                return d.Remove(arguments.Positional[0]) ?? (d.Rest is not null ? UnknownValue.Instance : arguments.Find(1, "default") ?? UnknownValue.Instance);
            case "setdefault" when arguments.Positional.Count > 0:
                if (d.Find(arguments.Positional[0]) is { } known)
                {
                    return known;
                }

                var initial = arguments.Find(1, "default") ?? ConstantValue.None;
                d.Set(arguments.Positional[0], initial);
                return initial;
            case "update":
                if (arguments.Positional.Count > 0 && arguments.Positional[0] is DictValue other)
                {
                    other.Entries.ForEach(e => d.Set(e.Key, e.Value));
                    d.Rest ??= other.Rest;
                }
                else if (arguments.Positional.Count > 0)
                {
                    d.Rest ??= UnknownValue.Instance;
                }

                arguments.Named.ForEach(n => d.Set(n.Name, n.Value));
                return ConstantValue.None;
            case "copy":
                return d.Copy();
            case "move_to_end" or "clear":
                return ConstantValue.None;
            default:
                return UnknownValue.Instance;
        }
    }

    public static Value TextMethod(Interpreter interpreter, string text, string name, CallArguments arguments)
    {
        var given = arguments.Positional.Select(p => p is ConstantValue { Raw: string s } ? s : null).ToList();
        switch (name)
        {
            case "lower":
                return new ConstantValue(text.ToLowerInvariant());
            case "upper":
                return new ConstantValue(text.ToUpperInvariant());
            case "strip" when given.Count == 0:
                return new ConstantValue(text.Trim());
            case "startswith" when given is [{ } start]:
                return ConstantValue.Of(text.StartsWith(start, StringComparison.Ordinal));
            case "endswith" when given is [{ } end]:
                return ConstantValue.Of(text.EndsWith(end, StringComparison.Ordinal));
            case "replace" when given is [{ Length: > 0 } old, { } with]:
                return new ConstantValue(text.Replace(old, with, StringComparison.Ordinal));
            case "split" when given is [{ Length: > 0 } by]:
                return SequenceValue.List(text.Split(by).Select(p => new ConstantValue(p)));
            case "split" when given.Count == 0:
                return SequenceValue.List(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(p => new ConstantValue(p)));
            case "join" when arguments.Positional.Count == 1:
                var (parts, rest) = interpreter.Iterate(arguments.Positional[0]);
                return rest is null && parts.All(p => p is ConstantValue { Raw: string }) ? new ConstantValue(string.Join(text, parts.Select(p => ((ConstantValue)p).Raw))) : ScalarValue.Text;
            case "format":
                return Format(text, arguments);
            case "isdigit":
                return ConstantValue.Of(text.Length > 0 && text.All(char.IsAsciiDigit));
            default:
                return ScalarValue.Text;
        }
    }

    private static Value Format(string text, CallArguments arguments)
    {
        var result = new StringBuilder();
        var next = 0;
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
            if (close < 0)
            {
                return ScalarValue.Text;
            }

            var field = text[(i + 1)..close];
            var value = field.Length == 0 ? arguments.Find(next++, "") : int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? arguments.Find(at, "") : arguments.Find(field);
            if (value is not ConstantValue c || Interpreter.TextOf(c) is not { } known)
            {
                return ScalarValue.Text;
            }

            result.Append(known);
            i = close;
        }

        return new ConstantValue(result.ToString());
    }
}
