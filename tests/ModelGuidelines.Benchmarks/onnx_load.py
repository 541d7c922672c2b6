#!/usr/bin/env python3
"""Our audit beside onnx.load, in one run on one machine: a model of 553 MB with its weights inside, the same with external weights,
a graph of 50,000 nodes, and a folder of ONNX files.
usage: onnx_load.py [FOLDER]   (needs python3-onnx; builds the benchmarks first: dotnet build -c Release tests/ModelGuidelines.Benchmarks)"""
import os, resource, subprocess, sys, tempfile, time
import onnx
from onnx import TensorProto, helper

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "bin/Release/net8.0/ModelGuidelines.Benchmarks.dll")


def model(path, layers, width, relus=0, external=False):
    """A chain of linear layers of width x width and as many relus as asked for, in the form the TorchScript-based exporter writes."""
    nodes, weights, x = [], [], "x"
    for i in range(layers):
        w = helper.make_tensor(f"fc{i}.weight", TensorProto.FLOAT, [width, width], os.urandom(1 << 16) * (4 * width * width >> 16), raw=True)
        nodes += [helper.make_node("Gemm", [x, w.name], [f"/fc{i}/Gemm_output_0"], name=f"/fc{i}/Gemm", transB=1)]
        weights.append(w); x = nodes[-1].output[0]
    for i in range(relus):
        nodes.append(helper.make_node("Relu", [x], [f"/act{i}/Relu_output_0"], name=f"/act{i}/Relu")); x = nodes[-1].output[0]
    info = lambda n: helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, width])
    m = helper.make_model(helper.make_graph(nodes, "main", [info("x")], [info(x)], weights), producer_name="pytorch", producer_version="2.0.0")
    onnx.save(m, path, save_as_external_data=external, location=os.path.basename(path) + ".bin") if external else onnx.save(m, path)


def ours(*paths):
    out = subprocess.run(["dotnet", PROGRAM, "warm", *paths], capture_output=True, text=True, check=True).stdout.split()
    return int(out[0]), float(out[1]), float(out[2])


def theirs(paths):
    best = 1e9
    for _ in range(3):
        t = time.perf_counter()
        for p in paths: onnx.load(p, load_external_data=False)
        best = min(best, (time.perf_counter() - t) * 1000)
    return best


def row(name, paths, target):
    files, ms, mb = ours(target); load = theirs(paths)
    print(f"{name:44} {files:5} files  ours {ms:10.2f} ms, {mb:6.1f} MB added   onnx.load {load:10.2f} ms   {load / ms:7.1f} times")


with tempfile.TemporaryDirectory() as d:
    inside, outside, large = (os.path.join(d, n) for n in ("inside.onnx", "outside.onnx", "large.onnx"))
    model(inside, 33, 2048); model(outside, 33, 2048, external=True); model(large, 1, 128, 50_000)
    row(f"weights inside, {os.path.getsize(inside) >> 20} MB", [inside], inside)
    row("the same, weights external", [outside], outside)
    row("50,000 nodes", [large], large)
    if len(sys.argv) > 1:
        found = [os.path.join(r, f) for r, _, fs in os.walk(sys.argv[1]) for f in fs if f.endswith(".onnx")]
        link = os.path.join(d, "folder"); os.mkdir(link)
        for i, f in enumerate(found): os.symlink(f, os.path.join(link, f"{i}.onnx"))
        row("folder of ONNX files", found, link)
