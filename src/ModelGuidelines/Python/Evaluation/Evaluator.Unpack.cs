using System.Globalization;
using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Assignments to several names.</content>
internal sealed partial class Evaluator
{
    private void Unpack(ImmutableArray<Expression> targets, Value value, Scope scope)
    {
        var place = scope.At(targets.Length > 0 ? targets[0].Start : 0);
        var star = -1;
        for (var i = 0; i < targets.Length; i++)
        {
            star = targets[i] is StarredExpression ? i : star;
        }

        value = Here(value);
        if (value is ChoiceValue choice)
        {
            UnpackEach(targets, choice, star, place, scope);
            return;
        }

        var all = PartsOf(value, targets.Length, star, place);
        for (var i = 0; i < targets.Length; i++)
        {
            Assign(targets[i], all is null ? Unknown(TextOf(targets[i], scope), "what is unpacked is not known", place) : all[i], scope);
        }
    }

    /// <summary>Each option that can be unpacked so gives its part.</summary>
    private void UnpackEach(ImmutableArray<Expression> targets, ChoiceValue choice, int star, Place place, Scope scope)
    {
        var parts = choice.Options.Where(o => o.Value is not (ConstantValue { IsNone: true } or MissingValue)).Select(o => (o.When, Values: PartsOf(o.Value, targets.Length, star, place))).Where(p => p.Values is not null).ToList();
        for (var i = 0; i < targets.Length; i++)
        {
            var at = i;
            Assign(targets[i], parts.Count == 0 ? Unknown("a part", "what is unpacked is not known", place) : Choices.Join(parts.Select(p => (p.When, p.Values![at]))), scope);
        }
    }

    /// <summary>The parts into which a value is unpacked; null when it cannot be.</summary>
    private List<Value>? PartsOf(Value value, int count, int star, Place place)
    {
        // Most often a tuple of as many.
        if (star < 0 && value is SequenceValue { Rest: null, Form: not SequenceForm.Iterator } tuple && tuple.Items.Count == count && tuple.Items.TrueForAll(i => i is not (ChoiceValue or MissingValue)))
        {
            return [.. tuple.Items];
        }

        return PartsOfAny(value, count, star, place);
    }

    private List<Value>? PartsOfAny(Value value, int count, int star, Place place)
    {
        switch (value)
        {
            case UnknownValue u:
                return [.. Enumerable.Range(0, count).Select(i => (Value)(i == star ? SequenceValue.Open(SequenceKind.List, u.Derive("[]", u.Text + "[i]", u.Kind)) : u.Derive($"[{i}]", $"{u.Text}[{i}]", u.Kind)))];
            case InputValue { Shape: null } input when star < 0:
                return [.. Enumerable.Range(0, count).Select(i => (Value)input.Element(i.ToString(CultureInfo.InvariantCulture), isUnpacked: true))];
            case TensorValue t:
                TensorValue Part() => new() { Shape = t.Shape is { } shape ? Indexing.Of(shape, ConstantValue.Of(0L)) : null };
                return [.. Enumerable.Range(0, count).Select(i => (Value)(i == star ? SequenceValue.Open(SequenceKind.List, Part()) : Part()))];
            case GraphTensor g:
                return [.. Enumerable.Range(0, count).Select(_ => (Value)new GraphTensor(g.Call))];
            case ConstantValue:
                return null;
        }

        List<Value> items;
        Value? rest = null;
        if (value is SequenceValue s)
        {
            items = [.. s.Items.Select(Held).Where(i => i is not MissingValue)];
            rest = s.Rest;
            UseUp(s);
        }
        else
        {
            items = [.. Iterate(value, place, "")];
        }

        Value At(int i) => i < items.Count ? items[i].Present().Value ?? items[i] : rest is null ? Unknown("a part", "there are not enough parts", place) : Fresh(rest);
        if (star < 0)
        {
            return items.Count > count && rest is null && items.TrueForAll(i => i.Missing() is null) ? null : [.. Enumerable.Range(0, count).Select(At)];
        }

        var behind = count - star - 1;
        var middle = Math.Max(0, items.Count - star - behind);
        return [.. Enumerable.Range(0, count).Select(i => i == star ? new SequenceValue(SequenceKind.List, [.. items.Skip(star).Take(middle)], rest) : At(i < star ? i : i - 1 + middle))];
    }
}
