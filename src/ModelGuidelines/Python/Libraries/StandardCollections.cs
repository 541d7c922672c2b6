using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>collections and copy: what they build of what they are given.</summary>
internal sealed class StandardCollections : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => [""];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["typing.OrderedDict"] = "collections.OrderedDict",
        ["typing.DefaultDict"] = "collections.defaultdict",
        ["typing.Deque"] = "collections.deque",
    };

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("collections.OrderedDict", (c, a) => c.Call(new ExternalValue("builtins.dict"), a)),
        LibraryRow.Of("collections.defaultdict", (c, a) => new DictValue { Factory = a.Find(0, "default_factory") }),
        LibraryRow.Of("collections.Counter", (c, _) => new DictValue { Rest = c.Unknown("a count", "counts are not followed", UnknownKind.Number) }),
        LibraryRow.Of("collections.deque", (c, a) => Deque(a.Find(0, "iterable") is { } given ? Elements.Taken(c, given) : [], a.Find(1, "maxlen"))),
        LibraryRow.Of("collections.ChainMap", (c, a) => Chained(a.Positional)),
        LibraryRow.Of("collections.namedtuple", NamedTuple),
        .. LibraryRow.For("collections.UserDict collections.UserList", Returns.Unknown),

        LibraryRow.Of("copy.deepcopy", (c, a) => a.Positional is [var value, ..] ? c.Copy(value) : null),
        LibraryRow.Of("copy.copy", (c, a) => a.Positional is [var value] ? value switch { SequenceValue s => new SequenceValue(s.Kind, [.. s.Items], s.Rest) { Length = s.Length }, DictValue d => d.Copy(), _ => c.ShallowCopy(value) } : null),
        LibraryRow.Of("copy.replace", (c, a) => a.Positional is [var value] ? c.Copy(value) : null),
    ];

    private static SequenceValue Deque(IReadOnlyList<Value> items, Value? most) =>
        most is ConstantValue { Raw: long and >= 0 and < int.MaxValue and var n } ? new(SequenceKind.List, [.. items.TakeLast((int)n)]) { Most = n } : SequenceValue.List(items);

    /// <summary>What is looked up in the first dictionary that has it, as it is now.</summary>
    private static DictValue? Chained(List<Value> maps)
    {
        var result = new DictValue();
        foreach (var map in maps.AsEnumerable().Reverse())
        {
            if (map is not DictValue { Rest: null } dict || dict.Entries.Exists(e => e.Value.WhereThere().Missing is not null))
            {
                return null;
            }

            dict.Entries.ForEach(e => result.Set(e.Key, e.Value));
        }

        return result;
    }

    /// <summary>A class with such fields, as <c>namedtuple</c> makes it.</summary>
    public static Value? NamedTuple(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "typename") is not ConstantValue { Peek: string name } || (arguments.Find(1, "field_names") ?? arguments.Find("fields")) is not { } given || context.Place.Module is not { } module)
        {
            return null;
        }

        var definition = new ClassDefinition(context.Place.Offset, context.Place.Offset, name, [], [], [], []);
        var type = new ClassValue(name, [new ExternalValue("typing.NamedTuple")], definition, module) { Kind = ClassKind.NamedTuple, ExternalBase = "typing.NamedTuple" };
        IEnumerable<Value> fields = given is ConstantValue { Peek: string text } ? text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(ConstantValue.Of) : context.Iterate(given);
        foreach (var field in fields)
        {
            // typing.NamedTuple's fields are pairs of name and type.
            if ((field is SequenceValue { Items: [var first, ..] } ? first : field) is ConstantValue { Peek: string fieldName })
            {
                type.Fields.Add(fieldName);
            }
        }

        return type;
    }
}
