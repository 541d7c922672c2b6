using System.Globalization;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Parts of lists.</content>
internal sealed partial class Evaluator
{
    private SliceValue Slice(SliceExpression e, Scope scope)
    {
        return new(Bound(e.Lower), Bound(e.Upper), Bound(e.Step));

        Value? Bound(Expression? part)
        {
            var bound = part is null ? null : Evaluate(part, scope);
            UseAsNumber(bound, scope.At(e.Start));
            return bound;
        }
    }

    private SequenceValue Sliced(SequenceValue s, SliceValue slice)
    {
        if (s is { Order: { } order, Rest: null } && s.Items.Count > 1)
        {
            return new(s.Kind, slice is { Lower: null, Upper: null } ? [.. s.Items] : [.. s.Items.Select(i => Some(i, (order, slice.Lower, slice.Upper, slice.Step)))]) { Order = order };
        }

        var isOpen = IsOpen(s);
        if (!isOpen && Bounds(slice, s.Items.Count) is var (from, to, step))
        {
            var result = new List<Value>();
            for (var i = from; step > 0 ? i < to : i > to; i += step)
            {
                result.Add(s.Items[i]);
            }

            return new(s.Kind, result);
        }

        var (lower, upper) = (slice.Lower, slice.Upper);
        if (upper is not null && ReferenceEquals(upper, s.Length))
        {
            upper = null; // up to its own length
        }

        if (!isOpen && (lower is UnknownValue || upper is UnknownValue) && s.Items.Exists(HoldsModule))
        {
            return new(s.Kind, [.. s.Items.Select(i => Some(i, (lower, upper)))]);
        }

        if (!isOpen && (lower is UnknownValue || upper is UnknownValue) && s.Items.Count <= 64)
        {
            // Before and behind an unknown place: an element is on one side of it.
            return new(s.Kind, [.. s.Items.Select((v, i) =>
            {
                var when = Conditions.Always;
                when = upper is UnknownValue u ? when.And(_tests.IsMore(u, i, isStrict: true, $"{u.Text} > {i}")) : upper is ConstantValue { Raw: long t } && i >= (t < 0 ? t + s.Items.Count : t) ? Conditions.Never : when;
                when = lower is UnknownValue l ? when.And(_tests.IsMore(l, i, isStrict: true, $"{l.Text} > {i}").Not()) : lower is ConstantValue { Raw: long f } && i < (f < 0 ? f + s.Items.Count : f) ? Conditions.Never : when;
                return Sometimes(v, when);
            }).Where(v => v is not MissingValue)]);
        }

        if (slice.Step is ConstantValue { Raw: -1L } && lower is null or ConstantValue { IsNone: true } && upper is null or ConstantValue { IsNone: true })
        {
            return new(s.Kind, [.. s.Items.AsEnumerable().Reverse()], s.Rest) { Length = s.Length };
        }

        if (slice.Step is ConstantValue { Raw: long and > 1 and var by } && upper is null or ConstantValue { IsNone: true } && lower is null or ConstantValue { IsNone: true } or ConstantValue { Raw: long and >= 0 })
        {
            return Every(s, slice, lower is ConstantValue { Raw: long first } ? first : 0, by);
        }

        if (lower is ConstantValue { Raw: long and > 0 and var skip } && s.Items.Count >= skip)
        {
            return upper is ConstantValue { Raw: long and > 0 and var end } ? Every(s, slice, skip, step: 1, count: Math.Max(0, end - skip))
                : Every(s, slice, skip, step: 1, behind: upper is ConstantValue { Raw: long and < 0 and var less } ? -less : 0);
        }

        if (lower is null or ConstantValue { IsNone: true } or ConstantValue { Raw: 0L } && upper is ConstantValue { Raw: long and > 0 and var take } && take <= s.Items.Count)
        {
            return new(s.Kind, [.. s.Items.Take((int)take)]);
        }

        // Some of them: which, and whether another part has the same, cannot be told.
        return lower is null or ConstantValue { IsNone: true } && upper is null or ConstantValue { IsNone: true } ? new(s.Kind, [.. s.Items], s.Rest) { Length = s.Length }
            : new(s.Kind, [.. s.Items.Select(i => OfPart(i, slice))], s.Rest is UnknownValue rest ? OfPart(rest, slice) : s.Rest);
    }

    /// <summary>Some element of a part. What cannot be told of it is not said of an element of another part.</summary>
    private Value OfPart(Value element, SliceValue part) => element switch
    {
        UnknownValue { Kind: UnknownKind.Any } u => u.Derive($"[{PartKey(part)}]", u.Text, u.Kind, u.MayBeTensor),
        ChoiceValue c => new ChoiceValue([.. c.Options.Select(o => (o.When, OfPart(o.Value, part)))]),
        _ => Some(element, part),
    };

    private static string PartKey(SliceValue part) => $"{BoundKey(part.Lower)}:{BoundKey(part.Upper)}:{BoundKey(part.Step)}";

    /// <summary>Which end of a part it is: two that cannot be told are two.</summary>
    private static string BoundKey(Value? bound) => bound switch
    {
        null or ConstantValue { IsNone: true } => "",
        ConstantValue { Peek: long, IsOpen: true } open => OpenKey(open),
        ConstantValue c => Text.Of(c) ?? "",
        _ => "u" + System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(bound).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Each element that is known stands where it stands: only behind all others are some that may be missing, and none stands for all later ones.</summary>
    private bool HasPlaces(SequenceValue s) => s.Rest is null && s.Items.Select(i => Held(i).Missing()).SkipWhile(m => m is null).All(m => m is not null && !_opens.Exists(m.Not().Implies));

    /// <summary>Where each later round of a loop has made a list longer by as many elements, the one among them that stands at a number which grows by as many: <c>blocks[2 * i + 1]</c> of pairs. Null where that cannot be told.</summary>
    private Value? OfEachRound(SequenceValue s, long at, long stride)
    {
        var items = s.Items;
        var first = items.FindIndex(i => Held(i).Missing() is not null);
        var count = items.Count - first;
        if (s.Rest is not null || stride <= 0 || first < 0 || at < first || at >= first + count || stride % count != 0)
        {
            return null;
        }

        var missing = Held(items[first]).Missing()!;
        return _opens.Exists(missing.Not().Implies) && items.Skip(first + 1).All(i => missing.Equals(Held(i).Missing())) ? Here(items[(int)at]) : null;
    }

    /// <summary>Which elements the number of some later round can be: those of other rests are others, as <c>2 * i</c> and <c>2 * i + 1</c> are.</summary>
    private static string OpenKey(ConstantValue index) => index.Stride is > 1 and var by ? string.Create(CultureInfo.InvariantCulture, $"open {((long)index.Raw! % by + by) % by} of {by}") : "open";

    /// <summary>Every so many elements of a list of unknown length from one on. Behind the element that stands for all later ones are some of those: a first and one for all others, where the list is that long.</summary>
    /// <param name="s">The list.</param>
    /// <param name="slice">The part.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="step">How far its elements are from each other.</param>
    /// <param name="behind">How many elements at the end of the list it leaves out.</param>
    /// <param name="count">How many elements it has at most; null where it goes on to the end.</param>
    private SequenceValue Every(SequenceValue s, SliceValue slice, long from, long step, long behind = 0, long? count = null)
    {
        var items = s.Items.Where((_, i) => i >= from && (i - from) % step == 0).Take((int)Math.Min(count ?? int.MaxValue, int.MaxValue)).ToList();
        var last = s.Items.Count - 1;
        if (s.Rest is not null || last < 0 || Held(s.Items[last]).Present() is not { Missing: { } missing, Value: { } later } || items.Take(items.Count - 1).Any(i => Held(i).Missing() is not null))
        {
            return new(s.Kind, items, s.Rest);
        }

        // The one at a place that is so far behind that of the first for which it stands.
        var isFirst = items.Count > 0 && ReferenceEquals(items[^1], s.Items[last]);
        Value At(long place) => Sometimes(step == 1 && place - last <= MaxOfAnother ? Others(later, place - last) : Some(later, (slice, place)), Behind(missing.Not(), place - last + behind));
        if (isFirst && behind > 0)
        {
            items[^1] = At(last);
        }

        var (next, least) = (from + (step * items.Count), count is { } all ? Math.Min(all, items.Count + MaxOfAnother) : step == 1 && isFirst ? items.Count : Math.Max(2, items.Count + 1));
        for (; items.Count < least; next += step)
        {
            items.Add(At(next));
        }

        items.RemoveAll(i => i is MissingValue);
        return new(s.Kind, items) { IsCounted = count is not null };
    }

    private static (int From, int To, int Step)? Bounds(SliceValue slice, int count)
    {
        static bool Known(Value? v, out long? value)
        {
            value = v is ConstantValue { Raw: long l, IsOpen: false } ? l : null;
            return v is null or ConstantValue { IsNone: true } || value is not null;
        }

        if (!Known(slice.Lower, out var lower) || !Known(slice.Upper, out var upper) || !Known(slice.Step, out var step) || step == 0)
        {
            return null;
        }

        var by = (int)Math.Clamp(step ?? 1, -count - 1, count + 1);
        by = by == 0 ? 1 : by;
        int Clamp(long? v, int otherwise, int least, int most) => v is not { } x ? otherwise : (int)Math.Clamp(x < 0 ? x + count : x, least, most);
        return by > 0 ? (Clamp(lower, 0, 0, count), Clamp(upper, count, 0, count), by) : (Clamp(lower, count - 1, -1, count - 1), Clamp(upper, -1, -1, count - 1), by);
    }
}
