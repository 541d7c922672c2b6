using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Repairs.Hdf5;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>What stands for the weights of each layer of a <c>.keras</c> archive: those in the group where the framework looks for them.</summary>
internal sealed class ArchiveProofWeights
{
    private readonly ProofDatasets _datasets;
    private readonly IReadOnlyDictionary<KerasLayer, Hdf5Node> _groups;
    private readonly HashSet<Hdf5Node> _located;
    private readonly Dictionary<KerasLayer, string> _known = [];

    /// <exception cref="Storage.ModelReadException">The groups are not those of the config's layers.</exception>
    public ArchiveProofWeights(Hdf5Node root, KerasLayer model, bool isKeras2, ProofDatasets datasets)
    {
        _datasets = datasets;
        _groups = new KerasArchiveWeights().Locate(root, model, isKeras2);
        _located = [.. _groups.Values];
    }

    public string Of(KerasLayer layer)
    {
        var known = layer.Original ?? layer;
        if (!_known.TryGetValue(known, out var text))
        {
            _known[known] = text = _groups.TryGetValue(known, out var group) ? string.Join(' ', Below(group, "", 0)) : "";
        }

        return text;
    }

    /// <summary>Its own datasets and those of what the config does not list.</summary>
    private IEnumerable<string> Below(Hdf5Node group, string path, int depth)
    {
        foreach (var (name, child) in depth < 64 ? group.Links : [])
        {
            if (child.IsDataset)
            {
                yield return $"{path}{name}={_datasets.Text(child)}";
            }
            else if (!_located.Contains(child))
            {
                foreach (var text in Below(child, $"{path}{name}/", depth + 1))
                {
                    yield return text;
                }
            }
        }
    }
}
