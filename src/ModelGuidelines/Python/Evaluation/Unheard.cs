using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Hears nothing: what a module does in rounds whose calls are another one's.</summary>
internal sealed class Unheard : IObserver
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

    public void Held(ObjectValue holder, string name, ObjectValue module, Condition when)
    {
    }

    public void Direct(ObjectValue module, Place place, Condition when, Way? way)
    {
    }

    public void Inherited(ObjectValue module)
    {
        // Not heard.
    }

    public void ControlFlow(string function, Place place, Condition when)
    {
    }

    public void Untraceable(Untraced asked, string text, Place place, Condition when, bool isDoubtful)
    {
    }

    public void UnknownCall(UnknownValue callee, Place place, Condition when)
    {
    }

    public void Used(Value input, InputUse use, Place place, Condition when)
    {
    }
}
