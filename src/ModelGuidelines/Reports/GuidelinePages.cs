namespace ModelGuidelines.Reports;

/// <summary>The pages of docs/guidelines, which the engine carries, by section.</summary>
public static class GuidelinePages
{
    /// <summary>The whole page as Markdown; null where there is none.</summary>
    public static string? Page(string guideline) => EmbeddedText.Find($"guidelines/{guideline}.md");

    /// <summary>The text below a heading of the second level, as Markdown without blank lines around it; null where the page has none.</summary>
    /// <param name="guideline">Its id.</param>
    /// <param name="heading"><c>Bad</c>, <c>Good</c>, <c>How AIMET fails without it</c>.</param>
    public static string? Section(string guideline, string heading)
    {
        if (Page(guideline) is not { } page || page.IndexOf($"\n## {heading}\n", StringComparison.Ordinal) is not (>= 0 and var start))
        {
            return null;
        }

        var from = page.IndexOf('\n', start + 1) + 1;
        var end = page.IndexOf("\n## ", from, StringComparison.Ordinal);
        return page[from..(end < 0 ? page.Length : end)].Trim('\n');
    }
}
