using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Why a further module in a class may be passed by, or be another than its class says.</summary>
internal static class ClassHazards
{
    /// <summary>Why a further module in a class may be passed by, or be another than its class says; null where it is not.</summary>
    /// <param name="files">All files at hand.</param>
    /// <param name="family">The class that gets a module.</param>
    /// <param name="hasParameters">Whether the module has parameters.</param>
    public static string? Hazard(SourceFiles files, ClassFamily family, bool hasParameters) => LooksUp(family) ?? Patched(files) ?? Replaced(files, family) ?? RunOtherwise(files, family) ?? (hasParameters ? Counts(family) : null);

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
            && SourceTree.Below(made).Any(n => n is ClassDefinition or CallExpression { Function: NameExpression { Name: "setattr" or "type" } } || (n is AttributeExpression a && AttributeUses.IsTarget(tree, a)));
    }

    /// <summary>Where something of a library itself is replaced, as <c>nn.ReLU = Swish</c>; null: nowhere.</summary>
    private static string? Patched(SourceFiles files)
    {
        foreach (var tree in files.All)
        {
            if (tree.Nodes.OfType<AttributeExpression>().FirstOrDefault(a => AttributeUses.IsTarget(tree, a) && tree.Resolve(a) is { } path && path.StartsWith("torch.", StringComparison.Ordinal) && !path.StartsWith("torch.backends.", StringComparison.Ordinal)) is { } patched)
            {
                return $"line {tree.File.PositionOf(patched.Start).Line} of {Path.GetFileName(tree.Path)} replaces '{tree.Text(patched)}'";
            }

            if (tree.Nodes.OfType<CallExpression>().FirstOrDefault(c => c.Function is NameExpression { Name: "setattr" } && c.Arguments.Length > 0 && tree.Resolve(c.Arguments[0].Value) is { } path && path.StartsWith("torch", StringComparison.Ordinal)) is { } set)
            {
                return $"line {tree.File.PositionOf(set.Start).Line} of {Path.GetFileName(tree.Path)} replaces what a name of torch stands for";
            }
        }

        return files.All.Select(t => t.Nodes.OfType<CallExpression>().FirstOrDefault(c => KnownNames.Method(Chain.Last(c.Function), Does.Hooks)) is { } hook ? $"line {t.LineOf(hook)} of {Path.GetFileName(t.Path)} hooks all modules, a further one too" : null).FirstOrDefault(h => h is not null);
    }

    /// <summary>Where an object runs the class' methods without its <c>__init__</c>: by a method that is taken out of the class, by <c>Net.__new__(Net)</c>, or by <c>m.__class__ = Net</c>; null: nowhere.</summary>
    private static string? RunOtherwise(SourceFiles files, ClassFamily family)
    {
        var methods = family.Members.SelectMany(m => m.Methods).Where(m => m.Name != "__init__" && ClassFamily.Self(m) is not null).Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var tree in files.All)
        {
            bool IsMember(Expression e) => e is NameExpression or AttributeExpression && files.ClassOf(tree, e) is { } type && family.Members.Contains(type);

            // Base.forward(self, x) in what derives from it runs with an object of the family.
            bool IsOwn(AttributeExpression a) => tree.Parent(a) is CallExpression { Arguments: [{ Value: NameExpression first }, ..] } call && call.Function == a
                && tree.Method(a) is ({ } type, { } method) && ClassFamily.Self(method) == first.Name && family.Members.Contains(new(tree, type));
            switch (tree.Nodes.FirstOrDefault(n => n switch
            {
                AttributeExpression { Value: NameExpression or AttributeExpression } a when methods.Contains(a.Name) => IsMember(a.Value) && !IsOwn(a),
                CallExpression { Function: AttributeExpression { Name: "__new__" }, Arguments: [{ Value: var made }, ..] } => IsMember(made),
                AssignStatement { Targets: [AttributeExpression { Name: "__class__" }], Value: var type } => IsMember(type),
                _ => false,
            }))
            {
                case AttributeExpression taken:
                    return $"line {tree.LineOf(taken)} of {Path.GetFileName(tree.Path)} takes '{taken.Name}' out of its class";
                case { } made:
                    return $"line {tree.LineOf(made)} of {Path.GetFileName(tree.Path)} makes an object of class '{family.Type.Name}' without its __init__";
            }
        }

        return null;
    }

    /// <summary>Where somebody replaces a method of the class from outside, as <c>Net.__init__ = build</c>; null: nowhere.</summary>
    private static string? Replaced(SourceFiles files, ClassFamily family)
    {
        var methods = family.Members.SelectMany(m => m.Methods).Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var tree in files.All)
        {
            bool IsMember(Expression e) => files.ClassOf(tree, e) is { } type && family.Members.Contains(type);
            if (tree.Nodes.FirstOrDefault(n => n switch
            {
                AttributeExpression { Name: var name, Value: NameExpression or AttributeExpression } a => (methods.Contains(name) || (name.StartsWith("__", StringComparison.Ordinal) && name is not ("__doc__" or "__name__" or "__qualname__" or "__module__"))) && AttributeUses.IsTarget(tree, a) && IsMember(a.Value),
                CallExpression { Function: NameExpression { Name: "setattr" }, Arguments: [{ Value: NameExpression or AttributeExpression } of, ..] } => IsMember(of.Value),
                _ => false,
            }) is { } replaced)
            {
                return $"line {tree.LineOf(replaced)} of {Path.GetFileName(tree.Path)} replaces a method of '{family.Type.Name}' or of what it derives from";
            }
        }

        return null;
    }

    /// <summary>Where running the class looks at its parameters as a whole, of which there would be more; null: nowhere.</summary>
    private static string? Counts(ClassFamily family)
    {
        var reached = family.Reached(["forward"]);
        foreach (var (type, method) in family.Members.SelectMany(c => c.Methods.Where(m => reached.Contains(m.Name)).Select(m => (c, m))))
        {
            if (method.Body.SelectMany(SourceTree.Below).OfType<AttributeExpression>().FirstOrDefault(a => a.Name is "parameters" or "named_parameters" or "buffers" or "named_buffers" or "state_dict" && AttributeUses.IsOfSelf(type.Tree, a)) is { } use)
            {
                return $"line {type.Tree.File.PositionOf(use.Start).Line} of {Path.GetFileName(type.Tree.Path)} looks at all parameters of the module when it runs";
            }
        }

        // An initialisation treats the copy as it treats the first; what adds them up, or takes them by their places, has more.
        var made = family.Reached(["__init__"]);
        foreach (var (type, method) in family.Members.SelectMany(c => c.Methods.Where(m => made.Contains(m.Name)).Select(m => (c, m))))
        {
            if (method.Body.SelectMany(SourceTree.Below).OfType<AttributeExpression>().FirstOrDefault(a => a.Name is "parameters" or "named_parameters" or "buffers" or "named_buffers" or "state_dict" && AttributeUses.IsOfSelf(type.Tree, a)
                && type.Tree.Ancestors(a).TakeWhile(u => u is not Statement).Any(u => u is CallExpression { Function: NameExpression { Name: "sum" or "len" or "list" or "tuple" or "sorted" or "enumerate" or "zip" } or AttributeExpression { Name: "numel" or "stack" or "cat" or "reduce" } })) is { } counted)
            {
                return $"line {type.Tree.File.PositionOf(counted.Start).Line} of {Path.GetFileName(type.Tree.Path)} counts the parameters of the module";
            }
        }

        return null;
    }
}
