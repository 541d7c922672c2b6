using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Further libraries that models are built with, where their files are not on the search path: base classes, layers and fused functions.</summary>
internal sealed class ModelLibraries : PythonLibrary
{
    private const string Module = "torch.nn.Module";

    public override IReadOnlyList<string> Prefixes => [""];

    public override bool IsReadFirst => true;

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["lightning.pytorch."] = "pytorch_lightning.",
        ["lightning."] = "pytorch_lightning.",
        ["pytorch_lightning.core.lightning.LightningModule"] = "pytorch_lightning.LightningModule",
        ["pytorch_lightning.core.LightningModule"] = "pytorch_lightning.LightningModule",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        // Fused attention: one call of a library's function.
        .. LibraryRow.For(
            """
            flash_attn.flash_attn_func flash_attn.flash_attn_qkvpacked_func flash_attn.flash_attn_varlen_func flash_attn.flash_attn_varlen_qkvpacked_func flash_attn.flash_attn_interface.flash_attn_func flash_attn.bert_padding.pad_input
            flash_attn.flash_attn_interface.flash_attn_varlen_func flash_attn.flash_attn_interface.flash_attn_varlen_qkvpacked_func flash_attn.flash_attn_interface.flash_attn_unpadded_qkvpacked_func
            flash_attn.ops.fused_dense.fused_mlp_func xformers.ops.memory_efficient_attention xformers.ops.swiglu xformers.ops.scaled_index_add xformers.ops.index_select_cat sageattention.sageattn natten.functional.na2d natten.functional.na1d
            causal_conv1d.causal_conv1d_fn mamba_ssm.ops.selective_scan_interface.selective_scan_fn mamba_ssm.ops.triton.layernorm.rms_norm_fn torch_scatter.scatter torch_scatter.scatter_add torch_scatter.scatter_mean torch_scatter.scatter_max
            opt_einsum.contract local_attention.rotary.apply_rotary_pos_emb rotary_embedding_torch.apply_rotary_emb pytorch_wavelets.dwt torchaudio.functional.resample
            fvcore.nn.distributed.differentiable_all_reduce fvcore.nn.distributed.differentiable_all_gather fvcore.nn.smooth_l1_loss fvcore.nn.giou_loss fvcore.nn.sigmoid_focal_loss fvcore.nn.sigmoid_focal_loss_jit fvcore.nn.sigmoid_focal_loss_star_jit
            """, Returns.Tensor),
        .. LibraryRow.For("flash_attn.bert_padding.unpad_input xformers.ops.unbind torch_npu.npu_rms_norm torch_npu.npu_geglu torch_npu.npu_fusion_attention", Returns.TensorTuple),
        .. LibraryRow.For("torch_npu.npu_rotary_mul torch_npu.npu_swiglu torch_npu.fast_gelu", Returns.Tensor),

        // They wrap a module, or leave it.
        .. LibraryRow.Decorators(
            """
            fairscale.nn.checkpoint_wrapper fairscale.nn.checkpoint.checkpoint_wrapper fairscale.nn.wrap fairscale.nn.wrap.wrap pytorch_lightning.seed_everything pytorch_lightning.utilities.rank_zero_only pytorch_lightning.utilities.rank_zero.rank_zero_only
            detectron2.config.configurable deepspeed.checkpointing.checkpoint
            """),
        .. LibraryRow.For("fvcore.nn.weight_init.c2_msra_fill fvcore.nn.weight_init.c2_xavier_fill", Returns.None),
        LibraryRow.Of("detectron2.layers.get_norm", (c, a) => c.NewObject("mmcv.cnn.ConvModule", a)),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("pytorch_lightning.LightningModule", ClassKind.TorchModule)
        {
            IsAbstract = true,
            Base = Module,
            Methods = [.. LibraryRow.For("log log_dict save_hyperparameters print freeze unfreeze manual_backward", Returns.None), .. LibraryRow.For("optimizers lr_schedulers", Returns.Unknown)],
        },
        .. LibraryClass.For("detectron2.modeling.Backbone detectron2.modeling.backbone.Backbone fairseq.models.BaseFairseqModel torch_geometric.nn.MessagePassing", ClassKind.TorchModule, Returns.Unknown, Module)
            .Select(c => c with { IsAbstract = true }),
        .. LibraryClass.For(
            """
            detectron2.layers.Conv2d detectron2.layers.CNNBlockBase
            xformers.ops.SwiGLU xformers.ops.fmha.Attention flash_attn.modules.mha.MHA flash_attn.modules.mlp.Mlp flash_attn.ops.rms_norm.RMSNorm rotary_embedding_torch.RotaryEmbedding local_attention.LocalAttention
            pretrainedmodels.models.Model DCNv4.DCNv4 spconv.pytorch.SubMConv3d torch_geometric.nn.GCNConv torch_geometric.nn.GATConv torch_geometric.nn.Linear mamba_ssm.Mamba
            fvcore.nn.squeeze_excitation.SqueezeExcitation fvcore.nn.squeeze_excitation.SqueezeExcitation3D torchaudio.transforms.MelSpectrogram torchaudio.transforms.MFCC torchaudio.transforms.LFCC
            """, ClassKind.TorchModule, Returns.Tensor, Module),
        .. LibraryClass.For(
            """
            detectron2.layers.FrozenBatchNorm2d apex.normalization.FusedLayerNorm apex.normalization.MixedFusedLayerNorm apex.normalization.FusedRMSNorm apex.normalization.MixedFusedRMSNorm apex.normalization.InstanceNorm3dNVFuser
            apex.normalization.fused_layer_norm.FusedLayerNorm apex.normalization.fused_layer_norm.FusedRMSNorm apex.normalization.fused_layer_norm.MixedFusedLayerNorm apex.transformer.layers.layer_norm.FastLayerNorm
            apex.transformer.layers.layer_norm.FusedLayerNorm apex.transformer.layers.layer_norm.MixedFusedLayerNorm apex.contrib.layer_norm.layer_norm.FastLayerNorm apex.contrib.layer_norm.FastLayerNorm apex.contrib.group_norm.GroupNorm
            torchaudio.transforms.Spectrogram torchaudio.transforms.InverseSpectrogram torchaudio.transforms.MelScale torchaudio.transforms.AmplitudeToDB torchaudio.transforms.Resample torchaudio.transforms.ComputeDeltas
            torchaudio.transforms.GriffinLim torchaudio.transforms.FrequencyMasking torchaudio.transforms.TimeMasking torchaudio.transforms.TimeStretch torchaudio.transforms.MuLawEncoding torchaudio.transforms.MuLawDecoding
            """, ClassKind.TorchModule, Returns.Tensor, Module).Select(c => c with { HoldsModules = false }),
        .. LibraryClass.For(
            """
            Add Subtract Multiply Divide MatMul Concat Mean Sum Interpolate MaxPool2d AdaptiveAvgPool2d AvgPool2d Cast Exponential Erf Greater Less Maximum Minimum Max Min Pow Sqrt Square Norm Reshape Permute Split Where CumSum
            MaskedFill Pad Softmax Bmm Baddbmm Addmm BatchNorm GroupNorm Normalize GridSample RSqrt Sin Cos Log Abs Neg Round Floor Expand Gather NonZero Tile ElementwiseUnarySign Prod Remainder Fmod FloorDivide TopK ChannelShuffle
            Conv1d Conv2d Conv3d ScaledDotProductAttention CustomSiLU LogicalOr LogicalAnd LogicalNot Equal NotEqual OneHot IndexSelect RoiAlign DepthToSpaceDCRMode ScatterND ScatterDense StridedSlice DynamicConv2d DynamicLinear
            """, ClassKind.TorchModule, Returns.Tensor, Module)
            .SelectMany(c => new[] { "aimet_torch.elementwise_ops.", "aimet_torch.nn.modules.custom.", "aimet_torch._base.nn.modules.custom." }.Select(p => c with { Name = p + c.Name })),
        .. LibraryClass.For("pytorch_lightning.LightningDataModule pytorch_lightning.Trainer pytorch_lightning.Callback pytorch_lightning.callbacks.Callback torchmetrics.Metric", ClassKind.Plain, Returns.Unknown),
    ];

    /// <summary>Registries are decorators; AIMET's own functions work on finished models.</summary>
    public override LibraryRow? Other(string name) =>
        name.EndsWith(".register_module", StringComparison.Ordinal) || name.EndsWith(".register", StringComparison.Ordinal) || name.EndsWith(".register_parse", StringComparison.Ordinal) ? LibraryRow.Decorators(name).Single()
        : name.StartsWith("aimet_torch.", StringComparison.Ordinal) || name.StartsWith("aimet_common.", StringComparison.Ordinal) || name.StartsWith("aimet_onnx.", StringComparison.Ordinal)
            || name.StartsWith("torchmetrics.", StringComparison.Ordinal) || name.StartsWith("pytorch_lightning.", StringComparison.Ordinal) || name.StartsWith("accelerate.", StringComparison.Ordinal)
            || name.StartsWith("bitsandbytes.optim.", StringComparison.Ordinal) ? new(name, Returns.Unknown)
        : null;
}
