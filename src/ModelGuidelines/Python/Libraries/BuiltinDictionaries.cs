using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Methods of dictionaries.</summary>
internal sealed class BuiltinDictionaries : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["builtins.dict"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        Method("keys", (c, d, _) => Keys(c, d)),
        Method("values", (c, d, _) => View(c, d, (_, v) => v, d.Rest)),
        Method("items", (c, d, _) => View(c, d, (k, v) => SequenceValue.Tuple(k, v), d.Rest)),
        Method("get", (c, d, a) => a.Find(1, "key") is { } key ? Get(c, d, key, a.Find(2, "default") ?? ConstantValue.None) : null),
        Method("pop", Pop),
        Method("popitem", (c, d, _) => d.Rest is null && d.Entries.Count > 0 ? SequenceValue.Tuple(d.Entries[^1].Key, Removed(c, d, d.Entries[^1].Key)) : null),
        Method("setdefault", SetDefault),
        Method("update", Update),
        Method("copy", (_, d, _) => d.Copy()),
        Method("clear", Clear),
        Method("move_to_end", (_, _, _) => ConstantValue.None),
        LibraryRow.Of("fromkeys", FromKeys),
        .. LibraryRow.For("__len__", Returns.Number),
        .. LibraryRow.For("__contains__", Returns.Boolean),
    ];

    private static LibraryRow Method(string name, LibraryMethod<DictValue> code) => LibraryRow.Of(name, (c, a) => a.Positional is [DictValue d, ..] ? code(c, d, a) : null);

    /// <summary>Its keys, and what stands for those that are not known.</summary>
    public static SequenceValue Keys(ILibraryContext context, DictValue dict) => View(context, dict, (key, _) => key, null);

    private static SequenceValue View(ILibraryContext context, DictValue dict, Func<Value, Value, Value> part, Value? rest)
    {
        var result = new SequenceValue(SequenceKind.List, []) { Form = SequenceForm.View };
        foreach (var (key, value) in dict.Entries)
        {
            var (there, missing) = value.WhereThere();
            if (there is not null)
            {
                result.Items.Add(missing is null ? part(key, there) : Elements.Sometimes(context, part(key, there), missing));
            }
        }

        if (dict.Rest is not null)
        {
            result.Rest = part(context.Unknown("a key", "which keys there are is not known", UnknownKind.Text), rest ?? dict.Rest);
        }

        return result;
    }

    private static Value Get(ILibraryContext context, DictValue dict, Value key, Value otherwise) => context.ForEach(key, k =>
    {
        if (k is UnknownValue)
        {
            return dict.Entries.Count == 0 && dict.Rest is null ? otherwise : context.OneOf([context.Item(dict, k), otherwise], "an entry, or none");
        }

        context.Seek(dict, k);
        if (dict.Find(k) is { } found)
        {
            var (there, missing) = found.WhereThere();
            return there is null ? otherwise : missing is null ? there : context.Choose([(missing.Not(), there), (missing, otherwise)]);
        }

        return dict.Rest is null ? otherwise : context.OneOf([context.Item(dict, k), otherwise], "an entry, or none");
    });

    private static Value? Pop(ILibraryContext context, DictValue dict, CallArguments arguments)
    {
        if (arguments.Find(1, "key") is not { } key)
        {
            return null;
        }

        var value = Get(context, dict, key, arguments.Find(2, "default") ?? context.Unknown("an entry", "there is no such entry"));
        if (key is ConstantValue)
        {
            Removed(context, dict, key);
        }

        return value;
    }

    private static Value Removed(ILibraryContext context, DictValue dict, Value key)
    {
        context.Change(dict);
        return dict.Remove(key) ?? ConstantValue.None;
    }

    private static Value? SetDefault(ILibraryContext context, DictValue dict, CallArguments arguments)
    {
        if (arguments.Find(1, "key") is not { } key)
        {
            return null;
        }

        var value = Get(context, dict, key, arguments.Find(2, "default") ?? ConstantValue.None);
        if (key is ConstantValue)
        {
            context.Change(dict);
            dict.Set(key, value);
        }

        return value;
    }

    private static ConstantValue Update(ILibraryContext context, DictValue dict, CallArguments arguments)
    {
        context.Change(dict);
        foreach (var given in arguments.Positional.Skip(1))
        {
            if (given is DictValue other)
            {
                foreach (var (key, value) in other.Entries.ToList()) // it may be updated with itself
                {
                    var (there, missing) = value.WhereThere();
                    if (there is not null)
                    {
                        dict.Set(key, missing is null ? there : context.Choose([(missing.Not(), there), (missing, dict.Find(key) ?? MissingValue.Instance)]));
                    }
                }

                dict.Rest ??= other.Rest;
            }
            else if (given is SequenceValue pairs)
            {
                foreach (var pair in context.Iterate(pairs))
                {
                    if (context.Iterate(pair) is [var key, var value, ..])
                    {
                        dict.Set(key, value);
                    }
                }
            }
            else if (given is not ConstantValue)
            {
                dict.Rest ??= given is UnknownValue u ? u.Derive("[]", u.Text + "[...]") : context.Unknown("an entry", "the entries are not known");
            }
        }

        foreach (var (name, value) in arguments.Named)
        {
            dict.Set(name, value);
        }

        dict.Rest ??= arguments.NamedRest;
        return ConstantValue.None;
    }

    private static ConstantValue Clear(ILibraryContext context, DictValue dict, CallArguments arguments)
    {
        context.Change(dict);
        dict.Clear();
        return ConstantValue.None;
    }

    private static DictValue FromKeys(ILibraryContext context, CallArguments arguments)
    {
        var result = new DictValue();
        var values = arguments.Positional.SkipWhile(p => p is ExternalValue or DictValue).ToList();
        foreach (var key in values.Count == 0 ? [] : context.Iterate(values[0]))
        {
            result.Set(key, values.Count > 1 ? values[1] : ConstantValue.None);
        }

        return result;
    }
}
