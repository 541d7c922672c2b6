using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>What names one call of one module in a stack: one object for each text.</summary>
internal sealed class StackKey(ReadOnlySpan<char> text)
{
    public bool IsEmpty { get; } = text.IsEmpty;

    /// <summary>The number of a further call, <c>@1</c>; "" for the first.</summary>
    public string Suffix { get; } = text.LastIndexOf('@') is var at and >= 0 ? text[at..].ToString() : "";

    public bool IsFurtherCall => Suffix.Length > 0;
}

/// <summary>One level of a node's nn_module_stack.</summary>
/// <param name="Key">One for one call of one module: the second call's text ends in @1.</param>
/// <param name="Path">Qualified name; "" is the root.</param>
/// <param name="Type">Qualified class; null where the file does not say.</param>
/// <param name="Object">What names the object, where the key does: tracing by Dynamo gives one object one key under whatever name it is reached
/// (<c>L__self___relu1</c>, an address); other keys are made of the path. Null there.</param>
internal sealed record StackEntry(StackKey Key, string Path, string? Type, string? Object);

/// <summary>Parses nn_module_stack, outermost first: <c>key,path,type</c> joined by ';'; in torch 2.1 <c>key:(expression,type)</c>, without the root.</summary>
/// <remarks>Source: GraphModuleSerializer.serialize_metadata. Equal levels are one object, and equal stacks one array.</remarks>
/// <param name="limits">Bounds.</param>
/// <param name="texts">Of the program: names of modules stand elsewhere in it too.</param>
internal sealed class ModuleStack(ReadLimits limits, TextPool texts)
{
    /// <summary>The name of the root within the graph of a branch or loop of a strictly exported program.</summary>
    private const string ExportRoot = "_export_root";

    private readonly Dictionary<UInt128, StackEntry?> _levels = [];
    private readonly Dictionary<UInt128, StackKey> _keys = [];
    private readonly HashSet<StackEntry[]> _stacks = new(new SameLevels());
    private readonly List<StackEntry> _entries = [];

    /// <summary>Whether a stack is of torch 2.1's form.</summary>
    public static bool IsOld(ReadOnlySpan<char> text) => text.Contains(":(", StringComparison.Ordinal);

    public ImmutableArray<StackEntry> Parse(ReadOnlySpan<char> text)
    {
        _entries.Clear();
        while (true)
        {
            var end = EndOfPart(text, ';');
            Add(text[..end]);
            if (end == text.Length)
            {
                break;
            }

            text = text[(end + 1)..];
        }

        StackEntry[] stack = [.. _entries];
        if (!_stacks.TryGetValue(stack, out var known))
        {
            _stacks.Add(known = stack);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(known);
    }

    private void Add(ReadOnlySpan<char> part)
    {
        var hash = ContentHash.Of(part);
        if (!_levels.TryGetValue(hash, out var entry))
        {
            _levels.Add(hash, entry = ParseEntry(part.ToString()));
        }

        if (entry is null || (entry.Path.Length == 0 && _entries.Count > 0 && _entries[^1].Path.Length == 0))
        {
            return; // the root once more, under the name that it has in a branch
        }

        if (_entries.Count >= 4 * limits.Depth)
        {
            throw new ModelReadException("MG.ExportedProgram.TooDeep", $"a node stands in more than {4 * limits.Depth} modules");
        }

        _entries.Add(entry);
    }

    private StackEntry? ParseEntry(string text)
    {
        if (text.IndexOf(":(", StringComparison.Ordinal) is var open and > 0 && text[^1] == ')')
        {
            var (key, inner) = (text[..open].Trim(), Split(text[(open + 2)..^1], ','));
            return inner.Count < 2 ? null : Entry(key, QualifiedName(string.Join(',', inner.SkipLast(1)).Trim()), ClassName(inner[^1].Trim()));
        }

        var fields = Split(text, ',');
        if (fields.Count < 2)
        {
            return null;
        }

        // A path may hold a comma (a slice of a Sequential), a class never does.
        var path = fields.Count > 2 ? string.Join(',', fields.Skip(1).Take(fields.Count - 2)) : fields[1];
        return Entry(fields[0].Trim(), QualifiedName(path.Trim()), fields.Count > 2 ? ClassName(fields[^1].Trim()) : null);
    }

    private StackEntry Entry(string key, string path, string? type)
    {
        var hash = ContentHash.Of(key);
        if (!_keys.TryGetValue(hash, out var known))
        {
            _keys.Add(hash, known = new(key));
        }

        return new(known, texts.Get(path), type is null ? null : texts.Get(type), ObjectOf(key, path));
    }

    private static string? ObjectOf(string key, string path)
    {
        const string Self = "L__self__";
        var at = key.IndexOf('@', StringComparison.Ordinal);
        var name = key.AsSpan(0, at < 0 ? key.Length : at);
        return name.IsEmpty || (name.StartsWith(Self, StringComparison.Ordinal) && name[Self.Length..].SequenceEqual(path)) ? null : name.ToString();
    }

    /// <summary>Splits outside brackets.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var start = 0;
        for (var end = EndOfPart(text, separator); start + end < text.Length; end = EndOfPart(text.AsSpan(start), separator))
        {
            parts.Add(text.Substring(start, end));
            start += end + 1;
        }

        parts.Add(text[start..]);
        return parts;
    }

    /// <summary>Where the next separator outside brackets stands; the text's end when there is none.</summary>
    private static int EndOfPart(ReadOnlySpan<char> text, char separator)
    {
        var depth = 0;
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
                return i;
            }
        }

        return text.Length;
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

    /// <summary>Levels are one object each, so they are compared as such.</summary>
    private sealed class SameLevels : IEqualityComparer<StackEntry[]>
    {
        public bool Equals(StackEntry[]? x, StackEntry[]? y) => x is null || y is null ? x == y : x.AsSpan().SequenceEqual(y, null);

        public int GetHashCode(StackEntry[] obj)
        {
            var hash = new HashCode();
            hash.Add(obj.Length);
            if (obj.Length > 0)
            {
                hash.Add(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj[^1]));
                hash.Add(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj[obj.Length / 2]));
            }

            return hash.ToHashCode();
        }
    }
}
