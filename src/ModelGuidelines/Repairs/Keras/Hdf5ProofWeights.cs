using System.Collections.Frozen;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Repairs.Hdf5;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>What stands for the weights of each layer of a <c>.h5</c> file. Keras takes the root's layers with weights in order, and each one's weights in a row.</summary>
/// <remarks>The row of a nested model is parted by its layers' names where it holds trained weights only, which stand layer by layer;
/// else it stands for the model as a whole, together with its layers in order.</remarks>
internal sealed class Hdf5ProofWeights
{
    private readonly ProofDatasets _datasets;
    private readonly Dictionary<KerasLayer, List<Hdf5Node>> _rows = [];
    private readonly Dictionary<KerasLayer, string> _wholes = [];

    /// <exception cref="ModelReadException">Whose the weights are cannot be told.</exception>
    public Hdf5ProofWeights(Hdf5Node root, KerasLayer model, ProofDatasets datasets, bool isOriginal)
    {
        _datasets = datasets;
        if (root.Find("model_weights") is not { } weights || weights.Strings("layer_names") is not { } names)
        {
            return;
        }

        // Loading goes by the order of both.
        var layers = new Queue<KerasLayer>(model.Children);
        foreach (var name in names)
        {
            var group = weights.Find(name);
            var row = (group?.Strings("weight_names") ?? []).Select(w => (Name: w, Node: group!.Find(w))).ToList();
            if (row.Count == 0)
            {
                continue;
            }

            while (layers.TryPeek(out var next) && next.Name != name)
            {
                layers.Dequeue();
            }

            if (!layers.TryDequeue(out var layer) || row.Exists(w => w.Node is not { IsDataset: true }))
            {
                throw new ModelReadException(RepairErrors.Unsupported, $"the weights of '{name}' do not stand where Keras looks for them");
            }

            Add(layer, row!, isOriginal);
        }
    }

    public string Of(KerasLayer layer) =>
        _wholes.TryGetValue(layer, out var whole) ? whole
        : _rows.TryGetValue(layer.Original ?? layer, out var row) ? string.Join(' ', row.Select(_datasets.Text))
        : "";

    private void Add(KerasLayer layer, List<(string Name, Hdf5Node Node)> row, bool isOriginal)
    {
        if (layer.Children.Count == 0 || layer.Kind is KerasLayerKind.Wrapper)
        {
            // The weights of a wrapper are those of what it wraps, which may stand elsewhere too; Bidirectional makes two of its own of it.
            var owner = layer.ClassName is not "Bidirectional" && Leaves(layer).ToList() is [var only] ? only : layer;
            Take(owner.Original ?? owner, row.ConvertAll(w => w.Node), isOriginal);
            return;
        }

        var leaves = Leaves(layer).ToList();
        var objects = leaves.Select(l => l.Original ?? l).Distinct().ToList();
        var owners = row.ConvertAll(w => objects.Where(l => w.Name.Split('/').Contains(l.Name, StringComparer.Ordinal)).ToList());
        var areKnown = owners.TrueForAll(o => o.Count == 1);
        if (areKnown && row.TrueForAll(w => KerasHdf5Weights.IsTrained(w.Name)) && !owners.Exists(o => o[0].Config.Get("trainable").ValueKind is System.Text.Json.JsonValueKind.False)
            && Enumerable.Range(1, row.Count - 1).All(i => objects.IndexOf(owners[i - 1][0]) <= objects.IndexOf(owners[i][0])))
        {
            foreach (var owner in owners.Select(o => o[0]).Distinct())
            {
                Take(owner, [.. row.Where((_, i) => owners[i][0] == owner).Select(w => w.Node)], isOriginal);
            }

            return;
        }

        var weighted = areKnown ? owners.Select(o => o[0]).ToHashSet() : null;
        _wholes[layer] = $"{string.Join(' ', row.Select(w => _datasets.Text(w.Node)))} of {string.Join(' ', objects.Where(l => weighted?.Contains(l) is not false).Select(l => $"{l.ClassName}{PlainOf(l)}"))}";
    }

    private void Take(KerasLayer known, List<Hdf5Node> row, bool isOriginal)
    {
        if (!_rows.TryGetValue(known, out var first))
        {
            _rows[known] = row;
            return;
        }

        if (!isOriginal || first.Count != row.Count)
        {
            throw new ModelReadException(RepairErrors.Unsupported, $"the file holds the weights of {KerasText.Quote(known)} twice");
        }

        for (var i = 0; i < row.Count; i++)
        {
            _datasets.Same(first[i], row[i]);
        }
    }

    private static string PlainOf(KerasLayer layer) => layer.Config.ValueKind is System.Text.Json.JsonValueKind.Object
        ? string.Join(',', layer.Config.EnumerateObject().Where(p => p.Name is not ("name" or "build_config")).Select(p => p.Name + p.Value.GetRawText()))
        : "";

    /// <summary>The layers inside a model, in the order of its containers.</summary>
    private static IEnumerable<KerasLayer> Leaves(KerasLayer layer)
    {
        var stack = new Stack<KerasLayer>([layer]);
        while (stack.TryPop(out var next))
        {
            if (next.Children.Count == 0)
            {
                yield return next;
            }

            next.Children.AsEnumerable().Reverse().ToList().ForEach(stack.Push);
        }
    }
}
