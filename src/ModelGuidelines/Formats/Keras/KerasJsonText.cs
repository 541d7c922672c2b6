using System.Text.Json;
using System.Text.Unicode;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Parses the JSON that Keras writes, within bounds.</summary>
/// <remarks>Python's json writes NaN, Infinity and -Infinity, which JSON does not have: they are read as numbers. Where an object has
/// one key twice, the last one counts, as it does for Python and so for Keras. Nothing but text is decoded: a Lambda's code stays a string.</remarks>
internal static class KerasJsonText
{
    /// <param name="utf8">The text; must outlive the document.</param>
    /// <param name="limits">Depth and number of tokens.</param>
    /// <param name="what">What is read, for messages: <c>config.json</c>.</param>
    /// <param name="cancellation">Asked every few thousand tokens.</param>
    /// <exception cref="ModelReadException">MG.Keras.TooLarge, MG.Keras.TooDeep, MG.Keras.Json.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, ReadLimits limits, string what, CancellationToken cancellation)
    {
        if (utf8.Length > limits.EntryBytes)
        {
            throw new ModelReadException("MG.Keras.TooLarge", $"{what} has {utf8.Length} bytes, more than the {limits.EntryBytes} an audit reads");
        }

        if (utf8.Span.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            throw new ModelReadException("MG.Keras.Json", $"{what} is not valid UTF-8");
        }

        utf8 = WithoutPythonNumbers(utf8);
        Check(utf8.Span, limits, what, cancellation);
        try
        {
            return SoundJson.Parse(utf8, limits.Depth);
        }
        catch (JsonException e)
        {
            throw Damaged(e, what);
        }
    }

    /// <summary>Walks over all tokens before anything is built of them: the number of tokens, not of bytes, decides what a document costs.</summary>
    private static void Check(ReadOnlySpan<byte> utf8, ReadLimits limits, string what, CancellationToken cancellation)
    {
        // One level more than is accepted: the reader's own error does not say which it is.
        var reader = new Utf8JsonReader(utf8, new() { MaxDepth = limits.Depth + 1 });
        var tokens = 0;
        try
        {
            while (reader.Read())
            {
                if ((++tokens & 0xFFF) == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                }

                if (reader.CurrentDepth >= limits.Depth && reader.TokenType is (JsonTokenType.StartArray or JsonTokenType.StartObject))
                {
                    throw new ModelReadException("MG.Keras.TooDeep", $"{what} is nested deeper than {limits.Depth} levels", reader.TokenStartIndex);
                }

                if (tokens > limits.Items)
                {
                    throw new ModelReadException("MG.Keras.TooLarge", $"{what} has more than {limits.Items} JSON tokens", reader.TokenStartIndex);
                }
            }
        }
        catch (JsonException e)
        {
            throw Damaged(e, what);
        }
    }

    private static ModelReadException Damaged(JsonException e, string what)
    {
        // Line and column are 0-based in the exception; editors count from 1.
        var place = e.LineNumber is { } line ? $" at line {line + 1}, byte {e.BytePositionInLine + 1}" : "";
        return new("MG.Keras.Json", $"{what} is not valid JSON{place}", inner: e);
    }

    /// <summary>Python's NaN and infinities as JSON numbers of the same length; the same memory when there are none.</summary>
    public static ReadOnlyMemory<byte> WithoutPythonNumbers(ReadOnlyMemory<byte> utf8)
    {
        var span = utf8.Span;
        if (span.IndexOf("NaN"u8) < 0 && span.IndexOf("Infinity"u8) < 0)
        {
            return utf8;
        }

        // Same length, so that positions in messages stay true.
        var copy = utf8.ToArray();
        var inString = false;
        for (var i = 0; i < copy.Length; i++)
        {
            if (copy[i] == (byte)'"')
            {
                inString = !inString;
            }
            else if (copy[i] == (byte)'\\' && inString)
            {
                i++;
            }
            else if (!inString && copy[i] is (byte)'N' or (byte)'I')
            {
                i += Replace(copy.AsSpan(i), "NaN"u8, "0  "u8) + Replace(copy.AsSpan(i), "Infinity"u8, "1e300   "u8);
            }
        }

        return copy;
    }

    private static int Replace(Span<byte> text, ReadOnlySpan<byte> word, ReadOnlySpan<byte> number)
    {
        if (!text.StartsWith(word))
        {
            return 0;
        }

        number.CopyTo(text);
        return word.Length - 1;
    }

    /// <summary>A property of an object; default when it is missing or the element is no object.</summary>
    public static JsonElement Get(this JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The text of a string; null for anything else.</summary>
    public static string? Text(this JsonElement element) => element.ValueKind is JsonValueKind.String ? element.GetString() : null;
}
