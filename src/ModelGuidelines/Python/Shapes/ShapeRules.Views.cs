using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <content>What arranges elements anew, joins and parts tensors.</content>
internal static partial class ShapeRules
{
    private const int MaxParts = 1_000;

    private static IEnumerable<(string Name, ShapeRule Rule)> Views() =>
    [
        ("size", c => c.Tensor(0, "input") is not { } s ? null : !c.IsGiven(1, "dim") ? SequenceValue.Tuple([.. s.Sizes]) : c.Number(1, "dim") is { } dim && s.Axis(dim) is { } axis ? s.Sizes[axis] : null),
        ("__len__", c => c.Tensor(0, "input") is { Rank: > 0 } s ? s.Sizes[0] : null),
        .. new[] { "dim", "ndimension" }.Select(n => (n, new ShapeRule(c => c.Tensor(0, "input") is { } s ? ConstantValue.Of((long)s.Rank) : null))),
        .. new[] { "numel", "nelement" }.Select(n => (n, new ShapeRule(c => c.Tensor(0, "input") is { } s ? s.Sizes.Aggregate((Value)Size.One, Size.Times) : null))),
        ("view", c => Tensor(Reshaped(c, "size"))),
        ("reshape", c => Tensor(Reshaped(c, "shape"))),
        ("view_as", c => Tensor(c.Tensor(1, "other"))),
        ("reshape_as", c => Tensor(c.Tensor(1, "other"))),
        ("expand_as", c => Tensor(c.Tensor(1, "other"))),
        ("flatten", c => Tensor(c.Tensor(0, "input") is { } s && c.Number(1, "start_dim", 0) is { } from && c.Number(2, "end_dim", -1) is { } to ? Flat(s, from, to) : null)),
        ("ravel", c => Tensor(c.Tensor(0, "input") is { Rank: > 0 } s ? Flat(s, 0, -1) : null)),
        ("unflatten", c => Tensor(c.Tensor(0, "input") is { } s && c.Number(1, "dim") is { } dim && s.Axis(dim) is { } axis && c.Given(2, "sizes") is SequenceValue ? Unflat(s, axis, c.Sizes(2, "sizes")) : null)),
        ("permute", c => Tensor(c.Tensor(0, "input") is { } s && c.Sizes(1, "dims") is { } dims ? Permuted(s, dims) : null)),
        .. new[] { "transpose", "swapaxes", "swapdims" }.Select(n => (n, new ShapeRule(c => Tensor(c.Tensor(0, "input") is { } s ? Swapped(s, c.Number(1, n is "swapaxes" ? "axis0" : "dim0"), c.Number(2, n is "swapaxes" ? "axis1" : "dim1")) : null)))),
        ("t", c => Tensor(c.Tensor(0, "input") is { Rank: <= 2 } s ? new(s.Sizes.Reverse()) : null)),
        ("unsqueeze", c => Tensor(c.Tensor(0, "input") is { } s && c.Number(1, "dim") is { } dim && dim >= -s.Rank - 1 && dim <= s.Rank ? s.Insert((int)(dim < 0 ? dim + s.Rank + 1 : dim), Size.One) : null)),
        ("squeeze", c => Tensor(c.Tensor(0, "input") is { } s ? Squeezed(c, s) : null)),
        ("expand", c => Tensor(c.Tensor(0, "input") is { } s && c.Sizes(1, "size") is { } sizes ? Expanded(s, sizes) : null)),
        ("broadcast_to", c => Tensor(c.Tensor(0, "input") is { } s && c.Sizes(1, "size") is { } sizes ? Expanded(s, sizes) : null)),
        ("repeat", c => Tensor(c.Tensor(0, "input") is { } s && c.Sizes(1, "repeats") is { } times && times.Count >= s.Rank
            ? new(times.Select((t, i) => i < times.Count - s.Rank ? t : Size.Times(s.Sizes[i - (times.Count - s.Rank)], t))) : null)),
        ("select", c => Tensor(c.Tensor(0, "input") is { } s && c.Number(1, "dim") is { } dim && s.Axis(dim) is { } axis ? s.Without(axis) : null)),
        ("narrow", c => Tensor(c.Tensor(0, "input") is { } s && c.Number(1, "dim") is { } dim && s.Axis(dim) is { } axis && c.Given(3, "length") is { } length && Size.Of(length) is { } size ? s.With(axis, size) : null)),
        ("gather", c => c.Tensor(0, "input") is not null ? Tensor(c.Tensor(2, "index")) : null),
        .. new[] { "cat", "concat", "concatenate" }.Select(n => (n, new ShapeRule(c => Tensor(Joined(c, isNew: false))))),
        ("stack", c => Tensor(Joined(c, isNew: true))),
        ("chunk", c => Parted(c, (size, s) => c.Number(1, "chunks") is { } n and > 0 and <= MaxParts ? Chunks(size, n) : null)),
        ("split", c => Parted(c, (size, s) => Split(size, c.Given(1, "split_size_or_sections") ?? c.Given(-1, "split_size")))),
        ("split_with_sizes", c => Parted(c, (size, s) => c.Given(1, "split_sizes") is SequenceValue parts ? Split(size, parts) : null)),
        ("unbind", c => c.Tensor(0, "input") is { } s && c.Number(1, "dim", 0) is { } dim && s.Axis(dim) is { } axis && Size.Known(s.Sizes[axis]) is { } n and <= MaxParts ? ShapeCall.Tuple(Enumerable.Repeat(s.Without(axis), (int)n)) : null),
    ];

    /// <summary><c>x.T</c>, <c>x.mT</c></summary>
    public static Shape? Turned(Shape shape, string name) => name is "T" ? new(shape.Sizes.Reverse()) : Swapped(shape, -1, -2);

    private static Shape? Reshaped(ShapeCall call, string name)
    {
        // view(dtype) reads the bytes otherwise.
        if (call.Tensor(0, "input") is not { } shape || call.Sizes(1, name) is not { } sizes)
        {
            return null;
        }

        return Inferred(shape.Sizes, sizes) is { } all ? new(all) : null;
    }

    /// <summary>Sizes of which one may be -1.</summary>
    private static List<Value>? Inferred(IEnumerable<Value> from, IReadOnlyList<Value> sizes)
    {
        var open = sizes.Count(s => Size.Known(s) == -1);
        if (open > 1 || sizes.Any(s => Size.Known(s) is < -1))
        {
            return null;
        }

        var rest = open == 0 ? null : Size.Rest(from, sizes.Where(s => Size.Known(s) != -1));
        return open == 0 ? [.. sizes] : rest is null ? null : [.. sizes.Select(s => Size.Known(s) == -1 ? rest : s)];
    }

    private static Shape? Flat(Shape shape, long from, long to)
    {
        if (shape.Rank == 0)
        {
            return new([Size.One]);
        }

        return shape.Axis(from) is { } first && shape.Axis(to) is { } last && first <= last
            ? new([.. shape.Sizes[..first], shape.Sizes[first..(last + 1)].AsEnumerable().Aggregate(Size.Times), .. shape.Sizes[(last + 1)..]]) : null;
    }

    private static Shape? Unflat(Shape shape, int axis, IReadOnlyList<Value>? sizes) =>
        sizes is not null && Inferred([shape.Sizes[axis]], sizes) is { } all ? new([.. shape.Sizes[..axis], .. all, .. shape.Sizes[(axis + 1)..]]) : null;

    private static Shape? Permuted(Shape shape, IReadOnlyList<Value> dims)
    {
        var axes = dims.Select(d => Size.Known(d) is { } n ? shape.Axis(n) : null).ToList();
        return axes.Contains(null) || axes.Distinct().Count() != shape.Rank || axes.Count != shape.Rank ? null : new(axes.Select(a => shape.Sizes[a!.Value]));
    }

    private static Shape? Swapped(Shape shape, long? a, long? b) =>
        a is { } x && b is { } y && shape.Axis(x) is { } i && shape.Axis(y) is { } j ? shape.With(i, shape.Sizes[j]).With(j, shape.Sizes[i]) : null;

    private static Shape? Squeezed(ShapeCall call, Shape shape)
    {
        if (!call.IsGiven(1, "dim"))
        {
            return shape.Sizes.All(s => Size.Known(s) is not null) ? new(shape.Sizes.Where(s => Size.Known(s) != 1)) : null;
        }

        return call.Number(1, "dim") is { } dim && shape.Axis(dim) is { } axis && Size.Known(shape.Sizes[axis]) is { } size ? size == 1 ? shape.Without(axis) : shape : null;
    }

    private static Shape? Expanded(Shape shape, IReadOnlyList<Value> sizes)
    {
        var more = sizes.Count - shape.Rank;
        return more < 0 ? null : new(sizes.Select((s, i) => Size.Known(s) == -1 && i >= more ? shape.Sizes[i - more] : s));
    }

    private static Shape? Joined(ShapeCall call, bool isNew)
    {
        if (call.Given(0, "tensors") is not SequenceValue { Rest: null, Items: { Count: > 0 } items } || call.Number(1, "dim", call.Given(-1, "axis") is { } named ? Size.Known(named) : 0) is not { } dim)
        {
            return null;
        }

        var shapes = items.ConvertAll(i => call.ShapeOf(i));
        if (shapes.Exists(s => s is null || s.Rank != shapes[0]!.Rank))
        {
            return null;
        }

        var first = shapes[0]!;
        if (isNew)
        {
            return dim >= -first.Rank - 1 && dim <= first.Rank ? first.Insert((int)(dim < 0 ? dim + first.Rank + 1 : dim), ConstantValue.Of((long)items.Count)) : null;
        }

        if (first.Axis(dim) is not { } axis)
        {
            return null;
        }

        // What one of them tells of the other dimensions holds for all.
        var sum = shapes.Select(s => Size.Known(s!.Sizes[axis])).ToList();
        var sizes = first.Sizes.Select((size, i) => Size.Known(size) is null && shapes.Find(s => Size.Known(s!.Sizes[i]) is not null) is { } other ? other.Sizes[i] : size);
        return new Shape(sizes).With(axis, items.Count == 1 ? first.Sizes[axis] : sum.Contains(null) ? Size.Unknown() : ConstantValue.Of(sum.Sum(n => n!.Value)));
    }

    private static SequenceValue? Parted(ShapeCall call, Func<Value, Shape, IReadOnlyList<Value>?> sizes) =>
        call.Tensor(0, "input") is { } shape && call.Number(2, "dim", 0) is { } dim && shape.Axis(dim) is { } axis && sizes(shape.Sizes[axis], shape) is { Count: <= MaxParts } parts
            ? ShapeCall.Tuple(parts.Select(p => shape.With(axis, p))) : null;

    private static IReadOnlyList<Value> Chunks(Value size, long count)
    {
        if (Size.Known(size) is not { } all || all == 0)
        {
            return [.. Enumerable.Range(0, (int)count).Select(_ => Size.Unknown())];
        }

        var each = (all + count - 1) / count;
        return [.. Enumerable.Range(0, (int)((all + each - 1) / each)).Select(i => ConstantValue.Of(Math.Min(each, all - i * each)))];
    }

    private static IReadOnlyList<Value>? Split(Value size, Value? parts) => parts switch
    {
        SequenceValue { Rest: null, Items: var items } when items.TrueForAll(i => Size.Of(i) is not null) => [.. items.Select(i => Size.Of(i)!)],
        ConstantValue { Raw: long and > 0 and var each, IsOpen: false } when Size.Known(size) is { } all and > 0 && all / each <= MaxParts => [.. Enumerable.Range(0, (int)((all + each - 1) / each)).Select(i => ConstantValue.Of(Math.Min(each, all - i * each)))],
        _ => null,
    };
}
