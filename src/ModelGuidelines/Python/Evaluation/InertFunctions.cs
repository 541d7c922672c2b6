using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Tells which functions leave everything that is followed as it is, whatever they are called with: they read, compute, and set numbers of tensors in place.
/// Weight initialization is such, and walks every module of every model; what it does needs no following.</summary>
/// <remarks>Proven from the code alone, once a function: nothing is assigned but local names and elements of tensors, and every function that it calls is inert, too. A function that
/// it is handed and calls is asked for where it is handed in. Where the proof does not succeed, the function is followed.</remarks>
internal sealed partial class InertFunctions(LibraryCatalog libraries, Func<Expression, Scope, Value> evaluate, Action<ImportFromStatement, Scope> import)
{
    private const int MaxDepth = 40;
    private readonly LibraryCatalog _libraries = libraries;
    private readonly Func<Expression, Scope, Value> _evaluate = evaluate;
    private readonly Action<ImportFromStatement, Scope> _import = import;
    private readonly Dictionary<PythonNode, Summary> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PythonNode, Summary> _assumed = new(ReferenceEqualityComparer.Instance);
    private readonly List<ClassValue> _classes = [];

    /// <summary>A class of a file: calls of methods by name may mean its own.</summary>
    public void Add(ClassValue type) => _classes.Add(type);

    /// <summary>What a call gives whose code need not be followed; null where it must be.</summary>
    /// <param name="function">What is called.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="isCaught">Whether what it raises is caught: then the handler must be seen.</param>
    public Value? ResultOf(FunctionValue function, CallArguments arguments, bool isCaught)
    {
        if (function.Node is not FunctionDefinition definition || arguments.HasUnknown || Ask(function) is not { IsInert: true, Result: { } result } summary || (isCaught ? summary.Refuses : summary.MayRaise) || !MayCall(function, summary, arguments, 0))
        {
            return null;
        }

        return result.Length == 0 ? ConstantValue.None : Given(function, definition, result, arguments);
    }

    private static Value? Given(FunctionValue function, FunctionDefinition definition, string parameter, CallArguments arguments)
    {
        for (var i = 0; i < definition.Parameters.Length; i++)
        {
            if (definition.Parameters[i] is { Kind: not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword) } p && p.Name == parameter)
            {
                return arguments.Find(p.Kind is ParameterKind.KeywordOnly ? -1 : i, parameter) ?? function.Defaults[i];
            }
        }

        return null;
    }

    /// <summary>Whether the functions that it is handed and calls are inert.</summary>
    private bool MayCall(FunctionValue function, Summary summary, CallArguments arguments, int depth) =>
        summary.Called.Count == 0 || (function.Node is FunctionDefinition definition && summary.Called.All(c => Given(function, definition, c, arguments) is { } value && IsInert(value, depth + 1)));

    private bool IsInert(Value value, int depth) => depth < MaxDepth && value switch
    {
        FunctionValue f => Ask(f) is { IsInert: true } s && MayCall(f, s, new(), depth),
        PartialValue { Function: FunctionValue f } p => Ask(f) is { IsInert: true } s && MayCall(f, s, p.Arguments, depth),
        PartialValue p => IsInert(p.Function, depth + 1),
        BoundValue b => IsInert(b.Function, depth + 1),
        WrappedMethod w => w.Kind is "staticmethod" or "classmethod" && IsInert(w.Function, depth + 1),
        ExternalValue e => IsInert(e.Name, false),
        ChoiceValue c => c.Options.All(o => IsInert(o.Value, depth + 1)),
        ConstantValue => true, // called, it raises
        _ => false,
    };

    private bool IsInert(string external, bool takesArguments)
    {
        var name = _libraries.Canonical(external);
        if (name.StartsWith("builtins.", StringComparison.Ordinal))
        {
            return name[9..] is "isinstance" or "hasattr" or "getattr" or "len" or "range" or "enumerate" or "zip" or "list" or "tuple" or "int" or "float" or "max" or "min" or "abs" or "sum" or "print" or "str" or "reversed" or "bool" or "type" or "round" or "any" or "all" or "sorted";
        }

        return _libraries.Row(name) is { Calls: null, Hides: Hides.Nothing } row
            && (name.StartsWith("torch.nn.init.", StringComparison.Ordinal) || name.StartsWith("math.", StringComparison.Ordinal) || name.StartsWith("warnings.", StringComparison.Ordinal) || name.StartsWith("logging.", StringComparison.Ordinal) || name.StartsWith("numpy.", StringComparison.Ordinal)
                || (name.StartsWith("torch.", StringComparison.Ordinal) && (row.Function is null || !takesArguments || _libraries.Class(name) is not null))
                || row.Computes);
    }

    private Summary Ask(FunctionValue function)
    {
        var node = function.Node;
        if (!IsPlain(function))
        {
            return _other;
        }

        if (_assumed.TryGetValue(node, out var assumed))
        {
            assumed.IsAssumed = true;
            return assumed;
        }

        if (_known.TryGetValue(node, out var known) && (known.Classes < 0 || known.Classes == _classes.Count))
        {
            return known;
        }

        if (known is null && node is FunctionDefinition written && written.Body.Any(Reader.Refuses))
        {
            return _known[node] = _other; // a constructor, most often: its first lines tell, and nothing that it calls need be asked for
        }

        var isOutermost = _assumed.Count == 0;
        var summary = new Summary();
        _assumed.Add(node, summary);
        var scope = new Scope(function.Closure.Module, function.Closure);
        bool Read() => _assumed.Count <= MaxDepth && function.Node is FunctionDefinition { IsAsync: false } definition && new Reader(this, summary, scope, definition.Parameters).IsInert(definition);
        summary.IsInert = Read();
        if (summary is { IsInert: true, IsAssumed: true })
        {
            // What was said of it before it was read must be what it is.
            var (called, gives) = (summary.Called.Count, summary.GivesInert);
            summary.IsInert = Read() && called == summary.Called.Count && gives == summary.GivesInert;
        }

        // What was proven under an assumption holds when all of it does.
        if (!summary.IsInert)
        {
            _known[node] = summary;
            _assumed.Remove(node);
        }

        if (isOutermost)
        {
            foreach (var (proven, of) in _assumed)
            {
                if (summary.IsInert)
                {
                    _known[proven] = of;
                }
            }

            _assumed.Clear();
        }

        return summary;
    }

    /// <summary>Reads the code of one function, with the functions and lambdas in it.</summary>
    private sealed partial class Reader(InertFunctions functions, Summary summary, Scope scope, IEnumerable<Parameter> parameters)
    {
        private readonly HashSet<string> _parameters = parameters.Where(p => p.Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword)).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        private readonly HashSet<string> _others = parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        private readonly Dictionary<string, List<Expression?>> _locals = new(StringComparer.Ordinal);
        private readonly HashSet<string> _inner = new(StringComparer.Ordinal);
        private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

        public bool IsInert(FunctionDefinition definition)
        {
            Locals(definition, false);
            Asserted(definition);
            var returned = definition.Body.SelectMany(Returns).Select(r => r.Value switch { null or ConstantExpression { Value: PythonConstant.None } => "", NameExpression n when _parameters.Contains(n.Name) && !_locals.ContainsKey(n.Name) => n.Name, _ => null }).Distinct().ToList();
            summary.Result = returned is [] ? "" : returned is [var one] && (one is null or "" || definition.Body[^1] is ReturnStatement) ? one : null;
            summary.Result = definition.Body.SelectMany(Walk).Any(n => n is YieldExpression) ? null : summary.Result;
            summary.Refuses = definition.Body.SelectMany(Walk).Any(n => n is RaiseStatement or AssertStatement);
            if (!definition.Body.All(Allows))
            {
                return false;
            }

            // A parameter that it gives back is not called by it.
            var called = summary.Called.ToList();
            summary.GivesInert = definition.Body.SelectMany(Returns).All(r => r.Value is { } value && IsInertFunction(value)) && summary.Called.Count == called.Count;
            summary.Called.IntersectWith(called);
            return true;
        }

        private static IEnumerable<PythonNode> Walk(PythonNode node) => node is FunctionDefinition or LambdaExpression ? [] : PythonTree.Children(node).SelectMany(Walk).Prepend(node);

        private static IEnumerable<ReturnStatement> Returns(Statement statement) => Walk(statement).OfType<ReturnStatement>();

        /// <summary>Names that are assigned, with what each is assigned where that is an expression.</summary>
        private void Locals(PythonNode node, bool isInner)
        {
            void Target(Expression target, Expression? value)
            {
                switch (target)
                {
                    case NameExpression n:
                        (_locals.TryGetValue(n.Name, out var known) ? known : _locals[n.Name] = []).Add(value);
                        break;
                    case TupleExpression t:
                        t.Elements.ToList().ForEach(e => Target(e, null));
                        break;
                    case ListExpression l:
                        l.Elements.ToList().ForEach(e => Target(e, null));
                        break;
                    case StarredExpression s:
                        Target(s.Value, null);
                        break;
                }
            }

            switch (node)
            {
                case AssignStatement s:
                    s.Targets.ToList().ForEach(t => Target(t, s.Value));
                    break;
                case AugmentedAssignStatement s:
                    Target(s.Target, s.Target);
                    break;
                case SubscriptExpression { Value: NameExpression n }:
                    _filled.Add(n.Name);
                    break;
                case CallExpression { Function: AttributeExpression { Value: NameExpression n, Name: "append" or "add" or "insert" or "extend" or "update" or "setdefault" } }:
                    _filled.Add(n.Name);
                    break;
                case AnnotatedAssignStatement s:
                    Target(s.Target, s.Value);
                    break;
                case ForStatement s:
                    Target(s.Target, null);
                    break;
                case WithItem { Target: { } t }:
                    Target(t, null);
                    break;
                case ComprehensionClause c:
                    Target(c.Target, null);
                    break;
                case NamedExpression e:
                    Target(e.Target, e.Value);
                    break;
                case FunctionDefinition f when isInner:
                    _inner.Add(f.Name);
                    _others.UnionWith(f.Parameters.Select(p => p.Name));
                    break;
                case LambdaExpression l:
                    _others.UnionWith(l.Parameters.Select(p => p.Name));
                    break;
            }

            foreach (var child in PythonTree.Children(node))
            {
                Locals(child, true);
            }
        }

        private bool Allows(PythonNode node)
        {
            switch (node)
            {
                case DeleteStatement or ScopeStatement or ClassDefinition or MatchStatement or ImportStatement or ErrorStatement or TypeAliasStatement or AwaitExpression or ErrorExpression:
                case FunctionDefinition { Decorators.IsEmpty: false }:
                    return false;
                case ImportFromStatement import:
                    return MayImport(import);
                case RaiseStatement:
                    return true; // of what is refused nothing is built
                case AssertStatement assert:
                    return Allows(assert.Test);
                case AssignStatement s when !s.Targets.All(t => MayAssign(t) || (IsTie(t, s.Value) && IsOfParameters((AttributeExpression)t))):
                case AugmentedAssignStatement a when !MayAssign(a.Target) || !MayChange(a):
                case AnnotatedAssignStatement t when !MayAssign(t.Target):
                case ForStatement f when !MayAssign(f.Target):
                    return false;
                case var ending when _loop is not null && !AllowsInLoop(ending):
                    return false;
                case CallExpression call:
                    return MayCall(call) && call.Arguments.All(a => Allows(a.Value));
                case LambdaExpression lambda:
                    return Allows(lambda.Body);
                default:
                    return PythonTree.Children(node).All(Allows);
            }
        }

        /// <summary>Local names; numbers of tensors: <c>m.bias.data[i]</c>, <c>m.weight[0]</c>.</summary>
        private bool MayAssign(Expression target) => target switch
        {
            NameExpression => true,
            TupleExpression t => t.Elements.All(MayAssign),
            ListExpression l => l.Elements.All(MayAssign),
            StarredExpression s => MayAssign(s.Value),
            AttributeExpression { Name: "data", Value: AttributeExpression } => true,
            SubscriptExpression { Value: AttributeExpression { Name: "data" or "weight" or "bias" } } => true,
            SubscriptExpression { Value: NameExpression table } => _loop is null ? IsOwn(table) || IsUnknown(table) : IsTable(table),
            _ => false,
        };

        private bool MayCall(CallExpression call)
        {
            switch (call.Function)
            {
                case NameExpression n when IsLocal(n.Name):
                    return IsInertName(n.Name);
                case NameExpression { Name: "super" or "locals" or "globals" or "vars" or "setattr" or "exec" or "eval" }:
                    return false;
                case NameExpression n:
                    return functions._evaluate(n, scope) is var callee && ((callee is FunctionValue f && f.Node == Itself) || MayCall(callee, call));
                case AttributeExpression { Value: CallExpression { Function: NameExpression { Name: "super" }, Arguments: [] } } a:
                    return IsInertMethod(a.Name) && (IsInertOfLibraries(a.Name) || !MayBeLibrarys(a.Name)); // whichever class's it is
                case AttributeExpression a when Chain(a) is { } root && !IsLocal(root) && functions._evaluate(a.Value, scope) is ExternalValue or NamespaceValue:
                    return MayCall(functions._evaluate(a, scope), call);
                case AttributeExpression { Value: NameExpression table, Name: "keys" or "values" or "items" or "get" } when IsTableOfModule(table):
                    return true;
                case AttributeExpression { Value: NameExpression n } a when _loop is null && (IsOwn(n) || IsUnknown(n)) && functions.IsOfCollections(a.Name):
                    return call.Arguments.All(x => x.Name != "key" || IsInertFunction(x.Value)); // sort calls its key
                case AttributeExpression a when IsItself(a):
                    return Allows(a.Value);
                case AttributeExpression a:
                    return Allows(a.Value) && IsInertMethod(a.Name) && (a.Name != "apply" || call.Arguments.All(x => IsInertFunction(x.Value)));
                default:
                    return false;
            }
        }

        private bool MayCall(Value callee, CallExpression call)
        {
            if (callee is ExternalValue external)
            {
                return functions.IsInert(external.Name, call.Arguments.Length > 0) || functions._libraries.Canonical(external.Name) is "functools.partial";
            }

            if (_loop is not null && callee is FunctionValue { Closure.Outer: not null } inner)
            {
                return IsInertInside(inner);
            }

            if (callee is not FunctionValue { Node: FunctionDefinition definition } f || functions.Ask(f) is not { IsInert: true } of)
            {
                return false;
            }

            summary.Classes = Math.Max(summary.Classes, of.Classes);
            foreach (var name in of.Called)
            {
                var at = definition.Parameters.ToList().FindIndex(p => p.Name == name);
                var given = call.ValueFor(name, at);
                if (call.Arguments.Any(a => a.Stars > 0) || !(given is null ? at >= 0 && f.Defaults[at] is { } usual && functions.IsInert(usual, 0) : IsInertFunction(given)))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>A list, set or dictionary that the function itself makes wherever it sets the name: nobody else has it while it runs.</summary>
        private bool IsOwn(NameExpression name) => IsSetTo(name, v => v is ListExpression or SetExpression or DictExpression or ComprehensionExpression { Kind: not ComprehensionKind.Generator });

        /// <summary>A local name, and only that, of what is so wherever the function sets it.</summary>
        private bool IsSetTo(NameExpression name, Predicate<Expression?> isSo) =>
            !_others.Contains(name.Name) && !_inner.Contains(name.Name) && _locals.TryGetValue(name.Name, out var values) && values.TrueForAll(isSo);

        private bool IsLocal(string name) => _locals.ContainsKey(name) || _others.Contains(name) || _inner.Contains(name);

        private static string? Chain(Expression expression) => expression switch { NameExpression n => n.Name, AttributeExpression a => Chain(a.Value), _ => null };

        /// <summary>A local name that is called: a parameter is asked for where the function is called, another must be an inert function wherever it is assigned.</summary>
        private bool IsInertName(string name)
        {
            if (_parameters.Contains(name))
            {
                summary.Called.Add(name);
            }
            else if (!_locals.ContainsKey(name) && !_inner.Contains(name))
            {
                return false;
            }

            if (!_locals.TryGetValue(name, out var values) || !_asked.Add(name))
            {
                return true;
            }

            var isInert = values.TrueForAll(v => v is not null && IsInertFunction(v));
            _asked.Remove(name);
            return isInert;
        }

        /// <summary>An expression whose value is called somewhere.</summary>
        private bool IsInertFunction(Expression expression) => expression switch
        {
            NameExpression n when IsLocal(n.Name) => IsInertName(n.Name),
            NameExpression n => functions.IsInert(functions._evaluate(n, scope), 0),
            LambdaExpression or ConstantExpression => true,
            BooleanExpression b => b.Values.All(v => v is NameExpression n && _parameters.Contains(n.Name) ? summary.Called.Add(n.Name) || true : IsInertFunction(v)),
            ConditionalExpression c => IsInertFunction(c.Body) && IsInertFunction(c.OrElse),
            CallExpression { Function: NameExpression f } c when !IsLocal(f.Name) && functions._evaluate(f, scope) is ExternalValue { Name: "functools.partial" } => MayCall(c) && c.Arguments is [var first, ..] && IsInertFunction(first.Value),
            CallExpression { Function: NameExpression f } c => !IsLocal(f.Name) && functions._evaluate(f, scope) is FunctionValue maker && functions.Ask(maker).GivesInert && MayCall(c),
            AttributeExpression { Value: NameExpression { Name: "self" } } a => IsInertMethod(a.Name),
            AttributeExpression a when Chain(a) is { } root && !IsLocal(root) => functions.IsInert(functions._evaluate(a, scope), 0),
            _ => false,
        };
    }
}
