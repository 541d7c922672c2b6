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

        var current = new StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            var quote = text[i];
            if (quote is not ('\'' or '"'))
            {
                continue;
            }

            current.Clear();
            for (i++; i < text.Length && text[i] != quote; i++)
            {
                if (text[i] == '\\' && i + 1 < text.Length)
                {
                    i++;
                }

                current.Append(text[i]);
            }

            result.Add(current.ToString());
        }

        return result;
    }
}
