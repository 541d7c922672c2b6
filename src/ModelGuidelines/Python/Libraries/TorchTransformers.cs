using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>torch.nn's transformers: what they hold, which heirs with a forward of their own run, and the blocks that such a forward calls.</summary>
internal sealed class TorchTransformers : PythonLibrary
{
    private const string Module = "torch.nn.Module";
    private const string Usual = "d_model nhead -dim_feedforward=2048 -dropout=0.1 -activation=? -layer_norm_eps=1e-05 -batch_first=False norm_first=False";

    /// <summary>Where the blocks stand: a function that they call is no call of the user's.</summary>
    private const string File = "torch/nn/modules/transformer.py";

    public override IReadOnlyList<string> Prefixes => ["torch.nn"];

    public override IEnumerable<LibraryClass> Classes =>
    [
        Layer("TransformerEncoderLayer", ["self_attn"], 2),
        Layer("TransformerDecoderLayer", ["self_attn", "multihead_attn"], 3),
        .. LibraryClass.For("TransformerEncoder TransformerDecoder", ClassKind.TorchModule, Returns.Tensor, Module).Select(c => c with { HoldsModules = true, Construct = Stack }),
        new("Transformer", ClassKind.TorchModule) { Base = Module, HoldsModules = true },
    ];

    private static LibraryClass Layer(string name, string[] attentions, int norms) => new(name, ClassKind.TorchModule)
    {
        Base = Module,
        Parameters = Usual,
        HoldsModules = true,
        Construct = (context, self, arguments) => Build(context, self, arguments, attentions, norms),
        Functions = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
        {
            ["_sa_block"] = (c, self, a) => Attend(c, self, "self_attn", "dropout1"),
            ["_mha_block"] = (c, self, a) => Attend(c, self, "multihead_attn", "dropout2"),
            ["_ff_block"] = (c, self, a) => FeedForward(c, self, $"dropout{norms}"),
        }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    private static Value? Build(ILibraryContext context, ObjectValue self, CallArguments arguments, string[] attentions, int norms)
    {
        void Child(string name, string type, params Value[] given) => context.SetAttribute(self, name, context.NewObject("torch.nn." + type, CallArguments.Of(given)));
        var (width, heads) = (arguments.Find(0, "d_model") ?? Size("d_model"), arguments.Find(1, "nhead") ?? Size("nhead"));
        var inner = arguments.Find(2, "dim_feedforward") ?? ConstantValue.Of(2048);
        var drop = arguments.Find(3, "dropout") ?? new ConstantValue(0.1);
        UnknownValue Size(string name) => context.Unknown(name, $"'{name}' is not given", UnknownKind.Number);
        foreach (var attention in attentions)
        {
            Child(attention, "MultiheadAttention", width, heads);
        }

        Child("linear1", "Linear", width, inner);
        Child("dropout", "Dropout", drop);
        Child("linear2", "Linear", inner, width);
        for (var i = 1; i <= norms; i++)
        {
            Child($"norm{i}", "LayerNorm", width);
            Child($"dropout{i}", "Dropout", drop);
        }

        context.SetAttribute(self, "activation", arguments.Find(4, "activation") switch
        {
            null => new ExternalValue("torch.nn.functional.relu"),
            ConstantValue { Peek: "relu" or "gelu" } named => new ExternalValue($"torch.nn.functional.{named.Peek}"),
            UnknownValue { Kind: UnknownKind.Text } => new ExternalValue("torch.nn.functional." + LibraryRow.AnyName),
            var function => function,
        });
        return null;
    }

    private static TensorValue Attend(ILibraryContext context, ObjectValue self, string attention, string dropout)
    {
        Run(context, self, attention);
        return Run(context, self, dropout);
    }

    private static TensorValue FeedForward(ILibraryContext context, ObjectValue self, string last)
    {
        Run(context, self, "linear1");
        Run(context, self, "activation");
        Run(context, self, "dropout");
        Run(context, self, "linear2");
        return Run(context, self, last);
    }

    /// <summary>Calls what it holds under a name, be it one of its own or one that the user's code has put there.</summary>
    private static TensorValue Run(ILibraryContext context, ObjectValue self, string name)
    {
        // A function of torch that torch's own file calls is nothing of the user's.
        context.ForEach(context.Attribute(self, name), held => held is ExternalValue or ConstantValue ? held : context.In(File).Call(held, CallArguments.Of(new TensorValue())));
        return new TensorValue();
    }

    /// <summary>So many copies of a layer, and a norm where one is given.</summary>
    private static Value? Stack(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if ((arguments.Find(0, "encoder_layer") ?? arguments.Find("decoder_layer")) is not { } layer)
        {
            return null;
        }

        // Of the library's own nobody asks what they hold.
        if (self.Class is null && layer is not ObjectValue { Class: not null })
        {
            return null;
        }

        var count = arguments.Find(1, "num_layers") ?? context.Unknown("num_layers", "'num_layers' is not given", UnknownKind.Number);
        var layers = count is ConstantValue { Raw: long and >= 0 and <= MaxLayers and var n } ? SequenceValue.List(Enumerable.Range(0, (int)n).Select(_ => context.Copy(layer)))
            : new SequenceValue(SequenceKind.List, [context.Copy(layer)], context.Copy(layer)) { Length = count as UnknownValue };
        context.SetAttribute(self, "layers", context.Call(new ExternalValue("torch.nn.ModuleList"), CallArguments.Of(layers)));
        context.SetAttribute(self, "num_layers", count);
        context.SetAttribute(self, "norm", arguments.Find(2, "norm") ?? ConstantValue.None);
        return null;
    }

    /// <summary>Layers that are counted out.</summary>
    private const int MaxLayers = 200;
}
