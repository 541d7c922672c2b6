#!/usr/bin/env python3
"""Compares an audit of torchvision's model files with torchvision itself, run once per architecture in evaluation mode.

usage: modelguidelines test --format json FOLDER_OF_TORCHVISION/models > report.json; compare_calls.py report.json
Forward hooks count the calls of every module (compared with ModuleReuse: names and counts), a function mode sees the
functions that modules' own code calls (compared with FunctionalCall: module and function)."""
import collections, json, sys, warnings
import torch
from torch.overrides import TorchFunctionMode
from torchvision import models

warnings.simplefilter("ignore")
IMAGE = lambda n: (torch.randn(1, 3, n, n),)
CLIP = (torch.randn(1, 3, 16, 224, 224),)
CASES = [  # file, model as the report names it, the function that builds it, arguments of forward
    ("alexnet.py", "AlexNet", "alexnet", IMAGE(224)), ("convnext.py", "ConvNeXt", "convnext_tiny", IMAGE(64)), ("densenet.py", "DenseNet", "densenet121", IMAGE(64)),
    ("efficientnet.py", "EfficientNet", "efficientnet_b0", IMAGE(64)), ("efficientnet.py", "EfficientNet (efficientnet_v2_s)", "efficientnet_v2_s", IMAGE(64)),
    ("googlenet.py", "GoogLeNet", "googlenet", IMAGE(64)), ("inception.py", "Inception3", "inception_v3", IMAGE(96)), ("maxvit.py", "MaxVit", "maxvit_t", IMAGE(224)),
    ("mnasnet.py", "MNASNet", "mnasnet0_5", IMAGE(64)), ("mobilenetv2.py", "MobileNetV2", "mobilenet_v2", IMAGE(64)), ("mobilenetv3.py", "MobileNetV3", "mobilenet_v3_large", IMAGE(64)),
    ("optical_flow/raft.py", "RAFT", "optical_flow.raft_large", (torch.randn(1, 3, 128, 128), torch.randn(1, 3, 128, 128))), ("regnet.py", "RegNet", "regnet_y_400mf", IMAGE(64)),
    ("resnet.py", "ResNet", "resnet18", IMAGE(64)), ("resnet.py", "ResNet (resnet50)", "resnet50", IMAGE(64)), ("segmentation/deeplabv3.py", "DeepLabV3", "segmentation.deeplabv3_resnet50", IMAGE(64)),
    ("segmentation/fcn.py", "FCN", "segmentation.fcn_resnet50", IMAGE(64)), ("segmentation/lraspp.py", "LRASPP", "segmentation.lraspp_mobilenet_v3_large", IMAGE(64)),
    ("shufflenetv2.py", "ShuffleNetV2", "shufflenet_v2_x0_5", IMAGE(64)), ("squeezenet.py", "SqueezeNet", "squeezenet1_0", IMAGE(64)), ("swin_transformer.py", "SwinTransformer", "swin_t", IMAGE(64)),
    ("swin_transformer.py", "SwinTransformer (swin_v2_t)", "swin_v2_t", IMAGE(64)), ("vgg.py", "VGG", "vgg11", IMAGE(64)), ("video/mvit.py", "MViT", "video.mvit_v1_b", CLIP),
    ("video/resnet.py", "VideoResNet", "video.r3d_18", CLIP), ("video/s3d.py", "S3D", "video.s3d", CLIP), ("vision_transformer.py", "VisionTransformer", "vit_b_16", IMAGE(224)),
]
WITH_MODULE = set("""relu relu6 hardtanh hardswish hardsigmoid elu selu celu leaky_relu glu gelu silu mish softmax log_softmax tanh sigmoid dropout max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d
avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d conv1d conv2d conv3d linear batch_norm layer_norm group_norm interpolate pad fold unfold pixel_shuffle embedding""".split())
NOTHING = {"Identity", "Dropout", "StochasticDepth"}


def run(model, inputs):
    names = {}
    for name, module in model.named_modules(): names.setdefault(module, name)
    stack, calls, functions = [], collections.Counter(), set()

    class Mode(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            name = getattr(function, "__name__", "").rstrip("_")
            if stack and not type(stack[-1]).__module__.startswith("torch.nn") and name in WITH_MODULE: functions.add((names[stack[-1]], name))
            return function(*args, **(kwargs or {}))

    for module in names:
        module.register_forward_pre_hook(lambda m, _: (calls.update([names[m]]), stack.append(m))[2:] or None)
        module.register_forward_hook(lambda *_: stack.pop() and None)
    with torch.no_grad(), Mode(): model(*inputs)
    kinds = {name: type(module).__name__ for module, name in names.items()}
    leaves = {name for module, name in names.items() if name and not list(module.children())}
    return {(n, c) for n, c in calls.items() if c > 1 and kinds[n] not in NOTHING}, functions, kinds, leaves


def main():
    with open(sys.argv[1]) as f: report = json.load(f)
    reuse, calls = collections.defaultdict(set), collections.defaultdict(set)
    for f in report["findings"]:
        key = (f["path"].split("models/", 1)[-1], f.get("model"))
        if f["guideline"] == "PyTorch.ModuleReuse": reuse[key] |= {(m, f["callCount"]) for m in [f["module"], *f.get("affected", [])]}
        if f["guideline"] == "PyTorch.FunctionalCall": calls[key].add((f["module"], f["operator"]))
    wrong = 0
    for file, name, function, inputs in CASES:
        build = models
        for part in function.split("."): build = getattr(build, part)
        model = build(weights=None, **({"weights_backbone": None} if "segmentation" in function else {})).eval()
        want, functions, kinds, leaves = run(model, inputs)
        said = {(m, c) for m, c in reuse[file, name] if kinds.get(m) not in NOTHING}
        # A custom leaf with one function counts as that function's module.
        missed = {p for p in functions - calls[file, name] if p[0] not in leaves}; false = calls[file, name] - functions
        ok = want == said and not missed and not false; wrong += not ok
        print(f"{'equal' if ok else 'DIFFERENT':10}{function:42} reused {len(want):3}  functions {len(calls[file, name]):3}", "" if ok else (want ^ said, missed, false))
    print(f"{len(CASES)} architectures, {wrong} different")
    return bool(wrong)


sys.exit(main())
