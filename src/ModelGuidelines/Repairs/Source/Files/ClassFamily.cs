using System.Collections.Frozen;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>A class with its bases and subclasses: everything whose objects may run its methods.</summary>
internal sealed class ClassFamily
{
    private static readonly FrozenSet<string> Plain = new[] { "object", "abc.ABC", "typing.Generic", "typing.Protocol", "torch.nn.Module", "torch.nn.modules.module.Module", "torch.nn.modules.Module" }.ToFrozenSet(StringComparer.Ordinal);

    private readonly SourceFiles _files;

    public ClassFamily(SourceFiles files, SourceClass type)
    {
        _files = files;
        Type = type;
        Add(type, Bases);
        foreach (var other in files.All.SelectMany(t => t.Nodes.OfType<ClassDefinition>().Select(c => new SourceClass(t, c))).ToList())
        {
            var bases = new List<SourceClass>();
            var unknown = Unknown;
            Add(other, bases);
            if (bases.Skip(1).Contains(type))
            {
                Subclasses.Add(other);
            }
            else
            {
                Unknown = unknown;
            }
        }

        Members = [.. Bases.Concat(Subclasses).SelectMany(c => Ancestors(c)).Distinct()];
    }

    public SourceClass Type { get; }

    /// <summary>Itself and its bases that stand in the files at hand, nearest first.</summary>
    public List<SourceClass> Bases { get; } = [];

    public List<SourceClass> Subclasses { get; } = [];

    /// <summary>All of them, with the other bases of subclasses.</summary>
    public List<SourceClass> Members { get; }

    /// <summary>A base whose code is not at hand and that is no plain module; null when there is none.</summary>
    public string? Unknown { get; private set; }

    /// <summary>Why the <c>__init__</c> of this class may not run for some object that runs its methods; null when it runs for all.</summary>
    public string? MissesInit()
    {
        foreach (var subclass in Subclasses)
        {
            var order = Ancestors(subclass);
            if (order.Any(c => c.Node.Arguments.Count(a => a.Name is null) > 1) && order.Any(c => c != Type && Bases.Skip(1).All(b => b != c) && c.MethodNamed("__init__") is null && c != subclass))
            {
                return $"'{subclass.Name}' derives from several classes, one of which has no __init__ of its own";
            }

            foreach (var type in order.TakeWhile(c => c != Type))
            {
                if (Binds(type, "__init__") && !CallsSuper(type))
                {
                    return $"'{type.Name}' derives from it and does not call super().__init__() in its own __init__";
                }
            }
        }

        return null;
    }

    /// <summary>A method of that name, and all methods that it calls by way of its object, with those that it runs by running the object itself.</summary>
    public HashSet<string> Reached(IEnumerable<string> names)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<string>(names);
        while (pending.TryPop(out var name))
        {
            if (!reached.Add(name))
            {
                continue;
            }

            foreach (var (tree, method) in Members.SelectMany(c => c.Methods.Where(m => m.Name == name).Select(m => (c.Tree, m))))
            {
                foreach (var called in Calls(tree, method))
                {
                    pending.Push(called);
                }
            }
        }

        return reached;
    }

    /// <summary>What a method's code calls of its own object; <c>forward</c> where the object itself is called or handed on.</summary>
    public static IEnumerable<string> Calls(SourceTree tree, FunctionDefinition method) =>
        Self(method) is not { } self ? [] : method.Body.SelectMany(s => Uses(tree, s, self));

    /// <summary>What a statement does with an object by that name.</summary>
    public static IEnumerable<string> Uses(SourceTree tree, PythonNode statement, string self)
    {
        foreach (var name in SourceTree.Below(statement).OfType<NameExpression>().Where(n => n.Name == self))
        {
            switch (tree.Parent(name))
            {
                case AttributeExpression attribute when attribute.Value == name:
                    // Read as a property, called, or handed on: what is a method runs then.
                    yield return attribute.Name;
                    break;
                case Argument a when tree.Parent(a) is CallExpression { Function: NameExpression { Name: "super" or "isinstance" or "type" or "id" or "hasattr" } or AttributeExpression { Name: "__init__" } }:
                    break;
                default:
                    yield return "forward";
                    break;
            }
        }

        if (SourceTree.Below(statement).OfType<CallExpression>().Any(c => c.Function is AttributeExpression { Value: CallExpression { Function: NameExpression { Name: "super" } }, Name: not "__init__" }))
        {
            foreach (var call in SourceTree.Below(statement).OfType<AttributeExpression>().Where(a => a.Value is CallExpression { Function: NameExpression { Name: "super" } } && a.Name != "__init__"))
            {
                yield return call.Name;
            }
        }
    }

    public static string? Self(FunctionDefinition method) =>
        method.Parameters is [{ Kind: ParameterKind.Ordinary or ParameterKind.PositionalOnly } first, ..] && !method.Decorators.Any(d => d is NameExpression { Name: "staticmethod" or "classmethod" }) ? first.Name : null;

    /// <summary>The class and its known bases, roughly in the order in which they are asked: depth first, the last of several mentions counts.</summary>
    public List<SourceClass> Ancestors(SourceClass type)
    {
        var bases = new List<SourceClass>();
        var unknown = Unknown;
        Add(type, bases);
        Unknown = unknown;
        return bases;
    }

    private void Add(SourceClass type, List<SourceClass> bases)
    {
        if (bases.Count > 64)
        {
            return;
        }

        bases.Remove(type);
        bases.Add(type);
        foreach (var argument in type.Node.Arguments.Where(a => a.Name is null))
        {
            var expression = argument.Value is SubscriptExpression { Value: var generic } ? generic : argument.Value;
            if (_files.ClassOf(type.Tree, expression) is { } found)
            {
                if (found != type)
                {
                    Add(found, bases);
                }
            }
            else if ((type.Tree.Resolve(expression) ?? (expression as NameExpression)?.Name) is not { } path || !Plain.Contains(path))
            {
                Unknown ??= type.Tree.Text(argument.Value);
            }
        }
    }

    private static bool Binds(SourceClass type, string name) => type.Tree.ScopeOf(type.Node).Find(name) is not null;

    private static bool CallsSuper(SourceClass type) =>
        type.MethodNamed("__init__") is { } init && type.Tree.ScopeOf(type.Node).Find("__init__")!.All.Count == 1 && InitBody.SuperCall(type, init) is not null;
}
