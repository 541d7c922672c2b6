using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>How the files at hand use an attribute, and whether they look at modules by other ways than their names.</summary>
internal static class AttributeUses
{
    private static readonly HashSet<string> Walks = ["children", "named_children", "modules", "named_modules", "_modules", "get_submodule", "apply", "__dict__"];
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
                if (call.Arguments[1].Value is StringExpression text ? text.Value == attribute : isNear && !isOfOthers && MayBe(call.Arguments[1].Value, attribute) && !IsGivenOthers(files, tree, call.Arguments[1].Value, attribute) && ((NameExpression)call.Function).Name is not ("hasattr" or "getattr"))
                {
                    return $"line {tree.File.PositionOf(call.Start).Line} of {Path.GetFileName(tree.Path)} names attributes by a text";
                }
            }

            foreach (var text in tree.Nodes.OfType<StringExpression>().Where(s => !s.IsBytes && s.Value.Split('.').Contains(attribute, StringComparer.Ordinal)))
            {
                if (tree.Parent(text) is SubscriptExpression { Value: AttributeExpression { Name: "_modules" } } || (tree.Parent(text) is Argument a && tree.Parent(a) is CallExpression { Function: AttributeExpression { Name: "get_submodule" or "add_module" or "register_module" or "__setattr__" } }))
                {
                    return $"line {tree.File.PositionOf(text.Start).Line} of {Path.GetFileName(tree.Path)} names it by a text";
                }
            }
        }

        return null;
    }

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

    /// <summary>Why a further module in a class may be passed by, or be another than its class says; null where it is not.</summary>
    /// <param name="files">All files at hand.</param>
    /// <param name="family">The class that gets a module.</param>
    /// <param name="hasParameters">Whether the module has parameters.</param>
    public static string? Hazard(SourceFiles files, ClassFamily family, bool hasParameters) => LooksUp(family) ?? Patched(files) ?? (hasParameters ? Counts(family) : null);

    /// <summary>A class that looks up or sets attributes, or is made, in a way that may pass by a new one; null: none.</summary>
    public static string? LooksUp(ClassFamily family)
    {
        foreach (var type in family.Members)
        {
            if (type.Methods.FirstOrDefault(m => m.Name is "__getattr__" or "__setattr__" or "__getattribute__" or "__delattr__" && !GoesOn(m)) is { })
            {
                return $"class '{type.Name}' looks up its attributes in its own way";
            }

            if (type.MethodNamed("__init_subclass__") is not null || type.Node.Arguments.Any(a => a.Name == "metaclass" && type.Tree.Text(a.Value) is var meta && meta[(meta.LastIndexOf('.') + 1)..] is not "ABCMeta"))
            {
                return $"class '{type.Name}' has a say in how its classes are made";
            }

            if (type.Node.Decorators.FirstOrDefault(d => Changes(type.Tree, d)) is { } decorator)
            {
                return $"'{type.Tree.Text(decorator)}' changes class '{type.Name}'";
            }
        }

        return null;
    }

    /// <summary>What first of all goes on to the module's own way treats a new attribute as those that are there.</summary>
    private static bool GoesOn(FunctionDefinition method) => method.Body.SkipWhile(s => s is ExpressionStatement { Value: StringExpression }).ToList() switch
    {
        [ReturnStatement { Value: { } value }] => IsOwnWay(value, method),
        [TryStatement { Body: [ReturnStatement { Value: { } value }] }] => IsOwnWay(value, method),
        [ExpressionStatement { Value: var value }] => IsOwnWay(value, method),
        _ => false,
    };

    private static bool IsOwnWay(Expression value, FunctionDefinition method) =>
        value is CallExpression { Function: AttributeExpression { Value: CallExpression { Function: NameExpression { Name: "super" } }, Name: var name } } call && name == method.Name
        && call.Arguments.Select(a => a is { Name: null, Stars: 0, Value: NameExpression n } ? n.Name : null).SequenceEqual(method.Parameters.Skip(1).Select(p => p.Name), StringComparer.Ordinal);

    /// <summary>Whether a decorator whose code is at hand writes attributes of the class or makes another.</summary>
    private static bool Changes(SourceTree tree, Expression decorator)
    {
        var function = decorator is CallExpression call ? call.Function : decorator;
        return function is NameExpression name && tree.Find(name.Name, name) is { All: [{ By: FunctionDefinition made }] }
            && SourceTree.Below(made).Any(n => n is ClassDefinition or CallExpression { Function: NameExpression { Name: "setattr" or "type" } } || (n is AttributeExpression a && IsTarget(tree, a)));
    }

    /// <summary>Where something of a library itself is replaced, as <c>nn.ReLU = Swish</c>; null: nowhere.</summary>
    private static string? Patched(SourceFiles files)
    {
        foreach (var tree in files.All)
        {
            if (tree.Nodes.OfType<AttributeExpression>().FirstOrDefault(a => IsTarget(tree, a) && tree.Resolve(a) is { } path && path.StartsWith("torch.", StringComparison.Ordinal) && !path.StartsWith("torch.backends.", StringComparison.Ordinal)) is { } patched)
            {
                return $"line {tree.File.PositionOf(patched.Start).Line} of {Path.GetFileName(tree.Path)} replaces '{tree.Text(patched)}'";
            }

            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => c.Function is NameExpression { Name: "setattr" } && c.Arguments.Length > 0 && tree.Resolve(c.Arguments[0].Value) is { } path && path.StartsWith("torch", StringComparison.Ordinal)) is { } set)
            {
                return $"line {tree.File.PositionOf(set.Start).Line} of {Path.GetFileName(tree.Path)} replaces what a name of torch stands for";
            }
        }

        return null;
    }

    /// <summary>Whether a file hands its code to TorchScript's compiler, which knows a part of Python: no list of modules by a number that is counted.</summary>
    public static bool IsCompiled(SourceTree tree) => tree.Nodes.Any(n => n switch
    {
        AttributeExpression a => tree.Resolve(a) is { } path && path.StartsWith("torch.jit.", StringComparison.Ordinal),
        NameExpression { Name: "__constants__" } => true,
        NameExpression name => tree.Resolve(name) is { } path && path.StartsWith("torch.jit.", StringComparison.Ordinal),
        _ => false,
    });

    /// <summary>Where running the class looks at its parameters as a whole, of which there would be more; null: nowhere.</summary>
    private static string? Counts(ClassFamily family)
    {
        var reached = family.Reached(["forward"]);
        foreach (var (type, method) in family.Members.SelectMany(c => c.Methods.Where(m => reached.Contains(m.Name)).Select(m => (c, m))))
        {
            if (method.Body.SelectMany(SourceTree.Below).OfType<AttributeExpression>().FirstOrDefault(a => a.Name is "parameters" or "named_parameters" or "buffers" or "named_buffers" or "state_dict" && IsOfSelf(type.Tree, a)) is { } use)
            {
                return $"line {type.Tree.File.PositionOf(use.Start).Line} of {Path.GetFileName(type.Tree.Path)} looks at all parameters of the module when it runs";
            }
        }

        return null;
    }

    /// <summary>Whether attributes of some object are set by their names, all at once: <c>model.__dict__.update(...)</c>.</summary>
    public static bool AreSetAtOnce(SourceFiles files) => files.All.Exists(t => t.Nodes.Any(n => n switch
    {
        AttributeExpression { Name: "__dict__" } d => t.Parent(d) is AttributeExpression { Name: "update" or "setdefault" or "pop" or "clear" } || (t.Parent(d) is SubscriptExpression s && IsTarget(t, s)) || IsTarget(t, d),
        CallExpression { Function: NameExpression { Name: "vars" } } v => t.Parent(v) is AttributeExpression { Name: "update" or "setdefault" or "pop" or "clear" } || (t.Parent(v) is SubscriptExpression s && IsTarget(t, s)),
        _ => false,
    }));

    /// <summary>Where modules are walked in a way that a further module would change; null: nowhere.</summary>
    /// <param name="files">All files at hand.</param>
    /// <param name="family">The class that gets a module.</param>
    /// <param name="types">Names of the new module's classes; a walk that asks for other classes does nothing to it.</param>
    public static string? Walked(SourceFiles files, ClassFamily family, IReadOnlyCollection<string> types)
    {
        var names = family.Members.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);

        // Another file's class may bear the same name: what walks over that one does not see this one.
        bool MayBeOne(SourceTree tree, Expression name) => files.ClassOf(tree, name) is not { } known || family.Members.Contains(known) || tree.Nodes.Exists(n => n is ImportFromStatement { Names: [{ Name: "*" }] });
        types = WithBases(files, types);
        foreach (var tree in files.All.Where(t => t == files.Main || family.Members.Exists(m => m.Tree == t) || t.Nodes.Exists(n => n switch
        {
            NameExpression e => names.Contains(e.Name) && MayBeOne(t, e),
            AttributeExpression a => names.Contains(a.Name) && MayBeOne(t, a),
            ImportFromStatement i => i.Names.Any(a => names.Contains(a.Name) && (files.ClassImported(t, a) is not { } known || family.Members.Contains(known))),
            _ => false,
        })))
        {
            foreach (var attribute in tree.Nodes.OfType<AttributeExpression>().Where(a => Walks.Contains(a.Name)))
            {
                // In classes that can hold none of it, on their own objects.
                if (IsOfSelf(tree, attribute) && tree.Method(attribute).Class is { } owner && !family.Members.Contains(new(tree, owner)) && attribute.Name is "children" or "named_children" or "_modules" or "__dict__")
                {
                    continue;
                }

                if (attribute.Name == "__dict__" && !IsOfSelf(tree, attribute))
                {
                    continue; // of arguments, namespaces and the like
                }

                if (IsOfWhatIsHanded(files, family, tree, attribute))
                {
                    continue; // to a part of it, before the part is there
                }

                if (!IsHarmless(files, tree, attribute, types))
                {
                    return $"line {tree.File.PositionOf(attribute.Start).Line} of {Path.GetFileName(tree.Path)} walks over modules ('{attribute.Name}'), where a further one would be seen";
                }
            }

            // Its text lists its modules too, also where it is handed to another.
            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => c.Function is NameExpression { Name: "str" or "repr" } && c.Arguments is [{ Value: NameExpression given }] && tree.Find(given.Name, given) is { All: [{ By: Parameter }] }
                && tree.Method(c).Method is { Name: "__init__" } init && SourceTree.Below(init).OfType<AssignStatement>().Any(s => s.Value is NameExpression held && held.Name == given.Name && s.Targets.Any(t => t is AttributeExpression))) is { } written)
            {
                return $"line {tree.File.PositionOf(written.Start).Line} of {Path.GetFileName(tree.Path)} makes a text of what may be the module";
            }

            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => c.Function is NameExpression { Name: "str" or "repr" or "len" } && c.Arguments is [{ Value: NameExpression self }] && tree.Method(c) is ({ } type, { } method) && ClassFamily.Self(method) == self.Name && family.Members.Contains(new(tree, type))) is { } text)
            {
                return $"line {tree.File.PositionOf(text.Start).Line} of {Path.GetFileName(tree.Path)} looks at the module as a whole";
            }

            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => c.Function is NameExpression { Name: "type" } && c.Arguments.Length == 3 && SourceTree.Below(c.Arguments[1].Value).OfType<NameExpression>().Any(n => names.Contains(n.Name))) is { } made)
            {
                return $"line {tree.File.PositionOf(made.Start).Line} of {Path.GetFileName(tree.Path)} makes a class of it that cannot be followed";
            }

            foreach (var call in tree.Nodes.OfType<CallExpression>().Where(c => c.Function is NameExpression { Name: "vars" or "dir" } && (c.Arguments.Length != 1 || tree.Resolve(c.Arguments[0].Value) is null)))
            {
                return $"line {tree.File.PositionOf(call.Start).Line} of {Path.GetFileName(tree.Path)} walks over attributes";
            }
        }

        return null;
    }

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
        if (walk.Value is not AttributeExpression held || !IsOfSelf(tree, held) || tree.Method(walk).Class is not { } owner || family.Members.Contains(new(tree, owner))
            || tree.Nodes.OfType<AttributeExpression>().Where(a => a.Name == held.Name && IsTarget(tree, a) && !(IsOfSelf(tree, a) && tree.Method(a).Class != owner)).ToList() is not [var target]
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
    private static bool IsHarmless(SourceFiles files, SourceTree tree, AttributeExpression walk, IReadOnlyCollection<string> types)
    {
        if (tree.Parent(walk) is not CallExpression call || call.Function != walk)
        {
            return false;
        }

        if (walk.Name == "apply")
        {
            return call.Arguments is [{ Value: var given }] && Applied(tree, given) is var applied && FunctionsOf(files, tree, applied) is { Count: > 0 } functions
                && functions.TrueForAll(f => f.Function.Parameters.Where(p => p.Name != "self").Select(p => p.Name).FirstOrDefault() is { } parameter && ActsOnOthersOnly(f.Tree, f.Function.Body, parameter, types));
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
            return Walker(clause.Target) is { } walked && IsTestOfOthers(tree, first, walked, types);
        }

        return tree.Parent(call) is ForStatement { OrElse.IsEmpty: true } loop && loop.Iterable == call && Walker(loop.Target) is { } module && (ActsOnOthersOnly(tree, loop.Body, module, types)
            || (loop.Body is [ExpressionStatement { Value: CallExpression { Arguments: [{ Name: null, Stars: 0, Value: NameExpression handed }, .. var others] } of }] && handed.Name == module && others.All(o => !SourceTree.Below(o).OfType<NameExpression>().Any(n => n.Name == module))
                && FunctionsOf(files, tree, of.Function) is { Count: > 0 } acting && acting.TrueForAll(f => f.Function.Parameters.Where(p => p.Name != "self").Select(p => p.Name).FirstOrDefault() is { } parameter && ActsOnOthersOnly(f.Tree, f.Function.Body, parameter, types))));
    }

    /// <summary>The function of a <c>partial(self._init_weights, needs_reset=True)</c>, which gets the module as its first argument still.</summary>
    private static Expression Applied(SourceTree tree, Expression given) =>
        given is CallExpression { Arguments: [{ Name: null, Stars: 0, Value: var function }, .. var named] } partial && tree.Resolve(partial.Function) is "functools.partial" && named.All(a => a.Name is not null) ? function : given;

    private static List<(SourceTree Tree, FunctionDefinition Function)> FunctionsOf(SourceFiles files, SourceTree tree, Expression expression) => expression switch
    {
        NameExpression name when tree.Find(name.Name, name) is { All: [{ By: FunctionDefinition f }] } => [(tree, f)],
        _ when files.FunctionOf(tree, expression) is { } imported => [imported],
        AttributeExpression a when IsOfSelf(tree, a) && tree.Method(a).Class is { } type && new SourceClass(tree, type).MethodNamed(a.Name) is { } own => [(tree, own)],
        AttributeExpression a when IsOfSelf(tree, a) => [.. files.All.SelectMany(t => t.Nodes.OfType<FunctionDefinition>().Where(f => f.Name == a.Name && t.Parent(f) is ClassDefinition).Select(f => (t, f)))],
        _ => [],
    };

    private static bool ActsOnOthersOnly(SourceTree tree, IEnumerable<Statement> body, string module, IReadOnlyCollection<string> types) => body.TakeWhile(s => !LeavesOut(tree, s, module, types)).All(s => s switch
    {
        IfStatement { OrElse: var rest } i => i.Clauses.All(c => IsTestOfOthers(tree, c.Test, module, types) || c.Body is [ContinueStatement or PassStatement]) && ActsOnOthersOnly(tree, rest, module, types),
        ForStatement { OrElse.IsEmpty: true, Target: NameExpression inner, Iterable: CallExpression { Function: AttributeExpression { Name: "modules" or "children", Value: NameExpression of }, Arguments.IsEmpty: true } } f when of.Name == module => ActsOnOthersOnly(tree, f.Body, inner.Name, types),
        ExpressionStatement { Value: StringExpression } or PassStatement or ContinueStatement => true,
        _ => false,
    });

    /// <summary><c>if not isinstance(m, nn.Conv2d): continue</c></summary>
    private static bool LeavesOut(SourceTree tree, Statement statement, string module, IReadOnlyCollection<string> types) =>
        statement is IfStatement { Clauses: [{ Test: UnaryExpression { Operator: PythonOperator.Not, Operand: var test }, Body: [ContinueStatement or ReturnStatement] }], OrElse.IsEmpty: true } && IsTestOfOthers(tree, test, module, types);

    private static bool IsTestOfOthers(SourceTree tree, Expression test, string module, IReadOnlyCollection<string> types) => test switch
    {
        BooleanExpression { IsAnd: true } b => b.Values.Any(v => IsTestOfOthers(tree, v, module, types)),
        BooleanExpression b => b.Values.All(v => IsTestOfOthers(tree, v, module, types)),
        CallExpression { Function: NameExpression { Name: "isinstance" }, Arguments: [{ Value: NameExpression n }, { Value: var tested }] } when n.Name == module =>
            (tested is TupleExpression t ? t.Elements : [tested]).All(e => LastPart(tree.Text(e)) is var name && name is not ("Module" or "object" or "Sequential" or "ModuleList" or "ModuleDict") && !types.Contains(name, StringComparer.Ordinal) && IsClassName(name)),
        CallExpression { Function: NameExpression { Name: "hasattr" }, Arguments: [{ Value: NameExpression n }, { Value: StringExpression { Value: "init_weights" or "zero_init_last" or "weight" or "bias" or "reset_parameters" or "_init_weights" or "fuse" or "switch_to_deploy" or "reparameterize" } }] } => n.Name == module,
        _ => false,
    };

    private static bool IsClassName(string name) => name.Length > 0 && (char.IsUpper(name[0]) || (name[0] == '_' && name.Length > 1 && char.IsUpper(name[1])));

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];

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
