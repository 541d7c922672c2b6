using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Functions that PyTorch calls before and behind a module's forward.</summary>
internal static class ModuleHooks
{
    /// <summary>Under which attributes a module keeps them.</summary>
    public const string Before = "*hooks before", Behind = "*hooks behind";

    private const string List = "*list", Hook = "*hook";

    public const string Handle = "torch.utils.hooks.RemovableHandle";

    public static FrozenDictionary<string, LibraryMethod<ObjectValue>> HandleMethods { get; } = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal) { ["remove"] = (c, self, _) => Remove(c, self) }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Adds one, and gives what takes it away; null where what it is, or how it is called, cannot be told.</summary>
    public static Value? Add(ILibraryContext context, ObjectValue module, CallArguments arguments, string where)
    {
        if (arguments.Find(0, "hook") is not (FunctionValue or BoundValue or PartialValue or ObjectValue { Doubt: null, Class: not null } or ExternalValue) || arguments.HasUnknown || arguments.Positional.Count > 1 || arguments.Named.Exists(n => n.Name is not "hook"))
        {
            return null;
        }

        if (module.Attributes.Find(where) is not SequenceValue list)
        {
            context.SetUnregistered(module, where, list = new(SequenceKind.List, []));
        }

        var entry = SequenceValue.Tuple(arguments.Find(0, "hook")!);
        context.Change(list);
        list.Items.Add(entry);
        var handle = context.NewObject(Handle, new());
        handle.Attributes.Set(List, list);
        handle.Attributes.Set(Hook, entry);
        return handle;
    }

    private static ConstantValue Remove(ILibraryContext context, ObjectValue handle)
    {
        if (handle.Attributes.Find(List) is SequenceValue list && list.Items.FindIndex(i => i.WhereThere().Value == handle.Attributes.Find(Hook)) is >= 0 and var at)
        {
            context.Change(list);
            list.Items.RemoveAt(at);
        }

        return ConstantValue.None;
    }

    /// <summary>What a module is called with behind those that stand before it.</summary>
    public static CallArguments Given(ILibraryContext context, ObjectValue module, CallArguments arguments)
    {
        var given = (Value)new SequenceValue(SequenceKind.Tuple, [.. arguments.Positional], arguments.Rest);
        Each(context, module, Before, hook => given = context.ForEach(context.Call(hook, CallArguments.Of(module, given)), r => r is ConstantValue { IsNone: true } ? given : r is SequenceValue { Kind: SequenceKind.Tuple } ? r : SequenceValue.Tuple(r)));
        if (given is not SequenceValue tuple)
        {
            return CallArguments.Of(context.Unknown("an argument", "which of several values a hook gives is not followed"));
        }

        var result = new CallArguments(tuple.Items.Count) { Rest = tuple.Rest, NamedRest = arguments.NamedRest, Traced = arguments.Traced };
        result.Positional.AddRange(tuple.Items);
        result.Named.AddRange(arguments.Named);
        return result;
    }

    /// <summary>What a module gives behind those that stand behind it.</summary>
    public static Value Result(ILibraryContext context, ObjectValue module, CallArguments arguments, Value result)
    {
        Each(context, module, Behind, hook => result = context.ForEach(context.Call(hook, CallArguments.Of(module, new SequenceValue(SequenceKind.Tuple, [.. arguments.Positional], arguments.Rest), result)), r => r is ConstantValue { IsNone: true } ? result : r));
        return result;
    }

    public static bool Has(ObjectValue module) => module.Attributes.Find(Before) is SequenceValue || module.Attributes.Find(Behind) is SequenceValue;

    private static void Each(ILibraryContext context, ObjectValue module, string where, Action<Value> call)
    {
        foreach (var item in module.Attributes.Find(where) is SequenceValue list ? list.Items.ToList() : [])
        {
            // One that is there at times is called then.
            var (entry, missing) = item.WhereThere();
            if (entry is not null && missing is not null)
            {
                context.ForEach(context.Choose([(missing.Not(), ConstantValue.True), (missing, ConstantValue.False)]), isThere => isThere == ConstantValue.True ? Called(entry) : isThere);
            }
            else if (entry is not null)
            {
                Called(entry);
            }
        }

        Value Called(Value entry)
        {
            if (entry is SequenceValue { Items: [var hook] })
            {
                call(hook);
            }

            return ConstantValue.None;
        }
    }
}
