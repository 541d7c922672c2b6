using System.Globalization;
using System.Text;
using ModelGuidelines.Formats.Keras;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Writes the entries of a repaired model by splicing the original's text: names, calls and tensors change, nothing else does.</summary>
internal sealed class ConfigWriter
{
    private readonly byte[] _text;
    private readonly Func<KerasLayer, JsonSpan> _spanOf;
    private readonly Func<KerasLayer, ContainerGraph?> _graphOf;
    private readonly Func<KerasLayer, bool> _isSplit;
    private readonly JsonStrings _strings;

    /// <param name="text">The config.</param>
    /// <param name="spanOf">Where an entry stands.</param>
    /// <param name="graphOf">The calls of a graph; null where nothing in it changes.</param>
    /// <param name="isSplit">Whether each of a layer's calls gets a layer of its own.</param>
    public ConfigWriter(ReadOnlySpan<byte> text, Func<KerasLayer, JsonSpan> spanOf, Func<KerasLayer, ContainerGraph?> graphOf, Func<KerasLayer, bool> isSplit)
    {
        _text = text.ToArray();
        _spanOf = spanOf;
        _graphOf = graphOf;
        _isSplit = isSplit;
        _strings = JsonStrings.Of(text);
    }

    public byte[] Write(NewLayer root) => Write(root, null, null);

    /// <summary>One entry; as deep as the JSON.</summary>
    /// <param name="layer">What is written.</param>
    /// <param name="container">The calls of the graph that it stands in; null in lists and wrappers.</param>
    /// <param name="targets">What became of the graph's layers, by their names and calls.</param>
    private byte[] Write(NewLayer layer, ContainerGraph? container, Dictionary<(string Layer, int Call), NewLayer>? targets)
    {
        var span = _spanOf(layer.Source);
        var edits = new TextEdits();
        if (layer.Name != layer.Source.Name)
        {
            var quoted = _strings.Quote(layer.Name);
            foreach (var name in new[] { span["name"], span["config"] is { IsObject: true } config ? config["name"] : null })
            {
                if (name?.Text == layer.Source.Name)
                {
                    edits.Replace(name, quoted);
                }
            }
        }

        if (layer.LosesIdentity && span.Property("shared_object_id") is { } identity)
        {
            edits.Remove(span, identity);
        }

        if (container is not null && targets is not null)
        {
            WriteCalls(layer, span, container, targets, edits);
        }

        WriteChildren(layer, span, edits);
        return edits.Apply(_text, span.Start, span.End);
    }

    private void WriteCalls(NewLayer layer, JsonSpan span, ContainerGraph container, Dictionary<(string Layer, int Call), NewLayer> targets, TextEdits edits)
    {
        var calls = container.Calls[layer.Source];
        if (layer.Call is not { } only)
        {
            foreach (var tensor in calls.SelectMany(c => c))
            {
                WriteTensor(tensor, container, targets, isBorder: false, edits);
            }

            return;
        }

        // The calls before and after are cut away, up to the brackets; what stands around the one that is left stays.
        var nodes = span["inbound_nodes"]!.Items;
        edits.Replace(nodes[0].Start, nodes[only].Start, []);
        foreach (var tensor in calls[only])
        {
            WriteTensor(tensor, container, targets, isBorder: false, edits);
        }

        edits.Replace(nodes[only].End, nodes[^1].End, []);
        if (only > 0)
        {
            BuildShapes.Adapt(_text, span, nodes[0], nodes[only], edits);
        }
    }

    private void WriteTensor(LayerReference tensor, ContainerGraph container, Dictionary<(string Layer, int Call), NewLayer> targets, bool isBorder, TextEdits edits)
    {
        var source = container.Find(tensor.Layer)!;
        var isSplit = _isSplit(source);
        var target = targets[(tensor.Layer, isSplit ? container.CallOf(tensor, source, isBorder) : 0)];
        if (target.Name != tensor.Layer)
        {
            edits.Replace(tensor.LayerSpan, _strings.Quote(target.Name));
        }

        if (isSplit && container.FirstNumber(source, isBorder) is var number && number != tensor.Node)
        {
            edits.Replace(tensor.NodeSpan, Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private void WriteChildren(NewLayer layer, JsonSpan span, TextEdits edits)
    {
        var config = span["config"];
        switch (layer.Source.Kind)
        {
            case KerasLayerKind.Wrapper:
                foreach (var child in layer.Children)
                {
                    edits.Replace(_spanOf(child.Source), Write(child, null, null));
                }

                break;
            case KerasLayerKind.Sequential:
                foreach (var child in layer.Children)
                {
                    edits.Replace(_spanOf(child.Source), Write(child, null, null));
                }

                break;
            case KerasLayerKind.Graph when layer.Children.Count > 0:
                var graph = _graphOf(layer.Source);
                var targets = graph is null ? null : layer.Children.ToDictionary(c => (c.Source.Name, c.Call ?? 0));
                var written = layer.Children.ConvertAll(c => Write(c, graph, targets));
                WriteList(layer, config!["layers"]!.Items, written, span, edits);
                foreach (var tensor in graph is null ? [] : graph.Inputs.Concat(graph.Outputs))
                {
                    WriteTensor(tensor, graph!, targets!, isBorder: true, edits);
                }

                break;
        }
    }

    /// <summary>The entries with what parted them in the file between them.</summary>
    private void WriteList(NewLayer layer, List<JsonSpan> items, List<byte[]> written, JsonSpan span, TextEdits edits)
    {
        using var list = new MemoryStream();
        for (var i = 0; i < written.Count; i++)
        {
            if (i > 0)
            {
                var before = Math.Min(i, items.Count - 1);
                list.Write(before > 0
                    ? _text.AsSpan(items[before - 1].End, items[before].Start - items[before - 1].End)
                    : _text.AsSpan(span.Properties[0].Value.End, span.Properties[1].Start - span.Properties[0].Value.End));
            }

            list.Write(written[i]);
        }

        if (layer.Children.Count > 0)
        {
            edits.Replace(items[0].Start, items[^1].End, list.ToArray());
        }
    }
}
