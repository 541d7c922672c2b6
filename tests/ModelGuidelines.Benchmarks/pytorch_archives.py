#!/usr/bin/env python3
"""What an audit of a .pt2, a traced and a scripted archive costs as its weights grow: one model of five linear layers with 1, 50 and 500 MB.
usage: pytorch_archives.py   (needs python3-torch; build first: dotnet build -c Release tests/ModelGuidelines.Benchmarks)
The .pt2 is a recorded program whose weight entries are made longer: torch.export is not in every python3-torch, and the audit does not look at them."""
import os, subprocess, tempfile, zipfile
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "bin/Release/net8.0/ModelGuidelines.Benchmarks.dll")
PT2 = os.path.join(HERE, "../ModelGuidelines.Tests/Fixtures/pt2/guide_relu_twice/exported.pt2")


class Model(nn.Module):
    def __init__(self, megabytes):
        super().__init__()
        width = int((megabytes * (1 << 20) / 4 / 5) ** 0.5)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(5))
        self.relu = nn.ReLU()

    def forward(self, x):
        for layer in self.layers:
            x = self.relu(layer(x))
        return x


def grow(source, target, megabytes):
    """Copies an archive, its weight entries repeated until they are that long."""
    with zipfile.ZipFile(source) as a, zipfile.ZipFile(target, "w") as b:
        weights = [i.filename for i in a.infolist() if "/data/weights/weight_" in i.filename]
        for entry in a.infolist():
            data = a.read(entry)
            b.writestr(entry.filename, os.urandom((megabytes << 20) // len(weights)) if entry.filename in weights else data)


def warm(path):
    run = lambda: float(subprocess.run(["dotnet", PROGRAM, "warm", path], capture_output=True, text=True, check=True).stdout.split()[1])
    return min(run() for _ in range(5))


with tempfile.TemporaryDirectory() as d:
    times = {}
    for megabytes in (1, 50, 500):
        files = {k: os.path.join(d, f"{k}{megabytes}{e}") for k, e in (("traced", ".pt"), ("scripted", ".pt"), (".pt2", ".pt2"))}
        model = Model(megabytes).eval()
        torch.jit.save(torch.jit.trace(model, torch.randn(1, model.layers[0].in_features)), files["traced"])
        torch.jit.save(torch.jit.script(model), files["scripted"])
        grow(PT2, files[".pt2"], megabytes)
        for kind, path in files.items():
            times.setdefault(kind, []).append((os.path.getsize(path) >> 20, warm(path)))
            os.remove(path)
    for kind, row in times.items():
        print(f"{kind:10}", "   ".join(f"{size:4} MB {ms:6.3f} ms" for size, ms in row), f"  ratio {row[-1][1] / row[0][1]:.2f}")
