using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.PyTorch;

/// <summary>Finds one object under several names by the parameters that its calls read: an object has one set of them, and the program keeps one name of each.</summary>
/// <remarks>Weight tying reads the same tensors too. So all of two parameters or more must be the same, with the same class and the same constants; and it is Likely.</remarks>
internal sealed class SharedModules
{
    private const string Doubt = "two modules of one class that share every parameter would look the same";
    private readonly Dictionary<int, Use> _uses = [];

    private sealed class Use(int call)
    {
        public int Call => call;

        /// <summary>Null: none.</summary>
        public SortedSet<string>? States { get; set; }

        public HashCode Shape;
    }

    /// <summary>Notes what a node reads; only a module's first call counts.</summary>
    /// <param name="module">Index of the module whose code runs it.</param>
    /// <param name="call">Which call: any number that differs from other calls'.</param>
    /// <param name="target">The operator.</param>
    /// <param name="constants">Hash of its arguments that are no tensors.</param>
    /// <param name="inputs">The tensors that it takes.</param>
    /// <param name="states">Parameters and buffers by the names that inputs have.</param>
    public void Read(int module, int call, string target, int constants, ReadOnlySpan<string> inputs, IReadOnlyDictionary<string, string> states)
    {
        if (!_uses.TryGetValue(module, out var use))
        {
            _uses.Add(module, use = new(call));
        }

        if (use.Call != call)
        {
            return;
        }

        use.Shape.Add(target, StringComparer.Ordinal);
        use.Shape.Add(constants);
        foreach (var input in inputs)
        {
            if (states.TryGetValue(input, out var state))
            {
                (use.States ??= new(StringComparer.Ordinal)).Add(state);
            }
        }
    }

    /// <summary>Makes the modules that are one object one, under the name that is called first.</summary>
    public void Merge(ModelGraphBuilder builder)
    {
        // Those that read the same read the same first.
        var firsts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var use in _uses.Values.Where(u => u.States is { Count: > 1 }))
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(firsts, use.States!.Min!, out _)++;
        }

        if (firsts.Values.All(n => n == 1))
        {
            return;
        }

        var parents = builder.Modules.Select(m => m.Parent).OfType<int>().ToHashSet();
        var groups = _uses
            .Where(u => u.Value.States is { Count: > 1 } states && firsts[states.Min!] > 1 && !parents.Contains(u.Key) && builder.Modules[u.Key].Type is not null)
            .OrderBy(u => u.Value.Call)
            .GroupBy(u => (builder.Modules[u.Key].Type, string.Join('\n', u.Value.States!), u.Value.Shape.ToHashCode()));
        var target = new Dictionary<int, int>();
        foreach (var group in groups)
        {
            var members = group.Select(u => u.Key).ToList();
            if (members.Count < 2)
            {
                continue;
            }

            var first = members[0];
            builder.Modules[first] = builder.Modules[first] with { Aliases = [.. members.Skip(1).Select(m => builder.Modules[m].QualifiedName)] };
            members.Skip(1).ToList().ForEach(m => target[m] = first);
        }

        for (var i = 0; i < builder.Calls.Count; i++)
        {
            if (target.TryGetValue(builder.Calls[i].Module, out var first))
            {
                builder.Calls[i] = builder.Calls[i] with { Module = first, Certainty = builder.Calls[i].Certainty.And(Certainty.Likely(Doubt)) };
            }
        }
    }
}
