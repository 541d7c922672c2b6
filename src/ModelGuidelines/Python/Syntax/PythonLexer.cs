using System.Buffers;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Syntax;

/// <summary>Cuts a text into tokens, indentation included. Every unit is looked at a bounded number of times.</summary>
internal sealed partial class PythonLexer
{
    /// <summary>Levels of indentation, as in CPython.</summary>
    private const int MaxIndents = 100;

    /// <summary>Formatted strings within fields of formatted strings.</summary>
    private const int MaxFieldNesting = 16;

    /// <summary>After so many literals without an end, an end is sought on the same line only: else each search might run through the file.</summary>
    private const int MaxOpenLiterals = 8;

    /// <summary>What a token and its part of the tree take in memory, and a line.</summary>
    private const int TokenBytes = 128;
    private const int LineBytes = 16;
    private const int Portion = 0x1000;

    private static readonly System.Buffers.SearchValues<char> LineEnds = System.Buffers.SearchValues.Create("\r\n");
    private static readonly System.Buffers.SearchValues<char> LineStringStops = System.Buffers.SearchValues.Create("\\\"\r\n");
    private static readonly System.Buffers.SearchValues<char> LineStringStopsSingle = System.Buffers.SearchValues.Create("\\'\r\n");
    private readonly string _text;
    private readonly PythonNames _names;
    private readonly Action<string, int> _report;
    private readonly ReadBudget? _budget;
    private readonly List<int> _indents = [0];
    private readonly int _end;
    private Token[] _tokens;
    private int _count;
    private int _position;
    private int _brackets;
    private int _openLiterals;

    /// <param name="text">The file's text.</param>
    /// <param name="names">Names of the file, each once.</param>
    /// <param name="report">Takes what is wrong and where.</param>
    /// <param name="budget">Counts what tokens and their tree will take; null: nobody counts.</param>
    public PythonLexer(string text, PythonNames names, Action<string, int> report, ReadBudget? budget)
    {
        _text = text;
        _budget = budget;
        _names = names;
        _report = report;
        _end = text.Length;
        _tokens = ArrayPool<Token>.Shared.Rent(Math.Max(16, text.Length / 4));
    }

    private PythonLexer(PythonLexer outer, int start, int end)
    {
        _text = outer._text;
        _names = outer._names;
        _report = outer._report;
        _budget = outer._budget;
        _position = start;
        _end = end;
        _brackets = 1; // line ends mean nothing
        _tokens = ArrayPool<Token>.Shared.Rent(16);
    }

    public List<TextSpan> Comments { get; } = [];

    public List<int> LineStarts { get; } = [0];

    /// <summary>What all tokens so far, those of fields in texts too, and their tree take in memory.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>The tokens of the file; the last is EndOfFile.</summary>
    public Token[] Tokenize()
    {
        BeginLine();
        while (_position < _end)
        {
            Next();
        }

        if (_count > 0 && _tokens[_count - 1].Kind is not (TokenKind.NewLine or TokenKind.Dedent))
        {
            Add(TokenKind.NewLine, _end, _end);
        }

        for (var i = 1; i < _indents.Count; i++)
        {
            Add(TokenKind.Dedent, _end, _end);
        }

        Add(TokenKind.EndOfFile, _end, _end);
        Hold((_count % Portion * TokenBytes) + (LineStarts.Count % Portion * LineBytes));
        return _tokens;
    }

    /// <summary>The tokens of an expression in a field of a formatted string.</summary>
    public Token[] TokenizeField(int start, int end)
    {
        var inner = new PythonLexer(this, start, end);
        while (inner._position < end)
        {
            inner.Next();
        }

        inner.Add(TokenKind.EndOfFile, end, end);
        HeldBytes += inner.HeldBytes; // its full portions are in the budget
        Hold(inner._count % Portion * TokenBytes);
        return inner._tokens;
    }

    /// <summary>The tokens of most files; more are not kept for the next one, in every size that they grew through.</summary>
    private const int MaximumPooled = 1 << 16;

    /// <summary>Gives the tokens' memory back, for the next file; they must not be used any more. What is not given back is collected.</summary>
    public void Release()
    {
        if (_tokens.Length > MaximumPooled)
        {
            return;
        }

        // Empty, as the parser expects what follows the last token to be.
        _tokens.AsSpan(0, _count).Clear();
        ArrayPool<Token>.Shared.Return(_tokens);
    }

    private char At(int position) => position < _end ? _text[position] : '\0';

    private void Add(TokenKind kind, int start, int end, string? text = null)
    {
        if (_count == _tokens.Length)
        {
            var size = _tokens.Length * 2;
            var larger = size > MaximumPooled ? new Token[size] : ArrayPool<Token>.Shared.Rent(size);
            _tokens.CopyTo(larger, 0);
            Release();
            _tokens = larger;
        }

        _tokens[_count++] = new(kind, start, end, text);
        if (_count % Portion == 0)
        {
            Hold(Portion * TokenBytes);
        }
    }

    private void BeginsLine(int start)
    {
        LineStarts.Add(start);
        if (LineStarts.Count % Portion == 0)
        {
            Hold(Portion * LineBytes);
        }
    }

    private void Hold(long bytes)
    {
        HeldBytes += bytes;
        _budget?.Hold(bytes);
    }

    /// <summary>Skips blank lines and comments, and turns the first code's indentation into tokens.</summary>
    private void BeginLine()
    {
        while (true)
        {
            var (column, isTab) = (0, false);
            for (; _position < _end; _position++)
            {
                var c = _text[_position];
                if (c == ' ')
                {
                    column++;
                }
                else if (c == '\t')
                {
                    column = (column / 8 + 1) * 8;
                    isTab = true;
                }
                else if (c == '\f')
                {
                    column = 0;
                }
                else
                {
                    break;
                }
            }

            if (_position >= _end)
            {
                return;
            }

            switch (_text[_position])
            {
                case '#':
                    Comment();
                    continue;
                case '\r' or '\n':
                    LineEnd();
                    continue;
                case '\\' when At(_position + 1) is '\r' or '\n':
                    _position++;
                    LineEnd();

                    // Indentation before a joined line counts, as in CPython.
                    while (At(_position) is ' ' or '\t' or '\f')
                    {
                        _position++;
                    }

                    break;
            }

            Indent(column, isTab);
            return;
        }
    }

    private void Indent(int column, bool isTab)
    {
        if (column > _indents[^1])
        {
            if (_indents.Count >= MaxIndents)
            {
                _report("too many levels of indentation", _position);
                return;
            }

            _indents.Add(column);
            Add(TokenKind.Indent, _position, _position);
            return;
        }

        while (column < _indents[^1])
        {
            _indents.RemoveAt(_indents.Count - 1);
            if (column > _indents[^1])
            {
                _report(isTab ? "inconsistent use of tabs and spaces" : "unindent does not match any outer indentation level", _position);
                _indents.Add(column);
                return;
            }

            Add(TokenKind.Dedent, _position, _position);
        }
    }

    private void Comment()
    {
        var length = _text.AsSpan(_position, _end - _position).IndexOfAny(LineEnds);
        var end = length < 0 ? _end : _position + length;
        Comments.Add(new(_position, end));
        _position = end;
    }

    private void LineEnd()
    {
        _position += _text[_position] == '\r' && At(_position + 1) == '\n' ? 2 : 1;
        BeginsLine(_position);
    }

    private void Next()
    {
        var c = _text[_position];
        switch (c)
        {
            case ' ' or '\t' or '\f':
                _position++;
                return;
            case '#':
                Comment();
                return;
            case '\r' or '\n':
                NewLine();
                return;
            case '\\' when At(_position + 1) is '\r' or '\n':
                _position++;
                LineEnd();
                return;
            case '\'' or '"':
                String(_position);
                return;
            case >= '0' and <= '9':
                Number();
                return;
            case '.' when char.IsAsciiDigit(At(_position + 1)):
                Number();
                return;
        }

        if (char.IsAsciiLetter(c) || c == '_' || c >= 0x80)
        {
            Name();
        }
        else
        {
            Operator(c);
        }
    }

    private void NewLine()
    {
        if (_brackets == 0)
        {
            if (_count > 0 && _tokens[_count - 1].Kind is not TokenKind.NewLine)
            {
                Add(TokenKind.NewLine, _position, _position);
            }

            LineEnd();
            BeginLine();
            return;
        }

        LineEnd();
        if (LineStarts.Count > 1 && StartsStatement())
        {
            // No expression holds such a word: a bracket before it was never closed.
            _report("a bracket was never closed", _position);
            _brackets = 0;
            Add(TokenKind.NewLine, _position, _position);
            BeginLine();
        }
    }

    private bool StartsStatement()
    {
        var start = _position;
        while (At(start) is ' ' or '\t')
        {
            start++;
        }

        var end = start;
        while (char.IsAsciiLetterLower(At(end)))
        {
            end++;
        }

        return At(end) is not ('_' or '=') && !char.IsLetterOrDigit(At(end)) && _text.AsSpan(start, end - start)
            is "def" or "class" or "return" or "import" or "raise" or "try" or "while" or "with" or "del" or "global" or "nonlocal" or "pass" or "break" or "continue" or "assert" or "except" or "finally" or "elif";
    }
}
