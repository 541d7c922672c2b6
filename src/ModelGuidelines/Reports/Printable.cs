using System.Buffers;
using System.Globalization;
using System.Text;

namespace ModelGuidelines.Reports;

/// <summary>Makes text from files safe to show: names in a hostile model may hold terminal escapes, line ends, commands of build servers, or be endless.</summary>
public static class Printable
{
    /// <summary>What makes a line show in another order than it has: embeddings, overrides, isolates and marks of direction.</summary>
    internal static readonly SearchValues<char> Reordering = SearchValues.Create("\u200E\u200F\u061C\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069");

    /// <summary>The text with control characters and unpaired surrogates written as <c>\u001b</c>, cut at a length. What a build server
    /// that shows the text in its log would take for a command is broken by a code: <c>#\u0023vso[</c>, <c>:\u003aerror</c>.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maximum">Most UTF-16 units to keep; what is cut shows as an ellipsis.</param>
    public static string Text(string? text, int maximum = 2000)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        // Most text is.
        if (text.Length <= maximum && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains("::", StringComparison.Ordinal) && !text.Contains("##", StringComparison.Ordinal))
        {
            return text;
        }

        if (text.Length <= maximum && IsClean(text))
        {
            return WithoutCommands(text);
        }

        var result = new StringBuilder(Math.Min(text.Length, maximum) + 16);
        var cut = text.Length > maximum;
        foreach (var rune in (cut ? text.AsSpan(0, maximum) : text.AsSpan()).EnumerateRunes())
        {
            if (IsBad(rune))
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                result.Append(rune.ToString());
            }
        }

        return WithoutCommands(cut ? result.Append('…').ToString() : result.ToString());
    }

    /// <summary>The same for a line that goes into the log of a build server: every pair of the signs by which one knows commands is broken,
    /// whatever follows it, because more text may.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maximum">Most UTF-16 units to keep.</param>
    public static string InLog(string? text, int maximum = 2000) => WithoutCommands(Text(text, maximum), everyPair: true);

    private static string WithoutCommands(string text, bool everyPair = false)
    {
        var result = new StringBuilder();
        var kept = 0;
        var lastColons = text.LastIndexOf("::", StringComparison.Ordinal);
        for (var i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] == text[i + 1] && text[i] is '#' or ':' && (everyPair || (text[i] == '#' && IsCommand(text, i)) || (text[i] == ':' && (i + 2 <= lastColons || i == 0 || char.IsWhiteSpace(text[i - 1])))))
            {
                result.Append(text, kept, i + 1 - kept).Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
                kept = ++i + 1;
            }
        }

        return kept == 0 ? text : result.Append(text, kept, text.Length - kept).ToString();
    }

    /// <summary>Azure and TeamCity: two signs, a word and a bracket, anywhere in a line. (GitHub: two colons where a line begins, and two more behind the command;
    /// a table may break a name of several such pairs anywhere.)</summary>
    private static bool IsCommand(string text, int start)
    {
        var end = start + 2;
        while (end < text.Length && char.IsAsciiLetter(text[end]))
        {
            end++;
        }

        return end < text.Length && text[end] == '[';
    }

    private static bool IsClean(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsBad(rune))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Controls, what reorders text on screen, line separators, and what stands for an unpaired surrogate.</summary>
    private static bool IsBad(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0xFFFD or 0xFFFE or 0xFFFF || (rune.IsBmp && Reordering.Contains((char)rune.Value));
}
