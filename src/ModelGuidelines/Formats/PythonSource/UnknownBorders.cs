using ModelGuidelines.Models;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What modules are given or give back and cannot be told: it may be no tensor.</summary>
internal sealed class UnknownBorders(ModelGraphBuilder graph)
{
    private readonly Dictionary<(int Module, ValueDirection Direction, string Argument, string Text), (UnknownValue Value, SourceLocation? Location, Condition When)> _borders = [];

    public void Add(int module, ValueDirection direction, string argument, Value value, SourceLocation? location, Condition when)
    {
        foreach (var (under, option) in value is ChoiceValue choice ? choice.Options : [(when, value)])
        {
            // What whoever calls the model gives, and what is read from that, is what the caller says it is.
            if (option is UnknownValue { Kind: UnknownKind.Any, MayBeTensor: false, IsOfNoRun: false, InstanceOf: null } unknown && (direction is ValueDirection.Output || unknown is { IsArgument: false, ElementOf: null }) && when.And(under) is { IsNever: false } now)
            {
                var key = (module, direction, argument, unknown.Text);
                _borders[key] = (unknown, location, _borders.TryGetValue(key, out var known) ? known.When.Or(now) : now);
            }
        }
    }

    public void Write(Condition world)
    {
        foreach (var ((module, direction, argument, _), (value, location, _)) in _borders.Where(o => o.Value.When.Meets(world)))
        {
            var name = graph.Modules[module].QualifiedName;
            graph.Gaps.Add(new($"what '{value.Text}' is, {(direction is ValueDirection.Input ? "input" : "output")} '{argument}' of {(name.Length == 0 ? "the model" : $"module '{name}'")}, cannot be told ({value.Reason})", location, name.Length == 0 ? GraphFacts.RootInterface : GraphFacts.SubmoduleInterfaces, value.Remedy));
        }
    }
}
