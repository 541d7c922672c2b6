using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Which exception was raised, and which handler is its.</content>
internal sealed partial class Evaluator
{
    /// <summary>What a block that has handlers raised so far, with its class; null where that cannot be told.</summary>
    private List<(Condition When, Value? Type)> _raised = [];

    /// <summary>The same of what stands around it.</summary>
    private List<(Condition When, Value? Type)> _raisedAround = [];

    /// <summary>The class of what a statement raises.</summary>
    private Value? Raised(RaiseStatement s, Scope scope) => s.Exception switch
    {
        NameExpression or AttributeExpression => Evaluate(s.Exception, scope) is var named && named is ObjectValue { Class: { } type } ? type : named,
        CallExpression { Function: NameExpression or AttributeExpression } call => Evaluate(call.Function, scope),
        _ => null,
    };

    private bool? IsCaughtBy(Value? type, Value handled)
    {
        if (handled is SequenceValue { Rest: null } several)
        {
            var answers = several.Items.ConvertAll(i => IsCaughtBy(type, Here(i)));
            return answers.Contains(true) ? true : answers.Contains(null) ? null : false;
        }

        return (type, handled) switch
        {
            (ClassValue own, ClassValue other) => own.HasUnknownBase ? null : own.Derives(other),
            (ClassValue own, ExternalValue other) => own.HasUnknownBase ? null : own.ExternalBases.Select(b => ExceptionTypes.Derives(b, other.Name)).ToList() is var bases && bases.Contains(true) ? true : bases.Contains(null) ? null : false,
            (ExternalValue, ClassValue) => false,
            (ExternalValue own, ExternalValue other) => ExceptionTypes.Derives(own.Name, other.Name),
            _ => null,
        };
    }

    /// <summary>The first handler whose exception it is; where none is, what stands around gets it. Where that cannot be told, one of them catches it.</summary>
    private void HandleRaised(IReadOnlyList<ExceptHandler> handlers, int at, List<(Condition When, Value? Type)> raised, Scope scope, Condition? caught)
    {
        if (at == handlers.Count)
        {
            var (inner, own) = (_caught, _raised);
            (_caught, _raised) = (caught, _raisedAround);
            Raise(raised.Count == 1 ? raised[0].Type : null);
            (_caught, _raised) = (inner, own);
            return;
        }

        if (handlers[at].Type is not { } written)
        {
            Handle(handlers[at], scope, caught);
            return;
        }

        var (isIts, type) = (Conditions.Never, Here(Evaluate(written, scope)));
        foreach (var (when, what) in raised)
        {
            switch (IsCaughtBy(what, type))
            {
                case null:
                    Handle(handlers, scope, caught, at);
                    return;
                case true:
                    isIts = isIts.Or(when);
                    break;
            }
        }

        Fork(isIts, () => Handle(handlers[at], scope, caught), () => HandleRaised(handlers, at + 1, raised, scope, caught));
    }

    /// <summary>What Python raises where the code of a forward pass stands: None has no attributes, a tuple of two no third element. Where ways are left on which it does not, that one is no run
    /// (or a handler's); where none is, it was not understood what the value is.</summary>
    /// <param name="exception">The class of it, one of Python's own.</param>
    /// <param name="otherwise">What cannot be told, where it does not raise.</param>
    private UnknownValue Raised(string exception, UnknownValue otherwise)
    {
        if (Observer is null || Now.IsNever || (_caught is null && (Now.IsAlways || Conditions.TryExclude(_world, Now) is { IsNever: true })))
        {
            return otherwise;
        }

        Raise(new ExternalValue("builtins." + exception));
        return new(otherwise.Text, otherwise.Reason, otherwise.Begin) { IsOfNoRun = true };
    }

    /// <summary>Whether reading an attribute raises for sure, in a block whose handler goes on: that way asks whether it is there (<c>try: self.weight_bar; return True</c>).
    /// Not where an attribute was set under a name that cannot be told, or by a library.</summary>
    private bool RaisesWithout(ObjectValue o, string name) => _caught is not null && (o.IsModule || o.ExternalType is null) && o.Class?.HasUnknownBase != true
        && !name.StartsWith("__", StringComparison.Ordinal) && !o.Attributes.All.Any(a => a.Name.StartsWith('<')) && !Now.Meets(Has(o, name));
}
