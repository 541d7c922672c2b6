using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <summary>A call of a function of PyTorch, asked for what its arguments' sizes are.</summary>
/// <param name="arguments">The tensor first.</param>
/// <param name="here">What a value is where the running code stands.</param>
internal sealed class ShapeCall(CallArguments arguments, Func<Value, Value> here)
{
    public CallArguments Arguments => arguments;

    /// <summary>Results, each with its shape.</summary>
    public static SequenceValue Tuple(IEnumerable<Shape?> shapes) => SequenceValue.Tuple([.. shapes.Select(s => new TensorValue { Shape = s })]);

    /// <summary>An argument; null where it is not given, or None.</summary>
    public Value? Given(int position, string name) => arguments.Find(position, name) is { } value && here(value) is var known && known is not ConstantValue { IsNone: true } ? known : null;

    public bool IsGiven(int position, string name) => Given(position, name) is not null;

    public Shape? Tensor(int position, string name) => Given(position, name) is { } value ? ShapeOf(value) : null;

    /// <summary>The shape of a tensor; of several that it may be, where they have one shape.</summary>
    public Shape? ShapeOf(Value value) => value switch
    {
        NumbersValue row => new([ConstantValue.Of((long)row.Numbers.Count)]),
        NumberTensorValue => new([]),
        TensorValue t => t.Shape,
        ChoiceValue => here(value) switch
        {
            ChoiceValue { Options: var options } => options.Select(o => o.Value is TensorValue t ? t.Shape : null).ToList() is [{ } first, ..] all && all.TrueForAll(s => s is not null && s.IsLike(first)) ? first : null,
            var one => ShapeOf(one),
        },
        _ => null,
    };

    public static bool IsScalar(Value value) => value switch
    {
        ConstantValue { Peek: long or double or bool } or NumberTensorValue => true,
        UnknownValue u => u.Kind is UnknownKind.Number or UnknownKind.Boolean,
        ChoiceValue c => c.Options.All(o => IsScalar(o.Value)),
        _ => false,
    };

    public long? Number(int position, string name, long? otherwise = null) => Given(position, name) is { } value ? Size.Known(value) : otherwise;

    public bool? Flag(int position, string name, bool otherwise = false) => Given(position, name) switch { null => otherwise, ConstantValue { Peek: bool flag } => flag, _ => null };

    /// <summary>Sizes from one list, or one after the other: <c>view(2, -1)</c> and <c>view((2, -1))</c>.</summary>
    public IReadOnlyList<Value>? Sizes(int position, string name)
    {
        if (arguments.Rest is not null)
        {
            return null;
        }

        var written = Given(position, name) switch
        {
            SequenceValue { Rest: null } list => list.Items,
            null => null,
            not ConstantValue when arguments.Positional.Count == position + 1 => null, // one size, or a list of them
            _ when position >= 0 && arguments.Positional.Count > position => arguments.Positional.GetRange(position, arguments.Positional.Count - position),
            var one => [one],
        };
        var sizes = written?.Select(v => Size.Of(here(v))).OfType<Value>().ToList();
        return sizes is not null && sizes.Count == written!.Count ? sizes : null;
    }

    /// <summary>One number for each of several dimensions: given once for all, or for each.</summary>
    public static long[]? Each(Value? value, int count, long otherwise) => value switch
    {
        null or ConstantValue { IsNone: true } => [.. Enumerable.Repeat(otherwise, count)],
        ConstantValue { Raw: long n, IsOpen: false } => [.. Enumerable.Repeat(n, count)],
        SequenceValue { Rest: null } s when s.Items.Count == 1 && Size.Known(s.Items[0]) is { } n => [.. Enumerable.Repeat(n, count)],
        SequenceValue { Rest: null } s when s.Items.Count == count && s.Items.TrueForAll(i => Size.Known(i) is not null) => [.. s.Items.Select(i => Size.Known(i)!.Value)],
        _ => null,
    };
}
