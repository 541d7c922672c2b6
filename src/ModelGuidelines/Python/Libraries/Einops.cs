using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>einops: tensors are rearranged inside the library; nothing of it is the user's call of a function of PyTorch.</summary>
internal sealed class Einops : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["einops"];

    public override bool IsReadFirst => true;

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["einops.einops."] = "einops." };

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. new[] { "rearrange", "reduce", "repeat" }.Select(n => LibraryRow.Of(n, (c, a) => GraphOf(c, a), Returns.Tensor)),
        .. LibraryRow.For("einsum asnumpy pack_one unpack_one", Returns.Tensor),
        LibraryRow.Of("pack", (c, _) => SequenceValue.Tuple(new TensorValue(), c.Unknown("the packed shapes", "they are known when the model runs"))),
        .. LibraryRow.For("unpack", Returns.TensorList),
        .. LibraryRow.For("parse_shape", Returns.Unknown),
        .. LibraryRow.For("_torch_specific.allow_ops_in_compiled_graph", Returns.None),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For("layers.torch.Rearrange layers.torch.Reduce", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module", "pattern").Select(c => c with { HoldsModules = false }),
        .. LibraryClass.For("layers.torch.EinMix", ClassKind.TorchModule, Returns.Tensor, "torch.nn.Module", "pattern"),
        .. LibraryClass.For("layers.keras.Rearrange layers.keras.Reduce layers.keras.EinMix layers.tensorflow.Rearrange layers.tensorflow.Reduce layers.tensorflow.EinMix", ClassKind.KerasLayer, Returns.KerasTensor, "keras.layers.Layer"),
    ];

    private static GraphTensor? GraphOf(ILibraryContext context, CallArguments arguments) => arguments.All.SelectMany(context.GraphTensors).ToList() is { Count: > 0 } given ? context.NewGraphTensor(null, given) : null;
}
