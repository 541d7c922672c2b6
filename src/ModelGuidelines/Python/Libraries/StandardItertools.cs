using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>itertools: iterators made of what others give.</summary>
internal sealed class StandardItertools : PythonLibrary
{
    /// <summary>Elements that a product or a repetition is counted out to.</summary>
    private const int MaxElements = 10_000;

    public override IReadOnlyList<string> Prefixes => ["itertools"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("chain", (c, a) => Chained(c, a.Positional)),
        LibraryRow.Of("chain.from_iterable", (c, a) => a.Positional is [var all] ? Chained(c, Elements.Taken(c, all)) : null),
        LibraryRow.Of("repeat", Repeat),
        LibraryRow.Of("product", (c, a) => Product(c, a)),
        LibraryRow.Of("islice", Slice),
        LibraryRow.Of("pairwise", (c, a) => a.Positional is [var given] && c.Iterate(given) is var row ? SequenceValue.List(row.Zip(row.Skip(1)).Select(p => SequenceValue.Tuple(p.First, p.Second))) : null),
        LibraryRow.Of("zip_longest", Longest),
        LibraryRow.Of("starmap", (c, a) => a.Positional is [var f, var rows] ? Made(c, [rows], (t, _) => c.Call(f, CallArguments.Of([.. c.Iterate(t[0])])), left => SequenceValue.List(c.Iterate(left[0]).Select(r => c.Call(f, CallArguments.Of([.. c.Iterate(r)]))))) : null),
        LibraryRow.Of("cycle", Cycle),
        LibraryRow.Of("count", Count),
        LibraryRow.Of("accumulate", Accumulate),
        LibraryRow.Of("combinations", (c, a) => Chosen(c, a, (n, r) => Subsets(n, r, repeats: false))),
        LibraryRow.Of("combinations_with_replacement", (c, a) => Chosen(c, a, (n, r) => Subsets(n, r, repeats: true))),
        LibraryRow.Of("permutations", (c, a) => Chosen(c, a, Arrangements)),
        LibraryRow.Of("groupby", Grouped),
        LibraryRow.Of("takewhile", (c, a) => a.Positional is [var test, var open] && BuiltinIterators.IsMade(open) ? Made(c, [open], (t, _) => Holds(c, test, t[0]) switch { true => t[0], false => null, null => c.OneOf([t[0], MissingValue.Instance], "an element that may be left out") }, _ => null) : a.Positional is [var f, var given] && Known(c, given) is { } items && Until(c, f, items) is { } end ? Of(items.Take(end)) : null),
        LibraryRow.Of("dropwhile", (c, a) => a.Positional is [var test, var open] && BuiltinIterators.IsMade(open) ? new SequenceValue(SequenceKind.List, []) { Form = SequenceForm.Iterator, EndsWhereEmpty = true, Since = c.Now, Source = new Dropping(c, test, c.Iterator(open)) } : a.Positional is [var f, var given] && Known(c, given) is { } items && Until(c, f, items) is { } end ? Of(items.Skip(end)) : null),
        LibraryRow.Of("filterfalse", (c, a) => a.Positional is [var f, var given] && Known(c, given) is { } items && items.ConvertAll(i => Holds(c, f, i)) is var kept && !kept.Contains(null) ? Of(items.Where((_, i) => kept[i] is false)) : null),
        LibraryRow.Of("compress", (c, a) => a.Positional is [var given, var flags] && Known(c, given) is { } items && Known(c, flags)?.ConvertAll(c.Truth) is { } kept && !kept.Contains(null) ? Of(items.Zip(kept).Where(p => p.Second is true).Select(p => p.First)) : null),
        LibraryRow.Of("tee", (c, a) => a.Positional.FirstOrDefault() is { } given && c.Iterator(given) is var all && (a.Find(1, "n") ?? ConstantValue.Of(2)) is ConstantValue { Raw: long and >= 0 and <= MaxElements and var n } ? Copies(c, all, (int)n) : null),
        LibraryRow.Of("batched", (c, a) => a.Positional is [var given, ConstantValue { Raw: long and > 0 and <= MaxElements and var n }] && Known(c, given) is { } items ? Of(items.Chunk((int)n).Select(p => SequenceValue.Tuple(p))) : null),
    ];

    /// <summary>An iterator over elements that are known.</summary>
    private static SequenceValue Of(IEnumerable<Value> items) => new(SequenceKind.List, [.. items]) { Form = SequenceForm.Iterator, EndsWhereEmpty = true };

    /// <summary>All that something gives, in order; null where that cannot be told.</summary>
    private static List<Value>? Known(ILibraryContext context, Value value) =>
        value is SequenceValue { Rest: not null } or SequenceValue { Order: not null } or UnknownValue or TensorValue ? null : Elements.Taken(context, value) is var items && items.Any(i => i.WhereThere().Missing is not null) ? null : [.. items];

    /// <summary>What makes its elements one by one of several iterators, or all that are left of them.</summary>
    public static SequenceValue Made(ILibraryContext context, IEnumerable<Value> given, Func<IReadOnlyList<Value>, long, Value?> element, Func<IReadOnlyList<SequenceValue>, SequenceValue?> all)
    {
        var from = given.Select(context.Iterator).ToList();
        return new MadeElements(context, from, element, _ => all(from)).Iterator();
    }

    private static SequenceValue Chained(ILibraryContext context, IReadOnlyList<Value> parts)
    {
        if (!parts.Any(BuiltinIterators.IsMade))
        {
            return Chain(context, parts).As(SequenceForm.Iterator);
        }

        var from = parts.Select(context.Iterator).ToList();
        Value? Next(int first)
        {
            for (var i = first; i < from.Count; i++)
            {
                from[i].Fill();
                if (from[i].Made.Count > 0 || from[i].MadeRest is not null)
                {
                    return context.Next(from[i]);
                }
            }

            return null;
        }

        return new MadeElements(context, [], (_, _) => Next(0), _ => Chain(context, from)).Iterator();
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
                result.Items.AddRange(Elements.Taken(context, part));
            }
        }

        return result;
    }

    private static SequenceValue? Repeat(ILibraryContext context, CallArguments arguments) => arguments.Find(0, "object") is not { } item ? null : arguments.Find(1, "times") switch
    {
        null => new MadeElements(context, [], (_, _) => item, _ => SequenceValue.Open(SequenceKind.List, item)).Iterator(),
        ConstantValue { Raw: long and >= 0 and <= MaxElements and var n } => SequenceValue.List(Enumerable.Repeat(item, (int)n)),
        UnknownValue u => new SequenceValue(SequenceKind.List, [item], item) { Length = u },
        _ => null,
    };

    private static SequenceValue? Cycle(ILibraryContext context, CallArguments arguments) =>
        arguments.Positional is not [var given] ? null
        : Known(context, given) is { Count: > 0 } items ? new MadeElements(context, [], (_, at) => items[(int)(at % items.Count)], at => new(SequenceKind.List, [.. items.Skip((int)(at % items.Count)), .. items.Take((int)(at % items.Count))], context.OneOf(items, "an element of the cycle"))).Iterator()
        : context.Iterate(given) is { Count: > 0 } some ? new SequenceValue(SequenceKind.List, [.. some], context.OneOf(some, "an element of the cycle")) : null;

    private static SequenceValue Count(ILibraryContext context, CallArguments arguments)
    {
        var (first, step) = (arguments.Find(0, "start") ?? ConstantValue.Of(0), arguments.Find(1, "step") ?? ConstantValue.Of(1));
        SequenceValue All(Value from) => new(SequenceKind.List, [from], context.Unknown("a count", "counting goes on", UnknownKind.Number));
        return first is ConstantValue { Raw: long start, IsOpen: false } && step is ConstantValue { Raw: long by, IsOpen: false } ? new MadeElements(context, [], (_, at) => ConstantValue.Of(start + (at * by)), at => All(ConstantValue.Of(start + (at * by)))).Iterator() : All(first);
    }

    /// <summary>A part by numbers; of an iterator no more is taken than it gives.</summary>
    private static Value? Slice(ILibraryContext context, CallArguments arguments)
    {
        long? Bound(int at, long otherwise) => arguments.Positional.ElementAtOrDefault(at) switch { null or ConstantValue { IsNone: true } => otherwise, ConstantValue { Raw: long and >= 0 and var n, IsOpen: false } => n, _ => null };
        var hasStart = arguments.Positional.Count > 2;
        if (arguments.Positional.Count < 2 || Bound(hasStart ? 1 : 9, 0) is not { } start || Bound(hasStart ? 2 : 1, long.MaxValue) is not { } stop || Bound(3, 1) is not ({ } step and > 0))
        {
            return arguments.Positional.FirstOrDefault();
        }

        var from = context.Iterator(arguments.Positional[0]);
        SequenceValue All(long at) => new(SequenceKind.List, [.. start <= at && step == 1 ? from.Items.Take((int)Math.Min(int.MaxValue, stop - at)) : from.Items], from.Rest) { Length = from.Length };
        return new MadeElements(context, [from], (taken, at) => at < start || (at - start) % step != 0 ? MissingValue.Instance : taken[0], All) { Count = stop }.Iterator();
    }

    private static SequenceValue? Product(ILibraryContext context, CallArguments arguments)
    {
        var times = arguments.Find("repeat") switch { null => 1L, ConstantValue { Raw: long and >= 0 and <= 64 and var n } => n, _ => -1 };
        var rows = arguments.Positional.ConvertAll(r => Known(context, r));
        if (times < 0 || rows.Contains(null))
        {
            return null;
        }

        IEnumerable<IEnumerable<Value>> all = [[]];
        var count = 1L;
        foreach (var row in Enumerable.Repeat(rows, (int)times).SelectMany(r => r))
        {
            count *= row!.Count;
            if (count > MaxElements)
            {
                return null;
            }

            all = all.SelectMany(a => row.Select(i => a.Append(i)));
        }

        return Of(all.Select(a => SequenceValue.Tuple([.. a])));
    }

    private static SequenceValue? Longest(ILibraryContext context, CallArguments arguments)
    {
        var rows = arguments.Positional.ConvertAll(r => Known(context, r));
        if (rows.Count == 0 || rows.Contains(null))
        {
            return context.Call(new ExternalValue("builtins.zip"), CallArguments.Of([.. arguments.Positional])) as SequenceValue;
        }

        var fill = arguments.Find("fillvalue") ?? ConstantValue.None;
        return Of(Enumerable.Range(0, rows.Max(r => r!.Count)).Select(i => (Value)SequenceValue.Tuple([.. rows.Select(r => i < r!.Count ? r[i] : fill)])));
    }

    private static SequenceValue? Accumulate(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "iterable") is not { } given || Known(context, given) is not { } items)
        {
            return null;
        }

        var function = arguments.Find(1, "func") is { } f and not ConstantValue { IsNone: true } ? f : new ExternalValue("operator.add");
        var initial = arguments.Find("initial") is { } begin and not ConstantValue { IsNone: true } ? begin : null;
        var result = new List<Value>();
        foreach (var item in initial is null ? items : items.Prepend(initial))
        {
            result.Add(result.Count == 0 ? item : context.Call(function, CallArguments.Of(result[^1], item)));
        }

        return Of(result);
    }

    private static SequenceValue? Chosen(ILibraryContext context, CallArguments arguments, Func<int, int, IEnumerable<int[]>> choose)
    {
        if (arguments.Find(0, "iterable") is not { } given)
        {
            return null;
        }

        if (given is SequenceValue { Growth: not null } || Known(context, given) is not { } items)
        {
            return arguments.Find(1, "r") is ConstantValue { Raw: long and > 0 and <= 16 and var size } ? ChosenOfMany(context, given, (int)size) : null;
        }

        if ((arguments.Find(1, "r") ?? ConstantValue.Of(items.Count)) is not ConstantValue { Raw: long and >= 0 and <= 16 and var r })
        {
            return null;
        }

        var chosen = choose(items.Count, (int)r).Take(MaxElements + 1).ToList();
        return chosen.Count > MaxElements ? null : Of(chosen.Select(c => SequenceValue.Tuple([.. c.Select(i => items[i])])));
    }

    /// <summary>Of an unknown number of elements: a choice that begins with the first, and those that begin with it or a later one.</summary>
    private static SequenceValue? ChosenOfMany(ILibraryContext context, Value given, int size)
    {
        var there = Elements.Taken(context, given).Select(i => i.WhereThere().Value ?? i).ToList();
        if (there.Count == 0)
        {
            return null;
        }

        var (first, later) = (there[0], there[^1]);
        SequenceValue Row(Value head) => SequenceValue.Tuple([head, .. Enumerable.Repeat(later, size - 1)]);
        return new SequenceValue(SequenceKind.List, [Row(first)], context.OneOf([Row(first), Row(later)], "a choice of elements"))
        {
            Length = context.Unknown($"len({context.Name[(context.Name.LastIndexOf('.') + 1)..]}(...))", "how many choices there are is not known", UnknownKind.Number),
            Form = SequenceForm.Iterator,
        };
    }

    private static IEnumerable<int[]> Subsets(int count, int size, bool repeats, int first = 0) =>
        size == 0 ? [[]] : Enumerable.Range(first, count - first).SelectMany(i => Subsets(count, size - 1, repeats, repeats ? i : i + 1).Select(s => (int[])[i, .. s]));

    private static IEnumerable<int[]> Arrangements(int count, int size) =>
        size == 0 ? [[]] : Arrangements(count, size - 1).SelectMany(s => Enumerable.Range(0, count).Where(i => !s.Contains(i)).Select(i => (int[])[.. s, i]));

    /// <summary>Neighbours of equal keys.</summary>
    private static SequenceValue? Grouped(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "iterable") is not { } given || Known(context, given) is not { } items)
        {
            return null;
        }

        var key = arguments.Find(1, "key");
        var groups = new List<(Value Key, List<Value> Items)>();
        foreach (var item in items)
        {
            var own = key is null or ConstantValue { IsNone: true } ? item : context.Call(key, CallArguments.Of(item));
            var isSame = groups.Count > 0 ? context.AreEqual(groups[^1].Key, own) : false;
            if (isSame is null)
            {
                return null;
            }

            if (isSame is true)
            {
                groups[^1].Items.Add(item);
            }
            else
            {
                groups.Add((own, [item]));
            }
        }

        return Of(groups.Select(g => (Value)SequenceValue.Tuple(g.Key, Of(g.Items))));
    }

    /// <summary>Leaves out what a test holds for until it first does not.</summary>
    private sealed class Dropping(ILibraryContext context, Value test, SequenceValue from) : ElementSource
    {
        public override void Advance(SequenceValue iterator)
        {
            context.Change(iterator);
            iterator.Source = null;
            while (context.Next(from) is { } item)
            {
                switch (StandardItertools.Holds(context, test, item))
                {
                    case false:
                        iterator.Source = new MadeElements(context, [from], (taken, _) => taken[0], _ => new(SequenceKind.List, [.. from.Items], from.Rest));
                        iterator.Made.Add(item);
                        return;
                    case null:
                        iterator.Rest = context.Unknown("an element", "from where on elements are taken cannot be told");
                        return;
                }
            }

            if (from is not { Source: null, Made.Count: 0, MadeRest: null })
            {
                iterator.Rest = context.Unknown("an element", "from where on elements are taken cannot be told");
            }
        }

        public override void Settle(SequenceValue iterator)
        {
            Advance(iterator);
            iterator.Settle();
        }
    }

    private static bool? Holds(ILibraryContext context, Value test, Value item) => context.Truth(test is ConstantValue { IsNone: true } ? item : context.Call(test, CallArguments.Of(item)));

    /// <summary>How many elements the test holds for before it first does not; null where that cannot be told.</summary>
    private static int? Until(ILibraryContext context, Value test, List<Value> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            switch (Holds(context, test, items[i]))
            {
                case null:
                    return null;
                case false:
                    return i;
            }
        }

        return items.Count;
    }

    private static SequenceValue Copies(ILibraryContext context, SequenceValue all, int count)
    {
        var copies = Enumerable.Range(0, count).Select(_ => (Value)new SequenceValue(SequenceKind.List, [.. all.Items], all.Rest) { Form = SequenceForm.Iterator, Length = all.Length, Order = all.Order, EndsWhereEmpty = all.EndsWhereEmpty }).ToArray();
        Elements.Taken(context, all);
        return SequenceValue.Tuple(copies);
    }
}
