using System.Collections.Immutable;

namespace ModelGuidelines.Python.Syntax;

/// <content>Expressions that no operator is part of.</content>
public sealed partial class PythonParser
{
    /// <summary>A longer number is hardly there twice.</summary>
    private const int LongestShared = 8;

    /// <summary>A number as it is written: in a table of millions most are the same few.</summary>
    private string NumberText(Token number) => number.End - number.Start <= LongestShared ? _names.Get(_text.AsSpan(number.Start, number.End - number.Start)).Name : _text[number.Start..number.End];

    private Expression Atom()
    {
        var token = Current;
        switch (_kind)
        {
            case TokenKind.Name:
                Next();
                return new NameExpression(token.Start, token.End, Meant(token.Text!));
            case TokenKind.Number:
                Next();
                return new NumberExpression(token.Start, token.End, NumberText(token));
            case TokenKind.String or TokenKind.FormattedString:
                return Strings();
            case TokenKind.None:
                return Constant(PythonConstant.None);
            case TokenKind.True:
                return Constant(PythonConstant.True);
            case TokenKind.False:
                return Constant(PythonConstant.False);
            case TokenKind.Ellipsis:
                return Constant(PythonConstant.Ellipsis);
            case TokenKind.LeftParen:
                return Parenthesized();
            case TokenKind.LeftBracket:
                return Brackets();
            case TokenKind.LeftBrace:
                return Braces();
            default:
                return FailExpression("expected an expression");
        }

        ConstantExpression Constant(PythonConstant value)
        {
            Next();
            return new(token.Start, token.End, value);
        }
    }

    private Expression Parenthesized()
    {
        var start = Start;
        Next();
        if (Accept(TokenKind.RightParen))
        {
            return new TupleExpression(start, _previousEnd, []);
        }

        if (_kind is TokenKind.Yield)
        {
            var yield = Yield();
            Expect(TokenKind.RightParen, "')'");
            return yield;
        }

        var first = StarOrNamed();
        if (_kind is TokenKind.For or TokenKind.Async)
        {
            var clauses = Clauses();
            Expect(TokenKind.RightParen, "')'");
            return Bounded(new ComprehensionExpression(start, _previousEnd, ComprehensionKind.Generator, first, null, clauses));
        }

        if (_kind is TokenKind.Comma)
        {
            var elements = Elements(first, TokenKind.RightParen);
            Expect(TokenKind.RightParen, "')'");
            return Bounded(new TupleExpression(start, _previousEnd, elements));
        }

        Expect(TokenKind.RightParen, "')'");
        return first is StarredExpression ? FailExpression("a starred expression cannot stand alone") : first;
    }

    private ImmutableArray<Expression> Elements(Expression first, TokenKind close)
    {
        var elements = ImmutableArray.CreateBuilder<Expression>();
        elements.Add(first);
        while (Accept(TokenKind.Comma) && _kind != close)
        {
            elements.Add(StarOrNamed());
        }

        return elements.DrainToImmutable();
    }

    private Expression Brackets()
    {
        var start = Start;
        Next();
        if (Accept(TokenKind.RightBracket))
        {
            return new ListExpression(start, _previousEnd, []);
        }

        var first = StarOrNamed();
        if (_kind is TokenKind.For or TokenKind.Async)
        {
            var clauses = Clauses();
            Expect(TokenKind.RightBracket, "']'");
            return Bounded(new ComprehensionExpression(start, _previousEnd, ComprehensionKind.List, first, null, clauses));
        }

        var elements = Elements(first, TokenKind.RightBracket);
        Expect(TokenKind.RightBracket, "',' or ']'");
        return Bounded(new ListExpression(start, _previousEnd, elements));
    }

    private Expression Braces()
    {
        var start = Start;
        Next();
        if (Accept(TokenKind.RightBrace))
        {
            return new DictExpression(start, _previousEnd, [], []);
        }

        if (_kind is TokenKind.DoubleStar)
        {
            return Dict(start, null);
        }

        var first = StarOrNamed();
        if (_kind is TokenKind.Colon)
        {
            return Dict(start, first);
        }

        if (_kind is TokenKind.For or TokenKind.Async)
        {
            var clauses = Clauses();
            Expect(TokenKind.RightBrace, "'}'");
            return Bounded(new ComprehensionExpression(start, _previousEnd, ComprehensionKind.Set, first, null, clauses));
        }

        var elements = Elements(first, TokenKind.RightBrace);
        Expect(TokenKind.RightBrace, "',' or '}'");
        return Bounded(new SetExpression(start, _previousEnd, elements));
    }

    private Expression Dict(int start, Expression? firstKey)
    {
        var keys = ImmutableArray.CreateBuilder<Expression?>();
        var values = ImmutableArray.CreateBuilder<Expression>();
        for (var key = firstKey; ; key = null)
        {
            if (key is null && Accept(TokenKind.DoubleStar))
            {
                keys.Add(null);
                values.Add(Operators(BitOrLevel));
            }
            else
            {
                keys.Add(key ?? Expression());
                Expect(TokenKind.Colon, "':' after the key");
                values.Add(Expression());
                if (keys.Count == 1 && _kind is TokenKind.For or TokenKind.Async)
                {
                    var clauses = Clauses();
                    Expect(TokenKind.RightBrace, "'}'");
                    return Bounded(new ComprehensionExpression(start, _previousEnd, ComprehensionKind.Dict, keys[0]!, values[0], clauses));
                }
            }

            if (!Accept(TokenKind.Comma) || _kind is TokenKind.RightBrace)
            {
                break;
            }
        }

        Expect(TokenKind.RightBrace, "',' or '}'");
        return Bounded(new DictExpression(start, _previousEnd, keys.DrainToImmutable(), values.DrainToImmutable()));
    }

    private ImmutableArray<ComprehensionClause> Clauses()
    {
        var clauses = ImmutableArray.CreateBuilder<ComprehensionClause>();
        while (_kind is TokenKind.For or TokenKind.Async)
        {
            var start = Start;
            var isAsync = Accept(TokenKind.Async);
            Expect(TokenKind.For, "'for'");
            var target = TargetList();
            Expect(TokenKind.In, "'in'");
            var iterable = Operators(OrLevel);
            var conditions = ImmutableArray.CreateBuilder<Expression>();
            while (Accept(TokenKind.If))
            {
                conditions.Add(_kind is TokenKind.Name && Peek() is TokenKind.ColonEqual ? NamedOrExpression() : Operators(OrLevel));
            }

            clauses.Add(new(start, _previousEnd, target, iterable, conditions.DrainToImmutable(), isAsync));
        }

        if (clauses.Count == 0)
        {
            clauses.Add(new(Start, Start, FailExpression("expected 'for'"), FailExpression(""), [], false));
        }

        return clauses.DrainToImmutable();
    }
}
