using System.Globalization;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Python's own functions that count, list, pair and convert.</summary>
internal sealed class BuiltinFunctions : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["builtins"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        LibraryRow.Of("range", (c, a) => c.ForEach(a.Positional.ElementAtOrDefault(a.Positional.Count > 1 ? 1 : 0) ?? ConstantValue.Of(0), stop => Ranges.Of(c, a, stop)), Returns.Numbers),
        LibraryRow.Of("len", (c, a) => a.Find(0, "obj") is { } value ? c.ForEach(value, v => Length(c, v) ?? c.Result(Returns.Number, a)) : null, Returns.Number),
        LibraryRow.Of("list", (c, a) => Listed(c, a, SequenceKind.List)),
        LibraryRow.Of("tuple", (c, a) => Listed(c, a, SequenceKind.Tuple)),
        LibraryRow.Of("set", (c, a) => Distinct(c, Listed(c, a, SequenceKind.Set))),
        LibraryRow.Of("frozenset", (c, a) => Distinct(c, Listed(c, a, SequenceKind.Set))),
        LibraryRow.Of("reversed", (c, a) => Listed(c, a, SequenceKind.List) is { } s ? new SequenceValue(s.Kind, [.. s.Items.AsEnumerable().Reverse()], s.Rest) { Length = s.Length, Order = s.Order, Form = SequenceForm.Iterator } : null),
        LibraryRow.Of("sorted", (c, a) => Listed(c, a, SequenceKind.List) is { } s ? Order.Sorted(c, s, a) : null),
        LibraryRow.Of("dict", Dictionary),
        LibraryRow.Of("id", (c, a) => a.Positional is [ObjectValue { Doubt: null, StandsFor: null, IsAnyElement: false } o] && c.Identity(o) is { } id ? ConstantValue.Of(id) : null, Returns.Number),
        LibraryRow.Of("sum", Sum, Returns.TensorOrNumber),
        .. new[] { "min", "max" }.Select(n => LibraryRow.Of(n, Order.Extreme, Returns.TensorOrNumber)),
        LibraryRow.Of("bool", (c, a) => a.Positional is [var v] ? c.Truth(v) is { } known ? ConstantValue.Of(known) : v is UnknownValue or ChoiceValue ? v : null : ConstantValue.False, Returns.Boolean),
        .. new[] { "int", "float", "round", "abs" }.Select(n => LibraryRow.Of(n, (c, a) => a.Positional.Count == 0 ? ConstantValue.Of(0) : c.ForEach(a.Positional[0], v => Number(c, n, v is NumberTensorValue one ? one.Number : v, a) ?? c.Result(Returns.Number, a)), Returns.Number)),
        .. LibraryRow.For("pow", Returns.TensorOrNumber),
        .. LibraryRow.For("divmod", Returns.Numbers),
        LibraryRow.Of("str", (c, a) => a.Positional is [var v] ? c.ForEach(v, o => BuiltinText.Written(o) is { } written ? ConstantValue.Of(written) : o is UnknownValue u ? u.Kind is UnknownKind.Text ? u : Text(u) : BuiltinText.OfMethod(c, o) ?? c.Result(Returns.Text, a)) : null, Returns.Text),
        LibraryRow.Of("slice", (_, a) => new SliceValue(a.Positional.Count > 1 ? a.Positional[0] : null, a.Positional.Count > 1 ? a.Positional[1] : a.Positional.FirstOrDefault(), a.Positional.ElementAtOrDefault(2))),
        LibraryRow.Of("type", (c, a) => a.Positional is [ChoiceValue several] ? c.ForEach(several, v => TypeOf(v) ?? c.Result(Returns.Unknown, a)) : a.Positional is [var one] ? TypeOf(one) : null),
        .. LibraryRow.Descriptors("staticmethod classmethod property"),
    ];

    public override IEnumerable<LibraryClass> Classes =>
    [
        .. LibraryClass.For(
            """
            object type BaseException Exception ArithmeticError AssertionError AttributeError EOFError FileExistsError FileNotFoundError FloatingPointError ImportError IndexError KeyError KeyboardInterrupt LookupError
            MemoryError ModuleNotFoundError NameError NotImplementedError OSError IOError OverflowError PermissionError RecursionError ReferenceError RuntimeError StopIteration StopAsyncIteration SyntaxError SystemExit
            TimeoutError TypeError UnicodeError UnicodeDecodeError ValueError ZeroDivisionError Warning UserWarning DeprecationWarning FutureWarning PendingDeprecationWarning RuntimeWarning ImportWarning
            """, ClassKind.Plain, Returns.Unknown),
    ];

    /// <summary><c>str(n)</c>: of a number something always stands there.</summary>
    private static UnknownValue Text(UnknownValue value)
    {
        var text = value.Derive("str", $"str({value.Text})", UnknownKind.Text, false);
        text.IsNeverEmpty |= value.Kind is UnknownKind.Number;
        return text;
    }

    private static Value? Length(ILibraryContext context, Value value)
    {
        switch (value)
        {
            case SequenceValue s:
                if (s.Rest is null && !s.Items.Exists(i => i.WhereThere().Missing is not null) && (s.Kind is not SequenceKind.Set || AreDistinct(context, s)))
                {
                    var known = s.Items.Count(i => i is not MissingValue);
                    return s.Growth?.Length(known) ?? ConstantValue.Of(known);
                }

                s.Length ??= context.Unknown("the length of the list", "how many elements there are is not known", UnknownKind.Number);
                s.Length.IsCount = true;
                return s.Length;
            case DictValue d:
                var entries = d.Entries.Count(e => e.Value is not MissingValue);
                return d.Rest is null && !d.Entries.Exists(e => e.Value.WhereThere().Missing is not null) ? d.Growth?.Length(entries) ?? ConstantValue.Of(entries) : null;
            case ConstantValue { Peek: string text }:
                return ConstantValue.Of(text.Length);
            case ObjectValue { Class: { } type } o when type.Find("__len__") is not null:
                return context.Call(context.Attribute(o, "__len__"), new());
            case ObjectValue { IsModule: true, Doubt: null } o when o.IsA("ModuleList") || o.IsA("Sequential") || o.IsA("ModuleDict") || o.IsA("ParameterList"):
                var elements = context.Iterate(context.Call(new MethodValue(o, "__iter__"), new())); // the container's own: what a class gives in its place is not counted
                return elements.Any(e => e.WhereThere().Missing is not null) ? context.Attribute(o, "*len") : ConstantValue.Of(elements.Count);
            case UnknownValue u:
                return u.Count;
            case NumbersValue row:
                return ConstantValue.Of((long)row.Numbers.Count);
            case InputValue { Shape: null } x: // as of a list: it does not make it a tensor
                return x.Facts(x.Name, context.Place).Derive(".shape", $"{x.Name}.shape", UnknownKind.Number).Derive("[0]", $"len({x.Name})", UnknownKind.Number);
            case TensorValue t:
                return context.Item(context.Attribute(t, "shape"), ConstantValue.Of(0));
            default:
                return null;
        }
    }

    /// <summary>The class of a value; null where it cannot be told: what a caller gives may be of any.</summary>
    private static Value? TypeOf(Value value) => value switch
    {
        ObjectValue { Class: { } type } => type,
        ObjectValue { ExternalType: { } external } => new ExternalValue(external),
        SequenceValue { Form: SequenceForm.Range } => new ExternalValue("builtins.range"),
        SequenceValue { Form: not SequenceForm.Own } => null,
        SequenceValue s => new ExternalValue(s.Kind switch { SequenceKind.Tuple => "builtins.tuple", SequenceKind.Set => "builtins.set", _ => "builtins.list" }),
        ConstantValue { Peek: bool } => new ExternalValue("builtins.bool"),
        ConstantValue { Peek: long } => new ExternalValue("builtins.int"),
        ConstantValue { Peek: double } => new ExternalValue("builtins.float"),
        ConstantValue { Peek: string } => new ExternalValue("builtins.str"),
        _ => null,
    };

    public static SequenceValue? Listed(ILibraryContext context, CallArguments arguments, SequenceKind kind) => arguments.Positional.FirstOrDefault() switch
    {
        null => new(kind, []),
        SequenceValue { Form: SequenceForm.Iterator } s => new SequenceValue(kind, [.. s.Items], s.Rest) { Length = s.Rest is null ? null : s.Length, Order = s.Order } is var all && Elements.Taken(context, s) is not null ? all : null,
        SequenceValue s => new(kind, [.. s.Items], s.Rest) { Length = s.Rest is null ? null : s.Length, Order = s.Order ?? (s.Kind is SequenceKind.Set && kind is not SequenceKind.Set ? Order.Unknown(context) : null) },
        DictValue { Rest: not null } d => Listed(context, CallArguments.Of(BuiltinDictionaries.Keys(context, d)), kind),
        var value => new(kind, [.. context.Iterate(value)]),
    };

    /// <summary>Whether no two elements of a set may be one.</summary>
    private static bool AreDistinct(ILibraryContext context, SequenceValue set) =>
        set.Items.TrueForAll(i => i is ConstantValue) || (set.Items.Count < 100 && !set.Items.Where((v, i) => set.Items.Take(i).Any(w => context.AreEqual(v, w) is not false)).Any());

    private static SequenceValue? Distinct(ILibraryContext context, SequenceValue? set)
    {
        if (set is { Items.Count: > 1 and < 500 })
        {
            set.Items = [.. set.Items.Where((v, i) => !set.Items.Take(i).Any(w => context.AreEqual(v, w) is true))];
        }

        return set;
    }

    private static DictValue Dictionary(ILibraryContext context, CallArguments arguments)
    {
        var result = new DictValue();
        switch (arguments.Positional.FirstOrDefault())
        {
            case null:
                break;
            case DictValue dict:
                result = dict.Copy();
                break;
            case UnknownValue u:
                result.Rest = u.Derive("[]", u.Text + "[...]");
                break;
            case var pairs:
                foreach (var pair in context.Iterate(pairs))
                {
                    var (there, missing) = pair.WhereThere();
                    if (there is not null && context.Iterate(there) is [var key, var value, ..])
                    {
                        if (key is UnknownValue)
                        {
                            result.Rest ??= value;
                        }
                        else
                        {
                            result.Set(key, missing is null ? value : Elements.Sometimes(context, value, missing));
                        }
                    }
                }

                break;
        }

        foreach (var (name, value) in arguments.Named)
        {
            result.Set(name, value);
        }

        if (arguments.HasUnknown)
        {
            result.Rest ??= arguments.NamedRest ?? context.Unknown("an entry", "the entries are not known");
        }

        return result;
    }

    private static Value? Sum(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional.Count == 0)
        {
            return null;
        }

        var items = context.Iterate(arguments.Positional[0]);
        var graph = items.SelectMany(context.GraphTensors).ToList();
        if (graph.Count > 0)
        {
            return context.NewGraphTensor(null, graph);
        }

        if (items.Any(context.HoldsTensor))
        {
            context.Operation("add", CallArguments.Of(new TensorValue(), new TensorValue()));
            return new TensorValue();
        }

        if (arguments.Find(1, "start") is SequenceValue { Rest: null } begin && items.All(i => i is SequenceValue { Rest: null }))
        {
            return new SequenceValue(begin.Kind, [.. begin.Items, .. items.Cast<SequenceValue>().SelectMany(s => s.Items)]);
        }

        var total = Constant(arguments.Find(1, "start") ?? ConstantValue.Of(0));
        foreach (var item in items)
        {
            total += Constant(item);
        }

        return total is { } known ? items.All(i => i is ConstantValue { Peek: long }) ? ConstantValue.Of((long)known) : new ConstantValue(known) : null;
    }

    private static Value? Number(ILibraryContext context, string name, Value value, CallArguments arguments)
    {
        switch (value)
        {
            case TensorValue when name is "abs" or "round":
                context.Operation(name, arguments);
                return new TensorValue();
            case UnknownValue u when name is "int" or "float":
                return u.Kind is UnknownKind.Number && name is "int" ? u : u.Derive(name, $"{name}({u.Text})", UnknownKind.Number);
            case ConstantValue { Peek: string text } when name is "int" && long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var parsed):
                return ConstantValue.Of(parsed);
            case ConstantValue { Peek: string text } when name is "float":
                var written = text.Trim().ToLowerInvariant();
                return written.TrimStart('+', '-') is "inf" or "infinity" ? new ConstantValue(written[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity)
                    : double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? new ConstantValue(real) : null;
            case ConstantValue { Raw: long whole, IsOpen: true } when name is "int":
                return new ConstantValue(whole) { IsOpen = true };
            case ConstantValue c when Constant(c) is { } number && arguments.Positional.Count == 1:
                return name switch
                {
                    "int" when Math.Abs(number) < 1e15 => ConstantValue.Of((long)Math.Truncate(number)),
                    "float" => new ConstantValue(number),
                    "round" when Math.Abs(number) < 1e15 => ConstantValue.Of((long)Math.Round(number, MidpointRounding.ToEven)),
                    "abs" => c.Raw is long i ? ConstantValue.Of(Math.Abs(i)) : new ConstantValue(Math.Abs(number)),
                    _ => null,
                };
            default:
                return null;
        }
    }

    /// <summary>A known number; null for others, and for one that stands for several.</summary>
    internal static double? Constant(Value value) => value is ConstantValue { Peek: long or double or bool, IsOpen: false } c ? Convert.ToDouble(c.Raw, CultureInfo.InvariantCulture) : null;
}
