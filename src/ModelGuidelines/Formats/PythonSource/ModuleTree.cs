using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Walks the modules below a module as <c>named_modules</c> does, aliases included.</summary>
internal static class ModuleTree
{
    private const int MaxNames = 200_000;

    /// <summary>Every name of every module below a root, parents first; the first name of an object comes first. A module within itself ends there.</summary>
    public static IEnumerable<(string Name, ObjectValue Module, ObjectValue? Parent)> Enumerate(Evaluator evaluator, ObjectValue root, char separator = '.')
    {
        var stack = new Stack<(string Name, ObjectValue Module, ObjectValue? Parent, int Depth)>();
        stack.Push(("", root, null, 0));
        var count = 0;
        while (stack.Count > 0 && count++ < MaxNames)
        {
            var (name, module, parent, depth) = stack.Pop();
            yield return (name, module, parent);
            if (depth > 64)
            {
                continue;
            }

            var children = evaluator.Children(module).SelectMany(c => Modules(c.Name, c.Module)).ToList();
            for (var i = children.Count - 1; i >= 0; i--)
            {
                stack.Push((name.Length == 0 ? children[i].Name : $"{name}{separator}{children[i].Name}", children[i].Module, module, depth + 1));
            }
        }
    }

    private static IEnumerable<(string Name, ObjectValue Module)> Modules(string name, Value value) => value switch
    {
        ObjectValue { IsModule: true } o => [(o.LayerName ?? name, o)],
        ChoiceValue c => c.Options.Select(o => o.Value).OfType<ObjectValue>().Where(o => o.IsModule).Select(o => (o.LayerName ?? name, o)),
        _ => [],
    };
}
