using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Modules that are there, but which they are is not known.</content>
internal sealed partial class Evaluator
{
    private readonly Dictionary<ObjectValue, IReadOnlyList<Value>> _concealed = [];

    private readonly Dictionary<UnknownValue, ObjectValue> _unknownModules = [];

    /// <summary>What stands for the children that a library's constructor makes, where that is not read: a first, and one for all later ones.</summary>
    internal IReadOnlyList<Value> Concealed(ObjectValue o)
    {
        if (o.Doubt is null && !IsConcealing(o))
        {
            return [];
        }

        if (!_concealed.TryGetValue(o, out var children))
        {
            var length = new UnknownValue($"the number of modules in {o.TypeName}", NotRead(o, "").Reason, o.Place, UnknownKind.Number) { IsCount = true };
            _concealed[o] = children = [AsModule(NotRead(o, "its first module"), o.Place), Later(AsModule(NotRead(o, "a later module of it"), o.Place), length)];
        }

        return children;
    }

    /// <summary>What is put where only modules may stand: a value that cannot be told is a module, whichever.</summary>
    internal Value AsModule(Value value, Place place)
    {
        switch (value)
        {
            case UnknownValue { Kind: UnknownKind.Any } unknown:
                if (!_unknownModules.TryGetValue(unknown, out var module))
                {
                    _unknownModules[unknown] = module = new(null, unknown.Text.EndsWith("(...)", StringComparison.Ordinal) ? unknown.Text[..^5] : unknown.Text, ClassKind.TorchModule) { Place = place, Doubt = unknown };
                }

                return module;
            case ChoiceValue choice when choice.Options.Any(o => o.Value is UnknownValue):
                return new ChoiceValue([.. choice.Options.Select(o => (o.When, AsModule(o.Value, place)))]);
            default:
                return value;
        }
    }

    /// <summary>Whether a library's constructor makes modules in it that are not known.</summary>
    private bool IsConcealing(ObjectValue o) => o.IsModule && o.ExternalType is { } external && Libraries.Class(external) is { IsAbstract: false, Kind: ClassKind.TorchModule } known
        && (known.HoldsModules ?? !external.StartsWith("torch.nn.", StringComparison.Ordinal));

    /// <summary>Whether it has attributes and methods of a library's class that is not read.</summary>
    private bool IsUnread(ObjectValue o) => o.IsModule && o.ExternalType is { } external && external.Contains('.', StringComparison.Ordinal) && !external.StartsWith("torch.nn.", StringComparison.Ordinal)
        && Libraries.Class(external) is null or { IsAbstract: false, Kind: ClassKind.TorchModule };

    private UnknownValue NotRead(ObjectValue o, string text)
    {
        var name = o.Doubt is null ? Libraries.Canonical(o.ExternalType!) : o.TypeName;
        return new(text, o.Doubt?.Reason ?? $"what '{name}' holds is not read", o.Place) { Remedy = o.Doubt is null ? Remedy(name) : o.Doubt.Remedy, MayBeTensor = true };
    }
}
