using System.Text;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Makes text of metadata that are looked at once.</summary>
internal sealed class MetadataDecoder
{
    private char[] _characters = new char[1024];

    /// <summary>The text, until the next one is read; empty where there is none.</summary>
    public ReadOnlySpan<char> Read(MetadataEntry? entry)
    {
        var value = entry is null ? default : entry.Value;
        if (_characters.Length < value.Length)
        {
            _characters = new char[value.Length * 2];
        }

        return _characters.AsSpan(0, Encoding.UTF8.GetChars(value, _characters));
    }
}
