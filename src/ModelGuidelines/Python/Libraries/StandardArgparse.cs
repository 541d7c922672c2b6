using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>argparse: settings that are read from no command line have their defaults.</summary>
internal sealed class StandardArgparse : PythonLibrary
{
    private const string Parser = "argparse.ArgumentParser";

    /// <summary>Under which attribute a parser keeps the defaults of its options.</summary>
    private const string Defaults = "*defaults";

    public override IReadOnlyList<string> Prefixes => [""];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("argparse.Namespace", ClassKind.Plain)
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
        new(Parser, ClassKind.Plain)
        {
            Construct = (c, self, _) =>
            {
                c.SetAttribute(self, Defaults, new DictValue());
                return null;
            },
            Functions = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
            {
                ["add_argument"] = Add,
                ["set_defaults"] = SetDefaults,
                ["get_default"] = (_, self, a) => DefaultsOf(self) is { } defaults && a.Find(0, "dest") is { } name ? defaults.Find(name) : null,
                ["add_argument_group"] = (_, self, _) => self,
                ["add_mutually_exclusive_group"] = (_, self, _) => self,
                ["parse_args"] = Parse,
                ["parse_known_args"] = (c, self, a) => Parse(c, self, a) is { } parsed ? SequenceValue.Tuple(parsed, SequenceValue.List([])) : null,
            },
        },
    ];

    private static DictValue? DefaultsOf(ObjectValue parser) => parser.Attributes.Find(Defaults) as DictValue;

    private static ConstantValue? Add(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        var flags = arguments.Positional.OfType<ConstantValue>().Select(f => f.Peek as string).OfType<string>().ToList();
        var name = (arguments.Find("dest") as ConstantValue)?.Peek as string ?? (flags.Find(f => f.StartsWith("--", StringComparison.Ordinal)) ?? flags.FirstOrDefault())?.TrimStart('-').Replace('-', '_');
        if (name is null || arguments.HasUnknown || DefaultsOf(self) is not { } defaults)
        {
            return Forget(context, self);
        }

        // One that must be given is there with what is given only.
        var isNeeded = arguments.Find("required") is not null and not ConstantValue { Peek: false } || (flags.Count > 0 && !flags[0].StartsWith('-') && arguments.Find("nargs") is not ConstantValue { Peek: "?" or "*" });
        context.Change(defaults);
        defaults.Set(ConstantValue.Of(name), isNeeded ? context.Unknown(name, "it is given by the command line") : arguments.Find("default") ?? (arguments.Find("action") switch
        {
            ConstantValue { Peek: "store_true" } => ConstantValue.False,
            ConstantValue { Peek: "store_false" } => ConstantValue.True,
            _ => ConstantValue.None,
        }));
        return ConstantValue.None;
    }

    private static ConstantValue? SetDefaults(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.HasUnknown || DefaultsOf(self) is not { } defaults)
        {
            return Forget(context, self);
        }

        context.Change(defaults);
        arguments.Named.ForEach(a => defaults.Set(ConstantValue.Of(a.Name), a.Value));
        return ConstantValue.None;
    }

    private static ConstantValue? Forget(ILibraryContext context, ObjectValue parser)
    {
        context.SetAttribute(parser, Defaults, ConstantValue.None);
        return null;
    }

    /// <summary>What it gives for no arguments at all; what stands on the command line is known when the program runs.</summary>
    private static ObjectValue? Parse(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.Find(0, "args") is not SequenceValue { Rest: null, Items.Count: 0 } || arguments.Find(1, "namespace") is not null || DefaultsOf(self) is not { } defaults)
        {
            return null;
        }

        var result = context.NewObject("argparse.Namespace", new());
        foreach (var (key, value) in defaults.Entries)
        {
            context.SetAttribute(result, (string)((ConstantValue)key).Peek!, value);
        }

        return result;
    }
}
