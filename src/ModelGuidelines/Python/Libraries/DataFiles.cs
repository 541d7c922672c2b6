using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Files of data that models are built from: YAML and JSON beside the code. What lies elsewhere is not read.</summary>
internal sealed class DataFiles : PythonLibrary
{
    private const string File = "io.TextIOWrapper";
    private const string PathType = "pathlib.Path";

    /// <summary>Under which attribute a file keeps its text, a path its own.</summary>
    private const string Text = "*text";

    public override IReadOnlyList<string> Prefixes => [""];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["io.open"] = "builtins.open",
        ["pathlib.PurePath"] = PathType,
        ["pathlib.PosixPath"] = PathType,
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("builtins.open", (c, a) => a.Find(0, "file") is { } path ? c.ForEach(path, p => Open(c, p) ?? c.Unknown("open(...)", "the file is not beside the code")) : null),
        .. new[] { "yaml.safe_load", "yaml.load", "yaml.full_load", "yaml.unsafe_load" }.Select(n => LibraryRow.Of(n, (_, a) => a.Find(0, "stream") is { } given && TextOf(given) is { } text ? DataValues.FromYaml(text) : null)),
        LibraryRow.Of("json.load", (_, a) => a.Find(0, "fp") is { } given && TextOf(given) is { } text ? DataValues.FromJson(text) : null),
        LibraryRow.Of("json.loads", (_, a) => a.Find(0, "s") is { } given && TextOf(given) is { } text ? DataValues.FromJson(text) : null),
        LibraryRow.Of("os.path.join", (_, a) => a.Positional.Count > 0 && a.Positional.TrueForAll(p => PathOf(p) is not null) ? ConstantValue.Of(Joined(a.Positional.Select(p => PathOf(p)!))) : null, Returns.Text),
        .. new[] { "abspath", "realpath", "expanduser", "normpath" }.Select(n => LibraryRow.Of("os.path." + n, (_, a) => Of(a, p => p), Returns.Text)),
        LibraryRow.Of("os.path.dirname", (_, a) => Of(a, Parent), Returns.Text),
        LibraryRow.Of("os.path.basename", (_, a) => Of(a, p => p[(p.LastIndexOf('/') + 1)..]), Returns.Text),
        LibraryRow.Of("os.fspath", (_, a) => Of(a, p => p), Returns.Text),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        new(File, ClassKind.Plain)
        {
            Functions = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal) { ["read"] = (_, self, _) => self.Attributes.Find(Text) },
            Methods = [.. LibraryRow.For("close", Returns.None)],
        },
        new(PathType, ClassKind.Plain)
        {
            Construct = (c, self, a) => a.Positional.Count > 0 && a.Positional.TrueForAll(p => PathOf(p) is not null) ? Describe(c, self, Joined(a.Positional.Select(p => PathOf(p)!))) : null,
            Functions = new Dictionary<string, LibraryMethod<ObjectValue>>(StringComparer.Ordinal)
            {
                ["__truediv__"] = (c, self, a) => a.Positional is [var part] && PathOf(self) is { } path && PathOf(part) is { } more ? Path(c, Joined([path, more])) : null,
                ["joinpath"] = (c, self, a) => PathOf(self) is { } path && a.Positional.TrueForAll(p => PathOf(p) is not null) ? Path(c, Joined(a.Positional.Select(p => PathOf(p)!).Prepend(path))) : null,
                ["open"] = (c, self, _) => Open(c, self),
                ["read_text"] = (c, self, _) => PathOf(self) is { } path && c.ReadData(path) is { } text ? ConstantValue.Of(text) : null,
                ["with_suffix"] = (c, self, a) => PathOf(self) is { } path && a.Positional is [ConstantValue { Peek: string suffix }] ? Path(c, System.IO.Path.ChangeExtension(path, suffix)) : null,
                ["with_name"] = (c, self, a) => PathOf(self) is { } path && a.Positional is [ConstantValue { Peek: string name }] ? Path(c, Joined([Parent(path), name])) : null,
                ["as_posix"] = (_, self, _) => self.Attributes.Find(Text),
                ["__str__"] = (_, self, _) => self.Attributes.Find(Text),
                ["__fspath__"] = (_, self, _) => self.Attributes.Find(Text),
            },
            Methods = [.. LibraryRow.For("resolve absolute expanduser", Returns.Receiver), .. LibraryRow.For("exists is_file is_dir is_absolute", Returns.Boolean)],
        },
    ];

    private static Value? Open(ILibraryContext context, Value path)
    {
        if (PathOf(path) is not { } name || context.ReadData(name) is not { } text)
        {
            return null;
        }

        var file = context.NewObject(File, new());
        context.SetAttribute(file, Text, ConstantValue.Of(text));
        return file;
    }

    private static ObjectValue Path(ILibraryContext context, string path)
    {
        var made = context.NewObject(PathType, new());
        Describe(context, made, path);
        return made;
    }

    private static Value? Describe(ILibraryContext context, ObjectValue self, string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        foreach (var (attribute, text) in new[] { (Text, path), ("name", name), ("stem", System.IO.Path.GetFileNameWithoutExtension(name)), ("suffix", System.IO.Path.GetExtension(name)) })
        {
            context.SetAttribute(self, attribute, ConstantValue.Of(text));
        }

        if (path.Length > 0 && path != "/" && path.Length < 1_000)
        {
            context.SetAttribute(self, "parent", Path(context, Parent(path)));
        }

        return null;
    }

    private static string? TextOf(Value value) => value switch
    {
        ObjectValue o when o.Is("TextIOWrapper") => (o.Attributes.Find(Text) as ConstantValue)?.Raw as string,
        ConstantValue { Peek: string text } => text,
        _ => null,
    };

    private static string? PathOf(Value value) => value switch
    {
        ConstantValue { Peek: string text } => text.Replace('\\', '/'),
        ObjectValue o when o.Is("Path") => (o.Attributes.Find(Text) as ConstantValue)?.Raw as string,
        _ => null,
    };

    private static ConstantValue? Of(CallArguments arguments, Func<string, string> compute) => arguments.Positional is [var given, ..] && PathOf(given) is { } path ? ConstantValue.Of(compute(path)) : null;

    private static string Parent(string path) => path.LastIndexOf('/') is >= 0 and var slash ? path[..Math.Max(slash, path[0] == '/' && slash == 0 ? 1 : slash)] : "";

    private static string Joined(IEnumerable<string> parts) => parts.Aggregate("", (whole, part) => part.StartsWith('/') || whole.Length == 0 ? part : part.Length == 0 ? whole : whole.EndsWith('/') ? whole + part : $"{whole}/{part}");
}
