using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Objects that a class' <c>__init__</c> is given: <c>Block(dim, nn.ReLU())</c>.</summary>
internal sealed class GivenObjects(SourceFiles files, Construction construction, Func<SourceClass, ClassFamily> familyOf)
{
    /// <summary>Whether a value is a parameter of <c>__init__</c> for which every construction at hand gives a new object that keeps no state: a copy of it is as good.</summary>
    public bool AreStateless(SourceTree tree, Expression value) => value is NameExpression name && tree.Method(name) is ({ }, { Name: "__init__" } init)
        && tree.Find(name.Name, name) is { All: [{ By: Parameter { Kind: ParameterKind.Ordinary or ParameterKind.KeywordOnly } parameter }] } && init.Parameters.IndexOf(parameter) > 0

        // Who has it by the parameter's name may change the one of the two.
        && SourceTree.Below(init).OfType<NameExpression>().Count(n => n.Name == name.Name) == 1 && AreStateless(tree, init, parameter);

    /// <summary>Whether every construction of the class at hand gives a parameter a new object that keeps no state.</summary>
    public bool AreStateless(SourceTree tree, FunctionDefinition init, Parameter parameter)
    {
        if (parameter.Default is not null || tree.Parent(init) is not ClassDefinition definition || familyOf(new(tree, definition)).Subclasses.Count > 0)
        {
            return false;
        }

        var position = init.Parameters.IndexOf(parameter) - 1;
        var calls = files.All.SelectMany(t => t.Nodes.OfType<CallExpression>().Where(c => c.Function is NameExpression or AttributeExpression && files.ClassOf(t, c.Function) == new SourceClass(tree, definition)).Select(c => (Tree: t, Call: c))).ToList();
        return calls.Count > 0 && calls.TrueForAll(c => c.Call.ValueFor(parameter.Name, position) is { } value
            && construction.IsFixed(c.Tree, value) && construction.IsStateless(c.Tree, (CallExpression)value))
            && files.All.TrueForAll(t => !t.Nodes.OfType<NameExpression>().Any(n => n.Name == definition.Name && files.ClassOf(t, n) == new SourceClass(tree, definition) && !(t.Parent(n) is CallExpression c && c.Function == n) && t.Parent(n) is not AttributeExpression
                && !(t.Parent(n) is Argument of && t.Parent(of) is CallExpression { Function: NameExpression { Name: "super" or "isinstance" } })));
    }
}
