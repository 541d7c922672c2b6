using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>What a repair asks of initializers, without a byte of their data.</summary>
internal static class OnnxTensors
{
    private const int Dims = 1;
    private const int DataType = 2;

    /// <summary>Whether a tensor is a parameter rather than a constant of the exporter: floating point or eight bits, and no scalar.</summary>
    public static bool IsParameterLike(OnnxDocument document, ByteRange tensor)
    {
        var hasDimension = false;
        var type = 0UL;
        foreach (var field in WireWalker.Fields(document.File, tensor))
        {
            if (field.Number == Dims)
            {
                hasDimension |= !field.IsMessage || field.Content.Length > 0;
            }
            else if (field is { Number: DataType, WireType: 0 })
            {
                type = WireWalker.Value(document.File, field);
            }
        }

        // FLOAT, UINT8, INT8, FLOAT16, DOUBLE, BFLOAT16, the eight-bit and four-bit kinds.
        return hasDimension && type is 1 or 2 or 3 or 10 or 11 or (>= 16 and <= 23);
    }

    /// <summary>Names of the files that hold external data, relative to the model's folder.</summary>
    public static IEnumerable<string> ExternalFiles(OnnxDocument document)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in document.Graphs.SelectMany(g => g.Initializers.Values))
        {
            foreach (var field in WireWalker.Fields(document.File, tensor))
            {
                if (field is { Number: OnnxFields.TensorExternalData, IsMessage: true } && document.NameIn(field.Content, OnnxFields.EntryKey) == "location")
                {
                    names.Add(document.NameIn(field.Content, OnnxFields.EntryValue));
                }
            }
        }

        return names;
    }
}
