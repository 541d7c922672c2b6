using ModelGuidelines.Guidelines;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Makes an object that is held under several names several objects: each holder after the first gets a construction of its own.</summary>
/// <remarks>Understood are <c>self.a = self.b = nn.ReLU()</c>, <c>self.b = self.a</c>, and an attribute or a local variable that is handed on, once or in a loop, to
/// lists, containers and other modules. Objects from outside stay: their other holders are not known.</remarks>
internal sealed class SharedObjectRepair(SourceFiles files, Construction construction, Func<SourceClass, ClassFamily> familyOf)
{
    private readonly SourceTree _tree = files.Main;

    /// <summary>The changes, or why there are none.</summary>
    public (List<SourceChange> Changes, string? Reason) Plan(Finding finding, bool hasParameters)
    {
        var names = finding.Aliases.Insert(0, finding.Module ?? "");
        var attributes = names.Select(LastPart).ToList();
        var type = LastPart(finding.ModuleType ?? "");
        var (edits, definition) = OfAttributes(attributes) is { } own ? own : OfHolder(type, names);
        if (edits is null || definition is null || finding.Location is not { } location)
        {
            return ([], $"the same object is held under several names ({string.Join(", ", finding.Aliases)}), and it comes from outside, is made in a loop, is changed or used elsewhere, or in a way that is not understood");
        }

        if (_tree.Method(definition) is not ({ } owner, { }))
        {
            return ([], "the object is made outside of a class");
        }

        var family = familyOf(new(_tree, owner));
        if (family.Unknown is { } unknown || AttributeUses.Walked(files, family, hasParameters ? [] : [type]) is { } walk && (unknown = walk) is not null)
        {
            return ([], $"its class cannot be followed, or its modules are walked: {unknown}");
        }

        return (
        [
            new()
            {
                Kind = RepairKind.ModuleCopy,
                Finding = finding,
                Class = owner,
                Attribute = attributes[1],
                Copied = attributes[1],
                NewModule = names[1],
                Location = location,
                HasParameters = hasParameters,
                Note = hasParameters ? "the names have parameters of their own from now on, which train apart" : null,
                Edits = edits,
            },
        ], null);
    }

    /// <summary><c>self.a = self.b = nn.ReLU()</c> or <c>self.b = self.a</c>, in one method.</summary>
    private (List<SourceEdit>? Edits, Statement? Definition)? OfAttributes(List<string> attributes)
    {
        if (attributes.Distinct(StringComparer.Ordinal).Count() != attributes.Count)
        {
            return null;
        }

        var targets = _tree.Nodes.OfType<AttributeExpression>().Where(a => attributes.Contains(a.Name) && AttributeUses.IsTarget(_tree, a)).ToList();
        var statements = targets.Select(t => _tree.Parent(t) as AssignStatement).ToList();
        if (targets.Count != attributes.Count || statements.Contains(null) || statements.Select(s => _tree.Method(s!)).Distinct().Count() != 1 || statements.Find(s => IsFixed(s!.Value)) is not { } statement
            || targets.Exists(t => !AttributeUses.IsOfSelf(_tree, t)) || attributes.Exists(a => IsUsedOtherwise(a, attributes)))
        {
            return null;
        }

        var edits = new List<SourceEdit>();
        var made = _tree.Text(statement.Value);
        foreach (var other in statements.Where(s => s != statement))
        {
            if (other!.Targets.Length != 1 || other.Value is not AttributeExpression held || !attributes.Contains(held.Name) || !AttributeUses.IsOfSelf(_tree, held))
            {
                return null;
            }

            edits.Add(new(new(other.Value.Start, other.Value.End), made));
        }

        if (statement.Targets.Length > 1)
        {
            if (statement.Targets.Any(t => t is not AttributeExpression a || !attributes.Contains(a.Name)) || _tree.Behind(statement) is not { } end)
            {
                return null;
            }

            edits.Add(new(new(statement.Targets[0].End, statement.Value.Start), " = "));
            edits.AddRange(statement.Targets.Skip(1).Select(t => end.Insert($"{_tree.Text(t)} = {made}")));
        }

        return edits.Count == 0 ? null : (edits, statement);
    }

    /// <summary>Whether some method does more with an attribute than calling it and, in the one method, handing it on by name.</summary>
    private bool IsUsedOtherwise(string attribute, List<string> attributes) => files.All.Exists(t => t.Nodes.OfType<AttributeExpression>().Any(a => a.Name == attribute && !AttributeUses.IsTarget(t, a)
        && !(t.Parent(a) is CallExpression c && c.Function == a && AttributeUses.IsOfSelf(t, a)) && !(t.Parent(a) is AssignStatement { Targets: [AttributeExpression b] } && attributes.Contains(b.Name))));

    /// <summary>An attribute or a local variable, assigned once, that is handed on as a value.</summary>
    private (List<SourceEdit>? Edits, Statement? Definition) OfHolder(string type, IReadOnlyCollection<string> names)
    {
        var found = new List<(List<SourceEdit> Edits, Statement Definition)>();
        foreach (var statement in _tree.Nodes.OfType<AssignStatement>().Where(s => s.Targets.Length == 1 && IsFixed(s.Value) && ClassNameOf(s.Value) == type && _tree.Method(s) is ({ }, { })))
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
                var line = _tree.File.LineStart(_tree.File.PositionOf(statement.Start).Line);
                var end = _tree.File.Text.AsSpan(statement.End).IndexOf('\n');
                if (_tree.IndentOf(statement) is null || end < 0 || _tree.File.Text[statement.End..(statement.End + end)].Trim().Length > 0 || SiblingsOf(statement) < 2)
                {
                    continue;
                }

                edits.Add(new(new(line, statement.End + end + 1), ""));
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

            if (AttributeUses.NamedByText(files, attribute.Name) is not null)
            {
                return null;
            }
        }

        return mentions.Count == 0 ? null : [.. mentions.OrderBy(m => m.Start)];
    }

    private bool IsHandedOn(Expression mention) => _tree.Parent(mention) switch
    {
        Argument { Stars: 0 } a => _tree.Parent(a) is CallExpression { Function: var f } && (f is not AttributeExpression { Name: "append" or "add_module" or "insert" or "extend" } || true) && f is not NameExpression { Name: "isinstance" or "id" or "type" or "setattr" or "getattr" },
        ListExpression or TupleExpression or DictExpression => true,
        AssignStatement s => s.Value == mention && s.Targets is [AttributeExpression or SubscriptExpression],
        ComprehensionExpression c => c.Element == mention || c.Value == mention,
        _ => false,
    };

    private static bool IsLoop(PythonNode node) => node is LambdaExpression or WhileStatement or ForStatement or ComprehensionExpression or FunctionDefinition or ClassDefinition;

    /// <summary>A construction whose arguments are the same wherever in the method it is made.</summary>
    private bool IsFixed(Expression value) => value is CallExpression call && construction.IsFresh(_tree, call)
        && SourceTree.Below(call).OfType<NameExpression>().All(n => _tree.Find(n.Name, n) is not { } binding || binding.Import is not null || binding.All is [{ By: Parameter or ClassDefinition or FunctionDefinition }] || binding.All.Count == 1 && binding.All[0].By is AssignStatement s && _tree.Parent(s) is null)
        && !SourceTree.Below(call).OfType<AttributeExpression>().Any(a => AttributeUses.IsOfSelf(_tree, a));

    private static string? ClassNameOf(Expression value) => ((CallExpression)value).Function switch
    {
        NameExpression n => n.Name,
        AttributeExpression a => a.Name,
        _ => null,
    };

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
