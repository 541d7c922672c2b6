using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary><c>i = 0; while i &lt; n: ...; i += 1</c>: a loop whose rounds a name counts, however it is written.</summary>
internal static class CountedWhile
{
    /// <summary>What counts the rounds from 0, and what the count does not reach; null for other loops.</summary>
    public static (string Counter, Expression Limit)? Of(SourceTree tree, WhileStatement loop)
    {
        if (loop is not { OrElse.IsEmpty: true, Body: [.., AugmentedAssignStatement { Operator: PythonOperator.Add, Target: NameExpression { Name: var name }, Value: NumberExpression { Text: "1" } } step] }
            || Limit(loop.Test, name) is not { } limit || Leaves(loop, step))
        {
            return null;
        }

        // Nothing else sets the count, and it begins with 0 right before.
        bool Sets(PythonNode n) => n is NameExpression e && e.Name == name && (AttributeUses.IsTarget(tree, e) || (tree.Parent(e) is NamedExpression named && named.Target == e));
        bool Binds(PythonNode n) => Sets(n) || (n is ScopeStatement scope && scope.Names.Contains(name)) || n is MatchStatement || (n is ExceptHandler h && h.Name == name) || (n is ImportStatement or ImportFromStatement);
        var block = tree.Parent(loop) switch
        {
            FunctionDefinition f => f.Body,
            IfClause c => c.Body,
            WithStatement w => w.Body,
            _ => default,
        };
        if (block.IsDefault || SourceTree.Below(loop).Count(Binds) != 1 || tree.Method(loop).Method is not { } method || SourceTree.Below(method).Any(n => n is ScopeStatement or FunctionDefinition or LambdaExpression && n != method))
        {
            return null;
        }

        var before = block.Take(block.IndexOf(loop)).LastOrDefault(s => SourceTree.Below(s).Any(Binds));
        return before is AssignStatement { Targets: [NameExpression], Value: NumberExpression { Text: "0" } } && IsWhole(tree, limit) ? (name, limit) : null;
    }

    /// <summary>Whether a limit is a whole number, as <c>range</c> wants it: <c>while i &lt; 2.5</c> has three rounds.</summary>
    public static bool IsWhole(SourceTree tree, Expression limit) => limit switch
    {
        NumberExpression number => number.IsInteger,
        CallExpression { Function: NameExpression { Name: "len" } } => true,
        BinaryExpression { Operator: PythonOperator.Add or PythonOperator.Subtract or PythonOperator.Multiply or PythonOperator.FloorDivide } b => IsWhole(tree, b.Left) && IsWhole(tree, b.Right),
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => tree.Nodes.OfType<AttributeExpression>().Where(t => t.Name == a.Name && AttributeUses.IsTarget(tree, t)).All(t => tree.Parent(t) is AssignStatement { Value: NumberExpression { IsInteger: true } }),
        _ => false,
    };

    /// <summary>What the test holds the count below, alone or beside other tests.</summary>
    private static Expression? Limit(Expression test, string name) => test switch
    {
        CompareExpression { Operators: [PythonOperator.Less], Operands: [NameExpression counter, var limit] } when counter.Name == name => limit,
        CompareExpression { Operators: [PythonOperator.Greater], Operands: [var limit, NameExpression counter] } when counter.Name == name => limit,
        BooleanExpression { IsAnd: true } both => both.Values.Select(v => Limit(v, name)).FirstOrDefault(l => l is not null),
        _ => null,
    };

    /// <summary>Whether a round may go on to the next without counting.</summary>
    private static bool Leaves(PythonNode node, Statement step) => node is ContinueStatement
        || (node is not (FunctionDefinition or ClassDefinition) && PythonTree.Children(node).Any(c => c != step && (c is ForStatement or WhileStatement ? PythonTree.Children(c).Where(s => s is Statement && IsElse(c, s)).Any(s => Leaves(s, step)) : Leaves(c, step))));

    private static bool IsElse(PythonNode loop, PythonNode statement) => (loop switch
    {
        ForStatement f => f.OrElse,
        WhileStatement w => w.OrElse,
        _ => [],
    }).Contains((Statement)statement);
}
