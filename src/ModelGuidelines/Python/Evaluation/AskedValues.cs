using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>With which texts and numbers code compares what a constructor is given, wherever it goes from there: attributes and names that it is given to, methods, functions, bases, and the
/// constructors of other classes. Whoever builds the class may give it those.</summary>
/// <remarks>Read from the text alone: more than there is may be found, which is followed for nothing.</remarks>
internal sealed class AskedValues
{
    private const int MaxHandedOn = 6;
    private const int MaxVisited = 120;
    private const int MaxNesting = 60;
    private readonly Dictionary<(ClassValue, string, bool), IReadOnlyList<(Expression Literal, bool IsOrder)>> _known = [];
    private readonly Dictionary<PythonNode, Code> _code = new(ReferenceEqualityComparer.Instance);

    /// <summary>Literals with which a parameter of a class' constructor is compared; by order: <c>if speakers > 0</c>, or for being more than nothing: <c>if tokens:</c>.</summary>
    public IReadOnlyList<(Expression Literal, bool IsOrder)> Of(ClassValue owner, string parameter, bool isText)
    {
        if (!_known.TryGetValue((owner, parameter, isText), out var known))
        {
            var found = new List<(Expression, bool)>();
            Look(new(owner.Definition, owner, owner.Module), parameter, isText, found, [], 0);
            _known[(owner, parameter, isText)] = known = found;
        }

        return known;
    }

    /// <summary>Those in one function, by the parameter's name.</summary>
    public static IEnumerable<(Expression Literal, bool IsOrder)> In(PythonNode function, string parameter, bool isText) => Code.Of(function).Compared([parameter], isText);

    /// <summary>Code in which a name stands: of a class, or of a function of a file.</summary>
    private readonly record struct Where(PythonNode Node, ClassValue? Owner, SourceModule Module);

    private void Look(Where where, string name, bool isText, List<(Expression, bool)> found, HashSet<(PythonNode, string)> seen, int depth)
    {
        if (depth > MaxHandedOn || seen.Count >= MaxVisited || !seen.Add((where.Node, name)))
        {
            return;
        }

        var code = CodeOf(where.Node);
        var names = code.NamesOf(name);
        found.AddRange(code.Compared(names, isText));
        if (where is { Node: FunctionDefinition, Owner: { } holder })
        {
            // What a method sets, the others ask.
            foreach (var attribute in code.AttributesOf(names))
            {
                Look(new(holder.Definition, holder, holder.Module), attribute, isText, found, seen, depth + 1);
            }
        }

        // What forward hands on decides in forward, where the usual setting is what is asked for; a constructor's decides what is built.
        foreach (var call in where.Node is ClassDefinition ? CodeOf(where.Owner!.Find("__init__")?.Value is FunctionValue { Owner: { } own, Node: var init } && ReferenceEquals(own, where.Owner) ? init : where.Node).Calls : code.Calls)
        {
            for (var i = 0; i < call.Arguments.Length; i++)
            {
                if (call.Arguments[i] is { Stars: 0 } argument && Code.Gives(argument.Value, names, 0))
                {
                    foreach (var (next, parameter) in Takers(call, argument.Name, i, where))
                    {
                        Look(next, parameter, isText, found, seen, depth + 1);
                    }
                }
            }
        }
    }

    private Code CodeOf(PythonNode node)
    {
        if (!_code.TryGetValue(node, out var code))
        {
            _code[node] = code = Code.Of(node);
        }

        return code;
    }

    /// <summary>Who is given an argument, and as what.</summary>
    private static IEnumerable<(Where Next, string Parameter)> Takers(CallExpression call, string? keyword, int at, Where where)
    {
        var names = where.Module.Scope.Names;
        switch (call.Function)
        {
            case NameExpression n when names.TryGetValue(n.Name, out var named):
                return named switch
                {
                    ClassValue type => Constructor(type, null, keyword, at),
                    FunctionValue f => Function(f, null, keyword, at),
                    _ => [],
                };

            // A class that is handed around: whichever of the file's.
            case NameExpression:
                return names.Values.OfType<ClassValue>().Where(c => ReferenceEquals(c.Module, where.Module)).Distinct().SelectMany(c => Constructor(c, null, keyword, at));
            case AttributeExpression { Name: "__init__", Value: CallExpression { Function: NameExpression { Name: "super" } } } when where.Owner is { } owner:
                return Constructor(owner, owner, keyword, at);
            case AttributeExpression { Name: "__init__", Value: NameExpression n } when names.GetValueOrDefault(n.Name) is ClassValue type:
                return Constructor(type, null, keyword, at - 1);
            case AttributeExpression { Value: NameExpression { Name: "self" } } a when where.Owner is { } owner && owner.Find(a.Name) is (FunctionValue method, var holder):
                return Function(method, holder, keyword, at + 1);
            default:
                return [];
        }
    }

    /// <summary>The constructor of a class, or of the class behind <paramref name="after"/> in its order; of one that hands on any keywords, the one that it hands them on to.</summary>
    private static IEnumerable<(Where Next, string Parameter)> Constructor(ClassValue type, ClassValue? after, string? keyword, int at)
    {
        while (type.Find("__init__", after) is (FunctionValue { Owner: { } owner } init, _) && !ReferenceEquals(owner, after))
        {
            if (ParameterOf(init, keyword, at + 1) is { } parameter)
            {
                return [(new(owner.Definition, owner, owner.Module), parameter)];
            }

            if (keyword is null || !init.Parameters.Any(p => p.Kind is ParameterKind.VariadicKeyword))
            {
                break;
            }

            after = owner;
        }

        return [];
    }

    private static IEnumerable<(Where Next, string Parameter)> Function(FunctionValue f, ClassValue? owner, string? keyword, int at) =>
        ParameterOf(f, keyword, at) is { } parameter ? [(new(f.Node, owner, f.Closure.Module), parameter)] : [];

    private static string? ParameterOf(FunctionValue f, string? keyword, int at) =>
        keyword is null ? f.Parameters.ElementAtOrDefault(at) is { Kind: ParameterKind.Ordinary or ParameterKind.PositionalOnly } p ? p.Name : null
        : f.Parameters.Any(p => p.Name == keyword && p.Kind is ParameterKind.Ordinary or ParameterKind.KeywordOnly) ? keyword : null;

    /// <summary>What is looked at in code, once for all names.</summary>
    private sealed class Code
    {
        private readonly List<CompareExpression> _comparisons = [];
        private readonly List<Expression> _tests = [];
        private readonly List<(Expression Target, Expression Value)> _assigned = [];

        public List<CallExpression> Calls { get; } = [];

        public static Code Of(PythonNode node)
        {
            var code = new Code();
            code.Add(node, 0);
            return code;
        }

        /// <summary>The name, and those that it is given to: <c>self.rate = rate</c>.</summary>
        public HashSet<string> NamesOf(string name)
        {
            var names = new HashSet<string>(StringComparer.Ordinal) { name };
            foreach (var (target, value) in _assigned)
            {
                if (NameOf(target) is { } other && Gives(value, names, 0))
                {
                    names.Add(other);
                }
            }

            return names;
        }

        /// <summary>The attributes among them that the code sets.</summary>
        public IEnumerable<string> AttributesOf(HashSet<string> names) =>
            _assigned.Where(a => Gives(a.Value, names, 0)).Select(a => a.Target).OfType<AttributeExpression>().Where(a => a.Value is NameExpression { Name: "self" }).Select(a => a.Name).Distinct();

        public IEnumerable<(Expression Literal, bool IsOrder)> Compared(HashSet<string> names, bool isText)
        {
            IEnumerable<Expression> Literals(Expression e) => e switch
            {
                StringExpression when isText => [e],
                NumberExpression { IsImaginary: false } when !isText => [e],
                TupleExpression or ListExpression or SetExpression => PythonTree.Children(e).OfType<Expression>().SelectMany(c => c is TupleExpression or ListExpression or SetExpression ? [] : Literals(c)),
                _ => [],
            };
            return _comparisons.Where(c => c.Operands.Any(o => IsIt(o, names)))
                .SelectMany(c => c.Operands.SelectMany(Literals).Select(l => (l, !c.Operators.All(o => o is PythonOperator.Equal or PythonOperator.NotEqual or PythonOperator.In or PythonOperator.NotIn))))
                .Concat(isText ? [] : _tests.Where(t => IsIt(t, names)).Select(t => (t, true)));
        }

        /// <summary>It is what the expression gives, or one of the things that it gives at times: <c>window if i not in whole else 0</c>.</summary>
        public static bool Gives(Expression e, HashSet<string> names, int depth) => IsIt(e, names) || (depth < MaxHandedOn && e switch
        {
            ConditionalExpression c => Gives(c.Body, names, depth + 1) || Gives(c.OrElse, names, depth + 1),
            BooleanExpression b => b.Values.Any(v => Gives(v, names, depth + 1)),
            _ => false,
        });

        private static bool IsIt(Expression e, HashSet<string> names) => NameOf(e) is { } name && names.Contains(name);

        /// <summary>A name, or an attribute of <c>self</c>: in one class they are one.</summary>
        private static string? NameOf(Expression e) => e switch { NameExpression n => n.Name, AttributeExpression { Value: NameExpression { Name: "self" } } a => a.Name, _ => null };

        private void Add(PythonNode node, int depth)
        {
            if (depth >= MaxNesting)
            {
                return;
            }

            switch (node)
            {
                case CompareExpression c:
                    _comparisons.Add(c);
                    break;
                case CallExpression c:
                    Calls.Add(c);
                    break;
                case AssignStatement { Targets: [var target] } a:
                    _assigned.Add((target, a.Value));
                    break;
                case AnnotatedAssignStatement { Value: { } value } a:
                    _assigned.Add((a.Target, value));
                    break;
                case IfClause c:
                    _tests.Add(c.Test);
                    break;
                case WhileStatement s:
                    _tests.Add(s.Test);
                    break;
                case ConditionalExpression c:
                    _tests.Add(c.Test);
                    break;
                case UnaryExpression { Operator: PythonOperator.Not } u:
                    _tests.Add(u.Operand);
                    break;
                case BooleanExpression b:
                    _tests.AddRange(b.Values.Take(b.Values.Length - 1));
                    break;
            }

            foreach (var child in PythonTree.Children(node))
            {
                Add(child, depth + 1);
            }
        }
    }
}
