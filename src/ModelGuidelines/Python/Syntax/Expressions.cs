using System.Collections.Immutable;

namespace ModelGuidelines.Python.Syntax;

/// <summary>An expression. Trees are at most <see cref="PythonParser.MaxHeight"/> high: recursion over them is bounded.</summary>
public abstract class Expression(int start, int end, int height) : PythonNode(start, end)
{
    /// <summary>Nodes on the longest way down, this one included.</summary>
    public int Height { get; } = height;

    private protected static int Above(Expression? a, Expression? b = null, Expression? c = null) =>
        1 + Math.Max(a?.Height ?? 0, Math.Max(b?.Height ?? 0, c?.Height ?? 0));

    private protected static int Above<T>(ImmutableArray<T> nodes)
        where T : Expression?
    {
        var height = 0;
        foreach (var node in nodes)
        {
            height = Math.Max(height, node?.Height ?? 0);
        }

        return height + 1;
    }
}

/// <summary>What stands where an expression could not be parsed; an error of the file says why.</summary>
public sealed class ErrorExpression(int start, int end) : Expression(start, end, 1);

/// <summary><c>name</c></summary>
public sealed class NameExpression(int start, int end, string name) : Expression(start, end, 1)
{
    public string Name { get; } = name;
}

/// <summary><c>value.name</c></summary>
public sealed class AttributeExpression(int start, int end, Expression value, string name) : Expression(start, end, Above(value))
{
    public Expression Value { get; } = value;

    /// <summary>It ends where the node ends.</summary>
    public string Name { get; } = name;

    /// <summary>Where the name begins in the file's text: one that is private to a class is written shorter.</summary>
    public int NameStart(string text)
    {
        if (!Name.StartsWith('_'))
        {
            return End - Name.Length;
        }

        var at = End;
        while (at > Value.End && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] == '_'))
        {
            at--;
        }

        return at;
    }
}

/// <summary><c>value[index]</c></summary>
public sealed class SubscriptExpression(int start, int end, Expression value, Expression index) : Expression(start, end, Above(value, index))
{
    public Expression Value { get; } = value;

    /// <summary>A tuple for several, <see cref="SliceExpression"/> for slices.</summary>
    public Expression Index { get; } = index;
}

/// <summary><c>lower:upper:step</c></summary>
public sealed class SliceExpression(int start, int end, Expression? lower, Expression? upper, Expression? step) : Expression(start, end, Above(lower, upper, step))
{
    public Expression? Lower { get; } = lower;

    public Expression? Upper { get; } = upper;

    public Expression? Step { get; } = step;
}

/// <summary>One argument of a call, in the order written.</summary>
public sealed class Argument(int start, int end, string? name, int stars, Expression value) : PythonNode(start, end)
{
    /// <summary>The keyword; null for a positional one and for <c>*</c> and <c>**</c>.</summary>
    public string? Name { get; } = name;

    /// <summary>0, 1 for <c>*value</c>, 2 for <c>**value</c>.</summary>
    public int Stars { get; } = stars;

    public Expression Value { get; } = value;
}

/// <summary><c>function(arguments)</c></summary>
public sealed class CallExpression(int start, int end, Expression function, ImmutableArray<Argument> arguments) : Expression(start, end, HeightOf(function, arguments))
{
    public Expression Function { get; } = function;

    public ImmutableArray<Argument> Arguments { get; } = arguments;

    /// <summary>What is written for a parameter, by its name or at its place; null where neither is, or where what stands before it is not written out.</summary>
    /// <param name="name">Of the parameter.</param>
    /// <param name="position">Its place among the positional arguments, 0-based; negative: it has none.</param>
    public Expression? ValueFor(string name, int position) =>
        (Arguments.FirstOrDefault(a => a.Name == name) ?? (position >= 0 && position < Arguments.Length && Arguments.Take(position + 1).All(a => a.Name is null && a.Stars == 0) ? Arguments[position] : null))?.Value;

    private static int HeightOf(Expression function, ImmutableArray<Argument> arguments)
    {
        var height = function.Height;
        foreach (var argument in arguments)
        {
            height = Math.Max(height, argument.Value.Height);
        }

        return height + 1;
    }
}

/// <summary>Operators: unary, binary, of comparison.</summary>
public enum PythonOperator
{
    Not,
    Plus,
    Minus,
    Invert,
    Add,
    Subtract,
    Multiply,
    MatrixMultiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    LeftShift,
    RightShift,
    BitOr,
    BitXor,
    BitAnd,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Is,
    IsNot,
    In,
    NotIn,
}

/// <summary><c>not a</c>, <c>-a</c>, <c>+a</c>, <c>~a</c></summary>
public sealed class UnaryExpression(int start, int end, PythonOperator op, Expression operand) : Expression(start, end, Above(operand))
{
    public PythonOperator Operator { get; } = op;

    public Expression Operand { get; } = operand;
}

/// <summary><c>a + b</c></summary>
public sealed class BinaryExpression(int start, int end, Expression left, PythonOperator op, Expression right) : Expression(start, end, Above(left, right))
{
    public Expression Left { get; } = left;

    public PythonOperator Operator { get; } = op;

    public Expression Right { get; } = right;
}

/// <summary><c>a and b and c</c>, <c>a or b</c></summary>
public sealed class BooleanExpression(int start, int end, bool isAnd, ImmutableArray<Expression> values) : Expression(start, end, Above(values))
{
    public bool IsAnd { get; } = isAnd;

    public ImmutableArray<Expression> Values { get; } = values;
}

/// <summary><c>a &lt; b &lt;= c</c></summary>
public sealed class CompareExpression(int start, int end, ImmutableArray<Expression> operands, ImmutableArray<PythonOperator> operators) : Expression(start, end, Above(operands))
{
    /// <summary>One more than operators.</summary>
    public ImmutableArray<Expression> Operands { get; } = operands;

    public ImmutableArray<PythonOperator> Operators { get; } = operators;
}

/// <summary><c>body if test else orelse</c></summary>
public sealed class ConditionalExpression(int start, int end, Expression test, Expression body, Expression orElse) : Expression(start, end, Above(test, body, orElse))
{
    public Expression Test { get; } = test;

    public Expression Body { get; } = body;

    public Expression OrElse { get; } = orElse;
}

/// <summary><c>lambda parameters: body</c></summary>
public sealed class LambdaExpression(int start, int end, ImmutableArray<Parameter> parameters, Expression body) : Expression(start, end, Above(body))
{
    public ImmutableArray<Parameter> Parameters { get; } = parameters;

    public Expression Body { get; } = body;
}

/// <summary><c>a, b</c>, <c>(a, b)</c>, <c>()</c></summary>
public sealed class TupleExpression(int start, int end, ImmutableArray<Expression> elements) : Expression(start, end, Above(elements))
{
    public ImmutableArray<Expression> Elements { get; } = elements;
}

/// <summary><c>[a, b]</c></summary>
public sealed class ListExpression(int start, int end, ImmutableArray<Expression> elements) : Expression(start, end, Above(elements))
{
    public ImmutableArray<Expression> Elements { get; } = elements;
}

/// <summary><c>{a, b}</c></summary>
public sealed class SetExpression(int start, int end, ImmutableArray<Expression> elements) : Expression(start, end, Above(elements))
{
    public ImmutableArray<Expression> Elements { get; } = elements;
}

/// <summary><c>{a: b, **c}</c></summary>
public sealed class DictExpression(int start, int end, ImmutableArray<Expression?> keys, ImmutableArray<Expression> values)
    : Expression(start, end, Math.Max(Above(keys), Above(values)))
{
    /// <summary>As many as values; null for <c>**value</c>.</summary>
    public ImmutableArray<Expression?> Keys { get; } = keys;

    public ImmutableArray<Expression> Values { get; } = values;
}

public enum ComprehensionKind
{
    Generator,
    List,
    Set,
    Dict,
}

/// <summary>One <c>for target in iterable if condition</c> of a comprehension.</summary>
public sealed class ComprehensionClause(int start, int end, Expression target, Expression iterable, ImmutableArray<Expression> conditions, bool isAsync) : PythonNode(start, end)
{
    public Expression Target { get; } = target;

    public Expression Iterable { get; } = iterable;

    public ImmutableArray<Expression> Conditions { get; } = conditions;

    public bool IsAsync { get; } = isAsync;

    internal int Height => 1 + Math.Max(Math.Max(Target.Height, Iterable.Height), Conditions.Length == 0 ? 0 : Conditions.Max(c => c.Height));
}

/// <summary><c>[a for b in c]</c>, <c>{a: b for c in d}</c>, ...</summary>
public sealed class ComprehensionExpression(int start, int end, ComprehensionKind kind, Expression element, Expression? value, ImmutableArray<ComprehensionClause> clauses)
    : Expression(start, end, Math.Max(Above(element, value), 1 + clauses.Max(c => c.Height)))
{
    public ComprehensionKind Kind { get; } = kind;

    /// <summary>The element; a dictionary's key.</summary>
    public Expression Element { get; } = element;

    /// <summary>A dictionary's value.</summary>
    public Expression? Value { get; } = value;

    public ImmutableArray<ComprehensionClause> Clauses { get; } = clauses;
}

/// <summary><c>await value</c></summary>
public sealed class AwaitExpression(int start, int end, Expression value) : Expression(start, end, Above(value))
{
    public Expression Value { get; } = value;
}

/// <summary><c>yield value</c>, <c>yield from value</c></summary>
public sealed class YieldExpression(int start, int end, Expression? value, bool isFrom) : Expression(start, end, Above(value))
{
    public Expression? Value { get; } = value;

    public bool IsFrom { get; } = isFrom;
}

/// <summary><c>*value</c></summary>
public sealed class StarredExpression(int start, int end, Expression value) : Expression(start, end, Above(value))
{
    public Expression Value { get; } = value;
}

/// <summary><c>target := value</c></summary>
public sealed class NamedExpression(int start, int end, NameExpression target, Expression value) : Expression(start, end, Above(value))
{
    public NameExpression Target { get; } = target;

    public Expression Value { get; } = value;
}

public enum ParameterKind
{
    PositionalOnly,
    Ordinary,
    VariadicPositional,
    KeywordOnly,
    VariadicKeyword,
}

/// <summary>One parameter of a function; its span ends with the annotation.</summary>
public sealed class Parameter(int start, int end, string name, ParameterKind kind, Expression? annotation, Expression? @default) : PythonNode(start, end)
{
    public string Name { get; } = name;

    public ParameterKind Kind { get; } = kind;

    public Expression? Annotation { get; } = annotation;

    public Expression? Default { get; } = @default;
}
