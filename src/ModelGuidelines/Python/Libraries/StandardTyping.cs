using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>typing, dataclasses, enum, abc, types, contextlib: what describes and shapes classes and functions.</summary>
internal sealed class StandardTyping : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => [""];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["typing_extensions."] = "typing.",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("typing.cast", (_, a) => a.Find(1, "val")),
        LibraryRow.Of("typing.assert_type", (_, a) => a.Find(0, "val")),
        LibraryRow.Of("typing.NamedTuple", StandardCollections.NamedTuple),
        .. LibraryRow.Decorators("typing.overload typing.final typing.override typing.runtime_checkable typing.no_type_check typing.no_type_check_decorator typing.dataclass_transform typing.deprecated warnings.deprecated"),
        .. LibraryRow.For("typing.TypeVar typing.ParamSpec typing.TypeVarTuple typing.NewType typing.TypedDict typing.get_args typing.get_origin typing.get_type_hints typing.reveal_type typing.assert_never typing.TypeAliasType", Returns.Unknown),

        .. LibraryRow.Decorators("dataclasses.dataclass attr.s attr.dataclass attrs.define attr.define attrs.frozen"),
        .. new[] { "dataclasses.field", "attr.ib", "attr.field", "attrs.field" }.Select(n => LibraryRow.Of(n, Described)),
        LibraryRow.Of("dataclasses.replace", Changed),
        LibraryRow.Of("dataclasses.asdict", AsDictionary),
        LibraryRow.Of("dataclasses.fields", Fields),
        .. LibraryRow.For("dataclasses.astuple dataclasses.make_dataclass dataclasses.KW_ONLY", Returns.Unknown),
        .. LibraryRow.For("dataclasses.is_dataclass", Returns.Boolean),

        .. LibraryRow.For("enum.auto", Returns.Number),
        .. LibraryRow.Decorators("enum.unique abc.abstractmethod abc.abstractclassmethod abc.abstractstaticmethod contextlib.contextmanager contextlib.asynccontextmanager types.coroutine atexit.register"),
        .. LibraryRow.For("contextlib.nullcontext contextlib.suppress contextlib.ExitStack contextlib.redirect_stdout contextlib.redirect_stderr contextlib.closing contextlib.AsyncExitStack", Returns.Unknown),
        LibraryRow.Of("types.MethodType", (_, a) => a.Positional is [var function, var self, ..] ? new BoundValue(self, function) : null),
        LibraryRow.Of("types.MappingProxyType", (_, a) => a.Find(0, "mapping")),
        .. LibraryRow.For("types.ModuleType types.FunctionType types.new_class", Returns.Unknown),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("typing.NamedTuple", ClassKind.NamedTuple) { IsAbstract = true },
        .. LibraryClass.For("enum.Enum enum.IntEnum enum.StrEnum enum.Flag enum.IntFlag", ClassKind.Enum, Returns.Unknown),
        .. LibraryClass.For(
            "typing.Generic typing.Protocol abc.ABC contextlib.ContextDecorator contextlib.AbstractContextManager collections.abc.Mapping collections.abc.MutableMapping collections.abc.Sequence collections.abc.Iterable " +
            "collections.abc.Iterator collections.abc.Callable collections.abc.Hashable typing.Mapping typing.Sequence typing.MutableMapping typing.Iterable", ClassKind.Plain, Returns.Unknown),
        new("dataclasses.Field", ClassKind.Plain),
        new("types.SimpleNamespace", ClassKind.Plain)
        {
            Construct = (c, self, a) =>
            {
                foreach (var (name, value) in a.Named)
                {
                    c.SetAttribute(self, name, value);
                }

                return null;
            },
        },
    ];

    public override IReadOnlyDictionary<string, Value> Constants { get; } = new Dictionary<string, Value>(StringComparer.Ordinal) { ["typing.TYPE_CHECKING"] = ConstantValue.False };

    private static FieldValue Described(ILibraryContext context, CallArguments arguments)
    {
        bool? Is(string name) => arguments.Find(name) is { } value ? context.Truth(value) : null;
        return new() { Default = arguments.Find("default"), Factory = arguments.Find("default_factory") ?? arguments.Find("factory"), IsGiven = Is("init") is not false, IsNamed = Is("kw_only") };
    }

    private static Value? Changed(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional is not [ObjectValue original, ..])
        {
            return null;
        }

        var copy = new ObjectValue(original.Class, original.ExternalType, original.Kind) { Place = context.Place };
        foreach (var (name, value) in original.Attributes.All)
        {
            context.SetAttribute(copy, name, arguments.Find(name) ?? value);
        }

        return copy;
    }

    private static SequenceValue? Fields(ILibraryContext context, CallArguments arguments)
    {
        if ((arguments.Find(0, "class_or_instance") is ObjectValue o ? o.Class : arguments.Find(0, "class_or_instance") as ClassValue) is not { Fields.Count: > 0 } type)
        {
            return null;
        }

        return SequenceValue.Tuple([.. type.Fields.Select(name =>
        {
            var described = context.NewObject("dataclasses.Field", new());
            context.SetAttribute(described, "name", ConstantValue.Of(name));
            context.SetAttribute(described, "default", (type.Find(name)?.Value is var written && written is FieldValue field ? field.Default : written) ?? new ExternalValue("dataclasses.MISSING"));
            return (Value)described;
        })]);
    }

    private static DictValue? AsDictionary(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional is not [ObjectValue original, ..])
        {
            return null;
        }

        var result = new DictValue();
        foreach (var (name, value) in original.Attributes.All)
        {
            result.Set(name, value);
        }

        return result;
    }
}
