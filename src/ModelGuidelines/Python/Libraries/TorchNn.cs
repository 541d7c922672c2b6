using System.Collections.Frozen;
using System.Globalization;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Modules of torch.nn: the containers, and the others by what they return.</summary>
internal sealed class TorchNn : PythonLibrary
{
    private const string Module = "torch.nn.Module";

    public override IReadOnlyList<string> Prefixes => ["torch.nn"];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["torch.nn.modules.module.Module"] = Module,
        ["torch.nn.parameter."] = "torch.nn.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("Parameter", (_, _) => new ParameterValue()),
        LibraryRow.Of("Buffer", (_, _) => new ParameterValue()),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("Module", ClassKind.TorchModule) { IsAbstract = true, Functions = ModuleMethods, Methods = [.. LibraryRow.For("to eval train cuda cpu half float double requires_grad_ type share_memory", Returns.Receiver)] },
        new("Sequential", ClassKind.TorchModule) { Base = Module, Construct = Numbered, Forward = InOrder, Functions = ContainerMethods },
        new("ModuleList", ClassKind.TorchModule) { Base = Module, Construct = FromList, Functions = ContainerMethods },
        new("LSTM", ClassKind.TorchModule) { Base = Module, Forward = (c, _, a) => SequenceValue.Tuple(new TensorValue(), c.Result(Returns.TwoTensors, a)) },
        .. LibraryClass.For("GRU RNN LSTMCell", ClassKind.TorchModule, Returns.TwoTensors, Module),
        .. LibraryClass.For("Identity Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout", ClassKind.TorchModule, Returns.First, Module),
        .. LibraryClass.For("ReLU GELU SiLU Linear Conv1d Conv2d Conv3d BatchNorm2d LayerNorm", ClassKind.TorchModule, Returns.Tensor, Module),
    ];

    private static FrozenDictionary<string, LibraryMethod<ObjectValue>> ModuleMethods { get; } = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
    {
        ["children"] = (c, self, _) => SequenceValue.List(c.Children(self).Select(m => m.Module)),
        ["named_children"] = (c, self, _) => SequenceValue.List(c.Children(self).Select(m => SequenceValue.Tuple(ConstantValue.Of(m.Name), m.Module))),
        ["add_module"] = (c, self, a) =>
        {
            if (a.Find(0, "name") is ConstantValue { Raw: string name } && a.Find(1, "module") is { } module)
            {
                c.SetAttribute(self, name, module);
            }

            return ConstantValue.None;
        },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenDictionary<string, LibraryMethod<ObjectValue>> ContainerMethods { get; } = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
    {
        ["append"] = (c, self, a) => Add(c, self, a.Positional),
        ["extend"] = (c, self, a) => Add(c, self, a.Find(0, "modules") is { } given ? c.Iterate(given) : []),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static ObjectValue Add(ILibraryContext context, ObjectValue self, IReadOnlyList<Value> modules)
    {
        var count = context.Children(self).Count();
        foreach (var module in modules)
        {
            context.SetAttribute(self, (count++).ToString(CultureInfo.InvariantCulture), module);
        }

        return self;
    }

    private static Value? FromList(ILibraryContext context, ObjectValue self, CallArguments arguments) =>
        arguments.Find(0, "modules") is { } given ? Add(context, self, context.Iterate(given)) : null;

    private static Value? Numbered(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.Positional is [DictValue named])
        {
            foreach (var (key, module) in named.Entries)
            {
                if (key is ConstantValue { Raw: string name })
                {
                    context.SetAttribute(self, name, module);
                }
            }

            return null;
        }

        return Add(context, self, arguments.Positional);
    }

    private static Value? InOrder(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        var value = arguments.Positional.FirstOrDefault() ?? arguments.Named.Select(n => n.Value).FirstOrDefault();
        foreach (var (_, child) in context.Children(self))
        {
            value = context.Call(child, value is null ? new() : CallArguments.Of(value));
        }

        return value;
    }
}
