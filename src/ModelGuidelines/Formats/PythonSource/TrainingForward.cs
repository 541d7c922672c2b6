using System.Collections.Frozen;
using System.Collections.Immutable;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Tells by its code that a forward is of training: it must be given the target, and what it gives back is a number, or named a loss.</summary>
internal static class TrainingForward
{
    private const int MaxDepth = 40;

    private static readonly FrozenSet<string> Targets = "target targets label labels gt gts y_true ground_truth groundtruth truth".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Losses = "cross_entropy binary_cross_entropy binary_cross_entropy_with_logits kl_div sigmoid_focal_loss".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The role of a class by its forward: a loss gives back a number, a trainer a dictionary with a loss; null for a model.</summary>
    public static string? RoleOf(FunctionDefinition forward)
    {
        if (!forward.Parameters.Any(p => p.Default is null && Targets.Contains(p.Name)))
        {
            return null;
        }

        var (returned, assigned) = (new List<Expression>(), new Dictionary<string, Expression>(StringComparer.Ordinal));
        Collect(forward.Body, returned, assigned);
        return returned.Count == 0 ? null
            : returned.TrueForAll(r => IsNumber(r, assigned, 0)) ? RolesLeftOut.Loss
            : returned.TrueForAll(r => IsLossDictionary(r, assigned)) ? RolesLeftOut.Trainer : null;
    }

    private static void Collect(ImmutableArray<Statement> body, List<Expression> returned, Dictionary<string, Expression> assigned)
    {
        var open = new Stack<PythonNode>(body);
        while (open.TryPop(out var node))
        {
            switch (node)
            {
                case FunctionDefinition or ClassDefinition or LambdaExpression:
                    continue; // they return for themselves
                case ReturnStatement { Value: { } value }:
                    returned.Add(value);
                    break;
                case AssignStatement { Targets: [NameExpression { Name: var name }] } s:
                    assigned.TryAdd(name, s.Value);
                    break;
            }

            foreach (var child in PythonTree.Children(node))
            {
                open.Push(child);
            }
        }
    }

    private static bool IsNumber(Expression e, Dictionary<string, Expression> assigned, int depth) => depth < MaxDepth && e switch
    {
        NameExpression n => IsLossName(n.Name) || (assigned.TryGetValue(n.Name, out var value) && !ReferenceEquals(value, e) && IsNumber(value, assigned, depth + 1)),
        AttributeExpression a => IsLossName(a.Name),
        CallExpression { Function: AttributeExpression { Name: "mean" or "sum" }, Arguments.IsEmpty: true } => true,
        CallExpression { Function: AttributeExpression { Name: "item" } } => true,
        CallExpression c => LastName(c.Function) is { } name && (Losses.Contains(name) || IsLossName(name)),
        BinaryExpression b => IsNumber(b.Left, assigned, depth + 1) || IsNumber(b.Right, assigned, depth + 1),
        UnaryExpression u => IsNumber(u.Operand, assigned, depth + 1),
        ConditionalExpression c => IsNumber(c.Body, assigned, depth + 1) && IsNumber(c.OrElse, assigned, depth + 1),
        _ => false,
    };

    private static bool IsLossDictionary(Expression e, Dictionary<string, Expression> assigned) => e switch
    {
        DictExpression d => d.Keys.Any(k => k is StringExpression { Value: { } key } && IsLossName(key)),
        CallExpression { Function: NameExpression { Name: "dict" } } c => c.Arguments.Any(a => a.Name is { } key && IsLossName(key)),
        NameExpression n => assigned.TryGetValue(n.Name, out var value) && value is not NameExpression && IsLossDictionary(value, assigned),
        _ => false,
    };

    private static bool IsLossName(string name) => name.Contains("loss", StringComparison.OrdinalIgnoreCase) || name.Contains("criterion", StringComparison.OrdinalIgnoreCase);

    private static string? LastName(Expression function) => function switch
    {
        NameExpression n => n.Name,
        AttributeExpression a => a.Name,
        _ => null,
    };
}
