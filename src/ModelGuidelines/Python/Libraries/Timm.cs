using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>timm, where its files are not on the search path: its layers, and models as one module each.</summary>
internal sealed class Timm : PythonLibrary
{
    private const string Module = "torch.nn.Module";

    public override IReadOnlyList<string> Prefixes => ["timm"];

    public override bool IsReadFirst => true;

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(
        "drop mlp norm weight_init helpers patch_embed squeeze_excite create_act activations adaptive_avgmax_pool classifier conv_bn_act norm_act attention_pool2d pos_embed create_conv2d format"
            .Split(' ').Select(m => KeyValuePair.Create($"timm.layers.{m}.", "timm.layers.")), StringComparer.Ordinal)
    {
        ["timm.models.layers."] = "timm.layers.",
        ["timm.models.vision_transformer.PatchEmbed"] = "timm.layers.PatchEmbed",
        ["timm.models.vision_transformer.Mlp"] = "timm.layers.Mlp",
        ["timm.models.vision_transformer.Attention"] = "timm.layers.Attention",
        ["timm.models.vision_transformer.LayerScale"] = "timm.layers.LayerScale",
        ["timm.models.vision_transformer.DropPath"] = "timm.layers.DropPath",
        ["timm.models.vision_transformer.trunc_normal_"] = "timm.layers.trunc_normal_",
        ["timm.models.factory.create_model"] = "timm.create_model",
        ["timm.models.create_model"] = "timm.create_model",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("create_model", (c, a) => c.NewObject(a.Find("features_only") is { } asked && c.Truth(asked) is not false ? "timm.models.FeatureModel" : "timm.models.Model", a)),
        .. LibraryRow.For("list_models list_pretrained is_model model_entrypoint data.resolve_data_config data.create_transform models.load_checkpoint models.load_pretrained models.helpers.load_pretrained models.named_apply", Returns.Unknown),
        .. LibraryRow.Decorators("models.register_model models.registry.register_model models._registry.register_model layers.disable_compiler"),

        .. new[] { "to_1tuple", "to_2tuple", "to_3tuple", "to_4tuple" }.Select(n => LibraryRow.Of("layers." + n, (c, a) => a.Positional is [var x] ? c.ForEach(x, v => v is SequenceValue ? v : SequenceValue.Tuple([.. Enumerable.Repeat(v, n[3] - '0')])) : null)),
        .. LibraryRow.For("layers.make_divisible layers.get_padding layers.get_same_padding", Returns.Number),
        .. LibraryRow.For("layers.use_fused_attn layers.is_exportable layers.is_scriptable layers.is_no_jit layers.is_static_pad", Returns.Boolean),
        .. LibraryRow.For("layers.trunc_normal_ layers.trunc_normal_tf_ layers.lecun_normal_ layers.variance_scaling_ layers.init_weight_vit layers.init_weight_jax", Returns.First),
        .. LibraryRow.For("layers.drop_path layers.resample_abs_pos_embed layers.resample_patch_embed layers.resample_abs_pos_embed_nhwc layers.apply_rot_embed_cat layers.nchw_to layers.nhwc_to layers.pad_same layers.avg_pool2d_same layers.conv2d_same layers.fast_layer_norm " +
            "layers.global_pool_nlc layers.maybe_add_mask layers.resample_relative_position_bias_table layers.gelu layers.window_partition layers.window_reverse", Returns.Tensor),
        .. new[] { "create_conv2d", "create_pool2d", "create_classifier", "create_attn", "create_norm_layer", "create_norm_act_layer", "create_act_layer", "create_aa", "create_conv2d_pad", "create_rope_embed" }
            .Select(n => LibraryRow.Of("layers." + n, (c, a) => c.NewObject("timm.layers.Layer", a))),
        .. new[] { "get_act_layer", "get_norm_layer", "get_norm_act_layer", "get_attn" }.Select(n => LibraryRow.Of("layers." + n, (_, a) => a.Positional is [ConstantValue { IsNone: true }] ? ConstantValue.None : new ExternalValue("timm.layers.Layer"))),
        .. LibraryRow.For("layers.get_act_fn", Returns.Unknown).Select(r => r with { Function = (_, _) => new ExternalValue("timm.layers.gelu") }),
    ];

    /// <summary>Layers that hold no modules.</summary>
    private static readonly FrozenSet<string> Leaves =
        """
        LayerNorm LayerNorm2d LayerNormFp32 LayerNorm2dFp32 GroupNorm GroupNorm1 RmsNorm RmsNorm2d SimpleNorm FastAdaptiveAvgPool Conv2dSame StdConv2d StdConv2dSame ScaledStdConv2d ScaledStdConv2dSame AvgPool2dSame MaxPool2dSame
        LayerScale LayerScale2d RelPosBias RotaryEmbedding RotaryEmbeddingCat GELU GELUTanh QuickGELU Swish Mish HardSwish HardSigmoid HardMish Sigmoid Tanh PReLU Linear SpaceToDepth DepthToSpace PatchDropout DropBlock2d CondConv2d
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    public override IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For(
            """
            Layer Mlp GluMlp GatedMlp SwiGLU SwiGLUPacked GlobalResponseNormMlp ConvMlp PatchEmbed HybridEmbed SelectAdaptivePool2d FastAdaptiveAvgPool ClassifierHead NormMlpClassifierHead ClNormMlpClassifierHead LayerNorm
            LayerNorm2d LayerNormFp32 LayerNorm2dFp32 GroupNorm GroupNorm1 RmsNorm RmsNorm2d SimpleNorm BatchNormAct2d GroupNormAct LayerNormAct LayerNormAct2d FrozenBatchNormAct2d ConvNormAct ConvBnAct ConvNormActAa
            SeparableConvNormAct BlurPool2d SEModule EffectiveSEModule SqueezeExcite CecaModule EcaModule CbamModule SelectiveKernel SplitAttn MixedConv2d CondConv2d Conv2dSame StdConv2d StdConv2dSame ScaledStdConv2d
            ScaledStdConv2dSame AvgPool2dSame MaxPool2dSame LayerScale LayerScale2d Attention AttentionRope AttentionPoolLatent AttentionPool2d RotAttentionPool2d RelPosBias RelPosMlp RotaryEmbedding RotaryEmbeddingCat GELU
            GELUTanh QuickGELU Swish Mish HardSwish HardSigmoid HardMish Sigmoid Tanh PReLU LambdaLayer BottleneckAttn HaloAttn NonLocalAttn Format Linear GlobalContext GatherExcite EvoNorm2dB0 EvoNorm2dS0 FilterResponseNormAct2d
            SpaceToDepth DepthToSpace PatchDropout DropBlock2d TestTimePoolHead
            """, ClassKind.TorchModule, Returns.Tensor, Module).Select(c => c with { Name = "layers." + c.Name, HoldsModules = Leaves.Contains(c.Name) ? false : null }),
        .. LibraryClass.For("layers.DropPath", ClassKind.TorchModule, Returns.First, Module, "drop_prob=0.0 scale_by_keep=True").Select(c => c with { HoldsModules = false }),
        .. LibraryClass.For("models.vision_transformer.Block models.vision_transformer.ResPostBlock models.vision_transformer.ParallelScalingBlock", ClassKind.TorchModule, Returns.Tensor, Module),
        .. LibraryClass.For("models.Model", ClassKind.TorchModule, Returns.Tensor, Module).Select(c => c with { Hides = Hides.Inside }),
        .. LibraryClass.For("models.FeatureModel", ClassKind.TorchModule, Returns.TensorList, Module).Select(c => c with { Hides = Hides.Inside }),
    ];

    private readonly FrozenSet<string> _classes;

    public Timm() => _classes = Classes.Select(c => c.Name).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Functions and classes of timm.models build a model, where nothing else is known of them.</summary>
    public override LibraryRow? Other(string name)
    {
        var parts = name.Split('.');
        if (_classes.Contains(name))
        {
            return null;
        }

        if (parts is ["models", .., [>= 'A' and <= 'Z', ..] type] && parts.Length <= 3 && !type.EndsWith("Cfg", StringComparison.Ordinal) && !type.EndsWith("Info", StringComparison.Ordinal))
        {
            return LibraryRow.Of(name, (c, a) => c.NewObject("timm.models.Model", a)) with { Makes = "timm.models.Model" };
        }

        return parts is ["data" or "utils" or "optim" or "scheduler" or "loss" or "version" or "task", ..] ? new(name, Returns.Unknown)
            : parts is ["models", .., var last] && char.IsAsciiLetterLower(last[0]) && parts.Length == 3 && !last.StartsWith("build_", StringComparison.Ordinal) && !last.StartsWith("checkpoint", StringComparison.Ordinal) && last.Any(char.IsAsciiDigit)
                ? LibraryRow.Of(name, (c, a) => c.NewObject("timm.models.Model", a)) : null;
    }
}
