using System.Collections.Immutable;
using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Syntax;

/// <summary>Parses Python 3.8 to 3.14 into a tree. Never throws on bad text: errors are recorded, and parsing goes on at the next statement.</summary>
/// <remarks>Recursive descent over tokens, in linear time; recursion is bounded by <see cref="MaxDepth"/>.
/// After an error the current token matches nothing, so that every loop of the parser ends, until the statement is given up.</remarks>
public sealed partial class PythonParser
{
    /// <summary>Brackets, operators and blocks within each other, as in CPython.</summary>
    public const int MaxDepth = 200;

    /// <summary>Height of an expression's tree: long chains like <c>a + b + ...</c> count too.</summary>
    public const int MaxHeight = 1000;

    private const int MaxErrors = 1000;

    /// <summary>Of a byte of text: itself as UTF-16, and the first room for tokens.</summary>
    private const int BytesOfText = 8;
    private readonly string _text;
    private readonly PythonLexer _lexer;
    private readonly PythonNames _names = new();
    private readonly List<PythonSyntaxError> _errors;
    private readonly CancellationToken _cancellation;
    private Token[] _tokens;
    private int _index;
    private TokenKind _kind;
    private int _previousEnd;
    private int _depth;
    private bool _failed;
    private PrivateNames? _private;

    private PythonParser(string text, ReadBudget? budget, CancellationToken cancellation)
    {
        _text = text;
        _cancellation = cancellation;
        _errors = [];
        _lexer = new(text, _names, Report, budget);
        _tokens = _lexer.Tokenize();
        _kind = _tokens[0].Kind;
    }

    /// <summary>Parses text.</summary>
    public static PythonFile Parse(string text, CancellationToken cancellation = default) => Parse(text, null, hasByteOrderMark: false, null, cancellation);

    /// <summary>Decodes (UTF-8, or as the first two lines declare) and parses a file.</summary>
    public static PythonFile Parse(ReadOnlySpan<byte> bytes, CancellationToken cancellation = default) => Decoded(bytes, null, cancellation);

    /// <summary>The same within what may be held of a file.</summary>
    /// <exception cref="ModelReadException">Text and tree take more than that.</exception>
    public static PythonFile Parse(ReadOnlySpan<byte> bytes, ReadBudget budget) => Decoded(bytes, budget, budget.Token);

    /// <summary>The same of code that TorchScript wrote, in whose classes no name is private: each is what Python made of it.</summary>
    /// <exception cref="ModelReadException">Text and tree take more than that.</exception>
    public static PythonFile ParseScript(ReadOnlySpan<byte> bytes, ReadBudget budget) => Decoded(bytes, budget, budget.Token, hasPrivateNames: false);

    private static PythonFile Decoded(ReadOnlySpan<byte> bytes, ReadBudget? budget, CancellationToken cancellation, bool hasPrivateNames = true)
    {
        budget?.Hold((long)bytes.Length * BytesOfText);
        var (text, encoding, hasByteOrderMark) = PythonEncoding.Decode(bytes);
        return Parse(text, encoding, hasByteOrderMark, budget, cancellation, hasPrivateNames);
    }

    private static PythonFile Parse(string text, Encoding? encoding, bool hasByteOrderMark, ReadBudget? budget, CancellationToken cancellation, bool hasPrivateNames = true)
    {
        var parser = new PythonParser(text, budget, cancellation) { _private = hasPrivateNames ? new() : null };
        var statements = parser.File();
        parser._lexer.Release();
        return new(
            text,
            encoding,
            hasByteOrderMark,
            statements,
            [.. parser._errors.OrderBy(e => e.Offset)],
            [.. parser._lexer.Comments],
            [.. parser._lexer.LineStarts])
        {
            HeldBytes = ((long)text.Length * BytesOfText) + parser._lexer.HeldBytes,
        };
    }

    private ImmutableArray<Statement> File()
    {
        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (_kind is not TokenKind.EndOfFile)
        {
            if (_kind is TokenKind.Dedent or TokenKind.NewLine)
            {
                Next();
                continue;
            }

            StatementLine(statements);
        }

        return statements.DrainToImmutable();
    }

    private void Report(string message, int offset)
    {
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(new(message, offset));
        }
    }

    private Token Current => _tokens[_index];

    private int Start => _tokens[_index].Start;

    private TokenKind Peek(int ahead = 1) => _failed || _index + ahead >= _tokens.Length ? TokenKind.Error : _tokens[_index + ahead].Kind;

    private void Next()
    {
        if (_failed)
        {
            return;
        }

        ref readonly var token = ref _tokens[_index];
        if (token.Kind is TokenKind.EndOfFile)
        {
            return;
        }

        if (token.Kind is not (TokenKind.NewLine or TokenKind.Indent or TokenKind.Dedent))
        {
            _previousEnd = token.End;
        }

        _kind = _tokens[++_index].Kind;
        if ((_index & 0xfff) == 0)
        {
            _cancellation.ThrowIfCancellationRequested();
        }
    }

    private bool Accept(TokenKind kind)
    {
        if (_kind != kind)
        {
            return false;
        }

        Next();
        return true;
    }

    private void Expect(TokenKind kind, string what)
    {
        if (!Accept(kind))
        {
            Fail($"expected {what}");
        }
    }

    /// <summary>A name as Python knows it at that place.</summary>
    private string Identifier() => Meant(Word());

    private string Meant(string name) => _private?.Of(name) ?? name;

    /// <summary>A name as it is written.</summary>
    private string Word()
    {
        if (_kind is TokenKind.Name)
        {
            var name = Current.Text!;
            Next();
            return name;
        }

        Fail("expected a name");
        return "";
    }

    private bool IsWord(string word) => _kind is TokenKind.Name && Current.Text == word;

    private void Fail(string message)
    {
        if (!_failed)
        {
            Report(message, Start);
            _failed = true;
            _kind = TokenKind.Error;
        }
    }

    private ErrorExpression FailExpression(string message)
    {
        Fail(message);
        return new(Start, Start);
    }

    /// <summary>Enters a level; false, with an error, when there are too many.</summary>
    private bool Enter()
    {
        if (_depth >= MaxDepth)
        {
            Fail("too deeply nested");
            return false;
        }

        _depth++;
        return true;
    }

    private void Leave() => _depth--;

    /// <summary>After a failed statement: goes to the next line, and keeps what a block under it holds.</summary>
    private ErrorStatement Recover(int start)
    {
        _failed = false;
        _kind = Current.Kind;
        while (_kind is not (TokenKind.NewLine or TokenKind.EndOfFile or TokenKind.Indent or TokenKind.Dedent))
        {
            Next();
        }

        var end = Math.Max(start, _previousEnd);
        Accept(TokenKind.NewLine);
        var body = ImmutableArray<Statement>.Empty;
        if (_kind is TokenKind.Indent)
        {
            if (_depth < MaxDepth)
            {
                body = Block();
                end = Math.Max(end, _previousEnd);
            }
            else
            {
                SkipBlock();
            }
        }

        return new(start, end, body);
    }

    private void SkipBlock()
    {
        var depth = 0;
        do
        {
            depth += _kind switch { TokenKind.Indent => 1, TokenKind.Dedent => -1, _ => 0 };
            Next();
        }
        while (depth > 0 && _kind is not TokenKind.EndOfFile);
    }
}
