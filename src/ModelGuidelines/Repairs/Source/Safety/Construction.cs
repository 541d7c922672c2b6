using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Judges expressions that make modules: whether making one again makes an equal one.</summary>
internal sealed class Construction
{
    private const int MaxDepth = 6;
    private readonly SourceFiles _files;
    private readonly Purity _purity;
    private readonly KnownCalls _known;
    private readonly KnownCalls _knownToDraw;

    /// <param name="files">All files at hand.</param>
    /// <param name="graph">What following the file showed.</param>
    public Construction(SourceFiles files, ModelGraph graph)
    {
        (_files, _purity, States) = (files, new(files), new(files, graph));
        _known = new(files, (tree, function) => !function.Body.SelectMany(SourceTree.Below).Any(n => IsTrace(tree, function, n, false)), MadeAlike);
        _knownToDraw = new(files, (tree, function) => !function.Body.SelectMany(SourceTree.Below).Any(n => IsTrace(tree, function, n, true)), MadeAlike);
    }

    public ModuleState States { get; }

    /// <summary>Whether every class that an expression names in calls is known to keep no state.</summary>
    public bool IsOfKnownClasses(SourceTree tree, Expression value, bool withParameters) => SourceTree.Below(value).OfType<CallExpression>().All(c => c.Function switch
    {
        NameExpression { Name: var n } when KnownNames.Function(n, Does.Pure) => true,
        NameExpression or AttributeExpression when tree.Text(c.Function) is var text && text[(text.LastIndexOf('.') + 1)..] is var name =>
            (KnownClasses.Stateless.Contains(name) || (withParameters && KnownClasses.Weighted.Contains(name))) && _files.ClassOf(tree, c.Function) is null,
        _ => false,
    });

    /// <summary>Whether a construction makes an object without parameters, buffers or state.</summary>
    public bool IsStateless(SourceTree tree, CallExpression made) => _files.ClassOf(tree, made.Function) is { } own ? States.StateOf(own, 0) is null && !States.HoldsState(own) && !own.Node.Body.OfType<FunctionDefinition>().Any(f => f.Name == "__init__" && SourceTree.Below(f).OfType<CallExpression>().Any(c => KnownClasses.Weighted.Contains(Chain.Last(c.Function))))
        : KnownClasses.Stateless.Contains(Chain.Last(made.Function)) && made.Arguments.All(a => a.Value is not CallExpression);

    /// <summary>Whether evaluating it again gives the same and changes nothing.</summary>
    public bool IsPure(SourceTree tree, Expression? expression) => _purity.IsPure(tree, expression);

    /// <summary>Whether each evaluation at this place makes a new, equal module.</summary>
    public bool IsFresh(SourceTree tree, Expression expression, int depth = 0) => depth <= MaxDepth && expression switch
    {
        ConditionalExpression c => _purity.IsPure(tree, c.Test, depth + 1) && Arm(tree, c.Body, depth + 1) && Arm(tree, c.OrElse, depth + 1),
        CallExpression call => IsConstructor(tree, call.Function, depth + 1) && call.Arguments.All(a => IsArgument(tree, a, depth + 1)),
        _ => false,
    };

    /// <summary>A construction whose arguments are the same wherever in its method it is made.</summary>
    public bool IsFixed(SourceTree tree, Expression value) => value is CallExpression call && IsFresh(tree, call)
        && SourceTree.Below(call).OfType<NameExpression>().All(n => tree.Find(n.Name, n) is not { } binding || binding.Import is not null || binding.All is [{ By: Parameter or ClassDefinition or FunctionDefinition or ComprehensionExpression }]
            || (binding.All is [{ By: AssignStatement s }] && tree.Parent(s) is null or FunctionDefinition && s.End <= call.Start))
        && !SourceTree.Below(call).OfType<AttributeExpression>().Any(a => AttributeUses.IsOfSelf(tree, a));

    private bool Arm(SourceTree tree, Expression arm, int depth) => arm is ConstantExpression || IsFresh(tree, arm, depth);

    private bool IsArgument(SourceTree tree, Argument argument, int depth)
    {
        // A starred name may be an iterator, which gives its elements once.
        var value = argument.Value;
        if (argument.Stars == 1 && value is NameExpression name)
        {
            return tree.Find(name.Name, name) is { } binding && binding.All.TrueForAll(b => b.By is Parameter { Kind: ParameterKind.VariadicPositional } || b.By is AssignStatement { Value: ListExpression or TupleExpression });
        }

        return IsValue(tree, value, depth);
    }

    private bool IsValue(SourceTree tree, Expression value, int depth) => value switch
    {
        ListExpression l => l.Elements.All(e => IsValue(tree, e is StarredExpression s ? s.Value : e, depth + 1)),
        TupleExpression t => t.Elements.All(e => IsValue(tree, e is StarredExpression s ? s.Value : e, depth + 1)),
        DictExpression d => d.Values.All(e => IsValue(tree, e, depth + 1)),
        ComprehensionExpression { Value: null } c => IsValue(tree, c.Element, depth + 1) && c.Clauses.All(k => _purity.IsPure(tree, k.Iterable, depth + 1) && k.Conditions.All(t => _purity.IsPure(tree, t, depth + 1))),
        _ => (_purity.IsPure(tree, value, depth) && !IsModule(tree, value, depth)) || IsFresh(tree, value, depth),
    };

    /// <summary>Whether a name or attribute stands for a module that was made before, which two constructions would share.</summary>
    private bool IsModule(SourceTree tree, Expression value, int depth) => value switch
    {
        NameExpression name => tree.Find(name.Name, name) is { } binding && binding.All.Exists(b => b.By is AssignStatement { Value: CallExpression made } && IsFresh(tree, made, depth + 1)),
        AttributeExpression a when AttributeUses.IsOfSelf(tree, a) => tree.Nodes.OfType<AssignStatement>().Any(s => s.Value is CallExpression made && s.Targets.Any(t => t is AttributeExpression held && held.Name == a.Name && AttributeUses.IsOfSelf(tree, held)) && IsFresh(tree, made, depth + 1)),
        _ => false,
    };

    /// <summary>Whether calling it makes a new module: a class, or a parameter or local name that stands for one.</summary>
    private bool IsConstructor(SourceTree tree, Expression function, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        if (tree.Resolve(function) is { } path)
        {
            var last = path[(path.LastIndexOf('.') + 1)..];
            return (path.StartsWith("torch.nn.", StringComparison.Ordinal) && !path.StartsWith("torch.nn.functional", StringComparison.Ordinal) && !path.StartsWith("torch.nn.utils", StringComparison.Ordinal) && char.IsUpper(last[0]))
                || path is "collections.OrderedDict"
                || (KnownClasses.IsStatelessLibrary(path) && char.IsUpper(last[0]))
                || (_files.ClassOf(tree, function) is { } imported && IsPlainClass(imported, depth));
        }

        if (_files.ClassOf(tree, function) is { } own)
        {
            return IsPlainClass(own, depth);
        }

        return function switch
        {
            NameExpression name => tree.Find(name.Name, name) is { } binding && binding.All.TrueForAll(b => b.By switch
            {
                Parameter p => IsClassParameter(tree, p),
                AssignStatement s => IsClassValue(tree, s.Value, depth + 1),
                FunctionDefinition f => IsFactory(tree, f, depth + 1),
                _ => false,
            }),

            // One of a table of classes, or a class of torch.nn by its name.
            SubscriptExpression { Value: NameExpression table, Index: var key } => _purity.IsPure(tree, key, depth + 1) && IsTable(tree, table, depth + 1),
            CallExpression { Function: NameExpression { Name: "getattr" }, Arguments: [{ Name: null, Stars: 0, Value: var of }, { Name: null, Stars: 0, Value: var named }] } get =>
                tree.Find("getattr", get) is null && tree.Resolve(of) is "torch.nn" && _purity.IsPure(tree, named, depth + 1),
            AttributeExpression { Value: NameExpression } a when AttributeUses.IsOfSelf(tree, a) => tree.Method(a).Class is { } type && tree.ScopeOf(type).Find(a.Name) is { All: [{ By: AssignStatement s }] } && IsClassValue(tree, s.Value, depth + 1),
            _ => false,
        };
    }

    /// <summary>A dictionary of classes, written out once and never changed.</summary>
    private bool IsTable(SourceTree tree, NameExpression name, int depth) =>
        tree.Find(name.Name, name) is { All: [{ By: AssignStatement { Targets.Length: 1, Value: DictExpression table } }] } && table.Keys.All(k => k is not null) && table.Values.All(v => IsClassValue(tree, v, depth + 1))
        && !tree.Nodes.OfType<NameExpression>().Any(n => n.Name == name.Name && tree.Parent(n) switch
        {
            SubscriptExpression element => AttributeUses.IsTarget(tree, element),
            AttributeExpression a => KnownNames.Method(a.Name, Does.Changes),
            Argument => true,
            _ => false,
        })
        && _files.All.TrueForAll(t => t == tree || !t.Nodes.OfType<ImportFromStatement>().Any(i => i.Names.Any(a => a.Name == name.Name)));

    private bool IsClassValue(SourceTree tree, Expression value, int depth) => depth <= MaxDepth && value switch
    {
        BooleanExpression b => b.Values.All(v => v is NameExpression n && tree.Find(n.Name, n) is { } f && f.All.Exists(x => x.By is Parameter) || IsClassValue(tree, v, depth + 1)),
        ConditionalExpression c => _purity.IsPure(tree, c.Test) && IsClassValue(tree, c.Body, depth + 1) && IsClassValue(tree, c.OrElse, depth + 1),
        CallExpression call when tree.Resolve(call.Function) is "functools.partial" => call.Arguments is [{ Value: var of }, ..] && IsConstructor(tree, of, depth + 1) && call.Arguments.All(a => _purity.IsPure(tree, a.Value)),
        NameExpression or AttributeExpression => IsConstructor(tree, value, depth + 1),
        LambdaExpression l => IsFresh(tree, l.Body, depth + 1),
        _ => false,
    };

    /// <summary>A parameter that by its default or its annotation is a class.</summary>
    private bool IsClassParameter(SourceTree tree, Parameter parameter)
    {
        var annotation = parameter.Annotation is null ? "" : tree.Text(parameter.Annotation);
        return (parameter.Default is { } value and (NameExpression or AttributeExpression or CallExpression) && IsClassValue(tree, value, MaxDepth - 2))
            || ((annotation.Contains("Type", StringComparison.OrdinalIgnoreCase) || annotation.Contains("Callable", StringComparison.Ordinal)) && (annotation.Contains("Module", StringComparison.Ordinal) || annotation.Contains("LayerType", StringComparison.Ordinal)));
    }

    /// <summary>A function that does nothing but make a module.</summary>
    private bool IsFactory(SourceTree tree, FunctionDefinition function, int depth) => depth <= MaxDepth && function.Decorators.IsEmpty && !function.IsAsync && function.Body.All(s => IsFactoryStatement(tree, s, depth));

    private bool IsFactoryStatement(SourceTree tree, Statement statement, int depth) => statement switch
    {
        ReturnStatement r => r.Value is null or ConstantExpression || IsFresh(tree, r.Value, depth + 1),
        IfStatement i => i.Clauses.All(c => _purity.IsPure(tree, c.Test) && c.Body.All(s => IsFactoryStatement(tree, s, depth))) && i.OrElse.All(s => IsFactoryStatement(tree, s, depth)),
        ExpressionStatement { Value: StringExpression } or RaiseStatement or PassStatement or AssertStatement => true,
        _ => false,
    };

    /// <summary>A class of these files whose construction can be repeated: no state outside of the object.</summary>
    private bool IsPlainClass(SourceClass type, int depth) => depth <= MaxDepth && States.StateOf(type, 0) is null
        && !SourceTree.Below(type.Node).Any(n => n is ScopeStatement || n is FunctionDefinition { Name: "__new__" })
        && MadeAlike(type);

    /// <summary>Whether its <c>__init__</c>, and what that runs, draws nothing, uses up nothing, and leaves no trace outside of the object.</summary>
    private bool MadeAlike(SourceClass type)
    {
        var family = new ClassFamily(_files, type);
        var reached = family.Reached(["__init__"]);
        var calls = family.Bases.SelectMany(b => SourceTree.Below(b.Node)).OfType<CallExpression>().Select(c => Chain.Last(c.Function)).ToHashSet(StringComparer.Ordinal);
        var onlyParameters = !calls.Contains("register_buffer") && calls.Overlaps(["Parameter", "register_parameter", .. KnownClasses.Weighted]);
        foreach (var (tree, method) in family.Bases.SelectMany(b => b.Methods.Where(m => reached.Contains(m.Name)).Select(m => (b.Tree, m))))
        {
            // What is called in it is known too, so far as it is called here.
            if (method.Body.SelectMany(SourceTree.Below).Any(n => IsTrace(tree, method, n, onlyParameters) || (n is CallExpression call && !(onlyParameters ? _knownToDraw : _known).IsKnown(tree, call))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether it gives another value each time, or leaves a trace outside of the function.</summary>
    private static bool IsTrace(SourceTree tree, FunctionDefinition method, PythonNode node, bool onlyParameters) => node switch
    {
        CallExpression { Function: NameExpression { Name: "next" or "input" or "open" or "setattr" or "id" } } => true,
        CallExpression { Function: AttributeExpression { Name: "pop" or "popleft" or "__next__" or "popitem" } } => true,
        CallExpression call when Draws(tree, call, onlyParameters, 0) => true,
        CallExpression { Function: AttributeExpression { Value: var of, Name: var name } } => KnownNames.Method(name, Does.Changes) && IsForeign(tree, method, of),
        AttributeExpression or SubscriptExpression => AttributeUses.IsTarget(tree, node) && IsForeign(tree, method, (Expression)node),
        _ => false,
    };

    /// <summary>Whether a call gives another value each time: it draws, or looks at a clock; numbers that are drawn into parameters only are those of a checkpoint.</summary>
    private static bool Draws(SourceTree tree, CallExpression call, bool onlyParameters, int depth)
    {
        var text = tree.Resolve(call.Function) ?? tree.Text(call.Function);
        return text.Contains("rand", StringComparison.Ordinal) || text.StartsWith("time.", StringComparison.Ordinal) || text.StartsWith("uuid.", StringComparison.Ordinal)
            || Chain.Last(call.Function) switch
            {
                "multinomial" or "bernoulli" or "poisson" or "normal" or "shuffle" or "choice" or "choices" or "sample" or "uniform" or "now" or "getpid" => true,
                "normal_" or "uniform_" or "trunc_normal_" or "random_" or "bernoulli_" or "exponential_" or "orthogonal_" or "sparse_" or "kaiming_normal_" or "kaiming_uniform_" or "xavier_normal_" or "xavier_uniform_" => !onlyParameters,
                _ => false,
            }
            || (depth < 4 && call.Function is NameExpression name && tree.Find(name.Name, name) is { All: [{ By: FunctionDefinition function }] }
                && SourceTree.Below(function).OfType<CallExpression>().Any(c => c != call && Draws(tree, c, onlyParameters, depth + 1)));
    }

    /// <summary>Whether an expression begins with what is neither the object nor a name of the method.</summary>
    private static bool IsForeign(SourceTree tree, FunctionDefinition method, Expression expression) => Chain.Of(expression).Any(e => e is AttributeExpression { Name: "__class__" })
        || Chain.Name(expression) is not { } name || (name != ClassFamily.Self(method) && (tree.ScopeOf(method).Find(name) is not { } own || own.All.Exists(b => b.By is Parameter)));
}
