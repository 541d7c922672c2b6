using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Reads <c>inbound_nodes</c>: each entry is one call of the layer within its graph.</summary>
/// <remarks>Keras 3: <c>{"args": [...], "kwargs": {...}}</c> with tensors at any depth. Keras 2: lists of <c>["dense", 0, 0, {kwargs}]</c>,
/// one level flatter for layers made of functions; tensors in kwargs are <c>["kv", 0, 0]</c>. Depth is bounded by the parser's.</remarks>
internal static class KerasNodes
{
    /// <param name="inboundNodes">The array; anything else is a layer without calls.</param>
    /// <param name="siblings">Names of the container's layers: a list in the shape of a tensor that names none of them is a plain value.</param>
    public static IEnumerable<KerasNode> Read(JsonElement inboundNodes, IReadOnlySet<string> siblings)
    {
        if (inboundNodes.ValueKind is not JsonValueKind.Array)
        {
            yield break;
        }

        foreach (var node in inboundNodes.EnumerateArray())
        {
            var tensors = ImmutableArray.CreateBuilder<KerasTensor>();
            Collect(node, siblings, tensors);
            yield return new(tensors.ToImmutable());
        }
    }

    /// <summary>The tensors of <c>input_layers</c> and <c>output_layers</c>: flat, nested, or in a dictionary.</summary>
    public static ImmutableArray<KerasTensor> ReadTensors(JsonElement value, IReadOnlySet<string> siblings)
    {
        var tensors = ImmutableArray.CreateBuilder<KerasTensor>();
        Collect(value, siblings, tensors);
        return tensors.ToImmutable();
    }

    private static void Collect(JsonElement value, IReadOnlySet<string> siblings, ImmutableArray<KerasTensor>.Builder tensors)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.Get("class_name").Text() is "__keras_tensor__":
                if (FromKeras3(value.Get("config")) is { } tensor)
                {
                    tensors.Add(tensor);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Collect(property.Value, siblings, tensors);
                }

                break;
            case JsonValueKind.Array:
                if (FromList(value) is { } listed && siblings.Contains(listed.Layer))
                {
                    tensors.Add(listed);
                    if (value.GetArrayLength() > 3)
                    {
                        Collect(value[3], siblings, tensors);
                    }

                    break;
                }

                foreach (var item in value.EnumerateArray())
                {
                    Collect(item, siblings, tensors);
                }

                break;
        }
    }

    private static KerasTensor? FromKeras3(JsonElement config) => FromList(config.Get("keras_history")) is { } tensor
        ? tensor with { ElementType = config.Get("dtype").Text(), Shape = Shape(config.Get("shape")) }
        : null;

    private static KerasTensor? FromList(JsonElement list) =>
        list.ValueKind is JsonValueKind.Array && list.GetArrayLength() >= 3 && list[0].Text() is { } layer
        && list[1].ValueKind is JsonValueKind.Number && list[1].TryGetInt32(out var node)
        && list[2].ValueKind is JsonValueKind.Number && list[2].TryGetInt32(out var output)
            ? new KerasTensor(layer, node, output)
            : null;

    /// <summary>Dimensions, unknown ones "?"; default when the value is no list of numbers and nulls.</summary>
    public static ImmutableArray<string> Shape(JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.Array)
        {
            return default;
        }

        var shape = ImmutableArray.CreateBuilder<string>(value.GetArrayLength());
        foreach (var dimension in value.EnumerateArray())
        {
            if (dimension.ValueKind is JsonValueKind.Null)
            {
                shape.Add("?");
            }
            else if (dimension.ValueKind is JsonValueKind.Number && dimension.TryGetInt64(out var size))
            {
                shape.Add(size.ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                return default;
            }
        }

        return shape.ToImmutable();
    }
}
