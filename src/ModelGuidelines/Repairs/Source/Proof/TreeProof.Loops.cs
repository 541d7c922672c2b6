using System.Collections.Immutable;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <content>Loops whose rounds call a module each: how the rounds are counted, or how the list is walked together with what the loop walks.</content>
internal sealed partial class TreeProof
{
    /// <summary>Loops around what is compared, in its function, innermost last.</summary>
    private List<Round> _rounds = [];

    /// <summary>One round of a loop.</summary>
    /// <param name="Loop">In the original; null where it may run in ways that are not counted.</param>
    /// <param name="Counter">What counts the rounds from 0, in the changed text; null where nothing does.</param>
    /// <param name="Element">A name that the loop gives the elements of a list, and the list's attribute.</param>
    private sealed record Round(PythonNode? Loop, string? Counter, (string Name, string List)? Element);

    private bool Fresh(Func<bool> compare)
    {
        var outer = _rounds;
        _rounds = [];
        var result = compare();
        _rounds = outer;
        return result;
    }

    private bool Uncounted(Func<bool> compare) => In(new(null, null, null), compare);

    private bool In(Round round, Func<bool> compare)
    {
        _rounds.Add(round);
        var result = compare();
        _rounds.RemoveAt(_rounds.Count - 1);
        return result;
    }

    private bool Loop(PythonNode before, PythonNode after, Expression target, Expression iterable, Expression newTarget, Expression newIterable, Func<bool> body)
    {
        var round = Same(target, newTarget) && Same(iterable, newIterable) ? Plain(before, target, iterable)
            : Renamed(before, target, iterable, newTarget, newIterable) ?? Enumerated(before, target, iterable, newTarget, newIterable) ?? (Together(before, target, iterable, newTarget, newIterable) is { } walked ? walked with { Counter = newTarget is TupleExpression ? Plain(before, target, iterable).Counter : null } : null);
        return round is null ? Fail(newTarget, _after.Text(after)) : In(round, body);
    }

    /// <summary>A loop whose head is as it was.</summary>
    private Round Plain(PythonNode loop, Expression target, Expression iterable)
    {
        string? counter = null;
        switch (target, iterable)
        {
            case (NameExpression n, _) when IsRange(iterable):
                counter = n.Name;
                break;
            case (TupleExpression { Elements: [NameExpression n, _] }, CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: var given }) when _before.Find("enumerate", iterable) is null:
                counter = given switch
                {
                    [{ Name: null, Stars: 0 }] => n.Name,
                    [{ Name: null, Stars: 0 }, { Name: null or "start", Stars: 0, Value: NumberExpression start }] => $"{n.Name}-{start.Text}",
                    _ => null,
                };
                break;
        }

        // What counts is not set again in the round.
        if (counter is not null && counter.Split('-')[0] is var name && SourceTree.Below(loop).OfType<NameExpression>().Count(n => n.Name == name && AttributeUses.IsTarget(_before, n)) + SourceTree.Below(loop).OfType<NamedExpression>().Count(n => n.Target.Name == name) != 1)
        {
            counter = null;
        }

        return new(loop, counter, null);
    }

    private bool IsRange(Expression iterable) => iterable is CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0 }] } && _before.Find("range", iterable) is null;

    /// <summary><c>for _ in range(n)</c> becomes <c>for i in range(n)</c>.</summary>
    private Round? Renamed(PythonNode loop, Expression target, Expression iterable, Expression newTarget, Expression newIterable) =>
        target is NameExpression unused && newTarget is NameExpression counter && IsRange(iterable) && Same(iterable, newIterable) && IsUnused(loop, unused) && IsFree(loop, counter.Name) ? new(loop, counter.Name, null) : null;

    /// <summary><c>for f in fs</c> becomes <c>for i, f in enumerate(fs)</c>.</summary>
    private Round? Enumerated(PythonNode loop, Expression target, Expression iterable, Expression newTarget, Expression newIterable) =>
        newIterable is CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0, Value: var walked }] } && _after.Find("enumerate", newIterable) is null
        && newTarget is TupleExpression { Elements: [NameExpression counter, var each] } && Same(target, each) && Same(iterable, walked) && IsFree(loop, counter.Name) ? new(loop, counter.Name, null) : null;

    /// <summary><c>for f in self.fs</c> becomes <c>for f, act in zip(self.fs, self.act)</c>, <c>for i in range(n)</c> <c>for i, act in enumerate(self.act)</c>.</summary>
    private Round? Together(PythonNode loop, Expression target, Expression iterable, Expression newTarget, Expression newIterable)
    {
        Round? Walked(Expression name, Expression list) => name is NameExpression element && ListOf(list) is { } attribute && IsFree(loop, element.Name) ? new(loop, null, (element.Name, attribute)) : null;

        if (target is NameExpression counted && IsRange(iterable))
        {
            return newIterable is CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0, Value: var each }] } && _after.Find("enumerate", newIterable) is null
                ? newTarget is TupleExpression { Elements: [NameExpression same, var name] } && same.Name == counted.Name ? Walked(name, each) : null
                : IsUnused(loop, counted) ? Walked(newTarget, newIterable) : null;
        }

        // Both enumerated: what is counted stays.
        if (iterable is CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0, Value: var of }] } && newIterable is CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0, Value: var others }] })
        {
            return target is TupleExpression { Elements: [var number, var what] } && newTarget is TupleExpression { Elements: [var newNumber, var whats] } && Same(number, newNumber) ? Together(loop, what, of, whats, others) : null;
        }

        if (newIterable is not CallExpression { Function: NameExpression { Name: "zip" }, Arguments: [.. var walked, { Name: null, Stars: 0, Value: var added }] } || _after.Find("zip", newIterable) is not null || newTarget is not TupleExpression { Elements: [.. var targets, var element] })
        {
            return null;
        }

        var isZip = iterable is CallExpression { Function: NameExpression { Name: "zip" } } && target is TupleExpression;
        var (old, oldTargets) = isZip ? (((CallExpression)iterable).Arguments, ((TupleExpression)target).Elements) : ([], [target]);
        var isSame = isZip ? old.Length == walked.Length && old.Zip(walked).All(p => p.First is { Name: null, Stars: 0 } && Same(p.First, p.Second))
            : walked is [{ Name: null, Stars: 0, Value: var only }] && Same(iterable, only);
        return isSame && oldTargets.Length == targets.Length && oldTargets.Zip(targets).All(p => Same(p.First, p.Second)) ? Walked(element, added) : null;
    }

    /// <summary>The list that an attribute of the object is from now on.</summary>
    private string? ListOf(Expression expression) => expression is AttributeExpression a && AttributeUses.IsOfSelf(_after, a) && (_new.GetValueOrDefault(a.Name) ?? _lists.GetValueOrDefault(a.Name)) is { IsList: true } ? a.Name : null;

    private bool IsUnused(PythonNode loop, NameExpression name) => _before.Method(loop).Method is { } method && SourceTree.Below(method).OfType<NameExpression>().All(n => n.Name != name.Name || n == name);

    private bool IsFree(PythonNode loop, string name) => _before.Method(loop).Method is { } method && !Means(method, name);

    /// <summary>Whether a list that is built over some expression has an element for each round of a loop.</summary>
    private bool Counts(PythonNode loop, Expression count, bool isLess, ClassDefinition type)
    {
        if (loop is WhileStatement w)
        {
            var limit = CountedWhile.Of(_before, w)!.Value.Limit;
            return count is CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0, Value: var number }] } && _after.Find("range", count) is null
                && (!isLess ? IsAsCounted(limit, number, type) : limit is NumberExpression all && all.TryGetInteger(out var value) ? number is NumberExpression one && one.TryGetInteger(out var less) && less == value - 1
                    : number is BinaryExpression { Operator: PythonOperator.Subtract, Right: NumberExpression { Text: "1" }, Left: var rest } && IsAsCounted(limit, rest, type));
        }

        var iterable = loop is ForStatement f ? f.Iterable : ((ComprehensionExpression)loop).Clauses[0].Iterable;
        while (iterable is CallExpression { Function: NameExpression { Name: "enumerate" or "reversed" } of, Arguments: [{ Name: null, Stars: 0 } inner, .. { Length: 0 or 1 }] } && _before.Find(of.Name, iterable) is null)
        {
            iterable = inner.Value;
        }

        if (isLess && count is SubscriptExpression { Index: SliceExpression { Lower: NumberExpression { Text: "1" }, Upper: null, Step: null }, Value: var whole })
        {
            return Counts(loop, whole, false, type);
        }

        var rounds = count is CallExpression { Function: NameExpression { Name: "range" }, Arguments: var arguments } && _after.Find("range", count) is null && arguments.All(a => a is { Name: null, Stars: 0 }) ? arguments : default;
        if ((iterable switch { TupleExpression t => t.Elements, ListExpression l => l.Elements, _ => default }) is { IsDefault: false } elements)
        {
            return !elements.Any(e => e is StarredExpression) && IsNumber(rounds, elements.Length - (isLess ? 1 : 0));
        }

        if (loop is ComprehensionExpression && Receivers(loop) is { } receivers && IsNumber(rounds, receivers - (isLess ? 1 : 0)))
        {
            return true;
        }

        if (iterable is CallExpression { Function: NameExpression { Name: "range" }, Arguments: var given } && _before.Find("range", iterable) is null)
        {
            if (rounds.IsDefault || rounds.Length != given.Length || !given.All(a => a is { Name: null, Stars: 0 }))
            {
                return false;
            }

            if (!isLess)
            {
                return given.Zip(rounds).All(p => IsAsCounted(p.First.Value, p.Second.Value, type));
            }

            return given is [{ Value: var all }] && (all is NumberExpression number && number.TryGetInteger(out var value) ? IsNumber(rounds, value - 1)
                : rounds[0].Value is BinaryExpression { Operator: PythonOperator.Subtract, Right: NumberExpression { Text: "1" }, Left: var rest } && IsAsCounted(all, rest, type));
        }

        var lists = iterable is CallExpression { Function: NameExpression { Name: "zip" } } zip && _before.Find("zip", iterable) is null ? zip.Arguments.Where(a => a is { Name: null, Stars: 0 }).Select(a => a.Value) : [iterable];
        return !isLess && lists.Any(l => IsAsCounted(l is CallExpression { Function: AttributeExpression { Name: "items" or "values" or "keys", Value: AttributeExpression of }, Arguments.IsEmpty: true } ? of : l, count, type));
    }

    /// <summary>Whether a list has an element for each round of a loop in another: <c>range(n * m)</c>.</summary>
    private bool Counts(PythonNode outer, PythonNode inner, Expression count, bool isLess, ClassDefinition type)
    {
        if (count is not CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0, Value: var number }] } || _after.Find("range", count) is not null)
        {
            return false;
        }

        if (isLess)
        {
            number = number is BinaryExpression { Operator: PythonOperator.Subtract, Right: NumberExpression { Text: "1" }, Left: var all } ? all : null!;
        }

        return number is BinaryExpression { Operator: PythonOperator.Multiply, Left: var times, Right: var each } && LoopRounds.RangeOf(_before, inner) is { } rounds && IsAsCounted(rounds, each, type)
            && (LoopRounds.RangeOf(_before, outer) is { } first ? IsAsCounted(first, times, type)
                : outer is ForStatement { Iterable: AttributeExpression list } && times is CallExpression { Function: NameExpression { Name: "len" }, Arguments: [{ Name: null, Stars: 0, Value: var of }] } && _after.Find("len", count) is null && IsAsCounted(list, of, type));
    }

    private static bool IsNumber(ImmutableArray<Argument> rounds, long number) => !rounds.IsDefault && rounds is [{ Value: NumberExpression only }] && only.TryGetInteger(out var value) && value == number;

    /// <summary>How many names take what a comprehension gives.</summary>
    private int? Receivers(PythonNode loop)
    {
        var whole = _before.Parent(loop) is Argument { Name: null, Stars: 0 } argument && _before.Parent(argument) is CallExpression { Function: NameExpression { Name: "tuple" or "list" }, Arguments.Length: 1 } made && _before.Find("tuple", made) is null && _before.Find("list", made) is null ? made : loop;
        return _before.Parent(whole) is AssignStatement { Targets: [TupleExpression targets] } && !targets.Elements.Any(t => t is StarredExpression) ? targets.Elements.Length : null;
    }

    /// <summary>Whether <c>__init__</c> says the same of a number or a list as the loop does; where it may be None there, it says what has no rounds.</summary>
    private bool IsAsCounted(Expression before, Expression after, ClassDefinition type) => (before, after) switch
    {
        (_, BooleanExpression { IsAnd: false, Values: [var value, NumberExpression { Text: "0" } or TupleExpression { Elements.IsEmpty: true }] }) => IsAsCounted(before, value, type),
        (NumberExpression a, NumberExpression b) => a.Text == b.Text,
        (UnaryExpression { Operator: PythonOperator.Minus } a, UnaryExpression { Operator: PythonOperator.Minus } b) => IsAsCounted(a.Operand, b.Operand, type),
        (BinaryExpression a, BinaryExpression b) => a.Operator == b.Operator && IsAsCounted(a.Left, b.Left, type) && IsAsCounted(a.Right, b.Right, type),
        (CallExpression { Function: NameExpression { Name: "len" }, Arguments: [{ Name: null, Stars: 0 } a] }, CallExpression { Function: NameExpression { Name: "len" }, Arguments: [{ Name: null, Stars: 0 } b] }) => IsAsCounted(a.Value, b.Value, type),
        (SubscriptExpression { Index: SliceExpression s, Value: AttributeExpression a }, SubscriptExpression { Index: SliceExpression t, Value: var b }) => _before.Text(s) == _after.Text(t) && IsAsCounted(a, b, type),
        (AttributeExpression a, AttributeExpression b) => a.Name == b.Name && AttributeUses.IsOfSelf(_before, a) && AttributeUses.IsOfSelf(_after, b) && IsSetBefore(b, type),
        _ => false,
    };
}
