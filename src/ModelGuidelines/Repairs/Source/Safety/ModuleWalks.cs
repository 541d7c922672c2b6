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
    public static string? Walked(SourceFiles files, ClassFamily family, IReadOnlyCollection<string> types)
    {
        var names = family.Members.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);

        // Another file's class may bear the same name: what walks over that one does not see this one.
        bool MayBeOne(SourceTree tree, Expression name) => files.ClassOf(tree, name) is not { } known || family.Members.Contains(known) || tree.Nodes.Exists(n => n is ImportFromStatement { Names: [{ Name: "*" }] });
        types = WithBases(files, types);
        foreach (var tree in files.All.Where(t => t == files.Main || family.Members.Exists(m => m.Tree == t) || files.CallsMaker(t) || t.Nodes.Exists(n => n switch
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

            if (tree.Nodes.OfType<NameExpression>().FirstOrDefault(n => IsMadeText(tree, n) && tree.Method(n) is ({ } type, { } method) && ClassFamily.Self(method) == n.Name && family.Members.Contains(new(tree, type))) is { } text)
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

    /// <summary>The functions at hand that an expression may stand for; none where it is another's.</summary>
    public static List<(SourceTree Tree, FunctionDefinition Function)> FunctionsOf(SourceFiles files, SourceTree tree, Expression expression) => expression switch
    {
        NameExpression name when tree.Find(name.Name, name) is { All: [{ By: FunctionDefinition f }] } => [(tree, f)],
        _ when files.FunctionOf(tree, expression) is { } imported => [imported],
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) && tree.Method(a).Class is { } type && new SourceClass(tree, type).MethodNamed(a.Name) is { } own => [(tree, own)],
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => [.. files.All.SelectMany(t => t.Nodes.OfType<FunctionDefinition>().Where(f => f.Name == a.Name && t.Parent(f) is ClassDefinition).Select(f => (t, f)))],
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
}
