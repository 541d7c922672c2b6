using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Which classes are others.</content>
internal sealed partial class Evaluator
{
    /// <summary>Whether a class of a file is another or derives from it; null where a base of it is not read: that may.</summary>
    private bool? Derives(ClassValue type, ClassValue other) =>
        type.Derives(other) ? true : type.ResolutionOrder.Exists(b => b is UnknownValue || (b is ExternalValue external && !Libraries.Knows(external.FirstPart))) ? null : false;

    private Condition IsSubclass(Value type, Value other, string text) => (type, other) switch
    {
        (ChoiceValue choice, _) => choice.Options.Aggregate(Conditions.Never, (c, o) => c.Or(o.When.And(IsSubclass(o.Value, other, text)))),
        (_, ChoiceValue choice) => choice.Options.Aggregate(Conditions.Never, (c, o) => c.Or(o.When.And(IsSubclass(type, o.Value, text)))),
        (_, SequenceValue { Rest: null } others) => others.Items.Aggregate(Conditions.Never, (c, o) => c.Or(IsSubclass(type, o, text))),
        (UnknownValue unknown, ClassValue or ExternalValue) => _tests.Ask(unknown, "issubclass " + NameOf(other), $"issubclass({unknown.Text}, {NameOf(other)})"),
        _ => Answer(type, other) is { } yes ? yes ? Conditions.Always : Conditions.Never : Conditions.NewAtom(text),
    };

    /// <summary>How a test names a class.</summary>
    private static string NameOf(Value type) => type switch { ExternalValue e => e.LastPart, ClassValue c => c.Name, UnknownValue u => u.Text, _ => "" };

    private bool? Answer(Value type, Value other) => (type, other) switch
    {
        (ClassValue c, ClassValue o) => Derives(c, o),
        (ClassValue { HasUnknownBase: false } c, ExternalValue o) when c.ExternalBases.All(b => Libraries.Class(b) is not null) => c.ExternalBases.Any(b => DerivesFrom(b, Libraries.Canonical(o.Name))),
        (ExternalValue e, ExternalValue o) when Libraries.Class(e.Name) is not null => DerivesFrom(e.Name, Libraries.Canonical(o.Name)),
        (ExternalValue e, ClassValue) when Libraries.Class(e.Name) is not null => false,
        _ => null,
    };
}
