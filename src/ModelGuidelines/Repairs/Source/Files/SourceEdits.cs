using System.Text;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>One replacement in a text; an empty span inserts.</summary>
/// <param name="Span">What goes.</param>
/// <param name="Text">What comes.</param>
/// <param name="Reach">Of insertions at one place, the one that reaches furthest stands first: the outer call around the inner.</param>
/// <param name="Path">The full path of the file; null while it is the one that is being planned.</param>
internal sealed record SourceEdit(TextSpan Span, string Text, int Reach = 0, string? Path = null)
{
    /// <summary>The same in the file of a tree.</summary>
    public SourceEdit In(SourceTree tree) => this with { Path = tree.Path };
}

/// <summary>Applies replacements to a text. What several changes ask for in the same words is done once.</summary>
internal static class SourceEdits
{
    /// <summary>The text with the replacements; every other unit stays. They must not overlap; insertions at one place keep their order.</summary>
    public static string Apply(string text, IEnumerable<SourceEdit> edits)
    {
        var result = new StringBuilder(text.Length + 256);
        var at = 0;
        foreach (var edit in Ordered(edits))
        {
            if (edit.Span.Start < at)
            {
                throw new InvalidOperationException("two edits overlap");
            }

            result.Append(text, at, edit.Span.Start - at).Append(edit.Text);
            at = edit.Span.End;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    public static bool Overlap(IEnumerable<SourceEdit> edits) => edits.GroupBy(e => e.Path).Any(f => OverlapInOne(f));

    private static bool OverlapInOne(IEnumerable<SourceEdit> edits)
    {
        var at = -1;
        foreach (var edit in Ordered(edits))
        {
            if (edit.Span.Start < at)
            {
                return true;
            }

            at = edit.Span.End;
        }

        return false;
    }

    private static IOrderedEnumerable<SourceEdit> Ordered(IEnumerable<SourceEdit> edits) =>
        edits.Distinct().OrderBy(e => e.Span.Start).ThenBy(e => e.Span.End).ThenByDescending(e => e.Span.Length == 0 ? e.Reach : 0);
}
