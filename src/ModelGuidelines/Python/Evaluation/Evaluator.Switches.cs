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
            case ConstantValue { Peek: string } text when f.Owner is { } owner && _askedValues.Of(owner, f.Parameters[at].Name, isText: true).Count > 0:
                var other = ParameterSymbol(f, at);
                var isUsual = _tests.Equals(other, text);
                return Choices.Join([(isUsual, text), (isUsual.Not(), other)]);
            case ConstantValue { Peek: long or double } number when f.Owner is { } owner:
                var asked = _askedValues.Of(owner, f.Parameters[at].Name, isText: false);
                var isMeasured = Arithmetic.NumberOf(number) <= 0 && asked.Any(a => a.IsOrder);
                return asked.Any(a => !a.IsOrder) || isMeasured ? Numbers(number, ParameterSymbol(f, at), [.. asked.Where(a => !a.IsOrder).Select(a => (NumberExpression)a.Literal)], isMeasured) : usual;
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

    private readonly AskedValues _askedValues = new();

    /// <summary>Numbers and texts with which a function compares a parameter, to be it or not.</summary>
    public IEnumerable<ConstantValue> AskedFor(PythonNode function, string parameter) => AskedValues.In(function, parameter, isText: false).Concat(AskedValues.In(function, parameter, isText: true)).Where(a => !a.IsOrder)
        .Select(a => a.Literal switch
        {
            NumberExpression n when n.TryGetInteger(out var whole) => ConstantValue.Of(whole),
            StringExpression { Value: { } text } => ConstantValue.Of(text),
            _ => null,
        }).OfType<ConstantValue>();

    private readonly Dictionary<PythonNode, UnknownValue> _openKeywords = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether it is what whoever builds a class gives beyond its own parameters.</summary>
    private bool IsOpened(Value? rest) => rest is UnknownValue open && _openKeywords.ContainsValue(open);

    /// <summary>Keywords, or further arguments, that whoever builds the class may give.</summary>
    private UnknownValue OpenKeywords(FunctionValue f, Parameter p)
    {
        if (!_openKeywords.TryGetValue(p, out var known))
        {
            _openKeywords[p] = known = new(p.Name + "[...]", $"'{p.Name}' is a parameter of '{f.Name}'", new(f.Closure.Module, p.Start)) { IsFromCaller = true };
        }

        return known;
    }
}
