using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Attributes of some object that a file sets, hooks or changes: <c>model.act = nn.Tanh()</c>, <c>net.act.register_forward_hook(f)</c>, <c>setattr(m, "slope", 1)</c>.</summary>
internal static class ChangesFromOutside
{
    private static readonly HashSet<string> Changers = ["eval", "train", "requires_grad_", "apply", "load_state_dict", "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook", "register_backward_hook", "register_hook", "__setattr__", "__delattr__"];

    /// <summary>Whether a method changes or hooks the module, or what else, that it is called on.</summary>
    public static bool IsChanger(string method) => Changers.Contains(method) || KnownNames.Method(method, Does.Changes);

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
                    case CallExpression { Function: AttributeExpression { Name: var method, Value: var of } } when IsChanger(method) && !IsOfNamedClasses(tree, node):
                        Add(tree, of, names);
                        break;
                    case CallExpression { Function: var function, Arguments: var given } when KnownNames.Method(Chain.Last(function), Does.Replaces):
                        names.UnionWith(given.SelectMany(g => SourceTree.Below(g.Value)).OfType<StringExpression>().Where(t => !t.IsBytes).SelectMany(t => t.Value.Split('.')));
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

        // m = Net(): m.act = nn.Tanh(), where the file itself says what Net is.
        if (expression is AttributeExpression { Value: NameExpression named } && IsOfOwnClass(tree, named))
        {
            return;
        }

        names.UnionWith(Chain.Of(expression).OfType<AttributeExpression>().Where(a => !AttributeUses.IsOfSelf(tree, a) && tree.Resolve(a) is null).Select(a => a.Name));
    }

    /// <summary>Whether it is only done to objects of classes that the file names: who names none of another file's has none of them there.</summary>
    private static bool IsOfNamedClasses(SourceTree tree, PythonNode node) => tree.Ancestors(node).OfType<Statement>().FirstOrDefault() is { } statement
        && tree.Ancestors(node).TakeWhile(a => a is not FunctionDefinition).OfType<IfClause>().Any(c => SourceTree.Below(c.Test).OfType<CallExpression>().Any(t => t is { Function: NameExpression { Name: "isinstance" }, Arguments: [{ Value: NameExpression { Name: var tested } }, { Value: var types }] }
            && SourceTree.Below(statement).OfType<NameExpression>().Any(n => n.Name == tested)
            && (types is TupleExpression several ? several.Elements : [types]).All(e => e is NameExpression { Name: not "object" } or AttributeExpression && tree.Resolve(e)?.StartsWith("torch.", StringComparison.Ordinal) != true)));

    /// <summary>The attribute of its method's object that an expression begins with; null for others.</summary>
    private static string? Held(SourceTree tree, Expression expression) => Chain.Of(expression).OfType<AttributeExpression>().FirstOrDefault(a => AttributeUses.IsOfSelf(tree, a))?.Name;

    /// <summary>Whether a name is only ever given objects of classes that stand in this file, as do all that they derive from but the plain module: no other file's class is one of these.</summary>
    private static bool IsOfOwnClass(SourceTree tree, NameExpression name) => tree.Find(name.Name, name) is { } binding
        && binding.All.TrueForAll(b => b.By is AssignStatement { Targets: [NameExpression], Value: CallExpression { Function: NameExpression made } } && IsOwn(tree, made, 0));

    private static bool IsOwn(SourceTree tree, Expression type, int depth) => depth < 8 && (type is NameExpression name && tree.Find(name.Name, name) is { All: [{ By: ClassDefinition own }] }
        ? own.Arguments.All(a => a.Name is null && a.Stars == 0 && IsOwn(tree, a.Value, depth + 1)) && own.Decorators.IsEmpty && !own.Body.OfType<FunctionDefinition>().Any(f => f.Name is "__new__")
        : depth > 0 && tree.Resolve(type) is "torch.nn.Module" or "torch.nn.modules.Module" or "torch.nn.modules.module.Module");
}
