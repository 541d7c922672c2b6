using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>The size of the images that a model says it is made for.</summary>
/// <remarks>A library keeps it as an attribute of each model that it builds: timm's <c>pretrained_cfg["input_size"]</c> is channels, height and width.</remarks>
internal static class InputSizes
{
    /// <summary>Where libraries keep it: an attribute of the model, and its entry.</summary>
    private static readonly (string Attribute, string Entry)[] Kept = [("pretrained_cfg", "input_size"), ("default_cfg", "input_size")];

    /// <summary>The sizes behind that of the batch; null where the model names none.</summary>
    public static IReadOnlyList<long>? Of(ObjectValue model)
    {
        foreach (var (attribute, entry) in Kept)
        {
            var value = model.Attributes.Find(attribute) switch
            {
                DictValue kept => kept.Find(entry),
                ObjectValue kept => kept.Attributes.Find(entry),
                _ => null,
            };
            if (value is SequenceValue { Rest: null, Items.Count: 3 } sizes && sizes.Items.TrueForAll(s => Size.Known(s) is > 0))
            {
                return [.. sizes.Items.Select(s => Size.Known(s)!.Value)];
            }
        }

        return null;
    }

    /// <summary>Gives a tensor these sizes; how many are in a batch stays open.</summary>
    public static void Give(TensorValue input, string name, IReadOnlyList<long> sizes)
    {
        var batch = new UnknownValue($"{name}.shape[0]", "it is known when the model runs", default, UnknownKind.Number) { IsCount = true };
        input.Shape = new([batch, .. sizes.Select(s => (Value)ConstantValue.Of(s))]);
    }
}
