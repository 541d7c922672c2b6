using System.Globalization;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Compares an original and what was written by their structure: both configs are read as the format's reader reads them, their values are numbered,
/// and weights are known by where in the original their bytes came from.</summary>
internal static class KerasProof
{
    /// <param name="original">Its config.</param>
    /// <param name="weightsOf">What stands for the weights of an entry of the original.</param>
    /// <param name="result">The config that was written.</param>
    /// <param name="resultWeightsOf">What stands for the weights of an entry of it.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Asked often.</param>
    public static StructureProof Compare(ConfigLayers original, Func<KerasLayer, string> weightsOf, ConfigLayers result, Func<KerasLayer, string> resultWeightsOf, ReadLimits limits, CancellationToken cancellation)
    {
        if (!Around(original).SequenceEqual(Around(result)))
        {
            return StructureProof.Fails("what stands around the model's config is another");
        }

        var terms = new KerasTerms(limits, cancellation);
        var before = terms.Of(original, weightsOf);
        return terms.Of(result, resultWeightsOf).Difference(before) is { } difference
            ? StructureProof.Fails(difference)
            : StructureProof.Equal(string.Create(CultureInfo.InvariantCulture, $"the same outputs by the same {before.Calls.Values.Sum()} calls of layers of the same classes, arguments and weights"));
    }

    /// <summary>A proof, or why there is none.</summary>
    public static StructureProof Or(Func<StructureProof> prove)
    {
        try
        {
            return prove();
        }
        catch (ModelReadException e) when (e.Id is RepairErrors.Unsupported)
        {
            return StructureProof.Fails(e.Message);
        }
    }

    private static byte[] Around(ConfigLayers model) => [.. model.Text.Text[..model.Entry.Start], .. model.Text.Text[model.Entry.End..]];
}
