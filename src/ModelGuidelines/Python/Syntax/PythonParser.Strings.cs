using System.Collections.Immutable;
using System.Text;

namespace ModelGuidelines.Python.Syntax;

/// <content>String literals and the fields of formatted ones.</content>
public sealed partial class PythonParser
{
    /// <summary>One or several adjacent literals.</summary>
    private Expression Strings()
    {
        var start = Start;
        var first = _index;
        var isFormatted = false;
        while (_kind is TokenKind.String or TokenKind.FormattedString)
        {
            isFormatted |= _kind is TokenKind.FormattedString;
            Next();
        }

        var literals = _tokens.AsSpan(first, _index - first);
        if (!isFormatted)
        {
            var pieces = ImmutableArray.CreateBuilder<TextSpan>(literals.Length);
            foreach (var literal in literals)
            {
                pieces.Add(new(literal.Start, literal.End));
            }

            return new StringExpression(start, _previousEnd, _text, pieces.MoveToImmutable());
        }

        var end = _previousEnd;
        var parts = new FormattedParts(start, end);
        var isTemplate = false;
        foreach (var literal in literals)
        {
            var span = new TextSpan(literal.Start, literal.End);
            if (literal.Kind is TokenKind.String)
            {
                parts.AddText(PythonStrings.Decode(_text, span));
                continue;
            }

            var prefix = PythonStrings.PrefixOf(_text, literal.Start);
            isTemplate |= prefix.ContainsAny('t', 'T');
            var inside = PythonStrings.Inside(_text, span);
            var size = literal.End - inside.End;
            Fields(inside, _text[inside.Start - 1], size, prefix.ContainsAny('r', 'R'), parts, isFormat: false);
        }

        return Bounded(new FormattedStringExpression(start, end, parts.Build(), isTemplate));
    }

    /// <summary>Text and fields of a literal or of a format after a colon.</summary>
    private void Fields(TextSpan inside, char quote, int size, bool isRaw, FormattedParts parts, bool isFormat)
    {
        var position = inside.Start;
        var textStart = position;
        while (position < inside.End && !_failed)
        {
            var c = _text[position];
            if (c == '\\' && !isRaw)
            {
                var next = position + 1 < inside.End ? _text[position + 1] : '\0';
                var close = next == 'N' && position + 2 < inside.End && _text[position + 2] == '{' ? _text.AsSpan(position, inside.End - position).IndexOf('}') : -1;
                position += close >= 0 ? close + 1 : next is '{' or '}' ? 1 : 2;
            }
            else if (c is '{' or '}' && !isFormat && position + 1 < inside.End && _text[position + 1] == c)
            {
                position += 2;
            }
            else if (c == '{')
            {
                AddText(position);
                position = textStart = Field(position, inside.End, quote, size, isRaw, parts);
            }
            else
            {
                position++;
            }
        }

        AddText(inside.End);

        void AddText(int end)
        {
            if (end > textStart)
            {
                parts.AddText(PythonStrings.DecodeText(_text.AsSpan(textStart, end - textStart), isRaw, isBytes: false, fields: !isFormat));
            }
        }
    }

    /// <summary>One field; returns the position after its brace.</summary>
    private int Field(int open, int limit, char quote, int size, bool isRaw, FormattedParts parts)
    {
        var start = open + 1;
        var end = _lexer.EndOfFieldExpression(start, quote, size, 1);
        if (end < 0 || end >= limit || !Enter())
        {
            Report("a field of a formatted string is not closed", open);
            return limit;
        }

        // Before the end there may be the = that asks for the expression's text.
        var textEnd = end;
        var valueEnd = end;
        while (valueEnd > start && char.IsWhiteSpace(_text[valueEnd - 1]))
        {
            valueEnd--;
        }

        var showsText = valueEnd > start + 1 && _text[valueEnd - 1] == '=' && _text[valueEnd - 2] is not ('=' or '!' or '<' or '>');
        if (showsText)
        {
            valueEnd--;
            parts.AddText(_text[start..textEnd]);
        }

        var value = FieldValue(start, valueEnd);
        char? conversion = null;
        var position = end;
        if (_text[position] == '!')
        {
            position++;
            conversion = position < limit ? _text[position] : null;
            while (position < limit && _text[position] is not (':' or '}'))
            {
                position++;
            }
        }

        FormattedStringExpression? format = null;
        if (position < limit && _text[position] == ':')
        {
            var close = EndOfFormat(position + 1, limit, quote, size);
            var inner = new FormattedParts(position, close);
            Fields(new(position + 1, close), quote, size, isRaw, inner, isFormat: true);
            format = new(position + 1, close, inner.Build(), isTemplate: false);
            position = close;
        }

        Leave();
        if (showsText && conversion is null && format is null)
        {
            conversion = 'r';
        }

        parts.AddField(new(open, position + 1, value, conversion, format, _text[start..valueEnd]));
        return position + 1;
    }

    private int EndOfFormat(int position, int limit, char quote, int size)
    {
        var depth = 0;
        for (; position < limit; position++)
        {
            var c = _text[position];
            if (c == '{')
            {
                var end = _lexer.EndOfFieldExpression(position + 1, quote, size, 1);
                if (end < 0 || end >= limit)
                {
                    return limit;
                }

                depth++;
                position = _text[end] == '}' ? end - 1 : end;
            }
            else if (c == '}' && depth-- == 0)
            {
                return position;
            }
        }

        return limit;
    }

    private Expression FieldValue(int start, int end)
    {
        var (tokens, index, kind, previousEnd) = (_tokens, _index, _kind, _previousEnd);
        _tokens = _lexer.TokenizeField(start, end);
        _index = 0;
        _kind = _tokens[0].Kind;
        var value = _kind is TokenKind.Yield ? Yield() : ExpressionList();
        if (!_failed && _kind is not TokenKind.EndOfFile)
        {
            Fail("unexpected text in a field of a formatted string");
        }

        (_tokens, _index, _kind, _previousEnd) = (tokens, index, _failed ? TokenKind.Error : kind, previousEnd);
        return value;
    }

    /// <summary>Collects parts, joining adjacent text.</summary>
    private sealed class FormattedParts(int start, int end)
    {
        private readonly ImmutableArray<Expression>.Builder _parts = ImmutableArray.CreateBuilder<Expression>();
        private readonly StringBuilder _pending = new();

        public void AddText(string text) => _pending.Append(text);

        public void AddField(FormattedValueExpression field)
        {
            Flush();
            _parts.Add(field);
        }

        public ImmutableArray<Expression> Build()
        {
            Flush();
            return _parts.DrainToImmutable();
        }

        private void Flush()
        {
            if (_pending.Length > 0)
            {
                _parts.Add(new StringExpression(start, end, _pending.ToString()));
                _pending.Clear();
            }
        }
    }
}
