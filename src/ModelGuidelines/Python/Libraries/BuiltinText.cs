using System.Globalization;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Methods of texts: computed where the text is known, else some text, list of texts or answer.</summary>
internal sealed class BuiltinText : PythonLibrary
{
    private const string Texts =
        "capitalize casefold center expandtabs format format_map join ljust lower lstrip removeprefix removesuffix replace rjust rstrip strip swapcase title translate upper zfill decode hex";

    /// <summary>Whether nothing but texts has such a method: what it is called on is one, or acts like one.</summary>
    public static bool IsOnlyOfTexts(string method) => method is "lower" or "upper" or "casefold" or "strip" or "lstrip" or "rstrip" or "startswith" or "endswith" or "removeprefix" or "removesuffix" or "isdigit" or "capitalize";

    public override IReadOnlyList<string> Prefixes => ["builtins.str"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. Known(Texts, Returns.Text),
        .. Known("endswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isspace istitle isupper startswith __contains__", Returns.Boolean),
        .. Known("count find index rfind rindex __len__", Returns.Number),
        .. Known("split rsplit splitlines partition rpartition encode", Returns.Unknown),
    ];

    private static IEnumerable<LibraryRow> Known(string names, Returns otherwise) => LibraryRow.For(names, otherwise).Select(r => r with { Function = (c, a) => Compute(c, r.Name, a) });

    private static Value? Compute(ILibraryContext context, string name, CallArguments arguments)
    {
        if (arguments.Positional is not [ConstantValue { Peek: string text }, ..] || arguments.HasUnknown)
        {
            return null;
        }

        var given = arguments.Positional.Skip(1).Select(p => p is ConstantValue { Peek: string s } ? s : null).ToList();
        return name switch
        {
            "lower" or "casefold" => ConstantValue.Of(text.ToLowerInvariant()),
            "upper" => ConstantValue.Of(text.ToUpperInvariant()),
            "capitalize" when text.Length > 0 => ConstantValue.Of(char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant()),
            "title" => ConstantValue.Of(CultureInfo.InvariantCulture.TextInfo.ToTitleCase(text.ToLowerInvariant())),
            "strip" when given.Count == 0 => ConstantValue.Of(text.Trim()),
            "lstrip" when given.Count == 0 => ConstantValue.Of(text.TrimStart()),
            "rstrip" when given.Count == 0 => ConstantValue.Of(text.TrimEnd()),
            "strip" when given is [{ } chars] => ConstantValue.Of(text.Trim(chars.ToCharArray())),
            "lstrip" when given is [{ } chars] => ConstantValue.Of(text.TrimStart(chars.ToCharArray())),
            "rstrip" when given is [{ } chars] => ConstantValue.Of(text.TrimEnd(chars.ToCharArray())),
            "removeprefix" when given is [{ } start] => ConstantValue.Of(text.StartsWith(start, StringComparison.Ordinal) ? text[start.Length..] : text),
            "removesuffix" when given is [{ } end] => ConstantValue.Of(text.EndsWith(end, StringComparison.Ordinal) ? text[..^end.Length] : text),
            "startswith" => Starts(context, arguments, (t, part) => t.StartsWith(part, StringComparison.Ordinal)),
            "endswith" => Starts(context, arguments, (t, part) => t.EndsWith(part, StringComparison.Ordinal)),
            "__contains__" when given is [{ } part] => ConstantValue.Of(text.Contains(part, StringComparison.Ordinal)),
            "isdigit" or "isdecimal" or "isnumeric" => ConstantValue.Of(text.Length > 0 && text.All(char.IsAsciiDigit)),
            "isidentifier" => ConstantValue.Of(text.Length > 0 && !char.IsDigit(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c == '_')),
            "islower" => ConstantValue.Of(text.Any(char.IsLower) && !text.Any(char.IsUpper)),
            "isupper" => ConstantValue.Of(text.Any(char.IsUpper) && !text.Any(char.IsLower)),
            "__len__" => ConstantValue.Of(text.Length),
            "count" when given is [{ Length: > 0 } part] => ConstantValue.Of(text.Split(part).Length - 1),
            "find" or "index" when given is [{ } part] => ConstantValue.Of(text.IndexOf(part, StringComparison.Ordinal)),
            "rfind" or "rindex" when given is [{ } part] => ConstantValue.Of(text.LastIndexOf(part, StringComparison.Ordinal)),
            "replace" when given is [{ Length: > 0 } old, { } with] && (long)text.Length * Math.Max(1, with.Length) < 100_000 => ConstantValue.Of(text.Replace(old, with, StringComparison.Ordinal)),
            "split" or "rsplit" when given.Count == 0 && arguments.Named.Count == 0 => List(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            "split" when given is [{ Length: > 0 } by] && arguments.Named.Count == 0 => List(text.Split(by)),
            "split" when arguments.Positional is [_, ConstantValue { Peek: string { Length: > 0 } by }, ConstantValue { Raw: long and >= 0 and < 1000 and var most }] => List(text.Split(by, (int)most + 1)),
            "rsplit" when arguments.Positional is [_, ConstantValue { Peek: string { Length: > 0 } by }, ConstantValue { Raw: 1L }] =>
                text.LastIndexOf(by, StringComparison.Ordinal) is >= 0 and var at ? List([text[..at], text[(at + by.Length)..]]) : List([text]),
            "splitlines" => List(text.Split('\n')),
            "partition" when given is [{ Length: > 0 } by] => text.IndexOf(by, StringComparison.Ordinal) is >= 0 and var at
                ? SequenceValue.Tuple([.. new[] { text[..at], by, text[(at + by.Length)..] }.Select(ConstantValue.Of)]) : SequenceValue.Tuple([.. new[] { text, "", "" }.Select(ConstantValue.Of)]),
            "rpartition" when given is [{ Length: > 0 } by] => text.LastIndexOf(by, StringComparison.Ordinal) is >= 0 and var at
                ? SequenceValue.Tuple([.. new[] { text[..at], by, text[(at + by.Length)..] }.Select(ConstantValue.Of)]) : SequenceValue.Tuple([.. new[] { "", "", text }.Select(ConstantValue.Of)]),
            "join" when arguments.Positional.Count == 2 => Join(context, text, arguments.Positional[1]),
            "format" => TextFormat.Format(text, arguments, context.Text),
            "zfill" when arguments.Positional is [_, ConstantValue { Raw: long and >= 0 and < 100 and var width }] => ConstantValue.Of(text.PadLeft((int)width, '0')),
            _ => null,
        };
    }

    /// <summary>A constant as Python writes it in a text; null for what is not written the same in both.</summary>
    public static string? Written(Value value) => value switch
    {
        ConstantValue { IsOpen: true } => null,
        ConstantValue { Peek: string s } => s,
        ConstantValue { Raw: long i } => i.ToString(CultureInfo.InvariantCulture),
        ConstantValue { Peek: bool b } => b ? "True" : "False",
        ConstantValue { Peek: null } => "None",
        _ => null,
    };

    /// <summary>A method of an object as Python writes it: the class that has it, its name, and the object, of which is not known how it is written. Null for anything else.</summary>
    public static UnknownValue? OfMethod(ILibraryContext context, Value value) => value is BoundValue { Function: FunctionValue { Owner: { } owner } method }
        ? context.Text($"<bound method {owner.Name}.{method.Name} of {{object}}>", [new UnknownValue("object", "how an object is written is not known", method.Place)]) : null;

    private static SequenceValue List(IEnumerable<string> texts) => SequenceValue.List(texts.Take(10_000).Select(ConstantValue.Of));

    private static ConstantValue? Starts(ILibraryContext context, CallArguments arguments, Func<string, string, bool> test)
    {
        var text = (string)((ConstantValue)arguments.Positional[0]).Raw!;
        var parts = arguments.Positional is [_, SequenceValue { Rest: null } several] ? several.Items : arguments.Positional.Count == 2 ? [arguments.Positional[1]] : [];
        return parts.Count > 0 && parts.All(p => p is ConstantValue { Peek: string }) ? ConstantValue.Of(parts.Any(p => test(text, (string)((ConstantValue)p).Raw!))) : null;
    }

    private static Value? Join(ILibraryContext context, string by, Value values)
    {
        var parts = values is SequenceValue { Rest: not null } or UnknownValue ? null : context.Iterate(values);
        return parts is not { Count: < 10_000 } || !parts.All(p => p is ConstantValue { Peek: string } or UnknownValue) ? null
            : parts.All(p => p is ConstantValue) ? ConstantValue.Of(string.Join(by, parts.Select(p => (string)((ConstantValue)p).Raw!)))
            : context.Text(string.Join(by, parts.Select(p => p is UnknownValue u ? $"{{{u.Text}}}" : (string)((ConstantValue)p).Raw!)), [.. parts.Where(p => p is UnknownValue)]);
    }
}
