using System.Collections.Immutable;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What generators yield: it is put behind what their iterator holds; a loop without end in one that is asked for all gives so many values, and then more that are not told apart.</content>
internal sealed partial class Evaluator
{
    private const int MaxYielded = 500;

    /// <summary>Of a loop without end that costs much, so many values are told apart.</summary>
    private const int MinYielded = 16;

    private const long StepsPerGenerator = 4_000;

    private Value Yield(YieldExpression e, Scope scope)
    {
        var value = e.Value is null ? ConstantValue.None : Evaluate(e.Value, scope);
        if (Now.IsNever)
        {
            return value; // making it raises
        }

        scope.AtYield?.Invoke(value);
        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.Yielded is { } yielded)
            {
                // A generator without end gives more data like the last; modules are each its own.
                var isMore = yielded.Made.Count >= MaxYielded && IsData(value);
                if (isMore && yielded.MadeRest is not null)
                {
                    break;
                }

                _journal.Change(yielded);
                if (isMore)
                {
                    yielded.Rest = LaterData(value, scope.At(e.Start));
                    break;
                }

                if (e.IsFrom)
                {
                    Extend(yielded, value, scope.At(e.Start));
                    if (Here(value) is SequenceValue { Form: SequenceForm.Iterator } inner)
                    {
                        UseUp(inner);
                        return inner.Returned ?? ConstantValue.None;
                    }
                }
                else
                {
                    yielded.Made.Add(value);
                }

                break;
            }
        }

        return Unknown("what is sent", "what a generator is sent is not followed", scope.At(e.Start));
    }

    private static bool Yields(ImmutableArray<Statement> body, int depth) => depth < 60 && body.Any(s => s is not (FunctionDefinition or ClassDefinition) && PythonTree.Children(s).Any(c => Yields(c, depth + 1)));

    private static bool Yields(PythonNode node, int depth) => depth < 60
        && (node is YieldExpression || (node is not (FunctionDefinition or ClassDefinition or LambdaExpression) && PythonTree.Children(node).Any(c => Yields(c, depth + 1))));

    /// <summary>Whether a loop without end has yielded enough: what it yields from here on is more of the same where that is data, else it is not known.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="before">Values that were there before its first round.</param>
    /// <param name="from">The steps before its first round.</param>
    /// <param name="scope">Where it stands.</param>
    private bool YieldsOn(WhileStatement loop, int before, long from, Scope scope)
    {
        if (scope.Yielded is not { } yielded || yielded.Made.Count - before < MinYielded || (yielded.Made.Count < MaxYielded && _steps - from < StepsPerGenerator)
            || loop.Test is not (ConstantExpression or NumberExpression) || loop.Body.Any(s => Ends(s, 0)))
        {
            return false;
        }

        if (yielded.MadeRest is null)
        {
            _journal.Change(yielded);
            yielded.Rest = IsData(yielded.Made[^1]) ? LaterData(yielded.Made[^1], scope.At(loop.Start))
                : Unknown($"a later value of {scope.Function?.Name ?? "a generator"}()", NotEachValue, scope.At(loop.Start));
        }

        (scope.Returned ??= []).Add((Now, ConstantValue.None));
        Now = Conditions.Never;
        return true;
    }

    /// <summary>Whether a statement may end the loop that it stands in; of loops in it also what ends them alone.</summary>
    private static bool Ends(PythonNode node, int depth) => depth >= 60 || node is BreakStatement or ReturnStatement
        || (node is not (FunctionDefinition or ClassDefinition or Expression) && PythonTree.Children(node).Any(c => Ends(c, depth + 1)));

    private const string NotEachValue = "a generator gives more values than are followed";

    private Value LaterData(Value value, Place place) => Another(value, "a later value of a generator", NotEachValue, place);

    /// <summary>Numbers, texts, tensors, what is not known, and small tuples and lists of them.</summary>
    private static bool IsData(Value value) => IsData(value, 0);

    private static bool IsData(Value value, int depth) => value is UnknownValue or TensorValue or ConstantValue
        || (value is SequenceValue { Items.Count: <= 8 } s && depth < 3 && s.Items.TrueForAll(i => IsData(i, depth + 1)) && (s.Rest is null || IsData(s.Rest, depth + 1)));
}
