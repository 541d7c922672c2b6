using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What is sorted, and what is first or last; <c>key</c> is called for each item, whatever comes of it.</summary>
internal static class Order
{
    public static SequenceValue Sorted(ILibraryContext context, SequenceValue list, CallArguments arguments)
    {
        list.Order = null;
        var isReversed = arguments.Find("reverse") is { } reverse && context.Truth(reverse) is true;
        var pairs = list.Items.Zip(Keys(context, list.Items, arguments)).ToList();
        if (isReversed)
        {
            pairs.Reverse(); // what is equal stays in its order, as Python has it
        }

        if (AreOrdered(pairs.ConvertAll(p => p.Second)))
        {
            pairs = [.. pairs.OrderBy(p => p.Second, Comparer<Value>.Create((x, y) => Compare(x, y) ?? 0))];
        }
        else
        {
            list.Order = pairs.Count > 1 ? Unknown(context) : null;
        }

        list.Items = [.. pairs.Select(p => p.First)];
        if (isReversed)
        {
            list.Items.Reverse();
        }

        return list;
    }

    /// <summary>The order of what is sorted by what cannot be told, shuffled, or a set.</summary>
    public static UnknownValue Unknown(ILibraryContext context) => context.Unknown($"the order of {context.Name[(context.Name.LastIndexOf('.') + 1)..]}(...)", "in which order the elements stand is not known");

    /// <summary><c>min</c> and <c>max</c> of what is known; null where it is not.</summary>
    public static Value? Extreme(ILibraryContext context, CallArguments arguments)
    {
        var items = arguments.Positional.Count == 1 ? context.Iterate(arguments.Positional[0]) : arguments.Positional;
        var keys = Keys(context, items, arguments);
        if (items.Count == 0 || arguments.Named.Any(n => n.Name != "key") || !AreOrdered(keys))
        {
            return null;
        }

        // Of equal ones the first.
        var isLeast = context.Name.EndsWith("min", StringComparison.Ordinal);
        var best = 0;
        for (var i = 1; i < keys.Count; i++)
        {
            best = Compare(keys[i], keys[best]) is { } order && (isLeast ? order < 0 : order > 0) ? i : best;
        }

        return items[best];
    }

    /// <summary>Tuples are compared with each other up to so many.</summary>
    private const int MaxTuples = 64;

    /// <summary>Whether each of these is known to stand before or behind, or beside, each other.</summary>
    private static bool AreOrdered(List<Value> keys) => keys.TrueForAll(k => k is ConstantValue { Peek: string }) || keys.TrueForAll(k => BuiltinFunctions.Constant(k) is not null)
        || (keys.Count <= MaxTuples && keys.TrueForAll(k => k is SequenceValue { Rest: null }) && !keys.Where((x, i) => keys.Take(i).Any(y => Compare(x, y) is null)).Any());

    /// <summary>Which of two stands before the other; null where that cannot be told: of tuples the first parts that differ say it.</summary>
    private static int? Compare(Value left, Value right)
    {
        var parts = MaxParts;
        return Compare(left, right, ref parts);
    }

    /// <summary>Tuples in tuples that are each other's parts twice are few objects and many pairs.</summary>
    private const int MaxParts = 1_000;

    private static int? Compare(Value left, Value right, ref int parts)
    {
        if (--parts < 0)
        {
            return null;
        }

        switch (left, right)
        {
            case (ConstantValue { Peek: string }, ConstantValue { Peek: string }):
                return string.CompareOrdinal((string)((ConstantValue)left).Raw!, (string)((ConstantValue)right).Raw!);
            case (SequenceValue { Rest: null } x, SequenceValue { Rest: null } y):
                for (var i = 0; i < x.Items.Count && i < y.Items.Count; i++)
                {
                    if (ReferenceEquals(x.Items[i], y.Items[i]))
                    {
                        continue;
                    }

                    if (Compare(x.Items[i], y.Items[i], ref parts) is not 0 and var part)
                    {
                        return part;
                    }
                }

                return x.Items.Count.CompareTo(y.Items.Count);
            default:
                return BuiltinFunctions.Constant(left) is { } a && BuiltinFunctions.Constant(right) is { } b ? a.CompareTo(b) : null;
        }
    }

    private static List<Value> Keys(ILibraryContext context, IReadOnlyList<Value> items, CallArguments arguments) =>
        arguments.Find("key") is { } key and not ConstantValue ? [.. items.Select(i => context.Call(key, CallArguments.Of(i)))] : [.. items];
}
