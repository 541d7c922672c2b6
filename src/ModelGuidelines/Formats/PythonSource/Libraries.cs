using System.Collections.Frozen;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What is known of libraries by name.</summary>
internal static class Libraries
{
    /// <summary>Classes of other libraries that are torch modules.</summary>
    private static readonly FrozenSet<string> ModuleBases = new[]
    {
        "Module", "LightningModule", "PreTrainedModel", "ScriptModule", "GraphModule",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> PlainBases = new[]
    {
        "ABC", "Enum", "IntEnum", "StrEnum", "Flag", "Protocol", "Generic", "NamedTuple", "TypedDict", "Dataset", "IterableDataset", "Function", "Optimizer", "Sampler", "DataLoader", "object", "Exception",
        "Callback", "TestCase", "Thread", "Mapping", "Sequence", "MutableMapping", "UserDict", "LightningDataModule", "PretrainedConfig", "ModelOutput", "_Loss", "_LRScheduler", "LRScheduler", "Distribution",
        "BaseException", "RuntimeError", "ValueError", "TypeError", "KeyError", "Warning", "UserWarning", "type", "dict", "list", "tuple", "set", "str", "int", "float", "property", "ModuleType", "Tensor", "Parameter",
        "TorchFunctionMode", "TorchDispatchMode", "local", "Logger", "NodeVisitor", "NodeTransformer", "AbstractContextManager", "Pickler", "Unpickler", "BytesIO",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Names under which torch.nn hands out things that are no modules.</summary>
    private static readonly FrozenSet<string> NoModules = new[] { "Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer", "DataParallel" }.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsPlainBase(string name) => PlainBases.Contains(LastPart(name));

    /// <summary>Libraries whose own files are never read, even beside the audited file.</summary>
    public static bool IsFramework(string dotted) => FirstPart(dotted) is "torch" or "keras" or "tf_keras" or "tensorflow" or "numpy" or "jax";

    public static ReadOnlySpan<char> FirstPart(string dotted)
    {
        var dot = dotted.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? dotted : dotted.AsSpan(0, dot);
    }

    public static string LastPart(string dotted) => dotted[(dotted.LastIndexOf('.') + 1)..];

    public static bool IsTorchNnClass(string name) =>
        (name.StartsWith("torch.nn.", StringComparison.Ordinal) || name.StartsWith("torch.ao.nn.", StringComparison.Ordinal)) && !name.StartsWith("torch.nn.functional.", StringComparison.Ordinal)
        && !name.StartsWith("torch.nn.init.", StringComparison.Ordinal) && !name.StartsWith("torch.nn.utils.", StringComparison.Ordinal) && !name.StartsWith("torch.nn.parameter.", StringComparison.Ordinal)
        && LastPart(name) is var last && char.IsAsciiLetterUpper(last[0]) && !NoModules.Contains(last);

    /// <summary>What stands behind <c>keras.</c> in a name of Keras, wherever it is imported from; null for other names.</summary>
    public static string? KerasName(string name)
    {
        var first = FirstPart(name);
        if (first is not ("keras" or "tf_keras" or "tensorflow"))
        {
            return null;
        }

        var at = name.IndexOf("keras.", StringComparison.Ordinal);
        return at < 0 ? null : name[(at + 6)..];
    }

    public static ClassKind KindOfClass(string name)
    {
        if (KerasName(name) is { } keras)
        {
            var last = LastPart(keras);
            return last is "Model" or "Functional" or "Sequential" ? ClassKind.KerasModel
                : last is "Layer" || keras.Contains("layers.", StringComparison.Ordinal) ? ClassKind.KerasLayer : ClassKind.Plain;
        }

        if (name is "typing.NamedTuple")
        {
            return ClassKind.NamedTuple;
        }

        var part = LastPart(name);
        return IsTorchNnClass(name) || (ModuleBases.Contains(part) && !name.StartsWith("builtins.", StringComparison.Ordinal)) ? ClassKind.TorchModule : ClassKind.Plain;
    }
}
