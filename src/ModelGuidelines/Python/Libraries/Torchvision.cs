using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>torchvision: its operators, layers, and models as one module each.</summary>
internal sealed class Torchvision : PythonLibrary
{
    private const string Module = "torch.nn.Module";

    public override IReadOnlyList<string> Prefixes => ["torchvision"];

    public override bool IsReadFirst => true;

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["torch.ops.torchvision."] = "torchvision._C.",
        ["torchvision.ops.misc."] = "torchvision.ops.",
        ["torchvision.ops.boxes."] = "torchvision.ops.",
        ["torchvision.ops.roi_align."] = "torchvision.ops.",
        ["torchvision.ops.roi_pool."] = "torchvision.ops.",
        ["torchvision.ops.ps_roi_align."] = "torchvision.ops.",
        ["torchvision.ops.ps_roi_pool."] = "torchvision.ops.",
        ["torchvision.ops.poolers."] = "torchvision.ops.",
        ["torchvision.ops.feature_pyramid_network."] = "torchvision.ops.",
        ["torchvision.ops.stochastic_depth."] = "torchvision.ops.",
        ["torchvision.ops.drop_block."] = "torchvision.ops.",
        ["torchvision.ops.deform_conv."] = "torchvision.ops.",
        ["torchvision.ops.focal_loss."] = "torchvision.ops.",
        ["torchvision.ops.giou_loss."] = "torchvision.ops.",
        ["torchvision.transforms.v2."] = "torchvision.transforms.",
        ["torchvision.models.AlexNet"] = "torchvision.models.alexnet.AlexNet",
        ["torchvision.models.ResNet"] = "torchvision.models.resnet.ResNet",
        ["torchvision.models.VGG"] = "torchvision.models.vgg.VGG",
        ["torchvision.models.MobileNetV2"] = "torchvision.models.mobilenetv2.MobileNetV2",
        ["torchvision.models.mobilenet.MobileNetV2"] = "torchvision.models.mobilenetv2.MobileNetV2",
        ["torchvision.models.DenseNet"] = "torchvision.models.densenet.DenseNet",
        ["torchvision.models.utils.IntermediateLayerGetter"] = "torchvision.models._utils.IntermediateLayerGetter",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For("ops.roi_align", Returns.Tensor, Does.Operation),
        .. LibraryRow.For(
            """
            ops.roi_pool ops.ps_roi_align ops.ps_roi_pool ops.deform_conv2d ops.nms ops.batched_nms ops.box_area ops.box_convert ops.box_iou ops.clip_boxes_to_image ops.remove_small_boxes ops.sigmoid_focal_loss
            ops.generalized_box_iou ops.complete_box_iou ops.distance_box_iou ops.masks_to_boxes ops.generalized_box_iou_loss ops.stochastic_depth ops.drop_block2d ops.drop_block3d io.read_image utils.make_grid
            """, Returns.Tensor),
        .. LibraryRow.For("_C.nms _C.roi_align _C.deform_conv2d", Returns.Tensor), // compiled: what the functions of ops call
        .. LibraryRow.For("_C.roi_pool _C.ps_roi_align _C.ps_roi_pool", Returns.TwoTensors),
        .. LibraryRow.For("models.get_model_weights models.get_weight models.list_models models._utils._make_divisible models._api.get_weight utils.save_image datasets.utils.download_url", Returns.Unknown),
        .. LibraryRow.Decorators("models._api.register_model models._utils.handle_legacy_interface utils._log_api_usage_once"),
        .. TorchvisionBackbones.Rows,
        LibraryRow.Of("models.get_model", (c, a) => c.NewObject("torchvision.models.Model", a)),
        LibraryRow.Of("models.feature_extraction.create_feature_extractor", (c, a) => c.NewObject("torchvision.models.FeatureExtractor", a)),
    ];

    private readonly FrozenSet<string> _classes;

    public Torchvision() => _classes = FrozenSet.ToFrozenSet(Classes.Select(c => c.Name), StringComparer.Ordinal);

    /// <summary>The files of operators that hold no modules (torchvision 0.14).</summary>
    private static readonly FrozenDictionary<string, string> Files = new Dictionary<string, string>
    {
        ["ops.DeformConv2d"] = "deform_conv",
        ["ops.RoIAlign"] = "roi_align",
        ["ops.RoIPool"] = "roi_pool",
        ["ops.PSRoIAlign"] = "ps_roi_align",
        ["ops.PSRoIPool"] = "ps_roi_pool",
        ["ops.DropBlock2d"] = "drop_block",
        ["ops.DropBlock3d"] = "drop_block",
        ["ops.MultiScaleRoIAlign"] = "poolers",
        ["ops.FrozenBatchNorm2d"] = "misc",
        ["ops.StochasticDepth"] = "stochastic_depth",
        ["ops.Permute"] = "misc",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static LibraryClass Leaf(LibraryClass type) => type with { HoldsModules = false, ExactName = $"torchvision.ops.{Files[type.Name]}.{type.Name["ops.".Length..]}" };

    public override IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For("ops.SqueezeExcitation ops.MLP ops.Conv2dNormActivation ops.Conv3dNormActivation", ClassKind.TorchModule, Returns.Tensor, Module),
        .. LibraryClass.For("ops.DeformConv2d ops.RoIAlign ops.RoIPool ops.PSRoIAlign ops.PSRoIPool ops.DropBlock2d ops.DropBlock3d ops.MultiScaleRoIAlign ops.Permute", ClassKind.TorchModule, Returns.Tensor, Module).Select(Leaf),
        .. LibraryClass.For("ops.FrozenBatchNorm2d", ClassKind.TorchModule, Returns.Tensor, Module, "num_features eps=1e-05").Select(Leaf),
        .. LibraryClass.For("ops.StochasticDepth", ClassKind.TorchModule, Returns.First, Module, "p mode").Select(Leaf),
        .. LibraryClass.For("ops.FeaturePyramidNetwork models._utils.IntermediateLayerGetter models.FeatureExtractor models.segmentation.Model", ClassKind.TorchModule, Returns.Unknown, Module)
            .Select(c => c with { Hides = c.Name.StartsWith("models.", StringComparison.Ordinal) ? Hides.Inside : Hides.Nothing, Forward = (_, _, _) => new DictValue { Rest = new TensorValue() } }),
        .. LibraryClass.For(
            """
            RandomResizedCrop RandomCrop CenterCrop Resize Pad Normalize ColorJitter GaussianBlur RandomHorizontalFlip RandomVerticalFlip RandomApply RandomGrayscale Grayscale RandomErasing RandomRotation RandomAffine
            RandomPerspective RandomInvert RandomPosterize RandomSolarize RandomAdjustSharpness RandomAutocontrast RandomEqualize AutoAugment RandAugment TrivialAugmentWide AugMix ElasticTransform ConvertImageDtype ToDtype
            """, ClassKind.TorchModule, Returns.Tensor, Module).Select(c => c with { Name = "transforms." + c.Name, HoldsModules = c.Name == "RandomApply" ? null : false }),
        .. LibraryClass.For("models.detection.Model", ClassKind.TorchModule, Returns.Unknown, Module).Select(c => c with { Hides = Hides.Inside }),
        .. TorchvisionBackbones.Classes,
        .. LibraryClass.For("models.Model", ClassKind.TorchModule, Returns.Tensor, Module).Select(c => c with { Hides = Hides.Inside }),
    ];

    /// <summary>Functions and classes of torchvision.models build a model; transforms and datasets prepare data.</summary>
    public override LibraryRow? Other(string name)
    {
        var parts = name.Split('.');
        if (parts[0] is "transforms" or "datasets" or "io" or "utils" or "tv_tensors" or "extension" or "version")
        {
            return parts is ["transforms", "functional", ..] ? new(name, Returns.Tensor) : new(name, Returns.Unknown);
        }

        if (parts[0] is not "models" || parts.Length < 2 || _classes.Contains(name))
        {
            return null;
        }

        // Weights and the like are written Upper_Case or end with _Weights.
        if (parts[^1].EndsWith("_Weights", StringComparison.Ordinal) || parts.Any(p => p.EndsWith("_Weights", StringComparison.Ordinal)))
        {
            return new(name, Returns.Unknown);
        }

        // Functions make whole networks; of detection and segmentation those give dictionaries. A class there is a part of one: a head.
        var isClass = parts[^1] is [>= 'A' and <= 'Z', ..];
        var kind = parts[1] is "detection" ? "torchvision.models.detection.Model" : parts[1] is "segmentation" && !isClass ? "torchvision.models.segmentation.Model" : "torchvision.models.Model";
        return LibraryRow.Of(name, (c, a) => c.NewObject(kind, a)) with { Makes = isClass ? kind : null };
    }
}
