using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Python's own functions that walk over what they are given, as far as they are asked for.</summary>
internal sealed class BuiltinIterators : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["builtins"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("enumerate", (c, a) => a.Find(0, "iterable") is { } value ? IsMade(value) && a.Find(1, "start") is null or ConstantValue { Raw: long, IsOpen: false } ? Numbered(c, value, a.Find(1, "start")) : Enumerated(c, Elements.Taken(c, value), a.Find(1, "start")).As(SequenceForm.Iterator) : null),
        LibraryRow.Of("zip", (c, a) => a.Positional.Exists(IsMade) ? StandardItertools.Made(c, a.Positional, (taken, _) => SequenceValue.Tuple([.. taken]), left => Zip(c, CallArguments.Of([.. left]))) : Zip(c, a).As(SequenceForm.Iterator)),
        LibraryRow.Of("iter", (c, a) => a.Positional is [ObjectValue { Class: { } type } o] && type.Find("__iter__") is not null ? c.Call(c.Attribute(o, "__iter__"), new()) : a.Positional is [SequenceValue or DictValue or ObjectValue { IsModule: true }] ? c.Iterator(a.Positional[0]) : a.Positional is [var called, var end] ? Called(c, called, end) : BuiltinFunctions.Listed(c, a, SequenceKind.List)?.As(SequenceForm.Iterator)),
        LibraryRow.Of("map", (c, a) => a.Positional is [var f, .. { Count: > 0 } given] ? StandardItertools.Made(c, given, (taken, _) => c.Call(f, CallArguments.Of([.. taken])), left => Map(c, CallArguments.Of([f, .. left]))) : null),
        LibraryRow.Of("filter", (c, a) => a.Positional is [var f, var given] ? StandardItertools.Made(c, [given], (taken, _) => Kept(c, f, taken[0]), left => Filter(c, CallArguments.Of(f, left[0]))) : null),
        LibraryRow.Of("next", Next),
        .. new[] { "any", "all" }.Select(n => LibraryRow.Of(n, AnyAll, Returns.Boolean)),
    ];

    private static SequenceValue Enumerated(ILibraryContext context, IReadOnlyList<Value> items, Value? start)
    {
        var first = start switch { null => 0L, ConstantValue { Raw: long s, IsOpen: false } => s, _ => (long?)null };
        var result = new SequenceValue(SequenceKind.List, []);
        var shared = items.Select(i => i.WhereThere().Missing).OfType<Condition>().GroupBy(m => m).Where(g => g.Skip(1).Any()).Select(g => g.Key).ToHashSet();
        var (isSure, isBehindOpen) = (true, false);
        for (var i = 0; i < items.Count; i++)
        {
            var (there, missing) = items[i].WhereThere();
            if (there is null)
            {
                continue;
            }

            // One that stands for all later ones has one of their places, and what follows stands where those end; several that are there together, as where a known list is as long, have one each.
            var isOpen = missing is not null && i > 0 && !shared.Contains(missing) && ((isSure && i == items.Count - 1) || context.IsLater(items[i]));
            Value index = first is not { } from ? context.Unknown("the index", "where counting begins is not known", UnknownKind.Number)
                : isBehindOpen ? context.Unknown("the index", "how many elements stand before it is not known", UnknownKind.Number)
                : isOpen ? new ConstantValue(from + i) { IsOpen = true, Stride = 1, Count = [] } : new ConstantValue(from + i);
            (isSure, isBehindOpen) = (isSure && missing is null, isBehindOpen || isOpen);
            result.Items.Add(missing is null ? SequenceValue.Tuple(index, there) : Elements.Sometimes(context, SequenceValue.Tuple(index, there), missing));
        }

        return result;
    }

    private static SequenceValue Zip(ILibraryContext context, CallArguments arguments)
    {
        var rows = Given(context, arguments.Positional);
        var result = new SequenceValue(SequenceKind.List, []);
        for (var i = 0; rows.Count > 0 && i < rows.Max(r => r.Count); i++)
        {
            var parts = new List<Value>();
            Condition? missing = null;
            foreach (var row in rows)
            {
                // An open row goes on with its last element as long as the others do; but not with a module, which would seem to be called again.
                if (i >= row.Count && !(row.Count > 0 && row[^1].WhereThere() is { Missing: not null, Value: { } last } && !context.HoldsModule(last)))
                {
                    return result;
                }

                var (there, gone) = row[Math.Min(i, row.Count - 1)].WhereThere();
                if (there is null)
                {
                    return result;
                }

                parts.Add(i >= row.Count && there is UnknownValue symbol ? symbol.Derive($"later {i}", symbol.Text, symbol.Kind) : there);
                missing = gone is null ? missing : missing?.Or(gone) ?? gone;
            }

            var tuple = SequenceValue.Tuple([.. parts]);
            result.Items.Add(missing is null ? tuple : Elements.Sometimes(context, tuple, missing));
        }

        return result;
    }

    /// <summary>What each gives; of one iterator that is given several times each gets every so manyth: <c>zip(*[iter(layers)] * 2)</c>.</summary>
    private static List<List<Value>> Given(ILibraryContext context, List<Value> given)
    {
        var all = new Dictionary<Value, List<Value>>(ReferenceEqualityComparer.Instance);
        var rows = new List<List<Value>>();
        for (var i = 0; i < given.Count; i++)
        {
            if (!all.TryGetValue(given[i], out var items))
            {
                all[given[i]] = items = [.. Elements.ByPosition(context, Elements.Taken(context, given[i]))];
            }

            var times = given[i] is SequenceValue { Form: SequenceForm.Iterator } ? given.Count(g => ReferenceEquals(g, given[i])) : 1;
            var first = times == 1 ? 0 : given.Take(i).Count(g => ReferenceEquals(g, given[i]));
            rows.Add([.. items.Where((_, at) => at % times == first)]);
        }

        return rows;
    }

    public static SequenceValue? Map(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional.Count < 2)
        {
            return null;
        }

        var rows = arguments.Positional.Count == 2
            ? Elements.Taken(context, arguments.Positional[1]).Select(v => (Tuple: v, IsOne: true)) : Zip(context, CallArguments.Of([.. arguments.Positional.Skip(1)])).Items.Select(v => (Tuple: v, IsOne: false));
        return Each(context, rows.ToList(), (v, isOne) => context.Call(arguments.Positional[0], isOne ? CallArguments.Of(v) : CallArguments.Of([.. ((SequenceValue)v).Items])));
    }

    private static SequenceValue Each(ILibraryContext context, List<(Value Tuple, bool IsOne)> rows, Func<Value, bool, Value> code)
    {
        var result = new SequenceValue(SequenceKind.List, []);
        foreach (var (item, isOne) in rows)
        {
            if (item.WhereThere().Value is not null)
            {
                result.Items.Add(Elements.WhereThere(context, item, v => code(v, isOne), MissingValue.Instance));
            }
        }

        return result;
    }

    private static SequenceValue? Filter(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional.Count != 2)
        {
            return null;
        }

        var result = new SequenceValue(SequenceKind.List, []);
        foreach (var item in Elements.Taken(context, arguments.Positional[1]))
        {
            if (Kept(context, arguments.Positional[0], item) is { } kept and not MissingValue)
            {
                result.Items.Add(kept);
            }
        }

        return result;
    }

    private static Value Kept(ILibraryContext context, Value test, Value item) => context.Truth(test is ConstantValue ? item : Elements.WhereThere(context, item, v => context.Call(test, CallArguments.Of(v)), ConstantValue.False)) switch
    {
        true => item,
        false => MissingValue.Instance,
        null => context.OneOf([item, MissingValue.Instance], "an element that may be left out"),
    };

    /// <summary>Whether its elements are made when they are asked for.</summary>
    public static bool IsMade(Value value) => value is SequenceValue { Source: not null };

    private static SequenceValue Numbered(ILibraryContext context, Value value, Value? start)
    {
        var (from, first) = (context.Iterator(value), start is ConstantValue { Raw: long given } ? given : 0L);
        return new MadeElements(context, [from], (taken, at) => SequenceValue.Tuple(ConstantValue.Of(first + at), taken[0]), at => Enumerated(context, Elements.Taken(context, from), ConstantValue.Of(first + at))).Iterator();
    }

    /// <summary><c>iter(f, end)</c>: what the function gives, until that is the end.</summary>
    private static SequenceValue Called(ILibraryContext context, Value function, Value end) => new MadeElements(
        context,
        [],
        (_, _) => context.Call(function, new()) is var value && context.AreEqual(value, end) is true ? null : value,
        _ => SequenceValue.Open(SequenceKind.List, context.Call(function, new()))).Iterator();

    private static Value? Next(ILibraryContext context, CallArguments arguments)
    {
        var otherwise = arguments.Find(1, "default");
        switch (arguments.Positional.FirstOrDefault())
        {
            case SequenceValue given when context.Next(given) is { } next:
                return next;
            case SequenceValue { EndsWhereEmpty: true, Items.Count: 0, Rest: null } when otherwise is null && !context.Now.IsNever:
                context.Raise("StopIteration");
                return null;
            case ObjectValue { Class: { } type } iterator when type.Find("__next__") is not null:
                return context.Call(context.Attribute(iterator, "__next__"), new());
            case SequenceValue { Items.Count: > 1, Order: { } order } s:
                return context.OneOf(s.Items, $"an element of {order.Text}");
            case SequenceValue { Items.Count: > 0 } s:
                return TakeFirst(context, s, otherwise);
            case SequenceValue { Rest: { } rest }:
                return rest;
            case SequenceValue:
                return otherwise;
            case { } other:
                return context.Iterate(other) is [var element, ..] ? element : otherwise;
            default:
                return null;
        }
    }

    /// <summary>Takes from an iterator what comes first on each way: where an element is there at times, on the others a later one.</summary>
    private static Value? TakeFirst(ILibraryContext context, SequenceValue iterator, Value? otherwise)
    {
        context.Change(iterator);
        if (iterator.Items.Count > 0 && context.IsLater(iterator.Items[0]))
        {
            iterator.Items = [.. context.Iterate(iterator)]; // it stands for several, of which one is taken
        }

        var given = new List<(Condition When, Value Value)>();
        var none = context.Now.Table.Always;
        for (var at = 0; at < iterator.Items.Count && none.Meets(context.Now);)
        {
            var (there, missing) = iterator.Items[at].WhereThere();
            if (there is null)
            {
                iterator.Items.RemoveAt(at);
                continue;
            }

            var isThere = missing?.Not() ?? context.Now.Table.Always;
            given.Add((none.And(isThere), there));
            if (isThere.And(none.Not()) is var isLeft && (isLeft.IsNever || !isLeft.Meets(context.Now)))
            {
                iterator.Items.RemoveAt(at);
            }
            else
            {
                iterator.Items[at++] = Elements.Sometimes(context, there, isLeft.Not());
            }

            none = none.And(missing ?? context.Now.Table.Never);
        }

        if (otherwise is not null && none.Meets(context.Now))
        {
            given.Add((none, otherwise));
        }
        else if (given.Count > 0)
        {
            // Where there is none it raises: nothing is read there.
            given[^1] = (given[^1].When.Or(none), given[^1].Value);
        }

        return given.Count == 0 ? otherwise : given.Count == 1 ? given[0].Value : context.Choose(given);
    }

    private static ConstantValue? AnyAll(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional.Count != 1)
        {
            return null;
        }

        var isAny = context.Name.EndsWith("any", StringComparison.Ordinal);
        if (IsMade(arguments.Positional[0]) && arguments.Positional[0] is SequenceValue made)
        {
            // What decides it ends it: no more is asked for.
            while (context.Next(made) is { } next)
            {
                if (context.Truth(next) is not { } answer)
                {
                    made.Made.Insert(0, next);
                    break;
                }

                if (answer == isAny)
                {
                    return ConstantValue.Of(isAny);
                }
            }
        }

        var answers = context.Iterate(arguments.Positional[0]).Select(v => v.WhereThere() is { Missing: null, Value: { } there } ? context.Truth(there) : null).ToList();
        return answers.Contains(isAny) ? ConstantValue.Of(isAny) : answers.Contains(null) ? null : ConstantValue.Of(!isAny);
    }
}
