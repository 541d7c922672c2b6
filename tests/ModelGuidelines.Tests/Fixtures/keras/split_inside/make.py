"""Makes model.h5 and norm.h5 with h5py: a nested model, called twice, in which a layer with weights is called twice."""
import copy
import json

import h5py
import numpy as np

rng = np.random.default_rng(0)


def weights(*shape):
    return rng.normal(size=shape).astype("f4")


def layer(name, nodes, class_name="Dense", **config):
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}, "name": name, "inbound_nodes": nodes}


def start(name):
    return {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "dtype": "float32", "name": name}, "name": name, "inbound_nodes": []}


def graph(name, layers, inputs, outputs):
    return {"class_name": "Functional", "config": {"name": name, "trainable": True, "layers": layers, "input_layers": inputs, "output_layers": outputs}}


def write(path, inner, names):
    model = graph("m", [start("x"), inner, layer("out", [[["inner", 2, 0, {}]]], units=4, use_bias=True)], [["x", 0, 0]], [["out", 0, 0]])
    groups = [("x", []), ("inner", names), ("out", ["out/kernel:0", "out/bias:0"]), ("top_level_model_weights", [])]
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.13.1"
        file.attrs["model_config"] = json.dumps(model | {"keras_version": "2.13.1", "backend": "tensorflow"})
        top = file.create_group("model_weights")
        top.attrs["layer_names"] = [name for name, _ in groups[:-1]]
        for name, variables in groups:
            group = top.create_group(name)
            group.attrs["weight_names"] = variables
            for variable in variables:
                group[variable] = weights(4, 4) if "kernel" in variable else weights(4)


inner = graph("inner", [
    start("i"),
    layer("a", [[["i", 0, 0, {}]], [["b", 0, 0, {}]]], units=4, use_bias=True),
    layer("b", [[["a", 0, 0, {}]]], units=4, use_bias=True),
], [["i", 0, 0]], [["a", 1, 0]]) | {"name": "inner", "inbound_nodes": [[["x", 0, 0, {}]], [["inner", 1, 0, {}]]]}
write("model.h5", inner, ["a/kernel:0", "a/bias:0", "b/kernel:0", "b/bias:0"])
norm = copy.deepcopy(inner)
norm["config"]["layers"][2] = layer("b", [[["a", 0, 0, {}]]], "BatchNormalization")
write("norm.h5", norm, ["a/kernel:0", "a/bias:0", "b/gamma:0", "b/beta:0", "b/moving_mean:0", "b/moving_variance:0"])
