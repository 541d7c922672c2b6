using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <content>Functions without weights, of TensorFlow, keras.ops and Keras' backend. Axes count the batch.</content>
internal static partial class KerasShapes
{
    /// <summary>They change no size.</summary>
    private static readonly FrozenSet<string> SameFunctions =
        """
        relu relu6 sigmoid softmax log_softmax swish silu gelu tanh elu selu hard_sigmoid hard_swish leaky_relu softplus softsign mish linear dropout abs exp log sqrt rsqrt square negative sin cos erf cast identity stop_gradient
        clip clip_by_value l2_normalize zeros_like ones_like
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>They combine two tensors element by element.</summary>
    private static readonly FrozenSet<string> Elementwise = "add subtract multiply divide truediv maximum minimum pow power squared_difference".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>They leave one number of each axis that they are given.</summary>
    private static readonly FrozenSet<string> Reductions =
        "reduce_mean reduce_sum reduce_max reduce_min reduce_prod reduce_std reduce_variance mean sum max min prod std var".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>By its last name; null where nobody knows, or it is given what cannot be told.</summary>
    public static Shape? OfFunction(string name, CallArguments arguments, Func<Value, Value> here)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        if (arguments.HasUnknown || arguments.All.FirstOrDefault() is not { } first)
        {
            return null;
        }

        Value? Given(int position, params string[] names) => (arguments.Positional.ElementAtOrDefault(position) ?? names.Select(arguments.Find).FirstOrDefault(v => v is not null)) is { } value ? here(value) : null;
        if (last is "concat" or "concatenate" or "stack")
        {
            var shapes = here(first) is SequenceValue { Rest: null, Items: { Count: > 0 } parts } ? parts.ConvertAll(v => ShapeOf(v, here)) : [null];
            var along = Given(1, "axis") is { } written ? Size.Known(written) : last is "concatenate" ? -1 : last is "stack" ? 0 : null;
            return last is not "stack" ? Joined(shapes, along) : along is { } at && shapes[0] is { } one && shapes.TrueForAll(s => s is not null && AreAlike(s, one)) && InsertedAt(one, at) is { } place ? one.Insert(place, ConstantValue.Of((long)shapes.Count)) : null;
        }

        if (ShapeOf(first, here) is not { } input)
        {
            return null;
        }

        if (SameFunctions.Contains(last))
        {
            return input;
        }

        if (Elementwise.Contains(last))
        {
            return Given(1, "y", "x2") is { } other ? Combined([first, other], here) : null;
        }

        if (Reductions.Contains(last))
        {
            return Reduced(input, Given(1, "axis"), Given(2, "keepdims", "keep_dims"));
        }

        switch (last)
        {
            case "reshape":
                return Sizes(Given(1, "shape", "newshape"), here) is { } target ? Of([.. target], input) : null;
            case "transpose" or "permute_dimensions":
                return Given(1, "perm", "axes", "pattern") switch
                {
                    null or ConstantValue { IsNone: true } => new(input.Sizes.Reverse()),
                    SequenceValue { Rest: null, Items: var order } when order.ConvertAll(o => Size.Known(here(o)) is { } n ? input.Axis(n) : null) is var axes && axes.Count == input.Rank && axes.Distinct().Count() == axes.Count && !axes.Contains(null)
                        => new(axes.Select(a => input.Sizes[a!.Value])),
                    _ => null,
                };
            case "matmul" when Given(2, "transpose_a") is null or ConstantValue { Peek: false } && arguments.Positional.Count < 4 && arguments.Named.TrueForAll(n => n.Name is "transpose_a" or "a" or "b" or "x1" or "x2" or "name"):
                return Given(1, "b", "x2") is { } factor ? OfProduct(first, factor, here) : null;
            case "unstack":
                return (Given(2, "axis") is { } by ? Size.Known(by) : 0) is { } k && input.Axis(k) is { } apart ? input.Without(apart) : null;
            case "expand_dims":
                return Given(1, "axis") is { } where && Size.Known(where) is { } n && InsertedAt(input, n) is { } index ? input.Insert(index, Size.One) : null;
            case "squeeze":
                return Given(1, "axis") is { } axis && Size.Known(axis) is { } m && input.Axis(m) is { } gone ? input.Without(gone) : null;
            case "pad":
                return Given(1, "paddings", "pad_width") is SequenceValue { Rest: null, Items: var borders } && borders.Count == input.Rank ? Bordered(input, [.. borders.Select(here)], here) : null;
            default:
                return null;
        }
    }

    /// <summary>Of one of the tensors that <c>split</c> gives: TensorFlow is told sizes, keras.ops where to cut, both how many.</summary>
    public static Shape? OfPart(string name, CallArguments arguments, int part)
    {
        if (arguments.All.FirstOrDefault() is not { } first || ShapeOf(first, v => v) is not { } input || (arguments.Find(2, "axis") is { } axis ? Size.Known(axis) : 0) is not { } along || input.Axis(along) is not { } cut)
        {
            return null;
        }

        var cuts = arguments.Find("num_or_size_splits") ?? arguments.Find(1, "indices_or_sections");
        var (whole, size) = (Size.Known(input.Sizes[cut]), (Value?)null);
        switch (cuts)
        {
            case ConstantValue when Size.Known(cuts) is { } count and > 0:
                size = whole is { } all ? ConstantValue.Of(all / count) : Open(input.Sizes[cut]);
                break;
            case SequenceValue { Rest: null, Items: var sizes } when !name.Contains(".ops.", StringComparison.Ordinal) && part < sizes.Count && !sizes.Exists(s => Size.Known(s) is null or -1):
                size = sizes[part];
                break;
            case SequenceValue { Rest: null, Items: var places } when name.Contains(".ops.", StringComparison.Ordinal) && places.TrueForAll(p => Size.Known(p) is not null) && whole is { } end:
                size = ConstantValue.Of((part < places.Count ? Size.Known(places[part])!.Value : end) - (part == 0 ? 0 : Size.Known(places[part - 1])!.Value));
                break;
        }

        return size is null ? null : input.With(cut, size);
    }

    /// <summary>Of <c>a @ b</c>: matrices in the last two dimensions.</summary>
    public static Shape? OfProduct(Value left, Value right, Func<Value, Value> here)
    {
        if (ShapeOf(left, here) is not { Rank: > 1 } a || ShapeOf(right, here) is not { Rank: > 1 } b || (b.Rank != a.Rank && b.Rank != 2))
        {
            return null;
        }

        var whole = b.Rank == 2 ? a : new(a.Sizes.Zip(b.Sizes, (m, n) => Size.Known(m) == 1 || Size.Known(m) is null ? n : m));
        return whole.With(a.Rank - 2, a.Sizes[^2]).With(a.Rank - 1, b.Sizes[^1]);
    }

    private static int? InsertedAt(Shape input, long axis) => (axis < 0 ? axis + input.Rank + 1 : axis) is >= 0 and var at && at <= input.Rank ? (int)at : null;

    /// <summary>A target shape whose one -1 is what is left; of a batch of any size it is open where the target does not name the batch.</summary>
    private static Shape? Of(List<Value> target, Shape input)
    {
        var open = target.FindIndex(t => Size.Known(t) == -1);
        if (open < 0)
        {
            return new(target);
        }

        if (target.FindLastIndex(t => Size.Known(t) == -1) != open)
        {
            return null;
        }

        var (all, rest) = (Size.Known(Product(input.Sizes)), Size.Known(Product(target.Where((_, i) => i != open))));
        target[open] = all is { } whole && rest is { } part and > 0 && whole % part == 0 ? ConstantValue.Of(whole / part)
            : input.Sizes.All(s => s is ConstantValue) && target.TrueForAll(t => Size.Known(t) is not null) ? ConstantValue.None : Size.Unknown();
        return new(target);
    }

    private static Shape? Reduced(Shape input, Value? axis, Value? keeps)
    {
        if (axis is null or ConstantValue { IsNone: true } || keeps is not (null or ConstantValue { Peek: bool }))
        {
            return null;
        }

        var axes = (axis is SequenceValue { Rest: null, Items: var items } ? items : [axis]).ConvertAll(a => Size.Known(a) is { } n ? input.Axis(n) : null);
        return axes.Contains(null) ? null
            : keeps is ConstantValue { Peek: true } ? new(input.Sizes.Select((s, i) => axes.Contains(i) ? Size.One : s)) : new(input.Sizes.Where((_, i) => !axes.Contains(i)));
    }

    private static Shape? Bordered(Shape input, List<Value> borders, Func<Value, Value> here)
    {
        var added = borders.ConvertAll(b => b is SequenceValue { Rest: null, Items: [var before, var behind] } ? Size.Known(here(before)) + Size.Known(here(behind)) : null);
        return new(input.Sizes.Select((s, i) => added[i] is 0 ? s : Size.Known(s) is { } n && added[i] is { } more ? ConstantValue.Of(n + more) : Open(s)));
    }
}
