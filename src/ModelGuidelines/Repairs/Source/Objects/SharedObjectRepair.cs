using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Makes an object that is held under several names several objects: each holder after the first gets a construction of its own.</summary>
/// <remarks>Understood are <c>self.a = self.b = nn.ReLU()</c>, <c>self.b = self.a</c>, and an attribute or a local variable that is handed on, once or in a loop, to
/// lists, containers and other modules. Objects from outside stay: their other holders are not known.</remarks>
internal sealed class SharedObjectRepair(SourceFiles files, Construction construction, Func<SourceClass, ClassFamily> familyOf, ModelGraph graph)
{
    private readonly SourceTree _tree = files.Main;
    private readonly ClassObjects _classes = new(files, construction, familyOf);
    private readonly HeldObjects _held = new(files, construction, familyOf);
    private readonly GivenObjects _given = new(files, construction, familyOf);

    /// <summary>The changes, or why there are none.</summary>
    public (List<SourceChange> Changes, string? Reason) Plan(Finding finding, bool hasParameters)
    {
        var names = finding.Aliases.Insert(0, finding.Module ?? "");
        var attributes = names.Select(HeldObjects.LastPart).ToList();
        var type = HeldObjects.LastPart(finding.ModuleType ?? "");
        var (edits, definition) = OfAttributes(attributes) is { } own ? own : OfRepeatedList(names) is { } list ? list : _classes.OfClass(attributes) is { } shared ? shared : _classes.OfClassDefault(type) is { } handed ? handed : OfParameter(finding, names, hasParameters) is { } given ? given : _held.OfHolder(type, names) is { Edits: not null } held ? held : hasParameters ? (null, null) : _held.OfLocal(type);
        if (edits is null || definition is null || finding.Location is not { } location)
        {
            return ([], $"the same object is held under several names ({string.Join(", ", finding.Aliases)}), and it comes from outside, is made in a loop, is changed or used elsewhere, or in a way that is not understood");
        }

        if (_tree.Method(definition).Class is not { } owner)
        {
            return ([], "the object is made outside of a class");
        }

        var family = familyOf(new(_tree, owner));
        if (family.Unknown is { } unknown || ModuleWalks.Walked(files, family, [type], hasParameters) is { } walk && (unknown = walk) is not null)
        {
            return ([], $"its class cannot be followed, or its modules are walked: {unknown}");
        }

        if (attributes.Distinct(StringComparer.Ordinal).Select(Touched).FirstOrDefault(t => t is not null) is { } touched)
        {
            return ([], touched);
        }

        if (ClassHazards.Hazard(files, family, hasParameters) is { } hazard)
        {
            return ([], hazard);
        }

        // Elements have no names of their own: their list has.
        if (names.Where(n => HeldObjects.LastPart(n).All(char.IsAsciiDigit)).Select(n => n.Split('.').LastOrDefault(p => !p.All(char.IsAsciiDigit))).OfType<string>().Distinct(StringComparer.Ordinal)
            .Select(l => ContainerUses.Touched(files, familyOf, l)).FirstOrDefault(t => t is not null) is { } element)
        {
            return ([], element);
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
                Shared = names,
                NewModule = names[1],
                Location = location,
                HasParameters = hasParameters,
                Note = hasParameters ? "the names have parameters of their own from now on, which train apart" : null,
                Edits = edits,
            },
        ], null);
    }

    /// <summary>Where one holder changes the object that all hold, hands it to somebody who may, or asks whether it is the same; null: nowhere.</summary>
    private string? Touched(string attribute)
    {
        foreach (var tree in files.All)
        {
            bool Changes(PythonNode held) => tree.Parent(held) is AttributeExpression part && (AttributeUses.IsTarget(tree, part) || (tree.Parent(part) is CallExpression call && call.Function == part && part.Name is not ("forward" or "extra_repr")));
            var uses = tree.Nodes.OfType<AttributeExpression>().Where(a => a.Name == attribute && tree.Resolve(a) is null).Cast<PythonNode>().Where(a => Changes(a) || !OnlyHandsOn(tree, (AttributeExpression)a));

            // What the holder's __init__ does with it before it holds it.
            var given = tree.Nodes.OfType<AssignStatement>().Where(s => s.Value is NameExpression && s.Targets.Any(t => t is AttributeExpression a && a.Name == attribute && AttributeUses.IsOfSelf(tree, a)))
                .SelectMany(s => tree.Method(s).Method is { } init ? SourceTree.Below(init).OfType<NameExpression>().Where(n => n.Name == ((NameExpression)s.Value).Name && (Changes(n) || (tree.Parent(n) is Argument a && tree.Parent(a) is CallExpression { Function: NameExpression { Name: "setattr" or "id" } }))) : []);
            if (uses.Concat(given).FirstOrDefault() is { } use)
            {
                return $"line {tree.File.PositionOf(use.Start).Line} of {Path.GetFileName(tree.Path)} changes the object, or asks which it is, by one of its names";
            }
        }

        return null;
    }

    /// <summary>Whether a name of the object is only called, looked at, or, where objects are made, handed on to another holder.</summary>
    private bool OnlyHandsOn(SourceTree tree, AttributeExpression held)
    {
        var isMaking = tree.Method(held).Method is not { } method || method.Name is "__init__" || (tree.Method(held).Class is { } type && familyOf(new(tree, type)).Reached(["__init__"]).Contains(method.Name));
        return AttributeUses.IsTarget(tree, held) || tree.Parent(held) switch
        {
            CallExpression or AttributeExpression or SubscriptExpression => true,
            Argument a => AttributeUses.IsOfSelf(tree, held) && (tree.Parent(a) as CallExpression)?.Function switch
            {
                NameExpression { Name: var name } f => name is not ("id" or "hash" or "setattr" or "delattr" or "vars" or "set" or "dict") && (!isMaking || ModuleWalks.FunctionsOf(files, tree, f).Count == 0),
                AttributeExpression { Name: var name } f => !KnownNames.Method(name, Does.Changes) || AttributeUses.IsOfSelf(tree, f) || (f.Value is NameExpression root && tree.Method(held).Method is { } within && tree.ScopeOf(within).Find(root.Name) is not null),
                _ => true,
            },
            CompareExpression c => c.Operands.Any(o => o is ConstantExpression),
            IfClause or UnaryExpression { Operator: PythonOperator.Not } => true,
            BooleanExpression or ConditionalExpression => isMaking || tree.Parent(tree.Parent(held)!) is IfClause || (tree.Parent(held) as ConditionalExpression)?.Test == held,
            AssignStatement s => s.Targets.All(t => t is AttributeExpression or SubscriptExpression) || (s.Targets is [NameExpression local] && OnlyCalled(tree, local, s)),
            ListExpression or TupleExpression or DictExpression or ComprehensionExpression => isMaking,
            ExpressionStatement or AssertStatement => true,
            _ => false,
        };
    }

    /// <summary>Whether a local name of the object is only called.</summary>
    private static bool OnlyCalled(SourceTree tree, NameExpression local, AssignStatement by) => tree.Method(by).Method is { } method
        && SourceTree.Below(method).OfType<NameExpression>().Where(n => n.Name == local.Name && n != local).All(n => tree.Parent(n) is CallExpression call && call.Function == n);

    /// <summary><c>self.a = self.b = nn.ReLU()</c> or <c>self.b = self.a</c>, in one method.</summary>
    private (List<SourceEdit>? Edits, Statement? Definition)? OfAttributes(List<string> attributes)
    {
        if (attributes.Distinct(StringComparer.Ordinal).Count() != attributes.Count)
        {
            return null;
        }

        var targets = _tree.Nodes.OfType<AttributeExpression>().Where(a => attributes.Contains(a.Name) && AttributeUses.IsTarget(_tree, a)).ToList();
        var statements = targets.Select(t => _tree.Parent(t) as AssignStatement).ToList();
        if (targets.Count != attributes.Count || statements.Contains(null) || statements.Select(s => _tree.Method(s!)).Distinct().Count() != 1 || statements.Find(s => construction.IsFixed(_tree, s!.Value)) is not { } statement
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

    /// <summary><c>nn.ModuleList([make(dim)] * depth)</c> becomes <c>nn.ModuleList([make(dim) for _ in range(depth)])</c>.</summary>
    private (List<SourceEdit>? Edits, Statement? Definition)? OfRepeatedList(IReadOnlyCollection<string> names)
    {
        var parts = names.Select(n => n.Split('.')).ToList();
        if (parts.Exists(p => p.Length < 2 || !p[^1].All(char.IsAsciiDigit)) || parts.Select(p => p[^2]).Distinct(StringComparer.Ordinal).Count() != 1)
        {
            return null;
        }

        var found = _tree.Nodes.OfType<BinaryExpression>().Where(b => b is { Operator: PythonOperator.Multiply, Left: ListExpression { Elements: [var element] } } && construction.IsFresh(_tree, element) && construction.IsPure(_tree, b.Right)
            && _tree.Parent(b) is Argument a && _tree.Parent(a) is CallExpression call && _tree.Resolve(call.Function) is "torch.nn.ModuleList" or "torch.nn.Sequential"
            && _tree.Ancestors(b).OfType<AssignStatement>().FirstOrDefault() is { Targets: [AttributeExpression target] } && target.Name == parts[0][^2]).ToList();
        if (found is not [var only])
        {
            return null;
        }

        var list = (ListExpression)only.Left;
        return ([new(new(list.Elements[0].End, only.End), $" for _ in range({_tree.Text(only.Right)})]")], _tree.Ancestors(only).OfType<AssignStatement>().First());
    }

    /// <summary>An object that <c>__init__</c> is given and hands on: what is a default, and so everybody's, is copied by each holder; what is given, by each holder after the first.</summary>
    private (List<SourceEdit>? Edits, Statement? Definition)? OfParameter(Finding finding, IReadOnlyList<string> names, bool hasParameters)
    {
        var type = HeldObjects.LastPart(finding.ModuleType ?? "");
        var holders = names.Select(n => n.Contains('.', StringComparison.Ordinal) ? n[..n.LastIndexOf('.')] : "").ToHashSet(StringComparer.Ordinal);
        bool Holds(string module) => names.Any(n => module.Length == 0 || n.StartsWith(module + ".", StringComparison.Ordinal));
        var around = graph.Modules.Where(m => m.Model == finding.Model && Holds(m.QualifiedName)).ToList();
        var classes = around.Select(m => m.TypeName).ToHashSet(StringComparer.Ordinal);
        var direct = around.Where(m => holders.Contains(m.QualifiedName)).Select(m => m.TypeName).ToHashSet(StringComparer.Ordinal);
        var found = new List<(FunctionDefinition Init, List<NameExpression> Mentions, bool IsDefault)>();
        foreach (var init in _tree.Nodes.OfType<FunctionDefinition>().Where(f => f.Name == "__init__" && _tree.Parent(f) is ClassDefinition c && (classes.Contains(c.Name) || familyOf(new(_tree, c)).Subclasses.Exists(s => classes.Contains(s.Name)))))
        {
            foreach (var parameter in init.Parameters.Skip(1).Where(p => p.Kind is ParameterKind.Ordinary or ParameterKind.KeywordOnly))
            {
                var isDefault = parameter.Default is CallExpression d && HeldObjects.ClassNameOf(d) == type;
                var mentions = init.Body.SelectMany(SourceTree.Below).OfType<NameExpression>().Where(n => n.Name == parameter.Name).OrderBy(n => n.Start).ToList();
                if (mentions.Count < (isDefault ? 1 : 2) || !mentions.TrueForAll(_held.IsHandedOn) || _tree.ScopeOf(init).Find(parameter.Name) is not { All.Count: 1 }
                    || !mentions.Exists(m => _tree.Parent(m) is AssignStatement { Targets: [AttributeExpression held] } ? names.Any(n => HeldObjects.LastPart(n) == held.Name) : isDefault && mentions.Count > 1))
                {
                    continue;
                }

                if (isDefault || (_tree.Parent(init) is ClassDefinition holder && direct.Contains(holder.Name) && _given.AreStateless(_tree, init, parameter)))
                {
                    found.Add((init, mentions, isDefault));
                }
            }
        }

        // Copies of several classes' defaults go together; what is given is one class' affair.
        if (hasParameters || found.Count == 0 || (found.Count > 1 && found.Exists(f => !f.IsDefault)))
        {
            return null;
        }

        var edits = new List<SourceEdit>();
        foreach (var (init, mentions, isDefault) in found)
        {
            bool Repeats(PythonNode m) => _tree.Ancestors(m).TakeWhile(a => a != init).Any(HeldObjects.IsLoop);
            var kept = found.Count > 1 || (isDefault && mentions.Count < 2) ? null : mentions.Find(m => !Repeats(m));
            edits.AddRange(mentions.Where(m => m != kept).Select(m => new SourceEdit(new(m.Start, m.End), $"copy.deepcopy({m.Name})")));
        }

        return edits.Count > 0 && CopyImport.For(_tree, found[0].Init) is { } import ? ([.. import, .. edits], found[0].Init) : null;
    }

    /// <summary>Whether some method does more with an attribute than calling it and, in the one method, handing it on by name.</summary>
    private bool IsUsedOtherwise(string attribute, List<string> attributes) => files.All.Exists(t => t.Nodes.OfType<AttributeExpression>().Any(a => a.Name == attribute && !AttributeUses.IsTarget(t, a)
        && !(t.Parent(a) is CallExpression c && c.Function == a && AttributeUses.IsOfSelf(t, a)) && !(t.Parent(a) is AssignStatement { Targets: [AttributeExpression b] } && attributes.Contains(b.Name))));
}
