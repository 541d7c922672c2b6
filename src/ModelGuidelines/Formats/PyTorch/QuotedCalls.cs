namespace ModelGuidelines.Formats.PyTorch;

/// <summary>What a quoted source line calls around a module's call and inside it: <c>F.relu(self.conv(F.pad(x, p)))</c>.</summary>
internal static class QuotedCalls
{
    /// <summary>One call on the line.</summary>
    /// <param name="Attribute">The module that is called, <c>act</c> of <c>self.act(...)</c>; null for a function.</param>
    /// <param name="Function">The function or method that is called; null for a module.</param>
    public sealed record Call(string? Attribute, string? Function);

    /// <summary>What is called with the result of <c>self.module(...)</c>; null where the line does not tell.</summary>
    public static Call? Around(string code, string module)
    {
        if (Find(code, module) is not { } place)
        {
            return null;
        }

        // self.conv(x).relu() binds before what stands around.
        var depth = 0;
        for (var i = place.Open; i < code.Length; i++)
        {
            depth += code[i] == '(' ? 1 : code[i] == ')' ? -1 : 0;
            if (depth > 0)
            {
                continue;
            }

            var rest = code.AsSpan(i + 1);
            if (rest.StartsWith("."))
            {
                var open = rest.IndexOf('(');
                return open > 1 && IsName(rest[1..open]) ? new(null, rest[1..open].ToString()) : null;
            }

            break;
        }

        var before = code[..place.Start].TrimEnd();
        return before.EndsWith('(') ? Of(Name(before, before.Length - 1)) : null;
    }

    /// <summary>What computes the first argument of <c>self.module(...)</c>; null where the line does not tell.</summary>
    public static Call? Inside(string code, string module)
    {
        if (Find(code, module) is not { } place)
        {
            return null;
        }

        var open = code.IndexOf('(', place.Open + 1);
        return open < 0 ? null : Name(code, open) is { Length: > 0 } name && code.AsSpan(place.Open + 1, open - place.Open - 1).Trim().SequenceEqual(name) ? Of(name) : null;
    }

    /// <summary>The only call of the module on the line.</summary>
    private static (int Start, int Open)? Find(string code, string module)
    {
        var text = $"self.{module}(";
        var at = code.IndexOf(text, StringComparison.Ordinal);
        return at < 0 || code.IndexOf(text, at + 1, StringComparison.Ordinal) >= 0 ? null : (at, at + text.Length - 1);
    }

    /// <summary>The dotted name that ends at a parenthesis.</summary>
    private static string Name(string code, int open)
    {
        var start = open;
        while (start > 0 && (char.IsAsciiLetterOrDigit(code[start - 1]) || code[start - 1] is '_' or '.'))
        {
            start--;
        }

        return code[start..open];
    }

    private static Call? Of(string name) => name.StartsWith("self.", StringComparison.Ordinal) ? IsName(name.AsSpan(5)) ? new(name[5..], null) : null
        : name.LastIndexOf('.') is > 0 and var dot ? new(null, name[(dot + 1)..]) : null;

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return text.Length > 0;
    }
}
