using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What the objects of a class hold in their attributes that they made themselves: what is changed there is changed for one object only.</summary>
internal sealed class HeldValues
{
    private const int MaxDepth = 12;
    private readonly SourceFiles _files;
    private readonly ClassFamily _family;
    private readonly IReadOnlySet<string> _modules;
    private readonly Dictionary<string, bool> _onlyRead = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Held> _own = new(StringComparer.Ordinal);
    private readonly HashSet<PythonNode> _active = new(ReferenceEqualityComparer.Instance);

    /// <param name="files">All files at hand.</param>
    /// <param name="family">The class.</param>
    /// <param name="modules">Attributes that hold modules, as following the file showed.</param>
    public HeldValues(SourceFiles files, ClassFamily family, IReadOnlySet<string> modules)
    {
        (_files, _family, _modules) = (files, family, modules);
        var made = family.Bases.SelectMany(b => b.Methods.SelectMany(m => SourceTree.Below(m).SelectMany(n => Made(b.Tree, n)).Select(v => (b.Tree, v.Name, v.Value, v.As, v.IsPart)))).ToList();

        // What one attribute gives another is known when that is.
        for (var round = 0; round < 3; round++)
        {
            foreach (var (tree, name, value, kind, isPart) in made)
            {
                var held = kind ?? Of(tree, value);
                _own[name] = _own.GetValueOrDefault(name) | held | (isPart ? held.Element() : Held.Nothing);
            }
        }
    }

    /// <summary>All that is held.</summary>
    public Held All => _own.Keys.Aggregate(Held.Nothing, (held, name) => held | Of(name));

    /// <summary>What an attribute holds.</summary>
    public Held Of(string attribute)
    {
        var held = _own.GetValueOrDefault(attribute);
        held = (held & Held.Collection) != Held.Nothing && !IsOnlyRead(attribute) ? held | Held.Inner : held;
        return _modules.Contains(attribute) ? (held & ~Held.Unknown) | Held.Module : held;
    }

    /// <summary>Whether nobody at hand puts anything into a collection that an attribute of that name holds, or hands it to who may.</summary>
    private bool IsOnlyRead(string attribute) => _onlyRead.TryGetValue(attribute, out var known) ? known
        : _onlyRead[attribute] = _files.All.TrueForAll(t => t.Nodes.OfType<AttributeExpression>().Where(a => a.Name == attribute && t.Resolve(a) is null && !(HeldUses.Facts.Contains(attribute) && !AttributeUses.IsOfSelf(t, a))).All(a => t.Parent(a) switch
        {
            SubscriptExpression s => s.Value == a && !AttributeUses.IsTarget(t, s),
            ForStatement or ComprehensionClause or StarredExpression or CompareExpression or BinaryExpression or IfClause or AssertStatement or FormattedValueExpression or UnaryExpression { Operator: PythonOperator.Not } => true,
            ConditionalExpression c => c.Test == a,
            AssignStatement s => s.Targets.Contains(a) || s.Targets.All(e => e is TupleExpression or ListExpression),
            AnnotatedAssignStatement s => s.Target == a,
            AttributeExpression m => t.Parent(m) is CallExpression call && call.Function == m && KnownNames.Method(m.Name, Does.Collection),
            Argument { Stars: 1 } => true,
            Argument g => t.Parent(g) is CallExpression { Function: var f } && (f is AttributeExpression { Name: var of } && t.Resolve(f) is null ? KnownNames.Method(of, Does.Part | Does.Text | Does.Number) && !KnownNames.Method(of, Does.Changes)
                : f is NameExpression { Name: var name } && t.Find(name, f) is null ? KnownNames.Function(name, Does.Asks | Does.Pure | Does.Part | Does.Value)
                : t.Resolve(f) is { } path && path.StartsWith("torch.", StringComparison.Ordinal) && !KnownNames.IsInPlace(path)),
            _ => false,
        }));

    /// <summary>What a function returns that it made itself.</summary>
    public Held Returned(SourceTree tree, FunctionDefinition function, int depth = 0)
    {
        if (!_active.Add(function))
        {
            return Held.Nothing;
        }

        var held = !function.Decorators.IsEmpty && !function.Decorators.All(d => d is NameExpression { Name: "property" or "staticmethod" or "classmethod" }) || SourceTree.Below(function).Any(n => n is YieldExpression) ? Held.AnyUnknown
            : SourceTree.Below(function).OfType<ReturnStatement>().Aggregate(Held.Nothing, (all, r) => all | Of(tree, r.Value, depth + 1));
        _active.Remove(function);
        return held;
    }

    /// <summary>What a node gives an attribute; a part of the value where it is taken apart.</summary>
    private static IEnumerable<(string Name, Expression? Value, Held? As, bool IsPart)> Made(SourceTree tree, PythonNode node) => node switch
    {
        AssignStatement s => s.Targets.SelectMany(t => To(tree, t, s.Value)),
        AnnotatedAssignStatement { Value: { } value } s => To(tree, s.Target, value),
        AugmentedAssignStatement s => To(tree, s.Target, s.Value),
        ForStatement s => To(tree, s.Target, null),
        WithItem { Target: { } target } => To(tree, target, null),
        CallExpression { Function: AttributeExpression { Name: var name } a, Arguments: [{ Value: StringExpression { Value: var attribute } }, ..] } when AttributeUses.IsOfSelf(tree, a) => name switch
        {
            "register_buffer" => [(attribute, null, Held.Tensor, false)],
            "register_parameter" => [(attribute, null, Held.Parameter, false)],
            "add_module" or "register_module" => [(attribute, null, Held.Module, false)],
            _ => [],
        },
        CallExpression { Function: NameExpression { Name: "setattr" }, Arguments: [_, { Value: StringExpression { Value: var attribute } }, { Value: var value }] } => [(attribute, value, null, false)],
        _ => [],
    };

    private static IEnumerable<(string Name, Expression? Value, Held? As, bool IsPart)> To(SourceTree tree, Expression target, Expression? value, bool isPart = false) => target switch
    {
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => [(a.Name, value, value is null ? Held.AnyUnknown : null, isPart)],
        TupleExpression t => t.Elements.SelectMany((e, i) => value is TupleExpression v && v.Elements.Length == t.Elements.Length && !v.Elements.Concat(t.Elements).Any(p => p is StarredExpression) ? To(tree, e, v.Elements[i], isPart) : To(tree, e, value, isPart: true)),
        ListExpression l => l.Elements.SelectMany(e => To(tree, e, value, isPart: true)),
        StarredExpression s => To(tree, s.Value, value, isPart: true),
        _ => [],
    };

    /// <summary>What evaluating an expression in some method makes.</summary>
    public Held Of(SourceTree tree, Expression? value, int depth = 0) => depth > MaxDepth ? Held.AnyUnknown : value switch
    {
        null or NumberExpression or StringExpression or ConstantExpression or FormattedStringExpression or CompareExpression or SliceExpression => Held.Nothing,
        TupleExpression t => Any(tree, t.Elements, depth).Inside(),
        ListExpression l => Held.Collection | Any(tree, l.Elements, depth).Inside(),
        SetExpression s => Held.Collection | Any(tree, s.Elements, depth).Inside(),
        DictExpression d => Held.Collection | Any(tree, d.Values, depth).Inside(),
        ComprehensionExpression c => (c.Kind is ComprehensionKind.Generator ? Held.Unknown : Held.Collection) | Of(tree, c.Value ?? c.Element, depth + 1).Inside(),
        StarredExpression s => Of(tree, s.Value, depth + 1).Element(),
        UnaryExpression u => Of(tree, u.Operand, depth + 1),
        BinaryExpression b => Of(tree, b.Left, depth + 1) | Of(tree, b.Right, depth + 1),
        BooleanExpression b => Any(tree, b.Values, depth),
        ConditionalExpression c => Of(tree, c.Body, depth + 1) | Of(tree, c.OrElse, depth + 1),
        NamedExpression n => Of(tree, n.Value, depth + 1),
        LambdaExpression l => IsQuiet(tree, l, depth) ? Held.Nothing : Held.Unknown,
        NameExpression n => Name(tree, n, depth),
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => Of(a.Name),

        // A method of what was made here, which changes that when it is called.
        AttributeExpression a => tree.Resolve(a) is not null ? Held.Nothing : Of(tree, a.Value, depth + 1) is var of && (of & (Held.Collection | Held.Tensor)) != Held.Nothing ? Held.Unknown : of,
        SubscriptExpression { Index: SliceExpression } s => Of(tree, s.Value, depth + 1) | Held.Collection,
        SubscriptExpression s => Of(tree, s.Value, depth + 1).Element(),
        CallExpression c => Call(tree, c, depth + 1),
        _ => Held.AnyUnknown,
    };

    private Held Any(SourceTree tree, IEnumerable<Expression> values, int depth) => values.Aggregate(Held.Nothing, (all, v) => all | Of(tree, v, depth + 1));

    /// <summary>What a loop's names get one by one.</summary>
    private Held Elements(SourceTree tree, Expression iterable, int depth) =>
        iterable is CallExpression { Function: NameExpression { Name: "zip" or "enumerate" or "reversed" or "map" or "filter" or "iter" or "sorted" } } call ? Any(tree, call.Arguments.Select(a => a.Value), depth).Element() : Of(tree, iterable, depth + 1).Element();

    private Held Name(SourceTree tree, NameExpression name, int depth)
    {
        if (tree.Find(name.Name, name) is not { } binding)
        {
            return Held.Nothing;
        }

        var held = Held.Nothing;
        foreach (var (by, _) in binding.All)
        {
            // What the file itself holds is everybody's.
            var isOwn = by is ComprehensionExpression || tree.Ancestors(by).Any(a => a is FunctionDefinition or LambdaExpression);
            if (!isOwn || by is Parameter or ImportStatement or ImportFromStatement or ClassDefinition || !_active.Add(by))
            {
                continue;
            }

            held |= by switch
            {
                AssignStatement { Targets: [NameExpression] } s => Of(tree, s.Value, depth + 1),
                AssignStatement s => Of(tree, s.Value, depth + 1) is var all ? all | all.Element() : all,
                AnnotatedAssignStatement s => Of(tree, s.Value, depth + 1),
                AugmentedAssignStatement s => Of(tree, s.Value, depth + 1),
                NamedExpression e => Of(tree, e.Value, depth + 1),
                ForStatement f => Elements(tree, f.Iterable, depth + 1),
                ComprehensionExpression c => c.Clauses.Aggregate(Held.Nothing, (all, k) => all | Elements(tree, k.Iterable, depth + 1)),
                FunctionDefinition f when tree.Parent(f) is ClassDefinition => Held.Nothing,
                ExceptHandler or DeleteStatement => Held.Nothing,
                _ => Held.AnyUnknown,
            };
            _active.Remove(by);
        }

        // What is put into it afterwards is not asked.
        return (held & Held.Collection) != Held.Nothing ? held | Held.Inner : held;
    }

    private Held Call(SourceTree tree, CallExpression call, int depth)
    {
        var given = call.Arguments.Select(a => a.Value);
        if (tree.Resolve(call.Function) is { } path && Known(tree, call, path, depth) is { } known)
        {
            return known;
        }

        if (call.Function is NameExpression { Name: var builtin } && tree.Find(builtin, call) is null && _files.ClassOf(tree, call.Function) is null && _files.FunctionOf(tree, call.Function) is null)
        {
            return KnownNames.Function(builtin, Does.Value) ? Held.Nothing : builtin switch
            {
                "tuple" or "frozenset" => Any(tree, given, depth).Again(),
                "max" or "min" or "sum" => Any(tree, given, depth) is var of ? of | of.Element() : of,
                "list" or "set" or "sorted" => Held.Collection | Any(tree, given, depth),
                "dict" => Held.Collection | (Any(tree, given, depth) is var of ? of | of.Inside() : of),
                "getattr" => call.Arguments is [{ Value: NameExpression }, { Value: StringExpression { Value: var attribute } }, .. var rest] ? Of(attribute) | Any(tree, rest.Select(a => a.Value), depth) : Held.AnyUnknown,
                _ => Held.AnyUnknown,
            };
        }

        if (_files.ClassOf(tree, call.Function) is { } type)
        {
            return IsModule(type) ? Held.Module : Held.AnyUnknown;
        }

        if (call.Function is AttributeExpression { Value: var receiver, Name: var method } a && tree.Resolve(receiver) is null)
        {
            if (AttributeUses.IsOfSelf(tree, a))
            {
                var own = _family.Bases.SelectMany(b => b.Methods.Where(m => m.Name == method).Select(m => (b.Tree, m))).ToList();
                return own.Count == 0 ? Held.AnyUnknown : own.Aggregate(Held.Nothing, (all, m) => all | Returned(m.Tree, m.m, depth));
            }

            if (receiver is StringExpression or FormattedStringExpression)
            {
                return method is "split" ? Held.Collection : Held.Nothing;
            }

            var of = Of(tree, receiver, depth + 1);
            return (of & Held.Unknown) != Held.Nothing ? Held.AnyUnknown : of != Held.Nothing ? of | of.Element() | of.Inside() : method is "split" or "copy" or "tolist" ? Held.Collection : KnownNames.Method(method, Does.Text | Does.Collection | Does.Number) ? Held.Nothing : Held.AnyUnknown;
        }

        return ModuleWalks.FunctionsOf(_files, tree, call.Function) is [var (owner, function)] && !tree.Ancestors(function).Any(f => f is FunctionDefinition) ? Returned(owner, function, depth) : Held.AnyUnknown;
    }

    /// <summary>What a function or class of a library makes; null for those that are not known by their names.</summary>
    private Held? Known(SourceTree tree, CallExpression call, string path, int depth)
    {
        var last = path[(path.LastIndexOf('.') + 1)..];
        var isClass = last.Length > 0 && char.IsUpper(last[0]);
        switch (path)
        {
            case "torch.nn.Parameter" or "torch.nn.parameter.Parameter" or "torch.nn.UninitializedParameter" or "torch.nn.ParameterList" or "torch.nn.ParameterDict":
                return Held.Parameter;
            case "torch.device" or "torch.Size" or "torch.finfo" or "torch.iinfo":
                return Held.Nothing;
            case "collections.OrderedDict" or "collections.defaultdict" or "collections.deque":
                return Held.Collection | (Any(tree, call.Arguments.Select(a => a.Value), depth) is var filled ? filled | filled.Inside() : filled);
            case "functools.partial" when call.Arguments is [{ Value: var of }, .. var rest]:
                return (tree.Resolve(of) is { } function && function.StartsWith("torch.", StringComparison.Ordinal) ? Held.Nothing : Of(tree, of, depth + 1) is Held.Nothing && ModuleWalks.FunctionsOf(_files, tree, of) is [_] ? Held.Nothing : Held.Unknown)
                    | (Any(tree, rest.Select(a => a.Value), depth) is Held.Nothing ? Held.Nothing : Held.Unknown);
            case "copy.copy" or "copy.deepcopy" when call.Arguments is [{ Value: var copied }]:
                return Of(tree, copied, depth + 1) is not Held.Nothing and var held ? held : Held.AnyUnknown;
        }

        return path.StartsWith("torch.nn.utils.", StringComparison.Ordinal) || path.StartsWith("einops.layers.torch.", StringComparison.Ordinal) || path.StartsWith("torchvision.transforms.", StringComparison.Ordinal) ? Held.Module
            : path.StartsWith("torch.nn.", StringComparison.Ordinal) ? (isClass ? Held.Module : Held.Tensor)
            : path.StartsWith("torch.", StringComparison.Ordinal) ? (isClass || path.StartsWith("torch.jit.", StringComparison.Ordinal) ? Held.Unknown : Held.Tensor)
            : path.StartsWith("math.", StringComparison.Ordinal) ? Held.Nothing
            : null;
    }

    /// <summary>Whether a class is one of modules.</summary>
    private bool IsModule(SourceClass type) => new ClassFamily(_files, type).Bases.Exists(b => b.Node.Arguments.Any(a => a.Name is null && b.Tree.Resolve(a.Value) is { } path && path.StartsWith("torch.nn.", StringComparison.Ordinal)));

    /// <summary>Whether a lambda only looks at what it names.</summary>
    private bool IsQuiet(SourceTree tree, LambdaExpression lambda, int depth) => SourceTree.Below(lambda.Body).All(n => n switch
    {
        NameExpression name => (Name(tree, name, depth + 1) & ~Held.Module) == Held.Nothing && name.Name is not ("next" or "setattr"),
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => (Of(a.Name) & ~(Held.Module | Held.Parameter)) == Held.Nothing,
        CallExpression { Function: AttributeExpression { Name: var method } } => !KnownNames.Method(method, Does.Changes) && !KnownNames.IsInPlace(method),
        NamedExpression => false,
        _ => true,
    });
}
