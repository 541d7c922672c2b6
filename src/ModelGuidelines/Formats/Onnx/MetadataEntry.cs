using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Reads one of a node's metadata_props, a StringStringEntryProto, where it stands: a node has half a dozen, of which few are asked for.</summary>
internal static class MetadataEntry
{
    private const ulong Key = (1 << 3) | 2;
    private const ulong Content = (2 << 3) | 2;

    /// <summary>Whether a reader asks for entries of its key; a damaged entry is kept for who says so.</summary>
    public static bool IsAskedFor(ReadOnlySpan<byte> entry)
    {
        var position = 0;
        while (MessageSize.Next(entry, ref position, out var tag, out var length))
        {
            if (tag == Key)
            {
                return entry.Slice(position, length).StartsWith("pkg."u8);
            }

            position += length;
        }

        return position < entry.Length;
    }

    /// <summary>The entry's value where its key is that one; else null.</summary>
    /// <exception cref="ModelReadException">The entry is damaged.</exception>
    public static string? Value(ReadOnlySpan<byte> entry, string key)
    {
        var isKey = false;
        ReadOnlySpan<byte> value = default;
        var position = 0;
        while (MessageSize.Next(entry, ref position, out var tag, out var length))
        {
            var payload = entry.Slice(position, length);
            position += length;
            if (tag == Key && !(isKey = Ascii.Equals(payload, key)))
            {
                return null;
            }

            if (tag == Content)
            {
                value = payload;
            }
        }

        if (position < entry.Length)
        {
            throw new ModelReadException("MG.Onnx.Malformed", "the metadata of a node are damaged");
        }

        return isKey ? Encoding.UTF8.GetString(value) : null;
    }
}
