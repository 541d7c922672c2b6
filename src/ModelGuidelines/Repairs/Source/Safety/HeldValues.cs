using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What a value is that an object made for itself, so that another object of its class has another.</summary>
[Flags]
internal enum Held
{
    /// <summary>A number, a text, or what both objects would hold: a parameter's value, something of the file.</summary>
    Nothing = 0,

    /// <summary>A module, whose own state is judged by itself.</summary>
    Module = 1,

    /// <summary>A parameter, which no pass writes to.</summary>
    Parameter = 2,

    /// <summary>A tensor.</summary>
    Tensor = 4,

    /// <summary>A list, a dictionary, a set.</summary>
    Collection = 8,

    /// <summary>Anything else: an iterator, a generator, a function that may keep count, an object of some class.</summary>
    Unknown = 16,
}

/// <summary>What the objects of a class hold in their attributes that they made themselves: what is changed there is changed for one object only.</summary>
internal sealed class HeldValues
{
    private const int MaxDepth = 12;
    private static readonly HashSet<string> Scalars = ["int", "float", "bool", "str", "len", "range", "isinstance", "issubclass", "type", "hasattr", "callable", "abs", "round", "complex", "bytes", "slice", "hash", "id", "repr", "format", "divmod", "pow", "ord", "chr", "print", "super", "any", "all"];
    private static readonly HashSet<string> Looks = ["get", "keys", "values", "items", "format", "lower", "upper", "strip", "replace", "join", "size", "dim", "numel", "item", "index", "count", "startswith", "endswith", "split", "copy"];

    private readonly SourceFiles _files;
    private readonly ClassFamily _family;
    private readonly IReadOnlySet<string> _modules;
    private readonly Dictionary<string, Held> _own = new(StringComparer.Ordinal);
    private readonly HashSet<PythonNode> _active = new(ReferenceEqualityComparer.Instance);

    /// <param name="files">All files at hand.</param>
    /// <param name="family">The class.</param>
    /// <param name="modules">Attributes that hold modules, as following the file showed.</param>
    public HeldValues(SourceFiles files, ClassFamily family, IReadOnlySet<string> modules)
    {
        (_files, _family, _modules) = (files, family, modules);
        var made = family.Bases.SelectMany(b => b.Methods.SelectMany(m => SourceTree.Below(m).SelectMany(n => Made(b.Tree, n)).Select(v => (b.Tree, Method: m, v.Name, v.Value, v.As)))).ToList();

        // What one attribute gives another is known when that is.
        for (var round = 0; round < 3; round++)
        {
            foreach (var (tree, _, name, value, kind) in made)
            {
                _own[name] = _own.GetValueOrDefault(name) | (kind ?? Of(tree, value));
            }
        }
    }

    /// <summary>All that is held.</summary>
    public Held All => _own.Keys.Aggregate(Held.Nothing, (held, name) => held | Of(name));

    /// <summary>What an attribute holds.</summary>
    public Held Of(string attribute) => _own.GetValueOrDefault(attribute) is var held && _modules.Contains(attribute) ? (held & ~Held.Unknown) | Held.Module : held;

    /// <summary>What a function returns that it made itself.</summary>
    public Held Returned(SourceTree tree, FunctionDefinition function, int depth = 0)
    {
        if (!_active.Add(function))
        {
            return Held.Nothing;
        }

        var held = !function.Decorators.IsEmpty && !function.Decorators.All(d => d is NameExpression { Name: "property" or "staticmethod" or "classmethod" }) || SourceTree.Below(function).Any(n => n is YieldExpression) ? Held.Unknown
            : SourceTree.Below(function).OfType<ReturnStatement>().Aggregate(Held.Nothing, (all, r) => all | Of(tree, r.Value, depth + 1));
        _active.Remove(function);
        return held;
    }

    private static IEnumerable<(string Name, Expression? Value, Held? As)> Made(SourceTree tree, PythonNode node) => node switch
    {
        AssignStatement s => s.Targets.SelectMany(t => To(tree, t, s.Value)),
        AnnotatedAssignStatement { Value: { } value } s => To(tree, s.Target, value),
        AugmentedAssignStatement s => To(tree, s.Target, s.Value),
        ForStatement s => To(tree, s.Target, null),
        WithItem { Target: { } target } => To(tree, target, null),
        CallExpression { Function: AttributeExpression { Name: var name } a, Arguments: [{ Value: StringExpression { Value: var attribute } }, ..] } when AttributeUses.IsOfSelf(tree, a) => name switch
        {
            "register_buffer" => [(attribute, null, Held.Tensor)],
            "register_parameter" => [(attribute, null, Held.Parameter)],
            "add_module" or "register_module" => [(attribute, null, Held.Module)],
            _ => [],
        },
        CallExpression { Function: NameExpression { Name: "setattr" }, Arguments: [_, { Value: StringExpression { Value: var attribute } }, { Value: var value }] } => [(attribute, value, null)],
        _ => [],
    };

    private static IEnumerable<(string Name, Expression? Value, Held? As)> To(SourceTree tree, Expression target, Expression? value) => target switch
    {
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => [(a.Name, value, value is null ? Held.Unknown : null)],
        TupleExpression t => t.Elements.SelectMany((e, i) => To(tree, e, value is TupleExpression v && v.Elements.Length == t.Elements.Length ? v.Elements[i] : value)),
        ListExpression l => l.Elements.SelectMany(e => To(tree, e, value)),
        StarredExpression s => To(tree, s.Value, value),
        _ => [],
    };

    /// <summary>What evaluating an expression in some method makes.</summary>
    public Held Of(SourceTree tree, Expression? value, int depth = 0) => depth > MaxDepth ? Held.Unknown : value switch
    {
        null or NumberExpression or StringExpression or ConstantExpression or FormattedStringExpression or CompareExpression or SliceExpression => Held.Nothing,
        TupleExpression t => Any(tree, t.Elements, depth),
        ListExpression l => Held.Collection | Any(tree, l.Elements, depth),
        SetExpression s => Held.Collection | Any(tree, s.Elements, depth),
        DictExpression d => Held.Collection | Any(tree, d.Values, depth),
        ComprehensionExpression c => (c.Kind is ComprehensionKind.Generator ? Held.Unknown : Held.Collection) | Of(tree, c.Value ?? c.Element, depth + 1),
        StarredExpression s => Of(tree, s.Value, depth + 1),
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
        SubscriptExpression s => Of(tree, s.Value, depth + 1) | (s.Index is SliceExpression ? Held.Collection : Held.Nothing),
        CallExpression c => Call(tree, c, depth + 1),
        _ => Held.Unknown,
    };

    private Held Any(SourceTree tree, IEnumerable<Expression> values, int depth) => values.Aggregate(Held.Nothing, (all, v) => all | Of(tree, v, depth + 1));

    /// <summary>What a loop's names get one by one.</summary>
    private Held Elements(SourceTree tree, Expression iterable, int depth) =>
        iterable is CallExpression { Function: NameExpression { Name: "zip" or "enumerate" or "reversed" or "map" or "filter" or "iter" or "sorted" } } call ? Any(tree, call.Arguments.Select(a => a.Value), depth) & ~Held.Collection : Of(tree, iterable, depth + 1) & ~Held.Collection;

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
                AssignStatement s => Of(tree, s.Value, depth + 1),
                AnnotatedAssignStatement s => Of(tree, s.Value, depth + 1),
                AugmentedAssignStatement s => Of(tree, s.Value, depth + 1),
                NamedExpression e => Of(tree, e.Value, depth + 1),
                ForStatement f => Elements(tree, f.Iterable, depth + 1),
                ComprehensionExpression c => c.Clauses.Aggregate(Held.Nothing, (all, k) => all | Elements(tree, k.Iterable, depth + 1)),
                FunctionDefinition f when tree.Parent(f) is ClassDefinition => Held.Nothing,
                ExceptHandler or DeleteStatement => Held.Nothing,
                _ => Held.Unknown,
            };
            _active.Remove(by);
        }

        return held;
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
            return Scalars.Contains(builtin) ? Held.Nothing : builtin switch
            {
                "tuple" or "frozenset" or "max" or "min" or "sum" => Any(tree, given, depth),
                "list" or "dict" or "set" or "sorted" => Held.Collection | Any(tree, given, depth),
                "getattr" => call.Arguments is [{ Value: NameExpression }, { Value: StringExpression { Value: var attribute } }, .. var rest] ? Of(attribute) | Any(tree, rest.Select(a => a.Value), depth) : Held.Unknown,
                _ => Held.Unknown,
            };
        }

        if (_files.ClassOf(tree, call.Function) is { } type)
        {
            return IsModule(type) ? Held.Module : Held.Unknown;
        }

        if (call.Function is AttributeExpression { Value: var receiver, Name: var method } a)
        {
            if (AttributeUses.IsOfSelf(tree, a))
            {
                var own = _family.Bases.SelectMany(b => b.Methods.Where(m => m.Name == method).Select(m => (b.Tree, m))).ToList();
                return own.Count == 0 ? Held.Unknown : own.Aggregate(Held.Nothing, (all, m) => all | Returned(m.Tree, m.m, depth));
            }

            if (receiver is StringExpression or FormattedStringExpression)
            {
                return method is "split" ? Held.Collection : Held.Nothing;
            }

            var of = Of(tree, receiver, depth + 1);
            return (of & Held.Unknown) != Held.Nothing ? Held.Unknown : of != Held.Nothing ? of : method is "split" or "copy" or "tolist" ? Held.Collection : Looks.Contains(method) ? Held.Nothing : Held.Unknown;
        }

        return ModuleWalks.FunctionsOf(_files, tree, call.Function) is [var (owner, function)] && !tree.Ancestors(function).Any(f => f is FunctionDefinition) ? Returned(owner, function, depth) : Held.Unknown;
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
                return Held.Collection | Any(tree, call.Arguments.Select(a => a.Value), depth);
            case "functools.partial" when call.Arguments is [{ Value: var of }, .. var rest]:
                return (tree.Resolve(of) is { } function && function.StartsWith("torch.", StringComparison.Ordinal) ? Held.Nothing : Of(tree, of, depth + 1) is Held.Nothing && ModuleWalks.FunctionsOf(_files, tree, of) is [_] ? Held.Nothing : Held.Unknown)
                    | (Any(tree, rest.Select(a => a.Value), depth) is Held.Nothing ? Held.Nothing : Held.Unknown);
            case "copy.copy" or "copy.deepcopy" when call.Arguments is [{ Value: var copied }]:
                return Of(tree, copied, depth + 1) is not Held.Nothing and var held ? held : Held.Unknown;
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
        CallExpression { Function: AttributeExpression { Name: var method } } => !Purity.Mutators.Contains(method) && !(method.Length > 1 && method[^1] == '_' && method[^2] != '_'),
        NamedExpression => false,
        _ => true,
    });
}
