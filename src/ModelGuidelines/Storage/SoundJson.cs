using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ModelGuidelines.Storage;

/// <summary>JSON of which every name and text can be asked for.</summary>
/// <remarks>The framework's reader lets bytes that are no UTF-8 and escapes of half a character (Python writes them) pass, and throws at whoever asks for
/// the text, or for a property whose name begins alike. Here such bytes become U+FFFD, and such an escape is the text that it is written as.</remarks>
internal static class SoundJson
{
    /// <exception cref="JsonException">It is no JSON, or nested deeper.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, int depth) => JsonDocument.Parse(Of(utf8), new() { MaxDepth = depth });

    /// <exception cref="JsonException">It is no JSON, or nested deeper.</exception>
    public static JsonDocument Parse(string text, int depth) => Parse(Encoding.UTF8.GetBytes(text), depth);

    /// <summary>The same memory where nothing is wrong with it.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            utf8 = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8.Span));
        }

        return utf8.Span.IndexOf("\\ud"u8) < 0 && utf8.Span.IndexOf("\\uD"u8) < 0 ? utf8 : WithoutHalves(utf8.Span);
    }

    /// <summary>A second backslash before each escape of half a character.</summary>
    private static byte[] WithoutHalves(ReadOnlySpan<byte> utf8)
    {
        using var sound = new MemoryStream(utf8.Length + 64);
        while (utf8.IndexOf((byte)'\\') is >= 0 and var at)
        {
            sound.Write(utf8[..at]);
            utf8 = utf8[at..];
            var length = IsHalf(utf8, 0xD800) && IsHalf(utf8[6..], 0xDC00) ? 12 : Math.Min(2, utf8.Length);
            if (length == 2 && (IsHalf(utf8, 0xD800) || IsHalf(utf8, 0xDC00)))
            {
                sound.WriteByte((byte)'\\');
            }

            sound.Write(utf8[..length]);
            utf8 = utf8[length..];
        }

        sound.Write(utf8);
        return sound.ToArray();
    }

    /// <param name="utf8">From a backslash on.</param>
    /// <param name="first">Of the 1,024 halves, first or second ones.</param>
    private static bool IsHalf(ReadOnlySpan<byte> utf8, int first) =>
        utf8.Length >= 6 && utf8.StartsWith("\\u"u8) && System.Buffers.Text.Utf8Parser.TryParse(utf8[2..6], out uint code, out var read, 'x') && read == 4 && code - first < 0x400;
}
