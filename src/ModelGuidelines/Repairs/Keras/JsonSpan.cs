using System.Text;
using System.Text.Json;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>A JSON value and where it stands in the text, so that text around it can stay as it is.</summary>
/// <remarks>The text has been parsed and bounded by <see cref="Formats.Keras.KerasJsonText"/> before.</remarks>
internal sealed class JsonSpan
{
    private static readonly List<JsonProperty> NoProperties = [];
    private static readonly List<JsonSpan> NoItems = [];

    public JsonTokenType Kind { get; private init; }

    /// <summary>First byte, quotes and brackets included.</summary>
    public int Start { get; private init; }

    /// <summary>Behind the last byte.</summary>
    public int End { get; private set; }

    public List<JsonProperty> Properties { get; private init; } = NoProperties;

    public List<JsonSpan> Items { get; private init; } = NoItems;

    /// <summary>Of a string; null for anything else.</summary>
    public string? Text { get; private init; }

    /// <summary>Of a whole number; null for anything else.</summary>
    public int? Number { get; private init; }

    public bool IsObject => Kind is JsonTokenType.StartObject;

    public bool IsArray => Kind is JsonTokenType.StartArray;

    public JsonSpan? this[string name] => Property(name)?.Value;

    /// <summary>The last property of that name, which is the one that counts.</summary>
    public JsonProperty? Property(string name)
    {
        for (var i = Properties.Count - 1; i >= 0; i--)
        {
            if (Properties[i].Name == name)
            {
                return Properties[i];
            }
        }

        return null;
    }

    /// <param name="utf8">Valid JSON without a byte order mark, or with numbers in Python's spelling replaced.</param>
    /// <param name="maximumDepth">As the text was checked with.</param>
    /// <param name="cancellation">Asked every few thousand tokens.</param>
    public static JsonSpan Parse(ReadOnlySpan<byte> utf8, int maximumDepth, CancellationToken cancellation)
    {
        var reader = new Utf8JsonReader(utf8, new() { MaxDepth = maximumDepth + 1 });
        var open = new Stack<JsonSpan>();
        JsonSpan? root = null;
        var (name, nameStart, tokens) = ("", 0, 0);
        while (reader.Read())
        {
            if ((++tokens & 0xFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var start = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    (name, nameStart) = (TextOf(ref reader), start);
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    open.Pop().End = (int)reader.BytesConsumed;
                    continue;
            }

            var value = new JsonSpan
            {
                Kind = reader.TokenType,
                Start = start,
                End = (int)reader.BytesConsumed,
                Text = reader.TokenType is JsonTokenType.String ? TextOf(ref reader) : null,
                Number = reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : null,
                Properties = reader.TokenType is JsonTokenType.StartObject ? [] : NoProperties,
                Items = reader.TokenType is JsonTokenType.StartArray ? [] : NoItems,
            };
            if (open.TryPeek(out var parent))
            {
                if (parent.IsObject)
                {
                    parent.Properties.Add(new(name, nameStart, value));
                }
                else
                {
                    parent.Items.Add(value);
                }
            }

            root ??= value;
            if (value.IsObject || value.IsArray)
            {
                open.Push(value);
            }
        }

        return root!;
    }

    private static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            using var sound = SoundJson.Parse(Encoding.UTF8.GetBytes($"\"{Encoding.UTF8.GetString(reader.ValueSpan)}\""), 1); // half a character
            return sound.RootElement.GetString()!;
        }
    }
}

/// <param name="Name">Decoded.</param>
/// <param name="Start">Of the name's first quote.</param>
/// <param name="Value">What it has.</param>
internal sealed record JsonProperty(string Name, int Start, JsonSpan Value);
