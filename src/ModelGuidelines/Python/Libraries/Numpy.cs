using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>NumPy: arrays are no tensors of a model; numbers are computed where they are known.</summary>
internal sealed class Numpy : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["numpy", "jax.numpy", "cupy"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For("ceil floor trunc sqrt exp log log2 log10 log1p prod fabs sin cos tan", Returns.Array).Select(r => r with { Function = (c, a) => StandardMath.Compute(c, r.Name, a.Positional) }),
        .. LibraryRow.For("isscalar allclose array_equal isnan isinf isfinite any all iterable issubdtype", Returns.Boolean),
        .. LibraryRow.For("ndim size", Returns.Number),
        .. LibraryRow.For("seterr set_printoptions save savez savetxt random.seed testing.assert_allclose testing.assert_array_equal", Returns.None),
        .. LibraryRow.For("int8 int16 int32 int64 uint8 float16 float32 float64 bool_ intp dtype finfo iinfo errstate load random.RandomState random.default_rng printoptions", Returns.Unknown),
        .. LibraryRow.Decorators("vectorize"),
        LibraryRow.Of("linspace", Linspace, Returns.Array),

        // Methods of arrays.
        .. LibraryRow.For(
            """
            astype reshape transpose flatten ravel copy squeeze repeat sum mean max min std var argmax argmin cumsum cumprod clip round dot take swapaxes all any nonzero sort argsort fill view tobytes
            """, Returns.Array).Select(r => r with { Name = "ndarray." + r.Name }),
        .. LibraryRow.For("ndarray.item ndarray.__len__", Returns.Number),
        .. LibraryRow.For("ndarray.tolist", Returns.Numbers),
    ];

    public override IEnumerable<LibraryClass> Classes => [.. LibraryClass.For("ndarray generic number", ClassKind.Plain, Returns.Unknown)];

    public override IReadOnlyDictionary<string, Value> Constants { get; } = new Dictionary<string, Value>(StringComparer.Ordinal)
    {
        ["pi"] = new ConstantValue(Math.PI),
        ["e"] = new ConstantValue(Math.E),
        ["inf"] = new ConstantValue(double.PositiveInfinity),
        ["nan"] = new ConstantValue(double.NaN),
        ["newaxis"] = ConstantValue.None,
    };

    /// <summary>Every other function gives an array.</summary>
    public override LibraryRow? Other(string name) => new(name, Returns.Array);

    /// <summary>Evenly spaced numbers, as many as are asked for: the rates of stochastic depth, one a block. Null where their count is not known.</summary>
    public static Value? Linspace(ILibraryContext context, CallArguments arguments)
    {
        const int MaxNumbers = 10_000;
        if ((arguments.Find(2, "num") ?? arguments.Find("steps")) is not ConstantValue { Raw: long and >= 0 and <= MaxNumbers and var count, IsOpen: false })
        {
            return null;
        }

        var from = BuiltinFunctions.Constant(arguments.Find(0, "start") ?? ConstantValue.None);
        var to = BuiltinFunctions.Constant(arguments.Find(1, "stop") ?? arguments.Find("end") ?? ConstantValue.None);
        var end = (arguments.Find(1, "stop") ?? arguments.Find("end")) as UnknownValue ?? context.Unknown("the last of the range", "it is not known", UnknownKind.Number);
        return SequenceValue.List(Enumerable.Range(0, (int)count).Select(i =>
            from is { } a && to is { } b ? (Value)new ConstantValue(count == 1 ? a : a + (b - a) * i / (count - 1))
            : i == 0 && from is { } first ? new ConstantValue(first) : end.Derive($"linspace {i}", $"number {i + 1} of the range to {end.Text}", UnknownKind.Number, false)));
    }
}
