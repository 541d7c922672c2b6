using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>The layers of a config, where their entries stand, and the calls of its graphs.</summary>
internal sealed class ConfigLayers
{
    private readonly Dictionary<KerasLayer, JsonSpan> _spans = [];
    private readonly Dictionary<KerasLayer, (string? Problem, ContainerGraph? Graph)> _graphs = [];

    /// <param name="text">The config.</param>
    /// <param name="facts">As the format's reader takes them: they decide which entries are one object.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Asked every few thousand layers.</param>
    public ConfigLayers(KerasConfigText text, KerasFacts facts, ReadLimits limits, CancellationToken cancellation)
    {
        Text = text;
        var (entry, all) = KerasModelConfig.Find(text.Element, facts);
        var topology = text.Root["modelTopology"] is { IsObject: true } wrapped ? wrapped : text.Root;
        Entry = topology["model_config"] is { IsObject: true } config ? config : topology;
        var parser = new KerasConfigParser(limits, cancellation);
        Root = parser.ParseRoot(entry);
        All = parser.All;
        new KerasSharing(all).Resolve(All);
        Locate(Root, Entry);
    }

    public KerasConfigText Text { get; }

    /// <summary>The model's entry.</summary>
    public JsonSpan Entry { get; }

    public KerasLayer Root { get; }

    /// <summary>Parents before children, in the order of the config.</summary>
    public List<KerasLayer> All { get; }

    /// <summary>Where an entry stands.</summary>
    public JsonSpan SpanOf(KerasLayer layer) => _spans[layer];

    /// <summary>The calls of a graph of layers; or why they cannot be told.</summary>
    public (string? Problem, ContainerGraph? Graph) GraphOf(KerasLayer container)
    {
        if (!_graphs.TryGetValue(container, out var known))
        {
            var problem = ContainerGraph.Read(container, SpanOf, out var graph);
            _graphs[container] = known = (problem, graph);
        }

        return known;
    }

    /// <summary>The graph, where it was asked for before.</summary>
    public ContainerGraph? KnownGraphOf(KerasLayer container) => _graphs.TryGetValue(container, out var graph) ? graph.Graph : null;

    /// <summary>Where the entries stand; the recursion is as deep as the JSON, which is bounded.</summary>
    private void Locate(KerasLayer layer, JsonSpan span)
    {
        _spans[layer] = span;
        var config = span["config"];
        if (layer.Kind is KerasLayerKind.Wrapper)
        {
            var cells = 0;
            foreach (var child in layer.Children)
            {
                Locate(child, child.Role is "cells" ? config!["cells"]!.Items.Where(c => c["class_name"] is not null).ElementAt(cells++) : config![child.Role!]!);
            }
        }
        else if (layer.Children.Count > 0)
        {
            var entries = (config!.IsArray ? config : config["layers"]!).Items.Where(i => i.IsObject).ToList();
            for (var i = 0; i < layer.Children.Count; i++)
            {
                Locate(layer.Children[i], entries[i]);
            }
        }
    }
}
