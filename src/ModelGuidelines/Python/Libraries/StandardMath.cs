using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>math, random and operator: numbers, computed where they are known.</summary>
internal sealed class StandardMath : PythonLibrary
{
    private const string Operators =
        "add sub mul floordiv mod pow matmul neg abs eq ne lt gt le ge and_ or_ xor invert iadd isub imul ifloordiv imod ipow imatmul getitem";

    public override IReadOnlyList<string> Prefixes => [""];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For(
            """
            acos acosh asin asinh atan atan2 atanh ceil comb copysign cos cosh degrees dist erf erfc exp expm1 fabs factorial floor fmod frexp fsum gamma gcd hypot isqrt lcm ldexp lgamma log log10 log1p log2
            modf perm pow prod radians remainder sin sinh sqrt sumprod tan tanh trunc
            """, Returns.Number).Select(r => r with { Name = "math." + r.Name, Function = (c, a) => Compute(c, r.Name, a.Positional) }),
        .. LibraryRow.For("isclose isfinite isinf isnan", Returns.Boolean).Select(r => r with { Name = "math." + r.Name }),

        .. LibraryRow.For("random uniform randint randrange gauss normalvariate betavariate expovariate triangular getrandbits", Returns.Number).Select(r => r with { Name = "random." + r.Name, Computes = true }),
        LibraryRow.Of("random.shuffle", Shuffle, Returns.None),
        .. LibraryRow.For("seed setstate", Returns.None).Select(r => r with { Name = "random." + r.Name }),
        LibraryRow.Of("random.choice", (c, a) => a.Find(0, "seq") is { } from && c.Iterate(from) is { Count: > 0 } items ? c.OneOf(items, "a random choice") : null),
        LibraryRow.Of("random.sample", Sample),
        LibraryRow.Of("random.choices", Drawn),
        .. LibraryRow.For("random.Random random.SystemRandom random.getstate", Returns.Unknown),

        // An operator by name is the operator: of tensors it is a function that is called.
        .. LibraryRow.For(Operators, Returns.TensorOrNumber, Does.Operation).Select(r => r with { Name = "operator." + r.Name, Operation = OperationOf(r.Name) }),
        .. LibraryRow.For("truediv itruediv", Returns.TensorOrNumber, Does.Operation).Select(r => r with { Name = "operator." + r.Name, Operation = "div" }),
        .. LibraryRow.For("operator.not_ operator.truth operator.is_ operator.is_not operator.contains", Returns.Boolean),
        .. LibraryRow.For("operator.index operator.concat", Returns.Unknown),
    ];

    public override IReadOnlyDictionary<string, Value> Constants { get; } = new Dictionary<string, Value>(StringComparer.Ordinal)
    {
        ["math.pi"] = new ConstantValue(Math.PI),
        ["math.e"] = new ConstantValue(Math.E),
        ["math.tau"] = new ConstantValue(Math.Tau),
        ["math.inf"] = new ConstantValue(double.PositiveInfinity),
        ["math.nan"] = new ConstantValue(double.NaN),
    };

    /// <summary>A function of numbers, by Python's name; null where it is not computed.</summary>
    public static ConstantValue? Compute(ILibraryContext context, string name, IReadOnlyList<Value> arguments)
    {
        if (name == "prod" && arguments.Count == 1 && arguments[0] is SequenceValue { Rest: null } factors && factors.Items.TrueForAll(i => i is ConstantValue { Raw: long, IsOpen: false }))
        {
            var product = 1.0;
            factors.Items.ForEach(i => product *= (long)((ConstantValue)i).Raw!);
            return Whole(product);
        }

        var values = arguments.Select(BuiltinFunctions.Constant).ToList();
        if (values.Count == 0 || values.Contains(null))
        {
            return null;
        }

        var x = values[0]!.Value;
        var y = values.Count > 1 ? values[1]!.Value : 0;
        return name switch
        {
            "ceil" => Whole(Math.Ceiling(x)),
            "floor" => Whole(Math.Floor(x)),
            "trunc" => Whole(Math.Truncate(x)),
            "isqrt" when x >= 0 => Whole(Math.Floor(Math.Sqrt(x))),
            "gcd" when values.Count == 2 && Math.Abs(x) < 1e15 && Math.Abs(y) < 1e15 => Whole((double)System.Numerics.BigInteger.GreatestCommonDivisor((long)x, (long)y)),
            "sqrt" => new(Math.Sqrt(x)),
            "exp" => new(Math.Exp(x)),
            "log" => new(values.Count > 1 ? Math.Log(x, y) : Math.Log(x)),
            "log2" => new(Math.Log2(x)),
            "log10" => new(Math.Log10(x)),
            "log1p" => new(Math.Log(1 + x)),
            "pow" when values.Count == 2 => new(Math.Pow(x, y)),
            "fabs" => new(Math.Abs(x)),
            "sin" => new(Math.Sin(x)),
            "cos" => new(Math.Cos(x)),
            "tan" => new(Math.Tan(x)),
            _ => null,
        };
    }

    private static ConstantValue? Shuffle(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find(0, "x") is SequenceValue { Items.Count: > 1 } list)
        {
            context.Change(list);
            list.Order = Order.Unknown(context);
        }

        return null;
    }

    private const int MaxDrawn = 16;

    /// <summary>So many of a population, in any order, none of them twice.</summary>
    private static SequenceValue? Sample(ILibraryContext context, CallArguments arguments)
    {
        if (arguments.Find("counts") is not null || Population(context, arguments) is not { } items || arguments.Find(1, "k") is not ConstantValue { Raw: long and >= 0 and var count, IsOpen: false } || count > items.Count)
        {
            return null;
        }

        var all = new SequenceValue(SequenceKind.List, [.. items]) { Order = items.Count > 1 ? Order.Unknown(context) : null };
        return count == items.Count ? all : SequenceValue.List(Enumerable.Range(0, (int)count).Select(i => context.Item(all, ConstantValue.Of(i))));
    }

    /// <summary>So many of a population, each any of it.</summary>
    private static SequenceValue? Drawn(ILibraryContext context, CallArguments arguments) =>
        Population(context, arguments) is { } items && (arguments.Find("k") ?? ConstantValue.Of(1)) is ConstantValue { Raw: long and >= 0 and <= MaxDrawn and var count, IsOpen: false }
            ? SequenceValue.List(Enumerable.Range(0, (int)count).Select(_ => context.OneOf(items, "a random choice"))) : null;

    private static IReadOnlyList<Value>? Population(ILibraryContext context, CallArguments arguments) =>
        arguments.Find(0, "population") is { } from && context.Iterate(from) is { Count: > 0 and <= MaxDrawn } items && items.All(i => i.WhereThere().Missing is null) ? items : null;

    private static ConstantValue? Whole(double value) => Math.Abs(value) < 1e15 ? ConstantValue.Of((long)value) : null;

    private static string OperationOf(string name) => name switch
    {
        "and_" => "bitwise_and",
        "or_" => "bitwise_or",
        "xor" => "bitwise_xor",
        "invert" => "bitwise_not",
        "mod" or "imod" => "remainder",
        "floordiv" or "ifloordiv" => "floor_divide",
        "lt" => "less",
        "gt" => "greater",
        _ => name.Length > 3 && name[0] == 'i' ? name[1..] : name,
    };
}
