using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What the text of a forward says of an argument that no test of a tensor tells: where it makes a list of what is a tensor, all else is one; what a model gives its loss is a batch to train with.</summary>
internal static class AskedTypes
{
    /// <summary>Methods of the class to which an argument is handed on, one by the other.</summary>
    private const int MaxHandedOn = 3;
    private const int MaxDepth = 60;

    /// <summary>Whether what is no tensor is a list of them, and whether a dictionary is what the model trains with.</summary>
    public static (bool IsList, bool IsTrained) Of(FunctionValue forward, string name)
    {
        var found = (IsList: false, IsTrained: false);
        Look(forward, name, 0, ref found);
        return found;
    }

    private static void Look(FunctionValue function, string name, int handed, ref (bool IsList, bool IsTrained) found)
    {
        foreach (var statement in function.Node is FunctionDefinition definition ? definition.Body : [])
        {
            if (!Look(statement, function, name, handed, 0, ref found))
            {
                return;
            }
        }
    }

    /// <summary>In the order of the text; false where the name is another thing's from there on.</summary>
    private static bool Look(PythonNode node, FunctionValue function, string name, int handed, int depth, ref (bool IsList, bool IsTrained) found)
    {
        switch (node)
        {
            case FunctionDefinition or ClassDefinition or LambdaExpression:
                return true; // names of their own
            case IfClause { Body: [ReturnStatement { Value: CallExpression { Function: AttributeExpression { Name: var returned } } }] } when returned.Contains("loss", StringComparison.OrdinalIgnoreCase):
                found.IsTrained = true; // a batch to train with
                return true;
            case ForStatement { Target: NameExpression { Name: var each } } when each == name:
                return false;
            case IfStatement { Clauses: [{ Test: var test, Body: var body }, ..] } when IsTensorTest(test, name) && body.Any(s => Wraps(s, name, 0)):
            case ConditionalExpression c when IsTensorTest(c.Test, name) && Wraps(c.Body, name, 0):
                found.IsList = true;
                break;
            case CallExpression { Function: AttributeExpression { Value: NameExpression { Name: "self" }, Name: var method } } call when handed < MaxHandedOn && function.Owner?.Find(method)?.Value is FunctionValue called && called != function:
                for (var i = 0; i < call.Arguments.Length; i++)
                {
                    if (call.Arguments[i] is { Stars: 0, Value: NameExpression given } && given.Name == name && (call.Arguments[i].Name ?? called.Parameters.ElementAtOrDefault(i + 1)?.Name) is { } parameter)
                    {
                        Look(called, parameter, handed + 1, ref found);
                    }
                }

                break;
        }

        if (depth < MaxDepth)
        {
            foreach (var child in PythonTree.Children(node))
            {
                if (!Look(child, function, name, handed, depth + 1, ref found))
                {
                    return false;
                }
            }
        }

        return node is not AssignStatement assigned || !assigned.Targets.Any(t => Binds(t, name));
    }

    private static bool Binds(Expression target, string name) => target switch
    {
        NameExpression n => n.Name == name,
        TupleExpression t => t.Elements.Any(e => Binds(e, name)),
        ListExpression l => l.Elements.Any(e => Binds(e, name)),
        _ => false,
    };

    private static bool IsTensorTest(Expression test, string name) => test is CallExpression call && call.Arguments is [{ Value: NameExpression asked }, ..] && asked.Name == name && call switch
    {
        { Function: NameExpression { Name: "isinstance" }, Arguments: [_, { Value: NameExpression { Name: "Tensor" } or AttributeExpression { Name: "Tensor" } }] } => true,
        { Function: AttributeExpression { Name: "is_tensor" } or NameExpression { Name: "is_tensor" } } => true,
        _ => false,
    };

    /// <summary><c>[x]</c> stands somewhere in it.</summary>
    private static bool Wraps(PythonNode node, string name, int depth) => depth < MaxDepth && ((node is ListExpression { Elements: [NameExpression one] } && one.Name == name) || PythonTree.Children(node).Any(c => Wraps(c, name, depth + 1)));
}
