#!/usr/bin/env python3
"""Compares our syntax trees with those of CPython's ast module.

usage: compare.py [FILE_OR_FOLDER...]      compares every .py (default: the standard library, torch, torchvision)
       compare.py --expect FILE...         writes FILE.ast beside each file: what a test expects

Build tests/ModelGuidelines.SyntaxCheck first. Files that CPython itself rejects are skipped and counted.
Positions are compared too, except inside formatted strings, where CPython before 3.12 gives wrong ones."""
import ast, os, re, struct, subprocess, sys, unicodedata, warnings

sys.setrecursionlimit(20000)
warnings.simplefilter("ignore")


def quote(text):
    if text is None: return "None"
    units = text.encode("utf-16-be", "surrogatepass")
    out = ['"']
    for i in range(0, len(units), 2):
        c = units[i] << 8 | units[i + 1]
        out.append("\\" + chr(c) if c in (34, 92) else chr(c) if 32 <= c < 127 else "\\u%04x" % c)
    return "".join(out) + '"'


def constant(node, plain):
    v = node.value
    if v is None or v is True or v is False: return str(v)
    if v is Ellipsis: return "Ellipsis"
    if isinstance(v, str): return ("ustr " if node.kind == "u" and not plain else "str ") + quote(v)
    if isinstance(v, bytes): return "bytes " + quote(v.decode("latin-1"))
    if isinstance(v, int): return "int %x" % v
    if isinstance(v, float): return "float " + struct.pack(">d", v).hex()
    return "complex " + struct.pack(">d", v.imag).hex()


SKIP = {"ctx", "kind", "type_comment", "type_ignores", "str"}


def dump(node, plain=False):
    if isinstance(node, list): return "[" + ", ".join(dump(n, plain) for n in node) + "]"
    if node is None or isinstance(node, (bool, int)): return str(node)
    if isinstance(node, str): return quote(node)
    name = type(node).__name__
    if isinstance(node, (ast.operator, ast.unaryop, ast.cmpop, ast.boolop)): return name
    where = f"[{node.lineno}:{node.col_offset}-{node.end_lineno}:{node.end_col_offset}]" if hasattr(node, "lineno") and not plain else ""
    if isinstance(node, ast.Constant): return f"Constant{where}({constant(node, plain)})"
    inner = plain or name in ("JoinedStr", "TemplateStr")
    fields = [f"{f}={dump(getattr(node, f, None), inner)}" for f in node._fields if f not in SKIP and not (f in ("type_params", "default_value") and not getattr(node, f, None))]
    if hasattr(node, "ctx"): fields.append("ctx=" + type(node.ctx).__name__)
    return f"{name}{where}({', '.join(fields)})"


def named(text):
    """Our trees keep \\N{...} as written; CPython resolves it."""
    def replace(m):
        try: return quote(unicodedata.lookup(m.group(1)))[1:-1]
        except KeyError: return m.group(0)
    return re.sub(r"\\\\N\{([^}\"]+)\}", replace, text)


def find(paths):
    for p in paths:
        if os.path.isfile(p): yield p
        for d, _, fs in sorted(os.walk(p)): yield from (os.path.join(d, f) for f in sorted(fs) if f.endswith(".py"))


def main():
    args = sys.argv[1:]
    if args and args[0] == "--expect":
        for p in args[1:]:
            with open(p, "rb") as f, open(p + ".ast", "w") as out: out.write(dump(ast.parse(f.read())) + "\n")
        return 0
    roots = args or [os.path.dirname(os.__file__), "/usr/lib/python3/dist-packages/torch", "/usr/lib/python3/dist-packages/torchvision"]
    here = os.path.dirname(os.path.abspath(__file__))
    tool = os.path.join(here, "bin", "Debug", "net8.0", "ModelGuidelines.SyntaxCheck.dll")
    files = list(find(roots))
    run = subprocess.Popen(["dotnet", tool], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    import threading
    threading.Thread(target=lambda: (run.stdin.write("\n".join(files).encode() + b"\n"), run.stdin.close()), daemon=True).start()
    equal = rejected = 0; different = []
    for path in files:
        ours = run.stdout.readline().decode().rstrip("\n")
        with open(path, "rb") as f: data = f.read()
        try: theirs = dump(ast.parse(data))
        except (SyntaxError, ValueError) as e: rejected += 1; continue
        if ours == theirs or ("\\N{" in ours and named(ours) == named(theirs)): equal += 1; continue
        different.append(path)
        if len(different) <= 20:
            i = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), 0)
            print(f"DIFFERENT {path}\n  ours   {ours[max(0, i - 80):i + 120] if not ours.startswith('!') else ours}\n  theirs {theirs[max(0, i - 80):i + 120]}")
    print(f"{len(files)} files: {equal} equal, {len(different)} different, {rejected} rejected by CPython {sys.version.split()[0]}")
    return bool(different)


sys.exit(main())
