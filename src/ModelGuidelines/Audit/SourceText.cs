using System.Text;

namespace ModelGuidelines.Audit;

/// <summary>The lines of one Python file, for what reports show of it: the line of a place, and the class around it.</summary>
/// <remarks>Only files that a reader has followed are opened. One that cannot be read any more has no lines: a report then shows none.</remarks>
internal sealed class SourceText
{
    private const int MaximumBytes = 8 << 20;
    private const int MaximumSnippet = 200;
    private readonly string[] _lines;
    private readonly Dictionary<int, string> _owners = [];

    private SourceText(string[] lines) => _lines = lines;

    public static SourceText Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length > MaximumBytes)
            {
                return new([]);
            }

            // What ends the last line begins no further one.
            var text = Encoding.UTF8.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF').ReplaceLineEndings("\n");
            return new((text.EndsWith('\n') ? text[..^1] : text).Split('\n'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new([]);
        }
    }

    /// <summary>The line without the blanks around it; null where there is none.</summary>
    public string? Snippet(int line) => Line(line)?.Trim() is { Length: > 0 } text ? text.Length > MaximumSnippet ? text[..MaximumSnippet] + "…" : text : null;

    /// <summary>The line as it stands in the file; null where there is none.</summary>
    public string? Line(int line) => line >= 1 && line <= _lines.Length ? _lines[line - 1] : null;

    /// <summary>The class whose text holds the line, outer classes first; outside of classes the function; else "".</summary>
    public string Owner(int line) => _owners.TryGetValue(line, out var known) ? known : _owners[line] = OwnerOf(line);

    private string OwnerOf(int line)
    {
        if (line > _lines.Length)
        {
            return ""; // a file that is not there, or was longer
        }

        var owner = "";
        var function = "";
        var depth = Line(line) is { } text ? Indent(text) : 0;

        // The head of a class is its own.
        for (var n = line; n >= 1 && (depth > 0 || n == line); n--)
        {
            var candidate = _lines[n - 1];
            var words = candidate.AsSpan().TrimStart();
            var indent = Indent(candidate);
            if (words.IsEmpty || words[0] is '#' || (n != line && indent >= depth))
            {
                continue;
            }

            if (Name(words, "class ") is { } type)
            {
                owner = owner.Length == 0 ? type : $"{type}.{owner}";
            }
            else if (Name(words, "def ") is { } name)
            {
                function = name;
            }

            // A bracket or text that goes on at a smaller depth closes nothing: only heads of blocks do.
            depth = n == line ? depth : words[^1] is ':' || words.StartsWith("class ") || words.StartsWith("def ") || words.StartsWith("async ") ? indent : depth;
        }

        return owner.Length > 0 ? owner : function;
    }

    private static int Indent(string line) => line.Length - line.AsSpan().TrimStart().Length;

    private static string? Name(ReadOnlySpan<char> words, string head)
    {
        if (!words.StartsWith(head))
        {
            return null;
        }

        var rest = words[head.Length..].TrimStart();
        var end = rest.IndexOfAny("(:[ ");
        return end > 0 ? rest[..end].ToString() : null;
    }
}
