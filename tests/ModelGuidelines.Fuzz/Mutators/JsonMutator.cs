using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelGuidelines.Fuzz.Mutators;

/// <summary>Values and keys of JSON: taken away, doubled, exchanged, of another type, nested.</summary>
internal sealed class JsonMutator : IMutator
{
    private const int Deepest = 120;
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 512, AllowTrailingCommas = true };
    private static readonly JsonSerializerOptions Writing = new() { MaxDepth = 1024 };

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e309", "9223372036854775807", "18446744073709551616", "0.5", "\"\"", "\"HALF\"", "\"a.b.c\"", "\"../../x\"", "\"__class__\"", "[]", "{}", "[[]]", "[null, 0, 0, {}]",
        "{\"class_name\": \"Functional\", \"config\": {}}", "{\"class_name\": \"__tuple__\", \"items\": []}", "\"\\u0000\"", "\"##vso[task.complete]\"",
    ];

    public bool Takes(ReadOnlySpan<byte> content) => content.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] && Parse(content) is not null;

    public byte[] Mutate(byte[] content, byte[] other, Random random)
    {
        var root = Parse(content)!;
        var nodes = new List<JsonNode>();
        Collect(root, nodes, 0);
        var at = random.Pick(nodes);
        switch (at)
        {
            case JsonObject { Count: > 0 } map:
                var key = map.ElementAt(random.Next(map.Count)).Key;
                switch (random.Next(5))
                {
                    case 0:
                        map.Remove(key);
                        break;
                    case 1:
                        map[key] = Foreign(other, random);
                        break;
                    case 2:
                        map[key + "_"] = map[key]?.DeepClone();
                        map.Remove(key);
                        break;
                    case 3:
                        map[key] = Nested(map[key]?.DeepClone(), random);
                        break;
                    default:
                        map[key] = JsonNode.Parse(random.Pick(Values));
                        break;
                }

                break;
            case JsonArray { Count: > 0 } list:
                var index = random.Next(list.Count);
                switch (random.Next(5))
                {
                    case 0:
                        list.RemoveAt(index);
                        break;
                    case 1:
                        list.Insert(random.Next(list.Count), list[index]?.DeepClone());
                        break;
                    case 2:
                        list[index] = Foreign(other, random);
                        break;
                    case 3:
                        list[index] = Nested(list[index]?.DeepClone(), random);
                        break;
                    default:
                        list[index] = JsonNode.Parse(random.Pick(Values));
                        break;
                }

                break;
            default:
                return Encoding.UTF8.GetBytes(random.Pick(Values).Replace("HALF", "\\ud800", StringComparison.Ordinal));
        }

        // Half a character can be written, but not held by a node.
        return Encoding.UTF8.GetBytes(root.ToJsonString(Writing).Replace("HALF", "\\ud800", StringComparison.Ordinal));
    }

    private static JsonNode? Foreign(byte[] other, Random random)
    {
        if (Parse(other) is not { } root)
        {
            return null;
        }

        var nodes = new List<JsonNode>();
        Collect(root, nodes, 0);
        var node = random.Pick(nodes);
        return node.ToJsonString(Writing).Length < 4096 ? node.DeepClone() : null;
    }

    private static JsonNode? Nested(JsonNode? node, Random random)
    {
        for (var n = random.Next(8) == 0 ? Deepest : 1; n > 0; n--)
        {
            node = random.Next(2) == 0 ? new JsonArray(node) : new JsonObject { ["config"] = node };
        }

        return node;
    }

    private static void Collect(JsonNode? node, List<JsonNode> nodes, int depth)
    {
        if (node is null || depth > Deepest)
        {
            return;
        }

        if (node is not JsonValue || nodes.Count == 0)
        {
            nodes.Add(node);
        }

        foreach (var child in node is JsonObject map ? map.Select(p => p.Value) : node is JsonArray list ? list : [])
        {
            Collect(child, nodes, depth + 1);
        }
    }

    private static JsonNode? Parse(ReadOnlySpan<byte> content)
    {
        if (content.IndexOf("\\ud"u8) >= 0)
        {
            return null;
        }

        try
        {
            var node = JsonNode.Parse(content, documentOptions: Reading);
            Collect(node, [], 0); // looks at every key: two equal ones are refused here, and left to the mutator of bytes
            return node is JsonObject or JsonArray ? node : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
