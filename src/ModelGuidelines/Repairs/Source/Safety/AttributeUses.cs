using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>How the files at hand use an attribute, and whether they look at modules by other ways than their names.</summary>
internal static class AttributeUses
{
    private static readonly HashSet<string> Reflection = ["getattr", "setattr", "hasattr", "delattr"];

    /// <summary>Whether the node is what an assignment, loop, with or del writes.</summary>
    public static bool IsTarget(SourceTree tree, PythonNode node)
    {
        var (child, up) = (node, tree.Parent(node));
        while (up is TupleExpression or ListExpression or StarredExpression)
        {
            (child, up) = (up, tree.Parent(up));
        }

        return up switch
        {
            AssignStatement s => s.Targets.Contains(child),
            AugmentedAssignStatement s => s.Target == child,
            AnnotatedAssignStatement s => s.Target == child,
            ForStatement s => s.Target == child,
            ComprehensionClause c => c.Target == child,
            WithItem i => i.Target == child,
            DeleteStatement => true,
            _ => false,
        };
    }

    /// <summary>Whether it is an attribute of the object whose method it stands in.</summary>
    public static bool IsOfSelf(SourceTree tree, AttributeExpression attribute) =>
        attribute.Value is NameExpression owner && tree.Method(attribute) is ({ }, { } method) && ClassFamily.Self(method) == owner.Name;

    public static bool Defines(SourceClass type, string attribute) =>
        type.Tree.ScopeOf(type.Node).Find(attribute) is not null
        || SourceTree.Below(type.Node).OfType<AttributeExpression>().Any(a => a.Name == attribute && IsTarget(type.Tree, a) && IsOfSelf(type.Tree, a));

    /// <summary>Attributes of that name in the methods of a family, and everywhere else where the object may be another's.</summary>
    public static IEnumerable<(SourceTree Tree, AttributeExpression Node)> Of(SourceFiles files, ClassFamily family, string attribute) =>
        files.All.SelectMany(t => t.Nodes.OfType<AttributeExpression>().Where(a => a.Name == attribute).Select(a => (t, a)))
            .Where(u => !IsOfSelf(u.t, u.a) ? IsOfOther(u.t, u.a) && !IsOfAnotherClass(files, family, u.t, u.a) : (u.t.Method(u.a).Class is { } owner && family.Members.Contains(new(u.t, owner))));

    /// <summary>Whether it may be the attribute of a module from outside, for more than a call: not what a library or another class holds by that name.</summary>
    private static bool IsOfOther(SourceTree tree, AttributeExpression attribute) =>
        tree.Resolve(attribute.Value) is null && !(tree.Parent(attribute) is CallExpression call && call.Function == attribute);

    /// <summary>Whether an <c>__init__</c> hands it on from what by its annotation, or by what makes it, is an object of another class at hand.</summary>
    private static bool IsOfAnotherClass(SourceFiles files, ClassFamily family, SourceTree tree, AttributeExpression attribute)
    {
        bool IsOther(Expression type) => files.ClassOf(tree, type) is { } known && !family.Members.Contains(known);
        return attribute.Value is NameExpression owner && tree.Parent(attribute) is Argument && tree.Method(attribute) is ({ }, { Name: "__init__" }) && tree.Find(owner.Name, owner) is { } binding && binding.All.TrueForAll(b => b.By switch
        {
            Parameter { Kind: ParameterKind.Ordinary or ParameterKind.PositionalOnly or ParameterKind.KeywordOnly, Annotation: { } type } => IsOther(type) || (type is SubscriptExpression { Value: NameExpression { Name: "Optional" }, Index: var of } && IsOther(of)),
            AssignStatement { Value: CallExpression made } => IsOther(made.Function),
            AssignStatement { Value: BooleanExpression either } => either.Values.All(v => v is NameExpression n ? n.Name == owner.Name : v is CallExpression made && IsOther(made.Function)),
            _ => false,
        });
    }

    /// <summary>Where a name is used as a text that may name an attribute; null: nowhere.</summary>
    public static string? NamedByText(SourceFiles files, ClassFamily family, string attribute)
    {
        foreach (var tree in files.All)
        {
            var isNear = tree == files.Main || family.Members.Exists(m => m.Tree == tree);
            foreach (var call in tree.Nodes.OfType<CallExpression>().Where(c => c.Function is NameExpression { Name: var n } && Reflection.Contains(n) && c.Arguments.Length > 1))
            {
                // Put together, it is of the object at hand, which in another class is another.
                var isOfOthers = call.Arguments[0].Value is NameExpression { Name: var owner } && tree.Method(call) is ({ } type, { } method) && ClassFamily.Self(method) == owner && !family.Members.Contains(new(tree, type));
                if (call.Arguments[1].Value is StringExpression text ? text.Value == attribute : (isNear || (((NameExpression)call.Function).Name is "setattr" or "delattr" && !IsOfWalk(tree, call.Arguments[1].Value))) && !isOfOthers && MayBe(call.Arguments[1].Value, attribute) && !IsGivenOthers(files, tree, call.Arguments[1].Value, attribute) && ((NameExpression)call.Function).Name is not ("hasattr" or "getattr"))
                {
                    return $"line {tree.File.PositionOf(call.Start).Line} of {Path.GetFileName(tree.Path)} names attributes by a text";
                }
            }

            // getattr(net, name).register_forward_hook(f)
            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => c is { Function: NameExpression { Name: "getattr" }, Arguments: [_, { Value: not StringExpression and var named }, ..] } && IsChanged(tree, c) && MayBe(named, attribute)
                && !(tree.Method(c) is ({ } type, { } method) && c.Arguments[0].Value is NameExpression { Name: var self } && ClassFamily.Self(method) == self && !family.Members.Contains(new(tree, type)))) is { } taken)
            {
                return $"line {tree.LineOf(taken)} of {Path.GetFileName(tree.Path)} changes or hooks an attribute that it names by a text";
            }

            if (tree.Nodes.OfType<Expression>().FirstOrDefault(n => SetsAtOnce(tree, n) is { } set && (set.Count == 0 ? isNear : set.Contains(attribute))) is { } atOnce)
            {
                return $"line {tree.LineOf(atOnce)} of {Path.GetFileName(tree.Path)} sets attributes by their names, all at once";
            }

            // fuse_modules(m, ["conv", "bn", "act"]) makes every call of it another's, and of a further one none.
            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => KnownNames.Method(Chain.Last(c.Function), Does.Replaces) && c.Arguments.Any(a => Names(a.Value, attribute))) is { } fused)
            {
                return $"line {tree.LineOf(fused)} of {Path.GetFileName(tree.Path)} names it by a text";
            }

            foreach (var text in tree.Nodes.OfType<StringExpression>().Where(s => !s.IsBytes && s.Value.Split('.').Contains(attribute, StringComparer.Ordinal)))
            {
                var named = tree.Parent(text) is SubscriptExpression { Value: AttributeExpression { Name: "_modules" } table } ? table
                    : tree.Parent(text) is Argument a && tree.Parent(a) is CallExpression { Function: var method } && KnownNames.Method(Chain.Last(method), Does.ByName) ? method : null;

                // Of an object of another class it is another's.
                if (named is not null && !(named is AttributeExpression of && ((IsOfSelf(tree, of) && tree.Method(of).Class is { } other && !family.Members.Contains(new(tree, other))) || IsContainer(tree, of.Value))))
                {
                    return $"line {tree.File.PositionOf(text.Start).Line} of {Path.GetFileName(tree.Path)} names it by a text";
                }
            }
        }

        return null;
    }

    /// <summary>Whether an expression stands for a container of torch.nn that is made at hand, whose elements are named there: <c>self.stem = nn.Sequential()</c>.</summary>
    private static bool IsContainer(SourceTree tree, Expression holder)
    {
        static bool IsMade(SourceTree tree, PythonNode by) => by is AssignStatement { Targets.Length: 1, Value: CallExpression made } && tree.Resolve(made.Function) is "torch.nn.Sequential" or "torch.nn.ModuleList" or "torch.nn.ModuleDict";
        return holder switch
        {
            NameExpression name => tree.Find(name.Name, name) is { } binding && binding.All.TrueForAll(b => IsMade(tree, b.By)),
            AttributeExpression a when IsOfSelf(tree, a) && tree.Method(a).Class is { } type => tree.Nodes.OfType<AttributeExpression>().Where(n => n.Name == a.Name && IsTarget(tree, n) && (tree.Method(n).Class == type || !IsOfSelf(tree, n))).ToList() is { Count: > 0 } targets && targets.TrueForAll(t => tree.Parent(t) is { } by && IsMade(tree, by)),
            _ => false,
        };
    }

    /// <summary>Whether a text in an expression names an attribute, by itself or behind dots.</summary>
    private static bool Names(Expression texts, string attribute) => SourceTree.Below(texts).OfType<StringExpression>().Any(s => !s.IsBytes && s.Value.Split('.').Contains(attribute, StringComparer.Ordinal));

    /// <summary>Whether a text is a parameter of a function that all its calls at hand give other texts.</summary>
    private static bool IsGivenOthers(SourceFiles files, SourceTree tree, Expression text, string attribute)
    {
        if (text is not NameExpression name || tree.Find(name.Name, name) is not { All: [{ By: Parameter parameter }] } || tree.Parent(parameter) is not FunctionDefinition function || tree.Parent(function) is not null || parameter.Default is not null)
        {
            return false;
        }

        var position = function.Parameters.IndexOf(parameter);
        var mentions = files.All.SelectMany(t => t.Nodes.OfType<NameExpression>().Where(n => n.Name == function.Name).Select(n => (Tree: t, Node: n))).ToList();
        return mentions.Count > 0 && mentions.TrueForAll(m => m.Tree.Parent(m.Node) is CallExpression call && call.Function == m.Node
            && call.ValueFor(parameter.Name, position) is StringExpression given
            && given.Value != attribute);
    }

    /// <summary>Whether what is read by a name is not only called: a hook, <c>eval()</c>, an attribute of it that is set.</summary>
    private static bool IsChanged(SourceTree tree, CallExpression read) => tree.Parent(read) is AttributeExpression part && (IsTarget(tree, part) || (tree.Parent(part) is CallExpression call && call.Function == part && ChangesFromOutside.IsChanger(part.Name)));

    /// <summary>What <c>net.__dict__["act"] = ...</c> or <c>net.__dict__.update(act=...)</c> sets: the names where they are written out, none for all that cannot be told; null for other nodes.</summary>
    private static List<string>? SetsAtOnce(SourceTree tree, Expression node) => node switch
    {
        SubscriptExpression { Value: AttributeExpression { Name: "__dict__" }, Index: var index } s when IsTarget(tree, s) => index is StringExpression text ? [text.Value] : [],
        CallExpression { Function: AttributeExpression { Name: "update", Value: AttributeExpression { Name: "__dict__" } }, Arguments: var given } => given.All(a => a.Name is not null) ? [.. given.Select(a => a.Name!)]
            : given is [{ Name: null, Stars: 0, Value: DictExpression table }] && table.Keys.All(k => k is StringExpression) ? [.. table.Keys.Cast<StringExpression>().Select(k => k.Value)] : [],
        _ => null,
    };

    /// <summary>Whether attributes of some object are set by their names, all at once: <c>model.__dict__.update(...)</c>.</summary>
    public static bool AreSetAtOnce(SourceFiles files) => files.All.Exists(t => t.Nodes.Any(n => n switch
    {
        AttributeExpression { Name: "__dict__" } d => t.Parent(d) is AttributeExpression { Name: "update" or "setdefault" or "pop" or "clear" } || (t.Parent(d) is SubscriptExpression s && IsTarget(t, s)) || IsTarget(t, d),
        CallExpression { Function: NameExpression { Name: "vars" } } v => t.Parent(v) is AttributeExpression { Name: "update" or "setdefault" or "pop" or "clear" } || (t.Parent(v) is SubscriptExpression s && IsTarget(t, s)),
        _ => false,
    }));

    /// <summary>Whether a name comes from a walk over modules, which is asked by itself.</summary>
    private static bool IsOfWalk(SourceTree tree, Expression text) => text is NameExpression name && tree.Ancestors(name).OfType<ForStatement>().Any(l => l is { Target: TupleExpression { Elements: [NameExpression walked, ..] }, Iterable: var over } && walked.Name == name.Name
        && SourceTree.Below(over).OfType<AttributeExpression>().Any(a => a.Name is "named_children" or "named_modules" or "_modules"));

    /// <summary>Whether a text that is put together may be this name.</summary>
    private static bool MayBe(Expression text, string attribute) => text switch
    {
        StringExpression s => s.Value == attribute,
        FormattedStringExpression { Parts: [StringExpression head, ..] } => attribute.StartsWith(head.Value, StringComparison.Ordinal),
        BinaryExpression { Left: StringExpression head } => attribute.StartsWith(head.Value.Split('%')[0], StringComparison.Ordinal),
        CallExpression { Function: AttributeExpression { Name: "format", Value: StringExpression head } } => attribute.StartsWith(head.Value.Split('{')[0], StringComparison.Ordinal),
        _ => true,
    };
}
