using System.Text.Json;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>A tensor in a config: which layer's output it is, and where that is written.</summary>
/// <param name="Layer">Name within the container.</param>
/// <param name="Node">As written: the generations count differently.</param>
/// <param name="LayerSpan">Where the name stands.</param>
/// <param name="NodeSpan">Where the number stands.</param>
internal sealed record LayerReference(string Layer, int Node, JsonSpan LayerSpan, JsonSpan NodeSpan)
{
    /// <summary>The tensors of one inbound node, in the order in which Keras goes through them: positional ones first, then keywords by their names.</summary>
    /// <param name="node">Keras 3: an object with args and kwargs. Keras 2: a list of <c>["dense", 0, 0, {kwargs}]</c>, or one such list.</param>
    /// <param name="siblings">Names of the container's layers: a list in the shape of a tensor that names none of them is a plain value.</param>
    public static List<LayerReference> OfNode(JsonSpan node, IReadOnlySet<string> siblings)
    {
        var result = new List<LayerReference>();
        if (node.IsObject)
        {
            Collect(node["args"], siblings, result, result);
            Collect(node["kwargs"], siblings, result, result);
            return result;
        }

        var keywords = new List<LayerReference>();
        Collect(node, siblings, result, keywords);
        result.AddRange(keywords);
        return result;
    }

    /// <summary>The tensors of <c>input_layers</c> and <c>output_layers</c>: one, a list, nested, or in an object.</summary>
    public static List<LayerReference> OfBorder(JsonSpan? border, IReadOnlySet<string> siblings)
    {
        var result = new List<LayerReference>();
        Collect(border, siblings, result, result);
        return result;
    }

    private static void Collect(JsonSpan? value, IReadOnlySet<string> siblings, List<LayerReference> result, List<LayerReference> keywords)
    {
        if (value is { IsObject: true })
        {
            if (value["class_name"]?.Text is "__keras_tensor__")
            {
                if (value["config"]?["keras_history"] is { } history && FromList(history) is { } tensor && siblings.Contains(tensor.Layer))
                {
                    result.Add(tensor);
                }

                return;
            }

            foreach (var property in value.Properties.OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                Collect(property.Value, siblings, result, keywords);
            }
        }
        else if (value is { IsArray: true })
        {
            if (FromList(value) is { } listed && siblings.Contains(listed.Layer))
            {
                result.Add(listed);
                Collect(value.Items.Count > 3 ? value.Items[3] : null, siblings, keywords, keywords);
                return;
            }

            foreach (var item in value.Items)
            {
                Collect(item, siblings, result, keywords);
            }
        }
    }

    private static LayerReference? FromList(JsonSpan list) =>
        list is { IsArray: true, Items: [{ Text: { } layer } name, { Number: { } node } number, { Kind: JsonTokenType.Number }, ..] } ? new(layer, node, name, number) : null;
}
