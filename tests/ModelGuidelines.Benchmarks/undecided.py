#!/usr/bin/env python3
"""Prints how many verdicts on sources are Undecidable, and why: the tables of docs/limits.md.
usage: undecided.py MODELGUIDELINES FOLDER...     (a folder of sources, or a JSON report of one)
Reasons are counted once a file and guideline; what a reason quotes is left out, so that places of one kind are one row."""
import collections, json, os, re, subprocess, sys

SHOWN = 16
cli, folders = sys.argv[1], sys.argv[2:]
if not folders: sys.exit(__doc__)
verdicts, reasons, remedies, silent = {}, collections.Counter(), {}, 0


def kind(text): return re.sub(r"line \d+", "line …", re.sub(r"\d+", "n", re.sub(r"'[^']*'", "'…'", re.sub(r"'[^']*' (is|are) not in what is read", "'…' is not in what is read", text))))


for folder in folders:
    if folder.endswith(".json"):
        with open(folder, encoding="utf-8-sig") as f: report = json.load(f)
    else:
        run = subprocess.run([cli, "test", ".", "--format", "json", "--minimum-severity", "information"], cwd=folder, capture_output=True, text=True, check=False)
        report = json.loads(run.stdout)
    name = os.path.basename(folder.rstrip("/")).removesuffix(".json")
    for file in report["files"]:
        undecided = set()
        for g in file.get("guidelines") or ():
            if g["outcome"] == "NotApplicable" or g["guideline"].startswith("Aimet."): continue
            counts = verdicts.setdefault((name, g["guideline"]), collections.Counter())
            counts[g["outcome"]] += 1
            if g["outcome"] == "Undecidable": undecided.add(g["guideline"])
        seen = set()
        for gap in file.get("gaps") or ():
            for guideline in undecided & set(gap["hides"]):
                if (kind(gap["what"]), guideline) not in seen:
                    seen.add((kind(gap["what"]), guideline)); reasons[kind(gap["what"])] += 1
                    if gap.get("remedy"): remedies.setdefault(kind(gap["what"]), kind(gap["remedy"]))
                    else: silent += 1

print("| sources | guideline | files | Pass | Fail | Undecidable |\n|---|---|---|---|---|---|")
total = collections.Counter()
for (name, guideline), counts in verdicts.items():
    n = sum(counts.values()); total += counts
    print(f"| {name} | {guideline} | {n} | {counts['Pass']} | {counts['Fail']} | {counts['Undecidable']} ({100 * counts['Undecidable'] / n:.0f} %) |")
n = sum(total.values())
print(f"| all | | {n} | {total['Pass']} | {total['Fail']} | {total['Undecidable']} ({100 * total['Undecidable'] / n:.0f} %) |")
print(f"\nOf {total['Undecidable']} Undecidable verdicts, {sum(reasons.values())} reasons, {silent} without a remedy:\n\n| verdicts | what could not be followed | what decides it |\n|---|---|---|")
for what, count in reasons.most_common(SHOWN): print(f"| {count} | {what} | {remedies.get(what, '')} |")
rest = reasons.most_common()[SHOWN:]
if rest: print(f"| {sum(c for _, c in rest)} | {len(rest)} further kinds | |")
