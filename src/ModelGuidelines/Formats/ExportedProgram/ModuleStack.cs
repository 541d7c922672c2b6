using System.Collections.Immutable;
using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>One level of a node's nn_module_stack.</summary>
/// <param name="Key">Unique for one call of one module: the second call's ends in @1.</param>
/// <param name="Path">Qualified name; "" is the root.</param>
/// <param name="Type">Qualified class; null where the file does not say.</param>
internal sealed record StackEntry(string Key, string Path, string? Type)
{
    public bool IsFurtherCall => Key.Contains('@', StringComparison.Ordinal);
}

/// <summary>Parses nn_module_stack: <c>key,path,type</c> joined by ';', outermost first.</summary>
/// <remarks>Source: GraphModuleSerializer.serialize_metadata. Equal texts give the same array, so a stack is parsed once.</remarks>
internal sealed class ModuleStack(ReadLimits limits)
{
    private readonly Dictionary<string, ImmutableArray<StackEntry>> _known = new(StringComparer.Ordinal);

    public ImmutableArray<StackEntry> Parse(string text)
    {
        if (_known.TryGetValue(text, out var known))
        {
            return known;
        }

        var entries = ImmutableArray.CreateBuilder<StackEntry>();
        foreach (var part in Split(text, ';'))
        {
            var fields = Split(part, ',');
            if (fields.Count < 2)
            {
                continue;
            }

            if (entries.Count >= 4 * limits.Depth)
            {
                throw new ModelReadException("MG.ExportedProgram.TooDeep", $"a node stands in more than {4 * limits.Depth} modules");
            }

            // A path may hold a comma (a slice of a Sequential), a class never does.
            var path = fields.Count > 2 ? string.Join(',', fields.Skip(1).Take(fields.Count - 2)) : fields[1];
            entries.Add(new(fields[0].Trim(), QualifiedName(path.Trim()), fields.Count > 2 ? ClassName(fields[^1].Trim()) : null));
        }

        return _known[text] = entries.ToImmutable();
    }

    /// <summary>Splits outside brackets.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (start, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '(' or '[')
            {
                depth++;
            }
            else if (text[i] is ')' or ']')
            {
                depth--;
            }
            else if (text[i] == separator && depth <= 0)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    /// <summary>A module's name from its path: <c>layer1.0</c> as it is, and what older versions write: <c>L['self'].layer1[0]</c>, <c>L['self']._modules['layer1']</c>.</summary>
    public static string QualifiedName(string path)
    {
        if (!path.Contains('[', StringComparison.Ordinal))
        {
            return path is "L__self__" ? "" : path.StartsWith("L__self___", StringComparison.Ordinal) ? path["L__self___".Length..] : path;
        }

        if (path.StartsWith("L['self']", StringComparison.Ordinal))
        {
            path = path["L['self']".Length..];
        }

        var name = new StringBuilder(path.Length);
        foreach (var part in path.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            var word = part.Trim('\'', '"');
            if (word is "_modules")
            {
                continue;
            }

            name.Append(name.Length == 0 ? "" : ".").Append(word);
        }

        return name.ToString();
    }

    /// <summary>A class from its text; before torch 2.2 that is Python's: <c>&lt;class 'torch.nn.modules.conv.Conv2d'&gt;</c>.</summary>
    private static string? ClassName(string text)
    {
        const string Open = "<class '";
        if (text.StartsWith(Open, StringComparison.Ordinal) && text.EndsWith("'>", StringComparison.Ordinal))
        {
            text = text[Open.Length..^2];
        }

        return text.Length == 0 ? null : text;
    }
}
