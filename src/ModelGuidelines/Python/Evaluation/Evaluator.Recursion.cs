using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

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
    private readonly Stack<(PythonNode Node, Condition When, CallArguments Given)> _runningNow = new();

    private bool IsDeepTooOften(PythonNode node)
    {
        ref var calls = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_deepCalls, node, out _);
        return ++calls > MaxDeepCalls;
    }

    /// <summary>Whether a further call of a function within itself would show nothing that those before it did not.</summary>
    private bool IsToldNoMore(FunctionValue function, CallArguments given, int depth) => function.Node is var node
        && ((Observer is null && IsAskedAgain(node, given) && _inert.ChangesOnlyUnknown(function, given).IsProven)
        || (depth >= MaxUndecidedRecursion && (IsUndecidedRecursion(node) || (!given.HasUnknown && given.All.Any() && given.All.All(a => a is UnknownValue)))));

    /// <summary>Whether a call within the function's own leaves nothing behind and gives None: it walks on into what nothing is known of.</summary>
    private bool IsSilentWithin(FunctionValue function, CallArguments given) => !given.HasUnknown && given.Any(v => v is UnknownValue) && _inert.ChangesOnlyUnknown(function, given).IsSilent;

    /// <summary>A call within the function's own, for reasons that cannot be told, which is given no more than that one: values of which nothing is known where it was given such, and
    /// elsewhere the same ones. What it makes of them was seen, where it leaves nothing behind (<see cref="InertFunctions.ChangesOnlyUnknown"/>): what appends a module does so once more.</summary>
    /// <remarks>Code that walks settings within settings asks for each of them; a call of it for every unknown one, and two for each of these, is most of what such code takes.</remarks>
    private bool IsAskedAgain(PythonNode node, CallArguments given)
    {
        var (_, when, before) = _runningNow.First(r => r.Node == node);
        return !given.HasUnknown && !before.HasUnknown && given.Positional.Count == before.Positional.Count && given.Any(v => v is UnknownValue)
            && given.Named.Select(n => n.Name).SequenceEqual(before.Named.Select(n => n.Name))
            && given.All.Zip(before.All).All(p => ReferenceEquals(p.First, p.Second) || p is (UnknownValue, UnknownValue))
            && !when.Implies(Now);
    }

    /// <summary>Each of the last calls of a function within itself depends on a further test that cannot be decided.</summary>
    private bool IsUndecidedRecursion(PythonNode node)
    {
        var (inner, count) = (Now, 0);
        foreach (var (running, when, _) in _runningNow)
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
