using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What whoever builds a class may give its constructor instead of the defaults.</content>
internal sealed partial class Evaluator
{
    /// <summary>The constructor of a class that nothing in the file builds: whoever does may give it what its switches are not by default. For one call.</summary>
    public PythonNode? OpenParameters { get; set; }

    /// <summary>A constructor that is open whenever it is called, for what it is not given.</summary>
    public PythonNode? OpenThroughout { get; set; }

    /// <summary>What whoever builds a class may give it: by the parameters of its constructor, which are open then. A decorator's wrapper that takes any keywords is given by name
    /// what the constructor behind it takes, so that what it makes of them (a configuration) and what it hands on are one.</summary>
    public CallArguments Open(ClassValue type)
    {
        var found = type.Find("__init__")?.Value.Possible().OfType<FunctionValue>().ToList() ?? [];
        var init = found.Select(f => Wrapped(f, 0)).FirstOrDefault(f => f is not null);
        if (init is null)
        {
            OpenParameters = found.FirstOrDefault()?.Node;
            return new();
        }

        var given = new CallArguments();
        for (var i = 1; i < init.Parameters.Length; i++)
        {
            if (init.Parameters[i].Kind is ParameterKind.Ordinary or ParameterKind.KeywordOnly)
            {
                given.Named.Add((init.Parameters[i].Name, init.Defaults[i] is { } usual ? Opened(usual, init, i) : Declared(init, i) ?? (Value)ParameterSymbol(init, i)));
            }
        }

        return given;
    }

    /// <summary>From here on the running code stands under a further condition.</summary>
    public void Assume(Condition condition) => Now = Now.And(condition);

    /// <summary>Decorators of one constructor, one on the other.</summary>
    private const int MaxWrappers = 6;

    /// <summary>The constructor that a function handed any keywords on to, where a decorator made that function of it; null where it is a constructor itself.</summary>
    private static FunctionValue? Wrapped(FunctionValue wrapper, int depth)
    {
        if (wrapper.Owner is not null || depth == MaxWrappers || !wrapper.Parameters.Any(p => p.Kind is ParameterKind.VariadicKeyword))
        {
            return null;
        }

        for (var scope = wrapper.Closure; scope.Outer is not null; scope = scope.Outer)
        {
            var held = scope.Names.Values.SelectMany(v => v.Possible()).OfType<FunctionValue>().Where(f => f != wrapper).ToList();
            if ((held.Find(f => f is { Owner: not null, Name: "__init__" }) ?? held.Select(f => Wrapped(f, depth + 1)).FirstOrDefault(f => f is not null)) is { } inner)
            {
                return inner;
            }
        }

        return null;
    }

    /// <summary>A parameter that is its default or what the code asks about it; one that decides nothing is its default.</summary>
    private Value Opened(Value usual, FunctionValue f, int at)
    {
        switch (usual)
        {
            case ConstantValue { Peek: bool or null } or SequenceValue { Items.Count: 0, Rest: null } or DictValue { Entries.Count: 0, Rest: null }:
                return ParameterSymbol(f, at);
            case ConstantValue { Peek: string } text when f.Owner is { } owner && Asked(owner, f.Parameters[at].Name, isText: true).Any():
                var other = ParameterSymbol(f, at);
                var isUsual = _tests.Equals(other, text);
                return Choices.Join([(isUsual, text), (isUsual.Not(), other)]);
            case ConstantValue { Peek: long or double } number when f.Owner is { } owner:
                var asked = Asked(owner, f.Parameters[at].Name, isText: false).ToList();
                var isMeasured = Arithmetic.NumberOf(number) <= 0 && asked.Exists(a => a.IsOrder);
                return asked.Exists(a => !a.IsOrder) || isMeasured ? Numbers(number, ParameterSymbol(f, at), [.. asked.Where(a => !a.IsOrder).Select(a => (NumberExpression)a.Literal)], isMeasured) : usual;
            default:
                return usual;
        }
    }

    /// <summary>A number: the usual one, one of those that the code asks for, or, where it asks whether it is the usual one, or whether one that is off by default is more, any other.</summary>
    private Value Numbers(ConstantValue usual, UnknownValue other, List<NumberExpression> asked, bool isMeasured)
    {
        var isAny = isMeasured || asked.Exists(n => n.ToDouble() == Arithmetic.NumberOf(usual));
        var options = asked.DistinctBy(n => n.ToDouble()).Where(n => n.ToDouble() != Arithmetic.NumberOf(usual)).Take(MaxAsked)
            .Select(n => n.TryGetInteger(out var whole) ? ConstantValue.Of(whole) : new ConstantValue(n.ToDouble())).Select(n => (When: _tests.Equals(other, n), Value: (Value)n)).ToList();
        var isOther = isAny ? _tests.Equals(other, usual).Not() : options.Aggregate(Conditions.Never, (c, o) => c.Or(o.When));
        if (isAny)
        {
            options.Add((options.Aggregate(isOther, (c, o) => c.And(o.When.Not())), other));
        }

        return Choices.Join([(isOther.Not(), usual), .. options]);
    }

    /// <summary>Numbers of one parameter that are followed beside its default.</summary>
    private const int MaxAsked = 4;

    /// <summary>Classes to which an argument is handed on, one by the other.</summary>
    private const int MaxHandedOn = 4;

    /// <summary>Texts or numbers with which the class, or one that its constructor hands the argument on to, compares it.</summary>
    private IEnumerable<(Expression Literal, bool IsOrder)> Asked(ClassValue owner, string name, bool isText, int depth = 0)
    {
        var own = Asked(owner.Definition, name, isText, 0);
        return depth >= MaxHandedOn || owner.Find("__init__")?.Value is not FunctionValue { Node: FunctionDefinition } init || init.Owner is null
            ? own : own.Concat(Calls(init.Node, 0).SelectMany(call => HandedOn(call, name)).SelectMany(to => to.Type == owner ? [] : Asked(to.Type, to.Parameter, isText, depth + 1)));

        IEnumerable<(ClassValue Type, string Parameter)> HandedOn(CallExpression call, string argument)
        {
            if (call.Function is not NameExpression callee || init.Closure.Module.Scope.Names.GetValueOrDefault(callee.Name) is not ClassValue type || type.Find("__init__")?.Value is not FunctionValue made)
            {
                return [];
            }

            return call.Arguments.Select((a, at) => (a, at)).Where(a => Gives(a.a.Value, argument, 0)).Select(a => a.a.Name ?? made.Parameters.ElementAtOrDefault(a.at + 1)?.Name).OfType<string>().Select(parameter => (type, parameter));
        }
    }

    private static IEnumerable<CallExpression> Calls(PythonNode node, int depth) => depth >= 60 ? []
        : (node is CallExpression call ? [call] : Enumerable.Empty<CallExpression>()).Concat(PythonTree.Children(node).SelectMany(c => Calls(c, depth + 1)));

    /// <summary>It is what the expression gives, or one of the things that it gives at times: <c>window if i not in whole else 0</c>.</summary>
    private static bool Gives(Expression e, string name, int depth) => IsIt(e, name) || (depth < MaxHandedOn && e switch
    {
        ConditionalExpression c => Gives(c.Body, name, depth + 1) || Gives(c.OrElse, name, depth + 1),
        BooleanExpression b => b.Values.Any(v => Gives(v, name, depth + 1)),
        _ => false,
    });

    private static bool IsIt(Expression e, string name) => e is NameExpression n ? n.Name == name : e is AttributeExpression { Value: NameExpression { Name: "self" } } a && a.Name == name;

    /// <summary>Those with which code compares an argument, or the attribute of its name: <c>if self.upscale == 4</c>; numbers also by order: <c>if speakers > 0</c>.</summary>
    private static IEnumerable<(Expression Literal, bool IsOrder)> Asked(PythonNode node, string name, bool isText, int depth)
    {
        if (depth >= 60)
        {
            return [];
        }

        IEnumerable<Expression> Literals(Expression e) => e switch
        {
            StringExpression when isText => [e],
            NumberExpression { IsImaginary: false } when !isText => [e],
            TupleExpression or ListExpression or SetExpression => PythonTree.Children(e).OfType<Expression>().SelectMany(c => c is TupleExpression or ListExpression or SetExpression ? [] : Literals(c)),
            _ => [],
        };
        var own = node is CompareExpression c && c.Operands.Any(o => IsIt(o, name))
            ? c.Operands.SelectMany(Literals).Select(l => (l, !c.Operators.All(o => o is PythonOperator.Equal or PythonOperator.NotEqual or PythonOperator.In or PythonOperator.NotIn))) : [];
        return own.Concat(PythonTree.Children(node).SelectMany(child => Asked(child, name, isText, depth + 1)));
    }

    /// <summary>Numbers and texts with which a function compares a parameter, to be it or not.</summary>
    public IEnumerable<ConstantValue> AskedFor(PythonNode function, string parameter) => Asked(function, parameter, isText: false, 0).Concat(Asked(function, parameter, isText: true, 0)).Where(a => !a.IsOrder)
        .Select(a => a.Literal switch
        {
            NumberExpression n when n.TryGetInteger(out var whole) => ConstantValue.Of(whole),
            StringExpression { Value: { } text } => ConstantValue.Of(text),
            _ => null,
        }).OfType<ConstantValue>();

    private readonly Dictionary<PythonNode, UnknownValue> _openKeywords = new(ReferenceEqualityComparer.Instance);

    /// <summary>Keywords that whoever builds the class may give.</summary>
    private UnknownValue OpenKeywords(FunctionValue f, Parameter p)
    {
        if (!_openKeywords.TryGetValue(p, out var known))
        {
            _openKeywords[p] = known = new(p.Name + "[...]", $"'{p.Name}' is a parameter of '{f.Name}'", new(f.Closure.Module, p.Start)) { IsFromCaller = true };
        }

        return known;
    }
}
