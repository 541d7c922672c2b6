namespace ModelGuidelines.Python.Projects;

/// <summary>Which words a file holds, small enough to keep: it tells without reading the file again that the file does not define or quote a name.</summary>
/// <remarks>A word is a run of letters, digits and underscores; of each a hash is kept, and one with the dot of what stands behind one: <c>.attribute</c>.</remarks>
internal sealed class FileWords
{
    private const string Class = "class ";
    private readonly int[] _hashes;
    private readonly string[] _classes;

    private FileWords(int[] hashes, string[] classes)
    {
        _hashes = hashes;
        _classes = classes;
    }

    public static FileWords Of(string text)
    {
        var hashes = new HashSet<int>();
        var classes = new HashSet<string>(StringComparer.Ordinal);
        for (var (at, start) = (0, 0); at <= text.Length; at++)
        {
            if (at < text.Length && IsPart(text[at]))
            {
                continue;
            }

            if (at > start)
            {
                hashes.Add(string.GetHashCode(text.AsSpan(start, at - start), StringComparison.Ordinal));
                if (start > 0 && text[start - 1] == '.')
                {
                    hashes.Add(string.GetHashCode(text.AsSpan(start - 1, at - start + 1), StringComparison.Ordinal));
                }

                if (text.AsSpan(0, start).EndsWith(Class, StringComparison.Ordinal))
                {
                    classes.Add(text[start..at]);
                }
            }

            start = at + 1;
        }

        var sorted = hashes.ToArray();
        Array.Sort(sorted);
        return new(sorted, [.. classes]);
    }

    /// <summary>Whether a text defines a function of that name, or a class (in small letters or not: <c>REGISTRY[cls.__name__.lower()]</c>), or quotes it.</summary>
    public static bool Makes(string text, string name) => text.Contains($"def {name}(", StringComparison.Ordinal) || text.Contains(Class + name, StringComparison.OrdinalIgnoreCase)
        || text.Contains($"'{name}'", StringComparison.Ordinal) || text.Contains($"\"{name}\"", StringComparison.Ordinal);

    /// <summary>Whether a text defines a function or class of that very name.</summary>
    public static bool Defines(string text, string name) => text.Contains($"def {name}(", StringComparison.Ordinal) || text.Contains($"{Class}{name}(", StringComparison.Ordinal) || text.Contains($"{Class}{name}:", StringComparison.Ordinal);

    /// <summary>False where <see cref="Makes"/> is false of the text for sure.</summary>
    public bool MayMake(string name)
    {
        // A class may be called more than that: of several words the last one need not end there.
        var last = name.Length;
        while (last > 0 && IsPart(name[last - 1]))
        {
            last--;
        }

        return HasAll(last == 0 ? name : name[..last]) || (last == 0 && Array.Exists(_classes, c => c.StartsWith(name, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>False where a text does not hold a word, or <c>.attribute</c>, for sure.</summary>
    public bool Holds(string name) => name.StartsWith('.') ? Has(name) : HasAll(name);

    private bool HasAll(string name)
    {
        for (var (at, start) = (0, 0); at <= name.Length; at++)
        {
            if (at < name.Length && IsPart(name[at]))
            {
                continue;
            }

            if (at > start && !Has(name.AsSpan(start, at - start)))
            {
                return false;
            }

            start = at + 1;
        }

        return true;
    }

    private bool Has(ReadOnlySpan<char> word) => Array.BinarySearch(_hashes, string.GetHashCode(word, StringComparison.Ordinal)) >= 0;

    private static bool IsPart(char c) => char.IsLetterOrDigit(c) || c == '_';
}
