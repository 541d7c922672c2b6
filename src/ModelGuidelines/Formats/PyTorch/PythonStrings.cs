using System.Text;

namespace ModelGuidelines.Formats.PyTorch;

/// <summary>Reads Python's repr of a list of strings: <c>['', 'encoder', 'it\'s']</c>.</summary>
internal static class PythonStrings
{
    /// <summary>The strings; empty when the text is no such list.</summary>
    /// <param name="text">The list.</param>
    /// <param name="before">A list that may be much the same: strings that are equal are one.</param>
    public static List<string> ParseList(ReadOnlySpan<char> text, List<string>? before = null)
    {
        var result = new List<string>(before?.Count ?? 0);
        if (text.Length < 2 || text[0] != '[')
        {
            return result;
        }

        for (var i = 1; i < text.Length; i++)
        {
            var quote = text[i];
            if (quote is '\'' or '"')
            {
                result.Add(Read(text, ref i, quote, before is not null && result.Count < before.Count ? before[result.Count] : ""));
            }
        }

        return result;
    }

    /// <summary>One string; <paramref name="at"/> goes from its first quote to its last, or to the end of the text.</summary>
    private static string Read(ReadOnlySpan<char> text, ref int at, char quote, string before)
    {
        var start = at + 1;
        var end = text[start..].IndexOfAny(quote, '\\') is >= 0 and var length ? start + length : text.Length;
        if (end == text.Length || text[end] == quote)
        {
            at = end;
            return text[start..end].SequenceEqual(before) ? before : text[start..end].ToString();
        }

        var current = new StringBuilder(64).Append(text[start..end]);
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
