using System.Globalization;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Networks of torchvision.models that others derive from to tap their stages: the attributes they have, as torchvision has named them since 0.3.
/// What a stage does inside is not read: what is known of it is followed, what may hide there is a gap.</summary>
internal static class TorchvisionBackbones
{
    private const string Stage = "torchvision.models.Stage";
    private const string ResidualFile = "torchvision/models/resnet.py";
    private const int MaxBlocks = 200;
    private const int MaxLayers = 1_000;

    private const string VggClassifier = "Linear ReLU Dropout Linear ReLU Dropout Linear";

    /// <summary>Functions that make a network whose outline is known: what code takes of it (a slice of its features, a stage) is then known, too.</summary>
    public static IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("models.vgg.make_layers", MakeLayers),
        .. ResNets.SelectMany(r => Made("resnet", r.Name, "models.resnet.ResNet", (_, _) => CallArguments.Of(
            new ExternalValue("torchvision.models.resnet." + r.Block), SequenceValue.List(r.Counts.Select(n => (Value)ConstantValue.Of((long)n)))))),
        .. Vggs.SelectMany(v => new[] { false, true }.SelectMany(hasNorm => Made("vgg", v.Name + (hasNorm ? "_bn" : ""), "models.vgg.VGG", (c, _) => CallArguments.Of(Features(c, v.Layers, hasNorm))))),
        .. Made("alexnet", "alexnet", "models.alexnet.AlexNet", (_, _) => new()),
        .. new[] { "mobilenet", "mobilenetv2" }.SelectMany(file => Made(file, "mobilenet_v2", "models.mobilenetv2.MobileNetV2", (_, given) => given)).DistinctBy(r => r.Name),
        .. new[] { "densenet121", "densenet161", "densenet169", "densenet201" }.SelectMany(n => Made("densenet", n, "models.densenet.DenseNet", (_, _) => new())),
    ];

    private static readonly (string Name, string Block, int[] Counts)[] ResNets =
    [
        ("resnet18", "BasicBlock", [2, 2, 2, 2]), ("resnet34", "BasicBlock", [3, 4, 6, 3]), ("resnet50", "Bottleneck", [3, 4, 6, 3]), ("resnet101", "Bottleneck", [3, 4, 23, 3]), ("resnet152", "Bottleneck", [3, 8, 36, 3]),
        ("resnext50_32x4d", "Bottleneck", [3, 4, 6, 3]), ("resnext101_32x8d", "Bottleneck", [3, 4, 23, 3]), ("resnext101_64x4d", "Bottleneck", [3, 4, 23, 3]),
        ("wide_resnet50_2", "Bottleneck", [3, 4, 6, 3]), ("wide_resnet101_2", "Bottleneck", [3, 4, 23, 3]),
    ];

    /// <summary>How many convolutions stand before each pool.</summary>
    private static readonly (string Name, int[] Layers)[] Vggs = [("vgg11", [1, 1, 2, 2, 2]), ("vgg13", [2, 2, 2, 2, 2]), ("vgg16", [2, 2, 3, 3, 3]), ("vgg19", [2, 2, 4, 4, 4])];

    private static IEnumerable<LibraryRow> Made(string file, string name, string type, Func<ILibraryContext, CallArguments, CallArguments> given)
    {
        // Its own norms are not those of the outline.
        Value? Make(ILibraryContext c, CallArguments a) => a.Find("norm_layer") is null or ConstantValue { IsNone: true } ? c.Call(new ExternalValue("torchvision." + type), given(c, a)) : c.NewObject("torchvision.models.Model", a);
        return [LibraryRow.Of("models." + name, Make), LibraryRow.Of($"models.{file}.{name}", Make)];
    }

    private static ObjectValue Features(ILibraryContext context, int[] layers, bool hasNorm) =>
        Layers(context, layers.SelectMany(n => Enumerable.Repeat(hasNorm ? "Conv2d BatchNorm2d ReLU" : "Conv2d ReLU", n).Append("MaxPool2d")));

    private static ObjectValue Layers(ILibraryContext context, IEnumerable<string> types) =>
        Row(context, types.SelectMany(t => t.Split(' ')).Select((t, i) => (i.ToString(CultureInfo.InvariantCulture), (Value)context.NewObject("torch.nn." + t, new()))));

    public static IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For("models.Stage", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module"),
        .. LibraryClass.For("models.UnknownBlock", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module").Select(c => c with { Hides = Hides.Inside }),

        // They add, and join what they are given as lists.
        .. LibraryClass.For("models.mobilenetv2.Stage", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module").Select(c => c with { Hides = Hides.Functions }),
        .. LibraryClass.For("models.mobilenetv2.Added", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module").Select(c => c with { Forward = Added, IsOutlined = true }),
        .. LibraryClass.For("models.densenet.Stage", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module").Select(c => c with { Hides = Hides.Functions | Hides.Values }),

        // One activation behind each convolution, the last behind the sum.
        .. LibraryClass.For("models.resnet.Stage", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module").Select(c => c with { Forward = Residuals }),
        .. LibraryClass.For("models.resnet.StageBlock", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module").Select(c => c with { Forward = Residual, IsOutlined = true }),
        Backbone("models.resnet.ResNet", (c, self, arguments) =>
        {
            Set(c, self, "conv1 bn1 relu maxpool", "Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d");
            var times = Activations(arguments.Find(0, "block"));
            var counts = arguments.Find(1, "layers") is SequenceValue { Rest: null, Items.Count: 4 } layers ? layers.Items : null;
            for (var i = 0; i < 4; i++)
            {
                // Of a number that is not known, one.
                var stage = c.NewObject("torchvision.models.resnet.Stage", new());
                var blocks = counts?[i] is ConstantValue { Raw: long and > 0 and <= MaxBlocks and var n, IsOpen: false } ? n : 1;
                for (var k = 0; k < blocks; k++)
                {
                    if (times is null)
                    {
                        c.SetAttribute(stage, k.ToString(CultureInfo.InvariantCulture), c.NewObject("torchvision.models.UnknownBlock", new()));
                        continue;
                    }

                    var block = c.NewObject("torchvision.models.resnet.StageBlock", CallArguments.Of(times));
                    c.SetAttribute(block, "relu", c.NewObject("torch.nn.ReLU", new()));
                    c.SetAttribute(stage, k.ToString(CultureInfo.InvariantCulture), block);
                }

                c.SetAttribute(self, string.Create(CultureInfo.InvariantCulture, $"layer{i + 1}"), stage);
            }

            Set(c, self, "avgpool fc", "AdaptiveAvgPool2d", "Linear");
        }),
        Backbone("models.vgg.VGG", (c, self, arguments) =>
        {
            c.SetAttribute(self, "features", arguments.Find(0, "features") ?? c.NewObject("torch.nn.Sequential", new()));
            Set(c, self, "avgpool", "AdaptiveAvgPool2d");
            c.SetAttribute(self, "classifier", Layers(c, [VggClassifier]));
        }),
        Backbone("models.alexnet.AlexNet", (c, self, _) =>
        {
            c.SetAttribute(self, "features", Layers(c, ["Conv2d ReLU MaxPool2d Conv2d ReLU MaxPool2d Conv2d ReLU Conv2d ReLU Conv2d ReLU MaxPool2d"]));
            Set(c, self, "avgpool", "AdaptiveAvgPool2d");
            c.SetAttribute(self, "classifier", Layers(c, ["Dropout Linear ReLU Dropout Linear ReLU Linear"]));
        }),
        Backbone("models.mobilenetv2.MobileNetV2", (c, self, arguments) =>
        {
            // A stem, 17 blocks, a head; as many as the caller says where he says it.
            if (arguments.Find(2, "inverted_residual_setting") is null or ConstantValue { IsNone: true })
            {
                var blocks = IsOwnWidth(arguments) ? OwnBlocks : Enumerable.Repeat("torchvision.models.mobilenetv2.Stage", 19);
                c.SetAttribute(self, "features", Row(c, blocks.Select((b, i) => (i.ToString(CultureInfo.InvariantCulture), (Value)Holding(c, b)))));
            }

            c.SetAttribute(self, "classifier", c.NewObject(Stage, new()));
        }),
        Backbone("models.densenet.DenseNet", (c, self, _) =>
        {
            var features = c.NewObject("torch.nn.Sequential", new());
            Set(c, features, "conv0 norm0 relu0 pool0", "Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d");
            for (var i = 1; i <= 4; i++)
            {
                c.SetAttribute(features, string.Create(CultureInfo.InvariantCulture, $"denseblock{i}"), c.NewObject("torchvision.models.densenet.Stage", new()));
                if (i < 4)
                {
                    var transition = c.NewObject("torch.nn.Sequential", new());
                    Set(c, transition, "norm relu conv pool", "BatchNorm2d", "ReLU", "Conv2d", "AvgPool2d");
                    c.SetAttribute(features, string.Create(CultureInfo.InvariantCulture, $"transition{i}"), transition);
                }
            }

            Set(c, features, "norm5", "BatchNorm2d");
            c.SetAttribute(self, "features", features);
            Set(c, self, "classifier", "Linear");
        }),
    ];

    private static LibraryClass Backbone(string name, Action<ILibraryContext, ObjectValue, CallArguments> build) => new(name, ClassKind.TorchModule)
    {
        Base = "torch.nn.Module",
        Hides = Hides.Inside,
        HoldsModules = false,
        Construct = (context, self, arguments) =>
        {
            build(context, self, arguments);
            return null;
        },
    };

    /// <summary>How often a block calls its one activation; null for blocks that are not torchvision's.</summary>
    private static ConstantValue? Activations(Value? block) => block switch
    {
        ExternalValue { Name: "torchvision.models.resnet.BasicBlock" } => ConstantValue.Of(2L),
        ExternalValue { Name: "torchvision.models.resnet.Bottleneck" } => ConstantValue.Of(3L),
        _ => null,
    };

    /// <summary>MobileNetV2 in its own width: the blocks of a row keep size and channels and add what they are given, but for the first.</summary>
    private static IEnumerable<string> OwnBlocks =>
    [
        Stage,
        .. new[] { 1, 2, 3, 4, 3, 3, 1 }.SelectMany(n => Enumerable.Repeat("torchvision.models.mobilenetv2.Added", n - 1).Prepend(Stage)),
        Stage,
    ];

    /// <summary>What a block adds to is what its branch gives: it is no leaf.</summary>
    private static ObjectValue Holding(ILibraryContext context, string block)
    {
        var made = context.NewObject(block, new());
        context.SetAttribute(made, "conv", context.NewObject(Stage, new()));
        return made;
    }

    private static bool IsOwnWidth(CallArguments arguments) =>
        arguments.Find(1, "width_mult") is null or ConstantValue { Raw: 1.0 or 1L, IsOpen: false }
        && arguments.Find(4, "block") is null or ConstantValue { IsNone: true } or ExternalValue { Name: "torchvision.models.mobilenetv2.InvertedResidual" };

    private static TensorValue Added(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        context.In("torchvision/models/mobilenetv2.py").Operation("add", CallArguments.Of(new TensorValue(), new TensorValue()));
        return new();
    }

    private static TensorValue Residuals(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        var inside = context.In(ResidualFile);
        foreach (var (_, block) in context.Children(self))
        {
            inside.ForEach(block, b => b is ObjectValue o ? inside.CallModule(o, arguments) : inside.Call(b, arguments));
        }

        return new();
    }

    private static TensorValue Residual(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        var inside = context.In(ResidualFile);
        var times = self.ConstructedWith?.Find(0, "") is ConstantValue { Raw: long n } ? n : 2;
        for (var i = 0; i < times && self.Attributes.Find("relu") is ObjectValue relu; i++)
        {
            inside.CallModule(relu, arguments);
        }

        inside.Operation("add", CallArguments.Of(new TensorValue(), new TensorValue()));
        return new();
    }

    private static void Set(ILibraryContext context, ObjectValue self, string names, params string[] types)
    {
        foreach (var (name, type) in names.Split(' ').Zip(types))
        {
            context.SetAttribute(self, name, context.NewObject("torch.nn." + type, new()));
        }
    }

    private static ObjectValue Row(ILibraryContext context, IEnumerable<(string Name, Value Module)> modules)
    {
        var result = context.NewObject("torch.nn.Sequential", new());
        foreach (var (name, module) in modules)
        {
            context.SetAttribute(result, name, module);
        }

        return result;
    }

    /// <summary>VGG's own notation: a number is a convolution and its activation, "M" a pool.</summary>
    private static ObjectValue? MakeLayers(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "cfg") is not SequenceValue { Rest: null, Items.Count: < MaxLayers } layers || !layers.Items.TrueForAll(i => i is ConstantValue))
        {
            return null;
        }

        var hasNorm = arguments.Find(1, "batch_norm") is { } given && context.Truth(given) is true;
        var types = layers.Items.Cast<ConstantValue>().SelectMany(i => i.Raw is "M" ? ["MaxPool2d"] : hasNorm ? new[] { "Conv2d", "BatchNorm2d", "ReLU" } : ["Conv2d", "ReLU"]);
        return Layers(context, types);
    }
}
