using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Modules that a forward registers itself, where it is first run or each time: once they are called they are modules of the model like those that its constructor made.</summary>
/// <param name="modules">The modules of the graph; those that are found are added.</param>
/// <param name="add">Writes one into the graph: its name below the module that holds it, what it is, who holds it, and when.</param>
internal sealed class LateModules(Dictionary<ObjectValue, int> modules, Func<string, ObjectValue, int, Condition, int> add)
{
    private const int MaxLevels = 64;
    private readonly Dictionary<ObjectValue, List<(ObjectValue Holder, string Name, Condition When)>> _held = [];
    private readonly Dictionary<(int Holder, string Name, int Number), int> _entries = [];
    private readonly Dictionary<(int Holder, string Name), int> _numbers = [];

    /// <summary>Another pass begins over the same forward: what it makes under the same names are the same modules.</summary>
    public void Begin() => _numbers.Clear();

    public void Held(ObjectValue holder, string name, ObjectValue module, Condition when)
    {
        if (modules.ContainsKey(module))
        {
            return;
        }

        if (!_held.TryGetValue(module, out var holders))
        {
            _held[module] = holders = [];
        }

        holders.Add((holder, name, when));
    }

    /// <summary>A module that is called and was not there before the forward ran; false where no module of the model holds it.</summary>
    public bool TryRegister(ObjectValue module, out int index, int depth = 0)
    {
        index = -1;
        if (depth > MaxLevels || !_held.TryGetValue(module, out var holders))
        {
            return false;
        }

        foreach (var (by, name, when) in holders)
        {
            if (!modules.TryGetValue(by, out var holder) && !TryRegister(by, out holder, depth + 1))
            {
                continue;
            }

            // One that takes the place of another of its name is another one.
            var number = _numbers[(holder, name)] = _numbers.GetValueOrDefault((holder, name)) + 1;
            if (!_entries.TryGetValue((holder, name, number), out index))
            {
                _entries[(holder, name, number)] = index = add(name, module, holder, when);
            }

            modules[module] = index;
            return true;
        }

        return false;
    }
}
