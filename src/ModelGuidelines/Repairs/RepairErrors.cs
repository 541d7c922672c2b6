namespace ModelGuidelines.Repairs;

/// <summary>Ids that one place throws and another tells from the rest.</summary>
internal static class RepairErrors
{
    /// <summary>The file is sound, but cannot be repaired; the message says why.</summary>
    public const string Unsupported = "MG.Repair.Unsupported";
}
