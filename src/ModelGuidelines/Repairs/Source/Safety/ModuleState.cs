using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What objects keep from call to call, so that two would not behave as one.</summary>
internal sealed class ModuleState(SourceFiles files, ModelGraph graph)
{
    private ILookup<string, string>? _parts;

    private readonly Dictionary<SourceClass, string?> _states = [];
    private readonly Dictionary<string, SourceClass?> _classes = new(StringComparer.Ordinal);

    /// <summary>Whether a module of the user's has parameters or buffers of its own, which checkpoints hold by its name.</summary>
    public bool HoldsState(ModelModule module) => module.Origin is ModuleOrigin.User && ClassOf(module) is { } type && HoldsState(type);

    /// <summary>Whether a class registers parameters or buffers that a state_dict holds.</summary>
    public bool HoldsState(SourceClass type) => new ClassFamily(files, type).Bases.Exists(b => SourceTree.Below(b.Node).OfType<CallExpression>().Any(c => Chain.Last(c.Function) switch
    {
        "Parameter" or "UninitializedParameter" or "Buffer" or "register_parameter" or "ParameterList" or "ParameterDict" => true,
        "register_buffer" => !c.Arguments.Any(a => a is { Name: "persistent", Value: ConstantExpression { Value: PythonConstant.False } }),
        _ => false,
    }));

    /// <summary>Where one of these holds parameters that are not to be replaced by another's; null: nowhere.</summary>
    public string? HoldsParameters(IEnumerable<ModelModule> modules) => modules.Where(m => m.Origin is ModuleOrigin.User).Select(ClassOf).OfType<SourceClass>().Distinct().Select(t => HeldParameters.Of(files, t)).FirstOrDefault(h => h is not null);

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
            else if (module.Origin is ModuleOrigin.User && !KnownClasses.IsStatelessLibrary(module.Type ?? ""))
            {
                return $"the code of class {type} is not at hand";
            }
            else if (type.StartsWith("InstanceNorm", StringComparison.Ordinal) && Tracks(type))
            {
                return $"a module of class {type} may keep statistics from call to call: two would not behave as one";
            }
            else if (!KnownClasses.Stateless.Contains(type) && !KnownClasses.Weighted.Contains(type) && !KnownClasses.IsStatelessLibrary(module.Type ?? ""))
            {
                return $"a module of class {type} keeps, or may keep, a state of its own from call to call: two would not behave as one";
            }
        }

        return null;
    }

    /// <summary>Whether some file makes such a module with statistics.</summary>
    private bool Tracks(string type) => files.All.Exists(t => t.Nodes.OfType<CallExpression>().Any(c => t.Text(c.Function) is var text && text[(text.LastIndexOf('.') + 1)..] == type
        && (c.Arguments.Length > 4 || c.Arguments.Any(a => a.Stars > 0 || a is { Name: "track_running_stats", Value: not ConstantExpression { Value: PythonConstant.False } }))));

    /// <summary>What an object of a class changes of itself when it is called; null where it changes nothing.</summary>
    public string? StateOf(SourceClass type, int depth)
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

        if (family.Unknown is { } unknown)
        {
            return _states[type] = $"class '{type.Name}' derives from '{unknown}', whose code is not at hand";
        }

        if (family.Bases.SelectMany(b => b.Methods).SelectMany(SourceTree.Below).OfType<AttributeExpression>().Any(a => a.Name.StartsWith("register_", StringComparison.Ordinal) && a.Name.EndsWith("_hook", StringComparison.Ordinal)))
        {
            return _states[type] = $"an object of class '{type.Name}' hooks modules: what runs then cannot be told";
        }

        // What it made for itself is never changed by a call.
        return new HeldUses(files, family, new(files, family, PartsOf(type)), name => IsQuiet(name, depth)).Change(reached) is { } changed
            ? _states[type] = $"an object of class '{type.Name}' may change what it holds when it is called, or hands it out (line {changed}): two would not behave as one" : null;
    }

    /// <summary>Attributes of a class' objects that hold modules, as following the file showed.</summary>
    private HashSet<string> PartsOf(SourceClass type)
    {
        _parts ??= graph.Modules.Where(m => m.Parent is not null).ToLookup(m => graph.Modules[m.Parent!.Value].TypeName ?? "", m => m.QualifiedName[(m.QualifiedName.LastIndexOf('.') + 1)..], StringComparer.Ordinal);
        return [.. _parts[type.Name]];
    }

    /// <summary>Whether a method of that name changes no object, whatever class at hand it is of.</summary>
    private bool IsQuiet(string method, int depth)
    {
        var types = files.All.SelectMany(t => t.Nodes.OfType<ClassDefinition>().Select(c => new SourceClass(t, c))).Where(c => c.MethodNamed(method) is not null).ToList();
        return types.Count > 0 && depth < 4 && types.TrueForAll(c => StateOf(c, depth + 1) is null && new ClassFamily(files, c) is var family && family.Reached([method]) is var reached
            && family.Bases.TrueForAll(b => b.Methods.Where(m => reached.Contains(m.Name)).All(m => ClassFamily.Self(m) is not { } self || Changes(b.Tree, m, self) is null))
            && new HeldUses(files, family, new(files, family, PartsOf(c)), n => IsQuiet(n, depth + 1)).Change(reached) is null);
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
                    own.UnionWith(s.Targets.Where(t => t is NameExpression or TupleExpression or ListExpression).SelectMany(SourceTree.Below).OfType<NameExpression>().Select(n => n.Name));
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
                CallExpression { Function: AttributeExpression { Value: var of, Name: var name } } => StartsWith(of, own) && of is not NameExpression { Name: "self" } && (KnownNames.Method(name, Does.Changes) || KnownNames.IsInPlace(name)),
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

    private static bool StartsWith(Expression expression, HashSet<string> own) => Chain.Name(expression) is { } name && own.Contains(name);
}
