using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Arithmetic on tensors whose numbers the code makes itself: <c>torch.round(torch.arange(depth) * slope)</c>, from which constructors take widths and depths.</summary>
/// <remarks>Numbers with a point have torch's default precision, 32 bit; whole ones stay whole. What is not computed here stays a tensor of which nothing is known.</remarks>
internal static class NumberTensors
{
    private const int MaxNumbers = 10_000;

    /// <summary><c>torch.tensor([...])</c></summary>
    public static TensorValue? Of(CallArguments arguments) => arguments.Find(0, "data") switch
    {
        SequenceValue { Rest: null, Kind: not SequenceKind.Set, Items: { Count: > 0 and <= MaxNumbers } items } when items.TrueForAll(IsNumber) => new NumbersValue(Typed(items, arguments)),
        { } one when IsNumber(one) => new NumberTensorValue(Typed([one], arguments)[0]),
        _ => null,
    };

    /// <summary><c>torch.arange(start, end, step)</c></summary>
    public static NumbersValue? Counted(CallArguments arguments)
    {
        var given = new[] { arguments.Find(0, "start"), arguments.Find(1, "end"), arguments.Find(2, "step") };
        var (start, end, step) = given is [{ } only, null, null] ? (ConstantValue.Of(0), only, ConstantValue.Of(1)) : (given[0] ?? ConstantValue.Of(0), given[1] ?? ConstantValue.None, given[2] ?? ConstantValue.Of(1));
        if (!IsNumber(start) || !IsNumber(end) || !IsNumber(step) || Number(step) == 0 || (Number(end) - Number(start)) / Number(step) is not (>= 0 and <= MaxNumbers and var length))
        {
            return null;
        }

        var isWhole = IsWhole(start) && IsWhole(end) && IsWhole(step);
        return new(Typed([.. Enumerable.Range(0, (int)Math.Ceiling(length)).Select(i => Made(Number(start) + i * Number(step), isWhole))], arguments));
    }

    /// <summary>What a function gives of such tensors; null where an argument is not known, or the function is no arithmetic.</summary>
    /// <param name="function">PyTorch's name.</param>
    /// <param name="arguments">The tensor first, or a number and the tensor.</param>
    public static Value? Compute(string function, CallArguments arguments)
    {
        if (!Has(arguments))
        {
            return null;
        }

        return Computed(function, arguments);
    }

    /// <summary>Whether one of them is such a tensor.</summary>
    public static bool Has(CallArguments arguments) => arguments.Positional.Exists(static o => o is NumbersValue or NumberTensorValue);

    private static Value? Computed(string function, CallArguments arguments)
    {
        var operands = arguments.Positional;
        if (operands.Exists(o => Numbers(o) is null))
        {
            return null;
        }

        var rows = operands.ConvertAll(o => Numbers(o)!);
        if (operands.Count == 1 && operands[0] is NumbersValue && Reduced(function, rows[0], arguments) is { } reduced)
        {
            return reduced;
        }

        if (arguments.Named.Count > 0 || operands.Count > 2)
        {
            return null;
        }

        var count = rows.Max(r => r.Count);
        if (rows.Exists(r => r.Count != count && r.Count != 1))
        {
            return null;
        }

        var result = new List<Value>(count);
        for (var i = 0; i < count; i++)
        {
            var (a, b) = (rows[0][rows[0].Count == 1 ? 0 : i], rows.Count > 1 ? rows[1][rows[1].Count == 1 ? 0 : i] : null);
            if ((b is null ? One(function, a) : Two(function, a, b)) is not { } value)
            {
                return null;
            }

            result.Add(value);
        }

        return operands.Exists(o => o is NumbersValue) ? new NumbersValue(result) : new NumberTensorValue(result[0]);
    }

    private static IReadOnlyList<Value>? Numbers(Value value) => value switch
    {
        NumbersValue row when row.Numbers.Count > 0 && row.Numbers.All(IsNumber) => row.Numbers,
        NumberTensorValue { Number: var one } when IsNumber(one) => [one],
        _ when IsNumber(value) => [value],
        _ => null,
    };

    private static Value? Reduced(string function, IReadOnlyList<Value> row, CallArguments arguments)
    {
        if (function is "unique")
        {
            var groups = row.GroupBy(Number).OrderBy(g => g.Key).ToList();
            var distinct = new NumbersValue([.. groups.Select(g => g.First())]);
            return arguments.Named switch
            {
                [] => distinct,
                [("return_counts", ConstantValue { Raw: true })] => SequenceValue.Tuple(distinct, new NumbersValue([.. groups.Select(g => ConstantValue.Of((long)g.Count()))])),
                _ => null,
            };
        }

        if (arguments.Named.Count > 0)
        {
            return null;
        }

        var isWhole = row.All(IsWhole);
        return function switch
        {
            "max" or "amax" => new NumberTensorValue(row.MaxBy(Number)!),
            "min" or "amin" => new NumberTensorValue(row.MinBy(Number)!),
            "sum" => new NumberTensorValue(Made(row.Sum(Number), isWhole)),
            "int" or "long" => new NumbersValue([.. row.Select(n => Made(Math.Truncate(Number(n)), true))]),
            "float" => new NumbersValue([.. row.Select(n => Made(Number(n), false))]),
            _ => null,
        };
    }

    private static ConstantValue? One(string function, Value value)
    {
        var x = Number(value);
        double? result = function switch
        {
            "neg" => -x,
            "abs" => Math.Abs(x),
            "round" => Math.Round(x, MidpointRounding.ToEven),
            "floor" => Math.Floor(x),
            "ceil" => Math.Ceiling(x),
            "log" => Math.Log(x),
            "log2" => Math.Log2(x),
            "exp" => Math.Exp(x),
            "sqrt" => Math.Sqrt(x),
            _ => null,
        };
        return Finite(result, IsWhole(value) && function is "neg" or "abs" or "round" or "floor" or "ceil");
    }

    private static ConstantValue? Two(string function, Value left, Value right)
    {
        var (x, y) = (Number(left), Number(right));
        double? result = function switch
        {
            "add" => x + y,
            "sub" => x - y,
            "mul" => x * y,
            "div" or "true_divide" => x / y,
            "floor_divide" => Math.Floor(x / y),
            "pow" => Math.Pow(x, y),
            "maximum" => Math.Max(x, y),
            "minimum" => Math.Min(x, y),
            _ => null,
        };
        return Finite(result, IsWhole(left) && IsWhole(right) && function is not ("div" or "true_divide"));
    }

    private static ConstantValue? Finite(double? value, bool isWhole) => value is { } number && double.IsFinite(number) && Math.Abs(number) < 1e15 ? Made(number, isWhole) : null;

    /// <summary>Whether <c>dtype</c> makes them whole or not.</summary>
    private static IReadOnlyList<Value> Typed(IReadOnlyList<Value> numbers, CallArguments arguments) => arguments.Find("dtype") is not ExternalValue { LastPart: var type } ? numbers
        : type.StartsWith("float", StringComparison.Ordinal) ? [.. numbers.Select(n => Made(Number(n), false))]
        : type.StartsWith("int", StringComparison.Ordinal) || type is "long" ? [.. numbers.Select(n => Made(Math.Truncate(Number(n)), true))] : numbers;

    private static ConstantValue Made(double number, bool isWhole) => isWhole ? ConstantValue.Of((long)number) : new ConstantValue((double)(float)number);

    private static bool IsNumber(Value value) => value is ConstantValue { Raw: long or double, IsOpen: false };

    private static bool IsWhole(Value value) => value is ConstantValue { Peek: long };

    private static double Number(Value value) => ((ConstantValue)value).Raw is long whole ? whole : (double)((ConstantValue)value).Raw!;
}
