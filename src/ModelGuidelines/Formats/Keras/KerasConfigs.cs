using System.Text.Json;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Compares configs.</summary>
internal static class KerasConfigs
{
    /// <summary>Whether two configs say the same, whatever ids they carry and whichever generation of entry they stand in.</summary>
    public static bool Same(JsonElement a, JsonElement b)
    {
        if (a.ValueKind != b.ValueKind)
        {
            return false;
        }

        switch (a.ValueKind)
        {
            case JsonValueKind.Object:
                var left = Properties(a);
                var right = Properties(b);
                return left.Count == right.Count && left.All(p => right.TryGetValue(p.Key, out var value) && Same(p.Value, value));
            case JsonValueKind.Array:
                return a.GetArrayLength() == b.GetArrayLength() && a.EnumerateArray().Zip(b.EnumerateArray()).All(p => Same(p.First, p.Second));
            case JsonValueKind.String:
                return a.Text() == b.Text();
            case JsonValueKind.Number:
                return a.GetRawText() == b.GetRawText();
            default:
                return true;
        }
    }

    private static Dictionary<string, JsonElement> Properties(JsonElement element)
    {
        var result = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (property.Name is not ("shared_object_id" or "module" or "registered_name" or "build_config" or "compile_config" or "inbound_nodes"))
            {
                result[property.Name] = property.Value;
            }
        }

        return result;
    }
}
