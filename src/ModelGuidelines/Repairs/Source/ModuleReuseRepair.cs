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
    private readonly Factories _factories = new(files);
    private readonly GivenObjects _given = new(files, construction, familyOf);
    private readonly LoopRounds _rounds = new(files, familyOf);

    /// <summary>The changes, one per further call site; or why there are none.</summary>
    public (List<SourceChange> Changes, string? Reason) Plan(Finding finding)
    {
        var module = finding.Module ?? "";
        var inside = graph.Modules.Where(m => m.Model == finding.Model && (m.QualifiedName == module || m.QualifiedName.StartsWith(module + ".", StringComparison.Ordinal))).ToList();
        var hasParameters = HasParameters(inside) || inside.Exists(construction.States.HoldsState);
        if (hasParameters && !settings.IncludeWeighted && !settings.ShareParameters)
        {
            return ([], "it has parameters: with -IncludeWeighted (--include-weighted) the copy gets parameters of its own, which train apart and need the first one's from a checkpoint; with -ShareParameters (--share-parameters) both modules hold the same ones");
        }

        if (construction.States.State(inside) is { } state)
        {
            return ([], state);
        }

        if (hasParameters && settings.ShareParameters && construction.States.HoldsParameters(inside) is { } held)
        {
            return ([], held);
        }

        if (WrittenOtherwise(module) is { } written)
        {
            return ([], written);
        }

        if (!finding.Aliases.IsEmpty)
        {
            return hasParameters && settings.ShareParameters ? ([], "its names hold one object already: their parameters are one, and no line of code makes objects of it that share them")
                : new SharedObjectRepair(files, construction, familyOf, graph).Plan(finding, hasParameters);
        }

        var attribute = module[(module.LastIndexOf('.') + 1)..];
        if (module.Contains('.', StringComparison.Ordinal) && new ElementReuseRepair(files, names, familyOf, construction, settings).Plan(finding, hasParameters, (f, a) => Unsafe(f, a, inside, hasParameters)) is { } element)
        {
            return element;
        }

        var (sites, noSites) = new CallSites(files, familyOf).Of(finding, attribute);
        if (noSites is not null)
        {
            return ([], noSites);
        }

        var family = familyOf(new(sites[0].Tree, sites[0].Tree.Method(sites[0].Call).Class!));
        if (Unsafe(family, attribute, inside, hasParameters) is { } hazard)
        {
            return ([], hazard);
        }

        var (definitions, owner, noDefinition) = Definitions(family, attribute, sites, hasParameters, inside is [var leaf] && construction.States.IsPlain(leaf));
        if (noDefinition is not null)
        {
            return ([], noDefinition);
        }

        // Who derives from the class that defines it gets the new module too, whether or not it calls it.
        definitions.ForEach(d => files.Use(d.Tree));
        names.Add(files.All);
        if (owner! != family.Type && Unsafe(familyOf(owner!), attribute, inside, hasParameters) is { } danger)
        {
            return ([], danger);
        }

        return sites is [{ Loop: null, Through: null } only] ? Handed(finding, attribute, only, definitions, family, owner!, hasParameters) : Copies(finding, attribute, sites, definitions, owner!, hasParameters);
    }

    /// <summary>Where a part of a module's name is written otherwise than Python knows it: <c>self.__act</c> of a class <c>Net</c> is <c>_Net__act</c>; null: nowhere.</summary>
    private string? WrittenOtherwise(string module) => module.Split('.').ToHashSet(StringComparer.Ordinal) is var parts
        && files.All.SelectMany(t => t.Nodes.OfType<AttributeExpression>().Where(a => parts.Contains(a.Name) && a.End - a.NameStart(t.File.Text) != a.Name.Length).Select(a => (Tree: t, Node: a))).FirstOrDefault() is { Node: { } node } found
        ? $"line {found.Tree.LineOf(node)} of {Path.GetFileName(found.Tree.Path)} writes '{node.Name}' otherwise: its name is private to its class" : null;

    private static bool HasParameters(List<ModelModule> inside) => inside.Exists(m => !m.Parameters.IsEmpty || (m.Origin is not ModuleOrigin.User && m.TypeName is not null && !KnownClasses.IsParameterless(m)));

    /// <summary>What an element's own module is called by: <c>self.split(q), self.split2(k)</c>.</summary>
    private static IEnumerable<SourceEdit> Unfolded(CallSite site, string name)
    {
        var elements = PythonTree.Children(site.Call.Arguments[1].Value).OfType<Expression>().ToList();
        yield return new(new(site.Call.Start, elements[0].Start), site.Tree.Text(site.Function) + "(");
        yield return new(new(elements[^1].End, site.Call.End), ")");
        yield return new(new(elements[site.Element!.Value - 1].End, elements[site.Element.Value].Start), $"), {OwnerOf(site)}.{name}(");
    }

    /// <summary>The object whose attribute is called, by its name there.</summary>
    private static string? OwnerOf(CallSite site) => ClassFamily.Self(site.Tree.Method(site.Call).Method!);

    private string? Unsafe(ClassFamily family, string attribute, List<ModelModule> inside, bool hasParameters)
    {
        var types = inside.Select(m => m.TypeName).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return family.Unknown is { } unknown ? $"class '{family.Type.Name}' or one that derives from it has a base, '{unknown}', whose code is not at hand"
            : files.IsCutShort ? "more files belong to it than are followed"
            : ClassHazards.Hazard(files, family, hasParameters) is { } hazard ? hazard
            : AttributeUses.NamedByText(files, family, attribute) is { } text ? text
            : ModuleWalks.Walked(files, family, types, hasParameters, hasParameters && settings.ShareParameters) is { } walk ? walk
            : null;
    }

    /// <summary>The assignments that define the attribute, or why they are not understood.</summary>
    private (List<Definition> Definitions, SourceClass? Owner, string? Reason) Definitions(ClassFamily family, string attribute, List<CallSite> sites, bool hasParameters, bool isLeaf)
    {
        var definitions = new List<Definition>();
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
                if (IsPlainUse(tree, node) || sites.Exists(s => s.Function == node || s.Through == node))
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
            if (value is null || tree.Behind((Statement)tree.Parent(node)!) is null)
            {
                return ([], null, $"{place} defines it together with something else");
            }

            var isCopied = value is not ConstantExpression && !construction.IsFresh(tree, value);
            if (isCopied && (!isLeaf || !(_factories.Gives(tree, value) || _given.AreStateless(tree, value)) || CopyImport.For(tree, tree.Method(node).Method!) is null))
            {
                return ([], null, $"{place} defines it by more than a constructor with fixed arguments: making it again may give another module, or the same");
            }

            definitions.Add(new(tree, (Statement)tree.Parent(node)!, node, value, isCopied));
        }

        // Of what other classes of the family make, the finding's model may show nothing.
        if (severalOwners && definitions.Find(d => !construction.IsOfKnownClasses(d.Tree, d.Value, hasParameters)) is { Statement: var unclear, Tree: var where })
        {
            return ([], null, $"several classes define it, and the class that line {where.LineOf(unclear)}{(where == _tree ? "" : $" of {Path.GetFileName(where.Path)}")} makes may keep a state");
        }

        return owner is null || definitions.TrueForAll(d => d.Value is ConstantExpression) ? ([], null, "no method of its class defines it as 'self." + attribute + " = ...'")
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

    private (List<SourceChange> Changes, string? Reason) Copies(Finding finding, string attribute, List<CallSite> sites, List<Definition> definitions, SourceClass owner, bool hasParameters)
    {
        var changes = new List<SourceChange>();
        var previous = attribute;
        Statement? moved = null; // behind which the definition stands from now on

        // What is not called here, but may be in training or by others, goes on calling a module and not a list.
        var isOnlyCalledHere = AttributeUses.Of(files, familyOf(owner), attribute).All(u => AttributeUses.IsTarget(u.Tree, u.Node) || sites.Exists(s => s.Function == u.Node));
        if (sites.Skip(1).Any(s => s.Element == 0))
        {
            return ([], "it is handed to 'map', and called elsewhere before");
        }

        foreach (var (site, i) in sites.Select((s, i) => (s, i)))
        {
            if (i == 0 && site.Loop is null)
            {
                continue;
            }

            // The first one's list takes its name, unless a checkpoint knows its parameters by it.
            var replaces = i == 0 && !hasParameters && isOnlyCalledHere;
            var name = replaces ? attribute : previous = names.Next(previous);
            var called = site.Function;
            var edits = new List<SourceEdit>();
            (string Element, List<SourceEdit> Edits)? together = null;
            if (site.Loop is null)
            {
                edits.AddRange(Defining(definitions, attribute, name, moved, hasParameters));
                edits.AddRange((site.Element is not null ? Unfolded(site, name) : [site.Through is null ? new SourceEdit(new(called.End - attribute.Length, called.End), name) : new(new(called.Start, called.End), $"{OwnerOf(site)}.{name}")]).Select(e => e.In(site.Tree)));
            }
            else
            {
                if (site.Tree != _tree || definitions.Exists(d => d.Tree != _tree))
                {
                    return ([], $"line {site.Location.Line} of {site.Location.File} calls it in a loop, and the file that defines it is another");
                }

                if (definitions is not [{ IsCopied: false } definition])
                {
                    return ([], $"line {site.Location.Line} calls it in a loop, and it is defined in several places or by a function");
                }

                var (index, loopEdits, noIndex) = _rounds.Index(site.Loop, site.Call);
                var last = definition.Statement;
                var (count, noCount) = noIndex is null ? _rounds.Count(site.Loop, definition.Statement, owner, ref last) : (null, noIndex);
                if (count is null)
                {
                    return ([], $"line {site.Location.Line} calls it in a loop: {noCount}");
                }

                // TorchScript takes no element of a list by a number that is counted: there the lists are walked together. So they are where the number of
                // rounds is written out; where an attribute counts them, and somebody may change it, an element that is not there has to be missed.
                var isCompiled = TorchScriptForm.IsCompiled(files);
                if ((isCompiled || LoopRounds.IsWrittenOut(site.Loop)) && (i > 0 || replaces) && !sites.Exists(s => s != site && s.Loop == site.Loop))
                {
                    together = _rounds.Together(site.Loop, site.Call, name);
                }

                if (isCompiled && together is null)
                {
                    return ([], $"line {site.Location.Line} calls it in a loop, and the file is meant for TorchScript, which takes no module of a list by a number that is counted");
                }

                edits.AddRange(together is { } walked ? [.. walked.Edits, new(new(called.Start, called.End), walked.Element)] : loopEdits);
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
                        edits.Add(site.Through is null ? new(new(called.End, called.End), $"[{index}]") : new(new(called.Start, called.End), $"{OwnerOf(site)}.{name}[{index}]"));
                    }
                }
                else
                {
                    if (ListName(owner.Node) is not { } list)
                    {
                        return ([], "the file has no name for torch.nn.ModuleList that holds in __init__");
                    }

                    var self = _tree.Text(definition.Target.Value);
                    var rounds = i == 0 ? LoopRounds.Less(count) : count;
                    if (last != definition.Statement && !construction.IsFixed(_tree, definition.Value))
                    {
                        return ([], $"line {site.Location.Line} calls it in a loop whose rounds are fixed only after it is defined");
                    }

                    edits.Add(_tree.Behind(moved is not null && moved.Start > last.Start ? moved : last)!.Value.Insert($"{self}.{name} = {list}([{text} for _ in {rounds}])" + Sharing(definition, attribute, name, hasParameters, isList: true)));
                    var owned = OwnerOf(site);
                    if (together is null)
                    {
                        edits.Add(new(new(called.Start, called.End), i == 0 ? $"({owned}.{name}[{index} - 1] if {index} else {owned}.{attribute})" : $"{owned}.{name}[{index}]"));
                    }
                }
            }

            changes.Add(Change(finding, owner.Node, attribute, name, site.Location, hasParameters, site.Loop is not null, site.Loop is not null && together is null ? TorchScriptForm.ByIndex : null, edits));
        }

        return (changes, null);
    }

    /// <summary>One place whose method runs several times: each further run is handed a module of its own.</summary>
    private (List<SourceChange> Changes, string? Reason) Handed(Finding finding, string attribute, CallSite site, List<Definition> definitions, ClassFamily family, SourceClass owner, bool hasParameters)
    {
        var tree = site.Tree;
        var helper = tree.Method(site.Call).Method!;
        var (calls, reason) = new HelperCalls(files, tree).Of(family, helper);
        if (reason is not null || HelperCalls.ParameterFor(helper, attribute) is not { } parameter)
        {
            return ([], $"line {site.Location.Line} calls it several times in one pass: {reason ?? $"no name is free for a parameter of '{helper.Name}'"}");
        }

        var changes = new List<SourceChange>();
        var previous = attribute;
        foreach (var (at, call) in calls.Skip(1))
        {
            var name = previous = names.Next(previous);
            changes.Add(Change(finding, owner.Node, attribute, name, files.LocationOf(at, at.LineOf(call), at.File.PositionOf(call.Start).Column), hasParameters, isList: false, TorchScriptForm.Handed,
            [
                .. Defining(definitions, attribute, name, null, hasParameters),
                .. HelperCalls.Taking(helper, parameter).Select(e => e.In(tree)),
                new SourceEdit(new(site.Function.Start, site.Function.End), HelperCalls.Called(tree.Text(site.Function), parameter)).In(tree),
                HelperCalls.Handing(at, call, parameter, $"{ClassFamily.Self(at.Method(call).Method!)}.{name}"),
            ]));
        }

        return (changes, null);
    }

    /// <summary>The new attribute beside each definition of the first.</summary>
    private IEnumerable<SourceEdit> Defining(List<Definition> definitions, string attribute, string name, Statement? moved, bool hasParameters) =>
        definitions.Where(d => d.IsCopied).SelectMany(d => CopyImport.For(d.Tree, d.Tree.Method(d.Statement).Method!)!.Select(e => e.In(d.Tree)))
            .Concat(definitions.Select(d => d.Tree.Behind(moved ?? d.Statement)!.Value.Insert(Renamed(d, attribute, name) + Sharing(d, attribute, name, hasParameters)).In(d.Tree)));

    private SourceChange Change(Finding finding, ClassDefinition type, string attribute, string name, SourceLocation location, bool hasParameters, bool isList, string? uncompiled, List<SourceEdit> edits) => new()
    {
        Kind = RepairKind.ModuleCopy,
        Finding = finding,
        Class = type,
        Attribute = name,
        Copied = attribute,
        IsList = isList,
        NewModule = finding.Module![..(finding.Module!.Length - attribute.Length)] + name,
        Location = location,
        HasParameters = hasParameters,
        SharesParameters = hasParameters && settings.ShareParameters,
        Note = !hasParameters ? uncompiled : SharingLines.Note(settings.ShareParameters, name, attribute) + (uncompiled is null ? "" : $"; {uncompiled}"),
        Edits = edits,
    };

    private static string Renamed(Definition definition, string attribute, string name)
    {
        if (definition.IsCopied)
        {
            var owner = definition.Tree.Text(definition.Target.Value);
            return $"{owner}.{name} = copy.deepcopy({owner}.{attribute})";
        }

        var text = definition.Tree.Text(definition.Statement);
        var cut = definition.Target.End - definition.Statement.Start;
        return string.Concat(text.AsSpan(0, cut - attribute.Length), name, text.AsSpan(cut));
    }

    /// <summary>Makes the copy hold the first one's parameters.</summary>
    private string Sharing(Definition definition, string attribute, string name, bool hasParameters, bool isList = false)
    {
        if (!hasParameters || !settings.ShareParameters || definition.Value is ConstantExpression)
        {
            return "";
        }

        var self = definition.Tree.Text(definition.Target.Value);
        var line = definition.Tree.LineEnd(definition.Statement.End) + definition.Tree.IndentOf(definition.Statement);
        return line + SharingLines.Of($"{self}.{name}", $"{self}.{attribute}", isList, SharingLines.NamesIn(definition.Tree.Method(definition.Statement).Method!), line);
    }

    /// <summary>Takes a definition away from where it stands, with its line; null where it cannot stand elsewhere.</summary>
    private SourceEdit? Moved(Statement statement, Expression value) =>
        construction.IsFixed(_tree, value) && _tree.LinesOf(statement) is { } lines ? new(lines, "") : null;

    private string? ListName(ClassDefinition type) => new TorchNames(_tree).Of("torch.nn.ModuleList", type);
}
