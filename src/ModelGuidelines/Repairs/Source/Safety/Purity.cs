using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Whether evaluating an expression again gives the same and changes nothing.</summary>
internal sealed class Purity(SourceFiles files)
{
    private const int MaxDepth = 18;
    private readonly Dictionary<(string Name, bool IsProperty), bool> _quiet = [];

    /// <summary>Whether evaluating it again gives the same and changes nothing.</summary>
    public bool IsPure(SourceTree tree, Expression? expression, int depth = 0) => depth <= MaxDepth && expression switch
    {
        null or NumberExpression or StringExpression or ConstantExpression or NameExpression => true,
        FormattedStringExpression f => f.Parts.All(p => p is not FormattedValueExpression v || IsPure(tree, v.Value, depth + 1)),
        AttributeExpression a => IsQuiet(a.Name, isProperty: true) && IsPure(tree, a.Value, depth + 1),
        SubscriptExpression s => IsQuiet("__getitem__", isProperty: false) && IsPure(tree, s.Value, depth + 1) && IsPure(tree, s.Index, depth + 1),
        SliceExpression s => IsPure(tree, s.Lower, depth + 1) && IsPure(tree, s.Upper, depth + 1) && IsPure(tree, s.Step, depth + 1),
        UnaryExpression u => IsPure(tree, u.Operand, depth + 1),
        BinaryExpression b => IsPure(tree, b.Left, depth + 1) && IsPure(tree, b.Right, depth + 1),
        BooleanExpression b => b.Values.All(v => IsPure(tree, v, depth + 1)),
        CompareExpression c => c.Operands.All(o => IsPure(tree, o, depth + 1)),
        ConditionalExpression c => IsPure(tree, c.Test, depth + 1) && IsPure(tree, c.Body, depth + 1) && IsPure(tree, c.OrElse, depth + 1),
        TupleExpression t => t.Elements.All(e => IsPure(tree, e, depth + 1)),
        ListExpression l => l.Elements.All(e => IsPure(tree, e, depth + 1)),
        DictExpression d => d.Keys.All(k => IsPure(tree, k, depth + 1)) && d.Values.All(v => IsPure(tree, v, depth + 1)),
        CallExpression { Function: NameExpression name } call when tree.Find(name.Name, name) is null => KnownNames.Function(name.Name, Does.Pure) && call.Arguments.All(a => IsPure(tree, a.Value, depth + 1)),
        CallExpression call when tree.Resolve(call.Function) is { } path => (path.StartsWith("math.", StringComparison.Ordinal) || path is "functools.partial" or "copy.copy") && call.Arguments.All(a => IsPure(tree, a.Value, depth + 1)),
        CallExpression { Function: AttributeExpression { Name: "get" or "keys" or "values" or "items" or "format" or "lower" or "upper" or "split" or "replace", Value: var of } } call => IsPure(tree, of, depth + 1) && call.Arguments.All(a => IsPure(tree, a.Value, depth + 1)),
        _ => false,
    };

    /// <summary>Whether no class at hand does more than to look when an attribute or element of its objects is read.</summary>
    private bool IsQuiet(string method, bool isProperty)
    {
        var key = (method, isProperty);
        return _quiet.TryGetValue(key, out var known) ? known : _quiet[key] = !files.All.Exists(t => t.Nodes.OfType<FunctionDefinition>().Any(f => f.Name == method && t.Parent(f) is ClassDefinition && (!isProperty || f.Decorators.Length > 0)
            && f.Body.SelectMany(SourceTree.Below).Any(n => n switch
            {
                ScopeStatement => true,
                AttributeExpression or SubscriptExpression => AttributeUses.IsTarget(t, n),
                CallExpression { Function: AttributeExpression { Name: var name } } => KnownNames.Method(name, Does.Changes),
                CallExpression { Function: NameExpression { Name: "next" or "setattr" } } => true,
                _ => false,
            })));
    }
}
