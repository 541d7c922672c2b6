using System.Globalization;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Gives every further call of a module an attribute of its own, defined right behind the first one with the same arguments; a call in a loop gets
/// a list of modules, one for each round.</summary>
internal sealed class ModuleReuseRepair(SourceFiles files, SourceNames names, Func<SourceClass, ClassFamily> familyOf, Construction construction, ModelGraph graph, RepairSettings settings)
{
    private readonly SourceTree _tree = files.Main;

    /// <summary>A place that calls the module.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Location">As the finding has it.</param>
    /// <param name="Loop">The loop or comprehension around it whose rounds call it one by one; null where it stands in none.</param>
    private sealed record Site(CallExpression Call, SourceLocation Location, PythonNode? Loop);

    /// <summary>The changes, one per further call site; or why there are none.</summary>
    public (List<SourceChange> Changes, string? Reason) Plan(Finding finding)
    {
        var module = finding.Module ?? "";
        var inside = graph.Modules.Where(m => m.Model == finding.Model && (m.QualifiedName == module || m.QualifiedName.StartsWith(module + ".", StringComparison.Ordinal))).ToList();
        var hasParameters = HasParameters(inside) || inside.Exists(construction.HoldsState);
        if (hasParameters && !settings.IncludeWeighted && !settings.ShareParameters)
        {
            return ([], "it has parameters: with -IncludeWeighted (--include-weighted) the copy gets parameters of its own, which train apart and need the first one's from a checkpoint; with -ShareParameters (--share-parameters) both modules hold the same ones");
        }

        if (construction.State(inside) is { } state)
        {
            return ([], state);
        }

        if (!finding.Aliases.IsEmpty)
        {
            return new SharedObjectRepair(files, construction, familyOf, graph).Plan(finding, hasParameters);
        }

        var attribute = module[(module.LastIndexOf('.') + 1)..];
        if (module.Contains('.', StringComparison.Ordinal) && new ElementReuseRepair(files, names, familyOf, construction).Plan(finding, hasParameters, (f, a) => Unsafe(f, a, inside, hasParameters)) is { } element)
        {
            return hasParameters && settings.ShareParameters ? ([], "it is an element of a list or dictionary, whose parameters are not shared by a line of code") : element;
        }

        var (sites, noSites) = Sites(finding, attribute);
        if (noSites is not null)
        {
            return ([], noSites);
        }

        var family = familyOf(new(_tree, _tree.Method(sites[0].Call).Class!));
        if (Unsafe(family, attribute, inside, hasParameters) is { } hazard)
        {
            return ([], hazard);
        }

        var (definitions, owner, noDefinition) = Definitions(family, attribute, hasParameters);
        if (noDefinition is not null)
        {
            return ([], noDefinition);
        }

        return Copies(finding, attribute, sites, definitions, owner!, hasParameters);
    }

    private static bool HasParameters(List<ModelModule> inside) => inside.Exists(m => !m.Parameters.IsEmpty || (m.Origin is not ModuleOrigin.User && m.TypeName is not null && !Construction.IsParameterless(m)));

    private (List<Site> Sites, string? Reason) Sites(Finding finding, string attribute)
    {
        var sites = new List<Site>();
        foreach (var location in finding.Calls.Select(c => c.Location).OfType<SourceLocation>().Distinct())
        {
            if (Path.GetFileName(location.File) != Path.GetFileName(_tree.Path))
            {
                return ([], $"it is called in another file, {location.File}");
            }

            var found = _tree.CallsAt(location.Line, location.Column).Where(c => c.Function is AttributeExpression a && a.Name == attribute && AttributeUses.IsOfSelf(_tree, a)).ToList();
            if (found is not [var call] || _tree.Method(call) is not ({ }, { } method))
            {
                return ([], $"it is not called as an attribute of its own module (line {location.Line})");
            }

            var around = _tree.Ancestors(call).TakeWhile(a => a != method).Where(a => a is WhileStatement or ForStatement or ComprehensionExpression or LambdaExpression or FunctionDefinition).ToList();
            if (around.Count > 1 || around is [WhileStatement or LambdaExpression or FunctionDefinition])
            {
                return ([], $"line {location.Line} calls it in {(around.Count > 1 ? "loops inside loops" : "a loop without a count, or an inner function")}");
            }

            if (around is [var loop] && !IsRepeated(loop, call))
            {
                around = [];
            }

            sites.Add(new(call, location, around.FirstOrDefault()));
        }

        return sites.Count == 0 ? ([], "the file does not say where its calls stand")
            : sites.Count == 1 && sites[0].Loop is null ? ([], $"line {sites[0].Location.Line} calls it several times in one pass: its method is called more than once")
            : (sites, null);
    }

    /// <summary>Whether each round evaluates the call: not what is iterated, nor the else.</summary>
    private bool IsRepeated(PythonNode loop, CallExpression call) => loop switch
    {
        ForStatement f => !(call.Start >= f.Iterable.Start && call.End <= f.Iterable.End) && !f.OrElse.Any(s => call.Start >= s.Start && call.End <= s.End),
        ComprehensionExpression c => !(call.Start >= c.Clauses[0].Iterable.Start && call.End <= c.Clauses[0].Iterable.End),
        _ => true,
    };

    private string? Unsafe(ClassFamily family, string attribute, List<ModelModule> inside, bool hasParameters)
    {
        var types = inside.Select(m => m.TypeName).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return family.Unknown is { } unknown ? $"class '{family.Type.Name}' or one that derives from it has a base, '{unknown}', whose code is not at hand"
            : files.IsCutShort ? "more files belong to it than are followed"
            : AttributeUses.Hazard(files, family, hasParameters) is { } hazard ? hazard
            : AttributeUses.NamedByText(files, family, attribute) is { } text ? text

            // An initialisation that asks for a class with parameters treats the copy as it treats the first.
            : AttributeUses.Walked(files, family, hasParameters ? [] : types) is { } walk ? walk
            : null;
    }

    /// <summary>The assignments that define the attribute, or why they are not understood.</summary>
    private (List<(Statement Statement, AttributeExpression Target, Expression Value)> Definitions, SourceClass? Owner, string? Reason) Definitions(ClassFamily family, string attribute, bool hasParameters)
    {
        var definitions = new List<(Statement, AttributeExpression, Expression)>();
        SourceClass? owner = null;
        var severalOwners = false;
        foreach (var (tree, node) in AttributeUses.Of(files, family, attribute).ToList())
        {
            var place = $"line {tree.File.PositionOf(node.Start).Line} of {Path.GetFileName(tree.Path)}";
            if (!AttributeUses.IsOfSelf(tree, node))
            {
                return ([], null, $"{place} uses an attribute '{attribute}' of some object from outside: the module may be replaced or changed there");
            }

            if (!AttributeUses.IsTarget(tree, node))
            {
                if (IsPlainUse(tree, node))
                {
                    continue;
                }

                return ([], null, $"{place} uses '{attribute}' by other ways than calling it: it may be changed, hooked or held there");
            }

            var type = new SourceClass(tree, tree.Method(node).Class!);
            owner ??= type;
            severalOwners |= type != owner;
            var value = tree.Parent(node) switch
            {
                AssignStatement { Targets.Length: 1 } s => s.Value,
                AnnotatedAssignStatement s => s.Value,
                _ => null,
            };
            if (value is null || tree != _tree || _tree.Behind((Statement)tree.Parent(node)!) is null)
            {
                return ([], null, $"{place} defines it together with something else, or in another file");
            }

            if (value is not ConstantExpression && !construction.IsFresh(tree, value))
            {
                return ([], null, $"{place} defines it by more than a constructor with fixed arguments: making it again may give another module, or the same");
            }

            definitions.Add(((Statement)tree.Parent(node)!, node, value));
        }

        // Of what other classes of the family make, the finding's model may show nothing.
        if (severalOwners && definitions.Find(d => !construction.IsOfKnownClasses(_tree, d.Item3, hasParameters)) is { Item1: { } unclear })
        {
            return ([], null, $"several classes define it, and the class that line {_tree.File.PositionOf(unclear.Start).Line} makes may keep a state");
        }

        return owner is null || definitions.TrueForAll(d => d.Item3 is ConstantExpression) ? ([], null, "no method of its class defines it as 'self." + attribute + " = ...'")
            : family.Members.FirstOrDefault(c => c.Tree.ScopeOf(c.Node).Find(attribute) is not null) is { } held ? ([], null, $"class '{held.Name}' has an attribute '{attribute}' of its own, which all its objects share")
            : (definitions, owner, null);
    }

    /// <summary>A call, or a look whether it is there.</summary>
    private static bool IsPlainUse(SourceTree tree, AttributeExpression node) => tree.Parent(node) switch
    {
        CallExpression call => call.Function == node,
        CompareExpression { Operators: [PythonOperator.Is or PythonOperator.IsNot] } => true,
        IfClause or BooleanExpression or UnaryExpression { Operator: PythonOperator.Not } => true,
        ConditionalExpression c => c.Test == node,
        _ => false,
    };

    private (List<SourceChange> Changes, string? Reason) Copies(Finding finding, string attribute, List<Site> sites, List<(Statement Statement, AttributeExpression Target, Expression Value)> definitions, SourceClass owner, bool hasParameters)
    {
        var changes = new List<SourceChange>();
        var previous = attribute;
        var module = finding.Module!;
        Statement? moved = null; // behind which the definition stands from now on

        // What is not called here, but may be in training or by others, goes on calling a module and not a list.
        var isOnlyCalledHere = AttributeUses.Of(files, familyOf(owner), attribute).All(u => AttributeUses.IsTarget(u.Tree, u.Node) || sites.Exists(s => s.Call.Function == u.Node));
        foreach (var (site, i) in sites.Select((s, i) => (s, i)))
        {
            if (i == 0 && site.Loop is null)
            {
                continue;
            }

            // The first one's list takes its name, unless a checkpoint knows its parameters by it.
            var replaces = i == 0 && !hasParameters && isOnlyCalledHere;
            var name = replaces ? attribute : previous = names.Next(previous);
            var called = (AttributeExpression)site.Call.Function;
            var edits = new List<SourceEdit>();
            if (site.Loop is null)
            {
                edits.AddRange(definitions.Select(d => _tree.Behind(moved ?? d.Statement)!.Value.Insert(Renamed(d, attribute, name) + Sharing(d, attribute, name, hasParameters))));
                edits.Add(new(new(called.End - attribute.Length, called.End), name));
            }
            else
            {
                if (definitions is not [var definition] || settings.ShareParameters && hasParameters)
                {
                    return ([], $"line {site.Location.Line} calls it in a loop, and it is defined in several places or is to share its parameters");
                }

                var (index, loopEdits, noIndex) = Index(site.Loop, site.Call);
                var last = definition.Statement;
                var (count, noCount) = noIndex is null ? Count(site.Loop, definition.Statement, owner, ref last) : (null, noIndex);
                if (count is null)
                {
                    return ([], $"line {site.Location.Line} calls it in a loop: {noCount}");
                }

                // TorchScript takes no element of a list by a number that is counted: there the lists are walked together.
                List<SourceEdit>? together = null;
                if (AttributeUses.IsCompiled(_tree) && (!replaces || (together = Together(site.Loop, site.Call, attribute)) is null))
                {
                    return ([], $"line {site.Location.Line} calls it in a loop, and the file is meant for TorchScript, which takes no module of a list by a number that is counted");
                }

                edits.AddRange(together ?? loopEdits);
                var text = _tree.Text(definition.Value);
                if (replaces)
                {
                    if (ListName(owner.Node) is not { } list)
                    {
                        return ([], "the file has no name for torch.nn.ModuleList that holds in __init__");
                    }

                    var made = $"{list}([{text} for _ in {count}])";
                    if (last == definition.Statement)
                    {
                        edits.Add(new(new(definition.Value.Start, definition.Value.End), made));
                    }
                    else if (Moved(definition.Statement, definition.Value) is { } away)
                    {
                        moved = last;
                        edits.Add(away);
                        edits.Add(_tree.Behind(last)!.Value.Insert($"{_tree.Text(definition.Target)} = {made}"));
                    }
                    else
                    {
                        return ([], $"line {site.Location.Line} calls it in a loop whose rounds are fixed only after it is defined");
                    }

                    if (together is null)
                    {
                        edits.Add(new(new(called.End, called.End), $"[{index}]"));
                    }
                }
                else
                {
                    if (ListName(owner.Node) is not { } list)
                    {
                        return ([], "the file has no name for torch.nn.ModuleList that holds in __init__");
                    }

                    var self = _tree.Text(definition.Target.Value);
                    var rounds = i == 0 ? Less(count) : count;
                    if (last != definition.Statement && !construction.IsFixed(_tree, definition.Value))
                    {
                        return ([], $"line {site.Location.Line} calls it in a loop whose rounds are fixed only after it is defined");
                    }

                    edits.Add(_tree.Behind(moved is not null && moved.Start > last.Start ? moved : last)!.Value.Insert($"{self}.{name} = {list}([{text} for _ in {rounds}])"));
                    var owned = _tree.Text(called.Value);
                    edits.Add(new(new(called.Start, called.End), i == 0 ? $"({owned}.{name}[{index} - 1] if {index} else {owned}.{attribute})" : $"{owned}.{name}[{index}]"));
                }
            }

            changes.Add(new()
            {
                Kind = RepairKind.ModuleCopy,
                Finding = finding,
                Class = owner.Node,
                Attribute = name,
                Copied = attribute,
                IsList = site.Loop is not null,
                NewModule = module[..(module.Length - attribute.Length)] + name,
                Location = site.Location,
                HasParameters = hasParameters,
                Note = !hasParameters ? null : settings.ShareParameters
                    ? $"'{name}' holds the parameters of '{attribute}': they train as one; a checkpoint of before has no entries for '{name}', which are the same as those of '{attribute}'"
                    : $"'{name}' has parameters of its own: from now on the two train apart, and saved weights of '{attribute}' have to be loaded into '{name}' as well",
                Edits = edits,
            });
        }

        return (changes, null);
    }

    private string Renamed((Statement Statement, AttributeExpression Target, Expression Value) definition, string attribute, string name)
    {
        var text = _tree.Text(definition.Statement);
        var cut = definition.Target.End - definition.Statement.Start;
        return string.Concat(text.AsSpan(0, cut - attribute.Length), name, text.AsSpan(cut));
    }

    /// <summary>Makes the copy hold the first one's parameters.</summary>
    private string Sharing((Statement Statement, AttributeExpression Target, Expression Value) definition, string attribute, string name, bool hasParameters)
    {
        if (!hasParameters || !settings.ShareParameters || definition.Value is ConstantExpression)
        {
            return "";
        }

        var self = _tree.Text(definition.Target.Value);
        var indent = _tree.IndentOf(definition.Statement);
        var lineEnd = _tree.LineEnd(definition.Statement.End);
        return $"{lineEnd}{indent}for module, shared in zip({self}.{name}.modules(), {self}.{attribute}.modules()):{lineEnd}{indent}    for key, value in shared._parameters.items():{lineEnd}{indent}        setattr(module, key, value)";
    }

    /// <summary>Takes a definition away from where it stands, with its line; null where it cannot stand elsewhere.</summary>
    private SourceEdit? Moved(Statement statement, Expression value)
    {
        var line = _tree.File.LineStart(_tree.File.PositionOf(statement.Start).Line);
        var end = _tree.File.Text.AsSpan(statement.End).IndexOf('\n');
        return construction.IsFixed(_tree, value) && end >= 0 && _tree.IndentOf(statement) is not null && _tree.File.Text[statement.End..(statement.End + end)].Trim().Length == 0
            ? new(new(line, statement.End + end + 1), "")
            : null;
    }

    private string? ListName(ClassDefinition type) => new FunctionCallRepair(files, names, familyOf).ClassName("torch.nn.ModuleList", type);

    private static string Less(string count) => count.StartsWith("range(", StringComparison.Ordinal)
        ? int.TryParse(count[6..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? string.Create(CultureInfo.InvariantCulture, $"range({number - 1})") : $"range({(count.Contains(" or ", StringComparison.Ordinal) ? $"({count[6..^1]})" : count[6..^1])} - 1)"
        : $"{count}[1:]";

    /// <summary>The name that counts the loop's rounds from 0, and what gives it that name.</summary>
    private (string? Index, List<SourceEdit> Edits, string? Reason) Index(PythonNode loop, CallExpression call)
    {
        var (target, iterable) = loop switch
        {
            ForStatement f => (f.Target, f.Iterable),
            ComprehensionExpression { Clauses: [{ IsAsync: false, Conditions.IsEmpty: true } only] } c when call.Start >= c.Element.Start && call.End <= c.Element.End => (only.Target, only.Iterable),
            _ => (null, null),
        };
        if (target is null || iterable is null || _tree.Method(call).Method is not { } method)
        {
            return (null, [], "it leaves out rounds, or has several clauses");
        }

        var isRange = iterable is CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0 }] } && _tree.Find("range", iterable) is null;
        var body = loop is ForStatement statement ? statement.Body.Cast<PythonNode>() : [loop];
        bool IsFree(string name) => !_tree.Nodes.OfType<NameExpression>().Any(n => n.Name == name && n.Start >= method.Start && n.End <= method.End) && !method.Parameters.Any(p => p.Name == name) && _tree.Module.Find(name) is null;
        bool IsAssigned(string name) => body.SelectMany(SourceTree.Below).OfType<NameExpression>().Any(n => n.Name == name && n != target && AttributeUses.IsTarget(_tree, n));
        if (isRange && target is NameExpression { Name: not "_" } index && !IsAssigned(index.Name))
        {
            return (index.Name, [], null);
        }

        if (iterable is CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments.Length: 1 } && target is TupleExpression { Elements: [NameExpression { Name: not "_" } counted, _] } && !IsAssigned(counted.Name))
        {
            return (counted.Name, [], null);
        }

        var free = new[] { "i", "j", "k", "index", "step_index" }.FirstOrDefault(IsFree);
        if (free is null)
        {
            return (null, [], "no name is free for its count");
        }

        if (isRange && target is NameExpression unused && !SourceTree.Below(method).OfType<NameExpression>().Any(n => n.Name == unused.Name && n != target))
        {
            return (free, [new(new(unused.Start, unused.End), free)], null);
        }

        var text = _tree.Text(target);
        var isTuple = target is TupleExpression && text.Length > 0 && text[0] != '(';
        return (free,
        [
            new(new(target.Start, target.End), $"{free}, {(isTuple ? $"({text})" : text)}"),
            new(new(iterable.Start, iterable.Start), "enumerate(", iterable.End),
            new(new(iterable.End, iterable.End), ")"),
        ], null);
    }

    /// <summary><c>for i, f in enumerate(self.fs)</c> becomes <c>for i, (f, act) in enumerate(zip(self.fs, self.act))</c>, with the call of the element; null where a loop is written otherwise.</summary>
    private List<SourceEdit>? Together(PythonNode loop, CallExpression call, string attribute)
    {
        if (loop is not ForStatement { OrElse.IsEmpty: true } f || _tree.Method(call).Method is not { } method)
        {
            return null;
        }

        bool IsFree(string name) => !SourceTree.Below(method).OfType<NameExpression>().Any(n => n.Name == name) && !method.Parameters.Any(p => p.Name == name) && _tree.Module.Find(name) is null;
        var element = new[] { attribute, $"{attribute}_module", $"each_{attribute}" }.FirstOrDefault(IsFree);
        if (element is null || _tree.HasComment(f.Target.Start, f.Iterable.End))
        {
            return null;
        }

        var list = _tree.Text(call.Function);
        var target = _tree.Text(f.Target);
        var all = target.StartsWith('(') || f.Target is not TupleExpression ? target : $"({target})";
        var (variables, walked) = f.Iterable switch
        {
            CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0 }] } => f.Target is NameExpression n ? (SourceTree.Below(method).OfType<NameExpression>().Any(u => u.Name == n.Name && u != n) ? $"{target}, {element}" : element, "") : default,
            CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0, Value: var of }] } when f.Target is TupleExpression { Elements: [NameExpression i, var each] } =>
                ($"{i.Name}, ({(each is TupleExpression && _tree.File.Text[each.Start] != '(' ? $"({_tree.Text(each)})" : _tree.Text(each))}, {element})", $"enumerate(zip({_tree.Text(of)}, {list}))"),
            CallExpression { Function: NameExpression { Name: "zip" }, Arguments: var given } when given.All(a => a is { Name: null, Stars: 0 }) && f.Target is TupleExpression t && t.Elements.Length == given.Length => ($"{string.Join(", ", t.Elements.Select(e => _tree.Text(e)))}, {element}", $"zip({string.Join(", ", given.Select(a => _tree.Text(a)))}, {list})"),
            AttributeExpression a => ($"{all}, {element}", $"zip({_tree.Text(a)}, {list})"),
            _ => default,
        };
        if (variables is null)
        {
            return null;
        }

        var over = walked!.Length > 0 ? walked : variables == element ? list : $"enumerate({list})";
        return [new(new(f.Target.Start, f.Target.End), variables), new(new(f.Iterable.Start, f.Iterable.End), over), new(new(call.Function.Start, call.Function.End), element)];
    }

    /// <summary>What a list in <c>__init__</c> is built over so that it has an element for each round.</summary>
    private (string? Count, string? Reason) Count(PythonNode loop, Statement definition, SourceClass owner, ref Statement last)
    {
        var iterable = loop is ForStatement f ? f.Iterable : ((ComprehensionExpression)loop).Clauses[0].Iterable;
        if (iterable is CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0 } inner] })
        {
            iterable = inner.Value;
        }

        if (iterable is TupleExpression or ListExpression)
        {
            var elements = iterable is TupleExpression t ? t.Elements : ((ListExpression)iterable).Elements;
            return elements.Any(e => e is StarredExpression) ? (null, "its rounds are not known in __init__") : ($"range({elements.Length})", null);
        }

        var init = owner.MethodNamed("__init__");
        if (init is null || !init.Body.Contains(definition) || ClassFamily.Self(init) is not { } self || _tree.Method(loop).Method is not { } method || ClassFamily.Self(method) is not { } own)
        {
            return (null, "the module is not defined at the level of __init__ itself");
        }

        var isSure = AlwaysRuns(loop, method);
        var reason = "how many rounds it has is not fixed in __init__ before the module is defined";
        if (iterable is CallExpression { Function: NameExpression { Name: "range" }, Arguments: { Length: 1 or 2 or 3 } arguments } && _tree.Find("range", iterable) is null && arguments.All(a => a.Name is null && a.Stars == 0))
        {
            var parts = new List<string?>();
            foreach (var argument in arguments)
            {
                parts.Add(Fixed(argument.Value, own, self, init, isSure ? null : "0", ref last) is { } part ? Bare(part) : null);
            }

            return parts.Contains(null) ? (null, reason) : ($"range({string.Join(", ", parts)})", null);
        }

        // Of several lists side by side one is as long as there can be rounds.
        var lists = iterable is CallExpression { Function: NameExpression { Name: "zip" } } zip && zip.Arguments.All(a => a.Name is null && a.Stars == 0) ? zip.Arguments.Select(a => a.Value) : [iterable];
        foreach (var list in lists.OfType<AttributeExpression>())
        {
            if (Fixed(list, own, self, init, isSure ? null : "()", ref last) is { } text)
            {
                return (text, null);
            }
        }

        return (null, reason);
    }

    /// <summary>Whether each pass runs the loop, so that what it counts is there to be counted in <c>__init__</c> too.</summary>
    private bool AlwaysRuns(PythonNode loop, FunctionDefinition method)
    {
        var within = _tree.Ancestors(loop).TakeWhile(a => a != method).ToList();
        var statement = loop as Statement ?? within.OfType<Statement>().FirstOrDefault();
        return method.Name == "forward" && statement is not null && method.Body.Contains(statement)
            && !within.Exists(a => a is ConditionalExpression or BooleanExpression or LambdaExpression or ComprehensionExpression)
            && !method.Body.TakeWhile(s => s != statement).SelectMany(SourceTree.Below).Any(n => n is ReturnStatement or RaiseStatement);
    }

    /// <summary>An attribute's value, or what has no rounds where it is None and the loop would not be reached.</summary>
    private static string OrNothing(string text, string nothing, bool isSure) => isSure ? text : $"({text} or {nothing})";

    private static string Bare(string text) => text.Length > 1 && text[0] == '(' && text.IndexOf(')', StringComparison.Ordinal) == text.Length - 1 ? text[1..^1] : text;

    /// <summary>The text of a number or a list that is the same in the method as in <c>__init__</c> where the module is defined; null where that is not sure.</summary>
    private string? Fixed(Expression value, string own, string self, FunctionDefinition init, string? nothing, ref Statement last)
    {
        switch (value)
        {
            case NumberExpression:
                return _tree.Text(value);
            case CallExpression { Function: NameExpression { Name: "len" }, Arguments: [{ Name: null, Stars: 0 } of] }:
                return Fixed(of.Value, own, self, init, nothing is null ? null : "()", ref last) is { } inner ? $"len({Bare(inner)})" : null;
            case BinaryExpression { Operator: PythonOperator.Add or PythonOperator.Subtract or PythonOperator.Multiply or PythonOperator.FloorDivide } b:
                return Fixed(b.Left, own, self, init, nothing, ref last) is { } left && Fixed(b.Right, own, self, init, nothing, ref last) is { } right ? $"{left} {_tree.File.Text[b.Left.End..b.Right.Start].Trim()} {right}" : null;
            case AttributeExpression { Value: NameExpression owner } a when owner.Name == own:
                // Other classes' own attributes of that name are theirs.
                var family = familyOf(new(_tree, _tree.Method(init.Body[0]).Class!));
                var targets = files.All.SelectMany(t => t.Nodes.OfType<AttributeExpression>().Where(n => n.Name == a.Name && AttributeUses.IsTarget(t, n)).Select(n => (Tree: t, Node: n)))
                    .Where(u => !AttributeUses.IsOfSelf(u.Tree, u.Node) || u.Tree.Method(u.Node).Class is not { } other || family.Members.Contains(new(u.Tree, other))).ToList();
                if (targets is not [var only] || only.Tree != _tree || _tree.Parent(only.Node) is not AssignStatement { Targets.Length: 1 } statement || !init.Body.Contains(statement) || _tree.Behind(statement) is null)
                {
                    return null;
                }

                // Nobody makes a list longer later.
                var at = Math.Max(last.End, statement.End);
                if (_tree.Nodes.OfType<AttributeExpression>().Any(n => n.Value is AttributeExpression inner && inner.Name == a.Name && n.Name is "append" or "extend" or "insert" or "pop" or "add_module" or "clear" or "remove" && n.Start > statement.End))
                {
                    return null;
                }

                last = at == statement.End ? statement : last;
                return OrNothing($"{self}.{a.Name}", nothing ?? "", nothing is null || statement.Value is NumberExpression or ListExpression);
            default:
                return null;
        }
    }
}
