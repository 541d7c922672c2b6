using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>functools: functions made of functions.</summary>
internal sealed class StandardFunctools : PythonLibrary
{
    private const string UpdateWrapper = "functools.update_wrapper";

    /// <summary>What a wrapper says of itself as the function that it wraps does: functools.WRAPPER_ASSIGNMENTS.</summary>
    private static readonly Value Assigned = SequenceValue.Tuple([.. new[] { "__module__", "__name__", "__qualname__", "__doc__" }.Select(ConstantValue.Of)]);

    public override IReadOnlyList<string> Prefixes => ["functools"];

    public override IReadOnlyDictionary<string, Value> Constants { get; } = new Dictionary<string, Value>(StringComparer.Ordinal) { ["WRAPPER_ASSIGNMENTS"] = Assigned };

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("partial", Partial),
        LibraryRow.Of("partialmethod", (c, a) => Partial(c, a) is { } partial ? new WrappedMethod("partialmethod", partial) : null),
        LibraryRow.Of("reduce", Reduce),
        LibraryRow.Of("wraps", (_, a) => Wraps(a)),
        LibraryRow.Of("update_wrapper", (c, a) => a.Find(0, "wrapper") is { } wrapper && a.Find(1, "wrapped") is { } wrapped ? c.ForEach(wrapper, w => Wrapping(c, w, wrapped, a.Find(2, "assigned") ?? Assigned)) : null),
        LibraryRow.Of("cached_property", (_, a) => a.Positional is [var f] ? new WrappedMethod("property", f is FunctionValue own ? own.Remembering() : f) : null) with { Wraps = true },
        .. LibraryRow.Caches("lru_cache cache"),
        LibraryRow.Of("singledispatch", (_, a) => a.Positional is [FunctionValue f] ? f.Dispatching(0) : a.Positional.FirstOrDefault()) with { Wraps = true },
        LibraryRow.Of("singledispatchmethod", (_, a) => a.Positional is [FunctionValue f] ? f.Dispatching(1) : a.Positional.FirstOrDefault()) with { Wraps = true },
        .. LibraryRow.Decorators("total_ordering"),
        .. LibraryRow.For("cmp_to_key", Returns.Unknown),
    ];

    private static PartialValue? Partial(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "func") is not { } function)
        {
            return null;
        }

        // As functools does it: what a partial of a partial calls is the innermost function.
        var inner = function as PartialValue;
        var bound = new CallArguments { Rest = arguments.Rest ?? inner?.Arguments.Rest, NamedRest = arguments.NamedRest ?? inner?.Arguments.NamedRest };
        bound.Positional.AddRange((inner?.Arguments.Positional ?? []).Concat(arguments.Positional.Skip(1)));
        bound.Named.AddRange(arguments.Named.Where(n => n.Name is not "func"));
        bound.Named.AddRange((inner?.Arguments.Named ?? []).Where(n => n.Name is "func" || arguments.Find(n.Name) is null));
        return new(inner?.Function ?? function, bound);
    }

    private static Value? Reduce(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional.Count < 2)
        {
            return null;
        }

        var total = arguments.Find(2, "initial");
        foreach (var item in context.Iterate(arguments.Positional[1]))
        {
            if (item.WhereThere().Value is not { } there)
            {
                continue;
            }

            if (total is null)
            {
                total = there;
                continue;
            }

            var before = total;
            total = Elements.WhereThere(context, item, v => context.Call(arguments.Positional[0], CallArguments.Of(before, v)), before);
        }

        return total;
    }

    /// <summary><c>wraps(f)</c> waits for the wrapper.</summary>
    private static PartialValue? Wraps(CallArguments arguments)
    {
        if (arguments.Find(0, "wrapped") is not { } wrapped)
        {
            return null;
        }

        var given = new CallArguments();
        given.Named.Add(("wrapped", wrapped));
        if (arguments.Find(1, "assigned") is { } assigned)
        {
            given.Named.Add(("assigned", assigned));
        }

        return new(new ExternalValue(UpdateWrapper), given);
    }

    /// <summary>The wrapper, which from then on has the name of what it wraps (by which registries know it) and tells what that is (of which <c>inspect.signature</c> gives the parameters).</summary>
    private static Value Wrapping(ILibraryContext context, Value wrapper, Value wrapped, Value assigned)
    {
        if (wrapper is not (FunctionValue or ObjectValue))
        {
            return wrapper;
        }

        if (wrapped is FunctionValue or ClassValue or BoundValue or MethodValue or ExternalValue or UnknownValue)
        {
            foreach (var name in context.Iterate(assigned).OfType<ConstantValue>().Select(n => n.Peek).OfType<string>())
            {
                context.SetAttribute(wrapper, name, context.Attribute(wrapped, name));
            }
        }

        foreach (var (name, value) in (wrapped as FunctionValue)?.Attributes?.All.ToList() ?? [])
        {
            context.SetAttribute(wrapper, name, value);
        }

        context.SetAttribute(wrapper, "__wrapped__", wrapped);
        return wrapper;
    }
}
