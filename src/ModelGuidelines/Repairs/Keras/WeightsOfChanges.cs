namespace ModelGuidelines.Repairs.Keras;

/// <summary>Tells with each change which weights were copied for it.</summary>
internal static class WeightsOfChanges
{
    private const string TrainApart = "its weights are copies: the two layers give the same results now, and train apart from then on";

    /// <param name="changes">In the order in which their layers were given weights.</param>
    /// <param name="copied">Paths of datasets, of all changes.</param>
    public static IEnumerable<RepairChange> Add(IReadOnlyList<RepairChange> changes, IReadOnlyList<(string Layer, string Original, string Copy)> copied)
    {
        foreach (var change in changes)
        {
            Rename[] weights = [.. copied.Where(c => c.Layer == change.NewModule || c.Layer.StartsWith(change.NewModule + "/", StringComparison.Ordinal)).Select(c => new Rename(c.Original, c.Copy))];
            yield return change with { Parameters = [.. weights], Note = weights.Length > 0 ? TrainApart : null };
        }
    }
}
