using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Which element stands at a place of a list that holds some only at times.</content>
internal sealed partial class Evaluator
{
    /// <summary>Elements that are looked at to find the one that stands at a place.</summary>
    private const int MaxPlaced = 64;

    /// <summary>Conditions under which elements are there for each of which two lists are followed.</summary>
    private const int MaxParting = 3;

    /// <summary>The condition under which a list is the first of those of which it is one (<c>if act == "a": layers = [A() for d in sizes]</c>): elements that are there only at times are there
    /// together or never, but for those that stand for others. Null for any other list, and for one of more than are followed.</summary>
    private Condition? Parting(SequenceValue s)
    {
        var there = s.Items.Count > MaxPlaced ? [] : s.Items.Where(i => i is ChoiceValue && !IsLater(i)).Select(i => Here(i).Present()).Where(p => p.Value is not null).Select(p => p.Missing?.Not()).OfType<Condition>().Distinct().Take(MaxParting + 1).ToList();
        return there.Count is > 1 and <= MaxParting && there.TrueForAll(a => !a.HasNames && there.TrueForAll(b => ReferenceEquals(a, b) || !a.Meets(b))) ? there[0] : null;
    }

    /// <summary>The list without what is not there on this way.</summary>
    private SequenceValue ThereOf(SequenceValue s) => new(s.Kind, [.. s.Items.Where(i => Here(i) is not MissingValue)], s.Rest) { Growth = s.Growth };

    /// <summary>What stands at a place of a list where it, or what stands before it, is there only at times (<c>if flag: layers.append(a)</c>): where that is not there, the next one is it.
    /// Null where all is there, or an element stands for all later ones.</summary>
    /// <param name="s">The list.</param>
    /// <param name="place">The place; below 0 from the end.</param>
    private Value? Placed(SequenceValue s, long place)
    {
        var items = s.Items;
        var skip = (int)Math.Clamp(place >= 0 ? place : -1 - place, 0, MaxPlaced);
        Value At(int i) => items[place >= 0 ? i : items.Count - 1 - i];
        bool IsThereAtTimes(int i) => At(i) is ChoiceValue held && Here(held).Present() is { Missing: not null } or { Value: null };
        if (skip == MaxPlaced || (place < 0 && s.Rest is not null) || !Enumerable.Range(0, Math.Min(skip + 1, items.Count)).Any(IsThereAtTimes))
        {
            return null;
        }

        // That so many of those before are there; each that is there where as many are as are skipped is the one.
        var before = Enumerable.Repeat(Conditions.Never, skip + 1).ToArray();
        before[0] = Conditions.Always;
        var (options, left) = (new List<(Condition, Value)>(), Conditions.Always);
        for (var i = 0; i < items.Count && Now.Meets(left); i++)
        {
            if (i == MaxPlaced || IsLater(At(i)))
            {
                return null;
            }

            if (Here(At(i)).Present() is not { Value: { } there, Missing: var missing })
            {
                continue;
            }

            var (isThere, isMissing) = (missing?.Not() ?? Conditions.Always, missing ?? Conditions.Never);
            options.Add((before[skip].And(isThere), there));
            for (var count = skip; count >= 0; count--)
            {
                before[count] = before[count].And(isMissing).Or(count == 0 ? Conditions.Never : before[count - 1].And(isThere));
            }

            left = before.Aggregate(Conditions.Never, (c, b) => c.Or(b));
        }

        if (s.Rest is not null)
        {
            options.Add((left, Fresh(s.Rest)));
        }
        else if (Observer is not null && _caught is null && Conditions.TryExclude(_world, Now.And(left)) is { IsNever: false } world)
        {
            _world = world; // a list that is shorter raises
        }

        return Choices.Join(options) is var one and not MissingValue ? one : null;
    }

    /// <summary>The element at an unknown place of several: where there is one alone, that one.</summary>
    private Value OneOrAlone(IReadOnlyList<Value> items, UnknownValue which)
    {
        var isAlone = IsAlone(items);
        return Choices.Join(items.Select((v, at) => (isAlone.Not().And(_tests.Equals(which, ConstantValue.Of(at))).And(Here(v).Missing()?.Not() ?? Conditions.Always), One(Here(v).Present().Value ?? v, which)))
            .Prepend((isAlone, Here(items[0]).Present().Value ?? items[0])));
    }

    /// <summary>That nothing stands behind the first of them, where that is so by default: there may be more, as the list is made for them.</summary>
    private Condition IsAlone(IReadOnlyList<Value> items)
    {
        var isAlone = items.Skip(1).Aggregate(Conditions.Always, (c, v) => Here(v).Missing() is { } gone ? c.And(gone) : Conditions.Never);
        return !isAlone.IsNever && Counted(isAlone.Not(), 0) is var (count, bound) && count.Usual <= bound ? isAlone : Conditions.Never;
    }

    /// <summary>An element at an unknown place: what it does is recorded, but it meets another call only where that is of the same unknown place.</summary>
    private Value One(Value element, UnknownValue which) => element is ChoiceValue several ? Choices.Join(several.Options.Select(o => (o.When, One(o.Value, which))))
        : Observer is null || element is not ObjectValue { Kind: ClassKind.TorchModule or ClassKind.KerasLayer } ? element : Some(element, which);
}
