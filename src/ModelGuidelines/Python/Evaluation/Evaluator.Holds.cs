using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What values hold.</content>
internal sealed partial class Evaluator
{
    // Asked for each call of a library: one delegate each, not one a call.
    private readonly Predicate<Value> _holdsTensor;
    private readonly Predicate<Value> _holdsCertainTensor;
    private readonly Predicate<Value> _holdsModule;
    private readonly Func<Value, Value> _here;

    /// <summary>Whether a value is a tensor or holds one, or may.</summary>
    private bool HoldsTensor(Value value) => HoldsTensor(value, 0, true);

    private bool HoldsCertainTensor(Value value) => HoldsTensor(value, 0, false);

    private bool HoldsTensor(Value value, int depth, bool maybe) => depth < 4 && value switch
    {
        TensorValue => true,
        UnknownValue u => maybe && u.MayBeTensor,
        SequenceValue s => (s.Rest is not null && HoldsTensor(s.Rest, depth + 1, maybe)) || s.Items.Take(16).Any(i => HoldsTensor(i, depth + 1, maybe)),
        DictValue d => (d.Rest is not null && HoldsTensor(d.Rest, depth + 1, maybe)) || d.Entries.Take(16).Any(e => HoldsTensor(e.Value, depth + 1, maybe)),
        ChoiceValue c => c.Options.Any(o => HoldsTensor(o.Value, depth + 1, maybe)),
        _ => false,
    };

    private bool HoldsModule(Value value) => HoldsModule(value, 0);

    private bool HoldsModule(Value value, int depth) => depth < 4 && value switch
    {
        ObjectValue o => o.IsModule,
        BoundValue b => b.Self is ObjectValue { IsModule: true },
        SequenceValue s => s.Items.Take(16).Any(i => HoldsModule(i, depth + 1)),
        DictValue d => d.Entries.Take(16).Any(e => HoldsModule(e.Value, depth + 1)),
        ChoiceValue c => c.Options.Any(o => HoldsModule(o.Value, depth + 1)),
        _ => false,
    };
}
