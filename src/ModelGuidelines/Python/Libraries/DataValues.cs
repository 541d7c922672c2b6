using System.Globalization;
using System.Text.Json;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Storage;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What Python's readers make of a text of data.</summary>
internal static class DataValues
{
    /// <summary>Values in one file; aliases of YAML count each time they are met.</summary>
    private const int MaxValues = 100_000;
    private const int MaxDepth = 64;

    /// <summary>What <c>json.loads</c> gives; null for what is no JSON, or too large.</summary>
    public static Value? FromJson(string text)
    {
        try
        {
            using var document = SoundJson.Parse(text, MaxDepth);
            var left = MaxValues;
            return Of(document.RootElement, ref left);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What <c>yaml.safe_load</c> gives; null for what is no YAML, or too large.</summary>
    public static Value? FromYaml(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            for (var depth = 0; parser.MoveNext();)
            {
                depth += parser.Current!.NestingIncrease;
                if (depth > MaxDepth)
                {
                    return null;
                }
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            var left = MaxValues;
            return stream.Documents.Count == 0 ? ConstantValue.None : Of(stream.Documents[0].RootNode, ref left, 0);
        }
        catch (Exception e) when (YamlDamage.Is(e))
        {
            return null;
        }
    }

    private static Value? Of(JsonElement element, ref int left)
    {
        if (--left < 0)
        {
            return null;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var dict = new DictValue();
                foreach (var property in element.EnumerateObject())
                {
                    if (Of(property.Value, ref left) is not { } value)
                    {
                        return null;
                    }

                    dict.Set(ConstantValue.Of(property.Name), value);
                }

                return dict;
            case JsonValueKind.Array:
                var items = new List<Value>();
                foreach (var item in element.EnumerateArray())
                {
                    if (Of(item, ref left) is not { } value)
                    {
                        return null;
                    }

                    items.Add(value);
                }

                return SequenceValue.List(items);
            case JsonValueKind.String:
                return ConstantValue.Of(element.GetString()!);
            case JsonValueKind.Number:
                return element.TryGetInt64(out var integer) && !element.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') ? ConstantValue.Of(integer) : new ConstantValue(element.GetDouble());
            case JsonValueKind.True or JsonValueKind.False:
                return ConstantValue.Of(element.ValueKind is JsonValueKind.True);
            default:
                return ConstantValue.None;
        }
    }

    private static Value? Of(YamlNode node, ref int left, int depth)
    {
        if (--left < 0 || depth > MaxDepth)
        {
            return null;
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                var dict = new DictValue();
                foreach (var (name, entry) in mapping.Children)
                {
                    if (Of(name, ref left, depth + 1) is not { } key || Of(entry, ref left, depth + 1) is not { } value)
                    {
                        return null;
                    }

                    dict.Set(key, value);
                }

                return dict;
            case YamlSequenceNode sequence:
                var items = new List<Value>();
                foreach (var item in sequence.Children)
                {
                    if (Of(item, ref left, depth + 1) is not { } value)
                    {
                        return null;
                    }

                    items.Add(value);
                }

                return SequenceValue.List(items);
            case YamlScalarNode { Value: { } text } scalar:
                return scalar.Style is ScalarStyle.Plain ? Plain(text) : ConstantValue.Of(text);
            default:
                return ConstantValue.None;
        }
    }

    /// <summary>A scalar without quotes, by the rules of YAML 1.1 that PyYAML keeps.</summary>
    private static ConstantValue Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ConstantValue.None,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => ConstantValue.True,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => ConstantValue.False,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => ConstantValue.Of(integer),
        _ when text.Contains('.', StringComparison.Ordinal) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && char.IsAsciiDigit(text[^1]) | text[^1] == '.' => new(number),
        _ => ConstantValue.Of(text),
    };
}
