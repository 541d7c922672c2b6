using System.Globalization;

namespace ModelGuidelines.Python.Syntax;

/// <content>Names, numbers and operators.</content>
internal sealed partial class PythonLexer
{
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
