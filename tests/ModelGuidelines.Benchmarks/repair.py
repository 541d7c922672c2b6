"""Repair of ONNX and Keras models, with its proof, against cp with sync: seconds (best of three) and peak memory.
usage: repair.py CLI [FOLDER]     CLI: the command line, compiled. FOLDER: where the models are made (2 GB are needed); a temporary one by default.
The small models come from samples/; an initializer makes the ONNX model 5, 50 and 500 MB large. 5 GB do not fit into a protobuf file: they are external
data, sparse on the disk. In the .keras file a Dense layer gets as many units (needs h5py; left out without it)."""
import importlib.util, io, json, os, shlex, shutil, subprocess, sys, tempfile, time, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = os.path.join(HERE, "..", "..", "samples", "pytorch", "linear_twice.onnx")
SMALL_KERAS = os.path.join(HERE, "..", "..", "samples", "keras", "shared_relu.keras")


def varint(n):
    out = b""
    while n > 127: out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n])


def fields(data):
    """(number, start, end, content start) of each field of a message."""
    at = 0
    def number():
        nonlocal at
        n = shift = 0
        while True:
            b = data[at]; at += 1; n |= (b & 127) << shift; shift += 7
            if b < 128: return n
    while at < len(data):
        start = at; tag = number(); kind = tag & 7
        if kind == 2: length = number(); content = at; at += length
        else:
            content = at
            if kind == 0: number()
            else: at += 8 if kind == 1 else 4
        yield tag >> 3, start, at, content


def write(path, size, external=None):
    small = open(SMALL, "rb").read()
    with open(path, "wb") as out:
        for n, start, end, content in fields(small):
            if n != 7: out.write(small[start:end]); continue
            head = b"\x08" + varint(size) + b"\x10\x02\x42\x03big"
            tail = b"\x4a" + varint(size) if not external else b"\x6a" + varint(len(entry := b"\x0a\x08location\x12" + varint(len(external)) + external.encode())) + entry + b"\x70\x01"
            inside = 0 if external else size
            tensor = b"\x2a" + varint(len(head) + len(tail) + inside) + head + tail
            out.write(b"\x3a" + varint(end - content + len(tensor) + inside) + small[content:end] + tensor)
            block = os.urandom(1 << 20)
            for _ in range(0 if external else size >> 20): out.write(block)
    if external:
        with open(os.path.join(os.path.dirname(path), external), "wb") as data: data.truncate(size)


def write_keras(path, size):
    """The small .keras with a first Dense so wide that its weights and the next one's are of this size."""
    import h5py, numpy
    small = zipfile.ZipFile(SMALL_KERAS); config = json.loads(small.read("config.json")); weights = io.BytesIO(small.read("model.weights.h5"))
    with h5py.File(weights, "r+") as h5:
        inputs, outputs = h5["layers/dense/vars/0"].shape[0], h5["layers/dense_1/vars/0"].shape[1]
        units = size // (4 * (inputs + 1 + outputs)); numbers = numpy.random.default_rng(1)
        for name, shape in (("dense/vars/0", (inputs, units)), ("dense/vars/1", (units,)), ("dense_1/vars/0", (units, outputs))):
            del h5["layers/" + name]; h5.create_dataset("layers/" + name, data=numbers.random(shape, dtype="float32"))
    layers = {layer["config"]["name"]: layer for layer in config["config"]["layers"]}
    layers["dense"]["config"]["units"] = units; layers["dense_1"]["build_config"]["input_shape"][1] = units
    for node in layers["dense_1"]["inbound_nodes"]: node["args"][0]["config"]["shape"][1] = units
    with zipfile.ZipFile(path, "w") as archive:
        for name in small.namelist():
            archive.writestr(name, json.dumps(config) if name == "config.json" else weights.getbuffer() if name == "model.weights.h5" else small.read(name))


def run(command, cwd):
    start = time.perf_counter(); process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT); output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status: sys.exit(output.decode(errors="replace"))
    return time.perf_counter() - start, usage.ru_maxrss >> 10


cli = shlex.split(sys.argv[1]); cli[0] = os.path.abspath(cli[0]) if os.path.exists(cli[0]) else cli[0]
print(f"{'model':>16} {'cp + sync':>10} {'repair':>8} {'times':>6} {'memory':>8}")
with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as d:
    models = [("5 MB", 5 << 20, None), ("50 MB", 50 << 20, None), ("500 MB", 500 << 20, None), ("5 GB external", 5 << 30, "model.data")]
    if importlib.util.find_spec("h5py"): models += [(f"{n} MB .keras", n << 20, ".keras") for n in (5, 50, 500)]
    else: print("no h5py: no .keras", file=sys.stderr)
    for name, size, kind in models:
        model = "model" + (kind if kind == ".keras" else ".onnx"); source = kind if kind == "model.data" else model
        if kind == ".keras":  # in a process of its own: a child's peak begins with what its parent holds
            if (maker := os.fork()) == 0: write_keras(os.path.join(d, model), size); os._exit(0)
            if os.waitpid(maker, 0)[1]: sys.exit("the .keras file could not be made")
        else: write(os.path.join(d, model), size, kind)
        copies, repairs, peak, repaired = [], [], 0, model.replace(".", ".repaired.")
        for _ in range(3):
            copies.append(run(["sh", "-c", f"cp {source} copy && sync -d copy"], d)[0]); os.remove(os.path.join(d, "copy"))
            seconds, memory = run([*cli, "repair", model], d); repairs.append(seconds); peak = max(peak, memory); os.remove(os.path.join(d, repaired))
        print(f"{name:>16} {min(copies):9.2f}s {min(repairs):7.2f}s {min(repairs) / min(copies):6.2f} {peak:5} MB", flush=True)
        for f in os.listdir(d): os.remove(os.path.join(d, f))
