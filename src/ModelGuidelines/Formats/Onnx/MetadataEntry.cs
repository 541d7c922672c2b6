using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>The keys of metadata_props that readers ask for.</summary>
internal enum MetadataKey
{
    /// <summary>Module names from the root down to the operation.</summary>
    NameScopes,

    /// <summary>The classes of these modules.</summary>
    ClassHierarchy,

    /// <summary>The exported program's node.</summary>
    FxNode,

    StackTrace,

    /// <summary>What rewrote a node.</summary>
    RuleName,
}

/// <summary>One of a node's metadata_props, a StringStringEntryProto, as it is written: a node has half a dozen, of which few are asked for.</summary>
internal sealed class MetadataEntry
{
    private const ulong KeyTag = (1 << 3) | 2;
    private const ulong ContentTag = (2 << 3) | 2;
    /// <summary>What one takes in memory beside what it says.</summary>
    public const int Bytes = 64;

    /// <summary>Its bytes, or the file that has them: what stands in one node alone is looked at once, and need not be held until then.</summary>
    private readonly object _holder;
    private readonly long _offset;
    private readonly int _size;
    private readonly int _start;
    private readonly int _length;

    private MetadataEntry(MetadataKey key, object holder, long offset, int size, int start, int length) => (Key, _holder, _offset, _size, _start, _length) = (key, holder, offset, size, start, length);

    public MetadataKey Key { get; }

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Message => Part(0, _size);

    public ReadOnlySpan<byte> Value => Part(_start, _length);

    public string Text => Encoding.UTF8.GetString(Value);

    /// <summary>Lets go of the file's bytes before it: who has gone through the nodes so far.</summary>
    public void ForgetBefore() => (_holder as PagedFile)?.Forget(_offset);

    private ReadOnlySpan<byte> Part(int start, int length) => _holder is byte[] bytes ? bytes.AsSpan(start, length) : ((PagedFile)_holder).Span(_offset + start, length);

    /// <summary>The entry, where a reader asks for its key; else null.</summary>
    /// <exception cref="ModelReadException">The entry is damaged, and of a key that is asked for or cannot be read.</exception>
    public static MetadataEntry? Read(ReadOnlySpan<byte> entry) => Read(entry, null, 0);

    /// <summary>The entry, where a reader asks for its key, as a part of the file that holds it; else null.</summary>
    /// <param name="entry">Its bytes.</param>
    /// <param name="file">The file that has them; null: they are copied.</param>
    /// <param name="offset">Where they stand in it.</param>
    /// <exception cref="ModelReadException">The entry is damaged, and of a key that is asked for or cannot be read.</exception>
    public static MetadataEntry? Read(ReadOnlySpan<byte> entry, PagedFile? file, long offset)
    {
        ReadOnlySpan<byte> key = default;
        var (start, size) = (0, 0);
        var isAsked = true;
        var position = 0;
        while (MessageSize.Next(entry, ref position, out var tag, out var length))
        {
            if (tag == KeyTag)
            {
                key = entry.Slice(position, length);
                isAsked = Of(key) is not null;
            }
            else if (tag == ContentTag)
            {
                (start, size) = (position, length);
            }

            position += length;
        }

        if (position < entry.Length && isAsked)
        {
            throw new ModelReadException("MG.Onnx.Malformed", "the metadata of a node are damaged");
        }

        return Of(key) is { } known ? new(known, file is null ? entry.ToArray() : file, offset, entry.Length, start, size) : null;
    }

    /// <summary>Whether a reader asks for entries of its key; a damaged entry is read by who says so.</summary>
    /// <param name="entry">As it is written.</param>
    /// <param name="isOften">Whether nodes that stand far from each other may have it in common.</param>
    public static bool IsAskedFor(ReadOnlySpan<byte> entry, out bool isOften)
    {
        isOften = false;
        var position = 0;
        while (MessageSize.Next(entry, ref position, out var tag, out var length))
        {
            if (tag == KeyTag)
            {
                var key = Of(entry.Slice(position, length));
                isOften = key is MetadataKey.ClassHierarchy or MetadataKey.StackTrace;
                return key is not null;
            }

            position += length;
        }

        return position < entry.Length;
    }

    private static MetadataKey? Of(ReadOnlySpan<byte> key) => key.Length switch
    {
        26 when key.SequenceEqual("pkg.torch.onnx.name_scopes"u8) => MetadataKey.NameScopes,
        30 when key.SequenceEqual("pkg.torch.onnx.class_hierarchy"u8) => MetadataKey.ClassHierarchy,
        22 when key.SequenceEqual("pkg.torch.onnx.fx_node"u8) => MetadataKey.FxNode,
        26 when key.SequenceEqual("pkg.torch.onnx.stack_trace"u8) => MetadataKey.StackTrace,
        33 when key.SequenceEqual("pkg.onnxscript.rewriter.rule_name"u8) => MetadataKey.RuleName,
        _ => null,
    };
}
