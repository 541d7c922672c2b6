using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>What code set of what all models of a file share: globals of files, attributes of classes, and what the lists, dictionaries and objects hold that are found there.</summary>
/// <param name="Written">Each variable with what it was set to.</param>
internal sealed record SharedState(IReadOnlyList<(Slot Slot, object? After)> Written)
{
    public static SharedState None { get; } = new([]);

    /// <summary>Whether another sets the same to the same: objects that are made for each are never the same.</summary>
    public bool IsLike(SharedState other) => Written.Count == other.Written.Count && Written.All(w => other.Written.Any(o => o.Slot == w.Slot && Same(o.After, w.After)));

    public static bool Same(object? one, object? other) => ReferenceEquals(one, other) || (one, other) switch
    {
        (SequenceValue { Kind: SequenceKind.List or SequenceKind.Set } a, SequenceValue { Kind: SequenceKind.List or SequenceKind.Set } b) => ReferenceEquals(a.Rest, b.Rest) && a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(p => IsOne(p.First, p.Second)),
        (DictValue a, DictValue b) => ReferenceEquals(a.Rest, b.Rest) && a.Entries.Count == b.Entries.Count
            && a.Entries.Zip(b.Entries).All(p => IsOne(p.First.Key, p.Second.Key) && IsOne(p.First.Value, p.Second.Value)),
        (Value a, Value b) => IsOne(a, b),
        _ => false,
    };

    private static bool IsOne(Value a, Value b) => ReferenceEquals(a, b) || Choices.Same(a, b);
}

/// <content>What a function that builds a model sets beside it is there for that model, and for no other: in a program that calls one function the others have not run.</content>
internal sealed partial class Evaluator
{
    /// <summary>What a file holds when its statements have run, others have, too: what is written to it is not written for one model alone.</summary>
    private void Share(SourceModule module)
    {
        var left = new Stack<Value>();
        void Names(Dictionary<string, Value> names)
        {
            if (_journal.Shared.Add(names))
            {
                foreach (var value in names.Values)
                {
                    left.Push(value);
                }
            }
        }

        Names(module.Scope.Names);
        while (left.TryPop(out var value))
        {
            switch (value)
            {
                case SequenceValue s when _journal.Shared.Add(s):
                    s.Items.ForEach(left.Push);
                    break;
                case DictValue d when _journal.Shared.Add(d):
                    d.Entries.ForEach(e => left.Push(e.Value));
                    break;
                case ObjectValue o when _journal.Shared.Add(o.Attributes):
                    foreach (var (_, attribute) in o.Attributes.All)
                    {
                        left.Push(attribute);
                    }

                    break;
                case ClassValue c when c.Module == module:
                    Names(c.Members);
                    break;
                case FunctionValue f when f.Closure.Module == module:
                    foreach (var given in f.Defaults.OfType<Value>().Where(d => d is not (ConstantValue or UnknownValue)))
                    {
                        left.Push(given);
                    }

                    for (var scope = f.Closure; scope.Outer is not null && !_journal.Shared.Contains(scope.Names); scope = scope.Outer)
                    {
                        Names(scope.Names);
                    }

                    if (f.Attributes is { } own && _journal.Shared.Add(own))
                    {
                        foreach (var (_, attribute) in own.All)
                        {
                            left.Push(attribute);
                        }
                    }

                    break;
                case WrappedMethod w:
                    left.Push(w.Function);
                    break;
                case BoundValue b:
                    left.Push(b.Self);
                    left.Push(b.Function);
                    break;
                case PartialValue p:
                    left.Push(p.Function);
                    foreach (var argument in p.Arguments.All)
                    {
                        left.Push(argument);
                    }

                    break;
                case ChoiceValue choice:
                    foreach (var (_, option) in choice.Options)
                    {
                        left.Push(option);
                    }

                    break;
            }
        }
    }

    /// <summary>Runs something with what was set for its model; what it sets itself is taken back behind it, and given.</summary>
    public SharedState Sharing(SharedState given, Action run)
    {
        var (outer, shared) = (_journal.SharedIsWritten, new Dictionary<Slot, object?>());
        _journal.SharedIsWritten = slot =>
        {
            Built?.Clear();
            if (!shared.ContainsKey(slot))
            {
                shared.Add(slot, Journal.Read(slot));
            }
        };
        foreach (var (slot, after) in given.Written)
        {
            shared.TryAdd(slot, Journal.Read(slot));
            Journal.Write(slot, after);
        }

        run();
        var written = shared.Select(p => (Slot: p.Key, After: Journal.Read(p.Key))).Where(w => !SharedState.Same(w.After, shared[w.Slot])).ToList();
        foreach (var (slot, before) in shared)
        {
            Journal.Write(slot, before);
        }

        _journal.SharedIsWritten = outer;
        return written.Count == 0 ? SharedState.None : new(written);
    }
}
