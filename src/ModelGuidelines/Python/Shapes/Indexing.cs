using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Shapes;

/// <summary>The sizes of a part of a tensor: <c>x[:, 0]</c>, <c>x[..., None]</c>.</summary>
internal static class Indexing
{
    /// <summary>The shape of what an index takes; null where that cannot be told (a tensor as an index may be a mask).</summary>
    public static Shape? Of(Shape shape, Value index)
    {
        IReadOnlyList<Value> parts = index is SequenceValue { Kind: SequenceKind.Tuple, Rest: null } tuple ? tuple.Items : [index];
        var taken = parts.Count(p => p is not (ConstantValue { IsNone: true } or ConstantValue { Raw: not (long or null) }));
        if (parts.Count(IsEllipsis) > 1)
        {
            return null; // torch refuses it
        }

        var result = new List<Value>();
        var axis = 0;
        foreach (var part in parts)
        {
            if (part is ConstantValue { IsNone: true })
            {
                result.Add(Size.One);
                continue;
            }

            if (IsEllipsis(part))
            {
                for (var skip = shape.Rank - taken; skip > 0; skip--)
                {
                    result.Add(shape.Sizes[axis++]);
                }

                continue;
            }

            if (axis >= shape.Rank)
            {
                return null;
            }

            switch (part)
            {
                case ConstantValue { Peek: long } or UnknownValue { Kind: UnknownKind.Number }:
                    break;
                case SliceValue slice:
                    result.Add(Sliced(shape.Sizes[axis], slice));
                    break;
                default:
                    return null;
            }

            axis++;
        }

        return new([.. result, .. shape.Sizes[axis..]]);
    }

    private static bool IsEllipsis(Value part) => part is ConstantValue { Raw: var raw } && ReferenceEquals(raw, ConstantValue.EllipsisMark);

    private static Value Sliced(Value size, SliceValue slice)
    {
        static bool IsNone(Value? v) => v is null or ConstantValue { IsNone: true };
        if (IsNone(slice.Lower) && IsNone(slice.Upper) && (IsNone(slice.Step) || Size.Known(slice.Step!) == 1))
        {
            return size;
        }

        var step = IsNone(slice.Step) ? 1 : Size.Known(slice.Step!);
        if (Size.Known(size) is not { } all || step is not > 0 || Bound(slice.Lower, 0, all) is not { } from || Bound(slice.Upper, all, all) is not { } to)
        {
            return Size.Unknown();
        }

        return ConstantValue.Of(Math.Max(0, (to - from + step.Value - 1) / step.Value));
    }

    private static long? Bound(Value? bound, long otherwise, long size) => bound is null or ConstantValue { IsNone: true } ? otherwise : Size.Known(bound) is { } n ? Math.Clamp(n < 0 ? n + size : n, 0, size) : null;
}
