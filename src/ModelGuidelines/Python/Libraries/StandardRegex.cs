using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>re: computed where pattern and text are known; configurations are often written in texts that a pattern takes apart.</summary>
/// <remarks>Patterns run in time linear in the text; those that cannot (back references, lookaround) are not computed.</remarks>
internal sealed class StandardRegex : PythonLibrary
{
    private const int MaxPattern = 1_000;
    private const int MaxText = 20_000;
    private const int MaxCompiled = 64;
    private const string Groups = "_groups";
    private readonly ConcurrentDictionary<(string Text, bool IsWhole), Regex?> _compiled = new();
    private const string Functions = "match fullmatch search split findall finditer sub";

    public override IReadOnlyList<string> Prefixes => ["re"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For(Functions, Returns.Unknown).Select(r => r with { Function = (c, a) => a.Find(0, "pattern") is { } pattern ? Run(c, r.Name, pattern, [.. a.Positional.Skip(1)], a) : null }),
        LibraryRow.Of("escape", (_, a) => a.Positional is [ConstantValue { Peek: string text }] ? ConstantValue.Of(Regex.Escape(text)) : null, Returns.Text),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("Match", ClassKind.Plain)
        {
            Output = Returns.Unknown,
            Methods = [.. LibraryRow.For("start end span", Returns.Unknown)],
            Functions = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
            {
                ["group"] = (c, o, a) => a.Positional.Count == 0 ? GroupOf(c, o, ConstantValue.Of(0)) : a.Positional is [var one] ? GroupOf(c, o, one) : SequenceValue.Tuple([.. a.Positional.Select(p => GroupOf(c, o, p))]),
                ["groups"] = (_, o, _) => SequenceValue.Tuple([.. All(o).Entries.Where(e => e.Key is ConstantValue { Raw: long and > 0 }).Select(e => e.Value)]),
                ["groupdict"] = (_, o, _) => Named(o),
            },
        },
        new("compile", ClassKind.Plain)
        {
            Output = Returns.Unknown,
            Parameters = "pattern flags=0",
            Functions = Functions.Split(' ').ToDictionary(
                n => n, n => (LibraryMethod<ObjectValue>)((c, o, a) => o.Attributes.Find("flags") is ConstantValue { Raw: 0L } && o.Attributes.Find("pattern") is { } pattern ? Run(c, n, pattern, a.Positional, a) : null), StringComparer.Ordinal),
        },
    ];

    private static DictValue All(ObjectValue match) => (DictValue)match.Attributes.Find(Groups)!;

    private static Value GroupOf(ILibraryContext context, ObjectValue match, Value key) => All(match).Find(key) ?? context.Unknown("a group", "the pattern has no such group");

    private static DictValue Named(ObjectValue match)
    {
        var result = new DictValue();
        foreach (var (key, value) in All(match).Entries.Where(e => e.Key is ConstantValue { Peek: string }))
        {
            result.Set(key, value);
        }

        return result;
    }

    private Value? Run(ILibraryContext context, string function, Value pattern, IReadOnlyList<Value> given, CallArguments arguments)
    {
        var replacement = function is "sub" ? given.Count > 0 ? given[0] : null : ConstantValue.Of("");
        var rest = function is "sub" ? [.. given.Skip(1)] : given;
        if (rest is not [ConstantValue { Peek: string { Length: <= MaxText } text }] || arguments.Named.Count > 0 || replacement is not ConstantValue { Peek: string with } || Compiled(pattern, function is "fullmatch") is not { } regex)
        {
            return null;
        }

        switch (function)
        {
            case "match":
                return Match(context, regex, regex.Match(text) is { Success: true, Index: 0 } m ? m : null);
            case "fullmatch":
                return Match(context, regex, regex.Match(text) is { Success: true, Index: 0 } f ? f : null);
            case "search":
                return Match(context, regex, regex.Match(text) is { Success: true } s ? s : null);
            case "split":
                return SequenceValue.List(regex.Split(text).Select(ConstantValue.Of));
            case "findall" when regex.GetGroupNumbers().Length == 1:
                return SequenceValue.List(regex.Matches(text).Select(m => ConstantValue.Of(m.Value)));
            case "findall":
                return SequenceValue.List(regex.Matches(text).Select(m => m.Groups.Count == 2 ? (Value)ConstantValue.Of(m.Groups[1].Value) : SequenceValue.Tuple([.. m.Groups.Cast<Group>().Skip(1).Select(g => ConstantValue.Of(g.Value))])));
            case "finditer":
                return SequenceValue.List(regex.Matches(text).Select(m => Match(context, regex, m)));
            case "sub" when !with.Contains('\\', StringComparison.Ordinal) && (long)text.Length * Math.Max(1, with.Length) < 100_000:
                return ConstantValue.Of(regex.Replace(text, with.Replace("$", "$$", StringComparison.Ordinal)));
            default:
                return null;
        }
    }

    private static Value Match(ILibraryContext context, Regex regex, Match? match)
    {
        if (match is null)
        {
            return ConstantValue.None;
        }

        var groups = new DictValue();
        foreach (var name in regex.GetGroupNames())
        {
            var value = match.Groups[name] is { Success: true } g ? ConstantValue.Of(g.Value) : ConstantValue.None;
            groups.Set(ConstantValue.Of(regex.GroupNumberFromName(name)), value);
            if (!char.IsAsciiDigit(name[0]))
            {
                groups.Set(name, value);
            }
        }

        var result = context.NewObject("re.Match", new());
        context.SetAttribute(result, Groups, groups);
        return result;
    }

    private Regex? Compiled(Value pattern, bool isWhole)
    {
        var written = pattern is ObjectValue { ExternalType: "re.compile" } o ? o.Attributes.Find("pattern") : pattern;
        if (written is not ConstantValue { Peek: string { Length: <= MaxPattern } text })
        {
            return null;
        }

        // Making one takes far longer than using it.
        if (!_compiled.TryGetValue((text, isWhole), out var known))
        {
            known = Compile(text, isWhole);
            if (_compiled.Count < MaxCompiled)
            {
                _compiled.TryAdd((text, isWhole), known);
            }
        }

        return known;
    }

    private static Regex? Compile(string text, bool isWhole)
    {
        try
        {
            text = isWhole ? $@"(?:{text})\z" : text;
            var regex = new Regex(text.Replace("(?P<", "(?<", StringComparison.Ordinal).Replace(@"\Z", @"\z", StringComparison.Ordinal), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);

            // .NET numbers named groups behind the others, Python in their order.
            var names = regex.GetGroupNames();
            return names.Skip(1).Any(n => !char.IsAsciiDigit(n[0])) && names.Skip(1).Any(n => char.IsAsciiDigit(n[0])) ? null : regex;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
