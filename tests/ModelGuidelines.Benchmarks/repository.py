#!/usr/bin/env python3
"""Prints what audits of a whole repository cost: cold, warm from a store, changed-since, and in four shards with a merge; and the start for one small file.

usage: repository.py MODELGUIDELINES FOLDER [FILES]

MODELGUIDELINES is the command (or a path of it), FOLDER holds models, of which copies make a repository of FILES (default 10,000) files,
a hundred to a folder. Wall clock and processor seconds and the peak memory of each process are those that the system counts.
Where FOLDER has ONNX files and python3-onnx is there, a loop of onnx.load over the same copies stands beside them."""
import os, pathlib, shutil, statistics, subprocess, sys, tempfile, time


def measure(*command, cwd, expect):
    """Seconds by the clock and of the processor, and the peak of memory in MB."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in expect, (command, process.returncode)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def run(title, *command, cwd, expect=(0, 1, 2), times=1):
    rounds = [measure(*command, cwd=cwd, expect=expect) for _ in range(times)]
    wall, processor, memory = (statistics.median(r) for r in zip(*rounds))
    print(f"| {title} | {wall:.3f} | {processor:.3f} | {memory:.0f} |", flush=True)
    return processor


def main():
    tool, source = os.path.abspath(sys.argv[1]) if os.path.exists(sys.argv[1]) else sys.argv[1], pathlib.Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    extensions = {".onnx", ".keras", ".h5", ".pt", ".pt2", ".py", ".json"}
    models = sorted(f for f in source.rglob("*") if f.suffix in extensions and f.is_file() and f.stat().st_size < 1 << 20)
    work = pathlib.Path(tempfile.mkdtemp(prefix="mg-bench-"))
    tree = work / "tree"
    onnx = []
    for i in range(count):
        model = models[i % len(models)]
        folder = tree / f"{i // 100:03}"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{model.stem}_{i}{model.suffix}"
        shutil.copyfile(model, target)
        os.utime(target, (1_700_000_000, 1_700_000_000))
        if model.suffix == ".onnx":
            onnx.append(str(target))
    def git(*a):
        subprocess.run(["git", "-c", "user.name=b", "-c", "user.email=b@example.org", *a], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    git("init", "-q"); git("add", "."); git("commit", "-qm", "all")
    print(f"{count} files of {len(models)} models, {os.cpu_count()} processors\n\n| | wall s | processor s | MB |\n|---|---|---|---|")
    json = ["--format", "json", "--output"]
    store = ["--store", str(work / "audits.db")]
    run("cold", tool, "test", ".", *json, str(work / "cold.json"), cwd=tree)
    first = run("cold, into a store", tool, "test", ".", *store, *json, str(work / "kept.json"), cwd=tree)
    second = run("warm, from the store", tool, "test", ".", *store, *json, str(work / "warm.json"), cwd=tree)
    run("cold, JSON Lines", tool, "test", ".", "--format", "jsonl", "--output", str(work / "all.jsonl"), cwd=tree)
    for path in sorted(tree.rglob("*.onnx"))[:10]:
        with open(path, "ab") as f:
            f.write(b"\xa2\x06\x00")  # an empty field that no reader asks for
    run("changed since, 10 changed", tool, "test", ".", "--changed-since", "HEAD", *json, str(work / "changed.json"), cwd=tree)
    for part in range(1, 5):
        run(f"shard {part}/4", tool, "test", ".", "--shard", f"{part}/4", *json, str(work / f"part{part}.json"), cwd=tree)
    run("merge", tool, "merge", *(str(work / f"part{p}.json") for p in range(1, 5)), *json, str(work / "merged.json"), cwd=tree)
    if onnx:
        folder = work / "onnx"
        folder.mkdir()
        for path in onnx:
            os.link(path, folder / os.path.basename(path))
        run(f"the {len(onnx)} ONNX files, median of 5", tool, "test", ".", *json, str(work / "onnx.json"), cwd=folder, times=5)
        if subprocess.run([sys.executable, "-c", "import onnx"], stderr=subprocess.DEVNULL).returncode:
            print(f"{sys.executable} has no onnx: nothing stands beside that")
        else:
            run("the same by onnx.load, median of 5", sys.executable, "-c", "import glob, onnx\nfor f in glob.glob('*.onnx'):\n    try: onnx.load(f, load_external_data=False)\n    except Exception: pass", cwd=folder, expect=(0,), times=5)
        small = min(onnx, key=os.path.getsize)
        run(f"one ONNX file of {os.path.getsize(small)} bytes, median of 30", tool, "test", small, cwd=folder, times=30)
    print(f"\nthe run in which nothing has changed costs {100 * second / first:.1f} % of that which filled the store")
    plain = lambda name: "\n".join(l for l in (work / name).read_text().split("\n") if '"seconds"' not in l)
    print(f"warm equals cold: {plain('warm.json') == plain('cold.json')}")
    shutil.rmtree(work)


main()
