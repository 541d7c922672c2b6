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
            case ConstantValue { Peek: string or long or double } constant when f.Owner is { } owner && IsAsked(owner.Definition, f.Parameters[at].Name, constant, 0):
                var other = ParameterSymbol(f, at);
                var isUsual = _tests.Equals(other, constant);
                return Choices.Join([(isUsual, constant), (isUsual.Not(), other)]);
            default:
                return usual;
        }
    }

    /// <summary>Whether the class compares that argument, or the attribute of its name, with another text than its default, or with the number that its default is: <c>if expand != 1</c>.</summary>
    private static bool IsAsked(PythonNode node, string name, ConstantValue usual, int depth)
    {
        bool IsIt(Expression e) => e is NameExpression n ? n.Name == name : e is AttributeExpression { Value: NameExpression { Name: "self" } } a && a.Name == name;
        bool IsOther(Expression e) => e switch
        {
            StringExpression s => usual.Raw is string text && s.Value != text,
            TupleExpression or ListExpression or SetExpression => usual.Raw is string text && PythonTree.Children(e).OfType<StringExpression>().Any(s => s.Value != text),
            NumberExpression n => usual.Raw is long or double && n.ToDouble() == Arithmetic.NumberOf(usual),
            _ => false,
        };
        return depth < 60 && ((node is CompareExpression c && (usual.Raw is string || c.Operators.All(o => o is PythonOperator.Equal or PythonOperator.NotEqual)) && c.Operands.Any(IsIt) && c.Operands.Any(IsOther)) || PythonTree.Children(node).Any(child => IsAsked(child, name, usual, depth + 1)));
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
