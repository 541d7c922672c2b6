"""Runs model.py and model.repaired.py of each folder below the given one on the same weights and inputs.
New modules get the weights of those whose calls they took over: copies.txt beside a model lists both attributes.
Prints one line per model: equal, different, or why it could not be run."""
import copy, importlib.util, os, sys
import torch


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def tensors(value):
    if torch.is_tensor(value): return [value]
    if isinstance(value, dict): return [t for v in value.values() for t in tensors(v)]
    if isinstance(value, (list, tuple)): return [t for v in value for t in tensors(v)]
    return [t for v in vars(value).values() for t in tensors(v)] if hasattr(value, "__dict__") else []


def run(folder, name):
    original, repaired = (load(os.path.join(folder, f), f"{f[:-3].replace('.', '_')}_{name}") for f in ("model.py", "model.repaired.py"))
    torch.manual_seed(0)
    a, b = original.Model().eval(), repaired.Model().eval()
    copies = dict(line.split() for line in open(os.path.join(folder, "copies.txt")))
    weights = a.state_dict()
    for key in b.state_dict():
        # A list of copies has a number for each.
        parts, mapped = key.split("."), []
        for i, part in enumerate(parts):
            if i and part.isdigit() and parts[i - 1] in copies and copies[parts[i - 1]] != parts[i - 1] and ".".join(mapped + parts[i:]) not in weights: continue
            mapped.append(copies.get(part, part))
        weights.setdefault(key, weights.get(".".join(mapped)))
    b.load_state_dict(weights, strict=True)
    args, kwargs = original.example()
    inputs = copy.deepcopy((args, kwargs))
    calls = {}
    for path, module in b.named_modules():
        if path and not list(module.children()) and "Dropout" not in type(module).__name__:
            module.register_forward_hook(lambda m, i, o, p=path: calls.__setitem__(p, calls.get(p, 0) + 1))
    with torch.no_grad():
        x, y = tensors(a(*args, **kwargs)), tensors(b(*inputs[0], **inputs[1]))
    same = len(x) == len(y) > 0 and all(p.shape == q.shape and torch.equal(p, q) for p, q in zip(x, y))
    return ("equal" if same else "different"), {p: n for p, n in calls.items() if n > 1}


for name in sorted(os.listdir(sys.argv[1])):
    folder = os.path.join(sys.argv[1], name)
    if os.path.exists(os.path.join(folder, "model.repaired.py")):
        try:
            print(name, *run(folder, name))
        except Exception as e:
            print(name, "failed", repr(e)[:200].replace("\n", " "))
