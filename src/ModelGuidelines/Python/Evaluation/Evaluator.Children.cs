using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What modules hold.</content>
internal sealed partial class Evaluator
{
    private const int MaxTree = 200_000;

    /// <summary>Modules among the attributes; Keras holds those in lists and dictionaries, too.</summary>
    internal IEnumerable<(string Name, Value Module)> Children(ObjectValue o)
    {
        if (Candidates(o) is not { } candidates)
        {
            yield break;
        }

        foreach (var (name, attribute) in candidates)
        {
            var value = Here(attribute);
            if (value is ObjectValue { IsModule: true } || (value is ChoiceValue c && c.Options.Any(v => v.Value is ObjectValue { IsModule: true })))
            {
                yield return (name, value);
            }
            else if (o.Kind is ClassKind.KerasLayer or ClassKind.KerasModel && value is SequenceValue or DictValue && name is not ("inputs" or "outputs" or "input" or "output"))
            {
                foreach (var child in Held(name, value, 0))
                {
                    yield return child;
                }
            }
        }
    }

    /// <summary>The attributes that may be modules, as they are now: who asks for the children may set others.</summary>
    private static List<(string Name, Value Value)>? Candidates(ObjectValue o)
    {
        List<(string, Value)>? result = null;
        for (var i = 0; i < o.Attributes.Count; i++)
        {
            var attribute = o.Attributes[i];
            if (attribute.Value is ObjectValue { IsModule: true } or ChoiceValue || (o.Kind is not ClassKind.TorchModule && attribute.Value is SequenceValue or DictValue))
            {
                (result ??= []).Add(attribute);
            }
        }

        return result;
    }

    private static IEnumerable<(string Name, Value Module)> Held(string name, Value value, int depth) => depth > 6 ? [] : value switch
    {
        ObjectValue { IsModule: true } o => [(o.LayerName ?? name, o)],
        ChoiceValue c => c.Options.Select(o => o.Value).OfType<ObjectValue>().Where(o => o.IsModule).Select(o => (o.LayerName ?? name, (Value)o)),
        SequenceValue s => s.Items.Take(10_000).SelectMany((item, i) => Held(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}/{i}"), item, depth + 1)),
        DictValue d => d.Entries.SelectMany(e => Held($"{name}/{(e.Key is ConstantValue c ? Text.Of(c) : "?")}", e.Value, depth + 1)),
        _ => [],
    };

    /// <summary>Every module below and including one, by qualified name, and when the model holds it; each object once.</summary>
    internal List<(string Name, ObjectValue Module, Condition When)> Modules(ObjectValue root)
    {
        var result = new List<(string Name, ObjectValue Module, Condition When)>();
        var places = new Dictionary<ObjectValue, int>();
        var stack = new Stack<(string Name, ObjectValue Module, Condition When)>();
        stack.Push(("", root, Conditions.Always));
        while (stack.TryPop(out var top) && result.Count < MaxTree)
        {
            if (!places.TryGetValue(top.Module, out var at))
            {
                places.Add(top.Module, result.Count);
                result.Add(top);
            }
            else if (top.When.Implies(result[at].When))
            {
                continue;
            }
            else
            {
                // It is held elsewhere, too, and on other ways.
                result[at] = result[at] with { When = result[at].When.Or(top.When) };
            }

            foreach (var (name, value) in Children(top.Module).Reverse())
            {
                foreach (var (when, child) in value is ChoiceValue choice ? choice.Options : [(Conditions.Always, value)])
                {
                    if (child is ObjectValue { IsModule: true } module)
                    {
                        stack.Push((top.Name.Length == 0 ? name : $"{top.Name}.{name}", module, top.When.And(when)));
                    }
                }
            }
        }

        return result;
    }
}
