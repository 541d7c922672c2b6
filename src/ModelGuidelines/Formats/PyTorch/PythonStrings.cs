using System.Text;

namespace ModelGuidelines.Formats.PyTorch;

/// <summary>Reads Python's repr of a list of strings: <c>['', 'encoder', 'it\'s']</c>.</summary>
internal static class PythonStrings
{
    /// <summary>The strings; empty when the text is null or no such list.</summary>
    public static List<string> ParseList(string? text)
    {
        var result = new List<string>();
        if (text is null || text.Length < 2 || text[0] != '[')
        {
            return result;
        }

        for (var i = 1; i < text.Length; i++)
        {
            var quote = text[i];
            if (quote is '\'' or '"')
            {
                result.Add(Read(text, ref i, quote));
            }
        }

        return result;
    }

    /// <summary>One string; <paramref name="at"/> goes from its first quote to its last, or to the end of the text.</summary>
    private static string Read(string text, ref int at, char quote)
    {
        var start = at + 1;
        var end = text.AsSpan(start).IndexOfAny(quote, '\\') is >= 0 and var length ? start + length : text.Length;
        if (end == text.Length || text[end] == quote)
        {
            at = end;
            return text[start..end];
        }

        var current = new StringBuilder(text, start, end - start, 64);
        for (at = end; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            current.Append(text[at]);
        }

        return current.ToString();
    }
}
