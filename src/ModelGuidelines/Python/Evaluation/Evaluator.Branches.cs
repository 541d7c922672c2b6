using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>If and loops.</content>
internal sealed partial class Evaluator
{
    /// <summary>Rounds of a loop whose end is not known: the first, and one that stands for all later ones.</summary>
    private const int UnknownRounds = 2;
    private const int MaxRounds = 25_000;
    private const int MaxNestedRounds = 10_000;

    /// <summary>How often the running code runs in the loops around it.</summary>
    private long _rounds = 1;

    private void If(IfStatement s, Scope scope)
    {
        if (s.Clauses.Length == 1)
        {
            var test = Test(Evaluate(s.Clauses[0].Test, scope), s.Clauses[0].Test, scope);
            if (!Now.IsNever)
            {
                if (Decide(test) is { } isTrue)
                {
                    Block(isTrue ? s.Clauses[0].Body : s.OrElse, scope);
                }
                else
                {
                    ForkBlocks(test, s.Clauses[0].Body, s.OrElse, scope);
                }

                if (IsTypeChecking(s.Clauses[0].Test))
                {
                    Block(s.OrElse, scope);
                }
            }

            return;
        }

        FollowClauses(
            s.Clauses.Length,
            i => (Test(Evaluate(s.Clauses[i].Test, scope), s.Clauses[i].Test, scope), () => Block(s.Clauses[i].Body, scope)),
            () => Block(s.OrElse, scope));
    }

    private static bool IsTypeChecking(Expression test) => test is NameExpression { Name: "TYPE_CHECKING" } or AttributeExpression { Name: "TYPE_CHECKING" };

    private void For(ForStatement s, Scope scope)
    {
        var iterable = Here(Evaluate(s.Iterable, scope));
        if (iterable is SequenceValue { Source: not null } made && (s.Body.Any(b => Ends(b, 0)) || s.Iterable is NameExpression or AttributeExpression) && ForEachMade(s, made, scope))
        {
            return;
        }

        if (iterable is SequenceValue { Kind: SequenceKind.List, Form: SequenceForm.Own, Rest: null, Growth: null } list && s.Iterable is NameExpression walked && s.Body.Any(b => ChangesList(b, walked.Name, 0)))
        {
            // What a round puts into the list, a later one meets.
            var walk = new SequenceValue(SequenceKind.List, []) { Form = SequenceForm.Iterator, Source = new ListSource(this, list, 0) };
            if (!ForEachMade(s, walk, scope))
            {
                For(s, walk, scope);
            }

            return;
        }

        For(s, iterable, scope);
    }

    /// <summary>A walk over a list that may change under it.</summary>
    private sealed class ListSource(Evaluator evaluator, SequenceValue list, int at) : ElementSource
    {
        public override void Advance(SequenceValue iterator)
        {
            evaluator._journal.Change(iterator);
            iterator.Source = at < list.Items.Count ? new ListSource(evaluator, list, at + 1) : null;
            if (at < list.Items.Count)
            {
                iterator.Made.Add(list.Items[at]);
            }
        }

        public override void Settle(SequenceValue iterator)
        {
            evaluator._journal.Change(iterator);
            iterator.Source = null;
            iterator.Made.AddRange(list.Items.Skip(at));
            iterator.Rest = list.Rest;
        }
    }

    /// <summary>Whether a statement may put something into a list of that name, or take it out.</summary>
    private static bool ChangesList(PythonNode node, string name, int depth) => depth < 60 && (node switch
    {
        CallExpression { Function: AttributeExpression { Value: NameExpression list, Name: "append" or "extend" or "insert" or "remove" or "pop" or "clear" } } => list.Name == name,
        AugmentedAssignStatement { Target: NameExpression list } => list.Name == name,
        DeleteStatement d => d.Targets.Any(t => t is SubscriptExpression { Value: NameExpression list } && list.Name == name),
        AssignStatement a => a.Targets.Any(t => t is SubscriptExpression { Value: NameExpression list, Index: SliceExpression } && list.Name == name),
        _ => false,
    } || PythonTree.Children(node).Any(c => ChangesList(c, name, depth + 1)));

    /// <summary>A loop over what gives its elements when they are asked for, and that may not ask for all: round by round, as long as each way goes on. False where the rest is followed as a loop over a list is.</summary>
    private bool ForEachMade(ForStatement s, SequenceValue iterator, Scope scope)
    {
        var loop = new LoopFrame(Conditions.Never);
        _loops.Push(loop);
        var partings = new Partings(this, scope);
        var (start, isLeft) = (Now, false);
        for (var rounds = 0; rounds < MinYielded && NextMade(iterator) is { } item; rounds++)
        {
            Step();
            Assign(s.Target, item, scope);
            Block(s.Body, scope);
            Now = Now.Or(loop.Continued);
            loop.Continued = Conditions.Never;
            isLeft = Now.IsNever;
            if (!ReferenceEquals(Now, start))
            {
                break;
            }
        }

        partings.Part();
        _loops.Pop();
        if (!isLeft && ReferenceEquals(Now, start))
        {
            return false;
        }

        if (!isLeft)
        {
            For(s, iterator, scope);
        }

        partings.Join();
        AfterLoop(loop, start);
        if (isLeft && s.Iterable is CallExpression)
        {
            Close(iterator); // nobody else has it
        }

        return true;
    }

    private void For(ForStatement s, Value iterable, Scope scope)
    {
        var items = Iterate(iterable, scope.At(s.Iterable.Start), TextOf(s.Iterable, scope));
        CheckElements(s.Iterable, scope);
        var walk = Walking(iterable, items);
        var ofAll = s.Target is NameExpression && TracedAs(s.Iterable, scope) is Traced.All;
        var loop = new LoopFrame(Conditions.Never);
        _loops.Push(loop);
        var first = BeginLoop();
        var start = Now;
        var rounds = 0;
        var around = _rounds;
        items = Counted(items, around, s, scope);
        _rounds = around * Math.Max(1, items.Count);
        var (from, built) = (_steps, _made);
        Value? others = null;
        var partings = new Partings(this, scope);
        var isCounted = iterable is SequenceValue { IsCounted: true };
        var several = isCounted ? 0 : items.Count(IsLater);
        bool StandsForSeveral(Value item) => others is not null || (!isCounted && ((items.Count > 1 && ReferenceEquals(item, items[^1])) || (several <= MaxSeveral && IsLater(item) && !HasOthers(items, rounds - 1))));
        var isOpen = !isCounted && ((items.Count > 1 && items[^1].Missing() is not null) || several is > 0 and <= MaxSeveral);
        var (before, earlier) = (isOpen ? _journal.Watch() : [], (Journal.Writes?)null);
        foreach (var next in items)
        {
            if (others is not null)
            {
                break;
            }

            others = OtherRounds(next, built, rounds, items.Count - rounds, from, s, scope);
            var item = others ?? next;
            built = _made;
            if (NamesOfTable(s, scope, rounds, from) is { } names)
            {
                foreach (var name in names)
                {
                    SetName(name, LaterRound(Evaluate(new NameExpression(s.Start, s.Start, name), scope), name, scope.At(s.Start)), scope);
                }

                break;
            }

            if (walk is { IsTaken: true })
            {
                continue;
            }

            if (Now.IsNever || ++rounds > MaxRounds)
            {
                break;
            }

            partings.Part();
            walk?.Take(_journal, Now);
            Step();
            var (there, missing) = item.Present();
            if (there is null)
            {
                continue;
            }

            void Round() => RoundOf(there);

            void RoundOf(Value element)
            {
                Assign(s.Target, element, scope);
                if (ofAll)
                {
                    SetTraced(((NameExpression)s.Target).Name, Traced.Proxy, scope);
                }

                Block(s.Body, scope);
                Now = Now.Or(loop.Continued);
                loop.Continued = Conditions.Never;
            }

            // What comes last and is there at times stands for all later ones, too; so may one that others follow.
            if (missing is not null && StandsForSeveral(next))
            {
                var watched = _journal.Watched(before);
                earlier ??= watched;
                foreach (var (slot, old) in ReferenceEquals(earlier, watched) ? [] : watched)
                {
                    earlier.TryAdd(slot, old);
                }

                LaterRounds(missing.Not(), () => WalkAgain(there, Round), earlier, s.Body, scope, new(first, s.Start, there, () => RoundOf(NextElement(there))));
                if (others is not null || ReferenceEquals(next, items[^1]))
                {
                    break;
                }

                before = _journal.Watch();
                continue;
            }

            if (missing is null)
            {
                Round();
            }
            else
            {
                Fork(missing.Not(), () => WalkAgain(there, Round));
            }
        }

        _journal.Watched(before);
        walk?.End(_journal, start);
        if (rounds > MaxRounds)
        {
            Gap("the loop has more rounds than are followed", scope.At(s.Start), Hides.Calls | Hides.Values);
        }

        _rounds = around;
        EndLoop();
        partings.Part();
        _loops.Pop();
        if (!s.OrElse.IsEmpty)
        {
            Block(s.OrElse, scope);
        }

        partings.Join();
        AfterLoop(loop, start);
    }

    /// <summary>Loops within loops over nothing but numbers and texts, where they would take too many rounds: the first, and one that stands for all later ones, as if the end were not known.</summary>
    private IReadOnlyList<Value> Counted(IReadOnlyList<Value> items, long around, ForStatement s, Scope scope)
    {
        if (around <= 1 || items.Count < 3 || around * items.Count <= MaxNestedRounds || !items.All(IsNumbers))
        {
            return items;
        }

        var (place, text) = (scope.At(s.Iterable.Start), TextOf(s.Iterable, scope));
        return [items[0], Later(Another(items[1], $"an element of {text}", NotEachRound, place), Unknown($"len({text})", NotEachRound, place, UnknownKind.Number))];
    }

    private void AfterLoop(LoopFrame loop, Condition start)
    {
        Now = Now.Or(loop.Broken);
        if (!Now.IsNever && start.And(_world).Implies(Now))
        {
            Now = start;
        }
    }

    private void While(WhileStatement s, Scope scope)
    {
        var loop = new LoopFrame(Conditions.Never);
        _loops.Push(loop);
        var first = BeginLoop();
        var start = Now;
        var partings = new Partings(this, scope);
        var (unknown, begun) = (0, Conditions.Always);
        var (from, yielded) = (_steps, scope.Yielded?.Made.Count ?? 0);
        var rounds = _journal.Watch();
        for (var i = 0; !Now.IsNever; i++)
        {
            if (i > MaxRounds)
            {
                Gap("the loop has more rounds than are followed", scope.At(s.Start), Hides.Calls | Hides.Values);
                break;
            }

            partings.Part();
            Step();
            var test = Test(Evaluate(s.Test, scope), s.Test, scope);
            var decided = Decide(test);
            if (decided is false)
            {
                break;
            }

            var before = Now;
            void Round()
            {
                Block(s.Body, scope);
                Now = Now.Or(loop.Continued);
                loop.Continued = Conditions.Never;
            }

            void Another()
            {
                var further = Test(Evaluate(s.Test, scope), s.Test, scope);
                if (!Now.IsNever)
                {
                    Fork(further, Round);
                }
            }

            void More(Condition test)
            {
                LaterRounds(Opens(test), Round, _journal.Watched(rounds), s.Body, scope, new(first, s.Start, null, Another));
                first = -1;
            }

            if (decided is null)
            {
                if (unknown++ >= UnknownRounds)
                {
                    break;
                }

                if (unknown == 1)
                {
                    begun = test;
                    Fork(test, Round);
                }
                else
                {
                    More(begun.And(test));
                }
            }
            else
            {
                if (unknown > 0)
                {
                    More(begun.And(test));
                }
                else
                {
                    Round();
                }

                if (YieldsOn(s, yielded, from, scope))
                {
                    break;
                }

                if (!ReferenceEquals(before, Now) && ++unknown >= UnknownRounds)
                {
                    break;
                }
            }
        }

        _journal.Watched(rounds);
        EndLoop();
        partings.Part();
        _loops.Pop();
        if (!s.OrElse.IsEmpty)
        {
            Block(s.OrElse, scope);
        }

        partings.Join();
        AfterLoop(loop, start);
    }
}
