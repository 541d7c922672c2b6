using System.Collections.Frozen;
using System.Globalization;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Repairs.Hdf5;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Gives the layers of a repaired model their weights in <c>model_weights</c>: a group for each layer of the root, with all the weights inside it.</summary>
/// <remarks>Keras goes by the order of <c>layer_names</c> and of each group's <c>weight_names</c>: a nested model's trainable weights layer by layer,
/// then those that are not trained. Source: hdf5_format.py of Keras 2, legacy_h5_format.py of Keras 3.</remarks>
internal sealed class KerasHdf5Weights
{
    private const string LayerNames = "layer_names";
    private const string WeightNames = "weight_names";

    /// <summary>Variables that are trained, by the names Keras' layers give them: only those keep a nested model's weights in the order of its layers.</summary>
    private static readonly FrozenSet<string> Trained = new[] { "kernel", "bias", "embeddings", "gamma", "beta", "recurrent_kernel", "depthwise_kernel", "pointwise_kernel", "alpha" }.ToFrozenSet(StringComparer.Ordinal);

    private readonly List<(string Layer, string Original, string Copy)> _copied = [];

    /// <summary>The datasets that were copied, and the copies' names.</summary>
    public IReadOnlyList<(string Layer, string Original, string Copy)> Copied => _copied;

    /// <exception cref="ModelReadException">The weights cannot be told apart for certain.</exception>
    public void Apply(Hdf5Node root, NewLayer model)
    {
        if (root.Find("model_weights") is not { } weights || weights.Strings(LayerNames) is not { } names)
        {
            return;
        }

        var saved = names.ToHashSet(StringComparer.Ordinal);
        var layers = model.Children.Where(c => saved.Contains(c.Source.Name)).ToList();
        var changed = layers.Where(l => Below(l).Any(b => b.IsCopy || b.Children.Count != b.Source.Children.Count) || !InOrder(l)).ToList();
        var groups = changed.ToDictionary(l => l, l => Group(weights, l));
        foreach (var (layer, group) in groups)
        {
            if (group is not null)
            {
                weights.Links[layer.Name] = layer.IsCopy ? group.Copy() : group;
                Fill(layer, group, weights.Links[layer.Name]);
            }
        }

        var kept = layers.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names.Where(n => !kept.Contains(n) && !n.Contains('/', StringComparison.Ordinal)))
        {
            weights.Links.Remove(name);
        }

        weights.SetAttribute(LayerNames, layers.ConvertAll(l => l.Name));
    }

    private static bool InOrder(NewLayer layer) => Below(layer).All(b => b.Children.Select(c => c.Source).SequenceEqual(b.Source.Children));

    private static Hdf5Node? Group(Hdf5Node weights, NewLayer layer) => !layer.Source.Name.Contains('/', StringComparison.Ordinal)
        ? weights.Find(layer.Source.Name)
        : throw new ModelReadException(RepairErrors.Unsupported, $"the layer '{layer.Source.Name}' has a slash in its name, under which .h5 files keep groups of groups: repair the source");

    private void Fill(NewLayer layer, Hdf5Node original, Hdf5Node group)
    {
        var old = original.Strings(WeightNames) ?? [];
        if (old.Count == 0)
        {
            return;
        }

        if (old.Distinct(StringComparer.Ordinal).Count() != old.Count || Datasets(original.Copy(), 0) != old.Count)
        {
            throw new ModelReadException(RepairErrors.Unsupported, $"the weights of the layer '{layer.Source.Name}' are not the ones it lists: the weights cannot be told apart for certain");
        }

        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var below in Below(layer))
        {
            names.TryAdd(below.Source.Name, below.Name);
        }

        var taken = new HashSet<string>(StringComparer.Ordinal);
        var items = new List<(string Old, string New, bool IsCopy)>();
        foreach (var (name, owner) in Order(layer, old))
        {
            var renames = names;
            if (owner is not null)
            {
                renames = new(StringComparer.Ordinal) { [owner.Source.Name] = owner.Name };
            }

            items.Add((name, Unique(Renamed(name, renames, layer), taken), owner?.IsCopy ?? layer.IsCopy));
        }

        if (items.TrueForAll(i => i.Old == i.New && i.IsCopy == layer.IsCopy))
        {
            Tell(layer, items);
            return;
        }

        var first = items.Select(i => i.Old).Distinct(StringComparer.Ordinal).ToDictionary(n => n, n => group.Find(n)!, StringComparer.Ordinal);
        group.Links.Clear();
        foreach (var item in items)
        {
            group.Put(item.New, item.IsCopy && !layer.IsCopy ? first[item.Old].Copy() : first[item.Old]);
        }

        group.SetAttribute(WeightNames, items.ConvertAll(i => i.New));
        Tell(layer, items);
    }

    private void Tell(NewLayer layer, List<(string Old, string New, bool IsCopy)> items) =>
        _copied.AddRange(items.Where(i => i.IsCopy).Select(i => (layer.Name, $"model_weights/{layer.Source.Name}/{i.Old}", $"model_weights/{layer.Name}/{i.New}")));

    /// <summary>The weights in the order of the new layers, each with its layer where that is known.</summary>
    private static IEnumerable<(string Name, NewLayer? Owner)> Order(NewLayer layer, IReadOnlyList<string> old)
    {
        // What matters are the layers with weights: many times the others alone were split.
        var before = Below(layer.Source).Where(l => l.Children.Count == 0).Select(l => l.Original ?? l).Distinct().ToList();
        var after = Below(layer).Where(l => l.Children.Count == 0).ToList();
        if (before.SequenceEqual(after.Select(l => l.Object)))
        {
            return old.Select(n => (n, (NewLayer?)null));
        }

        var owners = old.Select(n => before.Where(l => n.Split('/').Contains(l.Name, StringComparer.Ordinal)).ToList()).ToList();
        if (owners.TrueForAll(o => o.Count == 1))
        {
            var weighted = owners.Select(o => o[0]).ToHashSet();
            if (before.Where(weighted.Contains).SequenceEqual(after.Select(l => l.Object).Where(weighted.Contains)))
            {
                return old.Select(n => (n, (NewLayer?)null));
            }

            if (old.All(IsTrained) && weighted.All(l => l.Config.Get("trainable").ValueKind is not System.Text.Json.JsonValueKind.False))
            {
                return after.SelectMany(l => old.Where((_, i) => owners[i][0] == l.Object).Select(n => (n, (NewLayer?)l)));
            }
        }

        throw new ModelReadException(RepairErrors.Unsupported, $"the file lists the weights of '{layer.Source.Name}' in one row, which does not tell for certain whose each is after the repair: a .keras file does");
    }

    /// <summary>Whether a weight's name is that of a variable that is trained.</summary>
    public static bool IsTrained(string name)
    {
        var variable = name[(name.LastIndexOf('/') + 1)..];
        var colon = variable.IndexOf(':', StringComparison.Ordinal);
        return Trained.Contains(colon < 0 ? variable : variable[..colon]);
    }

    /// <summary>A weight's name with the layers' new names in it; of a layer whose name it does not carry, the first part is the layer's.</summary>
    private static string Renamed(string name, Dictionary<string, string> names, NewLayer top)
    {
        var parts = name.Split('/');
        var isNamed = false;
        for (var i = 0; i < parts.Length - 1; i++)
        {
            if (names.TryGetValue(parts[i], out var renamed))
            {
                parts[i] = renamed;
                isNamed = true;
            }
        }

        if (!isNamed && top.IsCopy && top.Source.Kind is KerasLayerKind.Leaf && parts.Length > 1)
        {
            parts[0] = top.Name;
        }

        return string.Join('/', parts);
    }

    private static string Unique(string name, HashSet<string> taken)
    {
        var slash = name.LastIndexOf('/');
        var unique = name;
        for (var i = 2; !taken.Add(unique); i++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{(slash < 0 ? "" : name[..slash])}_{i}/{name[(slash + 1)..]}");
        }

        return unique;
    }

    private static int Datasets(Hdf5Node node, int depth) => node.IsDataset ? 1 : depth < 64 ? node.Links.Values.Sum(l => Datasets(l, depth + 1)) : 0;

    private static IEnumerable<NewLayer> Below(NewLayer layer) => Below(layer, l => l.Children);

    private static IEnumerable<KerasLayer> Below(KerasLayer layer) => Below(layer, l => l.Children);

    /// <summary>A layer and all inside it, in the order of the containers.</summary>
    private static IEnumerable<T> Below<T>(T layer, Func<T, IReadOnlyList<T>> children)
    {
        var stack = new Stack<T>([layer]);
        while (stack.TryPop(out var next))
        {
            yield return next;
            for (var i = children(next).Count - 1; i >= 0; i--)
            {
                stack.Push(children(next)[i]);
            }
        }
    }
}
