using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Comprehensions.</content>
internal sealed partial class Evaluator
{
    private Value Comprehension(ComprehensionExpression e, Scope scope)
    {
        var inner = new Scope(scope.Module, scope) { Function = scope.Function, Self = scope.Self };
        if (e.Kind is ComprehensionKind.Generator)
        {
            // What it walks over is made here; all else when it is asked for elements.
            var first = Evaluate(e.Clauses[0].Iterable, inner);
            return new SequenceValue(SequenceKind.List, []) { Form = SequenceForm.Iterator, EndsWhereEmpty = true, Since = Now, Source = new ComprehensionSource(this, e, inner, first, null) };
        }

        var list = new SequenceValue(e.Kind is ComprehensionKind.Set ? SequenceKind.Set : SequenceKind.List, []);
        var dict = e.Kind is ComprehensionKind.Dict ? new DictValue() : null;
        new Filling(this, e, inner, list, dict).Clause(0);
        return dict is not null ? dict : list;
    }

    /// <summary>A generator expression: where it stands in each of its clauses.</summary>
    private sealed class ComprehensionSource(Evaluator evaluator, ComprehensionExpression e, Scope inner, Value first, ImmutableStack<SequenceValue>? walks) : ElementSource
    {
        public override void Advance(SequenceValue iterator)
        {
            var now = walks ?? [evaluator.Iterator(first, inner.At(e.Clauses[0].Iterable.Start))];
            evaluator._journal.Change(iterator);
            iterator.Source = new ComprehensionSource(evaluator, e, inner, first, now);
            var had = iterator.Made.Count;
            while (iterator.Made.Count == had && !evaluator.Now.IsNever)
            {
                evaluator.Step();
                var at = now.Count() - 1;
                var walk = now.Peek();
                if (evaluator.NextMade(walk) is not { } item)
                {
                    if (walk is not { Source: null, Made.Count: 0, MadeRest: null })
                    {
                        iterator.Settle();
                        return;
                    }

                    now = now.Pop();
                    evaluator._journal.Change(iterator);
                    iterator.Source = now.IsEmpty ? null : new ComprehensionSource(evaluator, e, inner, first, now);
                    if (now.IsEmpty)
                    {
                        return;
                    }

                    continue;
                }

                evaluator.Assign(e.Clauses[at].Target, item, inner);
                switch (new Filling(evaluator, e, inner, iterator, null).Kept(e.Clauses[at], at))
                {
                    case true when at == e.Clauses.Length - 1:
                        var element = evaluator.Evaluate(e.Element, inner);
                        evaluator._journal.Change(iterator);
                        if (!evaluator.Now.IsNever)
                        {
                            iterator.Made.Add(element);
                        }

                        break;
                    case true:
                        var next = e.Clauses[at + 1].Iterable;
                        now = now.Push(evaluator.Iterator(evaluator.Evaluate(next, inner), inner.At(next.Start)));
                        evaluator._journal.Change(iterator);
                        iterator.Source = new ComprehensionSource(evaluator, e, inner, first, now);
                        break;
                }
            }
        }

        public override void Settle(SequenceValue iterator)
        {
            evaluator._journal.Change(iterator);
            iterator.Source = null;
            var filling = new Filling(evaluator, e, inner, iterator, null);
            if (walks is null)
            {
                filling.Clause(0, first);
                return;
            }

            var at = walks.Count();
            foreach (var walk in walks)
            {
                filling.Clause(--at, walk);
            }
        }
    }

    /// <summary>Fills what a comprehension gives.</summary>
    private sealed class Filling(Evaluator evaluator, ComprehensionExpression e, Scope inner, SequenceValue list, DictValue? dict)
    {
        // Of the elements to come nothing more is known than that they are like the last.
        private void Open()
        {
            if (dict is { Entries: [.., var (_, last)] })
            {
                evaluator._journal.Change(dict);
                dict.Rest = evaluator.LaterRound(last, "[...]", inner.At(e.Start));
            }
            else if (list.Made is [.., var element])
            {
                evaluator._journal.Change(list);
                list.Rest = evaluator.LaterRound(element, "[...]", inner.At(e.Start));
            }
        }

        private void Element()
        {
            var element = evaluator.Evaluate(e.Element, inner);
            if (evaluator.Now.IsNever)
            {
                return;
            }

            if (dict is null)
            {
                evaluator._journal.Change(list);
                list.Made.Add(element);
            }
            else
            {
                evaluator.AssignItem(dict, element, evaluator.Evaluate(e.Value!, inner), inner.At(e.Start));
            }
        }

        public void Clause(int at, Value? given = null)
        {
            if (at == e.Clauses.Length)
            {
                Element();
                return;
            }

            var clause = e.Clauses[at];
            var rounds = 0;
            var first = evaluator.BeginLoop();
            var from = evaluator._steps;
            var iterable = given ?? evaluator.Evaluate(clause.Iterable, inner);
            var items = evaluator.Iterate(iterable, inner.At(clause.Iterable.Start), TextOf(clause.Iterable, inner));
            evaluator.UseUp(iterable);
            evaluator.CheckElements(clause.Iterable, inner);
            for (var number = 0; number < items.Count; number++)
            {
                var item = items[number];
                if (rounds == MaxRounds)
                {
                    evaluator.Gap("the comprehension has more rounds than are followed", inner.At(e.Start), Hides.Calls | Hides.Values);
                }

                if (rounds == MaxRounds || evaluator.NamesOfTable(e, inner, rounds, from) is not null)
                {
                    Open();
                    break;
                }

                evaluator.Step();
                rounds++;
                if (evaluator.Now.IsNever)
                {
                    break;
                }

                var (there, missing) = item.Present();
                if (there is null)
                {
                    continue;
                }

                void Round(Value element)
                {
                    evaluator.Assign(clause.Target, element, inner);
                    Filtered(clause, 0, at);
                }

                if (missing is null)
                {
                    Round(there);
                    continue;
                }

                if (evaluator.IsLater(item) && evaluator.HasOthers(items, number))
                {
                    evaluator.Fork(missing.Not(), () => evaluator.WalkAgain(there, () => Round(there)));
                    continue;
                }

                evaluator.Fork(missing.Not(), () =>
                {
                    var second = evaluator._looped.Count;
                    evaluator.LaterRound(() => evaluator.WalkAgain(there, () => Round(there)));
                    evaluator.LookFurther(missing.Not(), second, new(first, e.Start, there, () => Round(NextElement(there))), inner);
                });
            }

            evaluator.EndLoop();
        }

        private void Filtered(ComprehensionClause clause, int condition, int at)
        {
            if (condition == clause.Conditions.Length)
            {
                Clause(at + 1);
            }
            else
            {
                var test = clause.Conditions[condition];
                evaluator.Fork(evaluator.Test(evaluator.Evaluate(test, inner), test, inner), () => Filtered(clause, condition + 1, at));
            }
        }

        /// <summary>Whether an element is kept; null where that cannot be told, and what it gives was made on both ways.</summary>
        public bool? Kept(ComprehensionClause clause, int at)
        {
            for (var i = 0; i < clause.Conditions.Length; i++)
            {
                var (condition, number) = (clause.Conditions[i], i);
                var test = evaluator.Test(evaluator.Evaluate(condition, inner), condition, inner);
                switch (evaluator.Decide(test))
                {
                    case false:
                        return false;
                    case null:
                        evaluator.Fork(test, () => Filtered(clause, number + 1, at));
                        return null;
                }
            }

            return true;
        }
    }
}
