using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Is told what happens while a forward pass is followed.</summary>
internal interface IObserver
{
    /// <summary>A module's call begins.</summary>
    /// <param name="module">It.</param>
    /// <param name="arguments">With what.</param>
    /// <param name="place">Where.</param>
    /// <param name="when">Under which condition.</param>
    /// <param name="way">In which branches.</param>
    void Begin(ObjectValue module, CallArguments arguments, Place place, Condition when, Way? way);

    /// <summary>The call that began last ends.</summary>
    /// <param name="result">What it gives back.</param>
    /// <param name="place">The return statement, or the call where the module is a library's.</param>
    /// <param name="when">The condition under which it began.</param>
    /// <param name="givesBack">In inference it is the argument.</param>
    void End(Value result, Place place, Condition when, bool givesBack);

    /// <summary>A module gets another one while the forward runs: <c>if self.act is None: self.act = nn.ReLU()</c>.</summary>
    /// <param name="holder">Who gets it.</param>
    /// <param name="name">Under which name.</param>
    /// <param name="module">It.</param>
    /// <param name="when">Under which condition.</param>
    void Held(ObjectValue holder, string name, ObjectValue module, Condition when);

    /// <summary>A module's forward is called by its name: <c>self.act.forward(x)</c>. What it does is heard as the caller's own.</summary>
    void Direct(ObjectValue module, Place place, Condition when, Way? way);

    /// <summary>The forward that runs calls the one of its class in a library: <c>super().forward(x)</c>.</summary>
    void Inherited(ObjectValue module);

    /// <summary>A PyTorch function is called.</summary>
    /// <param name="function">By its name.</param>
    /// <param name="arguments">With what.</param>
    /// <param name="place">Where.</param>
    /// <param name="when">Under which condition.</param>
    /// <param name="doubt">The value that may be no tensor; null where there is no doubt.</param>
    void Operation(string function, CallArguments arguments, Place place, Condition when, UnknownValue? doubt);

    /// <summary>A function of PyTorch is called that runs other functions by data: <c>torch.cond</c>.</summary>
    void ControlFlow(string function, Place place, Condition when);

    /// <summary>Code asks of what torch.fx has as a proxy what a proxy cannot answer.</summary>
    /// <param name="asked">What.</param>
    /// <param name="text">The expression.</param>
    /// <param name="place">Where.</param>
    /// <param name="when">Under which condition.</param>
    /// <param name="isDoubtful">It may be no proxy, it may be caught, or what AIMET's preparer does about it was not measured.</param>
    void Untraceable(Untraced asked, string text, Place place, Condition when, bool isDoubtful);

    /// <summary>Something unknown is called: it may be a module.</summary>
    void UnknownCall(UnknownValue callee, Place place, Condition when);

    /// <summary>Code does with an argument of the root, or with something unknown, what tells what it is.</summary>
    void Used(Value input, InputUse use, Place place, Condition when);
}

/// <summary>A place that was not followed.</summary>
/// <param name="What">A clause without the place.</param>
/// <param name="Place">Where.</param>
/// <param name="Hides">What it may hide.</param>
/// <param name="Remedy">What would tell.</param>
internal sealed record UnfollowedPlace(string What, Place Place, Hides Hides, string? Remedy);

/// <summary>A run needed more steps than it may take.</summary>
internal sealed class BudgetException : Exception;
