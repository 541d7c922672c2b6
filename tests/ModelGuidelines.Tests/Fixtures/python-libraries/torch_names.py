#!/usr/bin/env python3
"""Prints what an installed PyTorch says of its functions, methods and modules, for LibraryTests:
    function NAME RETURNS      a function of torch or torch.nn.functional, or a method of torch.Tensor; RETURNS are its overloads' results
    class NAME PARAMETERS      a module of torch.nn, with its constructor's parameters and their defaults
usage: python3 torch_names.py > torch.txt"""
import collections, inspect, re
import torch
import torch.nn.functional as F

schemas = collections.defaultdict(set)
for schema in torch._C._jit_get_all_schemas():
    space, _, name = schema.name.partition("::")
    if space == "aten" and not any(a.is_out for a in schema.arguments):
        schemas[name].add(",".join(str(r.type).replace(" ", "") for r in schema.returns) or "None")

# Kernels of one backend, and copies of views: not for models to call.
INTERNAL = re.compile("(cudnn|miopen|mkldnn|fbgemm|native|quantized|batch_norm|fused|alias)_|choose_qparams|.*_copy$")
KINDS = {"Tensor", "Tensor,Tensor", "Tensor,Tensor,Tensor", "List[Tensor]", "bool", "int"}
for space, owner in (("torch", torch), ("torch.Tensor", torch.Tensor), ("torch.nn.functional", F)):
    for name in sorted(dir(owner)):
        value = getattr(owner, name)
        if name.startswith("_") or not callable(value) or inspect.isclass(value) or (space == "torch" and INTERNAL.match(name)):
            continue
        # Overloads for Python numbers are TorchScript's own.
        kinds = schemas.get(name, set()) & KINDS
        if "Tensor" in kinds:
            kinds -= {"bool", "int"}
        if kinds:
            print("function", f"{space}.{name}", "|".join(sorted(kinds)))

for name in sorted(dir(torch.nn)):
    value = getattr(torch.nn, name)
    if not inspect.isclass(value) or not issubclass(value, torch.nn.Module):
        continue
    init = torch.nn.RNNBase if name in ("LSTM", "GRU", "RNN") else value
    words = []
    for parameter in list(inspect.signature(init.__init__).parameters.values())[2 if init is not value else 1:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or parameter.name in ("device", "dtype"):
            continue
        default = parameter.default
        words.append(parameter.name + ("" if default is inspect.Parameter.empty else "=?" if callable(default) else f"={default!r}"))
    print("class", f"torch.nn.{name}", " ".join(words))
