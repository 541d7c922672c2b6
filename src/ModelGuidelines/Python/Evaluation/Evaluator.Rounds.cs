using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>The round that stands for all later ones of a loop whose end is not known, or that is not followed to its end: a number that rounds change is another one in each of them.</content>
internal sealed partial class Evaluator
{
    private sealed class LoopFrame(Condition never)
    {
        public Condition Broken { get; set; } = never;

        public Condition Continued { get; set; } = never;
    }

    private const string OfSomeRound = "it is another one in each round of a loop of unknown length";

    private readonly Dictionary<PythonNode, HashSet<string>> _sameInRounds = [];
    private readonly Dictionary<(PythonNode, string), bool> _growing = [];
    private readonly Dictionary<PythonNode, bool> _shrinking = [];

    /// <summary>Runs the round, where there is more than one: with what the rounds before it changed as any round finds it, and leaving what any round leaves.</summary>
    /// <param name="test">That there are more rounds.</param>
    /// <param name="round">The round.</param>
    /// <param name="before">What the rounds before it wrote over.</param>
    /// <param name="body">What a round runs.</param>
    /// <param name="scope">Where the loop stands.</param>
    /// <param name="again">A further round.</param>
    private void LaterRounds(Condition test, Action round, Journal.Writes before, ImmutableArray<Statement> body, Scope scope, Further again) => Fork(test, () =>
    {
        ForgetCounts(before, body, scope);
        var changed = _journal.Watch();
        var second = _looped.Count;
        LaterRound(round);
        ForgetCounts(_journal.Watched(changed), body, scope);
        LookFurther(test, second, again, scope);
    });

    private void ForgetCounts(Journal.Writes before, ImmutableArray<Statement> body, Scope scope)
    {
        // A line that cannot be parsed may leave a loop without a body.
        foreach (var (slot, old) in body.IsEmpty ? [] : before)
        {
            if (slot.Name is null && old is Value content)
            {
                ForgetCounts(slot.Holder, content, scope.At(body[0].Start));
                Grown(slot.Holder as Value, content, body);
                continue;
            }

            if (old is SequenceValue was && Journal.Read(slot) is SequenceValue)
            {
                Grown(Journal.Read(slot) as Value, was, body);
            }

            if (slot.Name is { } name && old is Value then && Journal.Read(slot) is Value now && Counted(Here(then), Here(now), name, ReferenceEquals(slot.Holder, scope.Names) && Grows(body, name) ? scope : null, scope.At(body[0].Start)) is var other
                && !ReferenceEquals(other, now) && !SameInRounds(body).Contains(name))
            {
                _journal.Set(slot, other);
            }
        }
    }

    /// <summary>A list or dictionary that holds more behind a round than before it holds more behind each.</summary>
    private void Grown(Value? now, Value then, ImmutableArray<Statement> body)
    {
        // What a constructor fills, a forward pass walks over: there the first and a later element are all there is.
        switch (Observer is null ? null : now, then)
        {
            case (SequenceValue { Growth: null, Form: not SequenceForm.Iterator } list, SequenceValue { Form: not SequenceForm.Iterator } was) when list.Items.Count > was.Items.Count:
                _journal.Change(list);
                list.Growth = new(Shrinks(body));
                break;
            case (DictValue { Growth: null } dict, DictValue was) when dict.Entries.Count > was.Entries.Count:
                _journal.Change(dict);
                dict.Growth = new(Shrinks(body));
                break;
        }
    }

    /// <summary>Whether a round takes something out of some list or dictionary.</summary>
    private bool Shrinks(ImmutableArray<Statement> body)
    {
        if (!_shrinking.TryGetValue(body[0], out var known))
        {
            _shrinking[body[0]] = known = body.Any(s => Takes(s, 0));
        }

        return known;

        static bool Takes(PythonNode node, int depth) => depth < 60 && (node is DeleteStatement or CallExpression { Function: AttributeExpression { Name: "pop" or "popleft" or "popitem" or "clear" or "remove" or "discard" } }
            or AssignStatement { Targets: [SubscriptExpression { Index: SliceExpression }, ..] } || PythonTree.Children(node).Any(c => Takes(c, depth + 1)));
    }

    /// <summary>What some round leaves of a number that one round made of another: where rounds only make it grow, as a variable of <paramref name="growsIn"/>, it is at least that.</summary>
    private Value Counted(Value then, Value now, string name, Scope? growsIn, Place place)
    {
        switch (now)
        {
            case ChoiceValue choice:
                List<(Condition, Value)>? options = null;
                for (var i = 0; i < choice.Options.Count; i++)
                {
                    var (when, option) = choice.Options[i];
                    if (Counted(then, option, name, growsIn, place) is var other && !ReferenceEquals(other, option))
                    {
                        (options ??= [.. choice.Options])[i] = (when, other);
                    }
                }

                return options is null ? now : Choices.Join(options);
            case ConstantValue { Peek: long or double or bool, IsOpen: false } c when !then.Possible().All(p => p is MissingValue || Choices.Same(p, c)):
                return c.Peek is bool ? Unknown(name, OfSomeRound, place, UnknownKind.Boolean)
                    : growsIn is not null && c.Peek is long to and >= 0 && then.Possible().All(p => p is ConstantValue { Peek: long } or MissingValue or ConstantValue { IsNone: true }) && then.Possible().Any(p => p is not ConstantValue { Peek: long from } || from <= to) ? new ConstantValue(to) { IsOpen = true, Cursor = CursorOf(growsIn, name) }
                    : Unknown(name, OfSomeRound, place, UnknownKind.Number);
            case ConstantValue { Peek: string } text when !then.Possible().All(p => p is MissingValue || Choices.Same(p, text)):
                return Unknown(name, OfSomeRound, place, UnknownKind.Text);
            default:
                return now;
        }
    }

    /// <summary>The same for a few numbers and texts in a list or dictionary: counters that are kept there.</summary>
    private void ForgetCounts(object holder, Value then, Place place)
    {
        Value Of(Value was, Value now) => Counted(Here(was), Here(now), "a count", growsIn: null, place);
        switch (holder, then)
        {
            // What an iterator has left is no count.
            case (SequenceValue { Form: not SequenceForm.Iterator } now, SequenceValue { Form: not SequenceForm.Iterator } was) when now.Items.Count == was.Items.Count:
                for (var i = 0; i < now.Items.Count; i++)
                {
                    if (Of(was.Items[i], now.Items[i]) is var other && !ReferenceEquals(other, now.Items[i]))
                    {
                        _journal.Change(now);
                        now.Items[i] = other;
                    }
                }

                break;
            case (DictValue now, DictValue was):
                foreach (var (key, value) in now.Entries.ToList())
                {
                    if (was.Find(key) is { } before && Of(before, value) is var other && !ReferenceEquals(other, value))
                    {
                        _journal.Change(now);
                        now.Set(key, other);
                    }
                }

                break;
        }
    }

    /// <summary>Whether all that a round does to a variable is to add a number that is written there, or to multiply by it: what is set back, or taken from, may be any number in a later round.</summary>
    private bool Grows(ImmutableArray<Statement> body, string name)
    {
        if (!_growing.TryGetValue((body[0], name), out var known))
        {
            _growing[(body[0], name)] = known = OnlyGrows(body, name);
        }

        return known;
    }

    private static bool OnlyGrows(ImmutableArray<Statement> body, string name)
    {
        var set = new Dictionary<string, List<Expression?>>(StringComparer.Ordinal);
        foreach (var statement in body)
        {
            Assigned(statement, set, 0);
        }

        bool Adds(PythonNode node) => node switch
        {
            AugmentedAssignStatement { Operator: PythonOperator.Add or PythonOperator.Multiply, Target: NameExpression target, Value: NumberExpression by } => target.Name == name && by.TryGetInteger(out var number) && number > 0,
            AssignStatement { Targets: [NameExpression target], Value: BinaryExpression { Operator: PythonOperator.Add or PythonOperator.Multiply, Left: NameExpression old, Right: NumberExpression by } } => target.Name == name && old.Name == name && by.TryGetInteger(out var number) && number > 0,
            _ => false,
        };
        int Additions(PythonNode node, int depth) => depth > 60 || node is FunctionDefinition or ClassDefinition or LambdaExpression ? 0 : (Adds(node) ? 1 : 0) + PythonTree.Children(node).Sum(c => Additions(c, depth + 1));
        return set.TryGetValue(name, out var values) && values.Count == body.Sum(s => Additions(s, 0));
    }

    /// <summary>The names, of variables and attributes, that a round sets to what another round sets them to: nothing that is said of them depends on what rounds set.</summary>
    private HashSet<string> SameInRounds(ImmutableArray<Statement> body)
    {
        if (_sameInRounds.TryGetValue(body[0], out var same))
        {
            return same;
        }

        var set = new Dictionary<string, List<Expression?>>(StringComparer.Ordinal);
        foreach (var statement in body)
        {
            Assigned(statement, set, 0);
        }

        same = new(StringComparer.Ordinal);
        bool grows;
        do
        {
            grows = false;
            foreach (var (name, values) in set)
            {
                if (!same.Contains(name) && values.TrueForAll(v => v is not null && !Names(v, 0).Any(n => set.ContainsKey(n) && !same.Contains(n))))
                {
                    grows = same.Add(name);
                }
            }
        }
        while (grows);
        return _sameInRounds[body[0]] = same;
    }

    /// <summary>What a statement sets, and to what; null where no expression says it.</summary>
    private static void Assigned(PythonNode node, Dictionary<string, List<Expression?>> set, int depth)
    {
        if (depth > 60 || node is FunctionDefinition or ClassDefinition or LambdaExpression)
        {
            return;
        }

        void Set(Expression target, Expression? value)
        {
            switch (target)
            {
                case NameExpression or AttributeExpression:
                    var name = target is NameExpression n ? n.Name : ((AttributeExpression)target).Name;
                    (set.TryGetValue(name, out var values) ? values : set[name] = []).Add(value);
                    break;
                case TupleExpression or ListExpression or StarredExpression:
                    foreach (var part in PythonTree.Children(target).OfType<Expression>())
                    {
                        Set(part, value);
                    }

                    break;
            }
        }

        switch (node)
        {
            case AssignStatement s:
                foreach (var target in s.Targets)
                {
                    Set(target, s.Value);
                }

                break;
            case AnnotatedAssignStatement { Value: { } value } s:
                Set(s.Target, value);
                break;
            case AugmentedAssignStatement s:
                Set(s.Target, null);
                break;
            case ForStatement s:
                Set(s.Target, s.Iterable);
                break;
            case NamedExpression s:
                Set(s.Target, s.Value);
                break;
        }

        foreach (var child in PythonTree.Children(node))
        {
            Assigned(child, set, depth + 1);
        }
    }

    private static IEnumerable<string> Names(PythonNode node, int depth) => depth > 60 ? [] : (node switch
    {
        NameExpression n => (IEnumerable<string>)[n.Name],
        AttributeExpression a => [a.Name],
        _ => [],
    }).Concat(PythonTree.Children(node).SelectMany(c => Names(c, depth + 1)));
}
