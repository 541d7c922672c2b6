using System.Collections.Frozen;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Names of bases that no module derives from by, for a look at a file without a parser.</summary>
internal static class PlainBases
{
    private static readonly FrozenSet<string> Names = new[]
    {
        "ABC", "Enum", "IntEnum", "StrEnum", "Flag", "Protocol", "Generic", "NamedTuple", "TypedDict", "Dataset", "IterableDataset", "Function", "Optimizer", "Sampler", "DataLoader", "object", "Exception",
        "Callback", "TestCase", "Thread", "Mapping", "Sequence", "MutableMapping", "UserDict", "LightningDataModule", "PretrainedConfig", "ModelOutput", "_LRScheduler", "LRScheduler", "Distribution",
        "BaseException", "RuntimeError", "ValueError", "TypeError", "KeyError", "Warning", "UserWarning", "type", "dict", "list", "tuple", "set", "str", "int", "float", "property", "ModuleType", "Tensor", "Parameter",
        "TorchFunctionMode", "TorchDispatchMode", "local", "Logger", "NodeVisitor", "NodeTransformer", "AbstractContextManager", "Pickler", "Unpickler", "BytesIO",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static bool Contains(string name) => Names.Contains(name[(name.LastIndexOf('.') + 1)..]);
}
