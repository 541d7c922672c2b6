using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Parameters that an object holds by other ways than their names as well: <c>self.all = [self.w1, self.w2]</c>. Who gives the names other parameters leaves these as they were.</summary>
internal static class HeldParameters
{
    /// <summary>The line that holds one; null: none does.</summary>
    public static string? Of(SourceFiles files, SourceClass type)
    {
        var family = new ClassFamily(files, type);
        var made = family.Reached(["__init__"]);
        foreach (var (tree, method) in family.Bases.SelectMany(b => b.Methods.Where(m => made.Contains(m.Name)).Select(m => (b.Tree, m))))
        {
            var names = family.Bases.SelectMany(b => SourceTree.Below(b.Node).OfType<AssignStatement>().Where(s => SourceTree.Below(s.Value).Any(IsParameter)).SelectMany(s => s.Targets).OfType<AttributeExpression>().Select(a => a.Name)).ToHashSet(StringComparer.Ordinal);
            if (method.Body.SelectMany(SourceTree.Below).OfType<Expression>().FirstOrDefault(e => e switch
            {
                CallExpression made when IsParameter(made) => !IsNamed(tree, made),
                AttributeExpression a when AttributeUses.IsTarget(tree, a) => false,
                AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => names.Contains(a.Name) && IsKept(tree, a),
                AttributeExpression { Name: "weight" or "bias" } a => Chain.Name(a) == ClassFamily.Self(method) && IsKept(tree, a),
                CallExpression { Function: AttributeExpression { Name: "parameters" or "named_parameters" } of } c => Chain.Name(of) == ClassFamily.Self(method) && tree.Ancestors(c).TakeWhile(a => a is not Statement).Any(a => a is Argument or ListExpression or ComprehensionExpression),
                _ => false,
            }) is { } held)
            {
                return $"line {tree.LineOf(held)} of {Path.GetFileName(tree.Path)} holds a parameter by other ways than its name, and the copy would go on with one of its own";
            }
        }

        return null;
    }

    private static bool IsParameter(PythonNode node) => node is CallExpression call && Chain.Last(call.Function) is "Parameter" or "UninitializedParameter";

    /// <summary>Whether a parameter gets a name of the object as soon as it is made, and no other.</summary>
    private static bool IsNamed(SourceTree tree, CallExpression made) => tree.Ancestors(made).TakeWhile(a => a is not FunctionDefinition).Any(a => a switch
    {
        AssignStatement { Targets: [AttributeExpression target], Value: var value } => (value == made || value is ConditionalExpression) && AttributeUses.IsOfSelf(tree, target),
        CallExpression { Function: var function } call => call != made && Chain.Last(function) is "ParameterList" or "ParameterDict" or "register_parameter",
        _ => false,
    });

    /// <summary>Whether what is read may stay somewhere: not looked at, and not handed to an initialisation.</summary>
    private static bool IsKept(SourceTree tree, AttributeExpression read) => tree.Parent(read) switch
    {
        AttributeExpression or CompareExpression or IfClause or UnaryExpression or ExpressionStatement => false,
        Argument a => !(tree.Parent(a) is CallExpression { Function: var f } && (KnownNames.IsInPlace(Chain.Last(f)) || Chain.Last(f) is "len" or "print" or "isinstance")),
        AssignStatement s => s.Targets.Any(t => t is not NameExpression),
        _ => true,
    };
}
