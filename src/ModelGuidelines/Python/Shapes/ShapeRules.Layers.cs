using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <content>Convolutions, pools, and what else changes the size of an image.</content>
internal static partial class ShapeRules
{
    private static IEnumerable<(string Name, ShapeRule Rule)> Layers() =>
    [
        .. new[] { 1, 2, 3 }.SelectMany(d => new (string, ShapeRule)[]
        {
            ($"conv{d}d", c => Tensor(c.Tensor(1, "weight") is { } w && w.Rank == d + 2
                ? Convolved(c.Tensor(0, "input"), w.Sizes[0], [.. w.Sizes[2..].Select(s => Size.Known(s) ?? 0)], ShapeCall.Each(c.Given(3, "stride"), d, 1), c.Given(4, "padding"), ShapeCall.Each(c.Given(5, "dilation"), d, 1)) : null)),
            ($"conv_transpose{d}d", c => Tensor(c.Tensor(1, "weight") is { } w && w.Rank == d + 2 && c.Given(6, "groups") is var groups && Size.Of(groups ?? Size.One) is { } g
                ? Transposed(c.Tensor(0, "input"), Size.Times(w.Sizes[1], g), [.. w.Sizes[2..].Select(s => Size.Known(s) ?? 0)], ShapeCall.Each(c.Given(3, "stride"), d, 1), ShapeCall.Each(c.Given(4, "padding"), d, 0), ShapeCall.Each(c.Given(5, "output_padding"), d, 0), ShapeCall.Each(c.Given(7, "dilation"), d, 1)) : null)),
            ($"max_pool{d}d", c => c.Flag(6, "return_indices") is false && c.Flag(5, "ceil_mode") is { } ceil ? Tensor(Pooled(c.Tensor(0, "input"), d, c.Given(1, "kernel_size"), c.Given(2, "stride"), c.Given(3, "padding"), c.Given(4, "dilation"), ceil)) : null),
            ($"avg_pool{d}d", c => c.Flag(4, "ceil_mode") is { } ceil ? Tensor(Pooled(c.Tensor(0, "input"), d, c.Given(1, "kernel_size"), c.Given(2, "stride"), c.Given(3, "padding"), null, ceil)) : null),
            ($"adaptive_avg_pool{d}d", c => Tensor(Adapted(c.Tensor(0, "input"), d, c.Given(1, "output_size")))),
            ($"adaptive_max_pool{d}d", c => c.Flag(2, "return_indices") is false ? Tensor(Adapted(c.Tensor(0, "input"), d, c.Given(1, "output_size"))) : null),
        }),
        ("interpolate", c => Tensor(Scaled(c.Tensor(0, "input"), c.Given(1, "size"), c.Given(2, "scale_factor")))),
        ("upsample", c => Tensor(Scaled(c.Tensor(0, "input"), c.Given(1, "size"), c.Given(2, "scale_factor")))),
        ("pad", c => Tensor(c.Tensor(0, "input") is { } s ? Padded(s, c.Given(1, "pad")) : null)),
        ("constant_pad_nd", c => Tensor(c.Tensor(0, "input") is { } s ? Padded(s, c.Given(1, "pad")) : null)),
        ("pixel_shuffle", c => Tensor(Shuffled(c.Tensor(0, "input"), c.Number(1, "upscale_factor"), isUp: true))),
        ("pixel_unshuffle", c => Tensor(Shuffled(c.Tensor(0, "input"), c.Number(1, "downscale_factor"), isUp: false))),
        ("glu", c => Tensor(Halved(c.Tensor(0, "input"), c.Number(1, "dim", -1)))),
        ("grid_sample", c => Tensor(c.Tensor(0, "input") is { Rank: 4 } s && c.Tensor(1, "grid") is { Rank: 4 } g ? new([s.Sizes[0], s.Sizes[1], g.Sizes[1], g.Sizes[2]]) : null)),
        ("embedding", c => Tensor(c.Tensor(0, "input") is { } s && c.Tensor(1, "weight") is { Rank: 2 } w ? new([.. s.Sizes, w.Sizes[1]]) : null)),
    ];

    /// <summary>The last dimensions of an input, each computed; unknown ones stay unknown. Null: the computation does not say.</summary>
    private static Shape? Spatial(Shape? input, int count, Func<int, long, long?> size)
    {
        if (input is null || input.Rank < count + 1 || input.Rank > count + 2)
        {
            return null;
        }

        var result = input;
        for (var i = 0; i < count; i++)
        {
            var axis = input.Rank - count + i;
            if (Size.Known(input.Sizes[axis]) is not { } known)
            {
                result = result.With(axis, Size.Unknown());
            }
            else if (size(i, known) is { } next and > 0)
            {
                result = result.With(axis, ConstantValue.Of(next));
            }
            else
            {
                return null;
            }
        }

        return result;
    }

    private static Shape? Channels(Shape? shape, int spatial, Value channels) => shape?.With(shape.Rank - spatial - 1, channels);

    public static Shape? Convolved(Shape? input, Value channels, long[]? kernel, long[]? stride, Value? padding, long[]? dilation)
    {
        if (kernel is null || stride is null || dilation is null || kernel.Contains(0))
        {
            return null;
        }

        if (padding is ConstantValue { Raw: "same" })
        {
            return Channels(input, kernel.Length, channels);
        }

        var pads = padding is ConstantValue { Raw: "valid" } ? new long[kernel.Length] : ShapeCall.Each(padding, kernel.Length, 0);
        return pads is null ? null : Channels(Spatial(input, kernel.Length, (i, n) => stride[i] > 0 ? FloorOf(n + (2 * pads[i]) - (dilation[i] * (kernel[i] - 1)) - 1, stride[i]) + 1 : null), kernel.Length, channels);
    }

    public static Shape? Transposed(Shape? input, Value channels, long[]? kernel, long[]? stride, long[]? padding, long[]? more, long[]? dilation) =>
        kernel is null || stride is null || padding is null || more is null || dilation is null || kernel.Contains(0) ? null
            : Channels(Spatial(input, kernel.Length, (i, n) => ((n - 1) * stride[i]) - (2 * padding[i]) + (dilation[i] * (kernel[i] - 1)) + more[i] + 1), kernel.Length, channels);

    public static Shape? Pooled(Shape? input, int count, Value? kernelSize, Value? strides, Value? paddings, Value? dilations, bool isCeil)
    {
        if (kernelSize is null || ShapeCall.Each(kernelSize, count, 0) is not { } kernel || ShapeCall.Each(paddings, count, 0) is not { } padding || ShapeCall.Each(dilations, count, 1) is not { } dilation
            || (strides is null or ConstantValue { IsNone: true } or SequenceValue { Items.Count: 0, Rest: null } ? kernel : ShapeCall.Each(strides, count, 1)) is not { } stride)
        {
            return null;
        }

        return Spatial(input, count, (i, n) =>
        {
            if (stride[i] <= 0)
            {
                return null;
            }

            var room = n + (2 * padding[i]) - (dilation[i] * (kernel[i] - 1)) - 1;
            var result = (isCeil ? -FloorOf(-room, stride[i]) : FloorOf(room, stride[i])) + 1;
            return isCeil && (result - 1) * stride[i] >= n + padding[i] ? result - 1 : result; // no window begins behind the input
        });
    }

    public static Shape? Adapted(Shape? input, int count, Value? size)
    {
        if (input is null || input.Rank < count + 1 || input.Rank > count + 2)
        {
            return null;
        }

        var sizes = size switch
        {
            SequenceValue { Rest: null } s when s.Items.Count == count => s.Items,
            ConstantValue { Raw: long, IsOpen: false } => [.. Enumerable.Repeat(size, count)],
            _ => null,
        };
        return sizes is null ? null : new(input.Sizes.Select((s, i) => i < input.Rank - count ? s : sizes[i - (input.Rank - count)] is var one && one is ConstantValue { IsNone: true } ? s : Size.Of(one) ?? Size.Unknown()));
    }

    public static Shape? Scaled(Shape? input, Value? size, Value? factor)
    {
        if (input is not { Rank: >= 3 })
        {
            return null;
        }

        var count = input.Rank - 2;
        if (size is not null and not ConstantValue { IsNone: true })
        {
            return Adapted(input, count, size);
        }

        var factors = factor switch
        {
            SequenceValue { Rest: null } s when s.Items.Count == count && s.Items.TrueForAll(i => Evaluation.Arithmetic.NumberOf(i) is not null) => s.Items.Select(i => Evaluation.Arithmetic.NumberOf(i)!.Value).ToList(),
            ConstantValue { IsOpen: false } one when Evaluation.Arithmetic.NumberOf(one) is { } n => [.. Enumerable.Repeat(n, count)],
            _ => null,
        };
        return factors is null ? null : Spatial(input, count, (i, n) => (long)Math.Floor(n * factors[i]));
    }

    public static Shape? Padded(Shape shape, Value? pad)
    {
        if (pad is not SequenceValue { Rest: null, Items: var items } || items.Count % 2 != 0 || items.Count / 2 > shape.Rank)
        {
            return null;
        }

        for (var i = 0; i < items.Count / 2; i++)
        {
            var axis = shape.Rank - 1 - i;
            var all = (Size.Known(shape.Sizes[axis]), Size.Known(items[2 * i]), Size.Known(items[(2 * i) + 1]));
            shape = shape.With(axis, all is ({ } n, { } before, { } after) ? ConstantValue.Of(n + before + after) : all is (_, 0, 0) ? shape.Sizes[axis] : Size.Unknown());
        }

        return shape;
    }

    public static Shape? Shuffled(Shape? input, long? by, bool isUp)
    {
        if (input is not { Rank: >= 3 } || by is not ({ } factor and > 0))
        {
            return null;
        }

        Value? channels = Size.Known(input.Sizes[^3]) is { } known ? isUp ? known % (factor * factor) == 0 ? ConstantValue.Of(known / (factor * factor)) : null : ConstantValue.Of(known * factor * factor) : Size.Unknown();
        var shape = channels is null ? null : input.With(input.Rank - 3, channels);
        for (var axis = input.Rank - 2; shape is not null && axis < input.Rank; axis++)
        {
            shape = Size.Known(input.Sizes[axis]) is not { } n ? shape.With(axis, Size.Unknown()) : isUp ? shape.With(axis, ConstantValue.Of(n * factor)) : n % factor == 0 ? shape.With(axis, ConstantValue.Of(n / factor)) : null;
        }

        return shape;
    }

    public static Shape? Halved(Shape? input, long? dim) =>
        input is not null && dim is { } d && input.Axis(d) is { } axis ? Size.Known(input.Sizes[axis]) is { } n ? n % 2 == 0 ? input.With(axis, ConstantValue.Of(n / 2)) : null : input.With(axis, Size.Unknown()) : null;

    private static long FloorOf(long value, long by) => (long)Math.Floor((double)value / by);
}
