using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <summary>The sizes of tensors in a Keras graph under construction: (batch, ..., channels), None where a model takes any size.</summary>
/// <remarks>Channels come last, as Keras is installed; a layer that is told otherwise gives no shape, as every layer without a rule. Source: Keras' documentation of each layer.</remarks>
internal static partial class KerasShapes
{
    /// <summary>They change no size.</summary>
    private static readonly FrozenSet<string> Same =
        """
        BatchNormalization SyncBatchNormalization LayerNormalization GroupNormalization UnitNormalization RMSNormalization Normalization Rescaling Activation ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax Dropout AlphaDropout
        GaussianNoise GaussianDropout SpatialDropout1D SpatialDropout2D SpatialDropout3D ActivityRegularization Identity Masking
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Of an input; null where its sizes cannot be told.</summary>
    /// <param name="arguments">Of <c>keras.Input</c>.</param>
    /// <param name="here">What a value is where the running code stands.</param>
    public static Shape? OfInput(CallArguments arguments, Func<Value, Value> here)
    {
        if (arguments.HasUnknown || arguments.Find("tensor") is not null)
        {
            return null;
        }

        var whole = arguments.Find("batch_shape") ?? arguments.Find("batch_input_shape");
        return Sizes(whole ?? arguments.Find(0, "shape"), here) is { } sizes ? new(whole is null ? sizes.Prepend(arguments.Find(1, "batch_size") is { } batch ? Size.Of(here(batch)) ?? ConstantValue.None : ConstantValue.None) : sizes) : null;
    }

    /// <summary>Of a tensor; of several that it may be, where they have one shape.</summary>
    public static Shape? ShapeOf(Value value, Func<Value, Value> here) => value switch
    {
        GraphTensor t => t.Shape,
        ChoiceValue => here(value) switch
        {
            ChoiceValue { Options: var options } => options.Select(o => (o.Value as GraphTensor)?.Shape).ToList() is [{ } first, ..] all && all.TrueForAll(s => s is not null && AreAlike(s, first)) ? first : null,
            var one => ShapeOf(one, here),
        },
        SequenceValue { Rest: null, Items: [var only] } => ShapeOf(only, here),
        _ => null,
    };

    /// <summary>What code reads as <c>x.shape</c>.</summary>
    public static SequenceValue? Written(Value tensor, Func<Value, Value> here) => ShapeOf(tensor, here) is { } shape ? SequenceValue.Tuple([.. shape.Sizes]) : null;

    /// <summary>Of tensors that are combined element by element, numbers among them.</summary>
    public static Shape? Combined(IEnumerable<Value> values, Func<Value, Value> here)
    {
        Shape? result = null;
        foreach (var value in values)
        {
            if (ShapeCall.IsScalar(value))
            {
                continue;
            }

            if (ShapeOf(value, here) is not { } shape || (result is not null && shape.Rank != result.Rank))
            {
                return null;
            }

            result = result is null ? shape : new(result.Sizes.Zip(shape.Sizes, (a, b) => AreSame(a, b) || Size.Known(b) == 1 ? a : Size.Known(a) == 1 ? b : Size.Known(a) is null ? a : b));
        }

        return result;
    }

    /// <summary>What a call of a layer gives back; null where that is not known.</summary>
    /// <param name="type">The class, by its full name.</param>
    /// <param name="layer">The instance.</param>
    /// <param name="arguments">Of the call.</param>
    /// <param name="here">What a value is where the running code stands.</param>
    public static Shape? Of(string type, ObjectValue layer, CallArguments arguments, Func<Value, Value> here)
    {
        if (arguments.All.FirstOrDefault() is not { } first)
        {
            return null;
        }

        if (layer.Graph is not null)
        {
            // A model as a layer: what it gave the inputs that it was made of, where these are alike.
            return layer.Attributes.Find("input") is { } input && layer.Attributes.Find("output") is { } output && ShapeOf(input, here) is { } made && ShapeOf(first, here) is { } given && AreAlike(made, given) ? ShapeOf(output, here) : null;
        }

        if (!type.StartsWith("keras.layers.", StringComparison.Ordinal) || layer.ConstructedWith is not { HasUnknown: false } with)
        {
            return null;
        }

        var name = type["keras.layers.".Length..];
        Value? Given(int position, string argument) => with.Find(position, argument) is { } value && here(value) is var known && known is not ConstantValue { IsNone: true } ? known : null;
        var several = first is SequenceValue { Rest: null, Items: var items } ? items : [first];
        switch (name)
        {
            case "Add" or "Multiply" or "Average" or "Maximum" or "Minimum" or "Subtract":
                return Combined(several, here);
            case "Concatenate":
                return Joined([.. several.Select(v => ShapeOf(v, here))], Given(0, "axis") is { } axis ? Size.Known(axis) : -1);
        }

        // Where the format stands differs from layer to layer: behind the third argument.
        if (with.Positional.Exists(v => here(v) is ConstantValue { Peek: "channels_first" }) || with.Positional.Skip(3).Any(v => here(v) is not ConstantValue))
        {
            return null;
        }

        return ShapeOf(first, here) is not { Rank: > 1 } shape || Given(-1, "data_format") is not (null or ConstantValue { Peek: "channels_last" }) ? null
            : Same.Contains(name) ? shape : One(name, shape, Given);
    }

    private static Shape? One(string name, Shape input, Func<int, string, Value?> given)
    {
        var last = input.Rank - 1;
        var count = name.Length > 2 && name.LastIndexOf('D') is > 0 and var d && char.IsAsciiDigit(name[d - 1]) ? name[d - 1] - '0' : 0;
        Value? Number(int position, string argument) => given(position, argument) is { } value ? Size.Of(value) : null;
        long[]? Each(int position, string argument, long otherwise) => ShapeCall.Each(given(position, argument), count, otherwise);
        if (count > 0 && input.Rank != count + 2)
        {
            return null;
        }

        switch (count == 0 ? name : name[..(name.LastIndexOf('D') - 1)] + name[(name.LastIndexOf('D') + 1)..])
        {
            case "Dense":
                return Number(0, "units") is { } units ? input.With(last, units) : null;
            case "Conv" or "Convolution" or "SeparableConv" or "SeparableConvolution":
                return Number(0, "filters") is { } filters ? Windowed(input, filters, Each(1, "kernel_size", 0), Each(2, "strides", 1), given(3, "padding"), Each(-1, "dilation_rate", 1)) : null;
            case "DepthwiseConv":
                return (given(3, "depth_multiplier") is { } times ? Size.Known(times) : 1) is { } each ? Windowed(input, Times(input.Sizes[last], each), Each(0, "kernel_size", 0), Each(1, "strides", 1), given(2, "padding"), Each(-1, "dilation_rate", 1)) : null;
            case "ConvTranspose" or "ConvolutionTranspose":
                return Number(0, "filters") is { } channels && given(-1, "output_padding") is null ? Unwindowed(input, channels, Each(1, "kernel_size", 0), Each(2, "strides", 1), given(3, "padding")) : null;
            case "MaxPooling" or "AveragePooling" or "MaxPool" or "AvgPool":
                var window = Each(0, "pool_size", 2);
                return Windowed(input, input.Sizes[last], window, given(1, "strides") is { } strides ? ShapeCall.Each(strides, count, 1) : window, given(2, "padding"), ShapeCall.Each(null, count, 1));
            case "GlobalAveragePooling" or "GlobalMaxPooling" or "GlobalAvgPool" or "GlobalMaxPool":
                return given(-1, "keepdims") switch
                {
                    null or ConstantValue { Peek: false } => new([input.Sizes[0], input.Sizes[last]]),
                    ConstantValue { Peek: true } => new(input.Sizes.Select((s, i) => i == 0 || i == last ? s : Size.One)),
                    _ => null,
                };
            case "ZeroPadding":
                return Bordered(input, count, given(0, "padding"), 1);
            case "Cropping":
                return Bordered(input, count, given(0, "cropping"), -1);
            case "UpSampling":
                return Each(0, "size", 2) is { } size ? new(input.Sizes.Select((s, i) => i == 0 || i == last ? s : Times(s, size[i - 1]))) : null;
            case "Flatten":
                return new([input.Sizes[0], Product(input.Sizes.Skip(1))]);
            case "Reshape":
                return Sizes(given(0, "target_shape"), v => v) is { } target && Reshaped(input, [.. target]) is { } sizes ? new(sizes.Prepend(input.Sizes[0])) : null;
            case "Permute":
                return given(0, "dims") is SequenceValue { Rest: null, Items: { } dims } && dims.TrueForAll(i => Size.Known(i) is { } at && at > 0 && at <= last) ? new(dims.Select(i => input.Sizes[(int)Size.Known(i)!.Value]).Prepend(input.Sizes[0])) : null;
            case "RepeatVector":
                return Number(0, "n") is { } n && input.Rank == 2 ? new([input.Sizes[0], n, input.Sizes[1]]) : null;
            case "Embedding":
                return Number(1, "output_dim") is { } width ? new([.. input.Sizes, width]) : null;
            case "LSTM" or "GRU" or "SimpleRNN" or "CuDNNLSTM" or "CuDNNGRU" when given(-1, "return_state") is null or ConstantValue { Peek: false } && Number(0, "units") is { } wide && input.Rank == 3:
                return given(-1, "return_sequences") switch { null or ConstantValue { Peek: false } => new([input.Sizes[0], wide]), ConstantValue { Peek: true } => input.With(2, wide), _ => null };
            default:
                return null;
        }
    }

    private static Shape? Windowed(Shape input, Value channels, long[]? kernel, long[]? strides, Value? padding, long[]? dilation) =>
        kernel is null || strides is null || dilation is null || strides.Any(s => s <= 0) || Padding(padding) is not { } isSame ? null
        : new(input.Sizes.Select((s, i) => i == 0 ? s : i == input.Rank - 1 ? channels
            : Size.Known(s) is not { } n ? Open(s) : isSame ? ConstantValue.Of((n + strides[i - 1] - 1) / strides[i - 1]) : ConstantValue.Of(((n - ((kernel[i - 1] - 1) * dilation[i - 1]) - 1) / strides[i - 1]) + 1)));

    private static Shape? Unwindowed(Shape input, Value channels, long[]? kernel, long[]? strides, Value? padding) =>
        kernel is null || strides is null || Padding(padding) is not { } isSame ? null
        : new(input.Sizes.Select((s, i) => i == 0 ? s : i == input.Rank - 1 ? channels
            : Size.Known(s) is not { } n ? Open(s) : ConstantValue.Of((n * strides[i - 1]) + (isSame ? 0 : Math.Max(kernel[i - 1] - strides[i - 1], 0)))));

    /// <summary>Whether a window's padding keeps the size; null where it is not told.</summary>
    private static bool? Padding(Value? padding) => padding switch
    {
        null => false,
        ConstantValue { Peek: string text } => text.ToUpperInvariant() switch { "SAME" or "CAUSAL" => true, "VALID" => false, _ => null },
        _ => null,
    };

    /// <summary>Given once for all, once for each dimension, or as a pair for each; for one dimension as a pair.</summary>
    private static Shape? Bordered(Shape input, int count, Value? border, int sign)
    {
        var pairs = border switch
        {
            SequenceValue { Rest: null, Items: { Count: 2 } pair } when count == 1 => [pair],
            SequenceValue { Rest: null, Items: var each } when each.Count == count => [.. each.Select(e => e is SequenceValue { Rest: null, Items: { Count: 2 } two } ? two : [e, e])],
            null when sign > 0 => [.. Enumerable.Repeat(new List<Value> { Size.One, Size.One }, count)],
            ConstantValue all => [.. Enumerable.Repeat(new List<Value> { all, all }, count)],
            _ => (List<List<Value>>)[],
        };
        var added = pairs.Select(p => Size.Known(p[0]) + Size.Known(p[1])).ToList();
        return added.Count != count || added.Contains(null) ? null
            : new(input.Sizes.Select((s, i) => i == 0 || i == input.Rank - 1 ? s : Size.Known(s) is { } n ? ConstantValue.Of(n + (sign * added[i - 1]!.Value)) : Open(s)));
    }

    private static Shape? Joined(List<Shape?> shapes, long? along) =>
        along is not { } index || shapes is not [{ } first, ..] || !shapes.TrueForAll(s => s is not null && s.Rank == first.Rank) || first.Axis(index) is not { } axis ? null
        : first.With(axis, shapes.Aggregate((Value)ConstantValue.Of(0L), (sum, s) => (Size.Known(sum), Size.Known(s!.Sizes[axis])) is ({ } m, { } n) ? ConstantValue.Of(m + n) : Open(s.Sizes[axis])));

    private static List<Value>? Reshaped(Shape input, List<Value> target)
    {
        var open = target.FindAll(t => Size.Known(t) == -1);
        if (open.Count == 0)
        {
            return target;
        }

        var rest = Product(target.Where(t => Size.Known(t) != -1));
        var size = (Size.Known(Product(input.Sizes.Skip(1))), Size.Known(rest)) is ({ } all, { } part and > 0) && all % part == 0 ? ConstantValue.Of(all / part) : (Value)ConstantValue.None;
        return open.Count > 1 ? null : [.. target.Select(t => Size.Known(t) == -1 ? size : t)];
    }

    private static Value Product(IEnumerable<Value> sizes) => sizes.Aggregate((Value)Size.One, (all, s) => (Size.Known(all), Size.Known(s)) is ({ } m, { } n) ? ConstantValue.Of(m * n) : Open(s));

    private static Value Times(Value size, long times) => Size.Known(size) is { } n ? ConstantValue.Of(n * times) : Open(size);

    /// <summary>Of a size that the graph leaves open it makes another open one; of one that only we cannot tell, such a one.</summary>
    private static Value Open(Value size) => size is ConstantValue ? ConstantValue.None : Size.Unknown();

    private static bool AreSame(Value a, Value b) => Size.AreSame(a, b) || (a is ConstantValue { IsNone: true } && b is ConstantValue { IsNone: true });

    private static bool AreAlike(Shape a, Shape b) => a.Rank == b.Rank && a.Sizes.Zip(b.Sizes).All(p => AreSame(p.First, p.Second));

    private static List<Value>? Sizes(Value? written, Func<Value, Value> here)
    {
        if (written is null || here(written) is not SequenceValue { Rest: null, Items: var items })
        {
            return null;
        }

        var sizes = items.Select(i => here(i) is var size && size is ConstantValue { IsNone: true } ? size : Size.Of(size)).ToList();
        return sizes.Contains(null) ? null : [.. sizes.Select(s => s!)];
    }
}
