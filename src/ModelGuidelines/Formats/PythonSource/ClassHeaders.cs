using System.Text;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What the headers of a file's classes tell without a parser: whether any may be a module. Of a repository's files most are none.</summary>
internal static class ClassHeaders
{
    /// <summary>Longer lists of bases are not cut up; what has one may be a module.</summary>
    private const int MaxBases = 256;

    /// <summary>Whether a class has a base that may be a module: one whose name says so, or any that is not known for something else in a file that
    /// defines a forward or uses torch.nn.</summary>
    public static bool MayHoldModule(ReadOnlySpan<byte> bytes)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        var bases = new HashSet<string>(StringComparer.Ordinal);
        var rest = bytes;
        for (var at = rest.IndexOf("class "u8); at >= 0; at = rest.IndexOf("class "u8))
        {
            var isStart = at == 0 || rest[at - 1] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
            var isLineStart = rest[..at].TrimEnd(" \t\f"u8) is [] or [.., (byte)'\n' or (byte)'\r'];
            rest = rest[(at + 6)..];
            var end = rest.IndexOfAny("(:\n"u8);
            if (!isStart || end <= 0)
            {
                continue;
            }

            if (isLineStart && rest[end] != '\n' && end < MaxBases)
            {
                own.Add(Encoding.UTF8.GetString(rest[..end]).Trim()); // not what a comment says of a class
            }

            if (rest[end] == '(')
            {
                var list = rest[(end + 1)..];
                var close = list.IndexOfAny((byte)')', (byte)':');
                list = close < 0 ? list : list[..close];
                if (list.Length > MaxBases)
                {
                    return true;
                }

                bases.UnionWith(Encoding.UTF8.GetString(list).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            }
        }

        bool? isLikely = null;
        HashSet<string>? imported = null;
        foreach (var name in bases)
        {
            // A class of this file has a header of its own; unless the name may also be another file's.
            if (name.Contains('=', StringComparison.Ordinal) || PlainBases.Contains(name) || (own.Contains(name) && !(imported ??= ImportedWords(bytes)).Contains(name)))
            {
                continue;
            }

            if (name.Contains("Module", StringComparison.Ordinal) || name.Contains("Net", StringComparison.Ordinal) || name.Contains("Model", StringComparison.Ordinal)
                || (isLikely ??= bytes.IndexOf("def forward"u8) >= 0 || bytes.IndexOf("torch.nn"u8) >= 0 || bytes.IndexOf("import nn"u8) >= 0))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every word that stands in an import, up to the end of its line or of its brackets.</summary>
    private static HashSet<string> ImportedWords(ReadOnlySpan<byte> bytes)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        for (var at = bytes.IndexOf("import"u8); at >= 0; at = bytes.IndexOf("import"u8))
        {
            bytes = bytes[(at + 6)..];
            var end = bytes.IndexOfAny("(\n"u8);
            while (end > 0 && bytes[end] == '\n' && bytes[..end].TrimEnd((byte)'\r') is [.., (byte)'\\'])
            {
                var next = bytes[(end + 1)..].IndexOfAny("(\n"u8);
                end = next < 0 ? -1 : end + 1 + next;
            }

            if (end >= 0 && bytes[end] == '(')
            {
                var close = bytes[end..].IndexOf((byte)')');
                end = close < 0 ? -1 : end + close;
            }

            end = end < 0 ? bytes.Length : end;
            words.UnionWith(Encoding.UTF8.GetString(bytes[..end]).Split([' ', '\t', '\r', '\n', ',', '(', '\\', ';', '#'], StringSplitOptions.RemoveEmptyEntries));
            bytes = bytes[end..];
        }

        return words;
    }
}
