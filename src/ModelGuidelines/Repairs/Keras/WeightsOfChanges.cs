namespace ModelGuidelines.Repairs.Keras;

/// <summary>Tells with each change which weights were copied for it.</summary>
internal static class WeightsOfChanges
{
    /// <param name="changes">In the order in which their layers were given weights.</param>
    /// <param name="copied">Paths of datasets, of all changes.</param>
    public static IEnumerable<RepairChange> Add(IReadOnlyList<RepairChange> changes, IReadOnlyList<(string Layer, string Original, string Copy)> copied)
    {
        foreach (var change in changes)
        {
            yield return change with
            {
                Parameters = [.. copied.Where(c => c.Layer == change.NewModule || c.Layer.StartsWith(change.NewModule + "/", StringComparison.Ordinal)).Select(c => new Rename(c.Original, c.Copy))],
            };
        }
    }
}
