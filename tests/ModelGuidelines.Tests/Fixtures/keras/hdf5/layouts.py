#!/usr/bin/env python3
"""Writes HDF5 files in every layout that h5py offers, and expected.json with what h5py reads back.
usage: layouts.py OUTPUT_DIR [NAME...]     (NAME: only these files; needs h5py; Debian: python3-h5py)"""
import ctypes, itertools, json, os, sys
import h5py, numpy as np

out, only = sys.argv[1], set(sys.argv[2:]); os.makedirs(out, exist_ok=True)
expected = {}


def text(v): return v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v)


def value(v):
    """Strings as a list; null for anything that is no string."""
    if isinstance(v, h5py.Empty): return [] if h5py.check_string_dtype(v.dtype) is not None or v.dtype.kind == "S" else None
    if isinstance(v, (str, bytes)): return [text(v)]
    if isinstance(v, np.ndarray) and v.dtype.kind in "SO" and all(isinstance(x, (str, bytes)) for x in v.flat): return [text(x) for x in v.flat] if v.dtype.kind == "S" or v.size else []
    return None


def record(name):
    objects, seen = {}, set()
    with h5py.File(os.path.join(out, name), "r") as f:
        stack = [("/", f)]
        while stack:
            path, o = stack.pop()
            key = h5py.h5o.get_info(o.id).addr
            if key in seen: continue
            seen.add(key)
            e = {"dataset": isinstance(o, h5py.Dataset), "attributes": {}, "hard": [], "other": []}
            for k in o.attrs:
                try: e["attributes"][k] = value(o.attrs[k])
                except (TypeError, OSError): e["attributes"][k] = None
            if isinstance(o, h5py.Group):
                for k in o:
                    if isinstance(o.get(k, getlink=True), h5py.HardLink):
                        e["hard"].append(k)
                        stack.append((path.rstrip("/") + "/" + k, o[k]))
                    else: e["other"].append(k)
            objects[path] = e
    expected[name] = objects


def layers(f, n, width):
    g = f.create_group("model_weights")
    names = [f"layer_{i:0{width}d}" for i in range(n)]
    for i, x in enumerate(names):
        s = g.create_group(x)
        s.attrs["weight_names"] = [f"{x}/kernel:0".encode(), f"{x}/bias:0".encode()] if i % 2 else np.array([])
        if i % 2: s.create_group(x).create_dataset("kernel:0", data=np.zeros((2, 2), np.float32))
    # Keras splits lists that exceed an attribute's 64512 bytes
    chunks = 1
    while any(np.array([x.encode() for x in part]).nbytes > 64512 for part in np.array_split(np.array(names), chunks)): chunks += 1
    if chunks == 1: g.attrs["layer_names"] = [x.encode() for x in names]
    else:
        for i, part in enumerate(np.array_split(np.array(names), chunks)): g.attrs[f"layer_names{i}"] = [x.encode() for x in part]


def fill(f, big, many):
    f.attrs["keras_version"] = "2.13.1"
    f.attrs["backend"] = np.bytes_("tensorflow")
    f.attrs["unicode"] = "Schicht \u6fc0\u6d3b"
    f.attrs["fixed"] = np.array([b"ab", b"", b"abcdef"], dtype="S8")
    f.attrs["variable"] = np.array(["x", "", "zz" * 40], dtype=h5py.string_dtype())
    f.attrs["ascii"] = np.array([b"p", b"q"], dtype=h5py.string_dtype("ascii"))
    f.attrs["grid"] = np.array([[b"a", b"b"], [b"c", b"d"]])
    f.attrs["number"] = 7
    f.attrs["numbers"] = np.arange(12.0).reshape(3, 4)
    f.attrs["none"] = np.array([])
    f.attrs["null"] = h5py.Empty("S4")
    f.attrs["gone"] = 1
    del f.attrs["gone"]
    config = json.dumps({"class_name": "Functional", "config": {"name": "m", "layers": [], "padding": "x" * big}})
    if big < 60000 or f.libver[1] != "earliest" and f.libver[0] == "latest": f.attrs["model_config"] = config
    else: f.attrs["model_config"] = np.array([config.encode()], dtype=h5py.string_dtype())       # variable: the heap holds it
    for i in range(many): f.attrs[f"many_{i:04d}"] = f"value {i}"
    f["soft"] = h5py.SoftLink("/model_weights")
    f["dangling"] = h5py.SoftLink("/nowhere")
    f["outside"] = h5py.ExternalLink("/etc/hostname.h5", "/")
    g = f.create_group("loop")
    g["back"] = f["/"]                                                                           # a cycle of hard links
    f.create_group("empty")
    f["type"] = np.dtype("S6")
    f.attrs.create("committed", np.array([b"abc", b"def"], dtype="S6"), dtype=f["type"])
    d = f.create_dataset("data", data=np.arange(5)); d.attrs["units"] = "cm"


def c():
    """What h5py has no function for: the library that it has loaded."""
    with open("/proc/self/maps") as f: return ctypes.CDLL(next(x.split()[-1] for x in f if "libhdf5" in x and "_hl" not in x))


def write(name, n=3, big=100, many=0, user=0, order=None, sizes=None, shared=None, sym=None, libver="earliest"):
    if only and name not in only: return
    fcpl = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    if user: fcpl.set_userblock(user)
    if sym: c().H5Pset_sym_k(ctypes.c_int64(fcpl.id), ctypes.c_uint(sym[0]), ctypes.c_uint(sym[1]))
    if shared:                                                                                   # messages in file-wide heaps: as a list, and as a B-tree
        c().H5Pset_shared_mesg_nindexes(ctypes.c_int64(fcpl.id), ctypes.c_uint(2))
        c().H5Pset_shared_mesg_index(ctypes.c_int64(fcpl.id), ctypes.c_uint(0), ctypes.c_uint(1 << 12), ctypes.c_uint(20))
        c().H5Pset_shared_mesg_index(ctypes.c_int64(fcpl.id), ctypes.c_uint(1), ctypes.c_uint(2 | 8), ctypes.c_uint(8))
        c().H5Pset_shared_mesg_phase_change(ctypes.c_int64(fcpl.id), ctypes.c_uint(shared), ctypes.c_uint(shared))
    if sizes: fcpl.set_sizes(*sizes)
    if order: fcpl.set_link_creation_order(h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED); fcpl.set_attr_creation_order(h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED)
    fapl = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    v = {"earliest": h5py.h5f.LIBVER_EARLIEST, "v108": h5py.h5f.LIBVER_V18, "v110": h5py.h5f.LIBVER_V110, "latest": h5py.h5f.LIBVER_LATEST}
    low, high = libver if isinstance(libver, tuple) else (libver, "latest")
    fapl.set_libver_bounds(v[low], v[high])
    path = os.path.join(out, name)
    with h5py.File(h5py.h5f.create(path.encode(), h5py.h5f.ACC_TRUNC, fcpl, fapl)) as f:
        fill(f, big, many); layers(f, n, 1 if n < 100 else 60)
    record(name)


for lib, n, many in itertools.product(["earliest", "v108", "v110", "latest"], [0, 3, 40, 1500], [0, 30]):
    if n == 1500 and (many or lib.startswith("v1")): continue          # the same structures as latest
    write(f"{lib}-{n}-{many}.h5", n=n, many=many, libver=lib)
for lib in ["earliest", "v108", "v110", "latest"]:
    write(f"{lib}-config60k.h5", big=60000, libver=lib)
    write(f"{lib}-config300k.h5", big=300000, libver=lib)
    write(f"{lib}-config5m.h5", big=5_000_000, libver=lib)
    if not lib.startswith("v1"): write(f"{lib}-attributes1500.h5", many=1500, libver=lib)
    write(f"{lib}-userblock.h5", user=1024, n=20, libver=lib)
    write(f"{lib}-order.h5", order=True, n=40, many=30, libver=lib)
    write(f"{lib}-shared.h5", shared=500, n=40, many=30, libver=lib)
    write(f"{lib}-shared-tree.h5", shared=4, n=40, many=30, libver=lib)
    write(f"{lib}-sym.h5", sym=(2, 2), n=300, libver=lib)
    write(f"{lib}-sizes4.h5", sizes=(4, 4), n=40, many=30, libver=lib)
    write(f"{lib}-sizes84.h5", sizes=(8, 4), n=40, many=30, libver=lib)
write("latest-config66k.h5", big=66000, n=0, libver="latest")
write("mixed.h5", libver=("v108", "v110"), n=40, many=30)
write("links9000.h5", n=9000, libver="latest")
write("links9000-earliest.h5", n=9000, libver="earliest")
json.dump(expected, open(os.path.join(out, "expected.json"), "w"), ensure_ascii=False)
print(len(expected), "files")
