using System.Text;

namespace ModelGuidelines.Help;

/// <summary>Turns an about page into the text that Get-Help shows: headings in capitals, text indented, lines of at most 76 columns.</summary>
internal static class AboutText
{
    private const int Width = 76;

    public static string FromMarkdown(IEnumerable<string> lines)
    {
        var text = new StringBuilder();
        var inCode = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inCode = !inCode;
            }
            else if (inCode)
            {
                text.Append("        ").Append(line).Append('\n');
            }
            else if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                text.Append("TOPIC\n    ").Append(line[2..]).Append('\n');
            }
            else if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                text.Append(line[3..].ToUpperInvariant()).Append('\n');
            }
            else
            {
                Wrap(text, CmdletHelp.Plain(line));
            }
        }

        return text.ToString();
    }

    private static void Wrap(StringBuilder text, string line)
    {
        var column = 0;
        foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && column + 1 + word.Length > Width - 4)
            {
                text.Append('\n');
                column = 0;
            }

            text.Append(column == 0 ? "    " : " ").Append(word);
            column += (column == 0 ? 0 : 1) + word.Length;
        }

        text.Append('\n');
    }
}
