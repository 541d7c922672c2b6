using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Where modules are looked at by other ways than their names, so that a further one would be seen.</summary>
internal static class ModuleWalks
{
    private static readonly HashSet<string> Walks = ["children", "named_children", "modules", "named_modules", "_modules", "get_submodule", "apply", "__dict__"];

    /// <summary>Where modules are walked in a way that a further module would change; null: nowhere.</summary>
    /// <param name="files">All files at hand.</param>
    /// <param name="family">The class that gets a module.</param>
    /// <param name="types">Names of the new module's classes; a walk that asks for other classes does nothing to it.</param>
    /// <param name="hasParameters">Whether it has parameters: an initialisation treats the copy as it treats the first.</param>
    /// <param name="shares">Whether these are the first one's, which a list of parameters would hold twice.</param>
    public static string? Walked(SourceFiles files, ClassFamily family, IReadOnlyCollection<string> types, bool hasParameters = false, bool shares = false)
    {
        var names = family.Members.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);

        // Another file's class may bear the same name: what walks over that one does not see this one.
        bool MayBeOne(SourceTree tree, Expression name) => files.ClassOf(tree, name) is not { } known || family.Members.Contains(known) || tree.Nodes.Exists(n => n is ImportFromStatement { Names: [{ Name: "*" }] });
        types = [.. WithBases(files, types), "ModuleList"];
        var isOfModels = new Func<SourceTree, PythonNode, bool>((t, n) => shares || IsRunByModules(files, family, t, n));
        var near = files.All.FindAll(t => t == files.Main || family.Members.Exists(m => m.Tree == t) || files.CallsMaker(t) || t.Nodes.Exists(n => n switch
        {
            NameExpression e => names.Contains(e.Name) && MayBeOne(t, e),
            AttributeExpression a => names.Contains(a.Name) && MayBeOne(t, a),
            ImportFromStatement i => i.Names.Any(a => names.Contains(a.Name) && (files.ClassImported(t, a) is not { } known || family.Members.Contains(known))),
            _ => false,
        }));
        if (WalkedElsewhere(files, family, near, shares, (t, w) => IsHarmless(files, t, w, hasParameters && !isOfModels(t, w) ? ["ModuleList"] : types, hasParameters, shares)) is { } elsewhere)
        {
            return elsewhere;
        }

        foreach (var tree in near)
        {
            foreach (var attribute in tree.Nodes.OfType<AttributeExpression>().Where(a => Walks.Contains(a.Name)))
            {
                // In classes that can hold none of it, on their own objects.
                if (AttributeUses.IsOfSelf(tree, attribute) && tree.Method(attribute).Class is { } owner && !family.Members.Contains(new(tree, owner)) && attribute.Name is "children" or "named_children" or "_modules" or "__dict__")
                {
                    continue;
                }

                if (attribute.Name == "__dict__" && !AttributeUses.IsOfSelf(tree, attribute))
                {
                    continue; // of arguments, namespaces and the like
                }

                if (IsOfWhatIsHanded(files, family, tree, attribute))
                {
                    continue; // to a part of it, before the part is there
                }

                if (NoWalks.IsNone(files, tree, attribute, tree == files.Main || family.Members.Exists(m => m.Tree == tree)))
                {
                    continue;
                }

                if (!IsHarmless(files, tree, attribute, hasParameters && !isOfModels(tree, attribute) ? ["ModuleList"] : types, hasParameters, shares))
                {
                    return $"line {tree.File.PositionOf(attribute.Start).Line} of {Path.GetFileName(tree.Path)} walks over modules ('{attribute.Name}'), where a further one would be seen";
                }
            }

            if (shares && SharedEntries.Twice(files, tree, tree.Nodes) is { } twice)
            {
                return twice;
            }

            // Its text lists its modules too, also where it is handed to another.
            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => c.Function is NameExpression { Name: "str" or "repr" } && c.Arguments is [{ Value: NameExpression given }] && tree.Find(given.Name, given) is { All: [{ By: Parameter }] }
                && tree.Method(c).Method is { Name: "__init__" } init && SourceTree.Below(init).OfType<AssignStatement>().Any(s => s.Value is NameExpression held && held.Name == given.Name && s.Targets.Any(t => t is AttributeExpression))) is { } written)
            {
                return $"line {tree.File.PositionOf(written.Start).Line} of {Path.GetFileName(tree.Path)} makes a text of what may be the module";
            }

            if (tree.Nodes.OfType<NameExpression>().FirstOrDefault(n => IsMadeText(tree, n) && tree.Method(n) is ({ } type, { } method) && ClassFamily.Self(method) == n.Name && family.Members.Contains(new(tree, type))) is { } text)
            {
                return $"line {tree.File.PositionOf(text.Start).Line} of {Path.GetFileName(tree.Path)} looks at the module as a whole";
            }

            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => c.Function is NameExpression { Name: "type" } && c.Arguments.Length == 3 && SourceTree.Below(c.Arguments[1].Value).OfType<NameExpression>().Any(n => names.Contains(n.Name))) is { } made)
            {
                return $"line {tree.File.PositionOf(made.Start).Line} of {Path.GetFileName(tree.Path)} makes a class of it that cannot be followed";
            }

            foreach (var call in tree.Nodes.OfType<CallExpression>().Where(c => c.Function is NameExpression { Name: "vars" or "dir" } && (c.Arguments.Length != 1 || (tree.Resolve(c.Arguments[0].Value) is null && !NoWalks.IsOfCommandLine(files, tree, c.Arguments[0].Value)))))
            {
                return $"line {tree.File.PositionOf(call.Start).Line} of {Path.GetFileName(tree.Path)} walks over attributes";
            }
        }

        return null;
    }

    /// <summary>Where what knows the class hands an object to a function or class elsewhere that goes through the layers of what it is handed: <c>LayerGetter(resnet(), "layer4")</c>.</summary>
    private static string? WalkedElsewhere(SourceFiles files, ClassFamily family, List<SourceTree> near, bool shares, Func<SourceTree, AttributeExpression, bool> isHarmless)
    {
        var pending = new Stack<(SourceTree Tree, CallExpression Call, (SourceTree Tree, PythonNode Definition)? Behind)>(near.SelectMany(t => files.CallsElsewhere(t).Select(c => (t, c.Call, c.Behind))));
        var asked = new HashSet<PythonNode>();
        while (pending.TryPop(out var at))
        {
            var (tree, call, behind) = at;
            if (!call.Arguments.Any(a => MayHold(family, tree, a.Value)))
            {
                continue;
            }

            if (behind is not var (there, definition))
            {
                return $"line {tree.LineOf(call)} of {Path.GetFileName(tree.Path)} goes through the layers of a module ('{Chain.Last(call.Function)}'), where a further one would be seen";
            }

            if (near.Contains(there) || !asked.Add(definition))
            {
                continue;
            }

            foreach (var walk in SourceTree.Below(definition).OfType<AttributeExpression>().Where(a => a.Name is "children" or "named_children" or "modules" or "named_modules" or "_modules" or "apply"))
            {
                if (Chain.Name(walk) is { } name && there.Find(name, walk) is { All: [{ By: Parameter }] } && !AttributeUses.IsOfSelf(there, walk) && !NoWalks.IsNone(files, there, walk, isOfFamily: false) && !isHarmless(there, walk))
                {
                    return $"line {there.LineOf(walk)} of {Path.GetFileName(there.Path)} walks over modules ('{walk.Name}'), where a further one would be seen";
                }
            }

            if (shares && SharedEntries.Twice(files, there, SourceTree.Below(definition)) is { } twice)
            {
                return twice;
            }

            files.CallsElsewhere(there).FindAll(c => c.Call.Start >= definition.Start && c.Call.End <= definition.End).ForEach(c => pending.Push((there, c.Call, c.Behind)));
        }

        return null;
    }

    /// <summary>Whether what is handed on may hold an object of the class: not what is written out, a library's own model, or an object that cannot be one.</summary>
    private static bool MayHold(ClassFamily family, SourceTree tree, Expression given) => given switch
    {
        StringExpression or NumberExpression or ConstantExpression or FormattedStringExpression or CompareExpression or LambdaExpression => false,
        ListExpression or TupleExpression or DictExpression => PythonTree.Children(given).OfType<Expression>().Any(e => MayHold(family, tree, e)),
        NameExpression name when tree.Method(name) is ({ } type, { } method) && ClassFamily.Self(method) == name.Name => family.Members.Contains(new(tree, type)),
        NameExpression name when tree.Find(name.Name, name) is { } binding => binding.All.Exists(b => b.By is not AssignStatement { Targets: [NameExpression], Value: var value } || value is not CallExpression made || !IsOfLibrary(tree, made)),
        CallExpression made => !IsOfLibrary(tree, made),
        _ => true,
    };

    private static bool IsOfLibrary(SourceTree tree, CallExpression made) => Chain.Root(made.Function) is var root && tree.Resolve(root) is { } path && path.Split('.')[0] is "torchvision" or "torch" or "timm" or "numpy";

    /// <summary>Whether an object is made a text, or asked for its length: <c>str(self)</c>, <c>f"{self}"</c>, <c>"%s" % self</c>.</summary>
    private static bool IsMadeText(SourceTree tree, NameExpression name) => tree.Parent(name) switch
    {
        FormattedValueExpression => true,
        BinaryExpression { Operator: PythonOperator.Modulo, Right: var right } => right == name,
        TupleExpression t => tree.Parent(t) is BinaryExpression { Operator: PythonOperator.Modulo, Right: TupleExpression },
        Argument a => tree.Parent(a) is CallExpression { Function: NameExpression { Name: "str" or "repr" or "len" or "format" or "list" or "iter" or "sorted" } or AttributeExpression { Name: "format" or "write" or "encode" } },
        _ => false,
    };

    /// <summary>The names with those of the classes that they derive from: <c>isinstance</c> holds for these too.</summary>
    private static HashSet<string> WithBases(SourceFiles files, IReadOnlyCollection<string> types)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>(types);
        while (next.TryDequeue(out var name))
        {
            if (names.Add(name))
            {
                foreach (var given in files.All.SelectMany(t => t.Nodes.OfType<ClassDefinition>().Where(c => c.Name == name).SelectMany(c => c.Arguments.Where(a => a.Name is null).Select(a => LastPart(t.Text(a.Value))))))
                {
                    next.Enqueue(given);
                }
            }
        }

        return names;
    }

    /// <summary>A walk over <c>self.net</c> in a class that the family alone makes, in its constructors, and hands what it was handed itself: no object of the family is in that.</summary>
    private static bool IsOfWhatIsHanded(SourceFiles files, ClassFamily family, SourceTree tree, AttributeExpression walk)
    {
        if (walk.Value is not AttributeExpression held || !AttributeUses.IsOfSelf(tree, held) || tree.Method(walk).Class is not { } owner || family.Members.Contains(new(tree, owner))
            || tree.Nodes.OfType<AttributeExpression>().Where(a => a.Name == held.Name && AttributeUses.IsTarget(tree, a) && !(AttributeUses.IsOfSelf(tree, a) && tree.Method(a).Class != owner)).ToList() is not [var target]
            || tree.Parent(target) is not AssignStatement { Targets.Length: 1, Value: NameExpression given } || tree.Method(target) is not ({ } same, { Name: "__init__" } init) || same != owner
            || tree.Find(given.Name, given) is not { All: [{ By: Parameter parameter }] } || init.Parameters.IndexOf(parameter) is var position && position < 1)
        {
            return false;
        }

        // Nobody at hand hands one of the family to another.
        bool IsMember(SourceTree t, Expression e) => e is CallExpression { Function: var f } && files.ClassOf(t, f) is { } of && family.Members.Contains(of);
        if (files.All.Exists(t => t.Nodes.OfType<CallExpression>().Any(c => IsMember(t, c) && c.Arguments.Any(a => SourceTree.Below(a).Any(n => (n is CallExpression inner && IsMember(t, inner))
            || (n is NameExpression name && t.Find(name.Name, name) is { } binding && binding.All.Exists(b => b.By is AssignStatement { Value: var value } && SourceTree.Below(value).OfType<CallExpression>().Any(h => IsMember(t, h)))))))))
        {
            return false;
        }

        var made = files.All.SelectMany(t => t.Nodes.OfType<NameExpression>().Where(n => n.Name == owner.Name && t.Parent(n) is not Argument { Name: "metaclass" }).Select(n => (Tree: t, Node: n))).Where(m => files.ClassOf(m.Tree, m.Node) == new SourceClass(tree, owner)).ToList();
        return made.Count > 0 && made.TrueForAll(m => m.Tree.Parent(m.Node) is CallExpression call && call.Function == m.Node && m.Tree.Method(call) is ({ } maker, { Name: "__init__" } constructor) && family.Members.Contains(new(m.Tree, maker))
            && call.ValueFor(parameter.Name, position - 1) is NameExpression passed
            && m.Tree.Find(passed.Name, passed) is { All: [{ By: Parameter own }] } && constructor.Parameters.Contains(own));
    }

    /// <summary>A walk that only acts on modules of certain classes, none of them the new module's: <c>for m in self.modules(): if isinstance(m, nn.Conv2d): ...</c></summary>
    private static bool IsHarmless(SourceFiles files, SourceTree tree, AttributeExpression walk, IReadOnlyCollection<string> types, bool hasParameters, bool shares)
    {
        var byName = walk is { Name: "named_modules", Value: NameExpression whole } && tree.Parent(walk) is { } walking && tree.Parent(walking) is ForStatement { Target: TupleExpression { Elements: [NameExpression dotted, _] } } ? new SubmodulesByName(files, whole.Name, dotted.Name) : null;
        bool Spares(SourceTree of, PythonNode around, IEnumerable<Statement> body, string module) => new ActsOnOthers(of, types, byName).Only(body, module) || (hasParameters && new ActsOnEach(files, shares).Only(of, around, body, module));
        bool AllSpare(List<(SourceTree Tree, FunctionDefinition Function)> functions) => functions.Count > 0
            && functions.TrueForAll(f => f.Function.Parameters.Where(p => p.Name != "self").Select(p => p.Name).FirstOrDefault() is { } parameter && Spares(f.Tree, f.Function, f.Function.Body, parameter));
        if (tree.Parent(walk) is not CallExpression call || call.Function != walk)
        {
            return false;
        }

        if (walk.Name == "apply")
        {
            return call.Arguments is [{ Value: var given }] && AllSpare(FunctionsOf(files, tree, Applied(tree, given)));
        }

        string? Walker(Expression target) => target switch
        {
            NameExpression n when !walk.Name.StartsWith("named", StringComparison.Ordinal) => n.Name,
            TupleExpression { Elements: [NameExpression, NameExpression n] } when walk.Name.StartsWith("named", StringComparison.Ordinal) => n.Name,
            _ => null,
        };

        // [m for m in self.modules() if isinstance(m, nn.Conv2d)]
        if (tree.Parent(call) is ComprehensionClause { Conditions: [var first, ..] } clause && clause.Iterable == call)
        {
            return Walker(clause.Target) is { } walked && new ActsOnOthers(tree, types).IsTest(first, walked);
        }

        return tree.Parent(call) is ForStatement { OrElse.IsEmpty: true } loop && loop.Iterable == call && Walker(loop.Target) is { } module && (Spares(tree, loop, loop.Body, module)
            || (loop.Body is [ExpressionStatement { Value: CallExpression { Arguments: [{ Name: null, Stars: 0, Value: NameExpression handed }, .. var others] } of }] && handed.Name == module && others.All(o => !SourceTree.Below(o).OfType<NameExpression>().Any(n => n.Name == module))
                && AllSpare(FunctionsOf(files, tree, of.Function))));
    }

    /// <summary>Whether code runs when a module is made or called, so that what it makes of others' modules may be what the module computes.</summary>
    private static bool IsRunByModules(SourceFiles files, ClassFamily family, SourceTree tree, PythonNode node)
    {
        if (tree.Method(node) is not (var type, { } method))
        {
            return false;
        }

        if (type is null)
        {
            return files.All.Exists(t => t.Nodes.OfType<CallExpression>().Any(c => Chain.Last(c.Function) == method.Name && t.Method(c).Class is { } user && new SourceClass(t, user).MethodNamed("forward") is not null));
        }

        if (!family.Members.Contains(new(tree, type)) && new SourceClass(tree, type).MethodNamed("forward") is null)
        {
            return false;
        }

        var methods = new SourceClass(tree, type).Methods.ToLookup(m => m.Name, StringComparer.Ordinal);
        var (reached, pending) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>(methods.Select(m => m.Key).Where(n => n == "forward" || n.StartsWith("__", StringComparison.Ordinal))));
        while (pending.TryPop(out var name))
        {
            if (reached.Add(name))
            {
                methods[name].SelectMany(m => ClassFamily.Calls(tree, m)).ToList().ForEach(pending.Push);
            }
        }

        return reached.Contains(method.Name);
    }

    /// <summary>The function of a <c>partial(self._init_weights, needs_reset=True)</c>, which gets the module as its first argument still.</summary>
    private static Expression Applied(SourceTree tree, Expression given) =>
        given is CallExpression { Arguments: [{ Name: null, Stars: 0, Value: var function }, .. var named] } partial && tree.Resolve(partial.Function) is "functools.partial" && named.All(a => a.Name is not null) ? function : given;

    /// <summary>The functions at hand that an expression may stand for; none where it is another's.</summary>
    public static List<(SourceTree Tree, FunctionDefinition Function)> FunctionsOf(SourceFiles files, SourceTree tree, Expression expression) => expression switch
    {
        NameExpression name when tree.Find(name.Name, name) is { All: [{ By: FunctionDefinition f }] } => [(tree, f)],

        // Functions of which one is given, by a setting or by a function that makes it.
        NameExpression name when tree.Find(name.Name, name) is { } several && several.All.TrueForAll(b => b.By is FunctionDefinition) => [.. several.All.Select(b => (tree, (FunctionDefinition)b.By))],
        NameExpression name when tree.Find(name.Name, name) is { All: [{ By: AssignStatement { Targets: [NameExpression], Value: CallExpression made } }] } && FunctionsOf(files, tree, made.Function) is [var maker] => MadeBy(maker.Tree, maker.Function),
        _ when files.FunctionOf(tree, expression) is { } imported => [imported],
        AttributeExpression a when tree.Method(a).Class is { } type && (AttributeUses.IsOfSelf(tree, a) || (a.Value is NameExpression own && own.Name == type.Name && files.ClassOf(tree, own) == new SourceClass(tree, type))) && new SourceClass(tree, type).MethodNamed(a.Name) is { } method => [(tree, method)],
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => [.. files.All.SelectMany(t => t.Nodes.OfType<FunctionDefinition>().Where(f => f.Name == a.Name && t.Parent(f) is ClassDefinition).Select(f => (t, f)))],
        _ => [],
    };

    /// <summary>The functions that a function makes and gives; none where it gives anything else.</summary>
    private static List<(SourceTree Tree, FunctionDefinition Function)> MadeBy(SourceTree tree, FunctionDefinition maker)
    {
        var given = SourceTree.Below(maker).OfType<ReturnStatement>().Where(r => tree.Ancestors(r).OfType<FunctionDefinition>().First() == maker).Select(r => r.Value is NameExpression name && tree.Find(name.Name, name) is { } binding && binding.All.TrueForAll(b => b.By is FunctionDefinition made && made != maker) ? binding.All.ConvertAll(b => (FunctionDefinition)b.By) : []).ToList();
        return given.TrueForAll(g => g.Count > 0) ? given.SelectMany(g => g).Distinct().Select(f => (tree, f)).ToList() : [];
    }

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
