"""Asks onnx's checker (full check) about every .onnx file below the given folder. Prints one line per file: ok, unsupported, or what is wrong."""
import os, sys
import onnx

for folder, _, files in os.walk(sys.argv[1]):
    for name in sorted(f for f in files if f.endswith(".onnx")):
        path = os.path.join(folder, name)
        model = onnx.load(path, load_external_data=False)
        opset = max((o.version for o in model.opset_import if o.domain == ""), default=0)
        if model.ir_version > onnx.IR_VERSION or opset > onnx.defs.onnx_opset_version():
            print("unsupported", path)
            continue
        try:
            onnx.checker.check_model(path, full_check=True)
            print("ok", path)
        except Exception as e:
            print("wrong", path, str(e).split("\n")[0])
