using System.Text.Json;
using ModelGuidelines.Formats.Keras;

namespace ModelGuidelines.Formats.KerasJson;

/// <summary>Tells a model's config from all the other JSON there is, by its first bytes. Never throws on bad content.</summary>
internal static class KerasJsonProbe
{
    /// <param name="utf8">The beginning of the file.</param>
    /// <param name="complete">Whether it is all of it.</param>
    /// <param name="depth">How deep the reader follows.</param>
    public static bool LooksLikeModel(ReadOnlySpan<byte> utf8, bool complete, int depth)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        var text = utf8.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("\""u8))
        {
            // A string that holds JSON: to_json() written with json.dump. A Python file may begin with a string too, and goes on after it.
            var inner = text[1..].TrimStart(" \\nrt"u8);
            return inner.StartsWith("{"u8) && inner.IndexOf("class_name"u8) is >= 0 and < 512 && (!complete || text.TrimEnd(" \t\r\n"u8).EndsWith("\""u8));
        }

        var seen = new Seen();
        try
        {
            Scan(utf8, complete, depth, ref seen);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Damaged or hostile text that began like a model is reported by the reader.
        }

        return seen.IsModel;
    }

    private static void Scan(ReadOnlySpan<byte> utf8, bool complete, int depth, ref Seen seen)
    {
        var reader = new Utf8JsonReader(utf8, complete, new(new() { MaxDepth = depth }));
        while (reader.Read() && !seen.IsModel)
        {
            if (reader.TokenType is not JsonTokenType.PropertyName || reader.CurrentDepth > 2)
            {
                continue;
            }

            var top = reader.CurrentDepth == 1;
            if (reader.ValueTextEquals("layers"u8) || reader.ValueTextEquals("input_layers"u8))
            {
                seen.Layers = true;
            }
            else if (top && (reader.ValueTextEquals("modelTopology"u8) || reader.ValueTextEquals("model_config"u8)))
            {
                seen.Wrapped = true;
            }
            else if (top && (reader.ValueTextEquals("keras_version"u8) || reader.ValueTextEquals("compile_config"u8)))
            {
                seen.Writer = true;
            }
            else if (top && reader.ValueTextEquals("config"u8))
            {
                seen.Config = true;
            }
            else if (top && reader.ValueTextEquals("class_name"u8))
            {
                if (!reader.Read())
                {
                    return;
                }

                if (reader.TokenType is JsonTokenType.String && reader.ValueSpan.Length < 256)
                {
                    seen.ClassName = reader.GetString();
                }
            }
        }
    }

    private struct Seen
    {
        public string? ClassName;
        public bool Layers;
        public bool Wrapped;
        public bool Writer;
        public bool Config;

        /// <summary>A class with layers, or with what only to_json adds; a tokenizer or an optimizer has a class_name and a config too.</summary>
        public readonly bool IsModel => Wrapped || (ClassName is { } name && (Layers || (Config && (Writer || KerasClasses.IsGraph(name) || KerasClasses.IsSequential(name)))));
    }
}
