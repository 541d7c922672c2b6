using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Finds a place in a class' <c>__init__</c> where a new attribute can be defined such that it is there whenever the method that needs it runs.</summary>
internal sealed class InitBody(SourceFiles files, ClassFamily family)
{
    private static readonly HashSet<string> Quiet = ["add_module", "register_module", "register_buffer", "register_parameter", "training", "named_parameters", "parameters", "__class__", "__dict__"];

    /// <summary>The statement of <c>__init__</c> that runs the base's: <c>super().__init__()</c>, or the base's own by name; null when none of its own level does.</summary>
    public static Statement? SuperCall(SourceClass type, FunctionDefinition init) => init.Body.FirstOrDefault(s =>
        s is ExpressionStatement { Value: CallExpression { Function: AttributeExpression { Name: "__init__", Value: var of } } call } && of switch
        {
            CallExpression { Function: NameExpression { Name: "super" } } super => super.Arguments.IsEmpty || (super.Arguments is [{ Value: NameExpression named }, _] && named.Name == type.Name),
            NameExpression or AttributeExpression => type.Node.Arguments.Any(a => a.Name is null && type.Tree.Text(a.Value) == type.Tree.Text(of)) && call.Arguments.Length > 0 && type.Node.Arguments.Count(a => a.Name is null) == 1,
            _ => false,
        });

    /// <summary>How a definition is inserted for a call in that method; or why there is no place.</summary>
    /// <param name="method">Where the attribute will be called.</param>
    /// <param name="attributes">Attributes of the object that the definition reads.</param>
    /// <param name="parameters">Parameters of <c>__init__</c> that it reads.</param>
    public (Func<string, SourceEdit>? Insert, FunctionDefinition? Init, string? Reason) Place(FunctionDefinition method, IReadOnlyCollection<string> attributes, IReadOnlyCollection<string> parameters)
    {
        var type = family.Type;
        var bindings = type.Tree.ScopeOf(type.Node).Find("__init__");
        if (bindings is null)
        {
            return attributes.Count == 0 && parameters.Count == 0 && Invent() is { } invent ? (invent, null, null) : (null, null, $"class '{type.Name}' has no __init__ of its own to define a module in");
        }

        if (bindings.All is not [{ By: FunctionDefinition { Decorators.IsEmpty: true, IsAsync: false } init }] || !type.Node.Body.Contains(init) || ClassFamily.Self(init) is not { } self || HasDataClass(type))
        {
            return (null, null, $"the __init__ of class '{type.Name}' is defined in a way that is not understood");
        }

        if (family.MissesInit() is { } missed)
        {
            return (null, null, missed);
        }

        if (SuperCall(type, init) is not { } super)
        {
            return (null, null, $"the __init__ of class '{type.Name}' does not begin with super().__init__()");
        }

        var at = init.Body.IndexOf(super);
        if (init.Body.Take(at).Any(Returns))
        {
            return (null, null, $"the __init__ of class '{type.Name}' may return before super().__init__()");
        }

        // What the bases' __init__ runs happens before any place here.
        var needed = NeededBy(method);
        if (family.Bases.Where(b => b != type).Any(b => b.MethodNamed("__init__") is { } baseInit && family.Reached(ClassFamily.Calls(b.Tree, baseInit)).Overlaps(needed)))
        {
            return (null, null, $"a base's __init__ runs '{method.Name}' before anything can be defined");
        }

        // Names that the definition reads have to be there, and quiet statements before it.
        var first = at;
        foreach (var attribute in attributes)
        {
            if (Defined(type, init, attribute) is not { } defined || init.Body.IndexOf(defined) is var index && index <= at)
            {
                return (null, null, $"'{self}.{attribute}' is not set once and for all at the level of __init__ itself");
            }

            first = Math.Max(first, index);
        }

        if (parameters.FirstOrDefault(p => type.Tree.ScopeOf(init).Find(p) is not { All: [{ By: Parameter }] }) is { } changed)
        {
            return (null, null, $"'{changed}' is assigned in __init__");
        }

        var isQuiet = Enumerable.Range(at + 1, init.Body.Length - at - 1).Select(i => IsQuiet(type.Tree, init.Body[i], self, needed)).ToList();
        var end = init.Body.Length - 1;
        if (isQuiet.TrueForAll(q => q) && !init.Body.Any(Returns) && init.Body[end] is not (RaiseStatement or ReturnStatement) && !Ends(init.Body[end]) && IsBelow(type.Tree, init) && LastPlace(type.Tree, init) is { } last)
        {
            return (last.Insert(self), init, null);
        }

        if (isQuiet.Take(first - at).All(q => q) && !init.Body.Skip(at).Take(first - at + 1).Any(Returns) && IsBelow(type.Tree, init) && type.Tree.Behind(init.Body[first]) is { } early)
        {
            return (d => early.Insert($"{self}.{d}"), init, null);
        }

        return (null, null, $"the __init__ of class '{type.Name}' runs '{method.Name}', returns or changes modules before a module can be defined");
    }

    /// <summary>The methods that run the method, so that the attribute has to be there when they do.</summary>
    private HashSet<string> NeededBy(FunctionDefinition method)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal) { method.Name };
        for (var count = 0; count != needed.Count;)
        {
            count = needed.Count;
            foreach (var (tree, other) in family.Members.SelectMany(c => c.Methods.Where(m => m.Name != "__init__").Select(m => (c.Tree, m))))
            {
                if (needed.Overlaps(ClassFamily.Calls(tree, other)))
                {
                    needed.Add(other.Name);
                }
            }
        }

        return needed;
    }

    /// <summary>Whether a statement of <c>__init__</c> neither runs what needs the attribute nor changes modules that are there, as <c>eval()</c> does.</summary>
    private bool IsQuiet(SourceTree tree, Statement statement, string self, HashSet<string> needed)
    {
        foreach (var name in SourceTree.Below(statement).OfType<NameExpression>().Where(n => n.Name == self))
        {
            if (tree.Parent(name) is not AttributeExpression attribute)
            {
                if (tree.Parent(name) is Argument a && tree.Parent(a) is CallExpression { Function: NameExpression { Name: "super" or "isinstance" or "hasattr" } })
                {
                    continue;
                }

                return false;
            }

            if (tree.Parent(attribute) is CallExpression call && call.Function == attribute)
            {
                var isMethod = family.Members.Exists(c => c.MethodNamed(attribute.Name) is not null);
                if (isMethod ? family.Reached([attribute.Name]) is var reached && (reached.Overlaps(needed) || reached.Overlaps(["eval", "train", "apply", "forward"]))
                    : !Quiet.Contains(attribute.Name) && !family.Members.Exists(c => AttributeUses.Defines(c, attribute.Name)))
                {
                    return false;
                }
            }
            else if (needed.Contains(attribute.Name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The statement of <c>__init__</c>'s own level behind which an attribute of that name, which no other code of all files sets or changes, is what it stays.</summary>
    private Statement? Defined(SourceClass type, FunctionDefinition init, string attribute)
    {
        bool IsOwn((SourceTree Tree, AttributeExpression Node) a) => a.Tree.Method(a.Node).Class is not { } owner || family.Members.Contains(new(a.Tree, owner)) || !AttributeUses.IsOfSelf(a.Tree, a.Node);
        var all = files.All.SelectMany(t => t.Nodes.OfType<AttributeExpression>().Where(a => a.Name == attribute).Select(a => (Tree: t, Node: a))).ToList();
        var targets = all.FindAll(a => AttributeUses.IsTarget(a.Tree, a.Node) && IsOwn(a));
        var filled = all.FindAll(a => SetInInit.IsFilled(a.Tree, a.Node) && IsOwn(a));
        var isMutated = all.Exists(a => a.Tree.Parent(a.Node) is AttributeExpression && a.Tree.Parent(a.Tree.Parent(a.Node)!) is CallExpression && AttributeUses.IsOfSelf(a.Tree, a.Node) && a.Tree.Method(a.Node).Class is { } owner && family.Members.Contains(new(a.Tree, owner)) && !filled.Contains(a))
            || all.Exists(a => a.Tree.Parent(a.Node) is SubscriptExpression element && AttributeUses.IsTarget(a.Tree, element)) || AttributeUses.NamedByText(files, family, attribute) is not null || AttributeUses.AreSetAtOnce(files);
        return !isMutated && targets.Concat(filled).All(a => a.Tree == type.Tree) ? SetInInit.Of(type.Tree, init, targets.ConvertAll(a => a.Node), filled.ConvertAll(a => a.Node)).LastOrDefault() : null;
    }

    private Func<string, SourceEdit>? Invent()
    {
        var type = family.Type;
        var tree = type.Tree;
        if (type.Node.Arguments is not [{ Name: null, Stars: 0, Value: var only }] || tree.Resolve(only) is not "torch.nn.Module" || !type.Node.Decorators.IsEmpty || family.MissesInit() is not null
            || family.Subclasses.Exists(s => family.Ancestors(s).Exists(c => c.Node.Arguments.Count(a => a.Name is null) > 1))
            || type.Node.Body.OfType<FunctionDefinition>().FirstOrDefault() is not { Decorators.IsEmpty: true } first
            || tree.IndentOf(first) is not { Length: > 0 } outer || tree.IndentOf(first.Body[0]) is not { } inner || !IsBelow(tree, first))
        {
            return null;
        }

        var lineEnd = tree.LineEnd(tree.File.Text.AsSpan(first.Start).IndexOfAny('\r', '\n') is var i and >= 0 ? first.Start + i : tree.File.Text.Length);
        var offset = tree.File.LineStart(tree.File.PositionOf(first.Start).Line);
        return d => new(new(offset, offset), $"{outer}def __init__(self):{lineEnd}{inner}super().__init__(){lineEnd}{inner}self.{d}{lineEnd}{lineEnd}");
    }

    /// <summary>Behind the last statement, at the level of the body.</summary>
    private static (Func<string, Func<string, SourceEdit>> Insert, int Offset)? LastPlace(SourceTree tree, FunctionDefinition init)
    {
        if (tree.IndentOf(init.Body[0]) is not { } indent)
        {
            return null;
        }

        var last = init.Body[^1];
        var end = tree.File.Text.AsSpan(last.End).IndexOfAny('\r', '\n');
        end = end < 0 ? tree.File.Text.Length : last.End + end;
        var rest = tree.File.Text.AsSpan(last.End, end - last.End).Trim();
        var prefix = tree.LineEnd(end) + indent;
        return rest.Length > 0 && rest[0] is not ('#' or ';') ? null : (self => d => new(new(end, end), $"{prefix}{self}.{d}"), end);
    }

    private static bool HasDataClass(SourceClass type) => type.Node.Decorators.Any(d => type.Tree.Text(d).Contains("dataclass", StringComparison.Ordinal) || type.Tree.Text(d).StartsWith("attr", StringComparison.Ordinal));

    private static bool IsBelow(SourceTree tree, FunctionDefinition function) => tree.File.PositionOf(function.Body[0].Start).Line > tree.File.PositionOf(function.Start).Line;

    /// <summary>Whether a statement has a return of this function in it.</summary>
    public static bool Returns(Statement statement)
    {
        var pending = new Stack<PythonNode>([statement]);
        while (pending.TryPop(out var node))
        {
            if (node is ReturnStatement)
            {
                return true;
            }

            if (node is not (FunctionDefinition or LambdaExpression or ClassDefinition))
            {
                PythonTree.Children(node).ToList().ForEach(pending.Push);
            }
        }

        return false;
    }

    /// <summary>Whether nothing behind the statement may run on a good way: an endless loop, an if whose arms all raise.</summary>
    private static bool Ends(Statement statement) => statement switch
    {
        RaiseStatement or ReturnStatement => true,
        IfStatement i => !i.OrElse.IsEmpty && i.Clauses.All(c => Ends(c.Body[^1])) && Ends(i.OrElse[^1]),
        WithStatement w => Ends(w.Body[^1]),
        WhileStatement => true,
        _ => false,
    };
}
