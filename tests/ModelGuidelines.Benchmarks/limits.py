#!/usr/bin/env python3
"""Measures what files of other versions and tools tell, and writes the tables of docs/limits.md anew: version and exporter by guideline.
usage: limits.py [--check]      (from the root of the repository, with the corpora beside it; --check changes nothing and says which rows would)
A table is known by its first line and the first cell of its first row; the sentences around it are written by hand."""
import re, subprocess, sys

PAGE = "docs/limits.md"
run = subprocess.run(["dotnet", "test", "tests/ModelGuidelines.Tests", "--nologo", "--filter", "FullyQualifiedName~VersionFigures", "--logger", "console;verbosity=detailed"], capture_output=True, text=True, check=False)
printed = [line.strip() for line in run.stdout.splitlines()]
if run.returncode or not any(line.startswith("| file |") for line in printed):
    sys.exit(f"the figures were not measured:\n{run.stdout[-3000:]}{run.stderr[-1000:]}")


def tables(lines):
    """(start, end) of each table: its first line, the line of dashes, rows."""
    start = None
    for i, line in enumerate([*lines, ""]):
        if start is None and line.startswith("|"): start = i
        elif start is not None and not line.startswith("|"): yield start, i; start = None
        elif start is not None and i > start + 1 and line.startswith("| file |"): yield start, i; start = i


def key(lines, start): return lines[start], lines[start + 2].split("|")[1]


new = {key(printed, a): printed[a:b] for a, b in tables(printed) if b - a > 2 and printed[a].startswith("| file | PyTorch |")}
with open(PAGE, encoding="utf-8") as f: page = f.read().splitlines()
changed = 0
for a, b in reversed(list(tables(page))):
    rows = new.pop(key(page, a), None) if b - a > 2 else None
    if rows is None: continue
    for row in rows:
        if row not in page[a:b]: changed += 1; print(row)
    page[a:b] = rows
if new: sys.exit(f"{PAGE} has no table that begins with {[k[1].strip() for k in new]}")
print(f"{changed} rows {'differ' if '--check' in sys.argv else 'are new'}")
if "--check" in sys.argv: sys.exit(1 if changed else 0)
with open(PAGE, "w", encoding="utf-8", newline="\n") as f: f.write("\n".join(page) + "\n")
