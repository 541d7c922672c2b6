using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Functions with a backward of their own: <c>class Swish(torch.autograd.Function)</c>.</content>
internal sealed partial class Evaluator
{
    private const string AutogradFunction = "torch.autograd.Function";

    private static bool IsAutograd(ClassValue type) => type.ExternalBases.Contains(AutogradFunction);

    /// <summary><c>Swish.apply(x)</c> is one function to the framework: what its forward calls is no part of the module, only what it gives back is.</summary>
    private Value Apply(ClassValue type, CallArguments arguments, Place place)
    {
        if (type.Find("forward") is not { } forward)
        {
            return new TensorValue();
        }

        var context = new UnknownValue("ctx", "it is what autograd keeps for the backward pass", place);
        var hasContext = type.Find("setup_context") is null;
        var (observer, gaps) = (Observer, Gaps.Count);
        Observer = observer is null ? null : Unheard.Instance;
        var result = Call(forward.Value is WrappedMethod w ? w.Function : forward.Value, hasContext ? arguments.Prepend(context) : arguments, place);
        Observer = observer;
        Gaps.RemoveRange(gaps, Gaps.Count - gaps);
        return result is UnknownValue ? new TensorValue() : result;
    }

    private sealed class Unheard : IObserver
    {
        public static readonly Unheard Instance = new();

        public void Begin(ObjectValue module, CallArguments arguments, Place place, Condition when, Way? way)
        {
        }

        public void End(Value result, Place place, Condition when, bool givesBack)
        {
        }

        public void Operation(string function, CallArguments arguments, Place place, Condition when, UnknownValue? doubt)
        {
        }

        public void ControlFlow(string function, Place place, Condition when)
        {
        }

        public void UnknownCall(UnknownValue callee, Place place, Condition when)
        {
        }

        public void Used(InputValue input, InputUse use, Place place, Condition when)
        {
        }
    }
}
