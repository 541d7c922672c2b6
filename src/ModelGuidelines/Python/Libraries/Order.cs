using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What is sorted, and what is first or last; <c>key</c> is called for each item, whatever comes of it.</summary>
internal static class Order
{
    public static SequenceValue Sorted(ILibraryContext context, SequenceValue list, CallArguments arguments)
    {
        var keys = Keys(context, list.Items, arguments);
        if (keys.Count == 0 || keys.TrueForAll(k => k is ConstantValue { Peek: string }))
        {
            list.Items = [.. list.Items.Zip(keys).OrderBy(p => (string)((ConstantValue)p.Second).Raw!, StringComparer.Ordinal).Select(p => p.First)];
        }
        else if (keys.TrueForAll(k => BuiltinFunctions.Constant(k) is not null))
        {
            list.Items = [.. list.Items.Zip(keys).OrderBy(p => BuiltinFunctions.Constant(p.Second)).Select(p => p.First)];
        }

        if (arguments.Find("reverse") is { } reverse && context.Truth(reverse) is true)
        {
            list.Items.Reverse();
        }

        return list;
    }

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
