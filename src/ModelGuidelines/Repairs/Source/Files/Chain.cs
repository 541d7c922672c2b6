using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The way from an expression to what it begins with: <c>self.blocks[0].act</c>, <c>self.blocks[0]</c>, <c>self.blocks</c>, <c>self</c>.</summary>
internal static class Chain
{
    /// <summary>The expression and what each part is read of, the outermost first; methods that are called are gone through where that is asked for.</summary>
    public static IEnumerable<Expression> Of(Expression expression, bool throughCalls = false)
    {
        for (Expression? at = expression; at is not null; at = at switch
        {
            AttributeExpression a => a.Value,
            SubscriptExpression s => s.Value,
            CallExpression { Function: AttributeExpression f } when throughCalls => f.Value,
            _ => null,
        })
        {
            yield return at;
        }
    }

    /// <summary>What an expression begins with; the call itself where a function's result is what it begins with.</summary>
    public static Expression Root(Expression expression, bool throughCalls = true) => Of(expression, throughCalls).Last();

    /// <summary>The name that an expression begins with; null for all else.</summary>
    public static string? Name(Expression expression, bool throughCalls = false) => (Root(expression, throughCalls) as NameExpression)?.Name;

    /// <summary>The last of several names with dots between: that of a function or class.</summary>
    public static string Last(Expression function) => function switch
    {
        NameExpression n => n.Name,
        AttributeExpression a => a.Name,
        _ => "",
    };
}
