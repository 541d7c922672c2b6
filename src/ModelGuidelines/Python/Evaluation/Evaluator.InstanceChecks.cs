using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Classes that say themselves what is an instance of them: protocols, metaclasses with <c>__instancecheck__</c>, abstract classes with <c>__subclasshook__</c> or <c>register</c>.</content>
internal sealed partial class Evaluator
{
    /// <summary>What was registered as if it derived from a class: <c>Backend.register(Cuda)</c>.</summary>
    private readonly Dictionary<ClassValue, List<Value>> _registered = [];

    /// <summary>The condition under which a value is an instance of a class that says so itself; null where no more than the bases count.</summary>
    private Condition? OwnInstanceCheck(Value value, ClassValue wanted, Place place)
    {
        if (wanted.Metaclass?.Find("__instancecheck__") is { Value: FunctionValue check })
        {
            return TestOf(Call(check, CallArguments.Of(wanted, value), place), "");
        }

        if (value is ObjectValue { Class: { } type } && (Derives(type, wanted) is true || IsRegistered(type, wanted)))
        {
            return Conditions.Always;
        }

        // A class that is an instance of none of these by its bases may be one by what it holds.
        if (wanted.Find("__subclasshook__") is { Value: WrappedMethod { Function: FunctionValue hook } } && value is ObjectValue { Class: { } asked })
        {
            var answer = Here(Call(hook, CallArguments.Of(wanted, asked), place));
            return answer is ExternalValue { LastPart: "NotImplemented" } ? null : TestOf(answer, "");
        }

        return IsProtocol(wanted) ? ProtocolMembers(wanted).Aggregate(Conditions.Always, (all, name) => all.And(Has(value, name))) : null;
    }

    /// <summary>Whether a class is a protocol itself: what derives from one is none, unless it says so again.</summary>
    private static bool IsProtocol(ClassValue type) => type.Bases.Any(b => b is ExternalValue { LastPart: "Protocol" });

    /// <summary>What must be there: all that the protocols of a class define or declare.</summary>
    private static IEnumerable<string> ProtocolMembers(ClassValue type) => type.ResolutionOrder.OfType<ClassValue>().Where(IsProtocol).SelectMany(c => c.Members.Keys.Concat(c.Fields))
        .Where(n => n is not ("__doc__" or "__module__" or "__qualname__" or "__slots__" or "__init__" or "__annotations__" or "__class_getitem__" or "__new__" or "__subclasshook__")).Distinct(StringComparer.Ordinal);

    /// <summary>Whether others may be registered with it: it is an abstract class of Python's.</summary>
    private static bool IsAbstract(ClassValue type) => type.ExternalBases.Any(b => b is "abc.ABC" or "typing.Protocol") || type.Definition.Arguments.Any(a => a is { Name: "metaclass", Value: Syntax.NameExpression { Name: "ABCMeta" } or Syntax.AttributeExpression { Name: "ABCMeta" } });

    private Value RegisterInstances(ClassValue type, CallArguments arguments)
    {
        if (arguments.Find(0, "subclass") is not { } other)
        {
            return ConstantValue.None;
        }

        if (!_registered.TryGetValue(type, out var others))
        {
            _registered[type] = others = [];
        }

        others.Add(other);
        return other;
    }

    private bool IsRegistered(ClassValue type, ClassValue wanted) =>
        _registered.Any(r => Derives(r.Key, wanted) is true && r.Value.Any(v => v is ClassValue c ? type.Derives(c) : v is ExternalValue e && type.ExternalBases.Any(b => DerivesFrom(b, Libraries.Canonical(e.Name)))));
}
