using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Generators run as far as they are asked for. Where one stands is a chain of frames that does not change: each branch goes on from there. Statements that cannot be left in the middle run as a whole, and what they yield waits.</content>
internal sealed partial class Evaluator
{
    /// <summary>Rounds of a loop in a generator that is asked for all that are run one by one, where each takes what is sent.</summary>
    private const int MaxReceived = 64;

    private readonly Dictionary<PythonNode, bool> _yields = [];

    /// <summary>What <c>send</c> gives to the generator that goes on next.</summary>
    private Value? _sent;

    /// <summary>Where the generator that runs was asked to go on.</summary>
    private Condition? _asked;

    /// <summary>Where a generator goes on.</summary>
    private abstract record Frame
    {
        public abstract Frame? Outer { get; init; }
    }

    private sealed record BlockFrame(ImmutableArray<Statement> Body, int At, Frame? Outer) : Frame;

    /// <summary>A loop, of a for statement with what it walks over; when a round has left it, and when the last has left its body for the next.</summary>
    private sealed record RoundsFrame(Statement Loop, SequenceValue? Iterator, Condition Broken, Condition Continued, int Rounds, Frame? Outer) : Frame;

    /// <summary><c>yield from</c>, and what is set to what the inner generator returns.</summary>
    private sealed record DelegateFrame(SequenceValue From, ImmutableArray<Expression> Targets, Frame? Outer) : Frame;

    /// <summary>Targets of <c>x = yield y</c>.</summary>
    private sealed record ReceiveFrame(ImmutableArray<Expression> Targets, Frame? Outer) : Frame;

    /// <summary>What runs behind a block, and where the generator is closed within it.</summary>
    private sealed record FinalFrame(ImmutableArray<Statement> Body, Frame? Outer) : Frame;

    /// <summary>Behind a loop that was left on some ways, which go on here.</summary>
    private sealed record JoinFrame(Condition Left, Frame? Outer) : Frame;

    /// <summary>A generator at its start, or where it yielded last.</summary>
    private sealed class GeneratorSource(Evaluator evaluator, FunctionDefinition definition, FunctionValue function, Scope scope, Place place, Frame? frame = null, Condition? alive = null) : ElementSource
    {
        public FunctionDefinition Definition => definition;

        public FunctionValue Function => function;

        public Scope Scope => scope;

        public Place Place => place;

        public Frame? Frame => frame;

        /// <summary>When it stands there at all: on other ways it has ended.</summary>
        public Condition? Alive => alive;

        public override void Advance(SequenceValue iterator) => evaluator.Resume(this, iterator, all: false);

        public override void Settle(SequenceValue iterator) => evaluator.Resume(this, iterator, all: true);
    }

    private SequenceValue Generator(FunctionDefinition definition, FunctionValue function, Scope scope, Place place)
    {
        var iterator = new SequenceValue(SequenceKind.List, []) { Form = SequenceForm.Iterator, EndsWhereEmpty = true, Since = Now, Source = new GeneratorSource(this, definition, function, scope, place) };
        scope.Yielded = iterator;
        return iterator;
    }

    private void Resume(GeneratorSource source, SequenceValue iterator, bool all)
    {
        _journal.Change(iterator);
        iterator.Source = null;
        var (function, scope) = (source.Function, source.Scope);
        var depth = _running.GetValueOrDefault(function.Node);
        if (depth >= MaxRecursion || !Enter())
        {
            Gap($"'{function.Name}' calls itself more often than is followed", source.Place, Hides.Everything);
            iterator.Rest = Unknown(function.Name + "(...)", "it calls itself more often than is followed", source.Place);
            return;
        }

        _running[function.Node] = depth + 1;
        _runningNow.Push((function.Node, Now, new()));
        var (before, world, had, outer, asked) = (Now, _world, iterator.Made.Count, _atYield, _asked);
        _atYield = null;
        _asked = Now = source.Alive is null ? before : before.And(source.Alive);
        Frame? frame = null;
        if (!Now.IsNever)
        {
            var start = source.Frame ?? new BlockFrame(source.Definition.Body, 0, null);
            if (all && source.Frame is null && !Receives(source.Definition.Body))
            {
                Block(source.Definition.Body, scope);
            }
            else
            {
                frame = Resume(start, iterator, scope, all);
            }
        }

        var left = Now;
        if (frame is null && !left.IsNever)
        {
            (scope.Returned ??= []).Add((left, ConstantValue.None));
        }

        // What is yielded behind what ended the generator on some ways is not there on those.
        if (frame is not null && !before.And(_world).Implies(left))
        {
            for (var i = had; i < iterator.Made.Count; i++)
            {
                iterator.Made[i] = Sometimes(iterator.Made[i], left);
            }
        }

        if (frame is not null)
        {
            iterator.Source = new GeneratorSource(this, source.Definition, function, scope, source.Place, frame, (source.Alive ?? Conditions.Always).And(left.Or(before.Not())));
        }
        else if (scope.Returned is { } values)
        {
            iterator.Returned = values.Count == 1 ? values[0].Value : Choices.Join(values);
        }

        var ended = (scope.Returned ?? []).Aggregate(Conditions.Never, (c, r) => c.Or(r.When)).And(before);
        var goesOn = left.Or(ended).Or(source.Alive is null ? Conditions.Never : before.And(source.Alive.Not()));
        Now = before.And(_world).Implies(goesOn) && ReferenceEquals(world, _world) ? before : AfterFork(before, goesOn, world);
        (_atYield, _asked) = (outer, asked);
        _running[function.Node] = depth;
        _runningNow.Pop();
        _depth--;
    }

    private bool Receives(ImmutableArray<Statement> body) => body.Any(s => Yielding(s) && Receives(s, 0));

    private static bool Receives(PythonNode node, int depth) => depth < 60 && (node is AssignStatement { Value: YieldExpression { IsFrom: false } }
        || (node is not (FunctionDefinition or ClassDefinition or Expression) && PythonTree.Children(node).Any(c => Receives(c, depth + 1))));

    /// <summary>Whether a statement may yield.</summary>
    private bool Yielding(Statement statement) => _yields.TryGetValue(statement, out var known) ? known : _yields[statement] = statement is not (FunctionDefinition or ClassDefinition) && Yields(statement, 0);

    private Frame? Resume(Frame? frame, SequenceValue iterator, Scope scope, bool all)
    {
        var had = iterator.Made.Count;

        // Where ways have left a loop, they wait behind it: nobody can be given the next element of all ways before they have met.
        while (frame is not null && (frame is RoundsFrame or JoinFrame || !Now.IsNever) && (all || (iterator.Made.Count == had && iterator.MadeRest is null) || !Left(frame).IsNever))
        {
            Step();
            var (left, returned) = (Left(frame), (scope.Returned ?? []).Aggregate(Conditions.Never, (c, r) => c.Or(r.When)));
            if (left.IsNever && returned.IsNever)
            {
                frame = GoOn(frame, iterator, scope, all);
                continue;
            }

            // What runs here is not of the ways that have left a loop around it, or ended.
            var mark = _journal.Begin();
            frame = GoOn(frame, iterator, scope, all || !left.IsNever);
            var writes = _journal.Undo(mark);
            _journal.End();
            Merge(left.Or(returned).Not(), writes, [], thenEnded: false, elseEnded: left.IsNever);
        }

        return Now.IsNever ? null : frame;
    }

    private Frame? GoOn(Frame frame, SequenceValue iterator, Scope scope, bool all) => frame switch
    {
        BlockFrame block => block.At == block.Body.Length ? block.Outer : Run(block.Body[block.At], block with { At = block.At + 1 }, iterator, scope),
        RoundsFrame rounds => Round(rounds, scope, all),
        DelegateFrame inner => Delegated(inner, iterator, scope),
        ReceiveFrame receive => Received(receive, scope),
        JoinFrame join => Joined(join),
        FinalFrame final => new BlockFrame(final.Body, 0, final.Outer),
        _ => null,
    };

    /// <summary>Which ways have left the loops in which a generator goes on here, and go on behind them or with the next round.</summary>
    private Condition Left(Frame frame)
    {
        var left = frame switch { RoundsFrame own => own.Broken, JoinFrame own => own.Left, _ => Conditions.Never };
        for (var outer = frame.Outer; outer is not null; outer = outer.Outer)
        {
            left = outer switch
            {
                RoundsFrame rounds => left.Or(rounds.Broken).Or(rounds.Continued),
                JoinFrame join => left.Or(join.Left),
                _ => left,
            };
        }

        return left;
    }

    private Frame? Joined(JoinFrame frame)
    {
        Now = Now.Or(frame.Left.And(_asked!));
        return Now.IsNever ? Around(frame.Outer) : frame.Outer;
    }

    private Frame? Received(ReceiveFrame frame, Scope scope)
    {
        var sent = _sent ?? ConstantValue.None;
        _sent = null;
        foreach (var target in frame.Targets)
        {
            Assign(target, sent, scope);
        }

        return frame.Outer;
    }

    private Frame? Delegated(DelegateFrame frame, SequenceValue iterator, Scope scope)
    {
        if (NextMade(frame.From) is { } item)
        {
            _journal.Change(iterator);
            iterator.Made.Add(item);
            return frame;
        }

        Extend(iterator, frame.From, scope.At(frame.Targets.IsEmpty ? 0 : frame.Targets[0].Start));
        UseUp(frame.From);
        foreach (var target in frame.Targets)
        {
            Assign(target, frame.From.Returned ?? ConstantValue.None, scope);
        }

        return frame.Outer;
    }

    /// <summary>Runs a statement of a generator, or begins it; gives where it goes on.</summary>
    private Frame? Run(Statement statement, Frame next, SequenceValue iterator, Scope scope)
    {
        if (!Yielding(statement))
        {
            return Whole(() => Execute(statement, scope), next);
        }

        switch (statement)
        {
            case ExpressionStatement { Value: YieldExpression { IsFrom: true, Value: { } inner } }:
                return new DelegateFrame(Iterator(Evaluate(inner, scope), scope.At(inner.Start)), [], next);
            case AssignStatement { Value: YieldExpression { IsFrom: true, Value: { } inner } } s:
                return new DelegateFrame(Iterator(Evaluate(inner, scope), scope.At(inner.Start)), s.Targets, next);
            case ExpressionStatement { Value: YieldExpression }:
                Execute(statement, scope);
                return next;
            case AssignStatement { Value: YieldExpression yields } s:
                Yield(yields, scope);
                return new ReceiveFrame(s.Targets, next);
            case ForStatement s:
                return new RoundsFrame(s, Iterator(Evaluate(s.Iterable, scope), scope.At(s.Iterable.Start)), Conditions.Never, Conditions.Never, 0, next);
            case WhileStatement s:
                return new RoundsFrame(s, null, Conditions.Never, Conditions.Never, 0, next);
            case IfStatement s:
                for (var i = 0; i < s.Clauses.Length && !Now.IsNever; i++)
                {
                    var clause = s.Clauses[i];
                    var test = Test(Evaluate(clause.Test, scope), clause.Test, scope);
                    switch (Decide(test))
                    {
                        case true:
                            return new BlockFrame(clause.Body, 0, next);
                        case null:
                            return Whole(() => FollowClauses(i, (test, () => Block(clause.Body, scope)), s.Clauses.Length,
                                j => (Test(Evaluate(s.Clauses[j].Test, scope), s.Clauses[j].Test, scope), () => Block(s.Clauses[j].Body, scope)), () => Block(s.OrElse, scope)), next);
                    }
                }

                return new BlockFrame(s.OrElse, 0, next);
            case TryStatement { Handlers.IsEmpty: true } s when !s.Body.Any(b => Holds<ReturnStatement>(b, 0) || Holds<BreakStatement>(b, 0) || Holds<ContinueStatement>(b, 0)):
                return new BlockFrame(s.Body, 0, new FinalFrame(s.FinalBody, next));
            default:
                return Whole(() => Execute(statement, scope), next);
        }
    }

    /// <summary>Runs something as a whole; where it leaves the loop around it, that is told there.</summary>
    private Frame? Whole(Action run, Frame? next)
    {
        var loop = new LoopFrame(Conditions.Never);
        _loops.Push(loop);
        run();
        _loops.Pop();
        if (loop.Broken.IsNever && loop.Continued.IsNever)
        {
            return Now.IsNever ? Around(next) : next;
        }

        next = Told(next, loop);
        return Now.IsNever ? Around(next) : next;
    }

    /// <summary>The innermost loop, whose rounds may go on where this one was left.</summary>
    private static Frame? Around(Frame? frame)
    {
        while (frame is not null and not (RoundsFrame or JoinFrame))
        {
            frame = frame.Outer;
        }

        return frame;
    }

    private static Frame? Told(Frame? frame, LoopFrame left) => frame switch
    {
        null => null,
        RoundsFrame rounds => rounds with { Broken = rounds.Broken.Or(left.Broken), Continued = rounds.Continued.Or(left.Continued) },
        _ => frame with { Outer = Told(frame.Outer, left) },
    };

    /// <summary>Begins the next round of a loop, or leaves it.</summary>
    private Frame? Round(RoundsFrame rounds, Scope scope, bool all)
    {
        Now = Now.Or(rounds.Continued.And(_asked!));
        if (Now.IsNever)
        {
            Now = rounds.Broken.And(_asked!);
            return Now.IsNever ? Around(rounds.Outer) : rounds.Outer;
        }

        var isLong = (all && rounds.Rounds >= MaxReceived) || !rounds.Broken.IsNever;
        var isEnd = false;
        ImmutableArray<Statement> orElse;
        if (rounds.Loop is ForStatement loop)
        {
            orElse = loop.OrElse;
            if (!isLong && NextMade(rounds.Iterator!) is { } item)
            {
                Assign(loop.Target, item, scope);
                return new BlockFrame(loop.Body, 0, rounds with { Continued = Conditions.Never, Rounds = rounds.Rounds + 1 });
            }

            isEnd = rounds.Iterator is { Source: null, Made.Count: 0, MadeRest: null };
            if (!isEnd)
            {
                For(loop, rounds.Iterator!, scope);
            }
        }
        else
        {
            var statement = (WhileStatement)rounds.Loop;
            orElse = statement.OrElse;
            if (!isLong)
            {
                var test = Test(Evaluate(statement.Test, scope), statement.Test, scope);
                switch (Decide(test))
                {
                    case true:
                        return new BlockFrame(statement.Body, 0, rounds with { Continued = Conditions.Never, Rounds = rounds.Rounds + 1 });
                    case false:
                        isEnd = true;
                        break;
                }
            }

            if (!isEnd)
            {
                While(statement, scope);
            }
        }

        var outer = rounds.Broken.IsNever ? rounds.Outer : new JoinFrame(rounds.Broken, rounds.Outer);
        return isEnd && !orElse.IsEmpty ? new BlockFrame(orElse, 0, outer) : outer;
    }
}
