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
        LibraryRow.Of(prefix + "flatten", (c, a) => a.Positional is [var given] ? SequenceValue.List(Leaves(given, 0) ?? c.Iterate(given)) : null),
        .. LibraryRow.For($"{prefix}is_nested {prefix}assert_same_structure", Returns.Boolean),
    ];

    /// <summary>What a function that runs for every element of a tensor does: for one at least, and for more where there are more.</summary>
    public static Value MapElements(ILibraryContext context, CallArguments arguments)
    {
        if ((arguments.Find(0, "fn") ?? arguments.Find("function") ?? arguments.Find("f")) is { } code && (arguments.Find(1, "elems") ?? arguments.Find("elements") ?? arguments.Find("xs")) is { } given)
        {
            // In a Keras graph it is no node: what it calls gets plain tensors.
            var element = given is SequenceValue or DictValue ? given : context.GraphTensors(given).Any() ? new TensorValue() : context.Item(given, ConstantValue.Of(0L));
            BuiltinFunctions.Map(context, CallArguments.Of(code, SequenceValue.Open(SequenceKind.List, element)));
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
            var leaves = arguments.Positional.Skip(1).Select(a => Leaves(a, 0)).ToList();
            return leaves.Exists(l => l is null || l.Count != leaves[0]!.Count) ? null
                : SequenceValue.List([.. Enumerable.Range(0, leaves[0]!.Count).Select(i => context.Call(code, CallArguments.Of([.. leaves.Select(l => l![i])])))]);
        }

        return Map(context, code, first, 0);
    }

    private static Value Map(ILibraryContext context, Value code, Value given, int depth)
    {
        switch (given)
        {
            case SequenceValue s when depth < MaxDepth && s.Items.Exists(i => i is SequenceValue or DictValue):
                return new SequenceValue(s.Kind, [.. s.Items.Select(i => Map(context, code, i, depth + 1))], s.Rest is null ? null : context.Unknown("a leaf", "how many leaves there are is not known"));
            case SequenceValue s:
                return BuiltinFunctions.Map(context, CallArguments.Of(code, s)) is { } mapped ? new SequenceValue(s.Kind, mapped.Items, mapped.Rest) : s;
            case DictValue d when depth < MaxDepth:
                var result = new DictValue { Rest = d.Rest };
                foreach (var (key, value) in d.Entries)
                {
                    result.Set(key, Map(context, code, value, depth + 1));
                }

                return result;
            default:
                return context.Call(code, CallArguments.Of(given));
        }
    }

    private const int MaxDepth = 8;

    private static List<Value>? Leaves(Value given, int depth) => given switch
    {
        SequenceValue { Rest: null } s when depth < MaxDepth => All(s.Items, depth),
        DictValue { Rest: null } d when depth < MaxDepth => All([.. d.Entries.Select(e => e.Value)], depth),
        SequenceValue or DictValue or UnknownValue => null,
        _ => [given],
    };

    private static List<Value>? All(List<Value> parts, int depth)
    {
        var leaves = parts.ConvertAll(p => Leaves(p, depth + 1));
        return leaves.Exists(l => l is null) ? null : [.. leaves.SelectMany(l => l!)];
    }
}
