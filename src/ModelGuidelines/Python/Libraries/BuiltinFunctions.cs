using System.Globalization;
using ModelGuidelines.Python.Flow;
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
        LibraryRow.Of("enumerate", (c, a) => a.Find(0, "iterable") is { } value ? Enumerated(c, Elements.Taken(c, value), a.Find(1, "start")).As(SequenceForm.Iterator) : null),
        LibraryRow.Of("zip", (c, a) => Zip(c, a).As(SequenceForm.Iterator)),
        LibraryRow.Of("list", (c, a) => Listed(c, a, SequenceKind.List)),
        LibraryRow.Of("iter", (c, a) => a.Positional is [SequenceValue { Form: SequenceForm.Iterator } same] ? same : Listed(c, a, SequenceKind.List)?.As(SequenceForm.Iterator)),
        LibraryRow.Of("tuple", (c, a) => Listed(c, a, SequenceKind.Tuple)),
        LibraryRow.Of("set", (c, a) => Distinct(c, Listed(c, a, SequenceKind.Set))),
        LibraryRow.Of("frozenset", (c, a) => Distinct(c, Listed(c, a, SequenceKind.Set))),
        LibraryRow.Of("reversed", (c, a) => Listed(c, a, SequenceKind.List) is { } s ? new SequenceValue(s.Kind, [.. s.Items.AsEnumerable().Reverse()], s.Rest) { Length = s.Length, Order = s.Order, Form = SequenceForm.Iterator } : null),
        LibraryRow.Of("sorted", (c, a) => Listed(c, a, SequenceKind.List) is { } s ? Order.Sorted(c, s, a) : null),
        LibraryRow.Of("dict", Dictionary),
        LibraryRow.Of("map", (c, a) => Map(c, a)?.As(SequenceForm.Iterator)),
        LibraryRow.Of("filter", (c, a) => Filter(c, a)?.As(SequenceForm.Iterator)),
        LibraryRow.Of("next", Next),
        LibraryRow.Of("sum", Sum, Returns.TensorOrNumber),
        .. new[] { "min", "max" }.Select(n => LibraryRow.Of(n, Order.Extreme, Returns.TensorOrNumber)),
        .. new[] { "any", "all" }.Select(n => LibraryRow.Of(n, AnyAll, Returns.Boolean)),
        LibraryRow.Of("bool", (c, a) => a.Positional is [var v] ? c.Truth(v) is { } known ? ConstantValue.Of(known) : v is UnknownValue or ChoiceValue ? v : null : ConstantValue.False, Returns.Boolean),
        .. new[] { "int", "float", "round", "abs" }.Select(n => LibraryRow.Of(n, (c, a) => a.Positional.Count == 0 ? ConstantValue.Of(0) : c.ForEach(a.Positional[0], v => Number(c, n, v is NumberTensorValue one ? one.Number : v, a) ?? c.Result(Returns.Number, a)), Returns.Number)),
        .. LibraryRow.For("pow", Returns.TensorOrNumber),
        .. LibraryRow.For("divmod", Returns.Numbers),
        LibraryRow.Of("str", (c, a) => a.Positional is [var v] ? c.ForEach(v, o => BuiltinText.Written(o) is { } written ? ConstantValue.Of(written) : o is UnknownValue u ? u.Kind is UnknownKind.Text ? u : u.Derive("str", $"str({u.Text})", UnknownKind.Text, false) : c.Result(Returns.Text, a)) : null, Returns.Text),
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
            case TensorValue t:
                return context.Item(context.Attribute(t, "shape"), ConstantValue.Of(0));
            default:
                return null;
        }
    }

    private static SequenceValue Enumerated(ILibraryContext context, IReadOnlyList<Value> items, Value? start)
    {
        var first = start switch { null => 0L, ConstantValue { Raw: long s, IsOpen: false } => s, _ => (long?)null };
        var result = new SequenceValue(SequenceKind.List, []);
        var hasLater = items.Count > 0 && items[^1].WhereThere().Missing is not null && items.Take(items.Count - 1).All(i => i.WhereThere().Missing is null);
        for (var i = 0; i < items.Count; i++)
        {
            var (there, missing) = items[i].WhereThere();
            if (there is null)
            {
                continue;
            }

            // One at the end that is there at times stands for all later ones, too.
            Value index = first is { } from ? hasLater && i == items.Count - 1 ? new ConstantValue(from + i) { IsOpen = true, Stride = 1, Count = [] } : new ConstantValue(from + i) : context.Unknown("the index", "where counting begins is not known", UnknownKind.Number);
            result.Items.Add(missing is null ? SequenceValue.Tuple(index, there) : Elements.Sometimes(context, SequenceValue.Tuple(index, there), missing));
        }

        return result;
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

    private static SequenceValue Zip(ILibraryContext context, CallArguments arguments)
    {
        var rows = Given(context, arguments.Positional);
        var result = new SequenceValue(SequenceKind.List, []);
        for (var i = 0; rows.Count > 0 && i < rows.Max(r => r.Count); i++)
        {
            var parts = new List<Value>();
            Condition? missing = null;
            foreach (var row in rows)
            {
                // An open row goes on with its last element as long as the others do; but not with a module, which would seem to be called again.
                if (i >= row.Count && !(row.Count > 0 && row[^1].WhereThere() is { Missing: not null, Value: { } last } && !context.HoldsModule(last)))
                {
                    return result;
                }

                var (there, gone) = row[Math.Min(i, row.Count - 1)].WhereThere();
                if (there is null)
                {
                    return result;
                }

                parts.Add(i >= row.Count && there is UnknownValue symbol ? symbol.Derive($"later {i}", symbol.Text, symbol.Kind) : there);
                missing = gone is null ? missing : missing?.Or(gone) ?? gone;
            }

            var tuple = SequenceValue.Tuple([.. parts]);
            result.Items.Add(missing is null ? tuple : Elements.Sometimes(context, tuple, missing));
        }

        return result;
    }

    /// <summary>What each gives; of one iterator that is given several times each gets every so manyth: <c>zip(*[iter(layers)] * 2)</c>.</summary>
    private static List<List<Value>> Given(ILibraryContext context, List<Value> given)
    {
        var all = new Dictionary<Value, List<Value>>(ReferenceEqualityComparer.Instance);
        var rows = new List<List<Value>>();
        for (var i = 0; i < given.Count; i++)
        {
            if (!all.TryGetValue(given[i], out var items))
            {
                all[given[i]] = items = [.. Elements.ByPosition(context, Elements.Taken(context, given[i]))];
            }

            var times = given[i] is SequenceValue { Form: SequenceForm.Iterator } ? given.Count(g => ReferenceEquals(g, given[i])) : 1;
            var first = times == 1 ? 0 : given.Take(i).Count(g => ReferenceEquals(g, given[i]));
            rows.Add([.. items.Where((_, at) => at % times == first)]);
        }

        return rows;
    }

    private static SequenceValue? Listed(ILibraryContext context, CallArguments arguments, SequenceKind kind) => arguments.Positional.FirstOrDefault() switch
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

    public static SequenceValue? Map(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional.Count < 2)
        {
            return null;
        }

        var rows = arguments.Positional.Count == 2
            ? Elements.Taken(context, arguments.Positional[1]).Select(v => (Tuple: v, IsOne: true)) : Zip(context, CallArguments.Of([.. arguments.Positional.Skip(1)])).Items.Select(v => (Tuple: v, IsOne: false));
        return Each(context, rows.ToList(), (v, isOne) => context.Call(arguments.Positional[0], isOne ? CallArguments.Of(v) : CallArguments.Of([.. ((SequenceValue)v).Items])));
    }

    private static SequenceValue Each(ILibraryContext context, List<(Value Tuple, bool IsOne)> rows, Func<Value, bool, Value> code)
    {
        var result = new SequenceValue(SequenceKind.List, []);
        foreach (var (item, isOne) in rows)
        {
            if (item.WhereThere().Value is not null)
            {
                result.Items.Add(Elements.WhereThere(context, item, v => code(v, isOne), MissingValue.Instance));
            }
        }

        return result;
    }

    private static SequenceValue? Filter(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional.Count != 2)
        {
            return null;
        }

        var result = new SequenceValue(SequenceKind.List, []);
        foreach (var item in Elements.Taken(context, arguments.Positional[1]))
        {
            var kept = context.Truth(arguments.Positional[0] is ConstantValue ? item : context.ForEach(item, v => context.Call(arguments.Positional[0], CallArguments.Of(v))));
            if (kept is not false)
            {
                result.Items.Add(kept is true ? item : context.OneOf([item, MissingValue.Instance], "an element that may be left out"));
            }
        }

        return result;
    }

    private static Value? Next(ILibraryContext context, CallArguments arguments)
    {
        var otherwise = arguments.Find(1, "default");
        switch (arguments.Positional.FirstOrDefault())
        {
            case SequenceValue { Items.Count: > 1, Order: { } order } s:
                return context.OneOf(s.Items, $"an element of {order.Text}");
            case SequenceValue { Items.Count: > 0 } s:
                // Taken from the iterator: the next one is another.
                var (first, missing) = s.Items[0].WhereThere();
                context.Change(s);
                s.Items.RemoveAt(0);
                return missing is null ? first : s.Items.Count > 0 || otherwise is not null ? context.Choose([(missing.Not(), first ?? ConstantValue.None), (missing, s.Items.FirstOrDefault() ?? otherwise!)]) : first;
            case SequenceValue { Rest: { } rest }:
                return rest;
            case SequenceValue:
                return otherwise;
            case { } other:
                return context.Iterate(other) is [var element, ..] ? element : otherwise;
            default:
                return null;
        }
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

    private static ConstantValue? AnyAll(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Positional.Count != 1)
        {
            return null;
        }

        var isAny = context.Name.EndsWith("any", StringComparison.Ordinal);
        var answers = context.Iterate(arguments.Positional[0]).Select(v => v.WhereThere() is { Missing: null, Value: { } there } ? context.Truth(there) : null).ToList();
        return answers.Contains(isAny) ? ConstantValue.Of(isAny) : answers.Contains(null) ? null : ConstantValue.Of(!isAny);
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
