using System.Collections.Immutable;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Syntax;

/// <content>Statements.</content>
public sealed partial class PythonParser
{
    /// <summary>One compound statement, or the simple statements of one line.</summary>
    private void StatementLine(ImmutableArray<Statement>.Builder statements)
    {
        var start = Start;
        var depth = _depth;
        if (_kind is TokenKind.Indent)
        {
            Report("unexpected indent", start);
            statements.AddRange(Block());
            return;
        }

        if (Compound() is { } compound)
        {
            // One that broke in its first head says nothing; one that broke later keeps what came before.
            if (!_failed || compound is not (FunctionDefinition { Body.IsEmpty: true } or ClassDefinition { Body.IsEmpty: true }))
            {
                statements.Add(compound);
            }
        }
        else if (!_failed)
        {
            SimpleLine(statements);
        }

        if (_failed)
        {
            _depth = depth;
            statements.Add(Recover(start));
        }
    }

    private void SimpleLine(ImmutableArray<Statement>.Builder statements)
    {
        do
        {
            if (_kind is TokenKind.NewLine)
            {
                break;
            }

            var statement = Simple();
            if (_failed)
            {
                return;
            }

            statements.Add(statement);
        }
        while (Accept(TokenKind.Semicolon));
        if (_kind is not TokenKind.EndOfFile)
        {
            Expect(TokenKind.NewLine, "the end of the statement");
        }
    }

    /// <summary>The statements of an indented block; the current token is its indent.</summary>
    private ImmutableArray<Statement> Block()
    {
        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(static (parser, _) => parser.Block(), this, 0);
        }

        var statements = ImmutableArray.CreateBuilder<Statement>();
        Next();
        if (!Enter())
        {
            return [];
        }

        while (_kind is not (TokenKind.Dedent or TokenKind.EndOfFile) && !_failed)
        {
            if (!Accept(TokenKind.NewLine))
            {
                StatementLine(statements);
            }
        }

        Leave();
        Accept(TokenKind.Dedent);
        return statements.DrainToImmutable();
    }

    /// <summary>What follows a compound statement's head: a colon, then a block or statements on the same line.</summary>
    private ImmutableArray<Statement> Suite()
    {
        Expect(TokenKind.Colon, "':'");
        if (_failed)
        {
            return [];
        }

        if (_kind is not TokenKind.NewLine)
        {
            var line = ImmutableArray.CreateBuilder<Statement>();
            SimpleLine(line);
            return line.DrainToImmutable();
        }

        Next();
        if (_kind is TokenKind.Indent)
        {
            return Block();
        }

        Report("expected an indented block", Start);
        return [];
    }

    private Statement Simple()
    {
        var start = Start;
        switch (_kind)
        {
            case TokenKind.Return:
                Next();
                var returned = StartsExpression() ? AssignedValue() : null;
                return new ReturnStatement(start, _previousEnd, returned);
            case TokenKind.Import:
                return Import();
            case TokenKind.From:
                return ImportFrom();
            case TokenKind.Raise:
                Next();
                var exception = StartsExpression() ? Expression() : null;
                var cause = exception is not null && Accept(TokenKind.From) ? Expression() : null;
                return new RaiseStatement(start, _previousEnd, exception, cause);
            case TokenKind.Pass:
                Next();
                return new PassStatement(start, _previousEnd);
            case TokenKind.Break:
                Next();
                return new BreakStatement(start, _previousEnd);
            case TokenKind.Continue:
                Next();
                return new ContinueStatement(start, _previousEnd);
            case TokenKind.Del:
                Next();
                return Delete(start);
            case TokenKind.Assert:
                Next();
                var test = Expression();
                var message = Accept(TokenKind.Comma) ? Expression() : null;
                return new AssertStatement(start, _previousEnd, test, message);
            case TokenKind.Global or TokenKind.Nonlocal:
                return Scope();
            case TokenKind.Name when Current.Text == "type" && Peek() is TokenKind.Name && Peek(2) is TokenKind.Equal or TokenKind.LeftBracket:
                return TypeAlias();
            default:
                return ExpressionOrAssignment();
        }
    }

    private DeleteStatement Delete(int start)
    {
        var targets = ImmutableArray.CreateBuilder<Expression>();
        do
        {
            targets.Add(Target());
        }
        while (Accept(TokenKind.Comma) && StartsExpression());
        return new(start, _previousEnd, targets.DrainToImmutable());
    }

    private ScopeStatement Scope()
    {
        var start = Start;
        var isGlobal = _kind is TokenKind.Global;
        Next();
        var names = ImmutableArray.CreateBuilder<string>();
        do
        {
            names.Add(Identifier());
        }
        while (Accept(TokenKind.Comma));
        return new(start, _previousEnd, isGlobal, names.DrainToImmutable());
    }

    private TypeAliasStatement TypeAlias()
    {
        var start = Start;
        Next();
        var name = new NameExpression(Start, Current.End, Identifier());
        var parameters = TypeParameters();
        Expect(TokenKind.Equal, "'='");
        var value = Expression();
        return new(start, _previousEnd, name, parameters, value);
    }

    private string DottedName()
    {
        var name = Word();
        while (Accept(TokenKind.Dot))
        {
            name += "." + Word();
            if (name.Length > 4096)
            {
                Fail("the name is too long");
            }
        }

        return name;
    }

    private ImportAlias ImportedName(bool dotted)
    {
        var start = Start;
        var name = dotted ? DottedName() : Word();
        var alias = Accept(TokenKind.As) ? Identifier() : null;
        return new(start, _previousEnd, name, alias);
    }

    private ImportStatement Import()
    {
        var start = Start;
        Next();
        var names = ImmutableArray.CreateBuilder<ImportAlias>();
        do
        {
            names.Add(ImportedName(dotted: true));
        }
        while (Accept(TokenKind.Comma));
        return new(start, _previousEnd, names.DrainToImmutable());
    }

    private ImportFromStatement ImportFrom()
    {
        var start = Start;
        Next();
        var level = 0;
        while (_kind is TokenKind.Dot or TokenKind.Ellipsis)
        {
            level += _kind is TokenKind.Dot ? 1 : 3;
            Next();
        }

        var module = level > 0 && _kind is TokenKind.Import ? null : DottedName();
        Expect(TokenKind.Import, "'import'");
        var names = ImmutableArray.CreateBuilder<ImportAlias>();
        if (_kind is TokenKind.Star)
        {
            names.Add(new(Start, Current.End, "*", null));
            Next();
        }
        else
        {
            var isParenthesized = Accept(TokenKind.LeftParen);
            do
            {
                if (isParenthesized && _kind is TokenKind.RightParen)
                {
                    break;
                }

                names.Add(ImportedName(dotted: false));
            }
            while (Accept(TokenKind.Comma));
            if (isParenthesized)
            {
                Expect(TokenKind.RightParen, "')'");
            }
        }

        return new(start, _previousEnd, module, level, names.DrainToImmutable());
    }

    private Statement ExpressionOrAssignment()
    {
        var start = Start;
        var isParenthesized = _kind is TokenKind.LeftParen;
        var value = AssignedValue();
        switch (_kind)
        {
            case TokenKind.Colon:
                Next();
                var annotation = Expression();
                var assigned = Accept(TokenKind.Equal) ? AssignedValue() : null;
                return new AnnotatedAssignStatement(start, _previousEnd, value, annotation, assigned, value is NameExpression && !isParenthesized);
            case TokenKind.AugmentedAssign:
                var op = AugmentedOperator(_text.AsSpan(Start, Current.End - Start - 1));
                Next();
                var amount = AssignedValue();
                return new AugmentedAssignStatement(start, _previousEnd, value, op, amount);
            case TokenKind.Equal:
                var targets = ImmutableArray.CreateBuilder<Expression>();
                while (Accept(TokenKind.Equal))
                {
                    targets.Add(value);
                    value = AssignedValue();
                }

                return new AssignStatement(start, _previousEnd, targets.DrainToImmutable(), value);
            default:
                return new ExpressionStatement(start, _previousEnd, value);
        }
    }

    private static PythonOperator AugmentedOperator(ReadOnlySpan<char> text) => text switch
    {
        "+" => PythonOperator.Add,
        "-" => PythonOperator.Subtract,
        "*" => PythonOperator.Multiply,
        "@" => PythonOperator.MatrixMultiply,
        "/" => PythonOperator.Divide,
        "//" => PythonOperator.FloorDivide,
        "%" => PythonOperator.Modulo,
        "**" => PythonOperator.Power,
        "<<" => PythonOperator.LeftShift,
        ">>" => PythonOperator.RightShift,
        "|" => PythonOperator.BitOr,
        "^" => PythonOperator.BitXor,
        _ => PythonOperator.BitAnd,
    };
}
