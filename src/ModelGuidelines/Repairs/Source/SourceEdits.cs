using System.Globalization;
using System.Text;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>One replacement in a text; an empty span inserts.</summary>
internal sealed record SourceEdit(TextSpan Span, string Text);

/// <summary>Applies replacements to a text and shows them as a diff.</summary>
internal static class SourceEdits
{
    private const int ContextLines = 3;

    /// <summary>The text with the replacements; every other unit stays. They must not overlap; insertions at one place keep their order.</summary>
    public static string Apply(string text, IEnumerable<SourceEdit> edits)
    {
        var result = new StringBuilder(text.Length + 256);
        var at = 0;
        foreach (var edit in edits.OrderBy(e => e.Span.Start).ThenBy(e => e.Span.End))
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

    public static bool Overlap(IEnumerable<SourceEdit> edits)
    {
        var at = -1;
        foreach (var edit in edits.OrderBy(e => e.Span.Start).ThenBy(e => e.Span.End))
        {
            if (edit.Span.Start < at)
            {
                return true;
            }

            at = edit.Span.End;
        }

        return false;
    }

    /// <summary>A unified diff of the replacements.</summary>
    public static string Diff(string path, string text, IReadOnlyCollection<SourceEdit> edits)
    {
        var starts = LineStarts(text);
        var ranges = new List<(int First, int Last, List<SourceEdit> Edits)>();
        foreach (var edit in edits.OrderBy(e => e.Span.Start).ThenBy(e => e.Span.End))
        {
            var first = LineOf(starts, edit.Span.Start);
            var last = LineOf(starts, edit.Span.End);
            if (ranges.Count > 0 && first <= ranges[^1].Last + (2 * ContextLines))
            {
                ranges[^1].Edits.Add(edit);
                ranges[^1] = (ranges[^1].First, Math.Max(last, ranges[^1].Last), ranges[^1].Edits);
            }
            else
            {
                ranges.Add((first, last, [edit]));
            }
        }

        var diff = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"--- a/{path}\n+++ b/{path}\n"));
        var shift = 0;
        foreach (var (first, last, own) in ranges)
        {
            var from = Math.Max(0, first - ContextLines);
            var to = Math.Min(starts.Count - 1, last + ContextLines);
            var start = starts[from];
            var end = to + 1 < starts.Count ? starts[to + 1] : text.Length;
            var old = Lines(text[start..end]);
            var changed = Lines(Apply(text[start..end], own.Select(e => e with { Span = new(e.Span.Start - start, e.Span.End - start) })));
            diff.Append(CultureInfo.InvariantCulture, $"@@ -{from + 1},{old.Count} +{from + 1 + shift},{changed.Count} @@\n");
            Compare(diff, old, changed);
            shift += changed.Count - old.Count;
        }

        return diff.ToString();
    }

    /// <summary>The shortest way from one hunk to the other; hunks are short.</summary>
    private static void Compare(StringBuilder diff, List<string> old, List<string> changed)
    {
        var common = new int[old.Count + 1, changed.Count + 1];
        for (var i = old.Count - 1; i >= 0; i--)
        {
            for (var j = changed.Count - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == changed[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        for (int i = 0, j = 0; i < old.Count || j < changed.Count;)
        {
            if (i < old.Count && j < changed.Count && old[i] == changed[j])
            {
                diff.Append(' ').Append(old[i++]).Append('\n');
                j++;
            }
            else if (i < old.Count && (j == changed.Count || common[i + 1, j] >= common[i, j + 1]))
            {
                diff.Append('-').Append(old[i++]).Append('\n');
            }
            else
            {
                diff.Append('+').Append(changed[j++]).Append('\n');
            }
        }
    }

    private static List<string> Lines(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n').ToList();
        if (lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }

    private static List<int> LineStarts(string text)
    {
        var starts = new List<int> { 0 };
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                starts.Add(i + 1);
            }
        }

        return starts;
    }

    private static int LineOf(List<int> starts, int offset)
    {
        var index = starts.BinarySearch(offset);
        return index < 0 ? ~index - 1 : index;
    }
}
