using ModelGuidelines.Models;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>What modules are given and give back.</content>
internal sealed partial class Recorder
{
    private void Border(int module, ValueDirection direction, string argument, Value value, Place place, Condition when)
    {
        foreach (var (type, under) in ValueTypes.Of(value, when))
        {
            Add(new() { Module = module, Direction = direction, Argument = argument, Type = type, Location = LocationOf(place), Certainty = value is UnknownValue { Doubt: { } doubt } ? Certainty.Likely(doubt) : Certainty.Certain }, under);
        }

        _unknown.Add(module, direction, argument, value, LocationOf(place), when);
        foreach (var input in value.Possible().Where(v => v is InputValue || (direction is ValueDirection.Input && v is UnknownValue { Kind: UnknownKind.Any })))
        {
            _uses.Given(input, module, direction, argument, LocationOf(place), when);
        }
    }

    private void Add(ModuleInterface border, Condition when)
    {
        var key = (border.Module, border.Direction, border.Argument, border.Type.ToString());
        _interfaces[key] = _interfaces.TryGetValue(key, out var known) ? (known.Interface, known.When.Or(when)) : (border, when);
    }
}
