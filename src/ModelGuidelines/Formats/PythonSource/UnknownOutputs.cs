using ModelGuidelines.Models;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What modules give back and cannot be told: it may be no tensor.</summary>
internal sealed class UnknownOutputs(ModelGraphBuilder graph)
{
    private readonly Dictionary<(int Module, string Output, string Text), (UnknownValue Value, SourceLocation? Location, Condition When)> _outputs = [];

    public void Add(int module, string output, Value value, SourceLocation? location, Condition when)
    {
        foreach (var (under, option) in value is ChoiceValue choice ? choice.Options : [(when, value)])
        {
            if (option is UnknownValue { Kind: UnknownKind.Any, MayBeTensor: false, IsOfNoRun: false } unknown && when.And(under) is { IsNever: false } now)
            {
                var key = (module, output, unknown.Text);
                _outputs[key] = (unknown, location, _outputs.TryGetValue(key, out var known) ? known.When.Or(now) : now);
            }
        }
    }

    public void Write(Condition world)
    {
        foreach (var ((module, output, _), (value, location, _)) in _outputs.Where(o => o.Value.When.Meets(world)))
        {
            var name = graph.Modules[module].QualifiedName;
            graph.Gaps.Add(new($"what '{value.Text}' is, output '{output}' of {(name.Length == 0 ? "the model" : $"module '{name}'")}, cannot be told ({value.Reason})", location, name.Length == 0 ? GraphFacts.RootInterface : GraphFacts.SubmoduleInterfaces, value.Remedy));
        }
    }
}
