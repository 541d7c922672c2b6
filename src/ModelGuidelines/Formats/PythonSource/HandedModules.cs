using ModelGuidelines.Models;
using ModelGuidelines.Python.Flow;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Calls of what a constructor was handed and the file does not tell: where a module calls it more than once, it is used more than once, if it is a module.</summary>
internal sealed class HandedModules(ModelGraphBuilder graph)
{
    private readonly Dictionary<(int Holder, string Name), List<(SourceLocation? Location, Condition When)>> _calls = [];

    public void Add(int holder, string name, SourceLocation? location, Condition when)
    {
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

            if (twice.And(world).IsNever)
            {
                continue;
            }

            var parent = graph.Modules[holder];
            var module = graph.Add(new()
            {
                QualifiedName = parent.QualifiedName.Length == 0 ? name : $"{parent.QualifiedName}.{name}",
                Parent = holder,
                Origin = ModuleOrigin.User,
                Construction = ModuleConstruction.Unknown,
                Model = parent.Model,
                Definition = parent.Definition,
                Location = parent.Location,
            });
            var certainty = Certainty.Likely($"'{name}' is handed to the constructor: it may be a function, which is no module").And(Recorder.CertaintyOf(twice, usual));
            foreach (var (location, when) in calls)
            {
                graph.Calls.Add(new() { Module = module, Caller = holder, Location = location, When = Recorder.CertaintyOf(when, usual), Certainty = certainty });
            }
        }
    }
}
