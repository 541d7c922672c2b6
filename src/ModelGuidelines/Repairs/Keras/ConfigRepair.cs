using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>What a repair makes of a config: the new text, the new model's layers, and what was changed and left.</summary>
internal sealed record ConfigRepair
{
    /// <summary>The text of what the config stood in; null when nothing can be changed.</summary>
    public byte[]? Text { get; init; }

    /// <summary>The new model; null when nothing can be changed.</summary>
    public NewLayer? Root { get; init; }

    public required IReadOnlyList<RepairChange> Changes { get; init; }

    /// <summary>Of new layers that gave their names to the layer outside of a wrapper: that layer, which has the copied weights.</summary>
    public IReadOnlyDictionary<string, string> KeptNames { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public required IReadOnlyList<LeftFinding> Left { get; init; }
}

/// <summary>Plans the repair of a config: which layers there will be, under which names, in which order.</summary>
internal sealed class ConfigRepairer
{
    private readonly ConfigLayers _model;
    private readonly ReadLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<KerasLayer> _selected = [];
    private readonly Dictionary<KerasLayer, string> _moduleOf = [];
    private readonly Dictionary<KerasLayer, KerasLayer> _keepsNameOf = [];
    private readonly Dictionary<KerasLayer, string> _keptNames = [];
    private readonly LayerNames _names;
    private readonly List<RepairChange> _changes = [];
    private long _bytes;
    private int _count;

    /// <param name="text">The config.</param>
    /// <param name="facts">As the format's reader takes them: they decide which entries are one object.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Asked every few thousand layers.</param>
    public ConfigRepairer(KerasConfigText text, KerasFacts facts, ReadLimits limits, CancellationToken cancellation)
    {
        _limits = limits;
        _cancellation = cancellation;
        _model = new(text, facts, limits, cancellation);
        _names = new(_model.All.Select(l => l.Name));
    }

    /// <summary>What is repaired.</summary>
    public ConfigLayers Model => _model;

    /// <summary>Every graph of layers that can be read, and whether its layers stand in the order that Keras gives them.</summary>
    public IEnumerable<(string Name, bool IsKnown)> KnownOrders() =>
        _model.All.Where(l => l.Kind is KerasLayerKind.Graph).Select(l => (l.QualifiedName, _model.GraphOf(l).Graph)).Where(p => p.Graph is not null).Select(p => (p.QualifiedName, p.Graph!.HasKnownOrder));

    /// <param name="findings">Of layers that are used again.</param>
    /// <param name="training">What else may name the model's outputs: a training config; null when there is none.</param>
    /// <param name="needsOrder">Whether weights are found by the order of layers, so that it must be known.</param>
    public ConfigRepair Repair(IReadOnlyList<Finding> findings, JsonSpan? training, bool needsOrder)
    {
        var left = new List<LeftFinding>();
        foreach (var finding in findings)
        {
            var layer = _model.All.Find(l => l.Original is null && l.QualifiedName == finding.Module);
            var problem = layer is null ? "the file keeps only the arguments of the class that holds it: repair the source" : Problem(layer, training, needsOrder);
            if (problem is not null)
            {
                left.Add(new(finding.Guideline, finding.Module, problem));
                continue;
            }

            _selected.Add(layer!);
            _moduleOf[layer!] = finding.Module!;
        }

        if (_selected.Count == 0)
        {
            return new() { Changes = [], Left = left };
        }

        // What stands in a wrapper has no name in the model: where an object stands outside of it too, it is found by its name there.
        foreach (var layer in _model.All.Where(l => l.Parent?.Kind is not KerasLayerKind.Wrapper && l.Original is { Parent.Kind: KerasLayerKind.Wrapper } first && _selected.Contains(first)))
        {
            _keepsNameOf.TryAdd(layer.Original!, layer);
        }

        var root = new NewLayer(_model.Root, _model.Root.Name, null, IsCopy: false);
        Fill(root);
        Describe(root, "");
        var writer = new ConfigWriter(_model.Text.Text, _model.SpanOf, _model.KnownGraphOf, IsSplit);
        var entry = writer.Write(root);
        var edits = new TextEdits();
        edits.Replace(_model.Entry, entry);
        return new()
        {
            Text = _model.Text.Replace(edits.Apply(_model.Text.Text, 0, _model.Text.Text.Length)),
            Root = root,
            Changes = _changes,
            KeptNames = _keepsNameOf.Where(p => _keptNames.ContainsKey(p.Key) && _keptNames.ContainsKey(p.Value)).ToDictionary(p => _keptNames[p.Key], p => _keptNames[p.Value], StringComparer.Ordinal),
            Left = left,
        };
    }

    /// <summary>Why the uses of a layer cannot be parted; null when they can.</summary>
    private string? Problem(KerasLayer layer, JsonSpan? training, bool needsOrder)
    {
        foreach (var entry in _model.All.Where(l => l == layer || l.Original == layer))
        {
            // The entry is rewritten within its container, and all inside it is written again under new names.
            for (var container = entry.Parent; container is not null; container = container.Parent)
            {
                if (container.Kind is KerasLayerKind.Graph && _model.GraphOf(container) is { Problem: { } problem })
                {
                    return problem;
                }

                if (container.Kind is KerasLayerKind.Graph && needsOrder && container == entry.Parent && entry.Nodes.Count > 1 && _model.GraphOf(container).Graph is { HasKnownOrder: false })
                {
                    return $"the layers of {KerasText.Quote(container)} stand in another order than Keras gives them, so their weights cannot be told apart for certain";
                }
            }

            if (entry.Parent is { Parent: null, Kind: KerasLayerKind.Graph } && OutputIsNamed(entry, training))
            {
                return "its later result is an output of the model, and the training configuration names that output: repair the source";
            }

            if (_model.SpanOf(entry)["config"]?["name"] is null)
            {
                return "the file does not keep its name in its config, so Keras would not find a copy under its own";
            }

            if (Below(entry).FirstOrDefault(l => l.Config.Get("stateful").ValueKind is System.Text.Json.JsonValueKind.True) is { } stateful)
            {
                return $"{KerasText.Quote(stateful)} is stateful: each use goes on from the state that the one before left, which a copy does not have";
            }

            foreach (var inner in Below(entry).Where(l => l.Kind is KerasLayerKind.Graph))
            {
                if (_model.GraphOf(inner).Problem is { } problem)
                {
                    return problem;
                }
            }
        }

        return null;
    }

    /// <summary>Whether a use after the first makes an output of the model that losses or metrics are given for by name.</summary>
    private bool OutputIsNamed(KerasLayer entry, JsonSpan? training) =>
        _model.GraphOf(_model.Root).Graph is { } graph
        && graph.Outputs.Exists(r => r.Layer == entry.Name && (entry.Original is not null || graph.CallOf(r, entry, isBorder: true) > 0))
        && (Names(_model.Entry["compile_config"], entry.Name) || Names(training, entry.Name));

    private static bool Names(JsonSpan? span, string name) =>
        span is not null && (span.Properties.Exists(p => p.Name == name || Names(p.Value, name)) || span.Items.Exists(i => Names(i, name)));

    private static IEnumerable<KerasLayer> Below(KerasLayer layer)
    {
        var stack = new Stack<KerasLayer>([layer]);
        while (stack.TryPop(out var next))
        {
            yield return next;
            next.Children.ForEach(stack.Push);
        }
    }

    private bool IsSplit(KerasLayer layer) => layer.Nodes.Count > 1 && _selected.Contains(layer.Original ?? layer);

    /// <summary>Makes the layers of a container; as deep as the JSON.</summary>
    private void Fill(NewLayer container)
    {
        _cancellation.ThrowIfCancellationRequested();
        foreach (var source in container.Source.Children)
        {
            var isSecond = source.Original is not null && _selected.Contains(source.Original);
            var calls = IsSplit(source) ? source.Nodes.Count : 1;
            for (var call = 0; call < calls; call++)
            {
                var isCopy = container.IsCopy || isSecond || call > 0;
                var isRenamed = (isCopy ? container.IsCopy || call > 0 || !KeepsName(source) : _keepsNameOf.ContainsKey(source)) && !source.IsInput && (_model.SpanOf(source)["config"]?["name"]?.Text == source.Name || _model.SpanOf(source)["name"]?.Text == source.Name);
                var child = new NewLayer(source, isRenamed ? _names.Next(source.Name) : source.Name, calls > 1 ? call : null, isCopy)
                {
                    LosesIdentity = source.SharedObjectId is not null && (isSecond || isCopy),
                };

                // A leaf's text is written once for each; nested models multiply.
                _bytes += source.Kind is KerasLayerKind.Leaf ? _model.SpanOf(source).End - _model.SpanOf(source).Start : 0;
                if (_bytes > _limits.EntryBytes || ++_count > _limits.ExpandedCalls)
                {
                    throw new ModelReadException("MG.Repair.TooLarge", "the repaired config would be larger than what is read again: nested models that are used many times multiply");
                }

                Fill(child);
                container.Children.Add(child);
            }
        }

        if (container.Source.Kind is KerasLayerKind.Graph && container.Source.Children.Exists(IsSplit) && _model.GraphOf(container.Source).Graph is { HasKnownOrder: true } graph)
        {
            container.Children = NewGraph.InOrder(container.Children, graph, IsSplit);
        }
    }

    /// <summary>Whether it is an operation of Keras 3, which stands among the config's layers and not among the model's.</summary>
    public static bool IsOperation(KerasLayer layer) =>
        layer.Module?.StartsWith("keras.src.ops", StringComparison.Ordinal) is true
        || (!KerasClasses.IsLayer(layer.ClassName) && KerasClasses.IsOperation(layer.ClassName) && layer.Config.Get("trainable").ValueKind is System.Text.Json.JsonValueKind.Undefined);

    private bool KeepsName(KerasLayer layer) => layer.Original is { } first && _keepsNameOf.GetValueOrDefault(first) == layer;

    private void Describe(NewLayer layer, string path)
    {
        var source = layer.Source;
        if (_keepsNameOf.ContainsKey(source) || KeepsName(source))
        {
            _keptNames.TryAdd(source, path);
        }

        if (_moduleOf.TryGetValue(layer.Object, out var module) && path != source.QualifiedName && (layer.IsCopy ? layer.Call is > 0 || source.Original is not null : _keepsNameOf.ContainsKey(source)))
        {
            _changes.Add(new()
            {
                Kind = RepairKind.ModuleCopy,
                Module = module,
                NewModule = path,
                Nodes = [new(source.Nodes.Count > 0 ? source.QualifiedName + "#" + (layer.Call ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture) : source.QualifiedName, path)],
            });
        }

        foreach (var child in layer.Children)
        {
            Describe(child, path.Length == 0 ? child.Name : $"{path}/{child.Name}");
        }
    }
}
