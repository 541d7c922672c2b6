using System.Text;

namespace ModelGuidelines.Python.Syntax;

/// <summary>Keeps one string per name, and knows the keywords.</summary>
internal sealed class PythonNames
{
    private static readonly (string Name, TokenKind Kind)[] Keywords =
    [
        .. Enumerable.Range((int)TokenKind.False, TokenKind.Yield - TokenKind.False + 1).Select(k => (TokenKind)k)
            .Select(k => (k is TokenKind.False or TokenKind.None or TokenKind.True ? k.ToString() : k.ToString().ToLowerInvariant(), k)),
    ];

    private Entry[] _entries = new Entry[256];
    private int _count;

    public PythonNames()
    {
        foreach (var (name, kind) in Keywords)
        {
            Get(name, kind);
        }
    }

    private struct Entry
    {
        public string Name;

        /// <summary>As it is written, where that is not the name.</summary>
        public string? Written;
        public int Hash;
        public TokenKind Kind;
    }

    /// <summary>The name, normalized as Python does, and its kind: a keyword's, or Name.</summary>
    public (string Name, TokenKind Kind) Get(ReadOnlySpan<char> text) => Get(text, TokenKind.Name);

    private (string Name, TokenKind Kind) Get(ReadOnlySpan<char> text, TokenKind kind)
    {
        var hash = string.GetHashCode(text, StringComparison.Ordinal);
        var mask = _entries.Length - 1;
        for (var i = hash & mask; ; i = (i + 1) & mask)
        {
            ref var entry = ref _entries[i];
            if (entry.Name is null)
            {
                var name = text.ToString();
                var normal = Ascii.IsValid(text) ? name : Normalize(name);
                entry = new() { Name = normal, Written = normal == name ? null : name, Hash = hash, Kind = kind };
                var found = (entry.Name, kind);
                if (++_count > _entries.Length / 2)
                {
                    Grow();
                }

                return found;
            }

            if (entry.Hash == hash && text.SequenceEqual(entry.Written ?? entry.Name))
            {
                return (entry.Name, entry.Kind);
            }
        }
    }

    private static string Normalize(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            return name; // a lone surrogate
        }
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new Entry[old.Length * 2];
        var mask = _entries.Length - 1;
        foreach (var entry in old)
        {
            if (entry.Name is not null)
            {
                var i = entry.Hash & mask;
                while (_entries[i].Name is not null)
                {
                    i = (i + 1) & mask;
                }

                _entries[i] = entry;
            }
        }
    }
}
