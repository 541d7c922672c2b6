using System.Globalization;
using System.Text;

namespace ModelGuidelines.Reports;

/// <summary>Makes text from files safe to show: names in a hostile model may hold terminal escapes, line ends, or be endless.</summary>
public static class Printable
{
    /// <summary>The text with control characters and unpaired surrogates written as <c>\u001b</c>, cut at a length.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maximum">Most UTF-16 units to keep; what is cut shows as an ellipsis.</param>
    public static string Text(string? text, int maximum = 2000)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        if (text.Length <= maximum && IsClean(text))
        {
            return text;
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

        return cut ? result.Append('…').ToString() : result.ToString();
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
        || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFFFD or 0xFFFE or 0xFFFF;
}
