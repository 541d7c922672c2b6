using System.Text;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Hdf5;

/// <summary>An object of an HDF5 file that is being changed: a group or a dataset of the original, or a copy of one.</summary>
internal sealed class Hdf5Node
{
    private readonly Hdf5Editor _editor;
    private SortedDictionary<string, Hdf5Node>? _links;

    internal Hdf5Node(Hdf5Editor editor, Hdf5Object? source, bool isCopy)
    {
        _editor = editor;
        Source = source;
        IsCopy = isCopy;
    }

    /// <summary>The original; null for a new group.</summary>
    public Hdf5Object? Source { get; }

    /// <summary>Whether it is to stand in the file a second time.</summary>
    public bool IsCopy { get; }

    public bool IsDataset => Source?.IsDataset is true;

    /// <summary>What the group holds, in the order of HDF5: by the names' bytes. Changing it changes the group.</summary>
    public SortedDictionary<string, Hdf5Node> Links => _links ??= _editor.LinksOf(this);

    /// <summary>Whether the links have been looked at; what has not been looked at is unchanged.</summary>
    public bool IsOpen => _links is not null;

    /// <summary>Attributes that were set: bodies of their messages by their names; null for one that is taken away.</summary>
    public Dictionary<string, byte[]?> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>The object at a path below this one; null when there is none.</summary>
    public Hdf5Node? Find(string path)
    {
        var node = this;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (node.IsDataset || !node.Links.TryGetValue(part, out var next))
            {
                return null;
            }

            node = next;
        }

        return node;
    }

    /// <summary>A copy of the original with all below it, whatever was changed here.</summary>
    public Hdf5Node Copy() => new(_editor, Source, isCopy: true);

    /// <summary>Puts an object at a path below this one; groups on the way are made where they are missing.</summary>
    public void Put(string path, Hdf5Node item)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var group = this;
        foreach (var part in parts[..^1])
        {
            if (!group.Links.TryGetValue(part, out var next))
            {
                group.Links[part] = next = new(_editor, null, isCopy: false);
            }

            group = next;
        }

        group.Links[parts[^1]] = item;
    }

    /// <summary>The strings of an attribute of the original, also where Keras split it into several; null when there is none.</summary>
    public IReadOnlyList<string>? Strings(string attribute) => Source is null ? null : _editor.Strings(Source, attribute);

    /// <summary>Sets a text, of the type that the original has or that Keras gives it: of variable length.</summary>
    public void SetAttribute(string name, string value) => Attributes[name] = _editor.Attribute(this, name, [value], isScalar: true);

    /// <summary>Sets a list of texts, split into several attributes where it is too long for one, as Keras splits it.</summary>
    public void SetAttribute(string name, IReadOnlyList<string> values)
    {
        foreach (var old in _editor.AttributeNames(this).Where(n => n == name || (n.StartsWith(name, StringComparison.Ordinal) && n.AsSpan(name.Length).IndexOfAnyExceptInRange('0', '9') < 0)).ToList())
        {
            Attributes[old] = null;
        }

        for (var parts = 1; ; parts++)
        {
            var size = (values.Count + parts - 1) / parts;
            var chunks = values.Chunk(Math.Max(1, size)).Select(c => (IReadOnlyList<string>)c).DefaultIfEmpty([]).ToList();
            if (chunks.TrueForAll(c => _editor.SizeOf(this, name, c) <= Hdf5Editor.MaximumAttribute))
            {
                for (var i = 0; i < chunks.Count; i++)
                {
                    var part = chunks.Count == 1 ? name : name + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
                    Attributes[part] = _editor.Attribute(this, part, chunks[i], isScalar: false);
                }

                return;
            }

            if (size <= 1)
            {
                throw new ModelReadException("MG.Repair.TooLarge", $"a name in the attribute '{name}' is longer than HDF5 can hold");
            }
        }
    }

    /// <summary>Orders names as HDF5 does.</summary>
    internal sealed class ByBytes : IComparer<string>
    {
        public static readonly ByBytes Instance = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
