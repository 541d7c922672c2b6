"""Writes an archive in the layout of PyTorch 1.0 to 1.3 (caffe2/proto/torch.proto), which no PyTorch at hand writes; torch.jit.load of later versions reads it."""
import json
import zipfile

import numpy

CODE = """op_version_set = 1
def forward(self,
    x: Tensor) -> Tensor:
  _0 = torch.linear(x, self.fc.weight, self.fc.bias)
  _1 = torch.relu(_0)
  _2 = torch.linear(_1, self.fc.weight, self.fc.bias)
  _3 = getattr(self.blocks, "0")
  _4 = torch.linear(_2, _3.weight, _3.bias)
  return torch.linear(_4, getattr(self.blocks, "1").weight, getattr(self.blocks, "1").bias)
"""


def module(name, parameters=(), submodules=(), **more):
    return {"submodules": list(submodules), "parameters": [{"isBuffer": False, "tensorId": str(t), "name": n} for n, t in parameters], "name": name, "optimize": True, **more}


def tensor(key, *dims):
    strides = [str(int(numpy.prod(dims[i + 1:]))) for i in range(len(dims))]
    return {"dims": [str(d) for d in dims], "offset": "0", "strides": strides, "requiresGrad": True, "dataType": "FLOAT", "data": {"key": f"tensors/{key}"}, "device": "cpu"}


linear = lambda name, first: module(name, [("weight", first), ("bias", first + 1)])
main = module("Net", (), [linear("fc", 0), module("blocks", (), [linear("0", 2), linear("1", 4), linear("2", 2)])], torchscriptArena={"key": "code/net.py"})
model = {"protoVersion": "1", "mainModule": main, "producerName": "pytorch", "producerVersion": "1.0", "tensors": [tensor(i, 4, 4) if i % 2 == 0 else tensor(i, 4) for i in range(6)]}
with zipfile.ZipFile("early.pt", "w", zipfile.ZIP_STORED) as archive:
    archive.writestr("early/version", "1\n")
    archive.writestr("early/code/net.py", CODE)
    for i in range(6):
        archive.writestr(f"early/tensors/{i}", numpy.zeros((4, 4) if i % 2 == 0 else 4, "float32").tobytes())
    archive.writestr("early/model.json", json.dumps(model))
