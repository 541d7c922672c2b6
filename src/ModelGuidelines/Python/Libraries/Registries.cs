using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Registries of mmengine, mmcv and fvcore: dictionaries of classes by name, from which settings (<c>dict(type='Net', depth=18)</c>) build modules.</summary>
internal sealed class Registries : PythonLibrary
{
    private const string Registry = "mmengine.registry.Registry";

    /// <summary>mmengine's own registry of models, of which those of other packages are children; what one does not know its parent does.</summary>
    private const string Models = "mmengine.registry.MODELS";
    private const string Entries = "*entries";

    public override IReadOnlyList<string> Prefixes => [""];

    public override bool IsReadFirst => true;

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(
        "CONV_LAYERS NORM_LAYERS ACTIVATION_LAYERS PADDING_LAYERS UPSAMPLE_LAYERS PLUGIN_LAYERS DROPOUT_LAYERS POSITIONAL_ENCODING ATTENTION FEEDFORWARD_NETWORK TRANSFORMER_LAYER TRANSFORMER_LAYER_SEQUENCE MODELS"
            .Split(' ').SelectMany(n => new[] { "mmcv.cnn.", "mmcv.cnn.bricks.registry." }.SelectMany(p => new[] { KeyValuePair.Create($"{p}{n}", Models), KeyValuePair.Create($"{p}{n}.", Models + ".") })), StringComparer.Ordinal)
    {
        ["mmengine.Registry"] = Registry,
        ["mmengine.build_from_cfg"] = "mmengine.registry.build_from_cfg",
        ["mmcv.Registry"] = Registry,
        ["mmcv.utils.Registry"] = Registry,
        ["mmcv.build_from_cfg"] = "mmengine.registry.build_from_cfg",
        ["mmcv.utils.build_from_cfg"] = "mmengine.registry.build_from_cfg",
        ["mmcv.utils.registry."] = "mmengine.registry.",
        ["mmengine.registry.registry."] = "mmengine.registry.",
        ["mmengine.registry.root."] = "mmengine.registry.",
        ["mmengine.registry.build_functions."] = "mmengine.registry.",
        ["detectron2.utils.registry.Registry"] = "fvcore.common.registry.Registry",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("mmengine.registry.entry", Enter),
        LibraryRow.Of(Models + ".register_module", (c, a) => Register(c, c.Kept(Models), a)),
        LibraryRow.Of(Models + ".build", (c, a) => Build(c, c.Kept(Models), a, 1)),
        LibraryRow.Of(Models + ".get", (c, a) => Get(c, c.Kept(Models), a)),
        .. new[] { "build_from_cfg", "build_model_from_cfg" }.Select(n => LibraryRow.Of("mmengine.registry." + n, (c, a) =>
            a.Find(1, "registry") is ObjectValue registry && EntriesOf(registry) is { } entries ? Build(c, entries, a, 3)
            : a.Find(1, "registry") is ExternalValue { Name: var name } && c.Libraries.Canonical(name) == Models ? Build(c, c.Kept(Models), a, 3) : null)),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For(Registry + " fvcore.common.registry.Registry", ClassKind.Plain, Returns.Unknown).Select(t => t with
        {
            Construct = (c, self, a) =>
            {
                // Children look up their parent: a package's own registry of models finds what mmcv has in its.
                var entries = a.Find("parent") is not null and not ConstantValue && a.Find(0, "name") is ConstantValue { Peek: "model" or "models" } ? c.Kept(Models) : new DictValue { Home = c.Place.Module };
                c.SetAttribute(self, Entries, entries);
                if (a.Find("build_func") is { } code and not ConstantValue)
                {
                    c.SetAttribute(self, "build_func", code);
                }

                return null;
            },
            Functions = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
            {
                ["register_module"] = (c, self, a) => EntriesOf(self) is { } entries ? Register(c, entries, a) : null,
                ["register"] = (c, self, a) => EntriesOf(self) is { } entries ? Register(c, entries, a) : null,
                ["get"] = (c, self, a) => EntriesOf(self) is { } entries ? Get(c, entries, a) : null,
                ["build"] = (c, self, a) => self.Attributes.Find("build_func") is { } code ? c.Call(code, With(a, "registry", self)) : EntriesOf(self) is { } entries ? Build(c, entries, a, 1) : null,
            },
        }),
    ];

    private static CallArguments With(CallArguments arguments, string name, Value value)
    {
        var all = new CallArguments().Before(arguments);
        all.Named.Add((name, value));
        return all;
    }

    private static DictValue? EntriesOf(ObjectValue registry) => registry.Attributes.Find(Entries) as DictValue;

    /// <summary>A decorator, with a name or not, and a call with the module itself.</summary>
    private static Value Register(ILibraryContext context, DictValue entries, CallArguments arguments)
    {
        var name = arguments.Find(0, "name") ?? ConstantValue.None;
        return (arguments.Find(2, "module") ?? arguments.Find("obj")) is { } given and not ConstantValue ? Enter(context, CallArguments.Of(entries, name, given))!
            : name is ClassValue or FunctionValue or ExternalValue ? Enter(context, CallArguments.Of(entries, ConstantValue.None, name))!
            : new PartialValue(new ExternalValue("mmengine.registry.entry"), CallArguments.Of(entries, name));
    }

    private static Value? Enter(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional is not [DictValue entries, var name, var made])
        {
            return null;
        }

        context.Change(entries);
        foreach (var key in name is SequenceValue several ? several.Items : [name])
        {
            if ((key is ConstantValue { Peek: string } ? key : made switch { ClassValue c => ConstantValue.Of(c.Name), FunctionValue f => ConstantValue.Of(f.Name), ExternalValue e => ConstantValue.Of(e.LastPart), _ => null }) is { } known)
            {
                entries.Set(known, made);
            }
        }

        return made;
    }

    private static Value? Get(ILibraryContext context, DictValue entries, CallArguments arguments) => arguments.Find(0, "key") is { } key ? context.ForEach(key, k => Find(context, entries, k)) : null;

    /// <summary>What a name stands for: what the files register, those too that have not run yet, else what mmcv does.</summary>
    internal static Value Find(ILibraryContext context, DictValue entries, Value key)
    {
        if (key is ClassValue or FunctionValue or ExternalValue or PartialValue)
        {
            return key;
        }

        if (key is not ConstantValue { Raw: string written })
        {
            return key as UnknownValue ?? context.Unknown("type", "which class the settings name cannot be told");
        }

        var name = ConstantValue.Of(written[(written.LastIndexOf('.') + 1)..]); // 'mmpretrain.ResNet' names whose it is
        if (entries.Find(name) is { } known)
        {
            return known;
        }

        // A package's own layer of a name that mmcv has, too, is meant in that package.
        var layer = OpenMmlab.Layer((string)name.Raw!);
        context.Seek(entries, name, isDefined: layer is not null);
        return entries.Find(name) ?? (layer is not null ? (Value)new ExternalValue(layer) : null) ?? context.Unknown($"'{written}'", $"'{written}' is registered nowhere in what is read");
    }

    internal static DictValue ModelsOf(ILibraryContext context) => context.Kept(Models);

    /// <summary>What settings build.</summary>
    /// <param name="context">The call.</param>
    /// <param name="entries">Of the registry.</param>
    /// <param name="arguments">The settings, and behind them what they lack.</param>
    /// <param name="own">Positional arguments that are the building function's own.</param>
    internal static Value? Build(ILibraryContext context, DictValue entries, CallArguments arguments, int own)
    {
        var defaults = own > 1 || arguments.Find("default_args") is not null ? arguments.Find(2, "default_args") : null;
        return arguments.Find(0, "cfg") is { } settings ? context.ForEach(settings, s => Build(context, entries, s, arguments, own, defaults)) : null;
    }

    private static Value Build(ILibraryContext context, DictValue entries, Value settings, CallArguments arguments, int own, Value? defaults)
    {
        if (settings is SequenceValue { Kind: SequenceKind.List, Rest: null } several)
        {
            return context.Call(new ExternalValue("torch.nn.Sequential"), CallArguments.Of([.. several.Items.Select(s => context.ForEach(s, i => Build(context, entries, i, arguments, own, defaults)))]));
        }

        if (settings is not DictValue written || (written.Find("type") ?? arguments.Find("type") ?? (defaults as DictValue)?.Find("type")) is not { } type)
        {
            return settings as UnknownValue ?? context.Unknown("settings", "what the settings of a module are cannot be told");
        }

        var given = new CallArguments { Rest = arguments.Rest, NamedRest = arguments.NamedRest };
        given.Positional.AddRange(arguments.Positional.Skip(own));
        given.Named.AddRange(arguments.Named.Where(n => n.Name is not ("cfg" or "registry" or "default_args")));
        if (defaults is DictValue)
        {
            context.Spread(given, defaults);
        }

        context.Spread(given, written);
        given.Named.RemoveAll(n => n.Name == "type");
        return context.ForEach(type, t => context.Call(Find(context, entries, t), given));
    }
}
