using System.Collections.Immutable;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Syntax;

/// <content>The match statement and its patterns.</content>
public sealed partial class PythonParser
{
    /// <summary>Whether the name <c>match</c> begins a match statement: its line ends with a colon, and the next one is a case.</summary>
    private bool IsMatch()
    {
        if (Peek() is TokenKind.Equal or TokenKind.Dot or TokenKind.Comma or TokenKind.RightParen or TokenKind.Colon or TokenKind.NewLine or TokenKind.AugmentedAssign)
        {
            return false;
        }

        var i = _index + 1;
        while (_tokens[i].Kind is not (TokenKind.NewLine or TokenKind.EndOfFile))
        {
            i++;
        }

        return i + 2 < _tokens.Length && _tokens[i - 1].Kind is TokenKind.Colon && _tokens[i + 1].Kind is TokenKind.Indent && _tokens[i + 2] is { Kind: TokenKind.Name, Text: "case" };
    }

    private MatchStatement Match()
    {
        var start = Start;
        Next();
        var subject = ExpressionList();
        Expect(TokenKind.Colon, "':'");
        Expect(TokenKind.NewLine, "a line end");
        Expect(TokenKind.Indent, "an indented block");
        var cases = ImmutableArray.CreateBuilder<MatchCase>();
        while (IsWord("case"))
        {
            var caseStart = Start;
            Next();
            var pattern = OpenPattern();
            var guard = Accept(TokenKind.If) ? NamedOrExpression() : null;
            var body = Suite();
            cases.Add(new(caseStart, _previousEnd, pattern, guard, body));
        }

        Expect(TokenKind.Dedent, "'case'");
        return new(start, _previousEnd, subject, cases.DrainToImmutable());
    }

    /// <summary>A pattern, or several with commas.</summary>
    private Pattern OpenPattern()
    {
        var start = Start;
        var first = StarOrAsPattern();
        if (_kind is not TokenKind.Comma)
        {
            return first is StarPattern ? new SequencePattern(start, _previousEnd, [first]) : first;
        }

        var patterns = MorePatterns(first, () => _kind is TokenKind.Colon or TokenKind.If);
        return new SequencePattern(start, _previousEnd, patterns);
    }

    private ImmutableArray<Pattern> MorePatterns(Pattern first, Func<bool> isEnd)
    {
        var patterns = ImmutableArray.CreateBuilder<Pattern>();
        patterns.Add(first);
        while (Accept(TokenKind.Comma) && !isEnd())
        {
            patterns.Add(StarOrAsPattern());
        }

        return patterns.DrainToImmutable();
    }

    private Pattern StarOrAsPattern()
    {
        var start = Start;
        if (!Accept(TokenKind.Star))
        {
            return AsPattern();
        }

        var name = Identifier();
        return new StarPattern(start, _previousEnd, name == "_" ? null : name);
    }

    private Pattern AsPattern()
    {
        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(static (parser, _) => parser.AsPattern(), this, 0);
        }

        if (!Enter())
        {
            return new AsPattern(Start, Start, null, null);
        }

        var start = Start;
        var pattern = OrPattern();
        if (Accept(TokenKind.As))
        {
            var name = Identifier();
            pattern = new AsPattern(start, _previousEnd, pattern, name);
        }

        Leave();
        return pattern;
    }

    private Pattern OrPattern()
    {
        var start = Start;
        var first = ClosedPattern();
        if (_kind is not TokenKind.Bar)
        {
            return first;
        }

        var patterns = ImmutableArray.CreateBuilder<Pattern>();
        patterns.Add(first);
        while (Accept(TokenKind.Bar))
        {
            patterns.Add(ClosedPattern());
        }

        return new OrPattern(start, _previousEnd, patterns.DrainToImmutable());
    }

    private Pattern ClosedPattern()
    {
        var start = Start;
        switch (_kind)
        {
            case TokenKind.LeftParen:
                Next();
                return Sequence(start, TokenKind.RightParen);
            case TokenKind.LeftBracket:
                Next();
                return Sequence(start, TokenKind.RightBracket);
            case TokenKind.LeftBrace:
                return Mapping();
            case TokenKind.Name when Peek() is not (TokenKind.Dot or TokenKind.LeftParen):
                var name = Identifier();
                return new AsPattern(start, _previousEnd, null, name == "_" ? null : name);
            case TokenKind.Name:
                return NamedPattern();
            default:
                var value = Operators(9); // numbers with signs, complex numbers, strings, None, True, False
                return new ValuePattern(start, _previousEnd, value);
        }
    }

    private Pattern NamedPattern()
    {
        var start = Start;
        Expression type = new NameExpression(start, Current.End, Identifier());
        while (Accept(TokenKind.Dot))
        {
            var name = Identifier();
            type = Bounded(new AttributeExpression(start, _previousEnd, type, name));
        }

        if (!Accept(TokenKind.LeftParen))
        {
            return new ValuePattern(start, _previousEnd, type);
        }

        var patterns = ImmutableArray.CreateBuilder<Pattern>();
        var keywords = ImmutableArray.CreateBuilder<string>();
        var keywordPatterns = ImmutableArray.CreateBuilder<Pattern>();
        while (!_failed && _kind is not TokenKind.RightParen)
        {
            if (_kind is TokenKind.Name && Peek() is TokenKind.Equal)
            {
                keywords.Add(Identifier());
                Next();
                keywordPatterns.Add(AsPattern());
            }
            else
            {
                patterns.Add(AsPattern());
            }

            if (!Accept(TokenKind.Comma))
            {
                break;
            }
        }

        Expect(TokenKind.RightParen, "')'");
        return new ClassPattern(start, _previousEnd, type, patterns.DrainToImmutable(), keywords.DrainToImmutable(), keywordPatterns.DrainToImmutable());
    }

    private Pattern Sequence(int start, TokenKind close)
    {
        if (Accept(close))
        {
            return new SequencePattern(start, _previousEnd, []);
        }

        var first = StarOrAsPattern();
        if (close is TokenKind.RightParen && _kind is TokenKind.RightParen && first is not StarPattern)
        {
            Next();
            return first; // a group
        }

        var patterns = MorePatterns(first, () => _kind == close);
        Expect(close, "the closing bracket of the pattern");
        return new SequencePattern(start, _previousEnd, patterns);
    }

    private MappingPattern Mapping()
    {
        var start = Start;
        Next();
        var keys = ImmutableArray.CreateBuilder<Expression>();
        var patterns = ImmutableArray.CreateBuilder<Pattern>();
        string? rest = null;
        while (!_failed && _kind is not TokenKind.RightBrace)
        {
            if (Accept(TokenKind.DoubleStar))
            {
                rest = Identifier();
            }
            else
            {
                keys.Add(Operators(9));
                Expect(TokenKind.Colon, "':'");
                patterns.Add(AsPattern());
            }

            if (!Accept(TokenKind.Comma))
            {
                break;
            }
        }

        Expect(TokenKind.RightBrace, "'}'");
        return new(start, _previousEnd, keys.DrainToImmutable(), patterns.DrainToImmutable(), rest);
    }
}
