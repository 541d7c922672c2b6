using System.Collections.Immutable;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>One level of a node's nn_module_stack.</summary>
/// <param name="Key">Unique for one call of one module: the second call's ends in @1.</param>
/// <param name="Path">Qualified name; "" is the root.</param>
/// <param name="Type">Qualified class; null where the file does not say.</param>
internal sealed record StackEntry(string Key, string Path, string? Type)
{
    public bool IsFurtherCall => Key.Contains('@', StringComparison.Ordinal);

    /// <summary>What names the object, where the key does: tracing by Dynamo gives one object one key under whatever name it is reached
    /// (<c>L__self___relu1</c>, an address); other keys are made of the path. Null there.</summary>
    public string? Object => Key.Split('@')[0] is var key && key.Length > 0 && key != "L__self__" + Path ? key : null;
}

/// <summary>Parses nn_module_stack, outermost first: <c>key,path,type</c> joined by ';'; in torch 2.1 <c>key:(expression,type)</c>, without the root.</summary>
/// <remarks>Source: GraphModuleSerializer.serialize_metadata. Equal texts give the same array, so a stack is parsed once.</remarks>
internal sealed class ModuleStack(ReadLimits limits)
{
    /// <summary>The name of the root within the graph of a branch or loop of a strictly exported program.</summary>
    private const string ExportRoot = "_export_root";

    private readonly Dictionary<string, ImmutableArray<StackEntry>> _known = new(StringComparer.Ordinal);

    /// <summary>Whether a stack is of torch 2.1's form.</summary>
    public static bool IsOld(string text) => text.Contains(":(", StringComparison.Ordinal);

    public ImmutableArray<StackEntry> Parse(string text)
    {
        if (_known.TryGetValue(text, out var known))
        {
            return known;
        }

        var entries = ImmutableArray.CreateBuilder<StackEntry>();
        foreach (var part in Split(text, ';'))
        {
            if (ParseEntry(part) is not { } entry || (entry.Path.Length == 0 && entries.Count > 0 && entries[^1].Path.Length == 0))
            {
                continue; // the root once more, under the name that it has in a branch
            }

            if (entries.Count >= 4 * limits.Depth)
            {
                throw new ModelReadException("MG.ExportedProgram.TooDeep", $"a node stands in more than {4 * limits.Depth} modules");
            }

            entries.Add(entry);
        }

        return _known[text] = entries.ToImmutable();
    }

    private static StackEntry? ParseEntry(string text)
    {
        if (text.IndexOf(":(", StringComparison.Ordinal) is var open and > 0 && text[^1] == ')')
        {
            var (key, inner) = (text[..open].Trim(), Split(text[(open + 2)..^1], ','));
            return inner.Count < 2 ? null : new(key, QualifiedName(string.Join(',', inner.SkipLast(1)).Trim()), ClassName(inner[^1].Trim()));
        }

        var fields = Split(text, ',');
        if (fields.Count < 2)
        {
            return null;
        }

        // A path may hold a comma (a slice of a Sequential), a class never does.
        var path = fields.Count > 2 ? string.Join(',', fields.Skip(1).Take(fields.Count - 2)) : fields[1];
        return new(fields[0].Trim(), QualifiedName(path.Trim()), fields.Count > 2 ? ClassName(fields[^1].Trim()) : null);
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

    /// <summary>A module's name from its path: <c>layer1.0</c> as it is, and what older versions write: <c>L['self'].layers[0]</c>,
    /// <c>getattr(L['self'].model, '0').conv</c>, <c>L['self']._modules['layer1']</c>.</summary>
    public static string QualifiedName(string path)
    {
        const string Self = "L['self']";
        if (path.Contains(Self, StringComparison.Ordinal))
        {
            // getattr(x, '0') is x.0, x['a'] is x.a, x[0] is x.0: what is left when the signs are taken away.
            var words = path.Replace("getattr(", "", StringComparison.Ordinal).Replace(Self, "", StringComparison.Ordinal)
                .Split(['.', '[', ']', '(', ')', ',', ' ', '\'', '"'], StringSplitOptions.RemoveEmptyEntries);
            path = string.Join('.', words.Where(w => w is not "_modules"));
        }
        else if (path.StartsWith("L__self__", StringComparison.Ordinal))
        {
            path = path["L__self__".Length..].TrimStart('_');
        }

        return path == ExportRoot ? "" : path.StartsWith(ExportRoot + ".", StringComparison.Ordinal) ? path[(ExportRoot.Length + 1)..] : path;
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
