namespace ModelGuidelines.Repairs.Keras;

/// <summary>Keras builds a loaded layer for the shape in its <c>build_config</c>, that of its first call: a layer of a later call gets that call's, where Keras 3 has written it.</summary>
internal static class BuildShapes
{
    public static void Adapt(ReadOnlySpan<byte> text, JsonSpan entry, JsonSpan firstCall, JsonSpan call, TextEdits edits)
    {
        if (entry["build_config"]?["input_shape"] is { IsArray: true } built
            && Shape(text, firstCall) is { } first && Shape(text, call) is { } own && first != own && first == Compact(text, built))
        {
            edits.Replace(built, System.Text.Encoding.UTF8.GetBytes(own));
        }
    }

    /// <summary>The shape, or list of shapes, of a call's only positional argument as Python writes it; null when there are others.</summary>
    private static string? Shape(ReadOnlySpan<byte> text, JsonSpan call)
    {
        if (call["args"] is not { Items: [var argument] })
        {
            return null;
        }

        if (argument.IsArray)
        {
            var shapes = new List<string>();
            foreach (var item in argument.Items)
            {
                if (OfTensor(text, item) is not { } shape)
                {
                    return null;
                }

                shapes.Add(shape);
            }

            return $"[{string.Join(", ", shapes)}]";
        }

        return OfTensor(text, argument);
    }

    private static string? OfTensor(ReadOnlySpan<byte> text, JsonSpan value) =>
        value["class_name"]?.Text is "__keras_tensor__" && value["config"]?["shape"] is { IsArray: true } shape ? Compact(text, shape) : null;

    private static string Compact(ReadOnlySpan<byte> text, JsonSpan value)
    {
        if (!value.IsArray)
        {
            return System.Text.Encoding.UTF8.GetString(text[value.Start..value.End]);
        }

        var items = new List<string>();
        foreach (var item in value.Items)
        {
            items.Add(Compact(text, item));
        }

        return $"[{string.Join(", ", items)}]";
    }
}
