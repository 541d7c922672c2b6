using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using ModelGuidelines.Formats.Keras;

namespace ModelGuidelines.Formats.SavedModel;

/// <summary>Finds the saved object behind each layer of the config: two entries with one object are one layer.</summary>
/// <remarks>A graph's object holds its layers as <c>layer-0</c>, <c>layer-1</c> ... in the order of its config; a list leaves out its input.</remarks>
internal sealed class SavedModelLayers(SavedObjects saved) : IKerasEvidence
{
    private readonly ConditionalWeakTable<KerasLayer, object> _objects = [];

    public KerasLayout LayoutOf(KerasLayer layer) => ObjectOf(layer) is { } id ? saved.Objects[id].Identifier switch
    {
        "_tf_keras_network" or "_tf_keras_sequential" => KerasLayout.GraphOfLayers,
        "_tf_keras_model" => KerasLayout.SavedAsModel,
        "_tf_keras_layer" or "_tf_keras_rnn_layer" => KerasLayout.SavedAsLayer,
        _ => KerasLayout.Unknown,
    }
    : KerasLayout.Unknown;

    public ImmutableArray<string> VariablesOf(KerasLayer layer) => default;

    public int? ObjectOf(KerasLayer layer)
    {
        if (!_objects.TryGetValue(layer, out var known))
        {
            known = Find(layer) ?? -1;
            _objects.Add(layer, known);
        }

        return (int)known is >= 0 and var id ? id : null;
    }

    private int? Find(KerasLayer layer)
    {
        if (layer.Parent is not { } parent)
        {
            return 0;
        }

        // Parents stand before their children in every walk: this asks one level up, not the whole chain.
        if (ObjectOf(parent) is not { } holder)
        {
            return null;
        }

        var position = layer.Position;
        if (parent.Kind is KerasLayerKind.Sequential && parent.Children[0].IsInput)
        {
            position--;
        }

        var name = parent.Kind is KerasLayerKind.Wrapper ? layer.Role : string.Create(CultureInfo.InvariantCulture, $"layer-{position}");
        return name is not null && saved.Objects[holder].Children.TryGetValue(name, out var id) && id >= 0 && id < saved.Objects.Count && saved.Objects[id].IsKeras ? id : null;
    }
}
