namespace ModelGuidelines.Formats.Onnx;

/// <summary>Qualified names out of the parts of a scope.</summary>
internal static class ModuleScopes
{
    /// <summary>The qualified names of a scope's parts, outermost first. A container repeats its own name in its children's:
    /// <c>layer1</c>, <c>layer1.0</c>, <c>relu</c> is layer1, layer1.0, layer1.0.relu.</summary>
    public static string[] QualifiedNames(ReadOnlySpan<string> parts)
    {
        var names = new string[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i];
            if (i == 0)
            {
                names[i] = part;
                continue;
            }

            var last = parts[i - 1];
            names[i] = part.Length > last.Length + 1 && part[last.Length] == '.' && part.StartsWith(last, StringComparison.Ordinal)
                ? names[i - 1] + part[last.Length..]
                : $"{names[i - 1]}.{part}";
        }

        return names;
    }
}
