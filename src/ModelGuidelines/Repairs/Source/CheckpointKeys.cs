using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Which entries of a checkpoint of before the new modules need, wherever in the model they stand.</summary>
internal static class CheckpointKeys
{
    /// <summary>The beginnings of keys before and after, by the change that made them. What follows from a longer beginning is left out.</summary>
    /// <param name="steps">The changes, one round after another.</param>
    /// <param name="last">What the last one's text shows.</param>
    public static ILookup<SourceChange, Rename> Of(IReadOnlyList<SourceStep> steps, ModelGraph last)
    {
        var names = steps.Select(s => new ChangedNames(s.Graph, s.Changes)).ToList();
        var keys = new List<(SourceChange Change, Rename Key)>();
        var known = new Dictionary<(string?, string), string>();
        foreach (var module in last.Modules.Where(m => m.Parent is not null))
        {
            var old = module;
            SourceChange? change = null;
            for (var i = names.Count - 1; i >= 0; i--)
            {
                change ??= names[i].Maker(old);
                old = old with { QualifiedName = names[i].Of(old) };
            }

            known[(module.Model, module.QualifiedName)] = old.QualifiedName;
            var dot = module.QualifiedName.LastIndexOf('.');
            var isImplied = dot > 0 && known.TryGetValue((module.Model, module.QualifiedName[..dot]), out var around) && around != module.QualifiedName[..dot] && old.QualifiedName == around + module.QualifiedName[dot..];
            if (change is not null && !isImplied && old.QualifiedName != module.QualifiedName && !names.Exists(n => n.IsList(module)))
            {
                keys.Add((change, new(old.QualifiedName + ".", names[^1].Pattern(module) + ".")));
            }
        }

        return keys.Distinct().ToLookup(k => k.Change, k => k.Key);
    }
}
