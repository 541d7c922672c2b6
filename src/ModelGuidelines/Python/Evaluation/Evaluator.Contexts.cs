using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Context managers: what runs before a block, and what runs behind it on every way, on those too that left.</content>
internal sealed partial class Evaluator
{
    /// <summary>The call of a generator that is a context manager, and what runs where it yields.</summary>
    private (Expression Call, Action<Value> Block)? _entering;

    /// <summary>The same, for the generator that is about to be called.</summary>
    private Action<Value>? _atYield;

    private void With(WithStatement s, Scope scope) => With(s, 0, scope);

    private void With(WithStatement s, int first, Scope scope)
    {
        if (first == s.Items.Length)
        {
            if (ReferenceEquals(_partly, s))
            {
                BegunBlock(s.Body, scope);
            }
            else
            {
                Block(s.Body, scope);
            }

            return;
        }

        var item = s.Items[first];
        var (left, isRun, loops) = (Conditions.Never, false, _loops.Count);
        var outer = _entering;
        _entering = (item.Context, value =>
        {
            // Where a generator yields in a loop, how often is its matter: then the block runs behind all of it.
            if (_loops.Count == loops)
            {
                isRun = true;
                left = left.Or(Within(s, first, value, scope));
            }
        });
        var context = Evaluate(item.Context, scope);
        _entering = outer;
        if (isRun)
        {
            Now = left.Implies(Now) ? left : left.And(Now);
            return;
        }

        var manager = context as ObjectValue;
        var entered = manager?.Class?.Find("__enter__") is not null ? Call(Attribute(manager, "__enter__", scope.At(item.Start)), new(), scope.At(item.Start))
            : context is SequenceValue yielded ? Entered(yielded, item, scope)
            : context is ObjectValue ? context : Unknown(TextOf(item.Context, scope), "it is what a context manager gives", scope.At(item.Start));
        if (manager?.Class?.Find("__exit__") is null)
        {
            Enter(s, first, entered, scope);
            return;
        }

        var before = Now;
        Enter(s, first, entered, scope);
        OnEveryWay(before, () => Call(Attribute(manager, "__exit__", scope.At(item.Start)), CallArguments.Of(ConstantValue.None, ConstantValue.None, ConstantValue.None), scope.At(item.Start)));
    }

    /// <summary>Runs what stands behind a block on each way on which that began, on those too that left it; then goes on where the block was left at its end.</summary>
    private void OnEveryWay(Condition began, Action run)
    {
        var left = Now;
        Now = began;
        run();
        Now = ReferenceEquals(Now, began) ? left : left.And(Now);
    }

    /// <summary>Runs the block and goes back to where it began, on every way; gives where it is left at its end.</summary>
    private Condition Within(WithStatement s, int item, Value entered, Scope scope)
    {
        var before = Now;
        Enter(s, item, entered, scope);
        var left = Now;
        Now = before;
        return left;
    }

    private void Enter(WithStatement s, int item, Value entered, Scope scope)
    {
        if (s.Items[item].Target is { } target)
        {
            Assign(target, entered, scope);
        }

        With(s, item + 1, scope);
    }

    /// <summary>A generator as a context manager gives what it yields first.</summary>
    private Value Entered(SequenceValue yielded, WithItem item, Scope scope) => Iterate(yielded, scope.At(item.Start), "") is [var first, ..] ? first : Unknown(TextOf(item.Context, scope), "its context manager yields nothing", scope.At(item.Start));
}
