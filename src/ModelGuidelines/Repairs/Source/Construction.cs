using System.Collections.Frozen;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Judges expressions that make modules: whether making one again makes an equal one, and whether equal ones behave as one did.</summary>
internal sealed class Construction(SourceFiles files)
{
    private const int MaxDepth = 6;

    /// <summary>Classes of torch.nn without parameters and state: those that stand for functions that are handed none, and these.</summary>
    private static readonly FrozenSet<string> Stateless = OperationTable.All.Where(o => o is { IsConstructible: true, ModuleClass: not null }).Select(o => o.ModuleClass![(o.ModuleClass!.LastIndexOf('.') + 1)..])
        .Concat(["Identity", "Flatten", "Unflatten", "Sequential", "ModuleList", "ModuleDict", "Softmax2d", "UpsamplingNearest2d", "UpsamplingBilinear2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
            "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "CircularPad1d", "CircularPad2d", "CircularPad3d"])
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Classes whose parameters are all their state.</summary>
    private static readonly FrozenSet<string> Weighted = new[]
    {
        "Linear", "Bilinear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "LayerNorm", "GroupNorm", "RMSNorm", "Embedding", "EmbeddingBag", "PReLU",
        "LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell", "MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer", "TransformerEncoder", "TransformerDecoder", "Transformer",
        "NonDynamicallyQuantizableLinear", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "ParameterList", "ParameterDict",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> PureFunctions = new[] { "int", "float", "max", "min", "round", "abs", "len", "tuple", "list", "dict", "str", "bool", "sum", "range", "isinstance", "enumerate", "zip", "sorted", "reversed", "super" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Mutators = new[] { "append", "extend", "insert", "pop", "remove", "clear", "update", "setdefault", "add", "discard", "popleft", "appendleft", "put", "register_buffer", "register_parameter", "add_module", "register_module" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Packages whose modules have neither parameters nor state.</summary>
    private static readonly string[] StatelessLibraries = ["einops.layers.torch.", "torchvision.transforms."];

    private readonly Dictionary<SourceClass, string?> _states = [];
    private readonly Dictionary<string, SourceClass?> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, bool IsProperty), bool> _quiet = [];

    public static bool IsParameterless(ModelModule module) => Stateless.Contains(module.TypeName ?? "") || IsStatelessLibrary(module.Type ?? "");

    /// <summary>Whether every class that an expression names in calls is known to keep no state.</summary>
    public bool IsOfKnownClasses(SourceTree tree, Expression value, bool withParameters) => SourceTree.Below(value).OfType<CallExpression>().All(c => c.Function switch
    {
        NameExpression { Name: var n } when PureFunctions.Contains(n) => true,
        NameExpression or AttributeExpression when tree.Text(c.Function) is var text && text[(text.LastIndexOf('.') + 1)..] is var name =>
            (Stateless.Contains(name) || (withParameters && Weighted.Contains(name))) && files.ClassOf(tree, c.Function) is null,
        _ => false,
    });

    /// <summary>Whether a construction makes an object without parameters, buffers or state.</summary>
    public bool IsStateless(SourceTree tree, CallExpression made) => files.ClassOf(tree, made.Function) is { } own ? StateOf(own, 0) is null && !HoldsState(own) && !own.Node.Body.OfType<FunctionDefinition>().Any(f => f.Name == "__init__" && SourceTree.Below(f).OfType<CallExpression>().Any(c => Weighted.Contains(LastPart(c.Function))))
        : Stateless.Contains(LastPart(made.Function)) && made.Arguments.All(a => a.Value is not CallExpression);

    private static bool IsStatelessLibrary(string type) => StatelessLibraries.Any(l => type.StartsWith(l, StringComparison.Ordinal) && !type.EndsWith("EinMix", StringComparison.Ordinal));

    /// <summary>Whether a module of the user's has parameters or buffers of its own, which checkpoints hold by its name.</summary>
    public bool HoldsState(ModelModule module) => module.Origin is ModuleOrigin.User && ClassOf(module) is { } type && HoldsState(type);

    /// <summary>The class that a module is of; null where its code is not at hand.</summary>
    private SourceClass? ClassOf(ModelModule module)
    {
        if (module.TypeName is not { } name)
        {
            return null;
        }

        if (_classes.TryGetValue(module.Type ?? name, out var known))
        {
            return known;
        }

        var file = module.Type?.Split('.') is [.., var stem, _] ? stem : null;
        var found = files.ClassNamed(name);
        return _classes[module.Type ?? name] = found is not null && (file is null || file == Path.GetFileNameWithoutExtension(found.Tree.Path)) ? found
            : (module.Origin is ModuleOrigin.User && file is not null ? files.ClassBehindImports(name, file) : null) ?? found;
    }

    /// <summary>Whether a deep copy of such a module shares nothing with it and loses nothing: a class of torch.nn, or one that holds what it was given, and that are plain values.</summary>
    public bool IsPlain(ModelModule module)
    {
        if (module.Origin is ModuleOrigin.Framework)
        {
            return true;
        }

        if (ClassOf(module) is not { } type || new ClassFamily(files, type) is var family && family.Unknown is not null)
        {
            return false;
        }

        return StateOf(type, 0) is null && !HoldsState(type) && family.Bases.TrueForAll(b => b.Node.Body.All(s => s switch
        {
            FunctionDefinition { Name: "__init__" } init => init.Body.All(i => IsPlainStatement(b.Tree, init, i)),
            FunctionDefinition f => f.Decorators.IsEmpty && (f.Name is "__repr__" || !f.Name.StartsWith("__", StringComparison.Ordinal)),
            ExpressionStatement { Value: StringExpression } or PassStatement => true,
            AssignStatement { Value: NumberExpression or StringExpression or ConstantExpression or TupleExpression } => true,
            AnnotatedAssignStatement { Value: null or NumberExpression or StringExpression or ConstantExpression } => true,
            _ => false,
        }));
    }

    /// <summary>Of an <c>__init__</c>: the base's, or an attribute that gets a number, a text, or a parameter that is one by its default or its annotation.</summary>
    private static bool IsPlainStatement(SourceTree tree, FunctionDefinition init, Statement statement) => statement switch
    {
        ExpressionStatement { Value: StringExpression } or PassStatement or AssertStatement => true,
        ExpressionStatement { Value: CallExpression { Function: AttributeExpression { Name: "__init__", Value: CallExpression { Function: NameExpression { Name: "super" } } } } } => true,
        AssignStatement { Targets: [AttributeExpression target], Value: var value } when AttributeUses.IsOfSelf(tree, target) => value is NumberExpression or StringExpression or ConstantExpression
            || (value is NameExpression name && tree.ScopeOf(init).Find(name.Name) is { All: [{ By: Parameter given }] }
                && (given.Default is NumberExpression or StringExpression or ConstantExpression { Value: not PythonConstant.None } || (given.Annotation is NameExpression { Name: "bool" or "int" or "float" or "str" }))),
        _ => false,
    };

    private bool HoldsState(SourceClass type) => new ClassFamily(files, type).Bases.Exists(b => SourceTree.Below(b.Node).OfType<CallExpression>().Any(c => LastPart(c.Function) switch
    {
        "Parameter" or "UninitializedParameter" or "Buffer" or "register_parameter" or "ParameterList" or "ParameterDict" => true,
        "register_buffer" => !c.Arguments.Any(a => a is { Name: "persistent", Value: ConstantExpression { Value: PythonConstant.False } }),
        _ => false,
    }));

    /// <summary>Why two objects of these classes would not behave as one called twice; null where they would.</summary>
    public string? State(IEnumerable<ModelModule> modules)
    {
        foreach (var module in modules)
        {
            if (module.TypeName is not { } type)
            {
                return "the class of a module in it is not known";
            }

            var isTorch = module.Type is { } full && (ModuleTypes.IsTorchNn(full) || !full.Contains('.', StringComparison.Ordinal));
            if (ClassOf(module) is { } own && (module.Origin is ModuleOrigin.User || !isTorch))
            {
                if (StateOf(own, 0) is { } state)
                {
                    return state;
                }
            }
            else if (module.Origin is ModuleOrigin.User && !IsStatelessLibrary(module.Type ?? ""))
            {
                return $"the code of class {type} is not at hand";
            }
            else if (type.StartsWith("InstanceNorm", StringComparison.Ordinal) && Tracks(type))
            {
                return $"a module of class {type} may keep statistics from call to call: two would not behave as one";
            }
            else if (!Stateless.Contains(type) && !Weighted.Contains(type) && !IsStatelessLibrary(module.Type ?? ""))
            {
                return $"a module of class {type} keeps, or may keep, a state of its own from call to call: two would not behave as one";
            }
        }

        return null;
    }

    /// <summary>Whether some file makes such a module with statistics.</summary>
    private bool Tracks(string type) => files.All.Exists(t => t.Nodes.OfType<CallExpression>().Any(c => t.Text(c.Function) is var text && text[(text.LastIndexOf('.') + 1)..] == type
        && (c.Arguments.Length > 4 || c.Arguments.Any(a => a.Stars > 0 || a is { Name: "track_running_stats", Value: not ConstantExpression { Value: PythonConstant.False } }))));

    /// <summary>Whether each evaluation at this place makes a new, equal module.</summary>
    public bool IsFresh(SourceTree tree, Expression expression, int depth = 0) => depth <= MaxDepth && expression switch
    {
        ConditionalExpression c => IsPure(tree, c.Test, depth + 1) && Arm(tree, c.Body, depth + 1) && Arm(tree, c.OrElse, depth + 1),
        CallExpression call => IsConstructor(tree, call.Function, depth + 1) && call.Arguments.All(a => IsArgument(tree, a, depth + 1)),
        _ => false,
    };

    /// <summary>A construction whose arguments are the same wherever in its method it is made.</summary>
    public bool IsFixed(SourceTree tree, Expression value) => value is CallExpression call && IsFresh(tree, call)
        && SourceTree.Below(call).OfType<NameExpression>().All(n => tree.Find(n.Name, n) is not { } binding || binding.Import is not null || binding.All is [{ By: Parameter or ClassDefinition or FunctionDefinition or ComprehensionExpression }]
            || (binding.All is [{ By: AssignStatement s }] && tree.Parent(s) is null or FunctionDefinition && s.End <= call.Start))
        && !SourceTree.Below(call).OfType<AttributeExpression>().Any(a => AttributeUses.IsOfSelf(tree, a));

    /// <summary>Whether evaluating it again gives the same and changes nothing.</summary>
    public bool IsPure(SourceTree tree, Expression? expression, int depth = 0) => depth <= MaxDepth * 3 && expression switch
    {
        null or NumberExpression or StringExpression or ConstantExpression or NameExpression => true,
        FormattedStringExpression f => f.Parts.All(p => p is not FormattedValueExpression v || IsPure(tree, v.Value, depth + 1)),
        AttributeExpression a => IsQuiet(a.Name, isProperty: true) && IsPure(tree, a.Value, depth + 1),
        SubscriptExpression s => IsQuiet("__getitem__", isProperty: false) && IsPure(tree, s.Value, depth + 1) && IsPure(tree, s.Index, depth + 1),
        SliceExpression s => IsPure(tree, s.Lower, depth + 1) && IsPure(tree, s.Upper, depth + 1) && IsPure(tree, s.Step, depth + 1),
        UnaryExpression u => IsPure(tree, u.Operand, depth + 1),
        BinaryExpression b => IsPure(tree, b.Left, depth + 1) && IsPure(tree, b.Right, depth + 1),
        BooleanExpression b => b.Values.All(v => IsPure(tree, v, depth + 1)),
        CompareExpression c => c.Operands.All(o => IsPure(tree, o, depth + 1)),
        ConditionalExpression c => IsPure(tree, c.Test, depth + 1) && IsPure(tree, c.Body, depth + 1) && IsPure(tree, c.OrElse, depth + 1),
        TupleExpression t => t.Elements.All(e => IsPure(tree, e, depth + 1)),
        ListExpression l => l.Elements.All(e => IsPure(tree, e, depth + 1)),
        DictExpression d => d.Keys.All(k => IsPure(tree, k, depth + 1)) && d.Values.All(v => IsPure(tree, v, depth + 1)),
        CallExpression { Function: NameExpression name } call when tree.Find(name.Name, name) is null => PureFunctions.Contains(name.Name) && call.Arguments.All(a => IsPure(tree, a.Value, depth + 1)),
        CallExpression call when tree.Resolve(call.Function) is { } path => (path.StartsWith("math.", StringComparison.Ordinal) || path is "functools.partial" or "copy.copy") && call.Arguments.All(a => IsPure(tree, a.Value, depth + 1)),
        CallExpression { Function: AttributeExpression { Name: "get" or "keys" or "values" or "items" or "format" or "lower" or "upper" or "split" or "replace", Value: var of } } call => IsPure(tree, of, depth + 1) && call.Arguments.All(a => IsPure(tree, a.Value, depth + 1)),
        _ => false,
    };

    /// <summary>Whether no class at hand does more than to look when an attribute or element of its objects is read.</summary>
    private bool IsQuiet(string method, bool isProperty)
    {
        var key = (method, isProperty);
        return _quiet.TryGetValue(key, out var known) ? known : _quiet[key] = !files.All.Exists(t => t.Nodes.OfType<FunctionDefinition>().Any(f => f.Name == method && t.Parent(f) is ClassDefinition && (!isProperty || f.Decorators.Length > 0)
            && f.Body.SelectMany(SourceTree.Below).Any(n => n switch
            {
                ScopeStatement => true,
                AttributeExpression or SubscriptExpression => AttributeUses.IsTarget(t, n),
                CallExpression { Function: AttributeExpression { Name: var name } } => Mutators.Contains(name),
                CallExpression { Function: NameExpression { Name: "next" or "setattr" } } => true,
                _ => false,
            })));
    }

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
        ComprehensionExpression { Value: null } c => IsValue(tree, c.Element, depth + 1) && c.Clauses.All(k => IsPure(tree, k.Iterable, depth + 1) && k.Conditions.All(t => IsPure(tree, t, depth + 1))),
        _ => (IsPure(tree, value, depth) && !IsModule(tree, value, depth)) || IsFresh(tree, value, depth),
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
                || (IsStatelessLibrary(path) && char.IsUpper(last[0]))
                || (files.ClassOf(tree, function) is { } imported && IsPlainClass(imported, depth));
        }

        if (files.ClassOf(tree, function) is { } own)
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
            SubscriptExpression { Value: NameExpression table, Index: var key } => IsPure(tree, key, depth + 1) && IsTable(tree, table, depth + 1),
            CallExpression { Function: NameExpression { Name: "getattr" }, Arguments: [{ Name: null, Stars: 0, Value: var of }, { Name: null, Stars: 0, Value: var named }] } get =>
                tree.Find("getattr", get) is null && tree.Resolve(of) is "torch.nn" && IsPure(tree, named, depth + 1),
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
            AttributeExpression a => Mutators.Contains(a.Name),
            Argument => true,
            _ => false,
        })
        && files.All.TrueForAll(t => t == tree || !t.Nodes.OfType<ImportFromStatement>().Any(i => i.Names.Any(a => a.Name == name.Name)));

    private bool IsClassValue(SourceTree tree, Expression value, int depth) => depth <= MaxDepth && value switch
    {
        BooleanExpression b => b.Values.All(v => v is NameExpression n && tree.Find(n.Name, n) is { } f && f.All.Exists(x => x.By is Parameter) || IsClassValue(tree, v, depth + 1)),
        ConditionalExpression c => IsPure(tree, c.Test) && IsClassValue(tree, c.Body, depth + 1) && IsClassValue(tree, c.OrElse, depth + 1),
        CallExpression call when tree.Resolve(call.Function) is "functools.partial" => call.Arguments is [{ Value: var of }, ..] && IsConstructor(tree, of, depth + 1) && call.Arguments.All(a => IsPure(tree, a.Value)),
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
        IfStatement i => i.Clauses.All(c => IsPure(tree, c.Test) && c.Body.All(s => IsFactoryStatement(tree, s, depth))) && i.OrElse.All(s => IsFactoryStatement(tree, s, depth)),
        ExpressionStatement { Value: StringExpression } or RaiseStatement or PassStatement or AssertStatement => true,
        _ => false,
    };

    /// <summary>A class of these files whose construction can be repeated: no state outside of the object.</summary>
    private bool IsPlainClass(SourceClass type, int depth) => depth <= MaxDepth && StateOf(type, 0) is null
        && !SourceTree.Below(type.Node).Any(n => n is ScopeStatement || n is FunctionDefinition { Name: "__new__" })
        && MadeAlike(type);

    /// <summary>Whether its <c>__init__</c>, and what that runs, draws nothing, uses up nothing, and leaves no trace outside of the object.</summary>
    private bool MadeAlike(SourceClass type)
    {
        var family = new ClassFamily(files, type);
        var reached = family.Reached(["__init__"]);
        var calls = family.Bases.SelectMany(b => SourceTree.Below(b.Node)).OfType<CallExpression>().Select(c => LastPart(c.Function)).ToHashSet(StringComparer.Ordinal);
        var onlyParameters = !calls.Contains("register_buffer") && calls.Overlaps(["Parameter", "register_parameter", .. Weighted]);
        foreach (var (tree, method) in family.Bases.SelectMany(b => b.Methods.Where(m => reached.Contains(m.Name)).Select(m => (b.Tree, m))))
        {
            foreach (var node in method.Body.SelectMany(SourceTree.Below))
            {
                var isTrace = node switch
                {
                    CallExpression { Function: NameExpression { Name: "next" or "input" or "open" or "setattr" or "id" } } => true,
                    CallExpression { Function: AttributeExpression { Name: "pop" or "popleft" or "__next__" or "popitem" } } => true,
                    CallExpression call when Draws(tree, call, onlyParameters, 0) => true,
                    CallExpression { Function: AttributeExpression { Value: var of, Name: var name } } => Mutators.Contains(name) && IsForeign(tree, method, of),
                    AttributeExpression or SubscriptExpression => AttributeUses.IsTarget(tree, node) && IsForeign(tree, method, (Expression)node),
                    _ => false,
                };
                if (isTrace)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether a call gives another value each time: it draws, or looks at a clock; numbers that are drawn into parameters only are those of a checkpoint.</summary>
    private static bool Draws(SourceTree tree, CallExpression call, bool onlyParameters, int depth)
    {
        var text = tree.Resolve(call.Function) ?? tree.Text(call.Function);
        return text.Contains("rand", StringComparison.Ordinal) || text.StartsWith("time.", StringComparison.Ordinal) || text.StartsWith("uuid.", StringComparison.Ordinal)
            || LastPart(call.Function) switch
            {
                "multinomial" or "bernoulli" or "poisson" or "normal" or "shuffle" or "choice" or "choices" or "sample" or "uniform" or "now" or "getpid" => true,
                "normal_" or "uniform_" or "trunc_normal_" or "random_" or "bernoulli_" or "exponential_" or "orthogonal_" or "sparse_" or "kaiming_normal_" or "kaiming_uniform_" or "xavier_normal_" or "xavier_uniform_" => !onlyParameters,
                _ => false,
            }
            || (depth < 4 && call.Function is NameExpression name && tree.Find(name.Name, name) is { All: [{ By: FunctionDefinition function }] }
                && SourceTree.Below(function).OfType<CallExpression>().Any(c => c != call && Draws(tree, c, onlyParameters, depth + 1)));
    }

    private static string LastPart(Expression function) => function switch
    {
        NameExpression n => n.Name,
        AttributeExpression a => a.Name,
        _ => "",
    };

    /// <summary>Whether an expression begins with what is neither the object nor a name of the method.</summary>
    private static bool IsForeign(SourceTree tree, FunctionDefinition method, Expression expression) => expression switch
    {
        NameExpression n => n.Name != ClassFamily.Self(method) && (tree.ScopeOf(method).Find(n.Name) is not { } own || own.All.Exists(b => b.By is Parameter)),
        AttributeExpression { Name: "__class__" } => true,
        AttributeExpression a => IsForeign(tree, method, a.Value),
        SubscriptExpression s => IsForeign(tree, method, s.Value),
        _ => true,
    };

    /// <summary>What an object of a class changes of itself when it is called; null where it changes nothing.</summary>
    private string? StateOf(SourceClass type, int depth)
    {
        if (_states.TryGetValue(type, out var known) || depth > 16)
        {
            return known;
        }

        _states[type] = null;
        var family = new ClassFamily(files, type);
        var reached = family.Unknown is null ? family.Reached(["forward", "__call__"]) : [];
        foreach (var member in family.Bases)
        {
            foreach (var method in member.Methods.Where(m => reached.Contains(m.Name)))
            {
                if (method.Decorators.FirstOrDefault(d => member.Tree.Text(d).Contains("cache", StringComparison.OrdinalIgnoreCase)) is { } cache)
                {
                    return _states[type] = $"'{member.Tree.Text(cache)}' keeps what '{method.Name}' of class '{type.Name}' returned: two would not behave as one";
                }

                if (ClassFamily.Self(method) is { } self && (Changes(member.Tree, method, self) ?? Identity(member.Tree, method, self)) is { } line)
                {
                    return _states[type] = $"an object of class '{type.Name}' changes itself, or asks which it is, when it is called (line {line}): two would not behave as one";
                }
            }

            if (member.Node.Decorators.Length > 0 && member.Node.Decorators.Any(d => member.Tree.Text(d).Contains("dataclass", StringComparison.Ordinal)))
            {
                return _states[type] = $"class '{type.Name}' is made by a decorator";
            }
        }

        return family.Unknown is { } unknown ? _states[type] = $"class '{type.Name}' derives from '{unknown}', whose code is not at hand" : null;
    }

    /// <summary>Where a method uses its object as a key, compares it, or hands it to a function.</summary>
    private static int? Identity(SourceTree tree, FunctionDefinition method, string self) =>
        method.Body.SelectMany(SourceTree.Below).OfType<NameExpression>().FirstOrDefault(n => n.Name == self && tree.Parent(n) switch
        {
            AttributeExpression => false,
            CallExpression => false,
            Argument a => tree.Parent(a) is not CallExpression { Function: NameExpression { Name: "super" or "isinstance" or "hasattr" or "getattr" or "setattr" or "type" } or AttributeExpression { Name: "forward" or "__init__" or "__call__" } },
            _ => true,
        }) is { } use ? tree.File.PositionOf(use.Start).Line : null;

    private static int? Changes(SourceTree tree, FunctionDefinition method, string self)
    {
        // Local names of what the object holds.
        var own = new HashSet<string>(StringComparer.Ordinal) { self };
        foreach (var node in method.Body.SelectMany(SourceTree.Below))
        {
            switch (node)
            {
                case AssignStatement s when StartsWith(s.Value, own) && s.Value is not NameExpression:
                    own.UnionWith(s.Targets.SelectMany(SourceTree.Below).OfType<NameExpression>().Select(n => n.Name));
                    break;
                case ForStatement f when SourceTree.Below(f.Iterable).OfType<NameExpression>().Any(n => own.Contains(n.Name)):
                    own.UnionWith(SourceTree.Below(f.Target).OfType<NameExpression>().Select(n => n.Name));
                    break;
            }

            var isChange = node switch
            {
                AttributeExpression a => AttributeUses.IsTarget(tree, a) && StartsWith(a, own),
                SubscriptExpression s => AttributeUses.IsTarget(tree, s) && StartsWith(s, own),
                ScopeStatement => true,
                CallExpression { Function: AttributeExpression { Name: "register_buffer" or "setattr", Value: NameExpression n } } when n.Name == self => true,
                CallExpression { Function: AttributeExpression { Value: var of, Name: var name } } => StartsWith(of, own) && of is not NameExpression { Name: "self" } && (Mutators.Contains(name) || (name.Length > 1 && name[^1] == '_' && name[^2] != '_')),
                CallExpression { Function: NameExpression { Name: "setattr" or "next" } } => true,
                _ => false,
            };
            if (isChange)
            {
                return tree.File.PositionOf(node.Start).Line;
            }
        }

        return null;
    }

    private static bool StartsWith(Expression expression, HashSet<string> own) => expression switch
    {
        NameExpression n => own.Contains(n.Name),
        AttributeExpression a => StartsWith(a.Value, own),
        SubscriptExpression s => StartsWith(s.Value, own),
        _ => false,
    };
}
