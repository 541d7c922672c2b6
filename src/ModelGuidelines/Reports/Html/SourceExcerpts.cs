using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports.Html;

/// <summary>Lines of source around places; a file is read once. What cannot be read any more falls back to the line that the audit kept.</summary>
/// <param name="around">Lines on each side.</param>
internal sealed class SourceExcerpts(int around)
{
    private string? _path;
    private SourceText? _text;

    /// <summary>The excerpt and the number of its first line; null where the finding has no line of source.</summary>
    public (string Code, int FirstLine)? Around(Finding finding)
    {
        if (finding.Location is not { } at || finding.Snippet is not { } kept)
        {
            return null;
        }

        // What a report names need not be what was audited: only around a line that is as it was is more shown than the report holds.
        if (finding.SourcePath is not { } path || Text(path) is not { } text || text.Line(at.Line)?.Trim() != kept)
        {
            return (kept, at.Line);
        }

        var first = Math.Max(1, at.Line - around);
        return (string.Join('\n', Enumerable.Range(first, at.Line + around - first + 1).Select(text.Line).OfType<string>()), first);
    }

    private SourceText Text(string path)
    {
        if (path != _path || _text is null)
        {
            (_path, _text) = (path, SourceText.Read(path));
        }

        return _text;
    }
}
