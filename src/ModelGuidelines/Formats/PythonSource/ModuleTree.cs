using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Walks the modules below a module as <c>named_modules</c> does, aliases included.</summary>
internal static class ModuleTree
{
    /// <summary>Names, and levels, up to which a module that has a name already gives all that it holds one more.</summary>
    private const int MaxNames = 50_000;
    private const int MaxLevels = 64;

    /// <summary>Names of one module beside its first. One that has them gives what it holds no more, unless it may be there where it was not: what it holds has as many.</summary>
    public const int MaxAliases = 1000;

    /// <summary>The same for what the conditions of all names take: modules that may hold one another in many ways have few names and long conditions.</summary>
    private const int MaxWork = 300_000;

    /// <summary>Every module below a root by its names, parents first; the first name of an object comes first, each with the condition under which it is there.</summary>
    /// <remarks>No object is left out, however deep it lies; further names of the same objects are, where modules within each other would give names without end.</remarks>
    public static IEnumerable<(string Name, ObjectValue Module, ObjectValue? Parent, Condition When)> Enumerate(Evaluator evaluator, ObjectValue root, char separator = '.')
    {
        var stack = new Stack<(string Name, ObjectValue Module, ObjectValue? Parent, Condition When, int Depth)>();
        stack.Push(("", root, null, evaluator.Conditions.Always, 0));
        var count = 0;
        var work = evaluator.Conditions.Work;
        var seen = new Dictionary<ObjectValue, (int Names, Condition Exists)>();
        var children = new List<(string Name, ObjectValue Module, Condition When)>();
        while (stack.Count > 0)
        {
            var (name, module, parent, when, depth) = stack.Pop();
            yield return (name, module, parent, when);
            if (seen.TryGetValue(module, out var before)
                && (depth > MaxLevels || count > MaxNames || evaluator.Conditions.Work - work > MaxWork || (before.Names > MaxAliases && when.Implies(before.Exists))))
            {
                continue;
            }

            seen[module] = (before.Names + 1, before.Exists is null ? when : before.Exists.Or(when));
            count++;

            children.Clear();
            foreach (var (child, value) in evaluator.Children(module))
            {
                Modules(child, value, when, children);
            }

            for (var i = children.Count - 1; i >= 0; i--)
            {
                stack.Push((name.Length == 0 ? children[i].Name : $"{name}{separator}{children[i].Name}", children[i].Module, module, children[i].When, depth + 1));
            }
        }
    }

    private static void Modules(string name, Value value, Condition when, List<(string Name, ObjectValue Module, Condition When)> result)
    {
        if (value is ObjectValue { IsModule: true } module)
        {
            result.Add((module.LayerName ?? name, module, when));
        }
        else if (value is ChoiceValue choice)
        {
            foreach (var (under, option) in choice.Options)
            {
                if (option is ObjectValue { IsModule: true } one)
                {
                    result.Add((one.LayerName ?? name, one, when.And(under)));
                }
            }
        }
    }
}
