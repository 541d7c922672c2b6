using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Whether calls that a constructor makes give the same the next time: functions of known libraries, of Python, and those at hand whose code is followed. Of all others nobody knows what they keep.</summary>
internal sealed class KnownCalls(SourceFiles files, Func<SourceTree, FunctionDefinition, bool> leavesNoTrace, Func<SourceClass, bool> isMadeAlike)
{
    private const int MaxDepth = 8;

    /// <summary>Libraries whose functions keep nothing; what draws numbers there is told by its name.</summary>
    private static readonly string[] Libraries = ["torch.", "math.", "functools.", "collections.", "itertools.", "copy.", "typing.", "einops.", "warnings.", "logging.", "operator.", "inspect.", "re.", "string.", "enum.", "numbers.", "dataclasses.", "numpy.", "torchvision.", "types.", "contextlib.", "abc.", "os.path.", "pathlib.", "json."];

    private readonly HashSet<PythonNode> _active = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether a call gives the same each time, as far as what is called goes.</summary>
    public bool IsKnown(SourceTree tree, CallExpression call, int depth = 0) => IsCallee(tree, call.Function, depth);

    private bool IsCallee(SourceTree tree, Expression function, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        if (files.ClassOf(tree, function) is { } type)
        {
            return IsClass(type);
        }

        if (tree.Resolve(function) is { } path && Libraries.Any(l => path.StartsWith(l, StringComparison.Ordinal)))
        {
            return !path.StartsWith("numpy.random.", StringComparison.Ordinal);
        }

        switch (function)
        {
            case NameExpression name:
                return IsName(tree, name, depth);
            case AttributeExpression { Value: CallExpression { Function: NameExpression { Name: "super" } } }:
                return true;
            case AttributeExpression a when AttributeUses.IsOfSelf(tree, a):
                return true; // a method that is followed, or what is held, which was made here
            case AttributeExpression { Value: var of, Name: var method }:
                if (files.ClassOf(tree, of) is { } owner)
                {
                    return owner.MethodNamed(method) is { } own && IsQuiet(owner.Tree, own, depth);
                }

                return ModuleWalks.FunctionsOf(files, tree, function) is [var (there, imported)] ? IsQuiet(there, imported, depth)
                    : tree.Resolve(of) is null && Chain.Root(of) is var root && (root is not NameExpression named ? root is not CallExpression || KnownNames.Method(method, Does.Outside) : KnownNames.Method(method, Does.Outside) || IsOwn(tree, named));
            case SubscriptExpression { Value: var table }:
                return Chain.Root(table) is not NameExpression known || tree.Find(known.Name, known) is not { } binding || binding.All.TrueForAll(b => b.By switch
                {
                    AssignStatement { Value: DictExpression d } => d.Values.All(v => IsCallee(tree, v, depth + 1)),
                    AssignStatement { Value: ListExpression l } => l.Elements.All(v => IsCallee(tree, v, depth + 1)),
                    _ => IsInFunction(tree, b.By),
                });
            case CallExpression { Function: var maker } call:
                return IsCallee(tree, maker, depth + 1) && (tree.Resolve(maker) is not "functools.partial" || call.Arguments is [{ Value: var partial }, ..] && IsCallee(tree, partial, depth + 1));
            case ConditionalExpression c:
                return IsCallee(tree, c.Body, depth + 1) && IsCallee(tree, c.OrElse, depth + 1);
            case BooleanExpression b:
                return b.Values.All(v => IsCallee(tree, v, depth + 1));
            case LambdaExpression l:
                return SourceTree.Below(l.Body).OfType<CallExpression>().All(c => IsKnown(tree, c, depth + 1));
            case ConstantExpression:
                return true;
            default:
                return false;
        }
    }

    private bool IsClass(SourceClass type)
    {
        if (!_active.Add(type.Node))
        {
            return true;
        }

        var result = isMadeAlike(type);
        _active.Remove(type.Node);
        return result;
    }

    private bool IsName(SourceTree tree, NameExpression name, int depth)
    {
        if (tree.Find(name.Name, name) is not { } binding)
        {
            return files.FunctionOf(tree, name) is { } starred ? IsQuiet(starred.Tree, starred.Function, depth) : KnownNames.Function(name.Name, Does.Pure | Does.Keeps);
        }

        return binding.All.TrueForAll(b => b.By switch
        {
            FunctionDefinition f => IsQuiet(tree, f, depth),
            ClassDefinition c => IsClass(new(tree, c)),
            Parameter => true,
            AssignStatement s when s.Targets is [NameExpression] => IsValue(tree, s.Value, depth),
            AnnotatedAssignStatement { Value: { } value } => IsValue(tree, value, depth),

            // One of several imports, which is there: a class is made of what it is given.
            ImportFromStatement or ImportStatement => files.FunctionOf(tree, name) is { } imported ? IsQuiet(imported.Tree, imported.Function, depth) : char.IsUpper(name.Name[0]) || binding.All.Count > 1,
            ScopeStatement => false,
            _ => IsInFunction(tree, b.By),
        });
    }

    /// <summary>Whether a value that a name has may be called.</summary>
    private bool IsValue(SourceTree tree, Expression value, int depth)
    {
        if (!_active.Add(value))
        {
            return true;
        }

        var result = value switch
        {
            NameExpression n when tree.Find(n.Name, n) is { } binding && binding.All.TrueForAll(b => b.By is Parameter) => true,
            CallExpression call when tree.Resolve(call.Function) is null && call.Function is not NameExpression => IsKnown(tree, call, depth + 1),
            _ => IsCallee(tree, value, depth + 1),
        };
        _active.Remove(value);
        return result;
    }

    /// <summary>Whether a function, and what it calls, leaves no trace and takes nothing away.</summary>
    private bool IsQuiet(SourceTree tree, FunctionDefinition function, int depth)
    {
        if (!_active.Add(function))
        {
            return true;
        }

        var result = depth < MaxDepth && leavesNoTrace(tree, function) && !SourceTree.Below(function).Any(n => n is ScopeStatement) && SourceTree.Below(function).OfType<CallExpression>().All(c => IsKnown(tree, c, depth + 1))
            && function.Decorators.All(d => d is NameExpression { Name: "staticmethod" or "classmethod" or "property" } || (tree.Resolve(d is CallExpression c ? c.Function : d) is { } path && path.StartsWith("torch.", StringComparison.Ordinal)));
        _active.Remove(function);
        return result;
    }

    /// <summary>Whether a name is one of the function's own, no parameter.</summary>
    private static bool IsOwn(SourceTree tree, NameExpression name) => tree.Find(name.Name, name) is { } binding && binding.All.TrueForAll(b => b.By is not (Parameter or ImportStatement or ImportFromStatement) && IsInFunction(tree, b.By))
        || tree.Method(name).Method is { } method && ClassFamily.Self(method) == name.Name;

    private static bool IsInFunction(SourceTree tree, PythonNode node) => tree.Ancestors(node).Any(a => a is FunctionDefinition or LambdaExpression);
}
