using System.Collections.Immutable;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Generators. They run where they are called, and what they yield is a list; a loop without end in one gives so many values, and then more that are not told apart.</content>
internal sealed partial class Evaluator
{
    private const int MaxYielded = 500;

    /// <summary>Of a loop without end that costs much, so many values are told apart.</summary>
    private const int MinYielded = 16;

    private const long StepsPerGenerator = 4_000;

    private Value Yield(YieldExpression e, Scope scope)
    {
        var value = e.Value is null ? ConstantValue.None : Evaluate(e.Value, scope);
        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.Yielded is { } yielded)
            {
                // A generator without end gives more data like the last; modules are each its own.
                var isMore = yielded.Items.Count >= MaxYielded && IsData(value);
                if (isMore && yielded.Rest is not null)
                {
                    break;
                }

                _journal.Change(yielded);
                if (isMore)
                {
                    yielded.Rest = value;
                    break;
                }

                if (e.IsFrom)
                {
                    Extend(yielded, value, scope.At(e.Start));
                }
                else
                {
                    yielded.Items.Add(value);
                }

                break;
            }
        }

        return Unknown("what is sent", "what a generator is sent is not followed", scope.At(e.Start));
    }

    private static bool Yields(ImmutableArray<Statement> body, int depth) => depth < 60 && body.Any(s => s is not (FunctionDefinition or ClassDefinition) && PythonTree.Children(s).Any(c => Yields(c, depth + 1)));

    private static bool Yields(PythonNode node, int depth) => depth < 60
        && (node is YieldExpression || (node is not (FunctionDefinition or ClassDefinition or LambdaExpression) && PythonTree.Children(node).Any(c => Yields(c, depth + 1))));

    /// <summary>Whether a loop that never ends by itself has yielded enough: what it yields from here on is more of the same where that is data, else it is not known.</summary>
    private bool YieldsOn(WhileStatement loop, long from, Scope scope)
    {
        if (scope.Yielded is not { } yielded || yielded.Items.Count < MinYielded || (yielded.Items.Count < MaxYielded && _steps - from < StepsPerGenerator)
            || loop.Test is not (ConstantExpression or NumberExpression))
        {
            return false;
        }

        if (yielded.Rest is null)
        {
            _journal.Change(yielded);
            yielded.Rest = IsData(yielded.Items[^1]) ? yielded.Items[^1]
                : Unknown($"a later value of {scope.Function?.Name ?? "a generator"}()", "a generator without end gives more values than are followed", scope.At(loop.Start));
        }

        (scope.Returned ??= []).Add((Now, ConstantValue.None));
        Now = Conditions.Never;
        return true;
    }

    private static bool IsData(Value value) => value is UnknownValue or TensorValue or ConstantValue
        || (value is SequenceValue s && s.Items.TrueForAll(IsData) && (s.Rest is null || IsData(s.Rest)));
}
