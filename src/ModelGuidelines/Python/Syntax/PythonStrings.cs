using System.Globalization;
using System.Text;

namespace ModelGuidelines.Python.Syntax;

/// <summary>String literals: prefixes, quotes, escapes.</summary>
internal static class PythonStrings
{
    /// <summary>The letters before the quote.</summary>
    public static ReadOnlySpan<char> PrefixOf(string source, int start)
    {
        var quote = source.AsSpan(start).IndexOfAny('\'', '"');
        return source.AsSpan(start, Math.Max(quote, 0));
    }

    /// <summary>The value of one literal without fields.</summary>
    public static string Decode(string source, TextSpan literal)
    {
        var prefix = PrefixOf(source, literal.Start);
        var (start, end) = Inside(source, literal);
        return DecodeText(source.AsSpan(start, Math.Max(0, end - start)), prefix.ContainsAny('r', 'R'), prefix.ContainsAny('b', 'B'), fields: false);
    }

    /// <summary>What stands between the quotes.</summary>
    public static TextSpan Inside(string source, TextSpan literal)
    {
        var quote = literal.Start + PrefixOf(source, literal.Start).Length;
        var text = source.AsSpan(quote, literal.End - quote);
        var size = text.Length >= 6 && text[1] == text[0] && text[2] == text[0] ? 3 : 1;
        var isClosed = text.Length >= 2 * size && text[^1] == text[0];
        return new(quote + size, isClosed ? literal.End - size : literal.End);
    }

    /// <summary>Resolves escapes and joins line ends to \n.</summary>
    /// <param name="text">Between the quotes.</param>
    /// <param name="isRaw">Backslashes mean themselves.</param>
    /// <param name="isBytes">Only the escapes of bytes.</param>
    /// <param name="fields">Doubled braces mean one.</param>
    public static string DecodeText(ReadOnlySpan<char> text, bool isRaw, bool isBytes, bool fields)
    {
        if (!(isRaw ? text.Contains('\r') : text.ContainsAny('\\', '\r')) && !(fields && text.ContainsAny('{', '}')))
        {
            return text.ToString();
        }

        var value = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var c = text[i++];
            if (c == '\r')
            {
                value.Append('\n');
                i += i < text.Length && text[i] == '\n' ? 1 : 0;
            }
            else if (fields && c is '{' or '}' && i < text.Length && text[i] == c)
            {
                value.Append(c);
                i++;
            }
            else if (c != '\\' || isRaw || i == text.Length)
            {
                value.Append(c);
            }
            else
            {
                i = Escape(text, i, isBytes, value);
            }
        }

        return value.ToString();
    }

    private static int Escape(ReadOnlySpan<char> text, int i, bool isBytes, StringBuilder value)
    {
        var c = text[i++];
        switch (c)
        {
            case '\n':
                break;
            case '\r':
                i += i < text.Length && text[i] == '\n' ? 1 : 0;
                break;
            case '\\' or '\'' or '"':
                value.Append(c);
                break;
            case 'a':
                value.Append('\a');
                break;
            case 'b':
                value.Append('\b');
                break;
            case 'f':
                value.Append('\f');
                break;
            case 'n':
                value.Append('\n');
                break;
            case 'r':
                value.Append('\r');
                break;
            case 't':
                value.Append('\t');
                break;
            case 'v':
                value.Append('\v');
                break;
            case >= '0' and <= '7':
                var octal = c - '0';
                for (var n = 1; n < 3 && i < text.Length && text[i] is >= '0' and <= '7'; n++)
                {
                    octal = octal * 8 + text[i++] - '0';
                }

                value.Append((char)(isBytes ? octal & 0xff : octal));
                break;
            case 'x':
                return Hexadecimal(text, i, 2, c, value);
            case 'u' when !isBytes:
                return Hexadecimal(text, i, 4, c, value);
            case 'U' when !isBytes:
                return Hexadecimal(text, i, 8, c, value);
            default:
                value.Append('\\').Append(c); // unknown escapes, and \N{...}, stay
                break;
        }

        return i;
    }

    private static int Hexadecimal(ReadOnlySpan<char> text, int i, int digits, char letter, StringBuilder value)
    {
        if (i + digits > text.Length || !uint.TryParse(text.Slice(i, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code > 0x10ffff)
        {
            value.Append('\\').Append(letter);
            return i;
        }

        if (code > 0xffff)
        {
            value.Append(char.ConvertFromUtf32((int)code));
        }
        else
        {
            value.Append((char)code);
        }

        return i + digits;
    }
}
