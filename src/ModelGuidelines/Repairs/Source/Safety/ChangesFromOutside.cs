using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Attributes of some object that a file sets, hooks or changes: <c>model.act = nn.Tanh()</c>, <c>net.act.register_forward_hook(f)</c>, <c>setattr(m, "slope", 1)</c>.</summary>
internal static class ChangesFromOutside
{
    private static readonly HashSet<string> Changers = [.. Purity.Mutators, "eval", "train", "requires_grad_", "apply", "load_state_dict", "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook", "register_backward_hook", "register_hook", "__setattr__", "__delattr__"];

    /// <summary>Their names; what cannot be read changes nothing.</summary>
    public static HashSet<string> In(string path, CancellationToken cancellation)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var tree = new SourceTree(PythonParser.Parse(File.ReadAllBytes(path), cancellation), path);
            foreach (var node in tree.Nodes.Where(n => n is AttributeExpression or SubscriptExpression or CallExpression))
            {
                switch (node)
                {
                    case AttributeExpression or SubscriptExpression when AttributeUses.IsTarget(tree, node) && !IsOfNamedClasses(tree, node):
                        Add(tree, (Expression)node, names);
                        break;
                    case CallExpression { Function: AttributeExpression { Name: var method, Value: var of } } when Changers.Contains(method) && !IsOfNamedClasses(tree, node):
                        Add(tree, of, names);
                        break;
                    case CallExpression { Function: NameExpression { Name: "setattr" or "delattr" }, Arguments: [{ Value: var of }, { Value: var name }, ..] }:
                        Add(tree, of, names);
                        if (name is StringExpression { Value: var text } && !(of is NameExpression { Name: var owner } && tree.Method(of) is ({ }, { } own) && ClassFamily.Self(own) == owner))
                        {
                            names.Add(text);
                        }

                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody can import it either.
        }

        return names;
    }

    /// <summary>The attributes of an expression's objects, but for those of the object whose method it stands in, and of what that made itself, and was not handed.</summary>
    private static void Add(SourceTree tree, Expression expression, HashSet<string> names)
    {
        if (Held(tree, expression) is { } own && !tree.Nodes.OfType<AssignStatement>().Any(s => s.Value is NameExpression or AttributeExpression && s.Targets.Any(t => t is AttributeExpression a && a.Name == own && AttributeUses.IsOfSelf(tree, a))))
        {
            return;
        }

        for (var at = expression; at is not null; at = at switch { AttributeExpression a => a.Value, SubscriptExpression s => s.Value, _ => null })
        {
            if (at is AttributeExpression a && !AttributeUses.IsOfSelf(tree, a) && tree.Resolve(a) is null)
            {
                names.Add(a.Name);
            }
        }
    }

    /// <summary>Whether it is only done to objects of classes that the file names: who names none of another file's has none of them there.</summary>
    private static bool IsOfNamedClasses(SourceTree tree, PythonNode node) => tree.Ancestors(node).OfType<Statement>().FirstOrDefault() is { } statement
        && tree.Ancestors(node).TakeWhile(a => a is not FunctionDefinition).OfType<IfClause>().Any(c => SourceTree.Below(c.Test).OfType<CallExpression>().Any(t => t is { Function: NameExpression { Name: "isinstance" }, Arguments: [{ Value: NameExpression { Name: var tested } }, { Value: var types }] }
            && SourceTree.Below(statement).OfType<NameExpression>().Any(n => n.Name == tested)
            && (types is TupleExpression several ? several.Elements : [types]).All(e => e is NameExpression { Name: not "object" } or AttributeExpression && tree.Resolve(e)?.StartsWith("torch.", StringComparison.Ordinal) != true)));

    /// <summary>The attribute of its method's object that an expression begins with; null for others.</summary>
    private static string? Held(SourceTree tree, Expression expression) => expression switch
    {
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => a.Name,
        AttributeExpression a => Held(tree, a.Value),
        SubscriptExpression s => Held(tree, s.Value),
        _ => null,
    };
}
