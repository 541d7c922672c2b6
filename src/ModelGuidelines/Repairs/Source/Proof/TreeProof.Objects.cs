using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <content>Objects that several names held, of which each gets its own.</content>
internal sealed partial class TreeProof
{
    /// <summary>Definitions that were taken away and have to stand elsewhere, or were the last of their name.</summary>
    private readonly List<(Statement Statement, PythonNode? Holder)> _gone = [];

    /// <summary>Further names of an object that one statement defined: each is defined by a statement of its own.</summary>
    private readonly Dictionary<string, string> _split = new(StringComparer.Ordinal);

    /// <summary>A definition that makes a list, a module of a function, or one object of several; null where the statement is none of these.</summary>
    private bool? Redefined(AssignStatement before, AssignStatement after)
    {
        if (before.Targets is [AttributeExpression target] && after.Targets is [AttributeExpression other] && _before.Text(target) == _after.Text(other) && AttributeUses.IsOfSelf(_before, target))
        {
            if (_lists.GetValueOrDefault(target.Name) is { IsList: true } list && _before.Method(before).Class is { } owner && IsKin(owner, list.Class) && ListOver(after.Value) is not null)
            {
                Define(target.Name, after, before);
                return true;
            }

            // self.act = F.relu becomes self.act = nn.ReLU().
            if (_new.GetValueOrDefault(target.Name) is { Kind: RepairKind.FunctionalToModule } change && _before.Resolve(before.Value) is { } path && Models.OperationTable.Find(change.Finding.Operator ?? "") is { ModuleClass: { } type, IsConstructible: true } info
                && path.StartsWith("torch.", StringComparison.Ordinal) && Models.OperationTable.Canonical(path[(path.LastIndexOf('.') + 1)..]) == info.Name && after.Value is CallExpression { Arguments.IsEmpty: true } made && _after.Resolve(made.Function) == type)
            {
                _attributes.Add(target.Name);
                return true;
            }
        }

        if (!_isShared || before.Targets.Length <= 1 || after.Targets.Length != 1 || _before.Text(before.Targets[0]) != _after.Text(after.Targets[0]) || _before.Text(before.Value) != _after.Text(after.Value) || !before.Targets.All(t => t is AttributeExpression))
        {
            return null;
        }

        foreach (var further in before.Targets.Skip(1))
        {
            _split[Bare(_before.Text(further))] = Bare(_before.Text(before.Value));
        }

        return true;
    }

    /// <summary>What hands on an object, and hands on one of its own now; null for all else.</summary>
    private bool? Held(Expression before, Expression after)
    {
        if (!_isShared || IsWritten(before))
        {
            return null;
        }

        // copy.deepcopy(act)
        if (after is CallExpression { Arguments: [{ Name: null, Stars: 0, Value: var copied }] } copy && _after.Resolve(copy.Function) is "copy.deepcopy" && before is NameExpression or AttributeExpression && _before.Text(before) == _after.Text(copied))
        {
            return Words(before).All(IsMeant);
        }

        // [nn.ReLU()] * n
        if (before is BinaryExpression { Operator: PythonOperator.Multiply, Left: ListExpression { Elements: [var element] }, Right: var times }
            && after is ComprehensionExpression { Kind: ComprehensionKind.List, Element: var each, Clauses: [{ Conditions.IsEmpty: true, IsAsync: false, Target: NameExpression { Name: "_" }, Iterable: CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0, Value: var count }] } range }] })
        {
            return IsMeant(element) && _before.Text(element) == _after.Text(each) && _before.Text(times) == _after.Text(count) && _after.Find("range", range) is null;
        }

        return before is NameExpression or AttributeExpression && after is CallExpression ? Words(before).Select(w => _before.Text(w)).Distinct(StringComparer.Ordinal).ToList() is [var words] && words == _after.Text(after) && (IsMeant(after) || before is AttributeExpression { Name: var attribute } && _changes.Any(c => c.Shared?.Any(n => HeldObjects.LastPart(n) == attribute) is true)) : null;
    }

    /// <summary>Whether an expression makes an object of the class of one that becomes several: others stay one.</summary>
    private bool IsMeant(Expression words) => IsMeant(words, 0);

    private bool IsMeant(Expression? words, int depth) => depth < 4 && words is CallExpression { Function: NameExpression or AttributeExpression } made
        && (_changes.Any(c => c.Shared is not null && HeldObjects.LastPart(c.Finding.ModuleType ?? "") == HeldObjects.ClassNameOf(made)) || IsMeant(MadeBy(made), depth + 1));

    /// <summary>What a function that does nothing else makes: <c>def layer(n): return nn.Linear(n, n)</c>.</summary>
    private CallExpression? MadeBy(CallExpression call) => call.Function is NameExpression name && _before.Find(name.Name, name) is { All: [{ By: FunctionDefinition { Decorators.IsEmpty: true, IsAsync: false } maker }] }
        && maker.Body.SkipWhile(s => s is ExpressionStatement { Value: StringExpression }).ToList() is [ReturnStatement { Value: CallExpression made }] ? made : null;

    /// <summary>The words that make the object of a name or an attribute.</summary>
    private IEnumerable<Expression> Words(Expression held) => held switch
    {
        NameExpression name when _before.Find(name.Name, name) is { All: [{ By: AssignStatement { Value: var value } s }] } && s.Targets.All(t => t is NameExpression or AttributeExpression) => [value],
        AttributeExpression a when AttributeUses.IsOfSelf(_before, a) && _before.Method(a).Class is { } type => Kin(type).SelectMany(SourceTree.Below).OfType<AssignStatement>()
            .Where(s => s.Value is CallExpression && s.Targets.Any(t => (t is AttributeExpression b && b.Name == a.Name && AttributeUses.IsOfSelf(_before, b)) || (t is NameExpression n && n.Name == a.Name && _before.Parent(s) is ClassDefinition)))
            .Select(s => s.Value),
        _ => [],
    };

    /// <summary>Whether a statement of the original may be gone: a definition that stands elsewhere now, or of an object that nobody names any more.</summary>
    private bool Deleted(Statement statement, PythonNode? holder)
    {
        if (statement is not AssignStatement { Targets: [var target], Value: CallExpression })
        {
            return false;
        }

        var isMoved = target is AttributeExpression a && AttributeUses.IsOfSelf(_before, a) && _lists.GetValueOrDefault(a.Name) is { IsList: true } list && _before.Method(statement).Class is { } type && IsKin(type, list.Class);
        if (!isMoved && !(_isShared && target is NameExpression))
        {
            return false;
        }

        _gone.Add((statement, holder));
        return true;
    }

    /// <summary>What became of the definitions that are gone; null where all is well.</summary>
    private string? Gone()
    {
        foreach (var (statement, holder) in _gone)
        {
            var target = ((AssignStatement)statement).Targets[0];
            var line = _before.LineOf(statement);
            switch (target)
            {
                case AttributeExpression a:
                    if (!_defined.GetValueOrDefault(a.Name, []).Exists(d => d.Origin is null && d.Anchor is { } anchor && _before.Parent(anchor) == holder && anchor.Start > statement.Start))
                    {
                        return $"the definition of line {line} is gone";
                    }

                    break;

                // In a class' body: each object has one of its own, or says the words itself.
                case NameExpression name when holder is ClassDefinition type:
                    var isDefined = Kin(type).Any(k => _moved.Contains((k.Name, name.Name)));
                    if (!isDefined && _after.Nodes.OfType<AttributeExpression>().Any(u => u.Name == name.Name && AttributeUses.IsOfSelf(_after, u) && _after.Method(u).Class?.Name == type.Name))
                    {
                        return $"the definition of line {line} is gone, and '{name.Name}' is still asked for";
                    }

                    break;
                case NameExpression name when holder is not null:
                    if (_before.Method(statement).Method is not { } method || _after.Nodes.OfType<FunctionDefinition>().Where(f => f.Name == method.Name && _after.Method(f).Class?.Name == _before.Method(method).Class?.Name).SelectMany(SourceTree.Below).OfType<NameExpression>().Any(n => n.Name == name.Name))
                    {
                        return $"the definition of line {line} is gone, and '{name.Name}' is still asked for";
                    }

                    break;
                default:
                    return $"the definition of line {line} is gone";
            }
        }

        return null;
    }
}
