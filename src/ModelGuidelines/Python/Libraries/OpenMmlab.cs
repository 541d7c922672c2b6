using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>mmcv and mmengine, where their files are not on the search path: the layers that mmcv registers by short names, what builds them from settings, and its modules.</summary>
internal sealed class OpenMmlab : PythonLibrary
{
    private const string Module = "torch.nn.Module";

    /// <summary>The short names of mmcv's registry.</summary>
    private static readonly FrozenDictionary<string, string> Layers = new Dictionary<string, string>
    {
        ["Conv1d"] = "torch.nn.Conv1d", ["Conv2d"] = "torch.nn.Conv2d", ["Conv3d"] = "mmcv.cnn.Conv3d", ["Conv"] = "mmcv.cnn.Conv2d", ["deconv"] = "mmcv.cnn.ConvTranspose2d", ["deconv3d"] = "mmcv.cnn.ConvTranspose3d",
        ["Linear"] = "torch.nn.Linear", ["ConvWS"] = "mmcv.cnn.ConvWS2d", ["ConvAWS"] = "mmcv.cnn.ConvAWS2d", ["DCN"] = "mmcv.ops.DeformConv2dPack", ["DCNv2"] = "mmcv.ops.ModulatedDeformConv2dPack",
        ["BN"] = "torch.nn.BatchNorm2d", ["BN1d"] = "torch.nn.BatchNorm1d", ["BN2d"] = "torch.nn.BatchNorm2d", ["BN3d"] = "torch.nn.BatchNorm3d", ["SyncBN"] = "torch.nn.SyncBatchNorm", ["GN"] = "torch.nn.GroupNorm",
        ["LN"] = "torch.nn.LayerNorm", ["IN"] = "torch.nn.InstanceNorm2d", ["IN1d"] = "torch.nn.InstanceNorm1d", ["IN2d"] = "torch.nn.InstanceNorm2d", ["IN3d"] = "torch.nn.InstanceNorm3d",
        ["ReLU"] = "torch.nn.ReLU", ["LeakyReLU"] = "torch.nn.LeakyReLU", ["PReLU"] = "torch.nn.PReLU", ["RReLU"] = "torch.nn.RReLU", ["ReLU6"] = "torch.nn.ReLU6", ["ELU"] = "torch.nn.ELU", ["Sigmoid"] = "torch.nn.Sigmoid",
        ["Tanh"] = "torch.nn.Tanh", ["SiLU"] = "torch.nn.SiLU", ["GELU"] = "torch.nn.GELU", ["HSwish"] = "torch.nn.Hardswish", ["Swish"] = "mmcv.cnn.Swish", ["HSigmoid"] = "mmcv.cnn.HSigmoid", ["Clamp"] = "mmcv.cnn.Clamp",
        ["Clip"] = "mmcv.cnn.Clamp", ["zero"] = "torch.nn.ZeroPad2d", ["reflect"] = "torch.nn.ReflectionPad2d", ["replicate"] = "torch.nn.ReplicationPad2d", ["nearest"] = "torch.nn.Upsample", ["bilinear"] = "torch.nn.Upsample",
        ["pixel_shuffle"] = "mmcv.cnn.PixelShufflePack", ["Dropout"] = "mmcv.cnn.Dropout", ["DropPath"] = "mmcv.cnn.DropPath", ["FFN"] = "mmcv.cnn.FFN", ["MultiheadAttention"] = "mmcv.cnn.MultiheadAttention",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public override IReadOnlyList<string> Prefixes => [""];

    public override bool IsReadFirst => true;

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(
        "activation context_block conv conv2d_adaptive_padding conv_module conv_ws depthwise_separable_conv_module drop generalized_attention hsigmoid hswish non_local norm padding plugin scale swish transformer upsample wrappers"
            .Split(' ').Select(f => KeyValuePair.Create($"mmcv.cnn.bricks.{f}.", "mmcv.cnn.")), StringComparer.Ordinal)
    {
        ["mmcv.cnn.bricks."] = "mmcv.cnn.",
        ["mmcv.runner."] = "mmengine.model.",
        ["mmcv.runner.base_module."] = "mmengine.model.",
        ["mmengine.model.base_module."] = "mmengine.model.",
        ["mmengine.model.weight_init."] = "mmengine.model.",
        ["mmengine.model.utils."] = "mmengine.model.",
        ["mmengine.model.base_model."] = "mmengine.model.",
        ["mmengine.model.base_model.base_model."] = "mmengine.model.",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. new[] { "build_activation_layer", "build_dropout", "build_attention", "build_feedforward_network", "build_positional_encoding", "build_transformer_layer", "build_transformer_layer_sequence", "build_upsample_layer", "build_padding_layer" }
            .Select(n => LibraryRow.Of("mmcv.cnn." + n, (c, a) => Built(c, a))),
        LibraryRow.Of("mmcv.cnn.build_conv_layer", (c, a) => a.Find(0, "cfg") is { } settings ? c.ForEach(settings, s => Built(c, Instead(a, s is ConstantValue { IsNone: true } ? Conv2d() : s))!) : null),
        LibraryRow.Of("mmcv.cnn.build_norm_layer", Norm),
        LibraryRow.Of("mmcv.cnn.build_plugin_layer", (c, a) => SequenceValue.Tuple(c.Unknown("the name of the plugin", "the library chooses it", UnknownKind.Text), Built(c, a) ?? c.NewObject("mmcv.cnn.Layer", a))),
        .. LibraryRow.For("constant_init kaiming_init normal_init trunc_normal_init xavier_init uniform_init caffe2_xavier_init bias_init_with_prob initialize update_init_info", Returns.None).SelectMany(r => new[] { "mmengine.model.", "mmcv.cnn.", "mmcv.cnn.utils." }.Select(p => r with { Name = p + r.Name })),
        .. LibraryRow.For("mmcv.cnn.drop_path mmcv.cnn.utils.fuse_conv_bn mmengine.model.trunc_normal_ mmengine.model.revert_sync_batchnorm", Returns.First),
        .. LibraryRow.Decorators("mmcv.runner.auto_fp16 mmcv.runner.force_fp32 mmengine.model.auto_fp16 mmengine.model.force_fp32 mmcv.utils.deprecated_api_warning mmengine.utils.deprecated_api_warning mmengine.utils.deprecated_function mmcv.transforms.utils.cache_randomness mmcv.transforms.utils.cache_random_params"),
        .. new[] { "mmcv.utils.to_2tuple", "mmcv.cnn.to_2tuple", "mmengine.utils.to_2tuple" }.Select(n => LibraryRow.Of(n, (c, a) => a.Positional is [var x] ? c.ForEach(x, v => v is SequenceValue ? v : SequenceValue.Tuple(v, v)) : null)),
        .. LibraryRow.For("mmengine.utils.digit_version mmcv.utils.digit_version mmengine.dist.get_rank mmengine.dist.get_world_size", Returns.Number),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For("mmengine.model.BaseModule mmengine.model.BaseModel mmengine.model.BaseTTAModel", ClassKind.TorchModule, Returns.Unknown, Module).Select(c => c with
        {
            IsAbstract = true,
            Construct = (context, self, a) =>
            {
                context.SetAttribute(self, "init_cfg", a.Find(c.Name.EndsWith("Module", StringComparison.Ordinal) ? 0 : 1, "init_cfg") ?? ConstantValue.None);
                return null;
            },
            Methods = [.. LibraryRow.For("init_weights _dump_init_info", Returns.None), .. LibraryRow.For("is_init", Returns.Boolean)],
        }),
        .. new[] { "Sequential", "ModuleList", "ModuleDict" }.Select(n => new LibraryClass("mmengine.model." + n, ClassKind.TorchModule) { Base = "torch.nn." + n, HoldsModules = false }),
        .. new[] { "Conv2d", "Conv3d", "ConvTranspose2d", "ConvTranspose3d", "Linear", "MaxPool2d", "MaxPool3d", "Dropout" }.Select(n => new LibraryClass("mmcv.cnn." + n, ClassKind.TorchModule) { Base = "torch.nn." + n, HoldsModules = false }),
        .. LibraryClass.For("mmcv.cnn.DropPath", ClassKind.TorchModule, Returns.First, Module, "drop_prob=0.1").Select(c => c with { HoldsModules = false }),
        .. LibraryClass.For("mmcv.cnn.Swish mmcv.cnn.HSwish mmcv.cnn.HSigmoid mmcv.cnn.Clamp mmcv.cnn.Scale mmcv.cnn.LayerScale mmcv.cnn.ConvWS2d mmcv.cnn.ConvAWS2d", ClassKind.TorchModule, Returns.Tensor, Module).Select(c => c with { HoldsModules = false }),
        .. LibraryClass.For("mmcv.cnn.PatchEmbed mmcv.cnn.PatchMerging", ClassKind.TorchModule, Returns.Unknown, Module).Select(c => c with { Forward = (context, _, _) => SequenceValue.Tuple(new TensorValue(), SequenceValue.Tuple(Side(context), Side(context))) }),
        .. LibraryClass.For(
            """
            mmcv.cnn.Layer mmcv.cnn.ConvModule mmcv.cnn.DepthwiseSeparableConvModule mmcv.cnn.NonLocal1d mmcv.cnn.NonLocal2d mmcv.cnn.NonLocal3d mmcv.cnn.ContextBlock mmcv.cnn.GeneralizedAttention mmcv.cnn.FFN mmcv.cnn.MultiheadAttention
            mmcv.cnn.BaseTransformerLayer mmcv.cnn.PixelShufflePack mmcv.cnn.Conv2dAdaptivePadding mmcv.ops.DeformConv2dPack mmcv.ops.ModulatedDeformConv2d
            mmcv.ops.ModulatedDeformConv2dPack mmcv.ops.MultiScaleDeformableAttention
            """, ClassKind.TorchModule, Returns.Tensor, Module),
        .. LibraryClass.For("mmcv.cnn.AdaptivePadding mmcv.ops.DeformConv2d mmcv.ops.RoIAlign", ClassKind.TorchModule, Returns.Tensor, Module).Select(c => c with { HoldsModules = false }),
    ];

    /// <summary>The class that mmcv registers under a name; null for none.</summary>
    internal static string? Layer(string name) => Layers.GetValueOrDefault(name);

    private static UnknownValue Side(ILibraryContext context) => context.Unknown("out_size", "the size is known when the model runs", UnknownKind.Number);

    private static CallArguments Instead(CallArguments arguments, Value settings)
    {
        var others = arguments.Positional.Count > 0 ? arguments.WithoutFirst() : arguments;
        return others.Prepend(settings);
    }

    private static DictValue Conv2d()
    {
        var settings = new DictValue();
        settings.Set("type", ConstantValue.Of("Conv2d"));
        return settings;
    }

    /// <summary>A layer, and of settings that cannot be told one of mmcv's, whichever.</summary>
    private static Value? Built(ILibraryContext context, CallArguments arguments) =>
        Registries.Build(context, Registries.ModelsOf(context), arguments, 1) is { } made ? context.ForEach(made, m => m is UnknownValue ? context.NewObject("mmcv.cnn.Layer", new()) : m) : null;

    /// <summary>A name, which says what kind of norm it is, with what is asked for behind it (<c>bn1</c>), and the norm.</summary>
    private static Value? Norm(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "cfg") is not { } settings || arguments.Find(1, "num_features") is not { } features)
        {
            return null;
        }

        return context.ForEach(settings, s => context.ForEach((s as DictValue)?.Find("type") ?? s, type =>
        {
            var made = Registries.Find(context, Registries.ModelsOf(context), type) is var found and not UnknownValue ? found : new ExternalValue("mmcv.cnn.Layer");
            var given = new CallArguments();
            context.Spread(given, s);
            given.Named.RemoveAll(n => n.Name is "type" or "requires_grad");
            if (made is ExternalValue { LastPart: "GroupNorm" })
            {
                given.Named.Add(("num_channels", features));
            }
            else
            {
                given.Positional.Add(features);
            }

            var postfix = arguments.Find(2, "postfix") ?? ConstantValue.Of("");
            var kind = made switch { ExternalValue { LastPart: "Layer" } => null, ExternalValue e => Kind(e.LastPart), ClassValue c => c.Members.ContainsKey("_abbr_") ? null : c.ExternalBases.Select(b => Kind(b[(b.LastIndexOf('.') + 1)..])).FirstOrDefault(k => k != NoKind) ?? Kind(c.Name), _ => null };
            var name = kind is not null && context.ForEach(postfix, p => p is ConstantValue { Raw: long or string } known ? ConstantValue.Of(kind + known.Raw) : p) is ConstantValue { Peek: string } text ? (Value)text
                : context.Unknown("the name of the norm", "the library chooses it", UnknownKind.Text);
            return SequenceValue.Tuple(name, context.Call(made, given));
        }));
    }

    private const string NoKind = "norm_layer";

    private static string Kind(string type) => type.ToUpperInvariant() switch
    {
        var t when t.Contains("INSTANCE", StringComparison.Ordinal) => "in",
        var t when t.Contains("BATCH", StringComparison.Ordinal) => "bn",
        var t when t.Contains("GROUP", StringComparison.Ordinal) => "gn",
        var t when t.Contains("LAYER", StringComparison.Ordinal) => "ln",
        _ => NoKind,
    };
}
