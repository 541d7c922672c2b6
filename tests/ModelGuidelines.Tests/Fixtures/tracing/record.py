"""Says of each model of traced.py what torch.fx.symbolic_trace does to it, and whether that is what the file says: python3 record.py. Needs torch."""
import dis
import inspect
import pathlib
import re
import sys
import types
import warnings

import torch
import torch.fx
import torch.fx._symbolic_trace

import traced

warnings.simplefilter("ignore")


def mend_for_python_311():
    """Before 2.1 torch.fx reads the bytecode of Python 3.10: unpacking and functions with *args fail on newer ones for that reason alone."""

    def unpacked(self):
        frame = inspect.currentframe().f_back
        at = next((i for i in dis.get_instructions(frame.f_code) if i.offset == frame.f_lasti), None)
        return (self[i] for i in range(at.argval)) if at is not None and at.opname == "UNPACK_SEQUENCE" else self.tracer.iter(self)

    def patched(function, count):
        code = function.__code__
        code = code.replace(co_argcount=count, co_posonlyargcount=0, co_kwonlyargcount=0, co_flags=code.co_flags & ~(inspect.CO_VARARGS | inspect.CO_VARKEYWORDS))
        return types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)

    if sys.version_info >= (3, 11) and torch.__version__ < "2.1":
        torch.fx.proxy.Proxy.__iter__ = unpacked
        torch.fx._symbolic_trace._patch_function = patched


def main():
    mend_for_python_311()
    said = dict(re.findall(r"^class (\w+)\(.*\):\n    # (.*)$", pathlib.Path(traced.__file__).read_text(), re.M))
    wrong = 0
    for name, says in said.items():
        if says == "inside others":
            continue
        try:
            torch.fx.symbolic_trace(getattr(traced, name)())
            seen = "traces"
        except Exception as error:
            seen = "raises: " + type(error).__name__
        if says.split(",")[0] != seen:
            wrong += 1
            print(f"{name}: says '{says}', {seen}")
    print(f"{len(said)} models, torch {torch.__version__}, {wrong} wrong")


main()
