using System.Text;

namespace ModelGuidelines.Python.Syntax;

/// <summary>How a file's bytes become text: its byte order mark, or the declaration in line 1 or 2 (PEP 263), or UTF-8.</summary>
internal static class PythonEncoding
{
    public static (string Text, Encoding Encoding, bool HasByteOrderMark) Decode(ReadOnlySpan<byte> bytes)
    {
        var hasMark = bytes.StartsWith(Encoding.UTF8.Preamble);
        if (hasMark)
        {
            bytes = bytes[3..];
        }

        Encoding encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        if (!hasMark && Declared(bytes) is { } name && Find(name) is { } declared)
        {
            encoding = declared;
        }

        return (encoding.GetString(bytes), encoding, hasMark);
    }

    private static string? Declared(ReadOnlySpan<byte> bytes)
    {
        for (var line = 0; line < 2; line++)
        {
            var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
            var text = end < 0 ? bytes : bytes[..end];
            var trimmed = text.TrimStart(" \t\f"u8);
            if (trimmed.StartsWith("#"u8) && trimmed.IndexOf("coding"u8) is > 0 and var at && Name(trimmed[(at + 6)..]) is { } name)
            {
                return name;
            }

            // Only a comment or blank line may stand before the declaration.
            if (end < 0 || (trimmed.Length > 0 && trimmed[0] != '#'))
            {
                return null;
            }

            bytes = bytes[(end + (bytes[end] == '\r' && end + 1 < bytes.Length && bytes[end + 1] == '\n' ? 2 : 1))..];
        }

        return null;
    }

    private static string? Name(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || rest[0] is not ((byte)':' or (byte)'='))
        {
            return null;
        }

        rest = rest[1..].TrimStart(" \t"u8);
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit((char)rest[length]) || rest[length] is (byte)'-' or (byte)'_' or (byte)'.'))
        {
            length++;
        }

        return length == 0 ? null : Encoding.ASCII.GetString(rest[..length]).ToLowerInvariant().Replace('_', '-');
    }

    private static Encoding? Find(string name)
    {
        if (name is "utf-8" or "utf8" or "u8" || name.StartsWith("utf-8-", StringComparison.Ordinal))
        {
            return null;
        }

        if (name is "latin-1" or "latin1" or "iso8859-1" or "iso-8859-1" or "l1")
        {
            return Encoding.Latin1;
        }

        try
        {
            // Python's spellings without the first hyphen: iso8859-15, cp1252.
            var standard = name.StartsWith("iso8859-", StringComparison.Ordinal) ? string.Concat("iso-", name.AsSpan(3))
                : name.StartsWith("cp", StringComparison.Ordinal) && name.Length > 2 && char.IsAsciiDigit(name[2]) ? string.Concat("windows-", name.AsSpan(2)) : name;
            return CodePagesEncodingProvider.Instance.GetEncoding(standard) ?? CodePagesEncodingProvider.Instance.GetEncoding(name.Replace("cp", "ibm", StringComparison.Ordinal))
                ?? Encoding.GetEncoding(standard);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
