using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>What code set of what all models of a file share: globals of files, attributes of classes.</summary>
/// <param name="Written">Each variable with what it was set to.</param>
internal sealed record SharedState(IReadOnlyList<(Slot Slot, object? After)> Written)
{
    public static SharedState None { get; } = new([]);

    /// <summary>Whether another sets the same to the same: objects that are made for each are never the same.</summary>
    public bool IsLike(SharedState other) => Written.Count == other.Written.Count
        && Written.All(w => other.Written.Any(o => o.Slot == w.Slot && (ReferenceEquals(o.After, w.After) || (o.After is Value a && w.After is Value b && Choices.Same(a, b)))));
}

/// <content>What a function that builds a model sets beside it is there for that model, and for no other: in a program that calls one function the others have not run.</content>
internal sealed partial class Evaluator
{
    private Dictionary<Slot, object?>? _shared;

    /// <summary>Before a global or an attribute of a class is set by code that runs for one model.</summary>
    private void SaveShared(object holder, string name)
    {
        Built?.Clear();
        if (_shared is not null)
        {
            var slot = new Slot(holder, name);
            _shared.TryAdd(slot, Journal.Read(slot));
        }
    }

    /// <summary>Runs something with what was set for its model; what it sets itself is taken back behind it, and given.</summary>
    public SharedState Sharing(SharedState given, Action run)
    {
        var (outer, shared) = (_shared, new Dictionary<Slot, object?>());
        _shared = shared;
        foreach (var (slot, after) in given.Written)
        {
            shared.TryAdd(slot, Journal.Read(slot));
            Journal.Write(slot, after);
        }

        run();
        var written = shared.Select(p => (Slot: p.Key, After: Journal.Read(p.Key))).Where(w => !ReferenceEquals(w.After, shared[w.Slot])).ToList();
        foreach (var (slot, before) in shared)
        {
            Journal.Write(slot, before);
        }

        _shared = outer;
        return written.Count == 0 ? SharedState.None : new(written);
    }
}
