using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Functions with a backward of their own: <c>class Swish(torch.autograd.Function)</c>.</content>
internal sealed partial class Evaluator
{
    private const string AutogradFunction = "torch.autograd.Function";
    private const string AutogradContext = "torch.autograd.function.FunctionCtx";

    private bool IsAutograd(ClassValue type) => type.ExternalBases.Any(b => Libraries.Canonical(b) == AutogradFunction);

    /// <summary><c>Swish.apply(x)</c> runs the class's forward: what that calls counts as if the module called it.</summary>
    /// <param name="type">The function's class.</param>
    /// <param name="arguments">What it is called with.</param>
    /// <param name="place">Where.</param>
    /// <param name="self">An instance that is called, as functions were before PyTorch 1.3: <c>RoIAlign(7, 7)(features, boxes)</c>; its forward has no context beside it.</param>
    private Value Apply(ClassValue type, CallArguments arguments, Place place, ObjectValue? self = null)
    {
        if (type.Find("forward") is not { } forward)
        {
            return new TensorValue();
        }

        // What autograd keeps for the backward pass: code sets attributes on it and reads them.
        var context = new ObjectValue(null, AutogradContext, ClassKind.Plain) { Place = place };
        var hasContext = type.Find("setup_context") is null;
        var observer = Observer;
        Observer = observer is null ? null : new OneFunction(observer, type);
        var result = Call(forward.Value is WrappedMethod w ? w.Function : forward.Value, self is not null ? arguments.Prepend(self) : hasContext ? arguments.Prepend(context) : arguments, place);
        Observer = observer;
        return result is UnknownValue ? new TensorValue() : result;
    }

    private static bool IsWithin(Place place, ClassValue type) => ReferenceEquals(place.Module, type.Module) && place.Offset >= type.Definition.Start && place.Offset < type.Definition.End;

    /// <summary>To whoever traces, the class's own code is one function: where that asks what a proxy cannot answer is not told.</summary>
    private sealed class OneFunction(IObserver heard, ClassValue type) : IObserver
    {
        public void Begin(ObjectValue module, CallArguments arguments, Place place, Condition when, Way? way) => heard.Begin(module, arguments, place, when, way);

        public void End(Value result, Place place, Condition when, bool givesBack) => heard.End(result, place, when, givesBack);

        public void Operation(string function, CallArguments arguments, Place place, Condition when, UnknownValue? doubt) => heard.Operation(function, arguments, place, when, doubt);

        public void Held(ObjectValue holder, string name, ObjectValue module, Condition when) => heard.Held(holder, name, module, when);

        public void Direct(ObjectValue module, Place place, Condition when, Way? way) => heard.Direct(module, place, when, way);

        public void Inherited(ObjectValue module) => heard.Inherited(module);

        public void ControlFlow(string function, Place place, Condition when) => heard.ControlFlow(function, place, when);

        public void Untraceable(Untraced asked, string text, Place place, Condition when, bool isDoubtful)
        {
            if (!IsWithin(place, type))
            {
                heard.Untraceable(asked, text, place, when, isDoubtful);
            }
        }

        public void UnknownCall(UnknownValue callee, Place place, Condition when) => heard.UnknownCall(callee, place, when);

        public void Used(Value input, InputUse use, Place place, Condition when) => heard.Used(input, use, place, when);
    }
}
