using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What of a block ran before an exception ended it: a handler finds what that left, and what it called was called.</content>
internal sealed partial class Evaluator
{
    /// <summary>Of a longer block the rest is told apart no further.</summary>
    private const int MaxPlaces = 8;

    private bool _isBegun;
    private WithStatement? _partly;

    /// <summary>Follows, in the way of a handler, what ran of the block: each statement that may raise may be the one that did. Of that one, what stands in it before what may raise last.</summary>
    private void Begun(ImmutableArray<Statement> body, Scope scope)
    {
        if (_isBegun || body.All(s => !MayRaise(s)))
        {
            return; // of a block within such a block, the way on which it does not raise tells what it calls
        }

        var (now, gaps) = (Now, Gaps.Count);
        _isBegun = true;
        Unended(() => BegunBlock(body, scope), scope);
        _isBegun = false;
        ForgetGaps(gaps); // the other way has them
        Now = now;
    }

    private void BegunBlock(ImmutableArray<Statement> body, Scope scope)
    {
        // What cannot raise belongs to what stands before it.
        var parts = new List<List<Statement>> { new() };
        foreach (var statement in body)
        {
            if (MayRaise(statement) && (parts.Count <= MaxPlaces || ReferenceEquals(statement, body.Last(MayRaise))))
            {
                parts.Add([]);
            }

            parts[^1].Add(statement);
        }

        var behind = new Condition[parts.Count];
        for (var i = parts.Count - 2; i > 0; i--)
        {
            var line = scope.Module.File.PositionOf(parts[i].Last(MayRaise).Start).Line;
            var here = Conditions.NewAtom(string.Create(CultureInfo.InvariantCulture, $"it comes behind line {line}"));
            behind[i] = i == parts.Count - 2 ? here : here.Or(behind[i + 1]);
        }

        void From(int i)
        {
            if (Now.IsNever)
            {
                return;
            }

            if (i == parts.Count - 1)
            {
                Partly(parts[i][0], scope);
                return;
            }

            Fork(i == 0 ? Conditions.Always : behind[i], () =>
            {
                Follow([.. parts[i]], scope);
                From(i + 1);
            });
        }

        From(0);
    }

    /// <summary>The statement that raised: what it calls before what may raise last. What it sets is not set.</summary>
    private void Partly(Statement statement, Scope scope)
    {
        if (statement is WithStatement with)
        {
            var outer = _partly;
            _partly = with;
            With(with, scope);
            _partly = outer;
            return;
        }

        var line = scope.Module.File.PositionOf(statement.Start).Line;
        var heard = Observer!;
        Fork(Conditions.NewAtom(string.Create(CultureInfo.InvariantCulture, $"it comes behind the first call of line {line}")), () =>
        {
            var mark = _journal.Begin();
            Observer = new HeldBack(heard);
            Unended(() => Execute(statement, scope), scope);
            Observer = heard;
            _journal.Undo(mark);
            _journal.End();
        });
    }

    /// <summary>Follows code for its calls, none of whose ways ends: what returns, breaks or raises there is the matter of another way.</summary>
    private void Unended(Action run, Scope scope)
    {
        var (now, world, caught, lastReturn, raisedAt, traced) = (Now, _world, _caught, LastReturn, RaisedAt, scope.TracedReturn);
        var returned = scope.Returned?.Count ?? 0;
        var (broken, continued) = _loops.TryPeek(out var loop) ? (loop.Broken, loop.Continued) : default;
        _caught = Conditions.Never;
        run();
        (Now, _world, _caught, LastReturn, RaisedAt, scope.TracedReturn) = (now, world, caught, lastReturn, raisedAt, traced);
        scope.Returned?.RemoveRange(returned, scope.Returned.Count - returned);
        if (loop is not null)
        {
            (loop.Broken, loop.Continued) = (broken!, continued!);
        }
    }

    /// <summary>Something runs that may raise.</summary>
    private void MayRaise() => (Observer as HeldBack)?.MayRaise(Now);

    private static bool MayRaise(Statement statement) => statement switch
    {
        PassStatement or BreakStatement or ContinueStatement or ScopeStatement or FunctionDefinition or ImportStatement or ImportFromStatement => false,
        ExpressionStatement s => MayRaise(s.Value),
        AssignStatement s => MayRaise(s.Value) || s.Targets.Any(t => t is not (NameExpression or AttributeExpression { Value: NameExpression })),
        AnnotatedAssignStatement s => s.Value is not null && MayRaise(s.Value),
        ReturnStatement s => s.Value is not null && MayRaise(s.Value),
        IfStatement s => s.Clauses.Any(c => MayRaise(c.Test) || c.Body.Any(MayRaise)) || s.OrElse.Any(MayRaise),
        _ => true,
    };

    private static bool MayRaise(Expression expression) => expression switch
    {
        NameExpression or ConstantExpression or NumberExpression or StringExpression or LambdaExpression => false,
        AttributeExpression e => e.Value is not NameExpression,
        TupleExpression e => e.Elements.Any(MayRaise),
        ListExpression e => e.Elements.Any(MayRaise),
        UnaryExpression e => MayRaise(e.Operand),
        _ => true,
    };
}
