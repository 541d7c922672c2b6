namespace ModelGuidelines.Repairs.Keras;

/// <summary>Tells with each change which weights were copied for it.</summary>
internal static class WeightsOfChanges
{
    private const string TrainApart = "its weights are copies: the two layers give the same results now, and train apart from then on";

    /// <param name="repair">The changes, in the order in which their layers were given weights.</param>
    /// <param name="copied">Paths of datasets, of all changes.</param>
    public static IEnumerable<RepairChange> Add(ConfigRepair repair, IReadOnlyList<(string Layer, string Original, string Copy)> copied)
    {
        foreach (var change in repair.Changes)
        {
            var layer = repair.KeptNames.GetValueOrDefault(change.NewModule, change.NewModule);
            Rename[] weights = [.. copied.Where(c => c.Layer == layer || c.Layer.StartsWith(layer + "/", StringComparison.Ordinal)).Select(c => new Rename(c.Original, c.Copy))];
            yield return change with { Parameters = [.. weights.Where(w => w.From != w.To)], Note = weights.Length > 0 ? TrainApart : null };
        }
    }
}
