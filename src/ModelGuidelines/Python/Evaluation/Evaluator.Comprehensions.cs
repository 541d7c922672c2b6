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
        var list = new SequenceValue(e.Kind is ComprehensionKind.Set ? SequenceKind.Set : SequenceKind.List, []) { Form = e.Kind is ComprehensionKind.Generator ? SequenceForm.Iterator : SequenceForm.Own };
        var dict = e.Kind is ComprehensionKind.Dict ? new DictValue() : null;
        Clause(0);
        return dict is not null ? dict : list;

        // Of the elements to come nothing more is known than that they are like the last.
        void Open()
        {
            if (dict is { Entries: [.., var (_, last)] })
            {
                _journal.Change(dict);
                dict.Rest = LaterRound(last, "[...]", inner.At(e.Start));
            }
            else if (list.Items is [.., var element])
            {
                _journal.Change(list);
                list.Rest = LaterRound(element, "[...]", inner.At(e.Start));
            }
        }

        void Clause(int at)
        {
            if (at == e.Clauses.Length)
            {
                var element = Evaluate(e.Element, inner);
                if (dict is null)
                {
                    _journal.Change(list);
                    list.Items.Add(element);
                }
                else
                {
                    AssignItem(dict, element, Evaluate(e.Value!, inner), inner.At(e.Start));
                }

                return;
            }

            var clause = e.Clauses[at];
            var rounds = 0;
            var first = BeginLoop();
            var from = _steps;
            var iterable = Evaluate(clause.Iterable, inner);
            var items = Iterate(iterable, inner.At(clause.Iterable.Start), TextOf(clause.Iterable, inner));
            UseUp(iterable);
            CheckElements(clause.Iterable, inner);
            foreach (var item in items)
            {
                if (rounds == MaxRounds)
                {
                    Gap("the comprehension has more rounds than are followed", inner.At(e.Start), Hides.Calls | Hides.Values);
                }

                if (rounds == MaxRounds || NamesOfTable(e, inner, rounds, from) is not null)
                {
                    Open();
                    break;
                }

                Step();
                rounds++;
                if (Now.IsNever)
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
                    Assign(clause.Target, element, inner);
                    Filtered(clause, 0, at);
                }

                if (missing is null)
                {
                    Round(there);
                    continue;
                }

                Fork(missing.Not(), () =>
                {
                    var second = _looped.Count;
                    Round(there);
                    LookFurther(missing.Not(), second, new(first, e.Start, there, () => Round(NextElement(there))), inner);
                });
            }

            EndLoop();
        }

        void Filtered(ComprehensionClause clause, int condition, int at)
        {
            if (condition == clause.Conditions.Length)
            {
                Clause(at + 1);
            }
            else
            {
                var test = clause.Conditions[condition];
                Fork(Test(Evaluate(test, inner), test, inner), () => Filtered(clause, condition + 1, at));
            }
        }
    }
}
