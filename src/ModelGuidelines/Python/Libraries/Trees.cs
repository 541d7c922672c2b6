using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>dm-tree and optree: lists, tuples and dictionaries of any depth, whose leaves a function gets. TensorFlow and Keras have the same under names of their own.</summary>
internal sealed class Trees : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["tree", "optree"];

    public override bool IsReadFirst => true;

    public override IEnumerable<LibraryRow> Rows => Functions("", "map_structure", "tree_map");

    /// <summary>The functions under a prefix.</summary>
    public static IEnumerable<LibraryRow> Functions(string prefix, params string[] maps) =>
    [
        .. maps.Select(n => LibraryRow.Of(prefix + n, (c, a) => Map(c, a))),
        LibraryRow.Of(prefix + "flatten", (c, a) => a.Positional is [var given] ? SequenceValue.List(Leaves(given) ?? c.Iterate(given)) : null),
        .. LibraryRow.For($"{prefix}is_nested {prefix}assert_same_structure", Returns.Boolean),
    ];

    /// <summary>What a function that runs for every element of a tensor does: for one at least, and for more where there are more.</summary>
    public static Value MapElements(ILibraryContext context, CallArguments arguments)
    {
        if ((arguments.Find(0, "fn") ?? arguments.Find("function") ?? arguments.Find("f")) is { } code && (arguments.Find(1, "elems") ?? arguments.Find("elements") ?? arguments.Find("xs")) is { } given)
        {
            // In a Keras graph it is no node: what it calls gets plain tensors.
            var element = given is SequenceValue or DictValue ? given : context.GraphTensors(given).Any() ? new TensorValue() : context.Item(given, ConstantValue.Of(0L));
            BuiltinIterators.Map(context, CallArguments.Of(code, SequenceValue.Open(SequenceKind.List, element)));
        }

        return context.Result(Returns.KerasTensor, arguments);
    }

    private static Value? Map(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional is not [var code, var first, ..])
        {
            return null;
        }

        if (arguments.Positional.Count > 2)
        {
            var leaves = arguments.Positional.Skip(1).Select(Leaves).ToList();
            if (leaves.Exists(l => l is null || l.Count != leaves[0]!.Count))
            {
                return null;
            }

            var mapped = Enumerable.Range(0, leaves[0]!.Count).Select(i => context.Call(code, CallArguments.Of([.. leaves.Select(l => l![i])]))).ToList();
            return first is SequenceValue flat && flat.Items.Count == mapped.Count ? new SequenceValue(flat.Kind, mapped) : context.Unknown("a structure", "the parts of several structures are not put together again");
        }

        var left = MaxParts;
        return Map(context, code, first, 0, ref left);
    }

    private static Value Map(ILibraryContext context, Value code, Value given, int depth, ref int left)
    {
        if (depth >= MaxDepth || --left < 0)
        {
            context.Gap("a structure has more parts than are followed", Hides.Everything);
            return context.Unknown("a part", "a structure has more parts than are followed");
        }

        switch (given)
        {
            case SequenceValue s when s.Items.Exists(i => i is SequenceValue or DictValue):
                var parts = new List<Value>();
                foreach (var item in s.Items)
                {
                    parts.Add(Map(context, code, item, depth + 1, ref left));
                }

                return new SequenceValue(s.Kind, parts, s.Rest is null ? null : context.Unknown("a leaf", "how many leaves there are is not known"));
            case SequenceValue s:
                return BuiltinIterators.Map(context, CallArguments.Of(code, s)) is { } each ? new SequenceValue(s.Kind, each.Items, each.Rest) : s;
            case DictValue d:
                var result = new DictValue { Rest = d.Rest };
                foreach (var (key, value) in Sorted(d))
                {
                    result.Set(key, Map(context, code, value, depth + 1, ref left));
                }

                return result;
            default:
                return context.Call(code, CallArguments.Of(given));
        }
    }

    private const int MaxDepth = 8;

    /// <summary>Parts of a structure that are looked at.</summary>
    private const int MaxParts = 4096;

    /// <summary>Entries in the order in which these libraries take them: of texts by their keys.</summary>
    private static IEnumerable<(Value Key, Value Value)> Sorted(DictValue d) =>
        d.Entries.TrueForAll(e => e.Key is ConstantValue { Peek: string }) ? d.Entries.OrderBy(e => (string)((ConstantValue)e.Key).Raw!, StringComparer.Ordinal) : d.Entries;

    private static List<Value>? Leaves(Value given)
    {
        var leaves = new List<Value>();
        var left = MaxParts;
        return Add(given, 0, ref left, leaves) ? leaves : null;
    }

    private static bool Add(Value given, int depth, ref int left, List<Value> leaves)
    {
        if (depth >= MaxDepth || --left < 0 || given is UnknownValue or SequenceValue { Rest: not null } or DictValue { Rest: not null })
        {
            return false;
        }

        if (given is not (SequenceValue or DictValue))
        {
            leaves.Add(given);
            return true;
        }

        foreach (var part in given is SequenceValue s ? s.Items : Sorted((DictValue)given).Select(e => e.Value))
        {
            if (!Add(part, depth + 1, ref left, leaves))
            {
                return false;
            }
        }

        return true;
    }
}
