using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>An object that a method makes, or has in an attribute, and hands on: each further holder gets a construction of its own, or a copy.</summary>
internal sealed class HeldObjects(SourceFiles files, Construction construction, Func<SourceClass, ClassFamily> familyOf)
{
    private readonly SourceTree _tree = files.Main;

    /// <summary>A local variable's object, whatever made it: each holder after the first gets a deep copy.</summary>
    public (List<SourceEdit>? Edits, Statement? Definition) OfLocal(string type)
    {
        var found = new List<(List<SourceEdit> Edits, Statement Definition)>();
        foreach (var statement in _tree.Nodes.OfType<AssignStatement>().Where(s => s is { Targets: [NameExpression], Value: CallExpression } && ClassNameOf(s.Value) == type && _tree.Method(s) is ({ }, { Name: "__init__" })))
        {
            var method = _tree.Method(statement).Method!;
            if (Mentions(statement, method, []) is not { Count: > 1 } mentions || !method.Body.Contains(statement) || mentions.Exists(m => _tree.Ancestors(m).TakeWhile(a => a != method).Any(IsLoop)) || CopyImport.For(_tree, method) is not { } import)
            {
                continue;
            }

            found.Add(([.. import, .. mentions.Skip(1).Select(m => new SourceEdit(new(m.Start, m.End), $"copy.deepcopy({_tree.Text(m)})"))], statement));
        }

        return found is [var only] ? only : (null, null);
    }

    /// <summary>An attribute or a local variable, assigned once, that is handed on as a value.</summary>
    public (List<SourceEdit>? Edits, Statement? Definition) OfHolder(string type, IReadOnlyCollection<string> names)
    {
        var found = new List<(List<SourceEdit> Edits, Statement Definition)>();
        foreach (var statement in _tree.Nodes.OfType<AssignStatement>().Where(s => s.Targets.Length == 1 && construction.IsFixed(_tree, s.Value) && ClassNameOf(s.Value) == type && _tree.Method(s) is ({ }, { })))
        {
            var method = _tree.Method(statement).Method!;
            if (Mentions(statement, method, names) is not { } mentions || _tree.Ancestors(statement).TakeWhile(a => a != method).Any(IsLoop))
            {
                continue;
            }

            var isOwn = statement.Targets[0] is AttributeExpression;
            var made = _tree.Text(statement.Value);
            bool Repeats(PythonNode m) => _tree.Ancestors(m).TakeWhile(a => a != method).Any(IsLoop);

            // A variable's object stays with its first holder; an attribute holds it itself.
            var kept = isOwn ? null : mentions.Find(m => !Repeats(m));
            var edits = mentions.Where(m => m != kept).Select(m => new SourceEdit(new(m.Start, m.End), made)).ToList();
            if (!isOwn && kept is null)
            {
                if (_tree.LinesOf(statement) is not { } lines || SiblingsOf(statement) < 2)
                {
                    continue;
                }

                edits.Add(new(lines, ""));
            }

            if (edits.Count > 0)
            {
                found.Add((edits, statement));
            }
        }

        return found is [var only] ? only : (null, null);
    }

    private int SiblingsOf(Statement statement) => _tree.Parent(statement) switch
    {
        FunctionDefinition f => f.Body.Length,
        null => int.MaxValue,
        var parent => PythonTree.Children(parent).OfType<Statement>().Count(),
    };

    /// <summary>Where the object's name hands it on, in order; null where it is used otherwise, or the object has other holders than these.</summary>
    private List<PythonNode>? Mentions(AssignStatement statement, FunctionDefinition method, IReadOnlyCollection<string> names)
    {
        var mentions = new List<PythonNode>();
        if (statement.Targets[0] is NameExpression name)
        {
            if (_tree.Find(name.Name, name) is not { All.Count: 1 })
            {
                return null;
            }

            foreach (var mention in SourceTree.Below(method).OfType<NameExpression>().Where(n => n.Name == name.Name && n != name).OrderBy(n => n.Start))
            {
                if (mention.Start < statement.End || !IsHandedOn(mention))
                {
                    return null;
                }

                mentions.Add(mention);
            }
        }
        else if (statement.Targets[0] is AttributeExpression attribute && AttributeUses.IsOfSelf(_tree, attribute))
        {
            if (!names.Select(LastPart).Contains(attribute.Name, StringComparer.Ordinal))
            {
                return null;
            }

            var family = familyOf(new(_tree, _tree.Method(statement).Class!));
            foreach (var (tree, use) in AttributeUses.Of(files, family, attribute.Name).Where(u => u.Node != attribute))
            {
                if (tree == _tree && AttributeUses.IsOfSelf(tree, use) && tree.Parent(use) is CallExpression call && call.Function == use && tree.Method(use).Method != method)
                {
                    continue;
                }

                if (tree != _tree || _tree.Method(use).Method != method || use.Start < statement.End || !IsHandedOn(use))
                {
                    return null;
                }

                mentions.Add(use);
            }

            if (AttributeUses.NamedByText(files, family, attribute.Name) is not null)
            {
                return null;
            }
        }

        return mentions.Count == 0 || mentions.Exists(IsGivenAway) ? null : [.. mentions.OrderBy(m => m.Start)];
    }

    /// <summary>Whether a statement hands the object to what is neither the object at hand nor a name of its method: <c>KEPT.append(act)</c>.</summary>
    private bool IsGivenAway(PythonNode mention) => _tree.Ancestors(mention).OfType<Statement>().FirstOrDefault() is ExpressionStatement { Value: CallExpression call }
        && _tree.Method(mention).Method is { } method && (Chain.Root(call.Function) is CallExpression { Function: NameExpression made } ? made.Name : Chain.Name(call.Function, throughCalls: true)) is var root && !(root is not null && (root == ClassFamily.Self(method) || root == "super" || _tree.ScopeOf(method).Find(root) is not null));

    /// <summary>Whether a mention gives the object to a call, a container or an attribute, and does nothing else with it.</summary>
    public bool IsHandedOn(Expression mention) => _tree.Parent(mention) switch
    {
        Argument { Stars: 0 } a => _tree.Parent(a) is CallExpression { Function: var f } && f is not NameExpression { Name: "isinstance" or "id" or "type" or "setattr" or "getattr" },
        ListExpression or TupleExpression or DictExpression => true,
        AssignStatement s => s.Value == mention && s.Targets is [AttributeExpression or SubscriptExpression],
        ComprehensionExpression c => c.Element == mention || c.Value == mention,
        _ => false,
    };

    /// <summary>What may run what stands in it several times.</summary>
    public static bool IsLoop(PythonNode node) => node is LambdaExpression or WhileStatement or ForStatement or ComprehensionExpression or FunctionDefinition or ClassDefinition;

    /// <summary>The name of the class that a construction calls.</summary>
    public static string? ClassNameOf(Expression value) => ((CallExpression)value).Function switch
    {
        NameExpression n => n.Name,
        AttributeExpression a => a.Name,
        _ => null,
    };

    /// <summary>What stands behind the last dot.</summary>
    public static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
