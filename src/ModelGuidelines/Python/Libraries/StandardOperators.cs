using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>operator: functions that take elements and attributes of what they are called with, or call its methods.</summary>
internal sealed class StandardOperators : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["operator"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. new[] { "itemgetter", "attrgetter", "methodcaller" }.Select(n => LibraryRow.Of(n, (_, a) => a.Positional.Count > 0 && !a.HasUnknown ? new PartialValue(new ExternalValue($"operator.*{n}"), a) : null)),

        // What these give is called with the object, which stands behind what they were given.
        LibraryRow.Of("*itemgetter", (c, a) => Each(c, a, (x, target, key) => x.Item(target, key))),
        LibraryRow.Of("*attrgetter", (c, a) => Each(c, a, Attribute)),
        LibraryRow.Of("*methodcaller", Called),
        LibraryRow.Of("getitem", (c, a) => a.Positional is [var target, var key] ? c.Item(target, key) : null),
    ];

    private static Value? Each(ILibraryContext context, CallArguments arguments, Func<ILibraryContext, Value, Value, Value> read)
    {
        var (given, target) = (arguments.Positional, arguments.Positional[^1]);
        return given.Count < 2 ? null : given.Count == 2 ? read(context, target, given[0]) : SequenceValue.Tuple([.. given.SkipLast(1).Select(g => read(context, target, g))]);
    }

    private static Value Attribute(ILibraryContext context, Value target, Value name) =>
        name is ConstantValue { Peek: string text } ? text.Split('.').Aggregate(target, context.Attribute) : context.Unknown("an attribute", "which attribute it is cannot be told");

    private static Value? Called(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional is not [ConstantValue { Peek: string name }, .., var target])
        {
            return null;
        }

        var given = new CallArguments();
        given.Positional.AddRange(arguments.Positional.Skip(1).SkipLast(1));
        given.Named.AddRange(arguments.Named);
        return context.Call(context.Attribute(target, name), given);
    }
}
