#!/usr/bin/env python3
"""Times the audit of Keras files beside h5py + json, which only load the configs, and shows that its cost does not follow the weights.
usage: keras.py MODELGUIDELINES FOLDER      (MODELGUIDELINES: the built command; FOLDER: is searched for .keras, .h5 and config .json; needs h5py)"""
import json, os, resource, subprocess, sys, tempfile, time, zipfile
import h5py, numpy as np

command, folder = sys.argv[1:3]


def load(path):
    """What a script does that wants the config: the whole document, as Python objects."""
    if path.endswith(".keras"):
        with zipfile.ZipFile(path) as z: return json.loads(z.read("config.json"))
    if path.endswith(".json"):
        with open(path, encoding="utf-8") as f: return json.load(f)
    with h5py.File(path, "r") as f: return json.loads(f.attrs["model_config"]) if "model_config" in f.attrs else None


def audit(paths):
    """Wall and processor seconds of one run of the command, and its report."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    r = subprocess.run([command, "test", "--format", "json", "--fail-on", "never", "-"], input="\n".join(paths).encode(), capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, json.loads(r.stdout)


def python(paths):
    code = f"import sys; sys.argv = ['', '', '']; exec(open({os.path.abspath(__file__)!r}).read().split('def audit')[0]); [load(p) for p in sys.stdin.read().split(chr(10))]"
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], input="\n".join(paths).encode(), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


paths = sorted(os.path.join(d, f) for d, _, fs in os.walk(folder) for f in fs if f == "config.json" or f.endswith((".keras", ".h5")))
size = sum(os.path.getsize(p) for p in paths)
for times in (1, 10):
    rows = [(audit(paths * times)[:2], python(paths * times)) for _ in range(5)]
    print(f"{len(paths)} files, {size / 1e6:.1f} MB, {times} times; best of 5 runs, seconds with start-up")
    for name, i in (("modelguidelines test", 0), ("python: h5py, zipfile, json", 1)):
        print(f"  {name:28} wall {min(r[i][0] for r in rows):6.2f}   processor {min(r[i][1] for r in rows):6.2f}")

source = next(p for p in paths if p.endswith(".h5") and "model_config" in h5py.File(p, "r").attrs)
config = h5py.File(source, "r").attrs["model_config"]
print("one model, growing weights; milliseconds within the audit (best of 5)")
with tempfile.TemporaryDirectory() as d:
    for megabytes in (1, 16, 256, 1024):
        h5, keras = os.path.join(d, "m.h5"), os.path.join(d, "m.keras")
        with h5py.File(h5, "w") as f:
            f.attrs["model_config"] = config; f.attrs["keras_version"] = "2.13.1"
            f.create_group("model_weights/dense").create_dataset("kernel:0", data=np.zeros((megabytes, 1 << 18), np.float32))
        with zipfile.ZipFile(keras, "w", zipfile.ZIP_STORED) as z:
            z.writestr("metadata.json", '{"keras_version": "2.13.1"}'); z.writestr("config.json", config); z.write(h5, "model.weights.h5")
        # others first: the first audits of a process pay for loading the code
        reports = [audit([*paths[:100], h5, keras])[2]["files"] for _ in range(5)]
        ms = {n: min(next(x for x in r if os.path.basename(x["path"]) == n and x["path"].startswith(d))["seconds"] for r in reports) * 1000 for n in ("m.h5", "m.keras")}
        print(f"  {megabytes:5} MB   m.h5 {ms['m.h5']:6.1f}   m.keras {ms['m.keras']:6.1f}")
