using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Whether code that is run for each module of a module treats each by itself, as an initialisation does, so that one more of a class makes no difference to anything else.</summary>
/// <param name="files">All files at hand.</param>
/// <param name="shares">Whether the further module's parameters are those of another, so that what is done to each is done to them twice.</param>
internal sealed class ActsOnEach(SourceFiles files, bool shares)
{
    private readonly HashSet<FunctionDefinition> _asked = [];

    /// <summary>Whether a loop's or function's statements only change the module that they are given.</summary>
    /// <param name="tree">The file.</param>
    /// <param name="around">The loop or function.</param>
    /// <param name="body">Its statements.</param>
    /// <param name="own">Names of the module and of what belongs to it.</param>
    public bool Only(SourceTree tree, PythonNode around, IEnumerable<Statement> body, params string[] own)
    {
        var names = own.ToHashSet(StringComparer.Ordinal);
        return body.All(s => IsOwn(tree, around, s, names));
    }

    private bool IsOwn(SourceTree tree, PythonNode around, Statement statement, HashSet<string> own)
    {
        bool All(IEnumerable<Statement> body) => body.All(s => IsOwn(tree, around, s, own));
        switch (statement)
        {
            case PassStatement or ContinueStatement or ReturnStatement { Value: null } or ExpressionStatement { Value: StringExpression } or RaiseStatement or AssertStatement:
                return true;
            case IfStatement i when !shares || i.Clauses.All(c => !new DoneTwice(tree).Reads(c.Test, own)):
                return i.Clauses.All(c => All(c.Body)) && All(i.OrElse);
            case WithStatement w:
                return w.Items.All(n => n.Target is null) && All(w.Body);
            case ForStatement f when Root(f.Iterable) is { } root && own.Contains(root):
                SourceTree.Below(f.Target).OfType<NameExpression>().ToList().ForEach(n => own.Add(n.Name));
                return All(f.Body) && All(f.OrElse);

            case AssignStatement a when shares && !new DoneTwice(tree).IsOnce(a, own):
            case AugmentedAssignStatement when shares:
                return false;

            // A number that is counted for this module alone.
            case AssignStatement { Targets: [NameExpression name] }:
                return tree.Find(name.Name, name) is not null && !tree.Nodes.OfType<ScopeStatement>().Any(s => s.Names.Contains(name.Name))
                    && (around is FunctionDefinition || !SourceTree.Below((PythonNode?)tree.Method(around).Method ?? around).OfType<NameExpression>().Any(n => n.Name == name.Name && (n.Start < around.Start || n.End > around.End)
                        && !tree.Ancestors(n).OfType<ForStatement>().Any(l => l.Body.Any(s => s is AssignStatement { Targets: [NameExpression set] } && set.Name == name.Name))));
            case AssignStatement a:
                return a.Targets.All(t => t is AttributeExpression or SubscriptExpression && Root(t) is { } root && own.Contains(root));
            case AugmentedAssignStatement { Target: AttributeExpression or SubscriptExpression } a:
                return Root(a.Target) is { } target && own.Contains(target);
            case ExpressionStatement { Value: CallExpression call }:
                return IsOwn(tree, call, own);
            default:
                return false;
        }
    }

    /// <summary>A call of a method of the module or of what it holds, of an initialisation, or of a function that does no more itself.</summary>
    private bool IsOwn(SourceTree tree, CallExpression call, HashSet<string> own)
    {
        bool IsOnce(int changed) => !shares || new DoneTwice(tree).IsOnce(call, own, changed);
        if (Root(call.Function) is { } root && own.Contains(root))
        {
            return IsOnce(0) || (call is { Function: AttributeExpression { Name: var method }, Arguments.IsEmpty: true } && AllMethods(method));
        }

        if (tree.Resolve(call.Function) is { } path && path.StartsWith("torch.", StringComparison.Ordinal) && path[(path.LastIndexOf('.') + 1)..] is var last && (last.EndsWith('_') || path.StartsWith("torch.nn.init.", StringComparison.Ordinal) || path.StartsWith("torch.nn.utils.", StringComparison.Ordinal)))
        {
            return IsOnce(1);
        }

        if (call.Function is NameExpression { Name: "print" or "setattr" or "delattr" } known && tree.Find(known.Name, known) is null)
        {
            return known.Name == "print" || (!shares && call.Arguments is [{ Value: var of }, ..] && Root(of) is { } target && own.Contains(target));
        }

        if (ModuleWalks.FunctionsOf(files, tree, call.Function) is { Count: > 0 } functions && call.Arguments is [{ Name: null, Stars: 0, Value: var first }, ..] && Root(first) is { } handed && own.Contains(handed))
        {
            return functions.TrueForAll(f => !_asked.Add(f.Function) || (f.Function.Parameters.FirstOrDefault(p => p.Name != "self")?.Name is { } parameter && Only(f.Tree, f.Function, f.Function.Body, parameter)));
        }

        // trunc_normal_(m.weight, std=0.02) of a library: by its name it changes what it is handed.
        return call.Function is NameExpression or AttributeExpression && tree.Text(call.Function).EndsWith('_') && call.Arguments is [{ Value: var changed }, ..] && Root(changed) is { } begins && own.Contains(begins) && IsOnce(1);
    }

    /// <summary>Whether whatever method of a class at hand bears the name does no more to its object: <c>m.init_weights()</c>.</summary>
    private bool AllMethods(string name) =>
        files.All.SelectMany(t => t.Nodes.OfType<FunctionDefinition>().Where(f => f.Name == name && t.Parent(f) is ClassDefinition).Select(f => (Tree: t, Function: f))).ToList() is { Count: > 0 } methods
        && methods.TrueForAll(m => !_asked.Add(m.Function) || (ClassFamily.Self(m.Function) is { } self && Only(m.Tree, m.Function, m.Function.Body, self)));

    private static string? Root(Expression expression) => Chain.Name(expression, throughCalls: true);
}
