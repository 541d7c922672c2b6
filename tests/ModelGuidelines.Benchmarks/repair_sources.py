#!/usr/bin/env python3
"""What a repair does to the sources of public repositories: reuse found before and after, by findings, by places and file by file; refusals by their reasons.
usage: repair_sources.py CLI FOLDER[:PACKAGE]... [--options "--include-weighted"] [--examples] [--git]
CLI: the command (quoted if it has arguments). FOLDER: a checkout, of which the .py files are copied and the copy is changed; PACKAGE: the folder in it that is asked (all of it by default).
Every changed file is parsed by CPython. --git also lets `git apply` make the changes from `repair --diff`, and compares the files."""
import ast, collections, json, os, re, shlex, shutil, subprocess, sys, tempfile


def option(name, default=None):
    if name not in sys.argv: return default
    i = sys.argv.index(name); value = sys.argv[i + 1]; del sys.argv[i:i + 2]; return value


def run(command, folder):
    p = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    return p.stdout


def reuse(cli, package, folder):
    report = json.loads(run(cli + ["test", package, "--format", "json", "--minimum-severity", "information"], folder))
    return [f for f in report["findings"] if f["guideline"] == "PyTorch.ModuleReuse" and f["outcome"] == "Fail" and not f.get("external")]


def place(finding):
    at = lambda l: ((l or {}).get("file"), (l or {}).get("line"))
    return at(finding.get("location")), tuple(sorted({at(c.get("location")) for c in finding.get("calls") or []}, key=str))


def python_files(folder):
    for root, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if f != ".git"]
        yield from (os.path.relpath(os.path.join(root, f), folder) for f in files if f.endswith(".py"))


def copy(source, target):
    for file in python_files(source):
        os.makedirs(os.path.dirname(os.path.join(target, file)), exist_ok=True)
        shutil.copyfile(os.path.join(source, file), os.path.join(target, file))


def applied(cli, package, options, source, repaired):
    """How many files are others after `git apply` of the diff than after the repair in place."""
    with tempfile.TemporaryDirectory() as work:
        copy(source, work); run(["git", "init", "-q"], work); diff = os.path.join(work, ".git", "repair.diff")
        run(cli + ["repair", package, "--diff", diff, "--format", "json", *options], work)
        p = subprocess.run(["git", "apply", diff], cwd=work, capture_output=True, text=True)
        if p.returncode: print(p.stderr[:400])
        return sum(open(os.path.join(work, f), "rb").read() != open(os.path.join(repaired, f), "rb").read() for f in python_files(work))


def main():
    if len(sys.argv) < 3: sys.exit(__doc__)
    options, examples, git = shlex.split(option("--options", "")), "--examples" in sys.argv, "--git" in sys.argv
    cli, folders = shlex.split(sys.argv[1]), [a for a in sys.argv[2:] if not a.startswith("--")]
    if os.path.exists(cli[-1]): cli[-1] = os.path.abspath(cli[-1])
    total, reasons, seen = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    for argument in folders:
        source, _, package = argument.partition(":"); package = package or "."; source = os.path.abspath(source)
        with tempfile.TemporaryDirectory() as work:
            copy(source, work)
            before = reuse(cli, package, work)
            results = json.loads(run(cli + ["repair", package, "--in-place", "--format", "json", *options], work))["repairs"]
            after = reuse(cli, package, work)
            changed = [f for f in python_files(work) if open(os.path.join(work, f), "rb").read() != open(os.path.join(source, f), "rb").read()]
            broken = []
            for file in changed:
                try: ast.parse(open(os.path.join(work, file), "rb").read())
                except (SyntaxError, ValueError) as e: broken.append(f"{file}: {e}")
            others = applied(cli, package, options, source, work) if git else None
        warned = lambda found: [f for f in found if f["severity"] != "Information"]
        mine = [(r["path"], l) for r in results for l in r["left"] if l["guideline"] == "PyTorch.ModuleReuse" and not l["reason"].startswith("cannot be decided")]
        copies = sum(c["kind"] == "ModuleCopy" for r in results for c in r["changes"])
        row = {"findings": len(before), "findings after": len(after), "warned": len(warned(before)), "warned after": len(warned(after)), "places": len(set(map(place, before))), "places after": len(set(map(place, after))),
               "copies": copies, "left": len(mine), "files changed": len(changed), "not parsed": len(broken), "failed": sum(r["status"] == "Failed" for r in results)}
        if git: row["other by git apply"] = others
        total.update(row); print(os.path.basename(source), row, *broken, sep="\n  ")
        for path, left in mine:
            reason = re.sub(r"'[^']*'|\b\d+\b|[\w./-]+\.py", "_", left["reason"])[:140]
            reasons[reason] += 1; seen[reason].append(f"{path} {left['module']}: {left['reason'][:200]}")
    share = lambda a, b: f"{1 - total[b] / max(1, total[a]):.3f}"
    print("all", dict(total), f"repaired: findings {share('findings', 'findings after')}, those warned of {share('warned', 'warned after')}, places {share('places', 'places after')}")
    for reason, count in reasons.most_common():
        print(count, reason)
        if examples: print(*("    " + e for e in seen[reason]), sep="\n")


main()
