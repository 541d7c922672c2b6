using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Attributes that a class leaves None for code beside it to set: <c>head.stride = torch.tensor(strides)</c>.</content>
internal sealed partial class Evaluator
{
    private readonly Dictionary<SourceModule, HashSet<string>> _setElsewhere = [];

    /// <summary>What a module's class gives it, or, where that is None and code of the file sets it on other objects than the running method's, what that may be.</summary>
    private Value OrSetByOthers(Value usual, ObjectValue o, string name, Place place)
    {
        if (Observer is null || o is not { Kind: ClassKind.TorchModule, Class: { } type } || usual is not ConstantValue { IsNone: true })
        {
            return usual;
        }

        if (!_setElsewhere.TryGetValue(type.Module, out var names))
        {
            _setElsewhere[type.Module] = names = NamesSetOnOthers(type.Module);
        }

        if (!names.Contains(name))
        {
            return usual;
        }

        var set = Symbol(type, "*" + name, name, $"'{name}' is set from outside of '{type.Name}'", place);
        return Either(_tests.Ask(set, "is set", $"{name} is set"), () => set, () => usual);
    }

    /// <summary>Attributes that a file sets on anything but <c>self</c>.</summary>
    private static HashSet<string> NamesSetOnOthers(SourceModule file)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<PythonNode>(file.File.Statements);
        while (pending.TryPop(out var node))
        {
            foreach (var target in node is AssignStatement s ? [.. s.Targets] : Array.Empty<Expression>())
            {
                if (target is AttributeExpression { Value: not NameExpression { Name: "self" } } set)
                {
                    names.Add(set.Name);
                }
            }

            if (node is Statement or IfClause or WithItem or ExceptHandler or MatchCase)
            {
                Array.ForEach(PythonTree.Children(node), pending.Push);
            }
        }

        return names;
    }
}
