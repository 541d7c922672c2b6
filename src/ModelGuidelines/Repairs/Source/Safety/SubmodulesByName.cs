using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Whether an expression is the submodule of a module that has a dotted name: <c>model.get_submodule(name)</c>, <c>reduce(getattr, name.split("."), model)</c>, or a function at hand that goes
/// down by the name's parts. In a walk over <c>model.named_modules()</c> it is the module that the walk has come to.</summary>
/// <param name="files">All files at hand.</param>
/// <param name="module">The name of the module whose submodules are walked.</param>
/// <param name="name">The name that the walk gives the submodule's dotted name.</param>
internal sealed class SubmodulesByName(SourceFiles files, string module, string name)
{
    /// <summary>Whether the expression is it.</summary>
    public bool Is(SourceTree tree, Expression expression) => expression is CallExpression call && (call switch
    {
        { Function: AttributeExpression { Name: "get_submodule", Value: NameExpression of }, Arguments: [{ Name: null, Value: NameExpression given }] } => of.Name == module && given.Name == name,
        { Arguments: [{ Value: NameExpression { Name: "getattr" } }, { Value: var parts }, { Value: NameExpression of }] } => tree.Resolve(call.Function) is "functools.reduce" && IsSplit(parts, name) && of.Name == module,
        { Arguments: [{ Name: null, Stars: 0, Value: NameExpression of }, { Name: null, Stars: 0, Value: NameExpression given }] } =>
            of.Name == module && given.Name == name && ModuleWalks.FunctionsOf(files, tree, call.Function) is [var only] && GoesDown(only.Tree, only.Function),
        _ => false,
    });

    /// <summary>Whether a function gives what it comes to from its first argument by attributes and elements whose names are parts of its second, and does nothing else.</summary>
    private static bool GoesDown(SourceTree tree, FunctionDefinition function)
    {
        if (function.Parameters is not [{ Kind: ParameterKind.Ordinary, Name: var start }, { Kind: ParameterKind.Ordinary, Name: var dotted }] || !function.Decorators.IsEmpty || function.IsAsync)
        {
            return false;
        }

        // The names that hold all parts, one part, and what the way has come to.
        var (all, one, reached) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal) { start });
        bool IsAll(Expression e) => IsSplit(e, dotted) || (e is NameExpression n && all.Contains(n.Name)) || (e is SubscriptExpression { Value: NameExpression of, Index: SliceExpression } && all.Contains(of.Name));
        bool IsPart(Expression e) => e is NameExpression n ? one.Contains(n.Name) : e is CallExpression { Function: NameExpression { Name: "int" } f, Arguments: [{ Value: NameExpression number }] } && tree.Find(f.Name, f) is null && one.Contains(number.Name);
        bool IsReached(Expression e) => e switch
        {
            NameExpression n => reached.Contains(n.Name),
            AttributeExpression { Name: "module" or "_modules", Value: var of } => IsReached(of),
            SubscriptExpression { Value: var of, Index: var index } => IsReached(of) && IsPart(index),
            CallExpression { Function: NameExpression { Name: "getattr" } f, Arguments: [{ Value: var of }, { Value: var part }] } => tree.Find(f.Name, f) is null && IsReached(of) && IsPart(part),
            _ => false,
        };

        bool Goes(Statement statement) => statement switch
        {
            ExpressionStatement { Value: StringExpression } or PassStatement or BreakStatement or ContinueStatement => true,
            ReturnStatement { Value: { } value } => IsReached(value),
            AssignStatement { Targets: [NameExpression target], Value: var value } => IsAll(value) ? target.Name != start && (all.Add(target.Name) || true) : IsReached(value) && target.Name != dotted && (reached.Add(target.Name) || true),
            IfStatement i => i.Clauses.All(c => Asks(c.Test) && c.Body.All(Goes)) && i.OrElse.All(Goes),
            ForStatement { Target: NameExpression part, OrElse.IsEmpty: true } f => IsAll(f.Iterable) && (one.Add(part.Name) || true) && f.Body.All(Goes),
            _ => false,
        };

        static bool Asks(Expression test) => SourceTree.Below(test).OfType<CallExpression>().All(c => c.Function is NameExpression { Name: "hasattr" or "len" or "isinstance" } or AttributeExpression { Name: "isdigit" or "isnumeric" or "startswith" });
        return function.Body.All(Goes) && function.Body[^1] is ReturnStatement;
    }

    private static bool IsSplit(Expression expression, string dotted) =>
        expression is CallExpression { Function: AttributeExpression { Name: "split", Value: NameExpression of }, Arguments: [{ Name: null, Value: StringExpression { Value: "." } }] } && of.Name == dotted;
}
