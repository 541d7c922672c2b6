namespace ModelGuidelines.Python.Syntax;

/// <content>String literals.</content>
internal sealed partial class PythonLexer
{
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
            BeginsLine(i);
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
}
