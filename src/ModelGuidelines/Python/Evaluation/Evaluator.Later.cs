using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>The element that stands for all later ones of a list of unknown length: where what stands before it is left out (<c>layers[1:]</c>, behind <c>next</c>), it is the first of them, and there may be others.</content>
internal sealed partial class Evaluator
{
    /// <summary>In a list that is put together of more such parts each of them but the last is followed as if it were one.</summary>
    private const int MaxSeveral = 4;

    private readonly Dictionary<Condition, Condition> _more = [];

    /// <summary>Whether an element stands for all later ones, however many: under the condition under which it is there, there are further rounds.</summary>
    internal bool IsLater(Value item) => item is ChoiceValue && item.Missing() is { } missing && Opening(missing.Not()) is not null;

    /// <summary>An element as a list holds it here. One that stands for all later ones does so where it is known that there is one, too: how many there are is not.</summary>
    private Value Held(Value item)
    {
        var value = Here(item);
        return item is ChoiceValue && value is not MissingValue && value.Missing() is null && IsLater(item) ? Sometimes(value, item.Missing()!.Not()) : value;
    }

    /// <summary>That there are further rounds, where it holds wherever this does.</summary>
    private Condition? Opening(Condition there) => _opens.Find(o => !o.IsAlways && there.Implies(o));

    /// <summary>Where the element stands that is so many behind the first of those that one stands for: that the list is as long.</summary>
    /// <param name="there">That it holds the first of them.</param>
    /// <param name="by">How many behind it.</param>
    private Condition Behind(Condition there, long by)
    {
        if (by == 0 || Opening(there) is not { } opening)
        {
            return there;
        }

        if (Counted(opening, 0) is var (count, bound))
        {
            return there.And(Opens(_tests.HoldsMore(count, bound + by)));
        }

        for (; by > 0; by--)
        {
            opening = _more.TryGetValue(opening, out var known) ? known : _more[opening] = Opens(opening.And(Conditions.NewAtom($"it goes on where {opening}")));
        }

        return there.And(opening);
    }

    /// <summary>What is counted where there are further rounds, and to which number.</summary>
    private static (UnknownValue Count, double Bound)? Counted(Condition opening, int depth)
    {
        for (var part = opening; part?.Atom is { } atom && depth < 8; part = part.High!.IsNever ? part.Low : part.High, depth++)
        {
            if (atom.Of?.Which is UnknownValue symbol && symbol.Bounds.FindIndex(b => b.IsStrict && b.Condition.Equals(opening)) is >= 0 and var at)
            {
                return (symbol, symbol.Bounds[at].Bound);
            }
        }

        return null;
    }

    /// <summary>The elements of a list that begins with one which stands for several: that one is the first of them, and behind it comes another that stands for all others.</summary>
    private Value[] WithOthers(Value[] items)
    {
        if (items.Length == 0 || !IsLater(items[0]) || HasOthers(items, 0) || items[0].Present() is not { Value: { } first, Missing: { } missing })
        {
            return items;
        }

        return Sometimes(Other(first, 0), Behind(missing.Not(), 1)) is var other and not MissingValue ? [items[0], other, .. items.Skip(1)] : items;
    }

    /// <summary>Whether, of the elements behind one that stands for several, some stand for the others of those.</summary>
    private bool HasOthers(IReadOnlyList<Value> items, int at)
    {
        var there = items[at].Missing()!.Not();
        return items.Skip(at + 1).Take(MaxEarlier).Any(i => IsLater(i) && i.Missing()!.Not().Implies(there));
    }

    /// <summary>Another one of those that an element stands for.</summary>
    private Value Other(Value element, int depth) => element switch
    {
        ConstantValue { Peek: long and < long.MaxValue / 2 } or UnknownValue => NextElement(element),
        SequenceValue { Kind: SequenceKind.Tuple, Rest: null } t when depth < MaxOfAnother => new SequenceValue(SequenceKind.Tuple, t.Items.ConvertAll(i => Other(i, depth + 1))),
        _ => Some(element, "another"),
    };

    /// <summary>The one that is so many behind the first of those that an element stands for.</summary>
    private Value Others(Value first, long by) => by <= 0 ? first : Others(Other(first, 0), by - 1);

    /// <summary>The modules that a round is about, and those of the lists that it walks over once more.</summary>
    private HashSet<ObjectValue>? _about;
    private HashSet<ObjectValue>? _walkedAgain;
    private readonly List<Condition> _sameAsRound = [];

    /// <summary>Runs a round of a loop within a further one of another: where both are about what stands for all later elements of one list, that one meets each of them, and not only its own.</summary>
    private void WalkAgain(Value element, Action round)
    {
        var met = _elements is null || _about is null ? [] : TopModules(element, 0).Where(m => m.StandsFor is null && _about.Contains(m)).ToList();
        if (met.Count == 0)
        {
            round();
            return;
        }

        var below = met.SelectMany(m => ModulesIn(m, 0)).Where(_elements!.Remove).ToList();
        var outer = _walkedAgain;
        _walkedAgain = [.. below, .. outer ?? []];
        round();
        _walkedAgain = outer;
        _elements.UnionWith(below);
    }

    private static IEnumerable<ObjectValue> TopModules(Value? element, int depth) => element switch
    {
        ObjectValue { IsModule: true } module => [module],
        SequenceValue { Kind: SequenceKind.Tuple, Items.Count: <= 64 } t when depth < 8 => t.Items.SelectMany(i => TopModules(i, depth + 1)),
        ChoiceValue c => c.Options.SelectMany(o => TopModules(o.Value, depth + 1)),
        _ => [],
    };
}
