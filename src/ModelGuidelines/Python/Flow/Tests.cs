using System.Globalization;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Flow;

/// <summary>Atoms of what is asked of an unknown value: the same question of the same value is the same atom, and answers that exclude each other do.</summary>
internal sealed class Tests(ConditionTable table)
{
    private const int MaxAnswers = 24;

    public static Value AsValue(Condition condition) => condition.IsAlways ? ConstantValue.True : condition.IsNever ? ConstantValue.False
        : new ChoiceValue([(condition, ConstantValue.True), (condition.Not(), ConstantValue.False)]);

    /// <summary>It is None.</summary>
    public Condition IsNone(UnknownValue value)
    {
        if (value.Kind is not UnknownKind.Any || value.IsComputed || value.InstanceOf is not null)
        {
            return table.Never;
        }

        return value.Tests.TryGetValue("is None", out var known) ? known : value.Tests["is None"] = NewAtom(value, $"{value.Text} is None", NoOther(value) ?? table.Always);
    }

    public Condition IsTrue(UnknownValue value)
    {
        if (value.Tests.TryGetValue("true", out var known))
        {
            return known;
        }

        var isThere = table.Not(IsNone(value));
        return value.Tests["true"] = NewAtom(value, value.Text, isThere);
    }

    /// <summary>It equals a constant: answers for several constants exclude each other.</summary>
    public Condition Equals(UnknownValue value, ConstantValue constant)
    {
        value = value.Same ?? value;
        if (constant.Raw is null)
        {
            return IsNone(value);
        }

        var written = constant.Raw switch { string s => $"\"{s}\"", bool b => b ? "True" : "False", var raw => Convert.ToString(raw, CultureInfo.InvariantCulture) };
        var key = "== " + written;
        if (value.Tests.TryGetValue(key, out var known))
        {
            return known;
        }

        if (constant.Raw is bool flag && value.Kind is UnknownKind.Boolean)
        {
            return value.Tests[key] = flag ? IsTrue(value) : table.Not(IsTrue(value));
        }

        var given = table.Always;
        if (NoOther(value) is { } noOther)
        {
            given = noOther;
            if (Number(constant) is { } number)
            {
                foreach (var (bound, isStrict, more) in value.Bounds.Take(MaxAnswers))
                {
                    given = table.And(number > bound || (number == bound && !isStrict) ? more : table.Not(more), given);
                }
            }

            if (value.Tests.TryGetValue("true", out var isTrue) && constant.Raw is string { Length: > 0 })
            {
                given = table.And(isTrue, given);
            }
        }

        foreach (var apart in value.Apart)
        {
            if (apart.Tests.TryGetValue(key, out var itself))
            {
                given = table.And(table.Not(itself), given);
            }
        }

        var result = NewAtom(value, $"{value.Text} == {written}", given);
        if (Number(constant) is { } equalled)
        {
            value.Numbers.Add((equalled, result));
        }

        return value.Tests[key] = result;
    }

    /// <summary>It is more than a number, or equal to it: answers for larger numbers imply those for smaller ones.</summary>
    /// <param name="value">What is asked.</param>
    /// <param name="bound">The number.</param>
    /// <param name="isStrict">It is not equal to it.</param>
    /// <param name="text">The question as it is written.</param>
    /// <param name="isNegated">The text asks for the opposite.</param>
    public Condition IsMore(UnknownValue value, double bound, bool isStrict, string text, bool isNegated = false) => IsMore(value, bound, isStrict, text, isNegated, value.Usual);

    /// <summary>There are more rounds, or elements, than so many: where it is as many by default, too, that is open.</summary>
    public Condition HoldsMore(UnknownValue count, double bound) =>
        IsMore(count, bound, isStrict: true, string.Create(CultureInfo.InvariantCulture, $"{count.Text} > {bound}"), isNegated: false, count.Usual > bound ? count.Usual : null);

    private Condition IsMore(UnknownValue value, double bound, bool isStrict, string text, bool isNegated, double? by)
    {
        if (by is { } usual)
        {
            return usual > bound || (usual == bound && !isStrict) ? table.Always : table.Never;
        }

        if (value.IsCount && !isStrict && bound == Math.Floor(bound))
        {
            (bound, isStrict) = (bound - 1, true);
        }

        if (value.IsCount && bound < 0)
        {
            return table.Always;
        }

        var bounds = value.Bounds;
        var at = bounds.FindIndex(b => b.Bound > bound || (b.Bound == bound && (b.IsStrict || !isStrict)));
        if (at >= 0 && bounds[at].Bound == bound && bounds[at].IsStrict == isStrict)
        {
            return bounds[at].Condition;
        }

        at = at < 0 ? bounds.Count : at;
        var (isMore, isNotMore) = (table.Never, table.Never);
        if (bounds.Count <= MaxAnswers)
        {
            isNotMore = at > 0 ? table.Not(bounds[at - 1].Condition) : isNotMore;
            isMore = at < bounds.Count ? bounds[at].Condition : isMore;
            foreach (var (number, equal) in value.Numbers.Take(MaxAnswers))
            {
                (isMore, isNotMore) = number > bound || (number == bound && !isStrict) ? (table.Or(equal, isMore), isNotMore) : (isMore, table.Or(equal, isNotMore));
            }
        }

        var isOpen = table.Not(table.Or(isMore, isNotMore));
        var result = table.Or(isMore, NewAtom(value, text, isOpen, isNegated));
        bounds.Insert(at, (bound, isStrict, result));
        return result;
    }

    private static double? Number(ConstantValue constant) => constant.IsOpen ? null : constant.Raw switch { long l => l, double d => d, _ => null };

    /// <summary>A new test, where other answers leave it open.</summary>
    private Condition NewAtom(UnknownValue value, string text, Condition given, bool isNegated = false)
    {
        var atom = table.NewAtom(text, (value.Text, value));
        return table.And(given, isNegated ? table.Not(atom) : atom);
    }

    /// <summary>It equals none of what it was compared with; null where that is more than is followed.</summary>
    private Condition? NoOther(UnknownValue value)
    {
        var others = value.Tests.Where(t => t.Key.StartsWith("== ", StringComparison.Ordinal) || t.Key == "is None").Select(t => t.Value).Take(MaxAnswers + 1).ToList();
        return others.Count > MaxAnswers ? null : others.Aggregate(table.Always, (c, o) => table.And(table.Not(o), c));
    }

    /// <summary>Two values that cannot be told are equal, whichever is named first.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <param name="text">The question as it is written.</param>
    public Condition AreEqual(UnknownValue left, UnknownValue right, string text)
    {
        if (left.Tests.TryGetValue(Key("eq", right), out var known) || right.Tests.TryGetValue(Key("eq", left), out known))
        {
            return known;
        }

        if (ReferenceEquals(left.Same, right) || ReferenceEquals(right.Same, left))
        {
            return table.Always;
        }

        if (left.Apart.Contains(right) || right.Apart.Contains(left))
        {
            return table.Never;
        }

        var given = Ordered(left, right).Aggregate(table.Always, (c, less) => table.And(table.Not(less), c));
        return left.Tests[Key("eq", right)] = NewAtom(left, text, given);
    }

    /// <summary>One value that cannot be told is less than another: then that one is not less than it, nor are they equal.</summary>
    /// <param name="left">What is less.</param>
    /// <param name="right">Than what.</param>
    /// <param name="text">The question as it is written.</param>
    /// <param name="isNegated">The text asks for the opposite.</param>
    public Condition IsLess(UnknownValue left, UnknownValue right, string text, bool isNegated)
    {
        if (left.Tests.TryGetValue(Key("<", right), out var known))
        {
            return known;
        }

        var given = right.Tests.TryGetValue(Key("<", left), out var more) ? table.Not(more) : table.Always;
        if (left.Tests.TryGetValue(Key("eq", right), out var equal) || right.Tests.TryGetValue(Key("eq", left), out equal))
        {
            given = table.And(table.Not(equal), given);
        }

        return left.Tests[Key("<", right)] = NewAtom(left, text, given, isNegated);
    }

    /// <summary>What was asked of the order of two.</summary>
    private static IEnumerable<Condition> Ordered(UnknownValue left, UnknownValue right) =>
        new[] { left.Tests.GetValueOrDefault(Key("<", right)), right.Tests.GetValueOrDefault(Key("<", left)) }.OfType<Condition>();

    private static string Key(string question, UnknownValue other) => question + " u" + System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(other.Origin).ToString(CultureInfo.InvariantCulture);

    /// <summary>Any other question.</summary>
    public Condition Ask(UnknownValue value, string key, string text)
    {
        if (!value.Tests.TryGetValue(key, out var known))
        {
            value.Tests[key] = known = NewAtom(value, text, table.Always);
        }

        return known;
    }
}
