using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Keras;

/// <summary>The file's own graph: one node per layer and call, with the tensors on its edges and their shapes as far as the generation keeps them.</summary>
internal static class KerasGraphNodes
{
    public static void Add(ModelGraphBuilder builder, List<KerasLayer> layers, bool isKeras3)
    {
        foreach (var container in layers.Where(l => l.IsContainer))
        {
            var byName = new Dictionary<string, KerasLayer>(StringComparer.Ordinal);
            foreach (var child in container.Children)
            {
                byName.TryAdd(child.Name, child);
            }

            var shapes = Shapes(container);
            foreach (var child in container.Children)
            {
                if (child.IsInput)
                {
                    Add(builder, container, child, [], child.Name, (shapes.GetValueOrDefault((child.Name, 0)) ?? InputTensor(child)) with { Name = child.Name });
                }

                var call = 0;
                foreach (var node in child.Nodes)
                {
                    var inputs = node.Inputs.Select(t => new TensorInfo(Name(t, byName, isKeras3), t.ElementType, t.Shape)).ToImmutableArray();
                    var name = string.Create(CultureInfo.InvariantCulture, $"{child.Name}#{call}");
                    node.Label = inputs.IsEmpty ? name : $"{name} <- {string.Join(", ", inputs.Select(i => i.Name).Distinct(StringComparer.Ordinal).Take(8))}";
                    var value = child.Nodes.Count < 2 ? child.Name : name; // as its consumers name it
                    Add(builder, container, child, inputs, name, (shapes.GetValueOrDefault((child.Name, call)) ?? new(value)) with { Name = value });
                    call++;
                }
            }
        }
    }

    private static void Add(ModelGraphBuilder builder, KerasLayer container, KerasLayer child, ImmutableArray<TensorInfo> inputs, string name, TensorInfo output) => builder.Nodes.Add(new()
    {
        Name = container.QualifiedName.Length == 0 ? name : $"{container.QualifiedName}/{name}",
        OpType = child.ClassName,
        Module = child.Index,
        Graph = container.QualifiedName,
        Inputs = inputs,
        Outputs = [output],
    });

    /// <summary>Shapes of outputs, from where they are consumed: Keras 3 writes them there. Keyed by the layer and the position of the call.</summary>
    private static Dictionary<(string Layer, int Call), TensorInfo> Shapes(KerasLayer container)
    {
        var result = new Dictionary<(string, int), TensorInfo>();
        foreach (var tensor in container.Children.SelectMany(c => c.Nodes).SelectMany(n => n.Inputs))
        {
            if (tensor.Output == 0 && !tensor.Shape.IsDefault)
            {
                result.TryAdd((tensor.Layer, tensor.Node), new(tensor.Layer, tensor.ElementType, tensor.Shape));
            }
        }

        return result;
    }

    private static TensorInfo InputTensor(KerasLayer input)
    {
        var shape = KerasNodes.Shape(input.Config.Get("batch_shape"));
        return new(input.Name, input.Config.Get("dtype").Text(), shape.IsDefault ? KerasNodes.Shape(input.Config.Get("batch_input_shape")) : shape);
    }

    /// <summary>The layer, with the position of its call where it has several. Keras 2 counts a nested model's calls from 1: the first is its own definition.</summary>
    private static string Name(KerasTensor tensor, Dictionary<string, KerasLayer> siblings, bool isKeras3)
    {
        if (!siblings.TryGetValue(tensor.Layer, out var layer) || layer.Nodes.Count < 2)
        {
            return tensor.Layer;
        }

        var first = !isKeras3 && layer.Kind is KerasLayerKind.Graph or KerasLayerKind.Sequential ? 1 : 0;
        var call = Math.Clamp(tensor.Node - first, 0, layer.Nodes.Count - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{tensor.Layer}#{call}");
    }
}
