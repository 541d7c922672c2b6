using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Attributes that <c>__init__</c> sets once and for all: by a statement of its own level, by each arm of an <c>if</c> there, or as a list that it fills, by <c>append</c> or <c>+=</c>.</summary>
internal static class SetInInit
{
    private static readonly HashSet<string> Fillers = ["append", "extend", "insert", "pop", "add_module", "register_module", "clear", "remove", "update", "setdefault", "reverse", "sort"];

    /// <summary>The statements of its own level behind which the attribute is what it stays; none where that is not sure.</summary>
    /// <param name="tree">The file, or several as one.</param>
    /// <param name="init">The <c>__init__</c>.</param>
    /// <param name="targets">All places that set the attribute of such an object.</param>
    /// <param name="fillers">All places that change the list that it may be (<see cref="IsFilled"/>).</param>
    public static List<Statement> Of(SourceTree tree, FunctionDefinition init, IReadOnlyCollection<AttributeExpression> targets, IReadOnlyCollection<AttributeExpression> fillers)
    {
        var tops = targets.Concat(fillers).Select(t => tree.Ancestors(t).TakeWhile(a => a != init).ToList() is var within && tree.Ancestors(t).Contains(init) && !within.Exists(a => a is FunctionDefinition or LambdaExpression or ClassDefinition) ? within.OfType<Statement>().LastOrDefault() : null).ToList();
        return tops.Contains(null) || !targets.All(t => tree.Parent(t) is AugmentedAssignStatement || (tree.Parent(t) is AssignStatement { Targets.Length: 1 } set && tree.Ancestors(set).TakeWhile(a => a != init).All(a => a is IfStatement or IfClause)))
            || !tops.Exists(s => IsSure(s!, targets)) ? [] : tops.OfType<Statement>().Distinct().OrderBy(s => s.Start).ToList();
    }

    /// <summary>Whether an attribute's list is changed there: <c>self.convs.append(...)</c>.</summary>
    public static bool IsFilled(SourceTree tree, AttributeExpression attribute) =>
        tree.Parent(attribute) is AttributeExpression { Name: var name } && Fillers.Contains(name);

    /// <summary>Whether each way through a statement sets the attribute, or ends there.</summary>
    private static bool IsSure(Statement statement, IReadOnlyCollection<AttributeExpression> targets) => statement switch
    {
        AssignStatement s => s.Targets.Any(targets.Contains),
        RaiseStatement => true,
        IfStatement i => i.Clauses.All(c => c.Body.Any(s => IsSure(s, targets))) && i.OrElse.Any(s => IsSure(s, targets)),
        _ => false,
    };
}
