using System.Globalization;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What later rounds of a loop of unknown length call again. Its second round stands for all later ones: what that calls and the first did not is looked for in a third, which is followed
/// for its calls alone and leaves nothing.</content>
internal sealed partial class Evaluator
{
    private const int MaxOpens = 64;

    /// <summary>Of a module's calls in earlier rounds, so many conditions are compared.</summary>
    private const int MaxEarlier = 24;

    private readonly List<(ObjectValue Module, Condition When)> _looped = [];
    private readonly List<Condition> _opens = [];
    private int _looping;
    private HashSet<ObjectValue>? _elements;

    /// <summary>The innermost round around the running code that stands for all later ones; zero where there is none.</summary>
    private int _laterRound;
    private int _lastRound;
    private readonly Dictionary<(ObjectValue Module, Scope Asks, int Round, string Operands), Condition> _sameOfSeveral = [];

    /// <summary>That two modules, as loops within loops over one list meet them, are one where the same stands for both: each is any of several. Null where it stands for one.
    /// Who asks the same twice within a round gets the same answer.</summary>
    private Condition? IsSameOfSeveral(Value left, Value right, At at)
    {
        if (!ReferenceEquals(left, right) || left is not ObjectValue { IsModule: true, IsSeveral: true } module)
        {
            return null;
        }

        var text = Asserted(at).Replace("!=", "==", StringComparison.Ordinal);
        var operands = at.Expression is CompareExpression { Operands: [var one, var other] } ? $"{TextOf(one, at.Scope)}, {TextOf(other, at.Scope)}" : text;
        var asked = (module, at.Scope, _laterRound, operands);
        var same = _sameOfSeveral.TryGetValue(asked, out var known) ? known : _sameOfSeveral[asked] = Conditions.NewAtom(text);
        if (_walkedAgain?.Contains(module) == true)
        {
            _sameAsRound.Add(same);
        }

        return same;
    }

    /// <summary>Runs a round that stands for all later ones.</summary>
    private void LaterRound(Action round)
    {
        var outer = _laterRound;
        _laterRound = ++_lastRound;
        round();
        _laterRound = outer;
    }

    /// <summary>Remembers that under this test there are further rounds, however many.</summary>
    private Condition Opens(Condition test)
    {
        if (!_opens.Contains(test))
        {
            _opens.Add(test);
            if (_opens.Count > MaxOpens)
            {
                _opens.RemoveAt(0);
            }
        }

        return test;
    }

    /// <summary>Where the calls of a loop begin that is followed from here on.</summary>
    private int BeginLoop()
    {
        _looping++;
        return _looped.Count;
    }

    private void EndLoop()
    {
        if (--_looping == 0)
        {
            _looped.Clear();
        }
    }

    /// <summary>Whether a call of the module is told. In a third round an element that stands for all later ones is another one.</summary>
    private bool Hears(ObjectValue module)
    {
        if (Observer is Unheard || (_elements is not null && (module.StandsFor is not null || _elements.Contains(module))))
        {
            return false;
        }

        // A loop within it that walks over the same list meets its own element, too.
        if (_walkedAgain?.Contains(module) == true && _sameAsRound.Exists(Now.Implies))
        {
            return false;
        }

        if (_looping > 0)
        {
            _looped.Add((module, Now));
        }

        return true;
    }

    /// <summary>Whether the round that ended called a module that no round before it has called together with it.</summary>
    /// <param name="first">Where the calls of the loop begin.</param>
    /// <param name="second">Where those of the last round do.</param>
    private bool CallsOthers(int first, int second)
    {
        var earlier = new Dictionary<ObjectValue, HashSet<Condition>>(ReferenceEqualityComparer.Instance);
        for (var i = first; i < second && second < _looped.Count; i++)
        {
            (earlier.TryGetValue(_looped[i].Module, out var known) ? known : earlier[_looped[i].Module] = []).Add(_looped[i].When);
        }

        for (var i = second; i < _looped.Count; i++)
        {
            var (module, when) = _looped[i];
            if (module.StandsFor is null && !(earlier.TryGetValue(module, out var known) && (known.Count > MaxEarlier || known.Any(k => k.Meets(when)))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A round behind the one that stands for all later ones.</summary>
    /// <param name="First">Where the calls of the loop begin; negative when the loop was looked at.</param>
    /// <param name="At">Where the loop stands.</param>
    /// <param name="Element">What the round before it is about.</param>
    /// <param name="Run">Runs it.</param>
    private readonly record struct Further(int First, int At, Value? Element, Action Run);

    /// <summary>Looks for what a further round calls again, where the last one called what none before it did. One in another further round would tell no more.</summary>
    /// <param name="test">That the last round ran.</param>
    /// <param name="second">Where its calls begin.</param>
    /// <param name="further">The further round.</param>
    /// <param name="scope">Where the loop stands.</param>
    private void LookFurther(Condition test, int second, Further further, Scope scope)
    {
        if (further.First < 0 || _elements is not null || IsKnown(further.Element, 0) || Now.IsNever || !CallsOthers(further.First, second) || !(test.IsAlways || _opens.Exists(test.Implies)))
        {
            return;
        }

        var gaps = Gaps.Count;
        (_elements, _about) = ([.. ModulesIn(further.Element, 0)], [.. TopModules(further.Element, 0)]);
        var mark = _journal.Begin();
        var (caught, line) = (_caught, scope.Module.File.PositionOf(further.At).Line);
        Unended(() =>
        {
            _caught = caught;
            Now = Now.And(Conditions.NewAtom(string.Create(CultureInfo.InvariantCulture, $"the loop of line {line} has more than two rounds")));
            further.Run();
        }, scope);
        _journal.Undo(mark);
        _journal.End();
        (_elements, _about, _walkedAgain) = (null, null, null);
        _sameAsRound.Clear();
        ForgetGaps(gaps); // what cannot be told of it could not be told of the round before
    }

    /// <summary>A module that is found by what the round is about: in a further round another one.</summary>
    private Value OfRound(Value found)
    {
        _elements?.UnionWith(ModulesIn(found, 0));
        return found;
    }

    /// <summary>Whether a part of it is one number or text, and so what it stands for is one element: no list goes on with more of it.</summary>
    private static bool IsKnown(Value? element, int depth) => element switch
    {
        ConstantValue { IsOpen: false, IsNone: false } => true,
        SequenceValue { Kind: SequenceKind.Tuple } t => depth < 8 && t.Items.Exists(i => IsKnown(i, depth + 1)),
        _ => false,
    };

    /// <summary>The modules of an element, and all below them.</summary>
    private IEnumerable<ObjectValue> ModulesIn(Value? value, int depth) => depth > 8 ? [] : value switch
    {
        ObjectValue { IsModule: true } module => Modules(module).Select(m => m.Module),
        SequenceValue { Items.Count: <= 64 } s => s.Items.SelectMany(i => ModulesIn(i, depth + 1)),
        ChoiceValue c => c.Options.SelectMany(o => ModulesIn(o.Value, depth + 1)),
        _ => [],
    };

    /// <summary>What the round is about that comes after the one that stands for all later ones.</summary>
    private static Value NextElement(Value element, int depth = 0) => element switch
    {
        ConstantValue { Peek: long and < long.MaxValue / 2 and var n } c => new ConstantValue(n + (c.Stride ?? 1)) { IsOpen = true, Stride = c.Stride, Count = c.Count, Cursor = c.Cursor },
        UnknownValue u => OfLater(u, "next", u.Apart.Count == 0 ? [] : [.. u.Apart, u]),
        SequenceValue { Kind: SequenceKind.Tuple, Rest: null } t when depth < 8 => new SequenceValue(SequenceKind.Tuple, t.Items.ConvertAll(i => NextElement(i, depth + 1))),
        ChoiceValue choice => new ChoiceValue([.. choice.Options.Select(o => (o.When, NextElement(o.Value, depth + 1)))]),
        _ => element,
    };

    /// <summary>What later rounds have of an element that cannot be told; of a range other numbers than the rounds before.</summary>
    private static UnknownValue OfLater(UnknownValue element, string key, IReadOnlyList<UnknownValue> before)
    {
        var later = element.Derive(key, element.Text, element.Kind);
        if (before.Count > 0 && later.Apart.Count == 0)
        {
            later.IsCount = element.IsCount;
            later.KeepApart(before);
        }

        return later;
    }

    /// <summary>The condition that a count of rounds is a number, which it is in one round at most; null where it is no such question.</summary>
    private Condition? InRound(Value left, Value right, At at)
    {
        if (left is not ConstantValue { Count: { } asked } round)
        {
            return right is ConstantValue { Count: not null } && left is ConstantValue { Count: null } ? InRound(right, left, at) : null;
        }

        if (right is not ConstantValue { IsOpen: false } constant || Arithmetic.NumberOf(constant) is not { } number)
        {
            return null;
        }

        if (asked.Find(a => ReferenceEquals(a.Round, round) && a.Number == number) is { Equal: { } known })
        {
            return known;
        }

        var text = TextOf(at.Expression, at.Scope).Replace("!=", "==", StringComparison.Ordinal);
        var equal = asked.Where(a => a.Number == number || ReferenceEquals(a.Round, round)).Take(MaxEarlier).Aggregate(Conditions.NewAtom(text), (e, a) => a.Equal.Not().And(e));
        asked.Add((round, number, equal));
        return equal;
    }
}
