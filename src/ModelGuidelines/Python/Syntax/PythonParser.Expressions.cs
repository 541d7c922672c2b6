using System.Collections.Immutable;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Syntax;

/// <content>Expressions.</content>
public sealed partial class PythonParser
{
    private const int OrLevel = 1;
    private const int AndLevel = 2;
    private const int NotLevel = 3;
    private const int CompareLevel = 4;
    private const int BitOrLevel = 5;
    private const int UnaryLevel = 11;
    private const int PowerLevel = 12;

    /// <summary>One or several expressions with commas, starred ones too: a tuple when there is a comma.</summary>
    private Expression ExpressionList() => List(StarOrNamed);

    /// <summary>The right side of an assignment: also a yield.</summary>
    private Expression AssignedValue() => _kind is TokenKind.Yield ? Yield() : ExpressionList();

    private Expression List(Func<Expression> element)
    {
        var start = Start;
        var first = element();
        if (_kind is not TokenKind.Comma)
        {
            return first;
        }

        var elements = ImmutableArray.CreateBuilder<Expression>();
        elements.Add(first);
        while (Accept(TokenKind.Comma) && StartsExpression())
        {
            elements.Add(element());
        }

        return new TupleExpression(start, _previousEnd, elements.DrainToImmutable());
    }

    private bool StartsExpression() => _kind is TokenKind.Name or TokenKind.Number or TokenKind.String or TokenKind.FormattedString
        or TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace or TokenKind.Ellipsis or TokenKind.Plus or TokenKind.Minus or TokenKind.Tilde or TokenKind.Star
        or TokenKind.False or TokenKind.None or TokenKind.True or TokenKind.Await or TokenKind.Lambda or TokenKind.Not or TokenKind.Yield;

    private Expression StarOrNamed()
    {
        if (_kind is not TokenKind.Star)
        {
            return NamedOrExpression();
        }

        var start = Start;
        Next();
        var value = Operators(BitOrLevel);
        return new StarredExpression(start, _previousEnd, value);
    }

    private Expression NamedOrExpression()
    {
        if (_kind is not TokenKind.Name || Peek() is not TokenKind.ColonEqual)
        {
            return Expression();
        }

        var target = new NameExpression(Start, Current.End, Meant(Current.Text!));
        Next();
        Next();
        var value = Expression();
        return Bounded(new NamedExpression(target.Start, _previousEnd, target, value));
    }

    private Expression Expression()
    {
        var start = Start;
        if (_kind is TokenKind.Lambda)
        {
            return Lambda();
        }

        var body = Operators(OrLevel);
        if (_kind is not TokenKind.If)
        {
            return body;
        }

        Next();
        var test = Operators(OrLevel);
        Expect(TokenKind.Else, "'else' after a condition");
        if (!Enter())
        {
            return FailExpression("");
        }

        var orElse = Expression();
        Leave();
        return Bounded(new ConditionalExpression(start, _previousEnd, test, body, orElse));
    }

    private T Bounded<T>(T expression)
        where T : Expression
    {
        if (expression.Height > MaxHeight)
        {
            Fail("too long a chain of operators");
        }

        return expression;
    }

    private (int Level, PythonOperator Operator) Infix() => _kind switch
    {
        TokenKind.Or => (OrLevel, default),
        TokenKind.And => (AndLevel, default),
        TokenKind.EqualEqual => (CompareLevel, PythonOperator.Equal),
        TokenKind.NotEqual => (CompareLevel, PythonOperator.NotEqual),
        TokenKind.Less => (CompareLevel, PythonOperator.Less),
        TokenKind.LessEqual => (CompareLevel, PythonOperator.LessEqual),
        TokenKind.Greater => (CompareLevel, PythonOperator.Greater),
        TokenKind.GreaterEqual => (CompareLevel, PythonOperator.GreaterEqual),
        TokenKind.In => (CompareLevel, PythonOperator.In),
        TokenKind.Is => (CompareLevel, PythonOperator.Is),
        TokenKind.Not when Peek() is TokenKind.In => (CompareLevel, PythonOperator.NotIn),
        TokenKind.Bar => (BitOrLevel, PythonOperator.BitOr),
        TokenKind.Caret => (6, PythonOperator.BitXor),
        TokenKind.Ampersand => (7, PythonOperator.BitAnd),
        TokenKind.LeftShift => (8, PythonOperator.LeftShift),
        TokenKind.RightShift => (8, PythonOperator.RightShift),
        TokenKind.Plus => (9, PythonOperator.Add),
        TokenKind.Minus => (9, PythonOperator.Subtract),
        TokenKind.Star => (10, PythonOperator.Multiply),
        TokenKind.Slash => (10, PythonOperator.Divide),
        TokenKind.DoubleSlash => (10, PythonOperator.FloorDivide),
        TokenKind.Percent => (10, PythonOperator.Modulo),
        TokenKind.At => (10, PythonOperator.MatrixMultiply),
        TokenKind.DoubleStar => (PowerLevel, PythonOperator.Power),
        _ => (0, default),
    };

    /// <summary>Everything that binds at least as tightly as <paramref name="minimum"/>.</summary>
    private Expression Operators(int minimum)
    {
        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(static (parser, minimum) => parser.Operators(minimum), this, minimum);
        }

        if (!Enter())
        {
            return FailExpression("");
        }

        var start = Start;
        var left = Prefixed(minimum);
        while (true)
        {
            var (level, op) = Infix();
            if (level == 0 || level < minimum)
            {
                break;
            }

            switch (level)
            {
                case OrLevel or AndLevel:
                    left = Boolean(start, left, level);
                    break;
                case CompareLevel:
                    left = Compare(start, left);
                    break;
                default:
                    Next();
                    var right = Operators(level is PowerLevel ? UnaryLevel : level + 1);
                    left = Bounded(new BinaryExpression(start, _previousEnd, left, op, right));
                    break;
            }
        }

        Leave();
        return left;
    }

    private Expression Prefixed(int minimum)
    {
        var start = Start;
        PythonOperator op;
        switch (_kind)
        {
            case TokenKind.Not when minimum <= NotLevel:
                Next();
                var negated = Operators(NotLevel);
                return new UnaryExpression(start, _previousEnd, PythonOperator.Not, negated);
            case TokenKind.Plus:
                op = PythonOperator.Plus;
                break;
            case TokenKind.Minus:
                op = PythonOperator.Minus;
                break;
            case TokenKind.Tilde:
                op = PythonOperator.Invert;
                break;
            case TokenKind.Await:
                Next();
                var awaited = Primary();
                return new AwaitExpression(start, _previousEnd, awaited);
            default:
                return Primary();
        }

        Next();
        var operand = Operators(UnaryLevel);
        return new UnaryExpression(start, _previousEnd, op, operand);
    }

    private BooleanExpression Boolean(int start, Expression first, int level)
    {
        var word = _kind;
        var values = ImmutableArray.CreateBuilder<Expression>();
        values.Add(first);
        while (Accept(word))
        {
            values.Add(Operators(level + 1));
        }

        return Bounded(new BooleanExpression(start, _previousEnd, word is TokenKind.And, values.DrainToImmutable()));
    }

    private CompareExpression Compare(int start, Expression first)
    {
        var operands = ImmutableArray.CreateBuilder<Expression>();
        var operators = ImmutableArray.CreateBuilder<PythonOperator>();
        operands.Add(first);
        while (Infix() is (CompareLevel, var op))
        {
            Next();
            if (op is PythonOperator.NotIn)
            {
                Next();
            }
            else if (op is PythonOperator.Is && Accept(TokenKind.Not))
            {
                op = PythonOperator.IsNot;
            }

            operators.Add(op);
            operands.Add(Operators(BitOrLevel));
        }

        return Bounded(new CompareExpression(start, _previousEnd, operands.DrainToImmutable(), operators.DrainToImmutable()));
    }

    private Expression Primary()
    {
        var start = Start;
        var value = Atom();
        while (true)
        {
            switch (_kind)
            {
                case TokenKind.Dot:
                    Next();
                    var name = Identifier();
                    value = Bounded(new AttributeExpression(start, _previousEnd, value, name));
                    break;
                case TokenKind.LeftParen:
                    var arguments = Arguments();
                    value = Bounded(new CallExpression(start, _previousEnd, value, arguments));
                    break;
                case TokenKind.LeftBracket:
                    Next();
                    var index = Index();
                    Expect(TokenKind.RightBracket, "']'");
                    value = Bounded(new SubscriptExpression(start, _previousEnd, value, index));
                    break;
                default:
                    return value;
            }
        }
    }

    private Expression Index()
    {
        var start = Start;
        var first = IndexElement();
        if (_kind is not TokenKind.Comma)
        {
            // A single starred index is a tuple of one (PEP 646).
            return first is StarredExpression ? new TupleExpression(start, _previousEnd, [first]) : first;
        }

        var elements = ImmutableArray.CreateBuilder<Expression>();
        elements.Add(first);
        while (Accept(TokenKind.Comma) && _kind is not TokenKind.RightBracket)
        {
            elements.Add(IndexElement());
        }

        return new TupleExpression(start, _previousEnd, elements.DrainToImmutable());
    }

    private Expression IndexElement()
    {
        var start = Start;
        if (_kind is TokenKind.RightBracket)
        {
            return FailExpression("expected an index");
        }

        var lower = _kind is TokenKind.Colon ? null : StarOrNamed();
        if (!Accept(TokenKind.Colon))
        {
            return lower!;
        }

        var upper = _kind is TokenKind.Colon or TokenKind.Comma or TokenKind.RightBracket ? null : Expression();
        Expression? step = null;
        if (Accept(TokenKind.Colon) && _kind is not (TokenKind.Comma or TokenKind.RightBracket))
        {
            step = Expression();
        }

        return new SliceExpression(start, _previousEnd, lower, upper, step);
    }

    /// <summary>What a loop assigns: no comparison, so that <c>in</c> ends it.</summary>
    private Expression TargetList() => List(() =>
    {
        var start = Start;
        if (!Accept(TokenKind.Star))
        {
            return Operators(BitOrLevel);
        }

        var value = Operators(BitOrLevel);
        return new StarredExpression(start, _previousEnd, value);
    });

    private Expression Yield()
    {
        var start = Start;
        Next();
        if (!Enter())
        {
            return FailExpression("");
        }

        var isFrom = Accept(TokenKind.From);
        var value = isFrom ? Expression() : StartsExpression() ? ExpressionList() : null;
        Leave();
        return Bounded(new YieldExpression(start, _previousEnd, value, isFrom));
    }
}
