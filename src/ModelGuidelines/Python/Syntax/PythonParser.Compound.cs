using System.Collections.Immutable;

namespace ModelGuidelines.Python.Syntax;

/// <content>Statements with blocks.</content>
public sealed partial class PythonParser
{
    private Statement? Compound()
    {
        switch (_kind)
        {
            case TokenKind.If:
                return If();
            case TokenKind.While:
                return While();
            case TokenKind.For:
                return For(Start, isAsync: false);
            case TokenKind.With:
                return With(Start, isAsync: false);
            case TokenKind.Try:
                return Try();
            case TokenKind.Def:
                return Function(Start, [], isAsync: false);
            case TokenKind.Class:
                return Class([]);
            case TokenKind.At:
                return Decorated();
            case TokenKind.Async:
                return Async([]);
            case TokenKind.Name when Current.Text == "match" && IsMatch():
                return Match();
            default:
                return null;
        }
    }

    private Statement? Async(ImmutableArray<Expression> decorators)
    {
        var start = Start;
        Next();
        switch (_kind)
        {
            case TokenKind.Def:
                return Function(start, decorators, isAsync: true);
            case TokenKind.For:
                return For(start, isAsync: true);
            case TokenKind.With:
                return With(start, isAsync: true);
            default:
                Fail("expected 'def', 'for' or 'with' after 'async'");
                return null;
        }
    }

    private Statement? Decorated()
    {
        var decorators = ImmutableArray.CreateBuilder<Expression>();
        while (Accept(TokenKind.At))
        {
            decorators.Add(NamedOrExpression());
            Expect(TokenKind.NewLine, "a line end after the decorator");
        }

        switch (_kind)
        {
            case TokenKind.Def:
                return Function(Start, decorators.DrainToImmutable(), isAsync: false);
            case TokenKind.Class:
                return Class(decorators.DrainToImmutable());
            case TokenKind.Async:
                return Async(decorators.DrainToImmutable());
            default:
                Fail("expected a function or class after the decorator");
                return null;
        }
    }

    private FunctionDefinition Function(int start, ImmutableArray<Expression> decorators, bool isAsync)
    {
        Next();
        var name = Identifier();
        var typeParameters = TypeParameters();
        Expect(TokenKind.LeftParen, "'('");
        var parameters = Parameters(TokenKind.RightParen, annotated: true);
        Expect(TokenKind.RightParen, "')'");
        var returns = Accept(TokenKind.Arrow) ? Expression() : null;
        var body = Suite();
        return new(start, _previousEnd, name, typeParameters, parameters, returns, body, decorators, isAsync);
    }

    private ClassDefinition Class(ImmutableArray<Expression> decorators)
    {
        var start = Start;
        Next();
        var written = Word();
        var name = Meant(written);
        var typeParameters = TypeParameters();
        var arguments = _kind is TokenKind.LeftParen ? Arguments() : [];
        var around = _private?.Enter(written);
        var body = Suite();
        _private?.Leave(around);
        return new(start, _previousEnd, name, typeParameters, arguments, body, decorators);
    }

    private ImmutableArray<TypeParameter> TypeParameters()
    {
        if (!Accept(TokenKind.LeftBracket))
        {
            return [];
        }

        var parameters = ImmutableArray.CreateBuilder<TypeParameter>();
        while (!_failed && _kind is not TokenKind.RightBracket)
        {
            var start = Start;
            var stars = Accept(TokenKind.Star) ? 1 : Accept(TokenKind.DoubleStar) ? 2 : 0;
            var name = Identifier();
            var bound = Accept(TokenKind.Colon) ? Expression() : null;
            var value = Accept(TokenKind.Equal) ? StarOrNamed() : null;
            parameters.Add(new(start, _previousEnd, name, stars, bound, value));
            if (!Accept(TokenKind.Comma))
            {
                break;
            }
        }

        Expect(TokenKind.RightBracket, "']'");
        return parameters.DrainToImmutable();
    }

    private IfStatement If()
    {
        var start = Start;
        var clauses = ImmutableArray.CreateBuilder<IfClause>();
        do
        {
            var clauseStart = Start;
            Next();
            var test = NamedOrExpression();
            var body = Suite();
            clauses.Add(new(clauseStart, _previousEnd, test, body));
        }
        while (_kind is TokenKind.Elif);
        var orElse = Else();
        return new(start, _previousEnd, clauses.DrainToImmutable(), orElse);
    }

    private ImmutableArray<Statement> Else() => Accept(TokenKind.Else) ? Suite() : [];

    private WhileStatement While()
    {
        var start = Start;
        Next();
        var test = NamedOrExpression();
        var body = Suite();
        var orElse = Else();
        return new(start, _previousEnd, test, body, orElse);
    }

    private ForStatement For(int start, bool isAsync)
    {
        Next();
        var target = TargetList();
        Expect(TokenKind.In, "'in'");
        var iterable = ExpressionList();
        var body = Suite();
        var orElse = Else();
        return new(start, _previousEnd, target, iterable, body, orElse, isAsync);
    }

    private WithStatement With(int start, bool isAsync)
    {
        Next();
        var items = ImmutableArray.CreateBuilder<WithItem>();
        var isParenthesized = _kind is TokenKind.LeftParen && IsFollowedByColon() && HasItems();
        if (isParenthesized)
        {
            Next();
        }

        do
        {
            if (isParenthesized && _kind is TokenKind.RightParen)
            {
                break;
            }

            var itemStart = Start;
            var context = Expression();
            Expression? target = null;
            if (Accept(TokenKind.As))
            {
                target = Target();
            }

            items.Add(new(itemStart, _previousEnd, context, target));
        }
        while (Accept(TokenKind.Comma));
        if (isParenthesized)
        {
            Expect(TokenKind.RightParen, "')'");
        }

        var body = Suite();
        return new(start, _previousEnd, items.DrainToImmutable(), body, isAsync);
    }

    /// <summary>One thing assigned or deleted.</summary>
    private Expression Target() => Operators(BitOrLevel);

    /// <summary>Whether the colon of the statement follows the bracket that closes the current one.</summary>
    private bool IsFollowedByColon() => Peek(Matching() - _index + 1) is TokenKind.Colon;

    /// <summary>Whether the parentheses hold <c>as</c> or a comma, and no generator or walrus on their own level: then they are those of the with statement.</summary>
    private bool HasItems()
    {
        var close = Matching();
        var depth = 0;
        var found = false;
        for (var i = _index; i <= close; i++)
        {
            switch (_tokens[i].Kind)
            {
                case TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace:
                    depth++;
                    break;
                case TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace:
                    depth--;
                    break;
                case TokenKind.As when depth == 1:
                    return true;
                case TokenKind.Comma when depth == 1:
                    found = true;
                    break;
                case TokenKind.Yield or TokenKind.ColonEqual or TokenKind.Star when depth == 1 && _tokens[i - 1].Kind is TokenKind.LeftParen or TokenKind.Comma:
                    return false;
            }
        }

        return found;
    }

    /// <summary>Index of the token that closes the current bracket.</summary>
    private int Matching()
    {
        var depth = 0;
        for (var i = _index; i < _tokens.Length; i++)
        {
            switch (_tokens[i].Kind)
            {
                case TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace:
                    depth++;
                    break;
                case TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace when --depth == 0:
                    return i;
                case TokenKind.NewLine or TokenKind.EndOfFile:
                    return i;
            }
        }

        return _tokens.Length - 1;
    }

    private TryStatement Try()
    {
        var start = Start;
        Next();
        var body = Suite();
        var handlers = ImmutableArray.CreateBuilder<ExceptHandler>();
        var isStar = false;
        while (_kind is TokenKind.Except)
        {
            var handlerStart = Start;
            Next();
            isStar |= Accept(TokenKind.Star);
            Expression? type = null;
            string? name = null;
            if (_kind is not TokenKind.Colon)
            {
                type = List(Expression); // several without parentheses: Python 3.14
                if (Accept(TokenKind.As))
                {
                    name = Identifier();
                }
            }

            var handler = Suite();
            handlers.Add(new(handlerStart, _previousEnd, type, name, handler));
        }

        var orElse = Else();
        var final = Accept(TokenKind.Finally) ? Suite() : [];
        if (handlers.Count == 0 && final.IsEmpty)
        {
            Fail("expected 'except' or 'finally'");
        }

        return new(start, _previousEnd, body, handlers.DrainToImmutable(), orElse, final, isStar);
    }
}
