using System.Globalization;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Gives every further call of an element of a list or dictionary, <c>self.acts['gelu'](x)</c>, a module of its own, made right behind the container with the element's words.</summary>
internal sealed class ElementReuseRepair(SourceFiles files, SourceNames names, Func<SourceClass, ClassFamily> familyOf, Construction construction, RepairSettings settings)
{
    private readonly SourceTree _tree = files.Main;

    /// <summary>The changes, or why there are none; null where no call takes the module by a key that is written out.</summary>
    public (List<SourceChange> Changes, string? Reason)? Plan(Finding finding, bool hasParameters, Func<ClassFamily, string, string?> hazard)
    {
        var parts = finding.Module!.Split('.');
        var (holder, key) = (parts[^2], parts[^1]);
        var locations = finding.Calls.Select(c => c.Location).OfType<SourceLocation>().Distinct().ToList();
        if (locations.Exists(l => files.FullPath(l) != _tree.Path))
        {
            return null;
        }

        // Two calls may begin at one place: self.a['k'](self.b) does not, x(y)(z) does.
        var sites = locations.Select(l => (Location: l, Calls: _tree.CallsAt(l.Line, l.Column).Where(c => Held(c) is { } h && h.Name == holder).ToList())).ToList();
        var taken = sites.Where(s => s.Calls.Count == 1).ToList();
        if (taken.Count == 0 || sites.Exists(s => s.Calls.Count > 1) || _tree.Method(taken[0].Calls[0]).Class is not { } type)
        {
            return null;
        }

        if (sites.Count - taken.Count > 1 || taken.Exists(s => _tree.Method(s.Calls[0]).Method is not { } method || _tree.Ancestors(s.Calls[0]).TakeWhile(a => a != method).Any(a => a is WhileStatement or ForStatement or ComprehensionExpression or LambdaExpression or FunctionDefinition)))
        {
            return ([], $"'{holder}.{key}' is called in a loop or an inner function, or in several other ways");
        }

        var family = familyOf(new(_tree, type));
        if (hazard(family, holder) is { } danger)
        {
            return ([], danger);
        }

        var (definition, target, element, count, noElement) = Element(family, holder, key);
        if (definition is null)
        {
            return ([], noElement);
        }

        if (taken.Exists(s => !IsKey(((SubscriptExpression)s.Calls[0].Function).Index, key, count)))
        {
            return ([], $"'{holder}' is called by a key that is not written out");
        }

        var changes = new List<SourceChange>();
        var shares = hasParameters && settings.ShareParameters;
        var owner = _tree.Text(target!.Value);
        var line = _tree.LineEnd(definition.End) + _tree.IndentOf(definition);
        foreach (var (location, calls) in taken.Skip(sites.Count == taken.Count ? 1 : 0))
        {
            var name = names.Next(holder);
            changes.Add(new()
            {
                Kind = RepairKind.ModuleCopy,
                Finding = finding,
                Class = type,
                Attribute = name,
                Copied = $"{holder}.{key}",
                NewModule = string.Join('.', parts[..^2].Append(name)),
                Location = location,
                HasParameters = hasParameters,
                SharesParameters = shares,
                Note = hasParameters ? SharingLines.Note(shares, name, $"{holder}.{key}") : null,
                Edits =
                [
                    _tree.Behind(definition)!.Value.Insert($"{owner}.{name} = {_tree.Text(element!)}"
                        + (shares ? line + SharingLines.Of($"{owner}.{name}", SharingLines.First(owner, $"{holder}.{key}"), isList: false, SharingLines.NamesIn(_tree.Method(definition).Method!), line) : "")),
                    new(new(calls[0].Function.Start, calls[0].Function.End), $"{_tree.Text(Held(calls[0])!.Value)}.{name}"),
                ],
            });
        }

        return changes.Count == 0 ? ([], $"line {taken[0].Location.Line} calls it several times in one pass: its method is called more than once") : (changes, null);
    }

    /// <summary>The attribute of a call like <c>self.acts[0](x)</c>.</summary>
    private AttributeExpression? Held(CallExpression call) => call.Function is SubscriptExpression { Value: AttributeExpression a } && AttributeUses.IsOfSelf(_tree, a) ? a : null;

    private bool IsKey(Expression index, string key, int count) => index switch
    {
        StringExpression text => text.Value == key,
        NumberExpression => _tree.Text(index) == key,
        UnaryExpression { Operator: PythonOperator.Minus, Operand: NumberExpression back } => int.TryParse(_tree.Text(back), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (count - number).ToString(CultureInfo.InvariantCulture) == key,
        _ => false,
    };

    /// <summary>The words that make the element, where the container is defined once by a list or dictionary that is written out and only looked into.</summary>
    private (Statement? Definition, AttributeExpression? Target, Expression? Element, int Count, string? Reason) Element(ClassFamily family, string holder, string key)
    {
        AttributeExpression? target = null;
        foreach (var (tree, use) in AttributeUses.Of(files, family, holder).ToList())
        {
            var place = $"line {tree.File.PositionOf(use.Start).Line} of {Path.GetFileName(tree.Path)}";
            if (AttributeUses.IsTarget(tree, use))
            {
                if (target is not null || tree != _tree || !AttributeUses.IsOfSelf(tree, use))
                {
                    return (null, null, null, 0, $"{place} defines '{holder}' once more, or from outside");
                }

                target = use;
            }
            else if (!(AttributeUses.IsOfSelf(tree, use) && tree.Parent(use) is SubscriptExpression { Index: StringExpression or NumberExpression or UnaryExpression } element && tree.Parent(element) is CallExpression call && call.Function == element)
                && !IsWalked(tree, use))
            {
                return (null, null, null, 0, $"{place} uses '{holder}' by other ways than calling its elements: they may be changed, hooked or held there");
            }
        }

        if (target is null || _tree.Parent(target) is not AssignStatement { Targets.Length: 1, Value: CallExpression made } statement || _tree.Behind(statement) is null)
        {
            return (null, null, null, 0, $"'{holder}' is not defined by one construction");
        }

        var elements = (_tree.Resolve(made.Function), made.Arguments) switch
        {
            ("torch.nn.ModuleList", [{ Name: null, Stars: 0, Value: ListExpression l }]) => Numbered(l.Elements),
            ("torch.nn.ModuleList", [{ Name: null, Stars: 0, Value: TupleExpression t }]) => Numbered(t.Elements),
            ("torch.nn.Sequential", var given) when given.All(a => a is { Name: null, Stars: 0 }) => Numbered(given.Select(a => a.Value)),
            ("torch.nn.ModuleDict", [{ Name: null, Stars: 0, Value: DictExpression d }]) when d.Keys.All(k => k is StringExpression) => d.Keys.Zip(d.Values).Select(p => (((StringExpression)p.First!).Value, p.Second)).ToList(),
            _ => [],
        };
        return elements.Where(e => e.Item1 == key).ToList() is [var (_, words)] && words is not StarredExpression && !elements.Exists(e => e.Item2 is StarredExpression)
            ? construction.IsFresh(_tree, words) ? (statement, target, words, elements.Count, null) : (null, null, null, 0, $"'{holder}.{key}' is made by more than a constructor with fixed arguments: making it again may give another module, or the same")
            : (null, null, null, 0, $"the words that make '{holder}.{key}' are not written out where '{holder}' is defined");
    }

    private static List<(string, Expression)> Numbered(IEnumerable<Expression> elements) => [.. elements.Select((e, i) => (i.ToString(CultureInfo.InvariantCulture), e))];

    /// <summary>A loop over the container that only calls what it meets.</summary>
    private static bool IsWalked(SourceTree tree, AttributeExpression use) =>
        (tree.Parent(use) is CallExpression called && called.Function == use)
        || (tree.Parent(use) is ForStatement { Target: NameExpression each } loop && loop.Iterable == use && tree.Method(loop).Method is { } method
            && SourceTree.Below(method).OfType<NameExpression>().Where(n => n.Name == each.Name && n != each).All(n => tree.Parent(n) is CallExpression call && call.Function == n))
        || (tree.Parent(use) is Argument a && tree.Parent(a) is CallExpression { Function: NameExpression { Name: "len" } });
}
