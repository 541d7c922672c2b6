using System.Text;
using System.Text.Json;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Replacements in a text: what is not replaced stays byte for byte.</summary>
internal sealed class TextEdits
{
    private readonly List<(int Start, int End, byte[] Text)> _edits = [];

    public bool IsEmpty => _edits.Count == 0;

    public void Replace(int start, int end, byte[] text) => _edits.Add((start, end, text));

    public void Replace(JsonSpan span, byte[] text) => Replace(span.Start, span.End, text);

    /// <summary>Takes a property out, with the comma that parted it from its neighbour.</summary>
    public void Remove(JsonSpan owner, JsonProperty property)
    {
        var index = owner.Properties.IndexOf(property);
        if (index > 0)
        {
            Replace(owner.Properties[index - 1].Value.End, property.Value.End, []);
        }
        else
        {
            Replace(property.Start, owner.Properties.Count > 1 ? owner.Properties[1].Start : property.Value.End, []);
        }
    }

    /// <summary>The text of a range with the replacements inside it made.</summary>
    public byte[] Apply(ReadOnlySpan<byte> text, int start, int end)
    {
        _edits.Sort((a, b) => a.Start.CompareTo(b.Start));
        using var result = new MemoryStream(end - start + 64);
        var at = start;
        foreach (var edit in _edits)
        {
            result.Write(text[at..edit.Start]);
            result.Write(edit.Text);
            at = edit.End;
        }

        result.Write(text[at..end]);
        return result.ToArray();
    }
}

/// <summary>Writes strings as the file does: Python's json escapes all that is not ASCII, unless it is told otherwise.</summary>
internal sealed class JsonStrings(bool isAscii)
{
    public static JsonStrings Of(ReadOnlySpan<byte> text) => new(System.Text.Ascii.IsValid(text));

    public byte[] Quote(string text)
    {
        var result = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => result.Append("\\\""),
                '\\' => result.Append("\\\\"),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                '\b' => result.Append("\\b"),
                '\f' => result.Append("\\f"),
                _ when c < ' ' || (isAscii && c > '~') => result.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => result.Append(c),
            };
        }

        return Encoding.UTF8.GetBytes(result.Append('"').ToString());
    }
}
