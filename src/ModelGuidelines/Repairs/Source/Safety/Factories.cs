using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Functions at hand that make a module and keep none: what they return is held by the caller alone.</summary>
internal sealed class Factories(SourceFiles files)
{
    private const int MaxDepth = 6;

    /// <summary>Whether a value is what such a function returned, or nothing.</summary>
    public bool Gives(SourceTree tree, Expression value, int depth = 0) => depth <= MaxDepth && value switch
    {
        ConditionalExpression c => (c.Body is ConstantExpression || Gives(tree, c.Body, depth + 1)) && (c.OrElse is ConstantExpression || Gives(tree, c.OrElse, depth + 1)),

        // What a function gives is called: a class, or a partial one.
        CallExpression { Function: CallExpression of } => FunctionOf(tree, of.Function) is { } inner && ReturnsClasses(inner.Tree, inner.Function),
        CallExpression call => FunctionOf(tree, call.Function) is { } made && Returns(made.Tree, made.Function).All(r => IsNew(made.Tree, made.Function, r, depth + 1)),
        _ => false,
    };

    private (SourceTree Tree, FunctionDefinition Function)? FunctionOf(SourceTree tree, Expression function)
    {
        var found = function is NameExpression name && tree.Find(name.Name, name) is { All: [{ By: FunctionDefinition own }] } && tree.Parent(own) is null ? (tree, own) : files.FunctionOf(tree, function);
        return found is (_, { Decorators.IsEmpty: true, IsAsync: false } made) && !SourceTree.Below(made).Any(n => n is YieldExpression or ScopeStatement) ? found : null;
    }

    private static IEnumerable<Expression> Returns(SourceTree tree, FunctionDefinition function) =>
        SourceTree.Below(function).OfType<ReturnStatement>().Where(r => tree.Ancestors(r).First(a => a is FunctionDefinition or LambdaExpression) == function).Select(r => r.Value).OfType<Expression>();

    /// <summary>Whether a returned value is made in the function and handed to nobody else.</summary>
    private bool IsNew(SourceTree tree, FunctionDefinition function, Expression value, int depth) => depth <= MaxDepth && value switch
    {
        ConstantExpression => true,
        ConditionalExpression c => IsNew(tree, function, c.Body, depth + 1) && IsNew(tree, function, c.OrElse, depth + 1),
        NameExpression name => tree.ScopeOf(function).Find(name.Name) is { } local && local.All.TrueForAll(b => b.By is AssignStatement { Targets.Length: 1 } s && IsNew(tree, function, s.Value, depth + 1))
            && !SourceTree.Below(function).OfType<NameExpression>().Any(n => n.Name == name.Name && tree.Parent(n) is Argument or AssignStatement { Targets: [not NameExpression] } or ListExpression or TupleExpression or DictExpression),
        CallExpression { Function: var of } call => of switch
        {
            // A class that the function was given, or looked up.
            NameExpression name when tree.ScopeOf(function).Find(name.Name) is { } local => local.All.TrueForAll(b => b.By is Parameter
                || (b.By is AssignStatement { Targets.Length: 1, Value: CallExpression looked } && FunctionOf(tree, looked.Function) is { } inner && ReturnsClasses(inner.Tree, inner.Function))
                || (b.By is AssignStatement { Targets.Length: 1, Value: NameExpression or AttributeExpression } s && IsClass(tree, s.Value))),
            NameExpression or AttributeExpression => IsClass(tree, of) || Gives(tree, call, depth + 1),
            _ => false,
        },
        _ => false,
    };

    private bool IsClass(SourceTree tree, Expression value) => files.ClassOf(tree, value) is not null
        || (tree.Resolve(value) is { } path && path.StartsWith("torch.nn.", StringComparison.Ordinal) && path[(path.LastIndexOf('.') + 1)..] is [>= 'A' and <= 'Z', ..]);

    /// <summary>Whether a function looks up a class, and hands on what it was given: it makes nothing, and so keeps nothing.</summary>
    private static bool ReturnsClasses(SourceTree tree, FunctionDefinition function) => Returns(tree, function).All(r => r switch
    {
        ConstantExpression => true,
        NameExpression => true,
        SubscriptExpression { Value: NameExpression table } => tree.Module.Find(table.Name) is { } known && known.All.TrueForAll(b => b.By is AssignStatement { Value: DictExpression or CallExpression { Function: NameExpression { Name: "dict" } } } s && HoldsClasses(tree, s.Value)),
        _ => false,
    });

    private static bool HoldsClasses(SourceTree tree, Expression table) => (table switch
    {
        DictExpression d => d.Values,
        CallExpression { Arguments: var given } when given.All(a => a.Name is not null) => given.Select(a => a.Value),
        _ => [table],
    }).All(v => IsClassName(tree, v));

    private static bool IsClassName(SourceTree tree, Expression value) => value switch
    {
        ConditionalExpression c => IsClassName(tree, c.Body) && IsClassName(tree, c.OrElse),
        NameExpression n => n.Name is [>= 'A' and <= 'Z', ..],
        AttributeExpression a => a.Name is [>= 'A' and <= 'Z', ..],
        ConstantExpression => true,
        _ => false,
    };
}
