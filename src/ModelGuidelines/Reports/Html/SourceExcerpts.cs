using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports.Html;

/// <summary>Lines of source around places; a file is read once. What cannot be read any more falls back to the line that the audit kept.</summary>
/// <param name="around">Lines on each side.</param>
internal sealed class SourceExcerpts(int around)
{
    /// <summary>Larger files are generated; an excerpt of them helps nobody.</summary>
    private const long MaximumBytes = 8 << 20;

    private string? _path;
    private string[] _lines = [];

    /// <summary>The excerpt and the number of its first line; null where the finding has no line of source.</summary>
    public (string Code, int FirstLine)? Around(Finding finding)
    {
        if (finding.Location is not { } at)
        {
            return null;
        }

        var lines = finding.SourcePath is { } path ? Lines(path) : [];
        if (at.Line < 1 || at.Line > lines.Length || (finding.Snippet is { } kept && lines[at.Line - 1].Trim() != kept))
        {
            return finding.Snippet is { } snippet ? (snippet, at.Line) : null;
        }

        var first = Math.Max(1, at.Line - around);
        return (string.Join('\n', lines[(first - 1)..Math.Min(lines.Length, at.Line + around)]), first);
    }

    private string[] Lines(string path)
    {
        if (path != _path)
        {
            _path = path;
            try
            {
                _lines = new FileInfo(path) is { Exists: true, Length: <= MaximumBytes } ? File.ReadAllLines(path) : [];
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _lines = [];
            }
        }

        return _lines;
    }
}
