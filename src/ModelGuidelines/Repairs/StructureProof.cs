namespace ModelGuidelines.Repairs;

/// <summary>What comparing original and result by their structure showed: the same modules but for the new ones, which equal those they copy,
/// and the same operations on the same values in the same order under the same conditions.</summary>
/// <param name="Holds">Whether they compute the same.</param>
/// <param name="Text">What was compared; or what differs, and where.</param>
public sealed record StructureProof(bool Holds, string Text)
{
    public static StructureProof Equal(string compared) => new(true, compared);

    public static StructureProof Fails(string reason) => new(false, reason);
}
