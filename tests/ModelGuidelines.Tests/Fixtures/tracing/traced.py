"""Small models for torch.fx, by which AIMET's model preparer traces. What a class says first is what tracing does to it, recorded by record.py.

What torch makes of sizes in arange is left out: this torch refuses it, while AIMET's runs with a newer one take it.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.b = nn.Linear(4, 4)
        self.size = 4
        self.deep = True
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])
        self.register_buffer("mask", torch.zeros(8, 8))


class AssertOnSize(Base):
    # raises: TraceError
    def forward(self, x):
        assert x.size(1) <= 8, "too long"
        return self.a(x)


class IfOnSize(Base):
    # raises: TraceError
    def forward(self, x):
        if x.shape[0] > 1:
            x = self.a(x)
        return self.b(x)


class IfOnUnpackedSize(Base):
    # raises: TraceError
    def forward(self, x):
        b, c = x.shape
        if c != self.size:
            raise ValueError(f"{c} is no {self.size}")
        return self.a(x)


class IfOnComputedSize(Base):
    # raises: TraceError
    def forward(self, x):
        rest = x.shape[0] % 2
        if rest:
            x = x + rest
        return self.a(x)


class IfOnValue(Base):
    # raises: TraceError
    def forward(self, x):
        if x.sum() > 0:
            return self.a(x)
        return self.b(x)


class IfOnItem(Base):
    # raises: TraceError
    def forward(self, x):
        if x.max().item() > 1.0:
            return self.a(x)
        return self.b(x)


class IfOnRank(Base):
    # raises: TraceError
    def forward(self, x):
        if x.dim() == 2:
            return self.a(x)
        return self.b(x)


class IfOnNdim(Base):
    # raises: TraceError
    def forward(self, x):
        if x.ndim == 2:
            return self.a(x)
        return self.b(x)


class IfOnDtype(Base):
    # raises: TraceError
    def forward(self, x):
        if x.dtype == torch.float16:
            x = x.float()
        return self.a(x)


class IfOnDevice(Base):
    # raises: TraceError
    def forward(self, x):
        if x.device.type == "cuda":
            return self.a(x)
        return self.b(x)


class IfOnIsCuda(Base):
    # raises: TraceError
    def forward(self, x):
        if x.is_cuda:
            return self.a(x)
        return self.b(x)


class IfOnRequiresGrad(Base):
    # raises: TraceError
    def forward(self, x):
        if x.requires_grad:
            return self.a(x)
        return self.b(x)


class IfOnNone(Base):
    # traces
    def forward(self, x, mask=None):
        if mask is not None:
            x = x + mask
        return self.a(x)


class IfOnFlag(Base):
    # raises: TraceError
    def forward(self, x, twice=False):
        if twice:
            x = self.a(x)
        return self.b(x)


class IfOnTextFlag(Base):
    # raises: TraceError
    def forward(self, x, mode="a"):
        if mode == "a":
            return self.a(x)
        return self.b(x)


class IfOnOwnFlag(Base):
    # traces
    def forward(self, x):
        if self.deep and self.size > 2:
            x = self.a(x)
        return self.b(x)


class IfOnTraining(Base):
    # traces
    def forward(self, x):
        if self.training:
            x = F.dropout(x)
        return self.a(x)


class IfOnInstance(Base):
    # traces
    def forward(self, x):
        if isinstance(x, (list, tuple)):
            x = torch.cat(x)
        return self.a(x)


class IfOnIsTensor(Base):
    # traces
    def forward(self, x):
        if torch.is_tensor(x):
            x = self.a(x)
        return self.b(x)


class IfOnHasattr(Base):
    # traces
    def forward(self, x):
        if hasattr(x, "tensors"):
            x = x.tensors
        return self.a(x)


class IfOnScripting(Base):
    # traces
    def forward(self, x):
        if not torch.jit.is_scripting():
            x = self.a(x)
        return self.b(x)


class Ternary(Base):
    # raises: TraceError
    def forward(self, x):
        return self.a(x) if x.shape[1] == 4 else self.b(x)


class And(Base):
    # raises: TraceError
    def forward(self, x):
        if self.deep and x.shape[0] == 1:
            x = self.a(x)
        return self.b(x)


class Not(Base):
    # raises: TraceError
    def forward(self, x):
        flag = not x.shape[0]
        return self.a(x)


class NeverReached(Base):
    # traces
    def forward(self, x):
        if not self.deep and x.shape[0] == 1:
            x = self.b(x)
        return self.a(x)


class WhileOnSize(Base):
    # raises: TraceError
    def forward(self, x):
        while x.shape[0] > 8:
            x = x[::2]
        return self.a(x)


class ChainedCompare(Base):
    # raises: TraceError
    def forward(self, x):
        small = 0 < x.shape[0] < 9
        return self.a(x)


class LenOfTensor(Base):
    # raises: RuntimeError
    def forward(self, x):
        return self.a(x) * len(x)


class IntOfSize(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) * int(x.shape[0])


class FloatOfSize(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) / float(x.shape[0])


class FloatOfTensor(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) / float(x.max())


class BoolOfTensor(Base):
    # raises: TraceError
    def forward(self, x):
        flag = bool(x.any())
        return self.a(x)


class RangeOverSize(Base):
    # raises: TypeError
    def forward(self, x):
        for i in range(x.shape[0]):
            x = self.a(x)
        return x


class LoopOverTensor(Base):
    # raises: TraceError
    def forward(self, x):
        out = []
        for row in x:
            out.append(self.a(row))
        return torch.stack(out)


class LoopOverUnbind(Base):
    # raises: TraceError
    def forward(self, x):
        out = []
        for row in x.unbind(0):
            out.append(self.a(row))
        return torch.stack(out)


class LoopOverChunks(Base):
    # raises: TraceError
    def forward(self, x):
        return torch.cat([self.a(part) for part in x.chunk(2, 0)])


class EnumerateTensor(Base):
    # raises: TraceError
    def forward(self, x):
        for i, row in enumerate(x):
            x = self.a(row)
        return x


class ZipTensors(Base):
    # raises: TraceError
    def forward(self, x):
        for layer, row in zip(self.layers, x):
            x = layer(row)
        return x


class LoopOverLayers(Base):
    # traces
    def forward(self, x):
        for i, layer in enumerate(self.layers):
            if i > 0:
                x = layer(x)
        return x


class RangeOverOwnNumber(Base):
    # traces
    def forward(self, x):
        for i in range(len(self.layers)):
            x = self.layers[i](x)
        return x


class LayerBySize(Base):
    # raises: TypeError
    def forward(self, x):
        return self.layers[x.shape[0] - 2](x)


class Unpack(Base):
    # traces
    def forward(self, x):
        b, c = x.shape
        return self.a(x).view(b, c)


class UnpackChunks(Base):
    # traces
    def forward(self, x):
        x, y = x.chunk(2, 0)
        return self.a(x) + self.b(y)


class UnpackStar(Base):
    # raises: TraceError
    def forward(self, x):
        b, *rest = x.shape
        return self.a(x).view(b, 4)


class SpreadShape(Base):
    # raises: TraceError
    def forward(self, x):
        return self.a(x).view(*x.shape)


class SpreadShapeInTuple(Base):
    # raises: TraceError
    def forward(self, x):
        return self.a(x).view((*x.shape[:-1], 4))


class ShapePlusTuple(Base):
    # traces
    def forward(self, x):
        return self.a(x).view(x.shape[:-1] + (4,))


class TupleOfShape(Base):
    # raises: TraceError
    def forward(self, x):
        return self.a(x).view(tuple(x.shape))


class ListOfShape(Base):
    # raises: TraceError
    def forward(self, x):
        return self.a(x).view(list(x.shape))


class ViewBySizes(Base):
    # traces
    def forward(self, x):
        return self.a(x).view(x.size(0), -1)


class SliceBySize(Base):
    # traces
    def forward(self, x):
        return self.a(x)[:, : x.size(1) // 2]


class BufferSlicedBySize(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) + self.mask[:1, : x.size(1)]


class BufferIndexedByTensor(Base):
    # traces
    def forward(self, x):
        return self.a(x) + self.mask[x.argmax(1)][:, :4]


class ListSlicedBySize(Base):
    # raises: TypeError
    def forward(self, x):
        parts = [self.a(x), self.b(x)]
        return parts[x.shape[0] - 2]


class ZerosBySize(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) + torch.zeros(x.size(0), 4)


class OnesBySizeTuple(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) + torch.ones((x.size(0), 4))


class FullBySize(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) + torch.full((x.size(0), 4), 2.0)


class ZerosOnDevice(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) + torch.zeros(4, device=x.device)


class TensorOfSize(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) * torch.tensor(x.shape[0])


class NewZeros(Base):
    # traces
    def forward(self, x):
        return self.a(x) + x.new_zeros(x.size(0), 4)


class ZerosLike(Base):
    # traces
    def forward(self, x):
        return self.a(x) + torch.zeros_like(x)


class SqrtOfSize(Base):
    # traces
    def forward(self, x):
        return self.a(x) / math.sqrt(x.size(-1))


class FloorOfSize(Base):
    # traces
    def forward(self, x):
        return self.a(x) * math.floor(x.size(-1) / 2)


class MaxOfSizes(Base):
    # raises: TraceError
    def forward(self, x):
        return self.a(x) * max(x.shape[0], x.shape[1])


class MinOfSizeAndNumber(Base):
    # raises: TraceError
    def forward(self, x):
        return self.a(x) * min(x.shape[0], 8)


class SumOfTensors(Base):
    # traces
    def forward(self, x):
        return sum([self.a(x), self.b(x)])


class AbsOfTensor(Base):
    # raises: TypeError
    def forward(self, x):
        return abs(self.a(x))


class RoundOfSize(Base):
    # raises: TypeError
    def forward(self, x):
        return self.a(x) * round(x.shape[0] / 2)


class SizeInTuple(Base):
    # raises: TraceError
    def forward(self, x):
        known = x.shape[0] in (1, 2)
        return self.a(x)


class ItemAssigned(Base):
    # raises: TypeError
    def forward(self, x):
        x[:, 0] = 0
        return self.a(x)


class ItemOfResultAssigned(Base):
    # raises: TypeError
    def forward(self, x):
        y = self.a(x)
        y[y < 0] = 0.0
        return y


class ItemAdded(Base):
    # raises: TypeError
    def forward(self, x):
        y = self.a(x)
        y[:, 0] += 1
        return y


class InPlace(Base):
    # traces
    def forward(self, x):
        x += self.a(x)
        return x.relu_()


class Formatted(Base):
    # traces
    def forward(self, x):
        text = f"{x.shape}"
        return self.a(x)


class Printed(Base):
    # traces
    def forward(self, x):
        print(x.shape)
        return self.a(x)


class KeywordArguments(Base):
    # traces
    def forward(self, x, **kwargs):
        return self.a(x)


class VariadicArguments(Base):
    # traces
    def forward(self, *inputs):
        return self.a(inputs[0])


class LoopOverVariadic(Base):
    # raises: TraceError
    def forward(self, *inputs):
        total = 0
        for i in inputs:
            total = total + self.a(i)
        return total


class OptionOfKeywords(Base):
    # raises: TraceError
    def forward(self, x, **kwargs):
        if kwargs.get("deep", False):
            x = self.a(x)
        return self.b(x)


def pad(x, size):
    if size % 2:
        x = F.pad(x, (0, 0, 0, 1))
    return x


class SizeGivenToFunction(Base):
    # raises: TraceError
    def forward(self, x):
        return self.a(pad(x, x.shape[0]))


def grow(x, sizes):
    h, w = sizes
    return x * max(h, w)


class SizesGivenToFunction(Base):
    # raises: TraceError
    def forward(self, x):
        h, w = x.shape
        return grow(self.a(x), (h, w))


class NumbersGivenToFunction(Base):
    # traces
    def forward(self, x):
        return grow(self.a(x), (2, 3))


class NumberGivenToFunction(Base):
    # traces
    def forward(self, x):
        return self.a(pad(x, 4))


class Inner(Base):
    # inside others
    def forward(self, x, h, deep=False):
        if deep:
            x = self.a(x)
        return self.b(x).view(h, 4)


class FlagGivenToModule(Base):
    # traces
    def __init__(self):
        super().__init__()
        self.inner = Inner()

    def forward(self, x):
        return self.inner(x, x.shape[0], deep=True)


class Guarded(Base):
    # inside others
    def forward(self, x, h):
        if h == 3:
            x = self.a(x)
        return self.b(x)


class SizeGivenToModule(Base):
    # raises: TraceError
    def __init__(self):
        super().__init__()
        self.inner = Guarded()

    def forward(self, x):
        return self.inner(x, x.shape[0])


class NumberGivenToModule(Base):
    # traces
    def __init__(self):
        super().__init__()
        self.inner = Guarded()

    def forward(self, x):
        return self.inner(x, 3)


class Leaf(nn.Module):
    # inside others
    def forward(self, x):
        if x.shape[0] > 1:
            return x * 2
        return x


class TestInSubmodule(Base):
    # raises: TraceError
    def __init__(self):
        super().__init__()
        self.leaf = Leaf()

    def forward(self, x):
        return self.leaf(self.a(x))


class LibraryModule(Base):
    # traces
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x):
        x = self.a(x).unsqueeze(0)
        return self.attention(x, x, x)[0]


class TestedResultOfMethod(Base):
    # raises: TraceError
    def is_long(self, x):
        return x.shape[1] > 4

    def forward(self, x):
        if self.is_long(x):
            x = self.b(x)
        return self.a(x)


class TestedResultOfMethodOnOwn(Base):
    # traces
    def is_large(self):
        return self.size > 2

    def forward(self, x):
        if self.is_large():
            x = self.b(x)
        return self.a(x)


class StoredSize(Base):
    # raises: TraceError
    def forward(self, x):
        sizes = {"h": x.shape[0]}
        if sizes["h"] > 2:
            x = self.b(x)
        return self.a(x)


class StoredOnSelf(Base):
    # raises: TraceError
    def forward(self, x):
        self.seen = x.shape[0]
        if self.seen > 2:
            x = self.b(x)
        return self.a(x)


class SizesInList(Base):
    # traces
    def forward(self, x):
        sizes = [x.shape[0], x.shape[1]]
        for s in sizes:
            x = x + s
        return self.a(x)


class ConditionIsTensor(Base):
    # traces
    def forward(self, x):
        return torch.where(x.sum() > 0, self.a(x), self.b(x))


class TorchAssert(Base):
    # traces
    def forward(self, x):
        torch._assert(x.shape[0] > 1, "too small")
        return self.a(x)


class Interpolated(Base):
    # traces
    def forward(self, x):
        y = F.interpolate(self.a(x)[None, None], size=x.shape[-2:])
        return y


class NumpyOfSize(Base):
    # raises: TypeError
    def forward(self, x):
        import numpy as np
        return self.a(x) * int(np.prod(x.shape[1:]))


class ProdOfShape(Base):
    # traces
    def forward(self, x):
        return self.a(x).view(-1, math.prod(x.shape[1:]))


class TriedAndCaught(Base):
    # traces, for what it raises is caught
    def forward(self, x):
        try:
            n = int(x.shape[0])
        except TypeError:
            n = 1
        return self.a(x) * n


class BuiltInForward(Base):
    # raises: NameError
    def forward(self, x):
        return nn.ReLU()(self.a(x))


class OutOfPlainList(Base):
    # raises: NameError
    def __init__(self):
        super().__init__()
        self.plain = [nn.Linear(4, 4)]

    def forward(self, x):
        return self.plain[0](x)


class OutOfPlainDict(Base):
    # raises: NameError
    def __init__(self):
        super().__init__()
        self.plain = {"a": nn.Linear(4, 4)}

    def forward(self, x):
        return self.plain["a"](x)


class SlicedSequential(Base):
    # raises: NameError
    def __init__(self):
        super().__init__()
        self.all = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))

    def forward(self, x):
        return self.all[:2](x)


class SlicedModuleList(Base):
    # traces
    def forward(self, x):
        for layer in self.layers[:1]:
            x = layer(x)
        return x


class LoopOverSlicedSequential(Base):
    # traces
    def __init__(self):
        super().__init__()
        self.all = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))

    def forward(self, x):
        for layer in self.all[:2]:
            x = layer(x)
        return x


class ForwardOfSlice(Base):
    # traces
    def __init__(self):
        super().__init__()
        self.all = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))

    def forward(self, x):
        return self.all[:2].forward(x)


class ForwardOfBuilt(Base):
    # traces
    def forward(self, x):
        return nn.ReLU().forward(self.a(x))


class Autocast(Base):
    # traces
    def forward(self, x):
        with torch.autocast("cpu", enabled=False):
            x = self.a(x)
        return x


class NoGrad(Base):
    # traces
    def forward(self, x):
        with torch.no_grad():
            x = self.a(x)
        return x


class ReturnsDict(Base):
    # traces
    def forward(self, x):
        return {"out": self.a(x)}


class TakesDict(Base):
    # traces
    def forward(self, x):
        return self.a(x["image"])


class TakesList(Base):
    # traces
    def forward(self, xs):
        return self.a(xs[0]) + self.b(xs[1])


class LoopOverList(Base):
    # raises: TraceError
    def forward(self, xs):
        return sum([self.a(x) for x in xs])


class LenOfList(Base):
    # raises: RuntimeError
    def forward(self, xs):
        return self.a(xs[0]) * len(xs)


class KeyInDict(Base):
    # raises: TraceError
    def forward(self, x):
        if "mask" in x:
            return self.a(x["image"])
        return self.b(x["image"])


class Recurrence(nn.Module):
    # raises: TypeError
    def __init__(self):
        super().__init__()
        self.hidden = 6
        self.cell = nn.GRUCell(4, 6)

    def forward(self, x):
        h = torch.zeros(x.size(0), self.hidden)
        for step in x.unbind(1):
            h = self.cell(step, h)
        return h


class ParameterSize(Base):
    # raises: TraceError
    def forward(self, x):
        if self.a.weight.shape[0] > 2:
            x = self.b(x)
        return self.a(x)


class OwnParameterSize(Base):
    # raises: TraceError
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x):
        if self.scale.shape[0] > 2:
            x = self.b(x)
        return self.a(x) * self.scale


class BufferSize(Base):
    # traces
    def forward(self, x):
        if self.mask.shape[0] > 2:
            x = self.b(x)
        return self.a(x)


class BufferOfSelfAssigned(Base):
    # traces
    def forward(self, x):
        self.mask[0] = 1
        return self.a(x)


class MadeTensorTested(Base):
    # traces
    def forward(self, x):
        t = torch.ones(4)
        if t.sum() > 2:
            x = self.b(x)
        return self.a(x) + t


class Comprehension(Base):
    # raises: TypeError
    def forward(self, x):
        return torch.stack([self.a(x[i]) for i in range(x.shape[0])])


class ComprehensionCondition(Base):
    # raises: TraceError
    def forward(self, x):
        parts = [p for p in (x, self.a(x)) if p.shape[0] > 1]
        return parts[0]


class AllOfSizes(Base):
    # raises: TraceError
    def forward(self, x):
        if all(s > 1 for s in (x.shape[0], x.shape[1])):
            x = self.a(x)
        return self.b(x)


class EmptyListTest(Base):
    # traces
    def forward(self, x):
        outs = []
        if not outs:
            outs.append(self.a(x))
        return outs[0]


class DefaultByOr(Base):
    # raises: TraceError
    def forward(self, x, scale=None):
        scale = scale or 1.0
        return self.a(x) * scale


class Equality(Base):
    # traces
    def forward(self, x):
        same = x.shape == self.a(x).shape
        return self.a(x)


class AssertEqualShapes(Base):
    # raises: TraceError
    def forward(self, x):
        y = self.a(x)
        assert x.shape == y.shape
        return y
