using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Calls of libraries: torch, Keras, Python's own.</content>
internal sealed partial class Interpreter
{
    private void Operation(string function, CallArguments arguments, SourceLocation? location, Certainty certainty = default) =>
        Recorder?.Operation(function, arguments, location, certainty);

    private Value CallExternal(string name, CallArguments arguments, SourceLocation? location)
    {
        var last = Libraries.LastPart(name);
        if (name.StartsWith("builtins.", StringComparison.Ordinal))
        {
            return CallBuiltin(last, arguments, location);
        }

        if (Libraries.KerasName(name) is { } keras)
        {
            return CallKeras(name, keras, last, arguments, location);
        }

        if (name.StartsWith("torch.", StringComparison.Ordinal))
        {
            return CallTorch(name, last, arguments, location);
        }

        if (Libraries.FirstPart(name) is "math" or "itertools" or "functools" or "collections" or "copy" or "operator" or "typing" or "dataclasses" or "typing_extensions")
        {
            return CallStandard(name, last, arguments, location);
        }

        if (arguments.All.SelectMany(Tensors).ToList() is { Count: > 0 } tensors)
        {
            return Derived(tensors, location); // tf.nn.relu, keras ops under other names
        }

        // Some other library's. What its classes and functions return may be a module, by the looks of what is done with it.
        var isClass = char.IsAsciiLetterUpper(last[0]);
        var isTensorCall = Recorder is not null && arguments.All.Any(a => a is TensorValue);
        if (isTensorCall && !isClass)
        {
            Recorder!.UnknownCall(location);
            return UnknownValue.Instance;
        }

        if (Recorder is null && name is "numpy.linspace" && Spaced(arguments) is { } spaced)
        {
            return spaced;
        }

        return Libraries.FirstPart(name) is "numpy" or "np" or "os" or "sys" or "re" or "logging" or "warnings" or "json" or "time" or "random" or "pathlib" or "typing" or "enum" or "argparse" or "tensorflow"
            ? UnknownValue.Instance
            : new ObjectValue(null, name, ClassKind.TorchModule) { Doubt = $"'{last}' is not in this file: what it returns may be no module", ConstructedWith = arguments, Location = location };
    }

    private Value CallTorch(string name, string last, CallArguments arguments, SourceLocation? location)
    {
        if (name is "torch.nn.Parameter" or "torch.nn.parameter.Parameter" or "torch.nn.Buffer" or "torch.nn.UninitializedParameter")
        {
            return ParameterValue.Instance;
        }

        if (Libraries.IsTorchNnClass(name) || (last is "QuantStub" or "DeQuantStub" or "QuantWrapper"))
        {
            var module = new ObjectValue(null, name, ClassKind.TorchModule);
            Initialize(module, arguments, location);
            return module;
        }

        switch (name)
        {
            case "torch.jit.is_scripting" or "torch.jit.is_tracing" or "torch.is_grad_enabled" or "torch.is_autocast_enabled" or "torch.overrides.has_torch_function_unary" or "torch.onnx.is_in_onnx_export" or "torch.compiler.is_compiling" or "torch.cuda.is_available":
                return ConstantValue.False;
            case "torch.is_tensor":
                return arguments.Find(0, "obj") is { } tested ? IsInstance(tested, new ExternalValue("torch.Tensor")) is { } known ? ConstantValue.Of(known) : ScalarValue.Boolean : ScalarValue.Boolean;
            case "torch.jit.annotate":
                return arguments.Find(1, "value") ?? UnknownValue.Instance;
            case "torch.jit.script" or "torch.compile" or "torch.jit.trace" or "torch.nn.DataParallel" or "torch.nn.utils.weight_norm" or "torch.nn.utils.spectral_norm" or "torch.nn.utils.parametrizations.weight_norm" or "torch.nn.utils.parametrizations.spectral_norm":
                return arguments.Find(0, "module") ?? UnknownValue.Instance;
            case "torch.utils.checkpoint.checkpoint" when arguments.Positional.Count > 0:
                var inner = new CallArguments();
                inner.Positional.AddRange(arguments.Positional.Skip(1));
                return Call(arguments.Positional[0], inner, location);
            case "torch._assert" or "torch.manual_seed" or "torch.no_grad" or "torch.autocast" or "torch.device" or "torch.dtype" or "torch.Size" or "torch.finfo" or "torch.iinfo" or "torch._C._log_api_usage_once":
                return UnknownValue.Instance;
        }

        if (name.StartsWith("torch.nn.init.", StringComparison.Ordinal) || name.StartsWith("torch.autograd.", StringComparison.Ordinal) || name.StartsWith("torch.utils.", StringComparison.Ordinal) || name.StartsWith("torch.jit.", StringComparison.Ordinal)
            || name.StartsWith("torch.cuda.", StringComparison.Ordinal) || name.StartsWith("torch.distributed.", StringComparison.Ordinal) || name.StartsWith("torch.optim.", StringComparison.Ordinal) || name.StartsWith("torch.hub.", StringComparison.Ordinal))
        {
            return UnknownValue.Instance;
        }

        if (Recorder is null && name is "torch.linspace" && Spaced(arguments) is { } spaced)
        {
            return spaced; // rates of stochastic depth, one per block
        }

        if (arguments.All.Any(HoldsTensor))
        {
            Operation(last, arguments, location);
        }

        return ResultOf(last, arguments);
    }

    /// <summary>Numbers, as many as <c>linspace</c> gives.</summary>
    private static SequenceValue? Spaced(CallArguments arguments) =>
        (arguments.Find(2, "num") ?? arguments.Find("steps")) is ConstantValue { Raw: long n and >= 0 and <= MaxRange }
            ? new(SequenceKind.List, [.. Enumerable.Repeat<Value>(ScalarValue.Number, (int)n)]) : null;

    private static bool HoldsTensor(Value value) => value switch
    {
        TensorValue or UnknownValue => true,
        SequenceValue s => s.Rest is TensorValue || s.Items.Take(16).Any(i => i is TensorValue or UnknownValue),
        ChoiceValue c => c.Options.Any(o => o is TensorValue or UnknownValue),
        _ => false,
    };

    /// <summary>What a function of torch, or a tensor's method, returns.</summary>
    private static Value ResultOf(string function, CallArguments arguments)
    {
        var tensor = TensorValue.Instance;
        switch (function)
        {
            case "chunk" or "split" or "split_with_sizes" or "unbind" or "tensor_split" or "hsplit" or "vsplit" or "meshgrid" or "broadcast_tensors" or "unsafe_chunk":
                if (function is "chunk" && arguments.Find(1, "chunks") is ConstantValue { Raw: long n and > 0 and < 1000 })
                {
                    return new SequenceValue(SequenceKind.Tuple, [.. Enumerable.Repeat<Value>(tensor, (int)n)]);
                }

                return SequenceValue.Open(SequenceKind.Tuple, tensor);
            case "topk" or "sort" or "mode" or "kthvalue" or "cummax" or "cummin" or "frexp" or "var_mean" or "std_mean" or "slogdet" or "qr" or "eig" or "max_pool2d_with_indices":
                return SequenceValue.Tuple(tensor, tensor);
            case "max" or "min" or "median" or "nanmedian":
                return (arguments.Positional.Count > 1 && arguments.Positional[1] is ConstantValue { Raw: long }) || arguments.Find("dim") is not null ? SequenceValue.Tuple(tensor, tensor) : tensor;
            case "max_pool1d" or "max_pool2d" or "max_pool3d" or "adaptive_max_pool1d" or "adaptive_max_pool2d" when arguments.Find("return_indices") is { } indices && Truth(indices) is true:
                return SequenceValue.Tuple(tensor, tensor);
            case "multi_head_attention_forward" or "svd_lowrank":
                return SequenceValue.Tuple(tensor, tensor);
            case "svd":
                return SequenceValue.Tuple(tensor, tensor, tensor);
            case "where" when arguments.Positional.Count == 1:
            case "nonzero" when arguments.Find("as_tuple") is not null:
                return SequenceValue.Open(SequenceKind.Tuple, tensor);
            case "unique" when arguments.Named.Count > 0:
                return UnknownValue.Instance;
            default:
                return tensor;
        }
    }

    private Value CallMethod(MethodValue method, CallArguments arguments, SourceLocation? location)
    {
        var name = method.Name;
        switch (method.Receiver)
        {
            case ObjectValue { IsModule: true } module:
                return ModuleMethod(module, name, arguments, location);
            case ObjectValue { Class.Kind: ClassKind.NamedTuple } tuple when name == "_replace":
                var copy = new ObjectValue(tuple.Class, tuple.ExternalType, tuple.Kind);
                foreach (var (key, value) in tuple.Attributes)
                {
                    copy.Attributes[key] = arguments.Find(key) ?? value;
                }

                return copy;
            case ObjectValue { Class.Kind: ClassKind.NamedTuple } tuple when name == "_asdict":
                var fields = new DictValue();
                foreach (var field in tuple.Class!.Fields)
                {
                    fields.Set(field, tuple.Attributes.GetValueOrDefault(field, UnknownValue.Instance));
                }

                return fields;
            case SuperValue super:
                return CallSuper(super, name, arguments, location);
            case SequenceValue sequence:
                return Builtins.SequenceMethod(this, sequence, name, arguments);
            case DictValue dict:
                return Builtins.DictMethod(this, dict, name, arguments);
            case ConstantValue { Raw: string text }:
                return Builtins.TextMethod(this, text, name, arguments);
            case TensorValue tensor:
                return TensorMethod(tensor, name, arguments, location);
            case GraphTensor graphTensor:
                return Derived([graphTensor], location);
            default:
                if (Recorder is not null && method.Receiver is UnknownValue)
                {
                    if (OperationTable.Find(name) is { Category: OperationCategory.Module } && !UsedOtherwise(name))
                    {
                        Operation(name, arguments.Prepend(TensorValue.Instance), location, Certainty.Likely("what it is called on is not known: it may be no tensor"));
                        return TensorValue.Instance;
                    }

                    if (arguments.All.Any(a => a is TensorValue))
                    {
                        Recorder.UnknownCall(location);
                    }
                }

                return arguments.All.SelectMany(Tensors).ToList() is { Count: > 0 } tensors ? Derived(tensors, location) : UnknownValue.Instance;
        }
    }

    /// <summary>Method names that other objects have too.</summary>
    private static bool UsedOtherwise(string name) => name is "pad" or "fold" or "unfold" or "threshold" or "linear" or "lstm" or "gru" or "embedding" or "dropout";

    private Value TensorMethod(TensorValue tensor, string name, CallArguments arguments, SourceLocation? location)
    {
        switch (name)
        {
            case "size":
                return arguments.All.Any() ? ScalarValue.Number : SequenceValue.Open(SequenceKind.Tuple, ScalarValue.Number);
            case "dim" or "numel" or "nelement" or "ndimension" or "item" or "element_size" or "stride" or "storage_offset" or "get_device" or "data_ptr" or "__len__":
                return ScalarValue.Number;
            case "tolist" or "numpy":
                return UnknownValue.Instance;
            case "is_floating_point" or "is_contiguous" or "is_complex" or "equal" or "allclose":
                return ScalarValue.Boolean;
            case "keys" or "items" or "values" or "get" or "pop" when tensor is InputValue input:
                Recorder?.UsedAsDictionary(input);
                return name is "get" or "pop" ? TensorValue.Instance : SequenceValue.Open(SequenceKind.List, name is "items" ? SequenceValue.Tuple(ScalarValue.Text, TensorValue.Instance) : name is "keys" ? ScalarValue.Text : TensorValue.Instance);
        }

        var isFunction = OperationTable.Find(name) is not null;
        if (isFunction)
        {
            Operation(name, arguments.Prepend(tensor), location);
        }

        return ResultOf(name, arguments.Prepend(tensor));
    }

    private static void SetFields(ObjectValue target, ClassValue type, CallArguments arguments)
    {
        for (var i = 0; i < type.Fields.Count; i++)
        {
            target.Attributes[type.Fields[i]] = arguments.Find(i, type.Fields[i]) ?? type.Find(type.Fields[i])?.Value ?? UnknownValue.Instance;
        }
    }

    private Value CallSuper(SuperValue super, string name, CallArguments arguments, SourceLocation? location)
    {
        if (super.Self is not ObjectValue self)
        {
            return UnknownValue.Instance;
        }

        switch (name)
        {
            case "__init__":
                if (self.Class?.ResolutionOrder.SkipWhile(c => c != super.Owner).Skip(1).OfType<ClassValue>().FirstOrDefault(c => c.IsDataClass) is { } data)
                {
                    SetFields(self, data, arguments);
                }

                Initialize(self, arguments, location);
                return ConstantValue.None;
            case "forward" or "call" when self.IsModule:
                if (self.IsA("Sequential"))
                {
                    var value = arguments.Positional.FirstOrDefault() ?? UnknownValue.Instance;
                    foreach (var (_, child) in self.Children.ToList())
                    {
                        value = Call(child, CallArguments.Of(value), location);
                    }

                    return value;
                }

                return self.ExternalType is "torch.nn.Module" ? UnknownValue.Instance : OutputOf(self, arguments);
            case "__call__" when self.IsModule:
                return Forward(self, arguments, location);
            case "__setattr__" when arguments.Positional is [ConstantValue { Raw: string attribute }, var assigned]:
                SetAttribute(self, attribute, assigned);
                return ConstantValue.None;
            case "get_config":
                return new DictValue { Rest = UnknownValue.Instance };
            default:
                return self.IsModule && ModuleMethods.Contains(name) ? ModuleMethod(self, name, arguments, location) : UnknownValue.Instance;
        }
    }

    private Value CallKeras(string name, string keras, string last, CallArguments arguments, SourceLocation? location)
    {
        if (last is "Input" or "InputLayer")
        {
            return last is "Input" ? new GraphTensor(null) : UnknownValue.Instance;
        }

        var kind = Libraries.KindOfClass(name);
        if (kind is not ClassKind.Plain && char.IsAsciiLetterUpper(last[0]))
        {
            var layer = new ObjectValue(null, name, kind) { Location = location };
            Initialize(layer, arguments, location);
            if (kind is ClassKind.KerasModel)
            {
                Created.Add(layer);
            }

            return layer;
        }

        if (keras.StartsWith("applications.", StringComparison.Ordinal) && char.IsAsciiLetterUpper(last[0]))
        {
            var model = new ObjectValue(null, name, ClassKind.KerasModel) { Location = location, LayerName = LiteralName(arguments) };
            Created.Add(model);
            return model;
        }

        if (last is "clone_model" && arguments.Positional.Count > 0)
        {
            return Clone(arguments.Positional[0], new(ReferenceEqualityComparer.Instance), 0);
        }

        // layers.add([...]), ops.relu(x), activations, backend functions: nodes without a layer of one's own.
        return arguments.All.SelectMany(Tensors).ToList() is { Count: > 0 } tensors ? Derived(tensors, location)
            : last is "load_model" or "model_from_json" ? new ObjectValue(null, name, ClassKind.KerasModel) { Location = location } : UnknownValue.Instance;
    }

    private Value CallStandard(string name, string last, CallArguments arguments, SourceLocation? location)
    {
        switch (name)
        {
            case "functools.partial" or "functools.partialmethod" when arguments.Positional.Count > 0:
                var bound = new CallArguments();
                bound.Positional.AddRange(arguments.Positional.Skip(1));
                bound.Named.AddRange(arguments.Named);
                return new PartialValue(arguments.Positional[0], bound);
            case "functools.reduce" when arguments.Positional.Count >= 2:
                var (elements, more) = Iterate(arguments.Positional[1]);
                var all = arguments.Positional.Count > 2 ? [arguments.Positional[2], .. elements] : elements;
                var total = all.Count == 0 ? UnknownValue.Instance : all[0];
                foreach (var element in all.Skip(1))
                {
                    total = Call(arguments.Positional[0], CallArguments.Of(total, element), location);
                }

                return more is null ? total : UnknownValue.Instance;
            case "copy.deepcopy" or "copy.copy" when arguments.Positional.Count > 0:
                return Clone(arguments.Positional[0], new(ReferenceEqualityComparer.Instance), 0);
            case "collections.OrderedDict" or "typing.OrderedDict":
                return CallBuiltin("dict", arguments, location);
            case "collections.defaultdict":
                return new DictValue();
            case "collections.deque":
                return CallBuiltin("list", arguments, location);
            case "collections.namedtuple":
                return NamedTuple(arguments);
            case "typing.cast":
                return arguments.Find(1, "val") ?? UnknownValue.Instance;
            case "dataclasses.field":
                return arguments.Find("default") ?? (arguments.Find("default_factory") is { } factory ? Call(factory, new(), location) : UnknownValue.Instance);
            case "itertools.chain":
                return Concatenate(arguments.Positional);
            case "itertools.chain.from_iterable" when arguments.Positional.Count == 1:
                return Concatenate(Iterate(arguments.Positional[0]).Items);
            case "itertools.repeat" when arguments.Positional.Count == 2:
                return Repeat(SequenceValue.Tuple(arguments.Positional[0]), arguments.Positional[1]);
            case "itertools.repeat" when arguments.Positional.Count == 1:
                return SequenceValue.Open(SequenceKind.Tuple, arguments.Positional[0]);
            case "itertools.pairwise" when arguments.Positional.Count == 1 && Iterate(arguments.Positional[0]) is { More: null, Items: var row }:
                return SequenceValue.List(row.Zip(row.Skip(1)).Select(p => SequenceValue.Tuple(p.First, p.Second)));
        }

        if (Libraries.FirstPart(name) is "math")
        {
            return Builtins.Math(last, arguments);
        }

        if (Libraries.FirstPart(name) is "operator" && arguments.Positional is [TensorValue, ..] or [_, TensorValue])
        {
            Operation(last, arguments, location);
            return TensorValue.Instance;
        }

        return UnknownValue.Instance;
    }

    private Value NamedTuple(CallArguments arguments)
    {
        if (arguments.Find(0, "typename") is not ConstantValue { Raw: string name } || arguments.Find(1, "field_names") is not { } given)
        {
            return UnknownValue.Instance;
        }

        var definition = new Python.Syntax.ClassDefinition(0, 0, name, [], [], [], []);
        var type = new ClassValue(name, [new ExternalValue("typing.NamedTuple")], definition, _project.Main);
        type.Fields.AddRange(given is ConstantValue { Raw: string text }
            ? text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
            : Iterate(given).Items.OfType<ConstantValue>().Select(c => c.Raw).OfType<string>());
        return type;
    }

    private SequenceValue Concatenate(IEnumerable<Value> parts)
    {
        var result = new SequenceValue(SequenceKind.List, []);
        foreach (var part in parts)
        {
            var (items, rest) = Iterate(part);
            result.Items.AddRange(items);
            result.Rest ??= rest;
        }

        return result;
    }

    /// <summary>A deep copy: modules of its own, sharing as the original shares.</summary>
    private Value Clone(Value value, Dictionary<Value, Value> known, int depth)
    {
        Step();
        if (depth > 64 || value is not (ObjectValue or SequenceValue or DictValue or ChoiceValue))
        {
            return value;
        }

        if (known.TryGetValue(value, out var copy))
        {
            return copy;
        }

        switch (value)
        {
            case ObjectValue o:
                var clone = new ObjectValue(o.Class, o.ExternalType, o.Kind) { ConstructedWith = o.ConstructedWith, Location = o.Location, LayerName = o.LayerName, Graph = o.Graph, Doubt = o.Doubt };
                known[value] = clone;
                foreach (var (name, attribute) in o.Attributes)
                {
                    clone.Attributes[name] = Clone(attribute, known, depth + 1);
                }

                clone.Children.AddRange(o.Children.Select(c => (c.Name, Clone(c.Module, known, depth + 1))));
                clone.Parameters.AddRange(o.Parameters);
                return clone;
            case SequenceValue s:
                var sequence = new SequenceValue(s.Kind, [], s.Rest);
                known[value] = sequence;
                sequence.Items.AddRange(s.Items.Select(i => Clone(i, known, depth + 1)));
                return sequence;
            case DictValue d:
                var dict = new DictValue { Rest = d.Rest };
                known[value] = dict;
                d.Entries.ForEach(e => dict.Set(e.Key, Clone(e.Value, known, depth + 1)));
                return dict;
            default:
                return Join([.. ((ChoiceValue)value).Options.Select(o => Clone(o, known, depth + 1))]);
        }
    }

    /// <summary>Whether a value is an instance of a type; null when that is not known.</summary>
    private bool? IsInstance(Value value, Value type)
    {
        if (type is SequenceValue types)
        {
            var answers = types.Items.Select(t => IsInstance(value, t)).ToList();
            return answers.Contains(true) ? true : answers.TrueForAll(a => a is false) && types.Rest is null ? false : null;
        }

        if (value is UnknownValue or ChoiceValue || type is UnknownValue or ChoiceValue)
        {
            return value is ChoiceValue c && c.Options.Select(o => IsInstance(o, type)).Distinct().ToList() is [{ } same] ? same : null;
        }

        if (type is ClassValue wanted)
        {
            return value is ObjectValue { Doubt: null } o ? o.Class?.Derives(wanted) ?? false : value is ObjectValue ? null : false;
        }

        if (type is not ExternalValue external)
        {
            return null;
        }

        var last = external.LastPart;
        switch (value)
        {
            case TensorValue:
                return last is "Tensor" ? true : last is "Parameter" ? value is ParameterValue ? true : null : last is "PackedSequence" or "NestedTensor" ? null : false;
            case ConstantValue c:
                return c.Raw switch
                {
                    null => false,
                    bool => last is "bool" or "int" or "Number",
                    long => last is "int" or "Number" or "Integral" or "Real",
                    double => last is "float" or "Number" or "Real",
                    string => last is "str",
                    _ => null,
                };
            case SequenceValue s:
                return last is "Iterable" or "Collection" ? true : s.Kind switch
                {
                    SequenceKind.List => last is "list" or "Sequence" or "List" or "MutableSequence",
                    SequenceKind.Tuple => last is "tuple" or "Sequence" or "Tuple" or "Size",
                    _ => last is "set" or "Set",
                };
            case DictValue:
                return last is "dict" or "Mapping" or "Dict" or "OrderedDict" or "MutableMapping" or "Iterable";
            case ScalarValue scalar:
                return scalar.Kind switch
                {
                    ValueKind.Number => last is "Tensor" or "str" or "list" or "tuple" or "dict" ? false : last is "int" ? true : null,
                    ValueKind.String => last is "str",
                    _ => null,
                };
            case ObjectValue { Doubt: not null }:
                return null;
            case ObjectValue o:
                if (last is "Module" or "Layer")
                {
                    return o.IsModule;
                }

                return o.IsA(last) || (o.Class is not null && o.Class.ExternalBases.Any(b => b == external.Name)) || (last is "tuple" && o.Class?.Kind is ClassKind.NamedTuple);
            case FunctionValue or BoundValue or PartialValue or ClassValue:
                return last is "Callable" or "FunctionType" ? true : last is "type" ? value is ClassValue : false;
            default:
                return null;
        }
    }
}
