using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Flow;

/// <summary>Atoms of what is asked of an unknown value: the same question of the same value is the same atom, and answers that exclude each other do.</summary>
internal sealed class Tests(ConditionTable table)
{
    private const int MaxAnswers = 24;

    public static Value AsValue(Condition condition) => condition.IsAlways ? ConstantValue.True : condition.IsNever ? ConstantValue.False
        : new ChoiceValue([(condition, ConstantValue.True), (condition.Not(), ConstantValue.False)]);

    /// <summary>It is None.</summary>
    public Condition IsNone(UnknownValue value) =>
        value.Kind is not UnknownKind.Any ? table.Never : Ask(value, "is None", $"{value.Text} is None");

    public Condition IsTrue(UnknownValue value)
    {
        if (value.Tests.TryGetValue("true", out var known))
        {
            return known;
        }

        var isNone = IsNone(value);
        return value.Tests["true"] = table.And(table.Not(isNone), NewAtom(value, value.Text));
    }

    /// <summary>It equals a constant: answers for several constants exclude each other.</summary>
    public Condition Equals(UnknownValue value, ConstantValue constant)
    {
        value = value.Same ?? value;
        if (constant.Raw is null)
        {
            return IsNone(value);
        }

        var written = constant.Raw switch { string s => $"\"{s}\"", bool b => b ? "True" : "False", var raw => Convert.ToString(raw, System.Globalization.CultureInfo.InvariantCulture) };
        var key = "== " + written;
        if (value.Tests.TryGetValue(key, out var known))
        {
            return known;
        }

        if (constant.Raw is bool flag && value.Kind is UnknownKind.Boolean)
        {
            return value.Tests[key] = flag ? IsTrue(value) : table.Not(IsTrue(value));
        }

        var result = NewAtom(value, $"{value.Text} == {written}");
        var others = value.Tests.Where(t => t.Key.StartsWith("== ", StringComparison.Ordinal) || t.Key == "is None").Select(t => t.Value).Take(MaxAnswers + 1).ToList();
        if (others.Count <= MaxAnswers)
        {
            foreach (var other in others)
            {
                result = table.And(table.Not(other), result);
            }

            if (Number(constant) is { } number)
            {
                foreach (var (bound, isStrict, more) in value.Bounds.Take(MaxAnswers))
                {
                    result = table.And(number > bound || (number == bound && !isStrict) ? more : table.Not(more), result);
                }
            }

            if (value.Tests.TryGetValue("true", out var isTrue) && constant.Raw is string { Length: > 0 })
            {
                result = table.And(isTrue, result);
            }
        }

        foreach (var apart in value.Apart)
        {
            if (apart.Tests.TryGetValue(key, out var itself))
            {
                result = table.And(table.Not(itself), result);
            }
        }

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
    public Condition IsMore(UnknownValue value, double bound, bool isStrict, string text, bool isNegated = false)
    {
        if (value.Usual is { } usual)
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
        var result = NewAtom(value, text);
        result = isNegated ? table.Not(result) : result;
        if (bounds.Count <= MaxAnswers)
        {
            result = at > 0 ? table.And(bounds[at - 1].Condition, result) : result;
            result = at < bounds.Count ? table.Or(bounds[at].Condition, result) : result;
            foreach (var (number, equal) in value.Numbers.Take(MaxAnswers))
            {
                result = number > bound || (number == bound && !isStrict) ? table.Or(equal, result) : table.And(table.Not(equal), result);
            }
        }

        bounds.Insert(at, (bound, isStrict, result));
        return result;
    }

    private static double? Number(ConstantValue constant) => constant.IsOpen ? null : constant.Raw switch { long l => l, double d => d, _ => null };

    private Condition NewAtom(UnknownValue value, string text) => table.NewAtom(text, (value.Text, value));

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

        var result = NewAtom(left, text);
        foreach (var less in Ordered(left, right))
        {
            result = table.And(table.Not(less), result);
        }

        return left.Tests[Key("eq", right)] = result;
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

        var result = NewAtom(left, text);
        result = isNegated ? table.Not(result) : result;
        if (right.Tests.TryGetValue(Key("<", left), out var more))
        {
            result = table.And(table.Not(more), result);
        }

        if (left.Tests.TryGetValue(Key("eq", right), out var equal) || right.Tests.TryGetValue(Key("eq", left), out equal))
        {
            result = table.And(table.Not(equal), result);
        }

        return left.Tests[Key("<", right)] = result;
    }

    /// <summary>What was asked of the order of two.</summary>
    private static IEnumerable<Condition> Ordered(UnknownValue left, UnknownValue right) =>
        new[] { left.Tests.GetValueOrDefault(Key("<", right)), right.Tests.GetValueOrDefault(Key("<", left)) }.OfType<Condition>();

    private static string Key(string question, UnknownValue other) => question + " u" + System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(other.Origin).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Any other question.</summary>
    public Condition Ask(UnknownValue value, string key, string text)
    {
        if (!value.Tests.TryGetValue(key, out var known))
        {
            value.Tests[key] = known = NewAtom(value, text);
        }

        return known;
    }
}
