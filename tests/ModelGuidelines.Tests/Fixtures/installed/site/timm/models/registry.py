_entrypoints = {}


def register_model(fn):
    _entrypoints[fn.__name__] = fn
    return fn


def model_entrypoint(name):
    return _entrypoints[name]
