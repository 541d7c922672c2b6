using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What whoever builds a class may give its constructor instead of the defaults.</content>
internal sealed partial class Evaluator
{
    /// <summary>The constructor of a class that nothing in the file builds: whoever does may give it what its switches are not by default. For one call.</summary>
    public PythonNode? OpenParameters { get; set; }

    /// <summary>A parameter that is its default or what the code asks about it; one that decides nothing is its default.</summary>
    private Value Opened(Value usual, FunctionValue f, int at)
    {
        switch (usual)
        {
            case ConstantValue { Peek: bool or null } or SequenceValue { Items.Count: 0, Rest: null } or DictValue { Entries.Count: 0, Rest: null }:
                return ParameterSymbol(f, at);
            case ConstantValue { Peek: string } text when f.Owner is { } owner && Asked(owner.Definition, f.Parameters[at].Name, isText: true, 0).Any():
                var other = ParameterSymbol(f, at);
                var isUsual = _tests.Equals(other, text);
                return Choices.Join([(isUsual, text), (isUsual.Not(), other)]);
            case ConstantValue { Peek: long or double } number when f.Owner is { } owner && Asked(owner.Definition, f.Parameters[at].Name, isText: false, 0).OfType<NumberExpression>().ToList() is { Count: > 0 } asked:
                return Numbers(number, ParameterSymbol(f, at), asked);
            default:
                return usual;
        }
    }

    /// <summary>A number: the usual one, one of those that the code asks for, or, where it asks whether it is the usual one, any other.</summary>
    private Value Numbers(ConstantValue usual, UnknownValue other, List<NumberExpression> asked)
    {
        var isAny = asked.Exists(n => n.ToDouble() == Arithmetic.NumberOf(usual));
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

    /// <summary>Texts or numbers with which the class compares that argument, or the attribute of its name: <c>if self.upscale == 4</c>.</summary>
    private static IEnumerable<Expression> Asked(PythonNode node, string name, bool isText, int depth)
    {
        if (depth >= 60)
        {
            return [];
        }

        bool IsIt(Expression e) => e is NameExpression n ? n.Name == name : e is AttributeExpression { Value: NameExpression { Name: "self" } } a && a.Name == name;
        IEnumerable<Expression> Literals(Expression e) => e switch
        {
            StringExpression when isText => [e],
            NumberExpression { IsImaginary: false } when !isText => [e],
            TupleExpression or ListExpression or SetExpression => PythonTree.Children(e).OfType<Expression>().SelectMany(c => c is TupleExpression or ListExpression or SetExpression ? [] : Literals(c)),
            _ => [],
        };
        var own = node is CompareExpression c && (isText || c.Operators.All(o => o is PythonOperator.Equal or PythonOperator.NotEqual or PythonOperator.In or PythonOperator.NotIn)) && c.Operands.Any(IsIt) ? c.Operands.SelectMany(Literals) : [];
        return own.Concat(PythonTree.Children(node).SelectMany(child => Asked(child, name, isText, depth + 1)));
    }

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
