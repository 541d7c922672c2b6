using System.Globalization;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Formats.KerasArchive;
using ModelGuidelines.Repairs.Hdf5;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Gives the layers of a repaired model their weights in a <c>model.weights.h5</c>: groups numbered by class, in the order of each container's layers.</summary>
/// <remarks>Source: saving_lib of Keras 3 and tf_keras (<c>layers/dense_1</c>); of Keras 2.12 and 2.13 (<c>_layer_checkpoint_dependencies/dense_2</c>), where
/// a layer with weights stands in the dictionary twice and so takes two numbers. An object is saved where it is met first; where it is met again it takes
/// a number without having a group in Keras 3, and none in tf_keras since "Fixes layer index naming issue with new Keras weights saving".</remarks>
internal sealed class KerasArchiveWeights
{
    private const string OldLayers = "_layer_checkpoint_dependencies";
    private const string Layers = "layers";
    private readonly Dictionary<KerasLayer, Hdf5Node> _groups = [];
    private readonly Dictionary<KerasLayer, bool> _hasWeights = [];
    private readonly List<(string Layer, string Original, string Copy)> _copied = [];
    private readonly Dictionary<Hdf5Node, string> _paths = [];
    private string _container = Layers;
    private bool _skipsKnown;

    /// <summary>The datasets that were copied, and the copies' names.</summary>
    public IReadOnlyList<(string Layer, string Original, string Copy)> Copied => _copied;

    /// <param name="root">Of the weights; its groups are changed.</param>
    /// <param name="model">The repaired model.</param>
    /// <param name="isKeras2">Whether the archive says that tf_keras wrote it: the numbering that is tried first. The groups' names decide.</param>
    /// <exception cref="ModelReadException">The groups are not those of the config's layers.</exception>
    public void Apply(Hdf5Node root, NewLayer model, bool isKeras2)
    {
        Locate(root, model.Source, isKeras2);
        Build(model, root, "", "");
    }

    /// <summary>Finds the group of each object of a model.</summary>
    /// <exception cref="ModelReadException">The groups are not those of the config's layers.</exception>
    public IReadOnlyDictionary<KerasLayer, Hdf5Node> Locate(Hdf5Node root, KerasLayer model, bool isKeras2)
    {
        _container = root.Links.ContainsKey(OldLayers) ? OldLayers : Layers;
        string? problem = null;
        foreach (var skipsKnown in new[] { isKeras2 && _container == Layers, !(isKeras2 && _container == Layers) })
        {
            _skipsKnown = skipsKnown;
            _groups.Clear();
            _hasWeights.Clear();
            _paths.Clear();
            if (Locate(model, root, "") is not { } other)
            {
                return _groups;
            }

            problem ??= other;
        }

        throw new ModelReadException(RepairErrors.Unsupported, $"{problem}: the weights cannot be told apart for certain");
    }

    /// <summary>Finds the groups of a container's layers; as deep as the config.</summary>
    /// <returns>What the numbering does not explain; null when it explains all.</returns>
    private string? Locate(KerasLayer container, Hdf5Node? group, string path)
    {
        if (container.Kind is KerasLayerKind.Wrapper)
        {
            return container.Children.Where(c => c.Role is not (null or "cells")).Select(c => Remember(c, group?.Find(c.Role!), $"{path}{c.Role}")).FirstOrDefault(p => p is not null);
        }

        if (container.Children.Count == 0)
        {
            return null;
        }

        var layers = group?.Find(_container);
        var names = new Numbers(this);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var child in Saved(container))
        {
            var name = names.Name(child);
            var isMetAgain = _groups.ContainsKey(child.Original ?? child);
            if (!isMetAgain)
            {
                known.Add(name);
            }

            if (Remember(child, isMetAgain ? null : layers?.Find(name), $"{path}{_container}/{name}") is { } problem)
            {
                return problem;
            }

            names.Count(child, isMetAgain);
        }

        return layers?.Links.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown
            ? $"the weights hold '{path}{_container}/{unknown}', which is no layer of the config by the numbers that Keras gives"
            : null;
    }

    private string? Remember(KerasLayer layer, Hdf5Node? group, string path)
    {
        var original = layer.Original ?? layer;
        if (group is not null && _groups.TryAdd(original, group))
        {
            _paths[group] = path;
            var problem = Locate(layer, group, path + "/");
            _hasWeights[original] = HasDataset(group, 0);
            return problem;
        }

        return _groups.ContainsKey(original) ? null : Locate(layer, null, path + "/");
    }

    private static bool HasDataset(Hdf5Node node, int depth) => node.IsDataset || (depth < 64 && node.Links.Values.Any(l => HasDataset(l, depth + 1)));

    /// <summary>The layers that Keras goes through: of a list without its input, of a graph without operations.</summary>
    private static IEnumerable<KerasLayer> Saved(KerasLayer container) => container.Children.Where(c => IsSaved(container, c));

    private static bool IsSaved(KerasLayer container, KerasLayer child) =>
        container.Kind is KerasLayerKind.Sequential ? !child.IsInput : !ConfigRepairer.IsOperation(child);

    /// <summary>Gives a container of the new model its groups; as deep as the config.</summary>
    private void Build(NewLayer container, Hdf5Node group, string path, string name)
    {
        if (container.Source.Kind is KerasLayerKind.Wrapper)
        {
            foreach (var child in container.Children)
            {
                if (child.Source.Role is { } role && role != "cells" && group.Find(role) is { } inner)
                {
                    Place(child, inner, $"{path}{role}", name);
                }
            }

            return;
        }

        if (container.Children.Count == 0 || group.Find(_container) is not { } layers)
        {
            return;
        }

        layers.Links.Clear();
        var names = new Numbers(this);
        foreach (var child in container.Children.Where(c => IsSaved(container.Source, c.Source)))
        {
            var number = names.Name(child.Source);
            if (_groups.GetValueOrDefault(child.Object) is { } source)
            {
                // A further entry of an object that stays one has no weights of its own: they are where the first one is.
                var inPlace = $"{path}{_container}/{number}";
                if (child.IsCopy)
                {
                    if (!container.IsCopy)
                    {
                        Tell(Join(name, child.Name), source, _paths.GetValueOrDefault(source, ""), inPlace, 0);
                    }

                    layers.Links[number] = source.Copy();
                    Place(child, layers.Links[number], inPlace, name);
                }
                else if (child.Source.Original is null)
                {
                    layers.Links[number] = source;
                    Place(child, source, inPlace, name);
                }
            }

            names.Count(child.Source, isMetAgain: child.Source.Original is not null && !child.IsCopy && _groups.ContainsKey(child.Object));
        }
    }

    private void Place(NewLayer layer, Hdf5Node node, string path, string container)
    {
        if (layer.Name != layer.Source.Name && node.Find("vars") is { } variables && variables.Strings("name") is [var name] && name == layer.Object.Name)
        {
            variables.SetAttribute("name", layer.Name);
        }

        Build(layer, node, path + "/", Join(container, layer.Name));
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}/{name}";

    private void Tell(string layer, Hdf5Node node, string from, string to, int depth)
    {
        foreach (var (name, child) in depth < 64 ? node.Links : [])
        {
            if (child.IsDataset)
            {
                _copied.Add((layer, $"{from}/{name}", $"{to}/{name}"));
            }
            else
            {
                Tell(layer, child, $"{from}/{name}", $"{to}/{name}", depth + 1);
            }
        }
    }

    /// <summary>Numbers the layers of one container by class.</summary>
    private sealed class Numbers(KerasArchiveWeights weights)
    {
        private readonly Dictionary<string, int> _used = new(StringComparer.Ordinal);

        public string Name(KerasLayer layer)
        {
            var stem = Stem(layer);
            return _used.TryGetValue(stem, out var number) && number > 0 ? string.Create(CultureInfo.InvariantCulture, $"{stem}_{number}") : stem;
        }

        public void Count(KerasLayer layer, bool isMetAgain) => _used[Stem(layer)] = _used.GetValueOrDefault(Stem(layer)) + (
            weights._skipsKnown ? isMetAgain ? 0 : 1
            : weights._container == OldLayers && weights._hasWeights.GetValueOrDefault(layer.Original ?? layer) ? 2
            : 1);

        private static string Stem(KerasLayer layer) => ArchiveWeightNames.GroupOf(layer);
    }
}
