using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Functions that run within themselves.</content>
internal sealed partial class Evaluator
{
    /// <summary>How often a function may run within itself.</summary>
    private const int MaxRecursion = 40;

    /// <summary>How often where whether it does so again cannot be told: the last call stands for all further ones, as the last round of an unknown loop does.</summary>
    private const int MaxUndecidedRecursion = 3;

    /// <summary>How often a function may run this deep within itself, in one call from outside: calls that each make several more would take all the steps there are.</summary>
    private const int MaxDeepCalls = 500;
    private const int DeepRecursion = 8;

    private readonly Dictionary<PythonNode, int> _deepCalls = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PythonNode, int> _running = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<(PythonNode Node, Condition When)> _runningNow = new();

    private bool IsDeepTooOften(PythonNode node)
    {
        ref var calls = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_deepCalls, node, out _);
        return ++calls > MaxDeepCalls;
    }

    /// <summary>Each of the last calls of a function within itself depends on a further test that cannot be decided.</summary>
    private bool IsUndecidedRecursion(PythonNode node)
    {
        var (inner, count) = (Now, 0);
        foreach (var (running, when) in _runningNow)
        {
            if (running == node)
            {
                if (ReferenceEquals(when, inner) || inner.Implies(when) && when.Implies(inner))
                {
                    return false;
                }

                inner = when;
                if (++count == MaxUndecidedRecursion)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
