using System.Collections.Immutable;

namespace ModelGuidelines.Python.Syntax;

/// <content>Arguments of calls, parameters of functions.</content>
public sealed partial class PythonParser
{
    private ImmutableArray<Argument> Arguments()
    {
        var open = Start;
        Next();
        var arguments = ImmutableArray.CreateBuilder<Argument>();
        while (!_failed && _kind is not TokenKind.RightParen)
        {
            var start = Start;
            if (_kind is TokenKind.Star or TokenKind.DoubleStar)
            {
                var stars = _kind is TokenKind.Star ? 1 : 2;
                Next();
                var starred = Expression();
                arguments.Add(new(start, _previousEnd, null, stars, starred));
            }
            else if (_kind is TokenKind.Name && Peek() is TokenKind.Equal)
            {
                var name = Identifier();
                Next();
                var named = Expression();
                arguments.Add(new(start, _previousEnd, name, 0, named));
            }
            else
            {
                var value = NamedOrExpression();
                if (_kind is TokenKind.For or TokenKind.Async)
                {
                    // A generator as the only argument: its span is the call's parentheses, as in CPython.
                    var clauses = Clauses();
                    value = Bounded(new ComprehensionExpression(open, _tokens[_index].End, ComprehensionKind.Generator, value, null, clauses));
                }

                arguments.Add(new(start, _previousEnd, null, 0, value));
            }

            if (!Accept(TokenKind.Comma))
            {
                break;
            }
        }

        Expect(TokenKind.RightParen, "',' or ')'");
        return arguments.DrainToImmutable();
    }

    private Expression Lambda()
    {
        var start = Start;
        Next();
        if (!Enter())
        {
            return FailExpression("");
        }

        var parameters = Parameters(TokenKind.Colon, annotated: false);
        Expect(TokenKind.Colon, "':' after the parameters");
        var body = Expression();
        Leave();
        return Bounded(new LambdaExpression(start, _previousEnd, parameters, body));
    }

    /// <summary>Parameters up to the closing token, which is left.</summary>
    private ImmutableArray<Parameter> Parameters(TokenKind close, bool annotated)
    {
        var parameters = ImmutableArray.CreateBuilder<Parameter>();
        var kind = ParameterKind.Ordinary;
        while (!_failed && _kind != close)
        {
            var start = Start;
            if (Accept(TokenKind.Slash))
            {
                for (var i = 0; i < parameters.Count; i++)
                {
                    var p = parameters[i];
                    parameters[i] = new(p.Start, p.End, p.Name, ParameterKind.PositionalOnly, p.Annotation, p.Default);
                }
            }
            else if (Accept(TokenKind.Star))
            {
                kind = ParameterKind.KeywordOnly;
                if (_kind is not TokenKind.Comma)
                {
                    parameters.Add(Parameter(ParameterKind.VariadicPositional, annotated));
                }
            }
            else if (Accept(TokenKind.DoubleStar))
            {
                parameters.Add(Parameter(ParameterKind.VariadicKeyword, annotated));
            }
            else
            {
                parameters.Add(Parameter(kind, annotated));
            }

            if (!Accept(TokenKind.Comma))
            {
                break;
            }
        }

        return parameters.DrainToImmutable();
    }

    private Parameter Parameter(ParameterKind kind, bool annotated)
    {
        var start = Start;
        var name = Identifier();
        Expression? annotation = null;
        if (annotated && Accept(TokenKind.Colon))
        {
            annotation = kind is ParameterKind.VariadicPositional && _kind is TokenKind.Star ? StarOrNamed() : Expression();
        }

        var end = _previousEnd;
        var value = Accept(TokenKind.Equal) ? Expression() : null;
        return new(start, end, name, kind, annotation, value);
    }
}
