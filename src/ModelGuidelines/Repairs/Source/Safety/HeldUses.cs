using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Follows what an object made for itself through the methods that a call of it runs: where one may change it, hand it out, or use it up, the next call finds another.</summary>
/// <remarks>Names are followed as they are written, without the order of statements: a name that once stands for such a value always does.</remarks>
internal sealed partial class HeldUses(SourceFiles files, ClassFamily family, HeldValues values, Func<string, bool> isQuietMethod)
{
    private const int MaxRounds = 6;
    private const int MaxFunctions = 200;

    /// <summary>Attributes of tensors and modules that are numbers, texts, or what nobody changes.</summary>
    public static readonly HashSet<string> Facts = ["shape", "dtype", "device", "ndim", "requires_grad", "training", "is_cuda", "layout", "itemsize", "in_features", "out_features", "in_channels", "out_channels", "kernel_size", "stride", "padding", "num_features", "num_embeddings", "embedding_dim", "eps", "p", "momentum", "normalized_shape", "groups", "dilation", "num_heads", "embed_dim"];

    private readonly Dictionary<FunctionDefinition, Dictionary<string, Held>> _names = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<FunctionDefinition, Held> _returns = new(ReferenceEqualityComparer.Instance);
    private readonly List<(SourceTree Tree, FunctionDefinition Function)> _functions = [];
    private bool _isNew;

    /// <summary>The line where a call of the object may change what it made for itself; null: nowhere.</summary>
    /// <param name="reached">The methods that a call runs.</param>
    public int? Change(IReadOnlySet<string> reached)
    {
        foreach (var (tree, method) in family.Bases.SelectMany(b => b.Methods.Where(m => reached.Contains(m.Name)).Select(m => (b.Tree, m))))
        {
            Add(tree, method);
        }

        for (var round = 0; round < MaxRounds; round++)
        {
            _isNew = false;
            for (var i = 0; i < _functions.Count && _functions.Count < MaxFunctions; i++)
            {
                foreach (var node in SourceTree.Below(_functions[i].Function))
                {
                    Follow(_functions[i].Tree, _functions[i].Function, node);
                }
            }

            if (!_isNew)
            {
                break;
            }
        }

        if (_isNew || _functions.Count >= MaxFunctions)
        {
            return _functions[0].Tree.File.PositionOf(_functions[0].Function.Start).Line;
        }

        foreach (var (tree, function) in _functions)
        {
            if (SourceTree.Below(function).FirstOrDefault(n => n != function && Changes(tree, function, n)) is { } node)
            {
                return tree.File.PositionOf(node.Start).Line;
            }
        }

        return null;
    }

    private Dictionary<string, Held> Add(SourceTree tree, FunctionDefinition function)
    {
        if (!_names.TryGetValue(function, out var names))
        {
            _names[function] = names = new(StringComparer.Ordinal);
            _functions.Add((tree, function));
            _isNew = true;
        }

        return names;
    }

    private void Name(FunctionDefinition function, string name, Held held)
    {
        var names = _names[function];
        if ((names.GetValueOrDefault(name) | held) is var all && all != names.GetValueOrDefault(name))
        {
            names[name] = all;
            _isNew = true;
        }
    }

    private void Follow(SourceTree tree, FunctionDefinition function, PythonNode node)
    {
        switch (node)
        {
            case AssignStatement s:
                s.Targets.ToList().ForEach(t => Bind(tree, function, t, s.Value));
                break;
            case AnnotatedAssignStatement { Value: { } value } s:
                Bind(tree, function, s.Target, value);
                break;
            case NamedExpression e:
                Bind(tree, function, e.Target, e.Value);
                break;
            case AugmentedAssignStatement { Target: NameExpression target } s:
                Name(function, target.Name, Parts(tree, function, s.Value).Again());
                break;
            case ForStatement f:
                Give(function, f.Target, Value(tree, function, f.Iterable).Element());
                break;
            case ComprehensionClause c:
                Give(function, c.Target, Value(tree, function, c.Iterable).Element());
                break;
            case WithItem { Target: { } target } w:
                Give(function, target, Value(tree, function, w.Context));
                break;
            case ReturnStatement { Value: { } value }:
                Return(function, Value(tree, function, value));
                break;
            case YieldExpression { Value: { } value }:
                Return(function, Value(tree, function, value) is var made ? made | made.Inside() : made);
                break;
            case CallExpression call:
                foreach (var (owner, called, isMethod) in Called(tree, call))
                {
                    if (owner.Ancestors(called).Any(a => a is FunctionDefinition))
                    {
                        Add(owner, called);
                    }

                    HandTo(tree, function, call, owner, called, isMethod);
                }

                // map(lambda q: q.append(1), self.s): what gets a function and a value may hand it on.
                if (Given(tree, function, call) is var all and not Held.Nothing && (all | all.Element() | all.Inside()) is var given)
                {
                    foreach (var parameter in call.Arguments.Select(a => a.Value).Append(call.Function).OfType<LambdaExpression>().SelectMany(l => l.Parameters))
                    {
                        Name(function, parameter.Name, given);
                    }

                    foreach (var (owner, handed) in call.Arguments.Where(a => a.Value is NameExpression or AttributeExpression).SelectMany(a => ModuleWalks.FunctionsOf(files, tree, a.Value)))
                    {
                        Add(owner, handed);
                        handed.Parameters.ToList().ForEach(p => Name(handed, p.Name, given));
                    }
                }

                if (call.Function is AttributeExpression { Name: var name, Value: var receiver } && KnownNames.Method(name, Does.Changes) && Chain.Root(receiver) is NameExpression root)
                {
                    Name(function, root.Name, Given(tree, function, call).Inside());
                }

                break;
        }
    }

    private void Return(FunctionDefinition function, Held held)
    {
        if ((_returns.GetValueOrDefault(function) | held) is var all && all != _returns.GetValueOrDefault(function))
        {
            _returns[function] = all;
            _isNew = true;
        }
    }

    private void Bind(SourceTree tree, FunctionDefinition function, Expression target, Expression value)
    {
        if (target is TupleExpression t && value is TupleExpression v && t.Elements.Length == v.Elements.Length && !t.Elements.Concat(v.Elements).Any(e => e is StarredExpression))
        {
            t.Elements.Zip(v.Elements).ToList().ForEach(p => Bind(tree, function, p.First, p.Second));
        }
        else if (Value(tree, function, value) is var held && target is AttributeExpression or SubscriptExpression)
        {
            // d[k] = self.s
            if (Chain.Root(target) is NameExpression root)
            {
                Name(function, root.Name, target is SubscriptExpression ? held.Inside() : held | held.Inside());
            }
        }
        else
        {
            Give(function, target, held);
        }
    }

    private void Give(FunctionDefinition function, Expression target, Held held)
    {
        switch (target)
        {
            case NameExpression name:
                Name(function, name.Name, held);
                break;
            case StarredExpression s:
                Give(function, s.Value, held | held.Inside());
                break;
            case TupleExpression or ListExpression:
                PythonTree.Children(target).OfType<Expression>().ToList().ForEach(e => Give(function, e, held.Element()));
                break;
        }
    }

    /// <summary>Functions at hand that a call runs.</summary>
    private IEnumerable<(SourceTree Tree, FunctionDefinition Function, bool IsMethod)> Called(SourceTree tree, CallExpression call)
    {
        switch (call.Function)
        {
            case AttributeExpression { Name: var name } a when AttributeUses.IsOfSelf(tree, a) || a.Value is CallExpression { Function: NameExpression { Name: "super" } }:
                return family.Bases.SelectMany(b => b.Methods.Where(m => m.Name == name).Select(m => (b.Tree, m, m.Decorators.All(d => d is not NameExpression { Name: "staticmethod" }))));
            case AttributeExpression { Name: var name, Value: var of } when files.ClassOf(tree, of) is { } type && type.MethodNamed(name) is { } method:
                return [(type.Tree, method, method.Decorators.Any(d => d is NameExpression { Name: "classmethod" }))];
            case AttributeExpression { Name: var name, Value: AttributeExpression { Name: "__class__" } or CallExpression { Function: NameExpression { Name: "type" } } }:
                return family.Bases.SelectMany(b => b.Methods.Where(m => m.Name == name).Select(m => (b.Tree, m, m.Decorators.Any(d => d is NameExpression { Name: "classmethod" }))));
            default:
                return ModuleWalks.FunctionsOf(files, tree, call.Function).Select(f => (f.Tree, f.Function, false));
        }
    }

    private void HandTo(SourceTree tree, FunctionDefinition function, CallExpression call, SourceTree owner, FunctionDefinition called, bool isMethod)
    {
        var given = call.Arguments.Select(a => (a, Held: Value(tree, function, a.Value))).ToList();
        if (given.TrueForAll(g => g.Held is Held.Nothing))
        {
            return;
        }

        Add(owner, called);
        foreach (var ((argument, held), i) in given.Select((g, i) => (g, i)))
        {
            var named = argument.Stars > 0 ? called.Parameters : argument.Name is { } name ? called.Parameters.Where(p => p.Name == name || p.Kind is ParameterKind.VariadicKeyword)
                : called.Parameters.Skip(i + (isMethod ? 1 : 0)).Take(1).Concat(called.Parameters.Where(p => p.Kind is ParameterKind.VariadicPositional));
            foreach (var parameter in named)
            {
                Name(called, parameter.Name, argument.Stars > 0 ? held | held.Element() : parameter.Kind is ParameterKind.VariadicKeyword or ParameterKind.VariadicPositional ? held.Inside() : held);
            }
        }
    }

    /// <summary>What of the object's own an expression may stand for.</summary>
    private Held Value(SourceTree tree, FunctionDefinition function, Expression? expression)
    {
        switch (expression)
        {
            case NameExpression n:
                // In a function inside, also what the outer one has by that name.
                return tree.Ancestors(function).OfType<FunctionDefinition>().Prepend(function).Aggregate(Held.Nothing, (all, f) => all | (_names.GetValueOrDefault(f)?.GetValueOrDefault(n.Name) ?? Held.Nothing));
            case AttributeExpression a when AttributeUses.IsOfSelf(tree, a):
                return family.Bases.SelectMany(b => b.Methods).Where(m => m.Name == a.Name).ToList() is { Count: > 0 } methods ? methods.Where(m => !m.Decorators.IsEmpty).Aggregate(Held.Nothing, (all, m) => all | _returns.GetValueOrDefault(m)) : values.Of(a.Name);
            case AttributeExpression a:
                var of = Value(tree, function, a.Value);
                if (of is Held.Nothing || Facts.Contains(a.Name))
                {
                    return Held.Nothing;
                }

                of = (of & Held.Module) == Held.Nothing ? of : a.Name is "data" ? (of & ~Held.Module) | Held.Tensor : (of & ~Held.Module) | Held.Parameter;
                of = a.Name is "data" && (of & Held.Parameter) != Held.Nothing ? of | Held.Tensor : of;

                // A method that is not called here.
                return (of & (Held.Collection | Held.Tensor)) != Held.Nothing && a.Name is not ("T" or "mT" or "data" or "grad" or "real" or "imag") && !(tree.Parent(a) is CallExpression own && own.Function == a) ? of | Held.Unknown : of;
            case SubscriptExpression { Index: SliceExpression } s:
                return Value(tree, function, s.Value).Again();
            case SubscriptExpression s:
                return Value(tree, function, s.Value).Element();
            case CallExpression call:
                return Result(tree, function, call);
            case BooleanExpression b:
                return Any(tree, function, b.Values);
            case ConditionalExpression c:
                return Value(tree, function, c.Body) | Value(tree, function, c.OrElse);
            case NamedExpression e:
                return Value(tree, function, e.Value);
            case TupleExpression t:
                return Any(tree, function, t.Elements).Inside();
            case ListExpression l:
                return Any(tree, function, l.Elements).Inside();
            case SetExpression s:
                return Any(tree, function, s.Elements).Inside();
            case DictExpression d:
                return Any(tree, function, d.Values).Inside();
            case StarredExpression s:
                return Value(tree, function, s.Value).Element();
            case ComprehensionExpression c:
                return (Value(tree, function, c.Element) | Value(tree, function, c.Value)).Inside();
            case AwaitExpression a:
                return Value(tree, function, a.Value);
            case LambdaExpression l:
                return Value(tree, function, l.Body); // once it is called

            // Of lists a sum or product has the elements; of tensors it is new.
            case BinaryExpression b:
                return (Parts(tree, function, b.Left) | Parts(tree, function, b.Right)).Again();
            default:
                return Held.Nothing;
        }
    }

    private Held Parts(SourceTree tree, FunctionDefinition function, Expression operand) =>
        Value(tree, function, operand) is var held && ((held & (Held.Collection | Held.Unknown | Held.Inner)) != Held.Nothing || operand is ListExpression or TupleExpression or DictExpression or SetExpression or ComprehensionExpression or BinaryExpression) ? held : Held.Nothing;

    private Held Any(SourceTree tree, FunctionDefinition function, IEnumerable<Expression> values) => values.Aggregate(Held.Nothing, (all, v) => all | Value(tree, function, v));

    private Held Given(SourceTree tree, FunctionDefinition function, CallExpression call) => Any(tree, function, call.Arguments.Select(a => a.Value));

    private Held Result(SourceTree tree, FunctionDefinition function, CallExpression call)
    {
        var given = Given(tree, function, call);
        if (tree.Resolve(call.Function) is { } path && (path.StartsWith("torch.", StringComparison.Ordinal) || path.StartsWith("math.", StringComparison.Ordinal) || path.StartsWith("einops.", StringComparison.Ordinal) || path is "copy.deepcopy"))
        {
            return KnownNames.Method(path[(path.LastIndexOf('.') + 1)..], Does.Part) ? given : Held.Nothing;
        }

        if (call.Function is NameExpression { Name: var builtin } && tree.Find(builtin, call) is null && files.FunctionOf(tree, call.Function) is null)
        {
            return builtin is "getattr" && call.Arguments is [{ Value: NameExpression { Name: var owner } }, { Value: var named }, ..] && owner == ClassFamily.Self(function) ? given | (named is StringExpression { Value: var attribute } ? values.Of(attribute) : values.All)
                : builtin is "getattr" && (given & (Held.Collection | Held.Tensor)) != Held.Nothing ? given | Held.Unknown
                : !KnownNames.Function(builtin, Does.Part) ? Held.Nothing
                : builtin is "list" or "tuple" or "set" or "sorted" or "reversed" or "iter" or "filter" or "enumerate" or "zip" ? given.Again()
                : builtin is "next" ? given.Element()
                : builtin is "max" or "min" && call.Arguments.Length == 1 ? given.Element()
                : (given | given.Element() | given.Inside()).Again();
        }

        var called = Called(tree, call).ToList();
        if (called.Count > 0)
        {
            return called.Aggregate(Held.Nothing, (all, c) => all | _returns.GetValueOrDefault(c.Function));
        }

        if (call.Function is AttributeExpression { Value: var receiver, Name: var name } a && !AttributeUses.IsOfSelf(tree, a))
        {
            var of = Value(tree, function, receiver);
            return (of & Held.Unknown) != Held.Nothing ? of | of.Element() | of.Inside()
                : (of & (Held.Collection | Held.Inner)) != Held.Nothing ? name is "index" or "count" ? Held.Nothing : name is "values" or "items" or "keys" or "copy" ? of.Again() : of.Element() | (KnownNames.Method(name, Does.Collection | Does.Changes) ? Held.Nothing : of)
                : KnownNames.Method(name, Does.Part) ? of : of & Held.Module;
        }

        // A module may return what it was given, and a lambda what it names.
        return ((given | Value(tree, function, call.Function)) & ~Held.Module) is var result ? result | result.Inside() : result;
    }
}
