using ModelGuidelines.Models;
using ModelGuidelines.Python.Flow;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Calls of what a constructor was handed and the file does not tell: where a module calls it more than once, it is used more than once, if it is a module.</summary>
internal sealed class HandedModules(ModelGraphBuilder graph)
{
    private readonly Dictionary<(int Holder, string Name), Handed> _handed = [];

    /// <summary>It is called.</summary>
    /// <param name="holder">The module that keeps it.</param>
    /// <param name="name">Under which name.</param>
    /// <param name="others">Further names under which it keeps it.</param>
    /// <param name="location">Where it is called.</param>
    /// <param name="when">Under which condition.</param>
    /// <param name="isCopied">It is a copy or was copied, as only what may be a module is: it is listed for that.</param>
    public void Add(int holder, string name, IReadOnlyCollection<string> others, SourceLocation? location, Condition when, bool isCopied)
    {
        if (!_handed.TryGetValue((holder, name), out var handed))
        {
            _handed[(holder, name)] = handed = new();
        }

        handed.Others = others;
        handed.IsCopied |= isCopied;
        handed.Calls.Add((location, when));
    }

    public void Write(Condition usual, Condition world)
    {
        foreach (var ((holder, name), handed) in _handed)
        {
            var (once, twice) = (world.Table.Never, world.Table.Never);
            foreach (var (_, when) in handed.Calls)
            {
                twice = twice.Or(once.And(when));
                once = once.Or(when);
            }

            var isReused = !twice.And(world).IsNever;
            if (!isReused && !handed.IsCopied)
            {
                continue;
            }

            var parent = graph.Modules[holder];
            string Qualified(string own) => parent.QualifiedName.Length == 0 ? own : $"{parent.QualifiedName}.{own}";
            var module = graph.Add(new()
            {
                QualifiedName = Qualified(name),
                Aliases = [.. handed.Others.Select(Qualified)],
                Parent = holder,
                Origin = ModuleOrigin.User,
                Construction = ModuleConstruction.Unknown,
                Model = parent.Model,
                Definition = parent.Definition,
                Location = parent.Location,
            });
            var certainty = Certainty.Likely($"'{name}' is handed to the constructor: it may be a function, which is no module").And(Recorder.CertaintyOf(isReused ? twice : once, usual));
            foreach (var (location, when) in handed.Calls)
            {
                graph.Calls.Add(new() { Module = module, Caller = holder, Location = location, When = Recorder.CertaintyOf(when, usual), Certainty = certainty });
            }
        }
    }

    /// <summary>What may be a module.</summary>
    private sealed class Handed
    {
        public List<(SourceLocation? Location, Condition When)> Calls { get; } = [];

        /// <summary>Further names of it.</summary>
        public IReadOnlyCollection<string> Others { get; set; } = [];

        public bool IsCopied { get; set; }
    }
}
