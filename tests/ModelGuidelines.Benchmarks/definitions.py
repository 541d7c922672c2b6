#!/usr/bin/env python3
"""Compares Aimet.QuantizedDefinition, from source, with the leaf classes that AIMET was recorded to refuse.
usage: definitions.py CLI DEFINITIONS.json CHECKOUT [--every N] [--search-path DIR]...
DEFINITIONS: {"FILE ENTRY": {class: [some of its modules]}}. An entry is right when exactly these classes are named, each as Certain, and the modules listed are among its instances."""
import argparse, json, os, subprocess, sys

parser = argparse.ArgumentParser(usage=__doc__)
parser.add_argument("cli"); parser.add_argument("definitions"); parser.add_argument("checkout")
parser.add_argument("--every", type=int, default=1); parser.add_argument("--search-path", action="append", default=[]); parser.add_argument("--match", default="")
args = parser.parse_args()
cli = [os.path.abspath(args.cli) if os.path.exists(args.cli) else args.cli]
with open(args.definitions, encoding="utf-8") as f: recorded = json.load(f)
entries = [(k, v) for k, v in list(recorded.items())[::args.every] if args.match in k]
right = 0
for name, classes in entries:
    file, entry = name.split(" ", 1)
    paths = [p for d in [".", *args.search_path] for p in ("--search-path", d)]
    p = subprocess.run([*cli, "test", file, "--entry", entry, *paths, "--guideline", "Aimet.QuantizedDefinition", "--format", "json", "--fail-on", "never"], cwd=args.checkout, capture_output=True, encoding="utf-8")
    try: report = json.loads(p.stdout)
    except ValueError: print(f"FAILED   {name}: {p.stderr.strip()[-200:]}"); continue
    error = next((x["error"] for x in report["files"] if x.get("error")), None)
    said = {}
    for x in report["findings"]: said.setdefault(x["moduleType"], []).append(x)
    sure = {t for t, found in said.items() if any(x["confidence"] == "Certain" for x in found)}
    missing, more = sorted(set(classes) - sure), sorted(set(said) - set(classes))
    lost = [m for t, modules in classes.items() for m in modules if t in said and m not in {i for x in said[t] for i in x["instances"]}]
    if error: print(f"FAILED   {name}: {error['message']}")
    elif missing or more or lost: print(f"WRONG    {name}: missing {missing} more {more} modules {lost}")
    else: right += 1
print(f"{right} of {len(entries)} entries right")
