using System.Collections.Frozen;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <summary>What a function of PyTorch gives back, with its sizes; null where a size that it depends on is not known.</summary>
internal delegate Value? ShapeRule(ShapeCall call);

/// <summary>The sizes of what PyTorch's functions give, from the sizes of what they are given.</summary>
/// <remarks>A function without a rule gives a tensor of unknown shape: what depends on it goes either way, as before. Source: torch's documentation of each function.</remarks>
internal static partial class ShapeRules
{
    /// <summary>They give what has the first tensor's sizes, whatever else they are given.</summary>
    private const string LikeFirst =
        """
        alpha_dropout argsort batch_norm bfloat16 bool byte celu char clone contiguous cpu cuda cumprod cumsum detach double dropout dropout1d dropout2d dropout3d elu empty_like feature_alpha_dropout fill flip float full_like
        gelu group_norm half hardshrink hardsigmoid hardswish hardtanh instance_norm int layer_norm leaky_relu local_response_norm log_softmax logsigmoid long mish nan_to_num normalize ones_like
        pin_memory prelu rand_like randint_like randn_like relu relu6 renorm rms_norm roll rrelu selu short sigmoid silu softmax softmin softplus softshrink softsign tanh tanhshrink threshold to tril triu
        type_as zeros_like abs absolute acos acosh asin asinh atan atanh bitwise_not ceil conj_physical cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 floor frac isfinite isinf isnan log log10 log1p log2
        logical_not logit neg negative positive rad2deg reciprocal round rsqrt sgn sign sin sinc sinh sqrt square tan trunc
        """;

    /// <summary>They combine tensors element by element.</summary>
    private const string ByElement =
        """
        add addcdiv addcmul arctan2 atan2 bitwise_and bitwise_or bitwise_xor clamp clamp_max clamp_min clip copysign div divide eq float_power floor_divide fmax fmin fmod ge greater greater_equal gt hypot le lerp less less_equal
        logaddexp logical_and logical_or logical_xor lt masked_fill maximum minimum mul multiply ne nextafter not_equal pow remainder sub subtract true_divide xlogy
        """;

    private const string Reducing = "all amax amin any argmax argmin count_nonzero logsumexp mean nanmean nansum prod sum";

    private static readonly FrozenDictionary<string, ShapeRule> Rules = All().ToFrozenDictionary(r => r.Name, r => r.Rule, StringComparer.Ordinal);

    /// <summary>In-place methods after which a tensor has other sizes.</summary>
    private static readonly FrozenSet<string> Reshaping = "resize_ resize_as_ set_ squeeze_ swapaxes_ swapdims_ t_ transpose_ unsqueeze_ as_strided_".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Asks for the result of a call.</summary>
    /// <param name="name">The full name: <c>torch.nn.functional.pad</c>, <c>torch.Tensor.view</c>.</param>
    /// <param name="arguments">The tensor first.</param>
    /// <param name="here">What a value is where the running code stands.</param>
    public static Value? Of(string name, CallArguments arguments, Func<Value, Value> here)
    {
        if (!name.StartsWith("torch.", StringComparison.Ordinal))
        {
            return null;
        }

        var last = name[(name.LastIndexOf('.') + 1)..];

        if (Reshaping.Contains(last))
        {
            foreach (var tensor in arguments.All.Take(1).SelectMany(a => a.Possible()).OfType<TensorValue>())
            {
                tensor.Shape = null;
            }

            return null;
        }

        return Rules.TryGetValue(last, out var rule) ? rule(new(arguments, here)) : null;
    }

    /// <summary>Of an operator: <c>add</c> for <c>+</c>.</summary>
    public static Shape? OfOperator(string operation, Value left, Value right, Func<Value, Value> here) =>
        Rules.TryGetValue(operation, out var rule) && rule(new(CallArguments.Of(left, right), here)) is TensorValue result ? result.Shape : null;

    private static IEnumerable<(string Name, ShapeRule Rule)> All() =>
    [
        .. Words(LikeFirst).Select(n => (n, new ShapeRule(c => Tensor(c.Tensor(0, "input"))))),
        .. Words(ByElement).Select(n => (n, new ShapeRule(Combined))),
        ("where", c => c.Arguments.All.Count() == 3 ? Combined(c) : null),
        .. Words(Reducing).Select(n => (n, new ShapeRule(c => Tensor(Reduced(c, 1))))),
        .. Words("std var").Select(n => (n, new ShapeRule(c => c.Arguments.Positional.Count <= 2 ? Tensor(Reduced(c, 1)) : null))),
        ("norm", c => c.Arguments.Positional.Count > 1 || c.IsGiven(-1, "dim") ? Tensor(Reduced(c, 2)) : null),
        ("max", Extreme),
        ("min", Extreme),
        ("sort", c => c.Tensor(0, "input") is { } shape ? ShapeCall.Tuple([shape, shape]) : null),
        .. Views(),
        .. Layers(),
        .. Products(),
        .. Makers(),
    ];

    private static IEnumerable<string> Words(string names) => names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private static TensorValue? Tensor(Shape? shape) => shape is null ? null : new TensorValue { Shape = shape };

    private static TensorValue? Combined(ShapeCall call)
    {
        Shape? result = null;
        if (call.Arguments.HasUnknown)
        {
            return null;
        }

        foreach (var value in call.Arguments.All)
        {
            if (ShapeCall.IsScalar(value) || value is ConstantValue)
            {
                continue;
            }

            if (call.ShapeOf(value) is not { } shape)
            {
                return null;
            }

            result = result is null ? shape : Shape.Broadcast(result, shape);
            if (result is null)
            {
                return null;
            }
        }

        return Tensor(result);
    }

    private static Value? Extreme(ShapeCall call)
    {
        if (call.Given(1, "dim") is null && call.Given(-1, "other") is null)
        {
            return call.Tensor(0, "input") is not null ? new TensorValue { Shape = new([]) } : null;
        }

        if (call.Given(1, "other") is { } other && call.ShapeOf(other) is not null)
        {
            return Combined(call);
        }

        return Reduced(call, 1) is { } shape ? ShapeCall.Tuple([shape, shape]) : null;
    }

    /// <summary>Along the dimensions that an argument at a position names; along all where it is not given.</summary>
    private static Shape? Reduced(ShapeCall call, int position)
    {
        if (call.Tensor(0, "input") is not { } shape || call.Flag(position + 1, "keepdim") is not { } keeps || call.Arguments.Rest is not null)
        {
            return null;
        }

        IEnumerable<long?> axes;
        switch (call.Given(position, "dim") ?? call.Given(-1, "axis"))
        {
            case null:
                return keeps ? null : new([]);
            case SequenceValue { Rest: null, Items: { Count: > 0 } items }:
                axes = items.Select(Size.Known);
                break;
            case var one:
                axes = [Size.Known(one)];
                break;
        }

        var gone = axes.Select(a => a is { } axis ? shape.Axis(axis) : null).ToList();
        return gone.Contains(null) ? null : keeps ? new(shape.Sizes.Select((s, i) => gone.Contains(i) ? Size.One : s)) : new(shape.Sizes.Where((_, i) => !gone.Contains(i)));
    }
}
