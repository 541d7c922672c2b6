using System.Collections.Immutable;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What a tracer refuses.</content>
internal sealed partial class Evaluator
{
    /// <summary>Calls that ask a proxy for what it has not.</summary>
    private void CheckCall(CallExpression e, Value function, Traced given, Scope scope)
    {
        if (function is ExternalValue { Name: var name } && given is not Traced.No)
        {
            switch (FxCalls.Asks(name, e.Arguments.Length))
            {
                case Untraced.Elements when e.Arguments.Any(a => a.Name is null && TracedAs(a.Value, scope) >= Traced.Perhaps) || (FxCalls.IsTruthOfAll(name) && AreTested(e.Arguments, scope)):
                    Untraceable(Untraced.Elements, e, scope, true);
                    break;
                case Untraced.Truth when given >= Traced.Perhaps:
                    Untraceable(Untraced.Truth, e, scope, given is Traced.Perhaps);
                    break;
                case Untraced.Number when given >= Traced.Perhaps:
                    Untraceable(Untraced.Number, e, scope, given is Traced.Perhaps || !FxCalls.IsMeasured(name));
                    break;
                case Untraced.Made:
                    Untraceable(Untraced.Made, e, scope, name is not "torch.zeros" || given is Traced.Perhaps || TracedAs(e.Arguments[0].Value, scope) is Traced.No || e.Arguments.Length < 2 || e.Arguments[1].Name is not null);
                    break;
                case Untraced.Library:
                    Untraceable(Untraced.Library, e, scope, true);
                    break;
            }
        }
        else if (function is ObjectValue { IsModule: true, Class: null, Doubt: null, ExternalType: { } type } && given is not Traced.No && !FxCalls.IsLeaf(type))
        {
            Untraceable(Untraced.Library, e, scope, true);
        }
    }

    /// <summary>Comparisons of proxies, made in a comprehension.</summary>
    private bool AreTested(ImmutableArray<Argument> arguments, Scope scope) =>
        arguments is [{ Value: ComprehensionExpression { Element: CompareExpression c } all }] && c.Operators.All(o => o is not (PythonOperator.Is or PythonOperator.IsNot)) && TracedAs(all, scope) is not Traced.No;

    /// <summary>A number is wanted where a list, a module list or a tensor that is no proxy is indexed by one.</summary>
    private void CheckIndex(SubscriptExpression e, Value of, Scope scope)
    {
        if (!Traces || TracedAs(e.Value, scope) >= Traced.Perhaps)
        {
            return;
        }

        foreach (var part in e.Index is TupleExpression t ? t.Elements : [e.Index])
        {
            var level = TracedAs(part, scope);
            if (level >= Traced.Perhaps && (part is SliceExpression ? of is TensorValue or SequenceValue or ObjectValue : of is SequenceValue or ObjectValue { IsModule: true }))
            {
                Untraceable(Untraced.Number, e, scope, level is Traced.Perhaps);
            }
        }
    }

    private void CheckContains(CompareExpression e, Scope scope)
    {
        if (Traces && e.Operators is [PythonOperator.In or PythonOperator.NotIn])
        {
            var (left, right) = (TracedAs(e.Operands[0], scope), TracedAs(e.Operands[1], scope));
            if (right is Traced.Proxy or Traced.Perhaps)
            {
                Untraceable(Untraced.Elements, e, scope, true);
            }
            else if (left is Traced.Proxy or Traced.Perhaps && e.Operands[1] is TupleExpression or ListExpression)
            {
                Untraceable(Untraced.Truth, e, scope, left is Traced.Perhaps);
            }
        }
    }

    /// <summary>Each comparison of a chain but the last is asked for its truth.</summary>
    private void CheckChain(CompareExpression e, Scope scope)
    {
        if (Traces && e.Operands.Max(o => TracedAs(o, scope)) is var level and >= Traced.Perhaps)
        {
            Untraceable(Untraced.Truth, e, scope, level is Traced.Perhaps);
        }
    }

    /// <summary>An expression of which one part became the value: what that part is.</summary>
    private void Level(Expression e, Traced level)
    {
        if (Traces)
        {
            _levels[e] = level;
        }
    }

    private void CheckTruth(Expression test, Value value, Scope scope)
    {
        if (Traces && value is not ConstantValue { IsNone: true } && TracedAs(test, scope) is var level and >= Traced.Perhaps)
        {
            Untraceable(Untraced.Truth, test, scope, level is Traced.Perhaps);
        }
    }

    private void CheckElements(Expression iterable, Scope scope)
    {
        if (Traces && TracedAs(iterable, scope) >= Traced.Perhaps)
        {
            Untraceable(Untraced.Elements, iterable, scope, true);
        }
    }

    private void Untraceable(Untraced asked, Expression at, Scope scope, bool isDoubtful)
    {
        if (!Now.IsNever)
        {
            Observer!.Untraceable(asked, TextOf(at, scope), scope.At(at.Start), Now, isDoubtful || _caught is not null);
        }
    }
}
