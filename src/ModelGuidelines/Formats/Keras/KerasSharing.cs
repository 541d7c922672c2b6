using System.Collections.Immutable;
using System.Text.Json;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Finds objects that stand in a config more than once: one layer in two containers.</summary>
/// <remarks>Keras writes the whole entry each time. From the second on it carries a <c>shared_object_id</c>, where the generation keeps it:
/// <c>.keras</c> always, <c>.h5</c> and <c>.json</c> of Keras 2 mostly, those of Keras 3 and of TensorFlow 1 never.</remarks>
internal sealed class KerasSharing(KerasFacts facts)
{
    // Candidates of one class and name that are compared; more is no model that Keras can build.
    private const int MaximumCandidates = 16;

    // Pairs whose variables are compared: what the most nested of models needs many times over; beyond it they stay undecided.
    private const int MaximumComparisons = 2000;

    private readonly Dictionary<(string ClassName, string Name), List<KerasLayer>> _seen = [];
    private readonly Dictionary<int, KerasLayer> _byObject = [];
    private readonly Dictionary<string, KerasLayer> _byId = new(StringComparer.Ordinal);
    private int _comparisons;

    /// <summary>Entries that look alike in two containers while the file cannot tell whether they are one object.</summary>
    public List<(KerasLayer First, KerasLayer Second)> Lookalikes { get; } = [];

    /// <summary>Objects known to be one by other evidence than an id, with the doubt that is left.</summary>
    public Dictionary<KerasLayer, Certainty> Doubts { get; } = [];

    /// <param name="layers">Parents before children, in the order of the config.</param>
    public void Resolve(IEnumerable<KerasLayer> layers)
    {
        foreach (var layer in layers.Where(l => l.Parent is not null))
        {
            // Entries inside a second entry of a container were resolved with it.
            if (layer.Original is null && FindOriginal(layer) is { } original)
            {
                Link(layer, original);
            }

            Remember(layer);
        }
    }

    private KerasLayer? FindOriginal(KerasLayer layer)
    {
        if (facts.Evidence?.ObjectOf(layer) is { } saved)
        {
            return _byObject.TryGetValue(saved, out var first) && first.ClassName == layer.ClassName ? first : null;
        }

        var candidates = _seen.GetValueOrDefault((layer.ClassName, layer.Name));

        // TensorFlow.js writes an object that was added twice to a Sequential twice; two layers of one name it may not hold.
        if (layer.Parent is { Kind: KerasLayerKind.Sequential } && layer.Config.Get("name").Text() == layer.Name
            && candidates?.Take(MaximumCandidates).FirstOrDefault(c => c.Parent == layer.Parent && KerasConfigs.Same(c.Config, layer.Config)) is { } added)
        {
            return added.Original ?? added;
        }

        if (layer.SharedObjectId is { } id)
        {
            if (_byId.TryGetValue(id, out var known) && known.ClassName == layer.ClassName)
            {
                return known.Original ?? known;
            }

            // The first entry of an object carries no id (or its own), so it is the one that looks the same.
            var free = candidates?.Where(c => c.SharedObjectId is null && c.Parent != layer.Parent).Take(MaximumCandidates).ToList();
            var same = free?.FindAll(c => KerasConfigs.Same(c.Config, layer.Config)) ?? [];
            if (same.Count > 1)
            {
                Doubts[same[0]] = Certainty.Likely($"'{same[1].QualifiedName}' looks the same and may be the shared one instead");
            }

            return same.Count > 0 ? same[0] : free?.FirstOrDefault();
        }

        if (candidates is null || layer.IsInput || facts.KeepsSharedObjects)
        {
            return null;
        }

        var twin = candidates.Where(c => c.Parent != layer.Parent).Take(MaximumCandidates).FirstOrDefault(c => KerasConfigs.Same(c.Config, layer.Config));
        if (twin is null)
        {
            return null;
        }

        twin = twin.Original ?? twin;
        if (++_comparisons > MaximumComparisons)
        {
            Lookalikes.Add((twin, layer));
            return null;
        }

        if (IsBuiltInside(layer, twin) || IsBuiltInside(twin, layer))
        {
            return twin;
        }

        if (HaveOneSetOfVariables(twin, layer))
        {
            Doubts[twin] = Certainty.Likely("its entries share their variables' names; in eager mode two layers of one name may do so too");
            return twin;
        }

        if (!HaveDifferentVariables(twin, layer) && !WouldCarryId(twin, layer))
        {
            // What looks alike inside two containers that look alike says nothing new.
            if (!Lookalikes.Exists(p => p.First == twin.Parent && p.Second == layer.Parent))
            {
                Lookalikes.Add((twin, layer));
            }
        }

        return null;
    }

    /// <summary>Keras 2 since 2.5 gives ids to what it writes in one go; the layers inside wrappers, and entries of the newer form (with a module), are written apart.</summary>
    private bool WouldCarryId(KerasLayer first, KerasLayer second) =>
        Version.TryParse(facts.KerasVersion, out var version) && version.Major == 2 && version.Minor >= 5
        && first.Module is null && second.Module is null && first.Parent?.Kind is not KerasLayerKind.Wrapper && second.Parent?.Kind is not KerasLayerKind.Wrapper;

    /// <summary>TensorFlow 1 names the variables of one graph uniquely: <c>fc/kernel:0</c>, <c>fc_1/kernel:0</c>. Its Keras calls itself 2.2.4-tf, as TensorFlow 2.0's does.</summary>
    private bool HaveOneSetOfVariables(KerasLayer first, KerasLayer second)
    {
        if (facts.KerasVersion?.EndsWith("-tf", StringComparison.Ordinal) is not true || facts.Evidence is not { } evidence)
        {
            return false;
        }

        var (a, b) = (evidence.VariablesOf(first), evidence.VariablesOf(second));
        return !a.IsDefaultOrEmpty && !b.IsDefaultOrEmpty && a.SequenceEqual(b, StringComparer.Ordinal);
    }

    /// <summary>Whether a layer of the root has variables that are named after what holds the other entry, and not after itself: a wrapper built them.</summary>
    private bool IsBuiltInside(KerasLayer layer, KerasLayer other) =>
        layer == TopOf(layer) && TopOf(other) is { } top && top != layer
        && facts.Evidence?.VariablesOf(layer) is { IsDefaultOrEmpty: false } own && facts.Evidence.VariablesOf(top) is { IsDefaultOrEmpty: false } all
        && !own.Any(v => v.StartsWith($"{layer.Name}/", StringComparison.Ordinal)) && all.ToHashSet(StringComparer.Ordinal).IsSupersetOf(own);

    /// <summary>Whether both have variables and none in common, as one layer cannot.</summary>
    private bool HaveDifferentVariables(KerasLayer first, KerasLayer second) =>
        facts.Evidence?.VariablesOf(first) is { IsDefaultOrEmpty: false } a && facts.Evidence.VariablesOf(second) is { IsDefaultOrEmpty: false } b
        && !a.Intersect(b, StringComparer.Ordinal).Any();

    /// <summary>The root's layer that it stands in, or is.</summary>
    private static KerasLayer TopOf(KerasLayer layer)
    {
        while (layer.Parent?.Parent is not null)
        {
            layer = layer.Parent;
        }

        return layer;
    }

    private static void Link(KerasLayer copy, KerasLayer original)
    {
        // Iteration: pairs of entries, containers before what they hold.
        var pairs = new Queue<(KerasLayer Copy, KerasLayer Original)>();
        pairs.Enqueue((copy, original));
        while (pairs.TryDequeue(out var pair))
        {
            pair.Copy.Original = pair.Original.Original ?? pair.Original;
            var byName = new Dictionary<string, KerasLayer>(StringComparer.Ordinal);
            foreach (var child in pair.Copy.Original.Children)
            {
                byName.TryAdd(child.Name, child);
            }

            foreach (var child in pair.Copy.Children)
            {
                if (byName.TryGetValue(child.Name, out var same) && same.ClassName == child.ClassName)
                {
                    pairs.Enqueue((child, same));
                }
            }
        }
    }

    private void Remember(KerasLayer layer)
    {
        if (facts.Evidence?.ObjectOf(layer) is { } saved)
        {
            _byObject.TryAdd(saved, layer.Original ?? layer);
        }

        if (layer.SharedObjectId is { } id)
        {
            _byId.TryAdd(id, layer);
        }

        var key = (layer.ClassName, layer.Name);
        if (!_seen.TryGetValue(key, out var list))
        {
            _seen.Add(key, list = []);
        }

        if (list.Count < MaximumCandidates)
        {
            list.Add(layer);
        }
    }
}
