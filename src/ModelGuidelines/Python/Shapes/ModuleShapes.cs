using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <summary>The sizes of what modules of torch.nn give, from what their instances keep.</summary>
internal static class ModuleShapes
{
    /// <summary>They change no size.</summary>
    private static readonly FrozenSet<string> Same =
        """
        BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d GroupNorm LayerNorm RMSNorm ReLU ReLU6 SELU SiLU Mish Hardsigmoid Hardswish LogSigmoid Sigmoid Softmax2d Softsign Tanh
        Tanhshrink CELU ELU LeakyReLU RReLU GELU Hardshrink Softshrink Hardtanh Softplus Threshold Softmax LogSoftmax Softmin PReLU ChannelShuffle LocalResponseNorm CrossMapLRN2d
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What a call gives back; null where that is not known.</summary>
    /// <param name="type">The class, by its full name.</param>
    /// <param name="module">The instance.</param>
    /// <param name="arguments">Of the call.</param>
    /// <param name="here">What a value is where the running code stands.</param>
    public static Shape? Of(string type, ObjectValue module, CallArguments arguments, Func<Value, Value> here)
    {
        const string Prefix = "torch.nn.";
        if (!type.StartsWith(Prefix, StringComparison.Ordinal) || arguments.All.FirstOrDefault() is not { } first || new ShapeCall(arguments, here).ShapeOf(first) is not { } input)
        {
            return null;
        }

        Value? Kept(string name) => module.Attributes.Find(name) is { } value ? here(value) : null;
        long? Number(string name) => Kept(name) is { } value ? Size.Known(value) : null;
        Value? SizeOf(string name) => Kept(name) is { } value ? Size.Of(value) : null;
        var name = type[Prefix.Length..];
        if (Same.Contains(name))
        {
            return input;
        }

        var count = name.Length > 2 && name[^1] == 'd' && char.IsAsciiDigit(name[^2]) ? name[^2] - '0' : 0;
        long[]? Each(string name, long otherwise) => ShapeCall.Each(Kept(name), count, otherwise);
        switch (count == 0 ? name : name[..^2])
        {
            case "Linear" or "NonDynamicallyQuantizableLinear":
                return SizeOf("out_features") is { } features && input.Rank > 0 ? input.With(input.Rank - 1, features) : null;
            case "Conv":
                return SizeOf("out_channels") is { } channels && Kept("kernel_size") is { } kernel ? ShapeRules.Convolved(input, channels, ShapeCall.Each(kernel, count, 0), Each("stride", 1), Kept("padding"), Each("dilation", 1)) : null;
            case "ConvTranspose" when arguments.Positional.Count == 1 && arguments.Named.Count == 0:
                return SizeOf("out_channels") is { } outputs && Kept("kernel_size") is { } window ? ShapeRules.Transposed(input, outputs, ShapeCall.Each(window, count, 0), Each("stride", 1), Each("padding", 0), Each("output_padding", 0), Each("dilation", 1)) : null;
            case "MaxPool" or "AvgPool":
                return Kept("ceil_mode") is ConstantValue { Peek: bool ceil } ? ShapeRules.Pooled(input, count, Kept("kernel_size"), Kept("stride"), Kept("padding"), Kept("dilation"), ceil) : null;
            case "AdaptiveAvgPool" or "AdaptiveMaxPool":
                return ShapeRules.Adapted(input, count, Kept("output_size"));
            case "ZeroPad" or "ConstantPad" or "ReflectionPad" or "ReplicationPad" or "CircularPad":
                return ShapeRules.Padded(input, Kept("padding") is ConstantValue { Peek: long } all ? SequenceValue.Tuple([.. Enumerable.Repeat<Value>(all, 2 * count)]) : Kept("padding"));
            case "Upsample" or "UpsamplingBilinear" or "UpsamplingNearest":
                return ShapeRules.Scaled(input, Kept("size"), Kept("scale_factor"));
            case "PixelShuffle":
                return ShapeRules.Shuffled(input, Number("upscale_factor"), isUp: true);
            case "PixelUnshuffle":
                return ShapeRules.Shuffled(input, Number("downscale_factor"), isUp: false);
            case "GLU":
                return ShapeRules.Halved(input, Number("dim"));
            case "Embedding":
                return SizeOf("embedding_dim") is { } width ? new([.. input.Sizes, width]) : null;
            case "Flatten":
                return Function("torch.flatten", Kept("start_dim"), Kept("end_dim"));
            case "Unflatten":
                return Function("torch.unflatten", Kept("dim"), Kept("unflattened_size"));
            default:
                return null;
        }

        Shape? Function(string function, params Value?[] more) =>
            more.Contains(null) ? null : (ShapeRules.Of(function, CallArguments.Of([arguments.All.First(), .. more!]), here) as TensorValue)?.Shape;
    }

    /// <summary>Of a parameter: <c>conv.weight</c>.</summary>
    public static Shape? OfParameter(ObjectValue module, string name)
    {
        if (module.ExternalType is not { } type || !type.StartsWith("torch.nn.", StringComparison.Ordinal) || name is not "weight")
        {
            return null;
        }

        Value? Kept(string attribute) => module.Attributes.Find(attribute) is { } value ? Size.Of(value) : null;
        if (module.Is("Linear"))
        {
            return Kept("out_features") is { } wide && Kept("in_features") is { } deep ? new([wide, deep]) : null;
        }

        if (module.Is("Embedding"))
        {
            return Kept("num_embeddings") is { } many && Kept("embedding_dim") is { } width ? new([many, width]) : null;
        }

        var last = type[(type.LastIndexOf('.') + 1)..];
        if (last is not ("Conv1d" or "Conv2d" or "Conv3d" or "ConvTranspose1d" or "ConvTranspose2d" or "ConvTranspose3d") || module.Attributes.Find("kernel_size") is not SequenceValue { Rest: null } kernel
            || Kept("in_channels") is not { } inputs || Kept("out_channels") is not { } outputs || Kept("groups") is not { } groups || kernel.Items.Exists(k => Size.Of(k) is null))
        {
            return null;
        }

        var (first, second) = last.StartsWith("ConvT", StringComparison.Ordinal) ? (inputs, outputs) : (outputs, inputs);
        var each = (Size.Known(second), Size.Known(groups)) is ({ } n, { } g and > 0) && n % g == 0 ? ConstantValue.Of(n / g) : (Value)Size.Unknown();
        return new([first, each, .. kernel.Items.Select(k => Size.Of(k)!)]);
    }
}
