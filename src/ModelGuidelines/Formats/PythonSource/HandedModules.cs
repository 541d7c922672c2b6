using ModelGuidelines.Models;
using ModelGuidelines.Python.Flow;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Calls of what a constructor was handed and the file does not tell: where a module calls it more than once, it is used more than once, if it is a module.</summary>
internal sealed class HandedModules(ModelGraphBuilder graph)
{
    private readonly Dictionary<(int Holder, string Name), List<(SourceLocation? Location, Condition When)>> _calls = [];

    private readonly HashSet<(int Holder, string Name)> _copied = [];
    private readonly Dictionary<(int Holder, string Name), IReadOnlyCollection<string>> _others = [];

    /// <summary>It is called.</summary>
    /// <param name="holder">The module that keeps it.</param>
    /// <param name="name">Under which name.</param>
    /// <param name="others">Further names under which it keeps it.</param>
    /// <param name="location">Where it is called.</param>
    /// <param name="when">Under which condition.</param>
    /// <param name="isCopied">It is a copy or was copied, as only what may be a module is: it is listed for that.</param>
    public void Add(int holder, string name, IReadOnlyCollection<string> others, SourceLocation? location, Condition when, bool isCopied)
    {
        _others[(holder, name)] = others;
        if (isCopied)
        {
            _copied.Add((holder, name));
        }

        if (!_calls.TryGetValue((holder, name), out var calls))
        {
            _calls[(holder, name)] = calls = [];
        }

        calls.Add((location, when));
    }

    public void Write(Condition usual, Condition world)
    {
        foreach (var ((holder, name), calls) in _calls)
        {
            var (once, twice) = (world.Table.Never, world.Table.Never);
            foreach (var (_, when) in calls)
            {
                twice = twice.Or(once.And(when));
                once = once.Or(when);
            }

            var isReused = !twice.And(world).IsNever;
            if (!isReused && !_copied.Contains((holder, name)))
            {
                continue;
            }

            var parent = graph.Modules[holder];
            string Qualified(string own) => parent.QualifiedName.Length == 0 ? own : $"{parent.QualifiedName}.{own}";
            var module = graph.Add(new()
            {
                QualifiedName = Qualified(name),
                Aliases = [.. _others[(holder, name)].Select(Qualified)],
                Parent = holder,
                Origin = ModuleOrigin.User,
                Construction = ModuleConstruction.Unknown,
                Model = parent.Model,
                Definition = parent.Definition,
                Location = parent.Location,
            });
            var certainty = Certainty.Likely($"'{name}' is handed to the constructor: it may be a function, which is no module").And(Recorder.CertaintyOf(isReused ? twice : once, usual));
            foreach (var (location, when) in calls)
            {
                graph.Calls.Add(new() { Module = module, Caller = holder, Location = location, When = Recorder.CertaintyOf(when, usual), Certainty = certainty });
            }
        }
    }
}
