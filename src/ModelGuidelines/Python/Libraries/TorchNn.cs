using System.Collections.Frozen;
using System.Globalization;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What every module of torch.nn has, and the modules that hold others.</summary>
internal sealed class TorchNn : PythonLibrary
{
    private const string Module = "torch.nn.Module";
    private const string Recurrent = "input_size hidden_size num_layers=1 bias=True batch_first=False dropout=0.0 bidirectional=False proj_size=0";
    private const string PackedSequence = "utils.rnn.PackedSequence";

    public override IReadOnlyList<string> Prefixes => ["torch.nn"];

    /// <summary>torch.nn.modules.conv.Conv2d and torch.nn.modules.Conv2d are torch.nn.Conv2d.</summary>
    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(
        "activation adaptive batchnorm channelshuffle container conv distance dropout flatten fold instancenorm lazy linear loss module normalization padding pixelshuffle pooling rnn sparse transformer upsampling"
            .Split(' ').Select(m => KeyValuePair.Create($"torch.nn.modules.{m}.", "torch.nn.")), StringComparer.Ordinal)
    {
        ["torch.nn.modules."] = "torch.nn.",
        ["torch.nn.parameter."] = "torch.nn.",
        ["torch.nn.parallel."] = "torch.nn.",
        ["torch.nn.parallel.distributed."] = "torch.nn.",
        ["torch.ao.nn."] = "torch.nn.",
        ["torch.nn.quantized.modules."] = "torch.nn.quantized.",
        ["torch.jit.ScriptModule"] = Module,
        ["torch.fx.GraphModule"] = Module,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. new[] { "Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer" }.Select(n => LibraryRow.Of(n, (_, a) => new ParameterValue { IsParameter = n.EndsWith("Parameter", StringComparison.Ordinal), Shape = a.Find(0, "data") is TensorValue { Shape: var shape } ? shape : null })),
        .. new[] { "Embedding", "EmbeddingBag" }.Select(n => LibraryRow.Of(n + ".from_pretrained", (c, _) => c.NewObject("torch.nn." + n, new()))),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("Module", ClassKind.TorchModule)
        {
            IsAbstract = true,
            Attributes = [("training", Returns.Boolean)],
            Functions = ModuleMethods,
            Methods =
            [
                .. LibraryRow.For(
                    "to to_empty eval train cuda cpu xpu half float double bfloat16 type requires_grad_ share_memory apply zero_grad load_state_dict _load_from_state_dict extra_repr _get_name register_load_state_dict_post_hook " +
                    "register_state_dict_pre_hook _register_load_state_dict_pre_hook _register_state_dict_hook register_load_state_dict_pre_hook", Returns.Receiver),
                .. LibraryRow.For("state_dict named_buffers get_buffer get_extra_state set_extra_state _version_ compile", Returns.Unknown),

                // What they run is not seen at the call, where it is no function that is known.
                .. LibraryRow.For("register_forward_hook register_forward_pre_hook", Returns.Unknown).Select(r => r with { Hides = Hides.Everything }),
                .. LibraryRow.For("register_full_backward_hook register_backward_hook register_full_backward_pre_hook", Returns.Unknown),
            ],
        },
        new(LibraryRow.AnyName, ClassKind.TorchModule) { Base = Module },
        new("Sequential", ClassKind.TorchModule) { Base = Module, Construct = Numbered, Forward = InOrder, Functions = ListMethods },
        new("ModuleList", ClassKind.TorchModule) { Base = Module, Construct = FromList, Functions = ListMethods },
        new("ParameterList", ClassKind.TorchModule) { Base = Module, Construct = FromList, Functions = ListMethods },
        new("ModuleDict", ClassKind.TorchModule) { Base = Module, Construct = FromDict, Functions = DictMethods },
        new("ParameterDict", ClassKind.TorchModule) { Base = Module, Construct = FromDict, Functions = DictMethods },
        .. LibraryClass.For("DataParallel DistributedDataParallel", ClassKind.TorchModule, Returns.Unknown, Module).Select(c => c with { Construct = Wrapped, Forward = CallWrapped }),

        new("LSTM", ClassKind.TorchModule) { Base = Module, Parameters = Recurrent, Forward = (c, _, a) => SequenceValue.Tuple(Output(a), TorchFunctions.Tensors(2)) },
        .. LibraryClass.For("GRU RNN", ClassKind.TorchModule, Returns.TwoTensors, Module, Recurrent).Select(c => c with { Forward = (_, _, a) => SequenceValue.Tuple(Output(a), new TensorValue()) }),
        new("RNNCellBase", ClassKind.TorchModule) { Base = Module, IsAbstract = true },
        new("Container", ClassKind.TorchModule) { Base = Module, IsAbstract = true },
        new("RNNBase", ClassKind.TorchModule) { Base = Module, IsAbstract = true, Output = Returns.TwoTensors },
        .. LibraryClass.For("LSTMCell", ClassKind.TorchModule, Returns.TwoTensors, Module, "input_size hidden_size bias=True"),
        .. LibraryClass.For("GRUCell", ClassKind.TorchModule, Returns.Tensor, Module, "input_size hidden_size bias=True"),
        .. LibraryClass.For("RNNCell", ClassKind.TorchModule, Returns.Tensor, Module, "input_size hidden_size bias=True nonlinearity='tanh'"),
        new(PackedSequence, ClassKind.NamedTuple) { Parameters = "data batch_sizes=None sorted_indices=None unsorted_indices=None", Methods = [.. LibraryRow.For("to cuda cpu pin_memory", Returns.Receiver)] },

        new("MultiheadAttention", ClassKind.TorchModule)
        {
            Base = Module,
            Output = Returns.TwoTensors,
            Parameters = "embed_dim num_heads dropout=0.0 -bias=True -add_bias_kv=False add_zero_attn=False kdim=None vdim=None batch_first=False",
            Attributes = [("in_proj_weight", Returns.Tensor), ("in_proj_bias", Returns.Unknown)],
            Construct = (c, self, a) => Inner(c, self, "out_proj", "torch.nn.NonDynamicallyQuantizableLinear"),
            Forward = (c, _, a) => a.Find(4, "need_weights") is { } asked && c.Truth(asked) is false ? SequenceValue.Tuple(new TensorValue(), ConstantValue.None) : null,
        },
    ];

    private static FrozenDictionary<string, LibraryMethod<ObjectValue>> ModuleMethods { get; } = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
    {
        ["children"] = (c, self, _) => SequenceValue.List(c.Children(self).Select(m => Registered(c, m.Module)).Distinct().Concat(c.Concealed(self))),
        ["named_children"] = (c, self, _) => Named(c, self, c.Children(self).Select(m => (m.Name, Registered(c, m.Module))).DistinctBy(m => m.Item2)),
        ["modules"] = (c, self, _) => SequenceValue.List(c.Modules(self).Select(m => Elements.Sometimes(c, m.Module, m.When.Not())).Concat(c.Concealed(self))),
        ["named_modules"] = (c, self, _) => Named(c, self, c.Modules(self).Select(m => (m.Name, Elements.Sometimes(c, m.Module, m.When.Not())))),
        ["parameters"] = (_, _, _) => SequenceValue.Open(SequenceKind.List, new ParameterValue()),
        ["buffers"] = (_, _, _) => SequenceValue.Open(SequenceKind.List, new ParameterValue()),
        ["named_parameters"] = (c, _, _) => SequenceValue.Open(SequenceKind.List, SequenceValue.Tuple(c.Unknown("name", "the names of parameters are not followed", UnknownKind.Text), new ParameterValue())),
        ["get_parameter"] = (_, _, _) => new ParameterValue(),
        ["get_submodule"] = (c, self, a) => a.Find(0, "target") is ConstantValue { Peek: string path } ? path.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate((Value)self, c.Attribute) : null,
        ["register_forward_hook"] = (c, self, a) => ModuleHooks.Add(c, self, a, ModuleHooks.Behind),
        ["register_forward_pre_hook"] = (c, self, a) => ModuleHooks.Add(c, self, a, ModuleHooks.Before),
        ["apply"] = ApplyToAll,
        ["add_module"] = Register,
        ["register_module"] = Register,
        ["register_parameter"] = (c, self, a) => Register(c, self, a, "param"),
        ["register_buffer"] = (c, self, a) => Register(c, self, a, "tensor"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Most set weights, which no call needs to follow; some replace what a module holds. One that cannot be told may do either.</summary>
    private static ObjectValue ApplyToAll(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.Find(0, "fn") is UnknownValue unknown)
        {
            context.Gap($"what '{unknown.Text}' does with a module cannot be told ({unknown.Reason})", Hides.Calls | Hides.Functions, unknown.Remedy);
        }
        else if (arguments.Find(0, "fn") is { } function)
        {
            foreach (var module in context.Modules(self).Select(m => m.Module).Reverse().ToList())
            {
                context.Call(function, CallArguments.Of(module));
            }
        }

        return self;
    }

    private static FrozenDictionary<string, LibraryMethod<ObjectValue>> ListMethods { get; } = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
    {
        ["append"] = (c, self, a) => Add(c, self, a.All),
        ["extend"] = (c, self, a) => a.All.FirstOrDefault() is { } given ? Add(c, self, c.Iterate(given)) : self,
        ["insert"] = Insert,
        ["pop"] = Pop,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenDictionary<string, LibraryMethod<ObjectValue>> DictMethods { get; } = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
    {
        ["keys"] = (c, self, _) => SequenceValue.List(Entries(c, self).Select(e => WhereThere(c, e.Value, _ => ConstantValue.Of(e.Name)))),
        ["values"] = (c, self, _) => SequenceValue.List(Entries(c, self).Select(e => e.Value)),
        ["items"] = (c, self, _) => SequenceValue.List(Entries(c, self).Select(e => WhereThere(c, e.Value, there => SequenceValue.Tuple(ConstantValue.Of(e.Name), there)))),
        ["get"] = (c, self, a) => a.Find(0, "key") is ConstantValue { Peek: string name } ? self.Attributes.Find(name) ?? a.Find(1, "default") ?? ConstantValue.None : null,
        ["update"] = (c, self, a) => a.Positional.Count > 0 ? FromDict(c, self, a) ?? ConstantValue.None : null,
        ["pop"] = (c, self, a) =>
        {
            if (a.Find(0, "key") is not ConstantValue { Peek: string name } || self.Attributes.Find(name) is not { } value)
            {
                return null;
            }

            c.RemoveAttribute(self, name);
            return value;
        },
        ["clear"] = (c, self, _) =>
        {
            foreach (var (name, _) in Entries(c, self).ToList())
            {
                c.RemoveAttribute(self, name);
            }

            return ConstantValue.None;
        },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static SequenceValue Named(ILibraryContext context, ObjectValue self, IEnumerable<(string Name, Value Module)> modules) => SequenceValue.List(
    [
        .. modules.Select(m => WhereThere(context, m.Module, there => SequenceValue.Tuple(ConstantValue.Of(m.Name), there))),
        .. context.Concealed(self).Select(m => WhereThere(context, m, there => SequenceValue.Tuple(context.Unknown("name", "what its library holds is not read", UnknownKind.Text), there))),
    ]);

    /// <summary>What is made of an entry, which is there where the entry is.</summary>
    private static Value WhereThere(ILibraryContext context, Value entry, Func<Value, Value> made)
    {
        var (there, missing) = entry.WhereThere();
        return there is null ? MissingValue.Instance : missing is null ? made(there) : Elements.Sometimes(context, made(there), missing);
    }

    /// <summary>A child as PyTorch lists it: where None is registered, there is none.</summary>
    private static Value Registered(ILibraryContext context, Value child) =>
        child is ChoiceValue choice && choice.Options.Any(o => o.Value is ConstantValue { IsNone: true })
            ? context.Choose(choice.Options.Select(o => (o.When, o.Value is ConstantValue { IsNone: true } ? MissingValue.Instance : o.Value)))
            : child;

    private static IEnumerable<(string Name, Value Value)> Entries(ILibraryContext context, ObjectValue self) =>
        self.Is("ParameterDict") ? self.Attributes.All : context.Children(self).Select(m => (m.Name, m.Module));

    private static Value? Register(ILibraryContext context, ObjectValue self, CallArguments arguments) => Register(context, self, arguments, "module");

    private static Value? Register(ILibraryContext context, ObjectValue self, CallArguments arguments, string argument)
    {
        if (arguments.Find(1, argument) is not { } value)
        {
            return ConstantValue.None;
        }

        if (argument is not "module" && value is UnknownValue or ChoiceValue)
        {
            value = new ParameterValue();
        }

        value = argument is "module" ? context.AsModule(value) : value;
        SetNamed(context, self, arguments.Find(0, "name"), value, isAny: argument is "module");
        return ConstantValue.None;
    }

    /// <summary>Gives a child its name: each that it may be, where it is one of several; under a name that cannot be told it is still a child.</summary>
    private static void SetNamed(ILibraryContext context, ObjectValue self, Value? given, Value value, bool isAny)
    {
        // A stack calls its layers in turn, whatever they are called: one layer, however many names it may have.
        if (given is ChoiceValue several && self.Class is null && self.IsA("Sequential"))
        {
            context.SetAttribute(self, $"<{string.Join('|', several.Possible().Select(p => p is ConstantValue { Peek: string one } ? one : "?").Distinct().Take(MaxShownNames))}>", value);
            return;
        }

        context.ForEach(given ?? ConstantValue.None, name =>
        {
            if ((name is ConstantValue { Peek: string known } ? known : !isAny ? null : name is UnknownValue unknown ? context.NameOf(unknown) : "<?>") is { } text)
            {
                context.SetAttribute(self, text, value);
            }

            return name;
        });
    }

    /// <summary>Names of one layer that its text holds: what is called otherwise is another layer.</summary>
    private const int MaxShownNames = 8;

    private static ObjectValue Add(ILibraryContext context, ObjectValue self, IEnumerable<Value> values)
    {
        var count = Count(self);
        foreach (var value in values)
        {
            context.SetAttribute(self, (count++).ToString(CultureInfo.InvariantCulture), self.IsA("ParameterList") ? value : context.AsModule(value));
        }

        return self;
    }

    private static int Count(ObjectValue self)
    {
        var count = 0;
        while (self.Attributes.Find(count.ToString(CultureInfo.InvariantCulture)) is not null)
        {
            count++;
        }

        return count;
    }

    private static Value? Insert(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.Find(1, "module") is not { } module)
        {
            return self;
        }

        var count = Count(self);
        var at = arguments.Find(0, "index") is ConstantValue { Raw: long index } ? (int)Math.Clamp(index < 0 ? index + count : index, 0, count) : count;
        for (var i = count; i > at; i--)
        {
            context.SetAttribute(self, i.ToString(CultureInfo.InvariantCulture), self.Attributes.Find((i - 1).ToString(CultureInfo.InvariantCulture))!);
        }

        context.SetAttribute(self, at.ToString(CultureInfo.InvariantCulture), module);
        return self;
    }

    private static Value? Pop(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        var count = Count(self);
        var index = arguments.Find(0, "key") is null ? count - 1 : arguments.Find(0, "key") is ConstantValue { Raw: long given } ? given < 0 ? given + count : given : -1;
        if (index < 0 || index >= count)
        {
            return null;
        }

        var name = index.ToString(CultureInfo.InvariantCulture);
        var value = self.Attributes.Find(name);
        context.RemoveAttribute(self, name);
        return value;
    }

    private static Value? FromList(ILibraryContext context, ObjectValue self, CallArguments arguments) =>
        arguments.All.FirstOrDefault() is { } given and not ConstantValue { IsNone: true } ? Add(context, self, context.Iterate(given)) : null;

    private static Value? FromDict(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        switch (arguments.All.FirstOrDefault())
        {
            case null or ConstantValue { IsNone: true }:
                break;
            case DictValue dict:
                foreach (var (key, value) in dict.Entries)
                {
                    Set(key, value);
                }

                // What stands under a name that cannot be told is an entry already.
                if (dict.Rest is { } rest && !rest.Possible().All(v => dict.Entries.Exists(e => e.Value.Possible().Contains(v))))
                {
                    Set(null, rest);
                }

                break;
            case ObjectValue { IsModule: true } other:
                foreach (var (name, value) in context.Children(other).ToList())
                {
                    context.SetAttribute(self, name, value);
                }

                break;
            case var pairs:
                foreach (var pair in context.Iterate(pairs))
                {
                    var entry = context.Iterate(pair);
                    Set(entry.Count > 0 ? entry[0] : null, entry.Count > 1 ? entry[1] : context.Unknown("an entry", "the entries of the dictionary cannot be told"));
                }

                break;
        }

        return null;

        void Set(Value? key, Value value) => SetNamed(context, self, key, self.IsA("ParameterDict") ? value : context.AsModule(value), isAny: true);
    }

    private static Value? Numbered(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.Positional is [DictValue])
        {
            return FromDict(context, self, arguments);
        }

        Add(context, self, arguments.Positional);
        return arguments.Rest is { } rest ? Add(context, self, context.Iterate(SequenceValue.Open(SequenceKind.Tuple, rest))) : null;
    }

    private static Value? InOrder(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        var value = arguments.All.FirstOrDefault();
        foreach (var (_, child) in context.Children(self).ToList())
        {
            value = Elements.Call(context, child, value);
        }

        return value;
    }

    private static Value? Wrapped(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.Find(0, "module") is { } module)
        {
            context.SetAttribute(self, "module", module);
        }

        return null;
    }

    private static Value? CallWrapped(ILibraryContext context, ObjectValue self, CallArguments arguments) =>
        self.Attributes.Find("module") is { } module ? context.Call(module, arguments) : null;

    private static Value? Inner(ILibraryContext context, ObjectValue self, string name, string type)
    {
        context.SetAttribute(self, name, context.NewObject(type, new()));
        return null;
    }

    /// <summary>A packed sequence gives a packed sequence.</summary>
    private static Value Output(CallArguments arguments) => arguments.All.FirstOrDefault() is ObjectValue { } packed && packed.Is("PackedSequence") ? packed : new TensorValue();
}
