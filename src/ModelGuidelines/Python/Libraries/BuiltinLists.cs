using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Methods of lists, tuples, sets and deques. An element that is there at times stays so.</summary>
internal sealed class BuiltinLists : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "collections.deque"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        Method("append", (c, s, a) => Insert(c, s, s.Items.Count, a.Find(1, "object"))),
        Method("add", (c, s, a) => a.Find(1, "element") is { } item && s.Rest is null && s.Items.Exists(i => c.AreEqual(i, item) is true) ? ConstantValue.None : Insert(c, s, s.Items.Count, a.Find(1, "element"))),
        Method("appendleft", (c, s, a) => Insert(c, s, 0, a.Find(1, "object"))),
        Method("insert", (c, s, a) => Insert(c, s, a.Find(1, "index") is ConstantValue { Raw: long at } ? (int)Math.Clamp(at < 0 ? at + s.Items.Count : at, 0, s.Items.Count) : s.Items.Count, a.Find(2, "object"))),
        Method("extend", Extend),
        Method("update", Extend),
        Method("extendleft", (c, s, a) => a.Find(1, "iterable") is { } given && Elements.Taken(c, given) is var items ? Replace(c, s, [.. items.Reverse(), .. s.Items], s.Rest) : null),
        Method("pop", (c, s, a) => Pop(c, s, a.Find(1, "index"))),
        Method("popleft", (c, s, _) => Pop(c, s, ConstantValue.Of(0))),
        Method("remove", Remove),
        Method("discard", Remove),
        Method("clear", (c, s, _) => Replace(c, s, [], null)),
        Method("reverse", (c, s, _) => Replace(c, s, [.. s.Items.AsEnumerable().Reverse()], s.Rest)),
        Method("sort", (c, list, a) =>
        {
            c.Change(list);
            Order.Sorted(c, list, a);
            return ConstantValue.None;
        }),
        Method("rotate", (c, s, a) => Rotate(c, s, a.Find(1, "n"))),
        Method("copy", (_, s, _) => new SequenceValue(s.Kind, [.. s.Items], s.Rest) { Length = s.Length, Order = s.Order }),
        Method("index", (c, s, a) => Index(c, s, a.Find(1, "value")), Returns.Number),
        Method("count", (c, s, a) => a.Find(1, "value") is { } item && s.Rest is null && s.Items.ConvertAll(i => c.AreEqual(i, item)) is var equal && !equal.Contains(null) ? ConstantValue.Of((long)equal.Count(e => e is true)) : null, Returns.Number),
        .. LibraryRow.For("__len__", Returns.Number),
        .. LibraryRow.For("issubset issuperset isdisjoint __contains__", Returns.Boolean),
        Method("union", (c, s, a) => Combined(c, s, a, keep: true, add: true)),
        Method("intersection", (c, s, a) => Combined(c, s, a, keep: false, add: false)),
        Method("difference", (_, s, _) => new SequenceValue(s.Kind, [.. s.Items], s.Rest)),
        Method("symmetric_difference", (c, s, a) => Combined(c, s, a, keep: true, add: true)),

        // A shape is a tuple.
        .. LibraryRow.For("numel", Returns.Number),
    ];

    private static LibraryRow Method(string name, LibraryMethod<SequenceValue> code, Returns otherwise = Returns.Unknown) =>
        LibraryRow.Of(name, (c, a) => a.Positional is [SequenceValue s, ..] ? code(c, s, a) : null, otherwise);

    private static ConstantValue? Insert(ILibraryContext context, SequenceValue list, int at, Value? item)
    {
        if (item is null)
        {
            return null;
        }

        context.Change(list);
        list.Items.Insert(at, item);
        if (list.Most is { } most && list.Items.Count > most && list.Items.TrueForAll(i => i.WhereThere().Missing is null))
        {
            list.Items.RemoveAt(at == 0 ? list.Items.Count - 1 : 0);
        }

        return ConstantValue.None;
    }

    private static ConstantValue Replace(ILibraryContext context, SequenceValue list, List<Value> items, Value? rest)
    {
        context.Change(list);
        (list.Items, list.Rest) = (items, rest);
        return ConstantValue.None;
    }

    private static ConstantValue Rotate(ILibraryContext context, SequenceValue list, Value? by)
    {
        if (list.Rest is null && !list.Items.Exists(i => i.WhereThere().Missing is not null) && (by ?? ConstantValue.Of(1)) is ConstantValue { Raw: long n, IsOpen: false })
        {
            var at = list.Items.Count == 0 ? 0 : (int)(((-n % list.Items.Count) + list.Items.Count) % list.Items.Count);
            return Replace(context, list, [.. list.Items.Skip(at), .. list.Items.Take(at)], null);
        }

        context.Change(list);
        list.Order = Order.Unknown(context);
        return ConstantValue.None;
    }

    private static ConstantValue Extend(ILibraryContext context, SequenceValue list, CallArguments arguments)
    {
        foreach (var given in arguments.Positional.Skip(1))
        {
            context.Change(list);
            if (given is SequenceValue { Rest: { } rest } open)
            {
                list.Items.AddRange(open.Items);
                list.Rest ??= rest;
                list.Length ??= open.Length;
            }
            else
            {
                list.Items.AddRange(context.Iterate(given));
            }
        }

        return ConstantValue.None;
    }

    private static Value? Pop(ILibraryContext context, SequenceValue list, Value? index)
    {
        if (list.Rest is not null || list.Items.Count == 0)
        {
            return list.Rest;
        }

        if (list.Items.Count > 1 && (list.Order is not null || list.Kind is SequenceKind.Set))
        {
            return context.OneOf(list.Items, $"an element of {(list.Order ?? Order.Unknown(context)).Text}");
        }

        if (index is ConstantValue { Raw: long at, IsOpen: false } && at is not (0 or -1))
        {
            var position = (int)Math.Clamp(at < 0 ? at + list.Items.Count : at, 0, list.Items.Count - 1);
            var item = list.Items[position];
            context.Change(list);
            list.Items.RemoveAt(position);
            return item;
        }

        if (index is not null and not ConstantValue)
        {
            return context.OneOf(list.Items, "an element that is taken out");
        }

        // The first, or last, that is there.
        var isFirst = index is ConstantValue { Raw: 0L };
        context.Change(list);
        var options = new List<(Condition, Value)>();
        var left = context.Now;
        for (var i = isFirst ? 0 : list.Items.Count - 1; i >= 0 && i < list.Items.Count; i += isFirst ? 1 : -1)
        {
            var (there, missing) = list.Items[i].WhereThere();
            if (there is null)
            {
                continue;
            }

            options.Add((missing is null ? left : left.And(missing.Not()), there));
            if (missing is null || left.And(missing).IsNever)
            {
                // Taken out where no other was; where that is always, it is gone.
                if (ReferenceEquals(left, context.Now))
                {
                    list.Items.RemoveAt(i);
                }
                else
                {
                    list.Items[i] = Elements.Sometimes(context, there, left);
                }

                break;
            }

            list.Items[i] = Elements.Sometimes(context, there, missing.Or(left));
            left = left.And(missing);
        }

        return options.Count == 0 ? null : context.Choose(options);
    }

    private static ConstantValue Remove(ILibraryContext context, SequenceValue list, CallArguments arguments)
    {
        if (arguments.Positional.Count > 1 && list.Items.FindIndex(i => context.AreEqual(i, arguments.Positional[1]) is true) is >= 0 and var at)
        {
            context.Change(list);
            list.Items.RemoveAt(at);
        }

        return ConstantValue.None;
    }

    private static ConstantValue? Index(ILibraryContext context, SequenceValue list, Value? item) =>
        item is not null && list.Rest is null && list.Items.FindIndex(i => context.AreEqual(i, item) is true) is >= 0 and var at && list.Items.Take(at).All(i => context.AreEqual(i, item) is false) ? ConstantValue.Of(at) : null;

    private static SequenceValue Combined(ILibraryContext context, SequenceValue set, CallArguments arguments, bool keep, bool add)
    {
        var others = arguments.Positional.Skip(1).SelectMany(context.Iterate).ToList();
        bool InOthers(Value v) => others.Exists(o => context.AreEqual(o, v) is true);
        return new(set.Kind, [.. set.Items.Where(i => keep || InOthers(i)), .. add ? others.Where(o => !set.Items.Exists(i => context.AreEqual(i, o) is true)) : []], set.Rest);
    }
}
