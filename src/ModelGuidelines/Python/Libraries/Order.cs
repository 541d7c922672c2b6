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

        if (pairs.TrueForAll(p => p.Second is ConstantValue { Peek: string }))
        {
            pairs = [.. pairs.OrderBy(p => (string)((ConstantValue)p.Second).Raw!, StringComparer.Ordinal)];
        }
        else if (pairs.TrueForAll(p => BuiltinFunctions.Constant(p.Second) is not null))
        {
            pairs = [.. pairs.OrderBy(p => BuiltinFunctions.Constant(p.Second))];
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
        if (items.Count == 0 || arguments.Named.Any(n => n.Name != "key") || keys.Exists(k => BuiltinFunctions.Constant(k) is null))
        {
            return null;
        }

        var pairs = items.Zip(keys);
        return (context.Name.EndsWith("min", StringComparison.Ordinal) ? pairs.MinBy(p => BuiltinFunctions.Constant(p.Second)) : pairs.MaxBy(p => BuiltinFunctions.Constant(p.Second))).First;
    }

    private static List<Value> Keys(ILibraryContext context, IReadOnlyList<Value> items, CallArguments arguments) =>
        arguments.Find("key") is { } key and not ConstantValue ? [.. items.Select(i => context.Call(key, CallArguments.Of(i)))] : [.. items];
}
