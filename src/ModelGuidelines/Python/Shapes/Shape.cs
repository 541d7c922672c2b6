using System.Collections.Immutable;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <summary>The sizes of a tensor's dimensions: numbers, or symbols where a size is known when the model runs.</summary>
internal sealed class Shape(IEnumerable<Value> sizes)
{
    public ImmutableArray<Value> Sizes { get; } = [.. sizes];

    public int Rank => Sizes.Length;

    /// <summary>A dimension counted from the front, or from the end when negative; null where there is none.</summary>
    public int? Axis(long index) => index < -Rank || index >= Rank ? null : (int)(index < 0 ? index + Rank : index);

    public Shape With(int axis, Value size) => new(Sizes.SetItem(axis, size));

    public Shape Without(int axis) => new(Sizes.RemoveAt(axis));

    public Shape Insert(int axis, Value size) => new(Sizes.Insert(axis, size));

    public bool IsLike(Shape other) => Rank == other.Rank && Sizes.Zip(other.Sizes).All(p => Size.AreSame(p.First, p.Second));

    /// <summary>As tensors are combined element by element; null where they do not fit, or that cannot be told.</summary>
    public static Shape? Broadcast(Shape a, Shape b)
    {
        var sizes = new Value[Math.Max(a.Rank, b.Rank)];
        for (var i = 1; i <= sizes.Length; i++)
        {
            var (x, y) = (i <= a.Rank ? a.Sizes[^i] : Size.One, i <= b.Rank ? b.Sizes[^i] : Size.One);
            var (m, n) = (Size.Known(x), Size.Known(y));
            var size = Size.AreSame(x, y) || n == 1 ? x : m == 1 ? y : m is null && n is null ? Size.Unknown() : m is null ? y : n is null ? x : null;
            if (size is null)
            {
                return null;
            }

            sizes[^i] = size;
        }

        return new(sizes);
    }
}

/// <summary>Arithmetic on sizes.</summary>
internal static class Size
{
    public static ConstantValue One => ConstantValue.Of(1L);

    public static long? Known(Value size) => size is ConstantValue { Raw: long n, IsOpen: false } ? n : null;

    public static UnknownValue Unknown() => new("a size", "it is known when the model runs", default, UnknownKind.Number) { IsCount = true };

    /// <summary>What code writes where a size stands; null where it is none.</summary>
    public static Value? Of(Value written) => written switch
    {
        ConstantValue { Raw: long, IsOpen: false } => written,
        ConstantValue { Peek: long } => Unknown(),
        UnknownValue { Kind: UnknownKind.Number or UnknownKind.Any, MayBeTensor: false } => written,
        ChoiceValue choice when choice.Options.All(o => Of(o.Value) is not null) => Unknown(),
        _ => null,
    };

    public static bool AreSame(Value a, Value b) => ReferenceEquals(a, b) || (Known(a) is { } m && Known(b) == m);

    public static Value Times(Value a, Value b) => (Known(a), Known(b)) switch
    {
        ({ } m, { } n) => ConstantValue.Of(m * n),
        (1, _) => b,
        (_, 1) => a,
        ({ } m, null) when b is UnknownValue u => Multiple(u, m),
        (null, { } n) when a is UnknownValue u => Multiple(u, n),
        _ => Unknown(),
    };

    /// <summary>So many times a size: the same symbol each time, also where code multiplies.</summary>
    public static Value Multiple(UnknownValue size, long times)
    {
        var (of, all) = size.MultipleOf is { } known ? (known.Of, known.Times * times) : (size, times);
        if (all == 1)
        {
            return of;
        }

        var result = of.Derive($"times {all}", $"{of.Text} * {all}", UnknownKind.Number, false);
        result.IsCount = of.IsCount;
        result.MultipleOf = (of, all);
        return result;
    }

    /// <summary>A part of a multiple: <c>(batch * 64) // 64</c> is the batch; null where it does not go in.</summary>
    public static Value? Part(UnknownValue size, long by) => by > 0 && size.MultipleOf is { } known && known.Times % by == 0 ? Multiple(known.Of, known.Times / by) : null;

    /// <summary>What is left of the elements of a shape when other sizes take their part of them: the size that <c>-1</c> stands for. Null: they do not fit.</summary>
    public static Value? Rest(IEnumerable<Value> all, IEnumerable<Value> others)
    {
        var (count, symbols) = Factors(all);
        var (part, taken) = Factors(others);
        foreach (var symbol in taken)
        {
            if (!symbols.Remove(symbol))
            {
                return Unknown();
            }
        }

        return part <= 0 || count % part != 0 ? symbols.Count == 0 ? null : Unknown() : symbols.Aggregate((Value)ConstantValue.Of(count / part), (size, symbol) => Times(symbol, size));
    }

    private static (long Count, List<Value> Symbols) Factors(IEnumerable<Value> sizes)
    {
        var (count, symbols) = (1L, new List<Value>());
        foreach (var size in sizes)
        {
            if (Known(size) is { } n)
            {
                count *= n;
            }
            else if (size is UnknownValue { MultipleOf: { } multiple })
            {
                count *= multiple.Times;
                symbols.Add(multiple.Of);
            }
            else
            {
                symbols.Add(size);
            }
        }

        return (count, symbols);
    }
}
