using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>An object in a class' body, which all its objects share, becomes one for each of them.</summary>
internal sealed class ClassObjects(SourceFiles files, Construction construction, Func<SourceClass, ClassFamily> familyOf)
{
    private readonly SourceTree _tree = files.Main;

    /// <summary><c>act = nn.ReLU()</c> in a class' body, which all its objects share, becomes an attribute of each.</summary>
    public (List<SourceEdit>? Edits, Statement? Definition)? OfClass(List<string> attributes)
    {
        if (attributes.Distinct(StringComparer.Ordinal).ToList() is not [var attribute])
        {
            return null;
        }

        var held = _tree.Nodes.OfType<ClassDefinition>().SelectMany(c => c.Body.OfType<AssignStatement>().Where(s => s.Targets is [NameExpression n] && n.Name == attribute).Select(s => (Class: c, Statement: s))).ToList();
        if (held is not [var (type, statement)] || !construction.IsFixed(_tree, statement.Value) || type.Body.Length < 2 || _tree.LinesOf(statement) is not { } lines)
        {
            return null;
        }

        var family = familyOf(new(_tree, type));
        var uses = AttributeUses.Of(files, family, attribute).ToList();
        var called = uses.Select(u => u.Tree.Parent(u.Node) is CallExpression c && c.Function == u.Node && AttributeUses.IsOfSelf(u.Tree, u.Node) ? u.Tree.Method(u.Node).Method : null).ToList();
        if (called.Count == 0 || called.Contains(null) || SourceTree.Below(type).OfType<NameExpression>().Any(n => n.Name == attribute && n != statement.Targets[0]) || AttributeUses.NamedByText(files, family, attribute) is not null || ClassHazards.LooksUp(family) is not null
            || files.All.Exists(t => t.Nodes.OfType<AttributeExpression>().Any(a => a.Name == attribute && a.Value is NameExpression { Name: var owner } && (owner == "cls" || family.Members.Exists(m => m.Name == owner)))))
        {
            return null;
        }

        var places = called.Select(m => new InitBody(files, family).Place(m!, [], [])).ToList();
        if (places[0].Insert is not { } insert || places[0].Init is null || places.Exists(p => p.Insert is null))
        {
            return null;
        }

        return ([new(lines, ""), insert($"{attribute} = {_tree.Text(statement.Value)}")], statement);
    }

    /// <summary><c>self.act = self.default_act if act is True else act</c>: the class' object becomes one for each of its objects.</summary>
    public (List<SourceEdit>? Edits, Statement? Definition)? OfClassDefault(string type)
    {
        var held = _tree.Nodes.OfType<ClassDefinition>().SelectMany(c => c.Body.OfType<AssignStatement>().Where(s => s.Targets is [NameExpression] && s.Value is CallExpression && construction.IsFixed(_tree, s.Value) && HeldObjects.ClassNameOf(s.Value) == type).Select(s => (Class: c, Statement: s))).ToList();
        if (held is not [var (owner, statement)] || owner.Body.Length < 2 || _tree.LinesOf(statement, takesComment: true) is not { } lines)
        {
            return null;
        }

        var attribute = ((NameExpression)statement.Targets[0]).Name;
        var uses = files.All.SelectMany(t => t.Nodes.OfType<AttributeExpression>().Where(a => a.Name == attribute).Select(a => (Tree: t, Node: a))).ToList();
        bool IsValue(PythonNode node) => _tree.Parent(node) switch
        {
            AssignStatement s => s.Value == node && s.Targets is [AttributeExpression a] && AttributeUses.IsOfSelf(_tree, a),
            ConditionalExpression c => c.Test != node && IsValue(c),
            _ => false,
        };
        if (uses.Count == 0 || uses.Exists(u => u.Tree != _tree || _tree.Method(u.Node).Class != owner || !IsValue(u.Node)) || files.All.Exists(t => t.Nodes.OfType<StringExpression>().Any(s => !s.IsBytes && s.Value == attribute))
            || SourceTree.Below(owner).OfType<NameExpression>().Any(n => n.Name == attribute && n != statement.Targets[0]))
        {
            return null;
        }

        return ([new(lines, ""), .. uses.Select(u => new SourceEdit(new(u.Node.Start, u.Node.End), _tree.Text(statement.Value)))], statement);
    }
}
