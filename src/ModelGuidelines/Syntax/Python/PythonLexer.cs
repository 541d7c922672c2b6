using System.Buffers;
using System.Globalization;

namespace ModelGuidelines.Syntax.Python;

/// <summary>Cuts a text into tokens, indentation included. Every unit is looked at a bounded number of times.</summary>
internal sealed class PythonLexer
{
    /// <summary>Levels of indentation, as in CPython.</summary>
    private const int MaxIndents = 100;

    /// <summary>Formatted strings within fields of formatted strings.</summary>
    private const int MaxFieldNesting = 16;

    /// <summary>After so many literals without an end, an end is sought on the same line only: else each search might run through the file.</summary>
    private const int MaxOpenLiterals = 8;

    private static readonly System.Buffers.SearchValues<char> LineEnds = System.Buffers.SearchValues.Create("\r\n");
    private static readonly System.Buffers.SearchValues<char> LineStringStops = System.Buffers.SearchValues.Create("\\\"\r\n");
    private static readonly System.Buffers.SearchValues<char> LineStringStopsSingle = System.Buffers.SearchValues.Create("\\'\r\n");
    private readonly string _text;
    private readonly PythonNames _names;
    private readonly Action<string, int> _report;
    private readonly List<int> _indents = [0];
    private readonly int _end;
    private Token[] _tokens;
    private int _count;
    private int _position;
    private int _brackets;
    private int _openLiterals;

    public PythonLexer(string text, PythonNames names, Action<string, int> report)
    {
        _text = text;
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
        _position = start;
        _end = end;
        _brackets = 1; // line ends mean nothing
        _tokens = ArrayPool<Token>.Shared.Rent(16);
    }

    public List<TextSpan> Comments { get; } = [];

    public List<int> LineStarts { get; } = [0];

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
        return inner._tokens;
    }

    /// <summary>Gives the tokens' memory back, for the next file; they must not be used any more. What is not given back is collected.</summary>
    public void Release()
    {
        // Empty, as the parser expects what follows the last token to be.
        _tokens.AsSpan(0, _count).Clear();
        ArrayPool<Token>.Shared.Return(_tokens);
    }

    private char At(int position) => position < _end ? _text[position] : '\0';

    private void Add(TokenKind kind, int start, int end, string? text = null)
    {
        if (_count == _tokens.Length)
        {
            var larger = ArrayPool<Token>.Shared.Rent(_tokens.Length * 2);
            _tokens.CopyTo(larger, 0);
            Release();
            _tokens = larger;
        }

        _tokens[_count++] = new(kind, start, end, text);
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
        LineStarts.Add(_position);
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

    private void Name()
    {
        var start = _position;
        var end = start;
        while (end < _end && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] == '_' || (_text[end] >= 0x80 && IsNamePart(end))))
        {
            end++;
        }

        if (end == start)
        {
            Unexpected();
            return;
        }

        if (end - start <= 2 && At(end) is '\'' or '"' && IsPrefix(_text.AsSpan(start, end - start)))
        {
            String(end);
            return;
        }

        var (name, kind) = _names.Get(_text.AsSpan(start, end - start));
        _position = end;
        Add(kind, start, end, name);
    }

    private bool IsNamePart(int position)
    {
        var c = _text[position];
        if (char.IsSurrogate(c))
        {
            return true;
        }

        return char.GetUnicodeCategory(c) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.ConnectorPunctuation || c is '\u00b7' or '\u0387' or '\u1369' or '\u19da' or '\u2118' or '\u212e' or '\u309b' or '\u309c';
    }

    private static bool IsPrefix(ReadOnlySpan<char> text) => text.Length == 1
        ? (text[0] | 0x20) is 'r' or 'b' or 'u' or 'f' or 't'
        : ((text[0] | 0x20), (text[1] | 0x20)) is ('r', 'b' or 'f' or 't') or ('b' or 'f' or 't', 'r');

    private void Unexpected()
    {
        _report("unexpected character", _position);
        Add(TokenKind.Error, _position, _position + 1);
        _position++;
    }

    private void Number()
    {
        var start = _position;
        var end = start;
        if (_text[start] == '0' && (At(start + 1) | 0x20) is 'x' or 'o' or 'b')
        {
            var isHexadecimal = (At(start + 1) | 0x20) == 'x';
            end += 2;
            while (isHexadecimal ? char.IsAsciiHexDigit(At(end)) || At(end) == '_' : char.IsAsciiDigit(At(end)) || At(end) == '_')
            {
                end++;
            }
        }
        else
        {
            end = Digits(end);
            if (At(end) == '.')
            {
                end = Digits(end + 1);
            }

            if ((At(end) | 0x20) == 'e' && (char.IsAsciiDigit(At(end + 1)) || (At(end + 1) is '+' or '-' && char.IsAsciiDigit(At(end + 2)))))
            {
                end = Digits(end + 2);
            }

            if ((At(end) | 0x20) == 'j')
            {
                end++;
            }
        }

        _position = end;
        Add(TokenKind.Number, start, end);
    }

    private int Digits(int position)
    {
        while (char.IsAsciiDigit(At(position)) || (At(position) == '_' && char.IsAsciiDigit(At(position + 1))))
        {
            position++;
        }

        return position;
    }

    private void String(int quote)
    {
        var start = _position;
        var prefix = _text.AsSpan(start, quote - start);
        var isFormatted = prefix.ContainsAny("fFtT");
        var c = _text[quote];
        var size = At(quote + 1) == c && At(quote + 2) == c ? 3 : 1;
        var end = isFormatted ? EndOfFormatted(quote + size, c, size, 0) : EndOfLiteral(quote + size, c, size);
        if (end < 0)
        {
            _openLiterals++;
            _report("a string literal is not closed", start);

            // It ends with its line: whatever follows may still be code.
            var rest = _text.AsSpan(quote, _end - quote).IndexOfAny(LineEnds);
            end = rest < 0 ? _end : quote + rest;
            Add(TokenKind.Error, start, end);
            _position = end;
            return;
        }

        Add(isFormatted ? TokenKind.FormattedString : TokenKind.String, start, end);
        if (size == 3 || _text.AsSpan(start, end - start).ContainsAny('\r', '\n'))
        {
            CountLines(start, end);
        }

        _position = end;
    }

    private void CountLines(int start, int end)
    {
        for (var i = start; i < end;)
        {
            var next = _text.AsSpan(i, end - i).IndexOfAny(LineEnds);
            if (next < 0)
            {
                return;
            }

            i += next;
            i += _text[i] == '\r' && At(i + 1) == '\n' ? 2 : 1;
            LineStarts.Add(i);
        }
    }

    /// <summary>The position after the closing quote, or -1.</summary>
    private int EndOfLiteral(int position, char quote, int size)
    {
        var line = _openLiterals >= MaxOpenLiterals;
        while (position < _end)
        {
            var skip = size == 3 && !line ? _text.AsSpan(position, _end - position).IndexOfAny('\\', quote) : _text.AsSpan(position, _end - position).IndexOfAny(quote == '"' ? LineStringStops : LineStringStopsSingle);
            if (skip < 0)
            {
                return -1;
            }

            position += skip;
            var c = _text[position];
            if (c == '\\')
            {
                position += At(position + 1) == '\r' && At(position + 2) == '\n' ? 3 : 2;
            }
            else if (c == quote && (size == 1 || (At(position + 1) == quote && At(position + 2) == quote)))
            {
                return position + size;
            }
            else if (c == quote)
            {
                position++;
            }
            else
            {
                return -1;
            }
        }

        return -1;
    }

    /// <summary>The position after the closing quote of a formatted string, or -1. Fields may hold strings with the same quotes.</summary>
    private int EndOfFormatted(int position, char quote, int size, int nesting)
    {
        while (position < _end)
        {
            var c = _text[position];
            if (c == '\\')
            {
                // A backslash takes a quote or line end with it, but a brace after it still opens a field (except in \N{...}).
                position += At(position + 1) is '{' or '}' ? 1 : At(position + 1) == 'N' && At(position + 2) == '{' ? Name(position) : At(position + 1) == '\r' && At(position + 2) == '\n' ? 3 : 2;
            }
            else if (c == quote && (size == 1 || (At(position + 1) == quote && At(position + 2) == quote)))
            {
                return position + size;
            }
            else if (c == '{' && At(position + 1) == '{')
            {
                position += 2;
            }
            else if (c == '{')
            {
                position = EndOfField(position + 1, quote, size, nesting + 1);
                if (position < 0)
                {
                    return -1;
                }
            }
            else if (c is '\r' or '\n' && (size == 1 || _openLiterals >= MaxOpenLiterals))
            {
                return -1;
            }
            else
            {
                position++;
            }
        }

        return -1;

        int Name(int backslash)
        {
            var close = _text.AsSpan(backslash, Math.Min(_end - backslash, 128)).IndexOf('}');
            return close < 0 ? 2 : close + 1;
        }
    }

    /// <summary>The position after the closing brace of a field, or -1.</summary>
    private int EndOfField(int position, char quote, int size, int nesting)
    {
        if (nesting > MaxFieldNesting)
        {
            return -1;
        }

        position = EndOfFieldExpression(position, quote, size, nesting);
        if (position < 0)
        {
            return -1;
        }

        if (_text[position] == '!')
        {
            position++;
            while (char.IsAsciiLetter(At(position)) || At(position) == ' ')
            {
                position++;
            }
        }

        if (At(position) == ':')
        {
            for (position++; position < _end && _text[position] != '}';)
            {
                var c = _text[position];
                if (c == '{')
                {
                    position = EndOfField(position + 1, quote, size, nesting + 1);
                    if (position < 0)
                    {
                        return -1;
                    }
                }
                else if ((c == quote && (size == 1 || (At(position + 1) == quote && At(position + 2) == quote))) || (c is '\r' or '\n' && size == 1))
                {
                    return -1;
                }
                else
                {
                    position += c == '\\' ? 2 : 1;
                }
            }
        }

        return At(position) == '}' ? position + 1 : -1;
    }

    /// <summary>Where a field's expression ends: at its <c>!</c>, <c>:</c> or <c>}</c> (an <c>=</c> before those belongs to it); -1 when it does not.</summary>
    public int EndOfFieldExpression(int position, char quote, int size, int nesting)
    {
        var depth = 0;
        while (position < _end)
        {
            var c = _text[position];
            switch (c)
            {
                case '(' or '[' or '{':
                    depth++;
                    break;
                case '}' when depth == 0:
                    return position;
                case ')' or ']' or '}':
                    depth--;
                    if (depth < 0)
                    {
                        return -1;
                    }

                    break;
                case ':' when depth == 0:
                    return position;
                case '!' when depth == 0 && At(position + 1) != '=':
                    return position;
                case '\r' or '\n' when _openLiterals >= MaxOpenLiterals:
                    return -1;
                case '#':
                    var rest = _text.AsSpan(position, _end - position).IndexOfAny(LineEnds);
                    if (rest < 0)
                    {
                        return -1;
                    }

                    position += rest;
                    continue;
                case '\'' or '"':
                    // The string's own end, where the field does not say otherwise: in Python before 3.12 such a quote could stand only there.
                    var prefix = position;
                    while (prefix > 0 && position - prefix < 2 && char.IsAsciiLetter(_text[prefix - 1]))
                    {
                        prefix--;
                    }

                    var text = _text.AsSpan(prefix, position - prefix);
                    var isFormatted = IsPrefixOf(text, 'f') || IsPrefixOf(text, 't');
                    var inner = At(position + 1) == c && At(position + 2) == c ? 3 : 1;
                    position = isFormatted ? EndOfFormatted(position + inner, c, inner, nesting + 1) : EndOfLiteral(position + inner, c, inner);
                    if (position < 0)
                    {
                        return -1;
                    }

                    continue;
            }

            position++;
        }

        return -1;

        static bool IsPrefixOf(ReadOnlySpan<char> text, char letter) => text.Length > 0 && IsPrefix(text) && text.ContainsAny(letter, char.ToUpperInvariant(letter));
    }

    private void Operator(char c)
    {
        var next = At(_position + 1);
        var third = At(_position + 2);
        var (kind, length) = (c, next, third) switch
        {
            ('(', _, _) => (TokenKind.LeftParen, 1),
            (')', _, _) => (TokenKind.RightParen, 1),
            ('[', _, _) => (TokenKind.LeftBracket, 1),
            (']', _, _) => (TokenKind.RightBracket, 1),
            ('{', _, _) => (TokenKind.LeftBrace, 1),
            ('}', _, _) => (TokenKind.RightBrace, 1),
            (',', _, _) => (TokenKind.Comma, 1),
            (':', '=', _) => (TokenKind.ColonEqual, 2),
            (':', _, _) => (TokenKind.Colon, 1),
            (';', _, _) => (TokenKind.Semicolon, 1),
            ('.', '.', '.') => (TokenKind.Ellipsis, 3),
            ('.', _, _) => (TokenKind.Dot, 1),
            ('-', '>', _) => (TokenKind.Arrow, 2),
            ('*', '*', '=') or ('/', '/', '=') or ('<', '<', '=') or ('>', '>', '=') => (TokenKind.AugmentedAssign, 3),
            ('*', '*', _) => (TokenKind.DoubleStar, 2),
            ('/', '/', _) => (TokenKind.DoubleSlash, 2),
            ('<', '<', _) => (TokenKind.LeftShift, 2),
            ('>', '>', _) => (TokenKind.RightShift, 2),
            ('+' or '-' or '*' or '/' or '%' or '@' or '&' or '|' or '^', '=', _) => (TokenKind.AugmentedAssign, 2),
            ('=', '=', _) => (TokenKind.EqualEqual, 2),
            ('!', '=', _) or ('<', '>', _) => (TokenKind.NotEqual, 2),
            ('<', '=', _) => (TokenKind.LessEqual, 2),
            ('>', '=', _) => (TokenKind.GreaterEqual, 2),
            ('<', _, _) => (TokenKind.Less, 1),
            ('>', _, _) => (TokenKind.Greater, 1),
            ('=', _, _) => (TokenKind.Equal, 1),
            ('+', _, _) => (TokenKind.Plus, 1),
            ('-', _, _) => (TokenKind.Minus, 1),
            ('*', _, _) => (TokenKind.Star, 1),
            ('/', _, _) => (TokenKind.Slash, 1),
            ('%', _, _) => (TokenKind.Percent, 1),
            ('|', _, _) => (TokenKind.Bar, 1),
            ('^', _, _) => (TokenKind.Caret, 1),
            ('&', _, _) => (TokenKind.Ampersand, 1),
            ('~', _, _) => (TokenKind.Tilde, 1),
            ('@', _, _) => (TokenKind.At, 1),
            ('!', _, _) => (TokenKind.Exclamation, 1),
            _ => (TokenKind.Error, 0),
        };
        if (length == 0)
        {
            Unexpected();
            return;
        }

        if (kind is TokenKind.LeftParen or TokenKind.LeftBracket or TokenKind.LeftBrace)
        {
            _brackets++;
        }
        else if (kind is TokenKind.RightParen or TokenKind.RightBracket or TokenKind.RightBrace && _brackets > 0)
        {
            _brackets--;
        }

        Add(kind, _position, _position + length);
        _position += length;
    }
}
