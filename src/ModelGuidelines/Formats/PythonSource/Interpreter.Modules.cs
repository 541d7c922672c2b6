using System.Collections.Frozen;
using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Modules of torch.nn and layers of Keras: how they are built, what their methods do, and what a call of one does.</content>
internal sealed partial class Interpreter
{
    private static readonly FrozenSet<string> ModuleMethods = new[]
    {
        "children", "named_children", "modules", "named_modules", "parameters", "named_parameters", "buffers", "add_module", "register_module", "register_buffer", "register_parameter", "apply", "forward", "append",
        "extend", "insert", "items", "keys", "values", "to", "eval", "train", "cuda", "cpu", "half", "float", "double", "requires_grad_", "get_submodule", "load_state_dict", "state_dict", "update", "pop", "clear",
        "register_forward_hook", "register_forward_pre_hook", "__call__", "__init__", "__len__", "__getitem__", "type", "share_memory", "zero_grad", "init_weights", "post_init", "_init_weights",
        "get_layer", "add", "add_weight", "compile", "build", "adapt", "fit", "predict", "summary", "call", "get_config", "from_config", "count_params", "compute_output_shape", "load_weights", "save", "set_weights", "get_weights", "export",
        "save_hyperparameters", "log", "_conv_forward", "reset_parameters",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A library's constructor on an object of its class or of one that derives from it.</summary>
    private void Initialize(ObjectValue target, CallArguments arguments, SourceLocation? location)
    {
        target.ConstructedWith = arguments;
        if (target.Kind is ClassKind.TorchModule)
        {
            InitializeContainer(target, arguments);
            return;
        }

        if (target.Kind is ClassKind.KerasLayer or ClassKind.KerasModel)
        {
            target.LayerName ??= LiteralName(arguments);
        }

        if (target.Kind is ClassKind.KerasLayer && (arguments.Find(0, "layer") ?? arguments.Find("cell")) is ObjectValue { IsModule: true } wrapped && target.Is("TimeDistributed"))
        {
            target.SetChild("layer", wrapped);
        }

        if (target.Kind is ClassKind.KerasModel && target.IsA("Sequential"))
        {
            var (layers, _) = arguments.Find(0, "layers") is { } given ? Iterate(given) : ([], null);
            foreach (var layer in layers)
            {
                AddLayer(target, layer);
            }
        }
        else if (target.Kind is ClassKind.KerasModel && (arguments.Find("outputs") ?? (arguments.Positional.Count > 1 ? arguments.Positional[1] : null)) is { } outputs)
        {
            target.Graph = GraphOf([.. Tensors(arguments.Find(0, "inputs") ?? UnknownValue.Instance)], [.. Tensors(outputs)]);
            foreach (var layer in target.Graph.Select(c => c.Layer).OfType<ObjectValue>().Distinct())
            {
                target.Children.Add((SnakeCase(Libraries.LastPart(layer.TypeName), target.Children), layer));
            }
        }
    }

    /// <summary>The name Keras gives: <c>re_lu</c>, <c>re_lu_1</c>.</summary>
    private static string SnakeCase(string type, List<(string Name, Value Module)> siblings)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < type.Length; i++)
        {
            if (char.IsAsciiLetterUpper(type[i]) && i > 0 && (char.IsAsciiLetterLower(type[i - 1]) || (i + 1 < type.Length && char.IsAsciiLetterLower(type[i + 1]))))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(type[i]));
        }

        var count = siblings.Count(s => s.Module is ObjectValue o && Libraries.LastPart(o.TypeName) == type);
        return count == 0 ? text.ToString() : string.Create(CultureInfo.InvariantCulture, $"{text}_{count}");
    }

    private static void AddLayer(ObjectValue sequential, Value layer)
    {
        if (layer is ObjectValue { IsModule: true })
        {
            sequential.Children.Add((sequential.Children.Count.ToString(CultureInfo.InvariantCulture), layer));
        }
    }

    private void InitializeContainer(ObjectValue target, CallArguments arguments)
    {
        if (target.IsA("Sequential"))
        {
            if (arguments.Positional.Count == 1 && arguments.Positional[0] is DictValue named)
            {
                AddNamed(target, named);
            }
            else
            {
                arguments.Positional.ForEach(m => AddNumbered(target, m));
            }

            if (arguments.Rest is { } rest)
            {
                AddNumbered(target, rest);
                target.Doubt ??= "how many modules it holds is not known";
            }
        }
        else if (target.IsA("ModuleList") && arguments.Find(0, "modules") is { } list)
        {
            var (items, rest) = Iterate(list);
            foreach (var item in items)
            {
                AddNumbered(target, item);
            }

            if (rest is not null)
            {
                AddNumbered(target, rest);
            }
        }
        else if (target.IsA("ModuleDict") && arguments.Find(0, "modules") is { } dict)
        {
            AddNamed(target, dict);
        }
    }

    private static void AddNumbered(ObjectValue target, Value module) => target.Children.Add((target.Children.Count.ToString(CultureInfo.InvariantCulture), module));

    private void AddNamed(ObjectValue target, Value modules)
    {
        if (modules is DictValue dict)
        {
            foreach (var (key, value) in dict.Entries)
            {
                if (key is ConstantValue { Raw: string name })
                {
                    target.SetChild(name, value);
                }
            }

            return;
        }

        foreach (var pair in Iterate(modules).Items)
        {
            if (pair is SequenceValue { Items: [ConstantValue { Raw: string name }, var value] })
            {
                target.SetChild(name, value);
            }
        }
    }

    private static Value ModuleItem(ObjectValue module, Value index)
    {
        var children = module.Children;
        switch (index)
        {
            case ConstantValue { Raw: long i }:
                i = i < 0 ? i + children.Count : i;
                return i >= 0 && i < children.Count ? children[(int)i].Module : UnknownValue.Instance;
            case ConstantValue { Raw: string name }:
                return children.Find(c => c.Name == name).Module ?? UnknownValue.Instance;
            case SliceValue slice when Bounds(slice, children.Count) is { } bounds:
                var part = new ObjectValue(null, module.IsA("Sequential") ? "torch.nn.Sequential" : "torch.nn.ModuleList", ClassKind.TorchModule);
                bounds.ForEach(b => part.Children.Add(children[b]));
                return part;
            default:
                return children.Count == 0 ? UnknownValue.Instance : Join([.. children.Select(c => c.Module)]);
        }
    }

    private Value ModuleMethod(ObjectValue module, string name, CallArguments arguments, SourceLocation? location)
    {
        switch (name)
        {
            case "children":
                return SequenceValue.List(module.Children.Select(c => c.Module));
            case "values":
                return SequenceValue.List(module.Children.Select(c => c.Module));
            case "keys":
                return SequenceValue.List(module.Children.Select(c => new ConstantValue(c.Name)));
            case "named_children" or "items":
                return SequenceValue.List(module.Children.Select(c => SequenceValue.Tuple(new ConstantValue(c.Name), c.Module)));
            case "modules":
                return SequenceValue.List(ModuleTree.Enumerate(module).Select(m => m.Module));
            case "named_modules":
                return SequenceValue.List(ModuleTree.Enumerate(module).Select(m => SequenceValue.Tuple(new ConstantValue(m.Name), m.Module)));
            case "parameters" or "buffers":
                return SequenceValue.Open(SequenceKind.List, TensorValue.Instance);
            case "named_parameters" or "state_dict":
                return SequenceValue.Open(SequenceKind.List, SequenceValue.Tuple(ScalarValue.Text, TensorValue.Instance));
            case "add_module" or "register_module":
                if (arguments.Find(0, "name") is ConstantValue { Raw: string childName } && arguments.Find(1, "module") is { } child)
                {
                    SetAttribute(module, childName, child);
                }

                return ConstantValue.None;
            case "register_buffer" or "register_parameter":
                if (arguments.Find(0, "name") is ConstantValue { Raw: string buffer })
                {
                    var value = arguments.Find(1, name == "register_buffer" ? "tensor" : "param");
                    SetAttribute(module, buffer, value is ConstantValue { Raw: null } ? value : ParameterValue.Instance);
                }

                return ConstantValue.None;
            case "append":
                arguments.Positional.ForEach(m => AddNumbered(module, m));
                return module;
            case "extend":
                foreach (var item in Iterate(arguments.Find(0, "modules") ?? UnknownValue.Instance).Items)
                {
                    AddNumbered(module, item);
                }

                return module;
            case "insert" when arguments.Positional is [ConstantValue { Raw: long at }, var inserted]:
                var modules = module.Children.Select(c => c.Module).ToList();
                modules.Insert((int)Math.Clamp(at, 0, modules.Count), inserted);
                module.Children.Clear();
                modules.ForEach(m => AddNumbered(module, m));
                return module;
            case "update":
                AddNamed(module, arguments.Find(0, "modules") ?? UnknownValue.Instance);
                return ConstantValue.None;
            case "pop" when arguments.Find(0, "key") is ConstantValue { Raw: string key }:
                var popped = module.Children.Find(c => c.Name == key).Module;
                module.Children.RemoveAll(c => c.Name == key);
                return popped ?? UnknownValue.Instance;
            case "get_submodule" when arguments.Find(0, "target") is ConstantValue { Raw: string path }:
                return path.Split('.').Aggregate((Value)module, (m, part) => m is ObjectValue o ? ObjectAttribute(o, part, location) : UnknownValue.Instance);
            case "_conv_forward":
                return TensorValue.Instance;
            case "forward" or "call":
                // Called around the module's own __call__: nothing that hooks on modules sees it.
                return module.Class?.Find(name) is null && module.Kind is ClassKind.TorchModule ? Forward(module, arguments, location) : UnknownValue.Instance;
            case "__call__":
                return CallModule(module, arguments, location);
            case "__init__":
                Initialize(module, arguments, location);
                return ConstantValue.None;
            case "__len__":
                return ConstantValue.Of(module.Children.Count);
            case "to" or "eval" or "train" or "cuda" or "cpu" or "half" or "float" or "double" or "requires_grad_" or "apply" or "type" or "share_memory":
                return module;
            case "add" when module.Kind is ClassKind.KerasModel:
                arguments.Positional.ForEach(l => AddLayer(module, l));
                return ConstantValue.None;
            case "get_layer":
                return LayerOf(module, arguments);
            case "add_weight":
                return ParameterValue.Instance;
            default:
                return ConstantValue.None;
        }
    }

    private static Value LayerOf(ObjectValue model, CallArguments arguments)
    {
        var layers = (model.Graph?.Select(c => c.Layer) ?? model.Children.Select(c => c.Module as ObjectValue)).OfType<ObjectValue>().Distinct().ToList();
        if (arguments.Find(0, "name") is ConstantValue { Raw: string name })
        {
            return layers.Find(l => l.LayerName == name) ?? (Value)UnknownValue.Instance;
        }

        return arguments.Find(1, "index") is ConstantValue { Raw: long i } && i >= 0 && i < layers.Count ? layers[(int)i] : UnknownValue.Instance;
    }

    /// <summary>Calls a module as its framework does: through <c>__call__</c>, which hooks see.</summary>
    private Value CallModule(ObjectValue module, CallArguments arguments, SourceLocation? location)
    {
        if (module.Kind is ClassKind.KerasLayer or ClassKind.KerasModel && arguments.All.SelectMany(Tensors).ToList() is { Count: > 0 } tensors)
        {
            // A graph under construction: the call becomes a node, and runs when its model does.
            return new GraphTensor(new(module, [.. tensors], location ?? _project.Main.At(0)));
        }

        if (Recorder is null)
        {
            return UnknownValue.Instance; // a call while building, on example data
        }

        // The variable of a loop over modules is another module each time.
        var times = Recorder.Times;
        Recorder.Times = Recorder.LoopModules.TryGetValue(module, out var outside) ? outside : times;
        var call = Recorder.Begin(module, arguments, location, Arms);
        var result = Forward(module, arguments, location);
        if (Recorder is not null)
        {
            Recorder.End(call, result);
            Recorder.Times = times;
        }

        return result;
    }

    /// <summary>What a module computes, without the call itself.</summary>
    private Value Forward(ObjectValue module, CallArguments arguments, SourceLocation? location)
    {
        var name = module.Kind is ClassKind.TorchModule ? "forward" : "call";
        if (module.Graph is { } graph)
        {
            foreach (var call in graph)
            {
                if (call.Layer is { } layer)
                {
                    CallModule(layer, CallArguments.Of([.. call.Inputs.Select(_ => TensorValue.Instance)]), call.Location);
                }
            }

            return TensorValue.Instance;
        }

        if (module.Class?.Find(name) is { } forward)
        {
            return Call(new BoundValue(module, forward.Value), arguments, location);
        }

        if (module.Attributes.TryGetValue(name, out var assigned))
        {
            return Call(assigned, arguments, location);
        }

        if (module.IsA("Sequential"))
        {
            var value = arguments.Positional.FirstOrDefault() ?? arguments.Named.Select(n => n.Value).FirstOrDefault() ?? UnknownValue.Instance;
            foreach (var (_, child) in module.Children.ToList())
            {
                Step();
                value = Call(child, CallArguments.Of(value), location);
            }

            return value;
        }

        if (module.Is("TimeDistributed") && module.Children.Find(c => c.Name == "layer").Module is ObjectValue inner)
        {
            CallModule(inner, CallArguments.Of(TensorValue.Instance), location);
            return TensorValue.Instance;
        }

        return module.Class is not null && module.ExternalType is null or "torch.nn.Module" ? UnknownValue.Instance : OutputOf(module, arguments);
    }

    /// <summary>What a library's module returns.</summary>
    private static Value OutputOf(ObjectValue module, CallArguments arguments)
    {
        var tensor = TensorValue.Instance;
        if (module.Doubt is not null || (module.ExternalType is { } type && !Libraries.IsTorchNnClass(type) && module.Kind is ClassKind.TorchModule))
        {
            return UnknownTensor;
        }

        switch (Libraries.LastPart(module.ExternalType ?? ""))
        {
            case "Identity" or "Dropout" or "Dropout1d" or "Dropout2d" or "Dropout3d" or "AlphaDropout" or "FeatureAlphaDropout":
                return arguments.Positional.FirstOrDefault() ?? arguments.Named.Select(n => n.Value).FirstOrDefault() ?? tensor;
            case "LSTM":
                return module.Kind is ClassKind.TorchModule ? SequenceValue.Tuple(tensor, SequenceValue.Tuple(tensor, tensor)) : SequenceValue.Open(SequenceKind.Tuple, tensor);
            case "GRU" or "RNN" when module.Kind is ClassKind.TorchModule:
                return SequenceValue.Tuple(tensor, tensor);
            case "LSTMCell" when module.Kind is ClassKind.TorchModule:
                return SequenceValue.Tuple(tensor, tensor);
            case "MultiheadAttention":
                return SequenceValue.Tuple(tensor, Truth(arguments.Find(4, "need_weights") ?? ConstantValue.True) is false ? ConstantValue.None : tensor);
            case "AdaptiveLogSoftmaxWithLoss":
                return UnknownValue.Instance;
            case "MaxPool1d" or "MaxPool2d" or "MaxPool3d" or "AdaptiveMaxPool1d" or "AdaptiveMaxPool2d" or "AdaptiveMaxPool3d" when module.ConstructedWith?.Find("return_indices") is { } indices && Truth(indices) is true:
                return SequenceValue.Tuple(tensor, tensor);
            default:
                return tensor;
        }
    }

    /// <summary>What a module of an unknown class returns: most often a tensor.</summary>
    private static readonly Value UnknownTensor = UnknownValue.Instance;

    /// <summary>The tensors of a Keras graph under construction that a value holds.</summary>
    private static IEnumerable<GraphTensor> Tensors(Value value) => value switch
    {
        GraphTensor t => [t],
        SequenceValue { Items.Count: < 1000 } s => s.Items.SelectMany(i => i is SequenceValue { Items.Count: 0 } ? [] : TensorsBelow(i, 8)).Concat(s.Rest is GraphTensor r ? [r] : []),
        DictValue d => d.Entries.SelectMany(e => TensorsBelow(e.Value, 8)),
        _ => [],
    };

    private static IEnumerable<GraphTensor> TensorsBelow(Value value, int depth) => depth == 0 ? [] : value switch
    {
        GraphTensor t => [t],
        SequenceValue { Items.Count: < 1000 } s => s.Items.SelectMany(i => TensorsBelow(i, depth - 1)),
        DictValue d => d.Entries.SelectMany(e => TensorsBelow(e.Value, depth - 1)),
        _ => [],
    };

    private GraphTensor Derived(IEnumerable<GraphTensor> inputs, SourceLocation? location) => new(new(null, [.. inputs], location ?? _project.Main.At(0)));

    /// <summary>The calls between inputs and outputs, each after those it depends on.</summary>
    private List<GraphCall> GraphOf(HashSet<GraphTensor> inputs, List<GraphTensor> outputs)
    {
        var result = new List<GraphCall>();
        var state = new Dictionary<GraphCall, bool>(ReferenceEqualityComparer.Instance);
        var stack = new Stack<(GraphCall Call, bool Done)>();
        foreach (var output in outputs)
        {
            Push(output);
            while (stack.Count > 0)
            {
                Step();
                var (call, done) = stack.Pop();
                if (done)
                {
                    result.Add(call);
                    continue;
                }

                if (!state.TryAdd(call, true))
                {
                    continue;
                }

                stack.Push((call, true));
                for (var i = call.Inputs.Length - 1; i >= 0; i--)
                {
                    Push(call.Inputs[i]);
                }
            }
        }

        return result;

        void Push(GraphTensor tensor)
        {
            if (tensor.Call is { } call && !inputs.Contains(tensor))
            {
                stack.Push((call, false));
            }
        }
    }
}
