using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>collections, itertools and copy: what they build of what they are given.</summary>
internal sealed class StandardCollections : PythonLibrary
{
    /// <summary>Elements that a product or a repetition is counted out to.</summary>
    private const int MaxElements = 10_000;

    public override IReadOnlyList<string> Prefixes => [""];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["typing.OrderedDict"] = "collections.OrderedDict",
        ["typing.DefaultDict"] = "collections.defaultdict",
        ["typing.Deque"] = "collections.deque",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("collections.OrderedDict", (c, a) => c.Call(new ExternalValue("builtins.dict"), a)),
        LibraryRow.Of("collections.defaultdict", (c, a) => new DictValue { Factory = a.Find(0, "default_factory") }),
        LibraryRow.Of("collections.Counter", (c, _) => new DictValue { Rest = c.Unknown("a count", "counts are not followed", UnknownKind.Number) }),
        LibraryRow.Of("collections.deque", (c, a) => SequenceValue.List(a.Find(0, "iterable") is { } given ? c.Iterate(given) : [])),
        LibraryRow.Of("collections.namedtuple", NamedTuple),
        .. LibraryRow.For("collections.ChainMap collections.UserDict collections.UserList", Returns.Unknown),

        LibraryRow.Of("itertools.chain", (c, a) => Chain(c, a.Positional).As(SequenceForm.Iterator)),
        LibraryRow.Of("itertools.chain.from_iterable", (c, a) => a.Positional is [var all] ? Chain(c, Elements.Taken(c, all)).As(SequenceForm.Iterator) : null),
        LibraryRow.Of("itertools.repeat", (c, a) => a.Find(0, "object") is not { } item ? null : a.Find(1, "times") switch
        {
            null => SequenceValue.Open(SequenceKind.List, item),
            ConstantValue { Raw: long and >= 0 and <= MaxElements and var n } => SequenceValue.List(Enumerable.Repeat(item, (int)n)),
            UnknownValue u => new SequenceValue(SequenceKind.List, [item], item) { Length = u },
            _ => null,
        }) with { Computes = true },
        LibraryRow.Of("itertools.product", (c, a) => a.Find("repeat") is null ? Product(c, a.Positional) : null) with { Computes = true },
        .. new[] { "combinations", "permutations", "combinations_with_replacement" }.Select(n => LibraryRow.Of("itertools." + n, (c, a) => Chosen(c, n, a.Find(0, "iterable"), a.Find(1, "r")) is { } s ? s.As(SequenceForm.Iterator) : null)),
        LibraryRow.Of("itertools.islice", (c, a) => a.Positional is [SequenceValue s, ConstantValue { Raw: long and >= 0 and var n }] && n <= s.Items.Count ? First(c, s, (int)n) : a.Positional.FirstOrDefault()),
        LibraryRow.Of("itertools.pairwise", (c, a) => a.Positional is [var given] && c.Iterate(given) is var row ? SequenceValue.List(row.Zip(row.Skip(1)).Select(p => SequenceValue.Tuple(p.First, p.Second))) : null),
        LibraryRow.Of("itertools.zip_longest", (c, a) => c.Call(new ExternalValue("builtins.zip"), CallArguments.Of([.. a.Positional]))),
        LibraryRow.Of("itertools.starmap", (c, a) => a.Positional is [var f, var rows] ? SequenceValue.List(c.Iterate(rows).Select(r => c.Call(f, CallArguments.Of([.. c.Iterate(r)])))) : null),
        LibraryRow.Of("itertools.cycle", (c, a) => a.Positional is [var given] && c.Iterate(given) is { Count: > 0 } items ? new SequenceValue(SequenceKind.List, [.. items], c.OneOf(items, "an element of the cycle")) : null),
        LibraryRow.Of("itertools.count", (c, a) => new SequenceValue(SequenceKind.List, [a.Find(0, "start") ?? ConstantValue.Of(0)], c.Unknown("a count", "counting goes on", UnknownKind.Number))),
        .. LibraryRow.For("itertools.accumulate itertools.groupby itertools.takewhile itertools.dropwhile itertools.tee itertools.compress itertools.filterfalse itertools.batched", Returns.Unknown),

        LibraryRow.Of("copy.deepcopy", (c, a) => a.Positional is [var value, ..] ? c.Copy(value) : null),
        LibraryRow.Of("copy.copy", (c, a) => a.Positional is [var value] ? value switch { SequenceValue s => new SequenceValue(s.Kind, [.. s.Items], s.Rest) { Length = s.Length }, DictValue d => d.Copy(), _ => c.ShallowCopy(value) } : null),
        LibraryRow.Of("copy.replace", (c, a) => a.Positional is [var value] ? c.Copy(value) : null),
    ];

    /// <summary>A class with such fields, as <c>namedtuple</c> makes it.</summary>
    public static Value? NamedTuple(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "typename") is not ConstantValue { Peek: string name } || (arguments.Find(1, "field_names") ?? arguments.Find("fields")) is not { } given || context.Place.Module is not { } module)
        {
            return null;
        }

        var definition = new ClassDefinition(context.Place.Offset, context.Place.Offset, name, [], [], [], []);
        var type = new ClassValue(name, [new ExternalValue("typing.NamedTuple")], definition, module) { Kind = ClassKind.NamedTuple, ExternalBase = "typing.NamedTuple" };
        IEnumerable<Value> fields = given is ConstantValue { Peek: string text } ? text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(ConstantValue.Of) : context.Iterate(given);
        foreach (var field in fields)
        {
            // typing.NamedTuple's fields are pairs of name and type.
            if ((field is SequenceValue { Items: [var first, ..] } ? first : field) is ConstantValue { Peek: string fieldName })
            {
                type.Fields.Add(fieldName);
            }
        }

        return type;
    }

    /// <summary>The first so many; of an iterator they are taken.</summary>
    private static SequenceValue First(ILibraryContext context, SequenceValue from, int count)
    {
        var first = SequenceValue.List(from.Items.Take(count)).As(SequenceForm.Iterator);
        if (from.Form is SequenceForm.Iterator)
        {
            context.Change(from);
            from.Items = [.. from.Items.Skip(count)];
        }

        return first;
    }

    private static SequenceValue Chain(ILibraryContext context, IEnumerable<Value> parts)
    {
        var result = new SequenceValue(SequenceKind.List, []);
        foreach (var part in parts)
        {
            if (part is SequenceValue { Rest: { } rest } open)
            {
                result.Items.AddRange(open.Items);
                result.Rest ??= rest;
                result.Length ??= open.Length;
            }
            else
            {
                result.Items.AddRange(context.Iterate(part));
            }
        }

        return result;
    }

    /// <summary>So many elements at a time, in every order or in one: of a known number of elements each choice, of an unknown number the first and those that begin with the first or a later one.</summary>
    private static SequenceValue? Chosen(ILibraryContext context, string kind, Value? from, Value? size)
    {
        if (from is null || size is not ConstantValue { Raw: long and > 0 and <= MaxChosen and var count })
        {
            return null;
        }

        var items = context.Iterate(from);
        var isKnown = from is SequenceValue { Rest: null, Growth: null } && !items.Any(i => i.WhereThere().Missing is not null);
        if (!isKnown)
        {
            var there = items.Select(i => i.WhereThere().Value ?? i).ToList();
            if (there.Count == 0)
            {
                return null;
            }

            var (first, later) = (there[0], there[^1]);
            Value Row(Value head) => SequenceValue.Tuple([head, .. Enumerable.Repeat(later, (int)count - 1)]);
            return new SequenceValue(SequenceKind.List, [Row(first)], context.OneOf([Row(first), Row(later)], "a choice of elements"))
            {
                Length = context.Unknown($"len({kind}(...))", "how many choices there are is not known", UnknownKind.Number),
            };
        }

        var rows = new List<Value>();
        var places = new int[count];
        bool Add(int at, int start)
        {
            if (at == count)
            {
                rows.Add(SequenceValue.Tuple([.. places.Select(p => items[p])]));
                return rows.Count <= MaxElements;
            }

            for (var i = kind is "permutations" ? 0 : start; i < items.Count; i++)
            {
                if (kind is not "permutations" || Array.IndexOf(places, i, 0, at) < 0)
                {
                    places[at] = i;
                    if (!Add(at + 1, kind is "combinations" ? i + 1 : i))
                    {
                        return false;
                    }
                }
            }

            return true;
        }

        return Add(0, 0) ? SequenceValue.List(rows) : null;
    }

    /// <summary>Elements of one choice.</summary>
    private const int MaxChosen = 4;

    private static SequenceValue? Product(ILibraryContext context, List<Value> rows)
    {
        IEnumerable<IEnumerable<Value>> all = [[]];
        var count = 1L;
        foreach (var row in rows)
        {
            var items = context.Iterate(row);
            count *= items.Count;
            if (count > MaxElements || items.Any(i => i.WhereThere().Missing is not null))
            {
                return null;
            }

            all = all.SelectMany(a => items.Select(i => a.Append(i)));
        }

        return SequenceValue.List(all.Select(a => SequenceValue.Tuple([.. a])));
    }
}
