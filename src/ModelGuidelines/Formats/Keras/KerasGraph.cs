using System.Text.Json;
using ModelGuidelines.Formats.Keras.Libraries;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Translates a model's config into a <see cref="ModelGraph"/>: what all of Keras' files have in common.</summary>
internal sealed class KerasGraph
{
    private readonly ReadLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly KerasFacts _facts;
    private readonly ModelGraphBuilder _builder = new();
    private bool _truncated;

    private KerasGraph(KerasFacts facts, ReadLimits limits, CancellationToken cancellation)
    {
        _facts = facts;
        _limits = limits;
        _cancellation = cancellation;
    }

    /// <param name="entry">The model: an object with <c>class_name</c> and <c>config</c>.</param>
    /// <param name="facts">What else the file says.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Asked every few thousand layers and calls.</param>
    /// <exception cref="ModelReadException">The config describes no model, is damaged, or exceeds a limit.</exception>
    public static ModelGraph Read(JsonElement entry, KerasFacts facts, ReadLimits limits, CancellationToken cancellation)
    {
        try
        {
            return new KerasGraph(facts, limits, cancellation).Read(entry);
        }
        catch (InvalidOperationException e)
        {
            // The one thing a document's text can still hold: a property name that is half a surrogate pair.
            throw new ModelReadException("MG.Keras.Json", "the config has text that is not valid Unicode", inner: e);
        }
    }

    private ModelGraph Read(JsonElement entry)
    {
        var parser = new KerasConfigParser(_limits, _cancellation);
        var root = parser.ParseRoot(entry);
        var isKeras3 = IsKeras3(entry, parser.All);
        var sharing = new KerasSharing(_facts);
        sharing.Resolve(parser.All);
        var construction = new KerasConstruction(_facts, isKeras3);
        construction.Classify(parser.All);
        AddModules(parser.All);
        KerasGraphNodes.Add(_builder, parser.All, isKeras3);
        Expand(root, sharing);
        AddGaps(parser.All);
        return _builder.Build(Framework.Keras, Exporter(isKeras3), new()
        {
            ModuleCalls = CallEvidence(root, parser.All, sharing),
            Construction = construction.Evidence(),
        });
    }

    private bool IsKeras3(JsonElement entry, List<KerasLayer> layers)
    {
        if (_facts.KerasVersion is { Length: > 0 } version)
        {
            return version[0] >= '3' && version[0] <= '9';
        }

        // Keras 2 writes its version beside the config; without one, a module beside the class name, or nodes with args, are Keras 3's.
        return entry.Get("module").ValueKind is JsonValueKind.String
            || layers.Exists(l => l.Entry.Get("inbound_nodes") is { ValueKind: JsonValueKind.Array } nodes && nodes.EnumerateArray().Any(n => n.Get("args").ValueKind is JsonValueKind.Array));
    }

    private string? Exporter(bool isKeras3) => _facts.KerasVersion is { } version
        ? $"Keras {version}{(_facts.Backend is { } backend ? $" ({backend})" : "")}"
        : isKeras3 ? "Keras 3" : "Keras 2";

    private void AddModules(List<KerasLayer> layers)
    {
        foreach (var layer in layers)
        {
            if (layer.Original is { } original)
            {
                layer.Index = original.Index;
                var module = _builder.Modules[original.Index];
                if (layer.QualifiedName != module.QualifiedName && !module.Aliases.Contains(layer.QualifiedName))
                {
                    _builder.Modules[original.Index] = module with { Aliases = module.Aliases.Add(layer.QualifiedName) };
                }

                continue;
            }

            layer.Index = _builder.Add(new()
            {
                QualifiedName = layer.QualifiedName,
                Type = TypeOf(layer),
                Parent = layer.Parent?.Index,
                Origin = KerasConstruction.IsUsers(layer) ? ModuleOrigin.User : ModuleOrigin.Framework,
                Construction = layer.Construction,
                ConstructionCertainty = layer.ConstructionCertainty,
            });
        }
    }

    private static string TypeOf(KerasLayer layer) => layer switch
    {
        { Module: { } module } => $"{module}.{layer.ClassName}",
        { RegisteredName: { } registered } => registered,
        _ when KerasClasses.IsLayer(layer.ClassName) => $"keras.layers.{layer.ClassName}",
        _ when !KerasConstruction.IsUsers(layer) => $"keras.{layer.ClassName}",
        _ => layer.ClassName,
    };

    /// <summary>Emits every call of one forward pass: a container that is called twice calls its layers twice.</summary>
    /// <remarks>The stack holds as many containers as are nested; what many doublings would expand to is bounded by ExpandedCalls.</remarks>
    private void Expand(KerasLayer root, KerasSharing sharing)
    {
        var stack = new Stack<IEnumerator<(KerasLayer Layer, KerasNode Node)>>();
        stack.Push(CallsIn(root).GetEnumerator());
        var containers = new Stack<(int Module, Certainty Certainty)>();
        containers.Push((root.Index, Certainty.Certain));
        AddLibraryCalls(root, Certainty.Certain);
        while (stack.TryPeek(out var calls))
        {
            if (!calls.MoveNext())
            {
                stack.Pop();
                containers.Pop();
                continue;
            }

            if ((_builder.Calls.Count & 0xFFF) == 0)
            {
                _cancellation.ThrowIfCancellationRequested();
            }

            if (_builder.Calls.Count >= _limits.ExpandedCalls)
            {
                _truncated = true;
                return;
            }

            var (layer, node) = calls.Current;
            var original = layer.Original ?? layer;

            // A call inside a doubtful call is as doubtful.
            var own = layer != original && sharing.Doubts.TryGetValue(original, out var doubt) ? doubt : Certainty.Certain;
            var (caller, outer) = containers.Peek();
            var certainty = own.And(outer);
            _builder.Calls.Add(new()
            {
                Module = layer.Index,
                Caller = caller,
                Node = node.Label,
                Certainty = certainty,
            });
            AddLibraryCalls(original, certainty);
            if (original.IsContainer)
            {
                stack.Push(CallsIn(original).GetEnumerator());
                containers.Push((original.Index, certainty));
            }
        }
    }

    /// <summary>Layers that a library's model calls more than once, though the file keeps only its arguments.</summary>
    private void AddLibraryCalls(KerasLayer model, Certainty outer)
    {
        foreach (var path in model.Library?.Again(model.Config) ?? [])
        {
            var isBackbones = path.StartsWith(LibraryModel.OfBackbone, StringComparison.Ordinal);
            var holder = isBackbones ? model.Children.Find(c => c.Role is "backbone") : model;
            if (holder is null)
            {
                continue;
            }

            var below = isBackbones ? path[LibraryModel.OfBackbone.Length..] : path;
            var module = _builder.FindOrAdd(holder.QualifiedName.Length == 0 ? below : $"{holder.QualifiedName}/{below}", '/');
            var certainty = Certainty.Likely($"the file keeps only the arguments of {KerasText.Quote(model)}: so {KerasHub.Name} {KerasHub.Version} builds it").And(outer);
            for (var call = 0; call < 2; call++)
            {
                _builder.Calls.Add(new() { Module = module, Caller = model.Index, Certainty = certainty });
            }
        }
    }

    /// <summary>Graphs inside the graph whose layers the file does not list. What subclassed models and custom layers do inside is their own code.</summary>
    private void AddGaps(List<KerasLayer> layers)
    {
        foreach (var layer in layers.Where(l => l.Original is null && !l.IsGraphOfLayers))
        {
            if (layer.Library is { Open: { } reason } library && library.IsOpen(layer.Config))
            {
                _builder.Gaps.Add(new($"{_facts.Where} keeps only the arguments of {KerasText.Quote(layer)}, where {reason}", null, GraphFacts.ModuleCalls, "audit the source"));
            }
            else if (layer.Parent is not null && layer.Library is null && layer.Construction is ModuleConstruction.Functional)
            {
                _builder.Gaps.Add(new($"{_facts.Where} keeps only the arguments of {KerasText.Quote(layer)}, not its layers and calls", null, GraphFacts.ModuleCalls, "audit the source"));
            }
        }
    }

    private static IEnumerable<(KerasLayer Layer, KerasNode Node)> CallsIn(KerasLayer container) =>
        from layer in container.Children
        where !layer.IsInput
        from node in layer.Nodes
        select (layer, node);

    private Evidence CallEvidence(KerasLayer root, List<KerasLayer> layers, KerasSharing sharing)
    {
        if (!root.IsGraphOfLayers && root.Library is not { IsGraph: true })
        {
            return Evidence.Absent($"{_facts.Where} keeps only the arguments of {KerasText.Quote(root)}, not its layers and calls; audit the source");
        }

        if (sharing.Lookalikes.Count > 0)
        {
            var pairs = sharing.Lookalikes.Select(p => $"'{p.First.QualifiedName}' and '{p.Second.QualifiedName}'").ToList();
            return Evidence.Absent($"{_facts.Where} does not tell whether layers of equal name and config are one object: {KerasText.List(pairs)}; a .keras file does");
        }

        var reasons = new List<string>();
        var known = layers.Where(l => l.Library is not null).Select(l => l.ClassName).Distinct(StringComparer.Ordinal).ToList();
        if (known.Count > 0)
        {
            reasons.Add($"{_facts.Where} keeps only the arguments of {KerasText.List(known)}: read as {KerasHub.Name} {KerasHub.Version} builds them");
        }

        if (_truncated)
        {
            reasons.Add($"nested models expand to more than {_limits.ExpandedCalls} calls; the rest is not counted");
        }

        var users = layers.Where(l => l.Original is null && l.Construction is ModuleConstruction.CustomLayer or ModuleConstruction.SubclassedModel).Select(KerasText.Quote).ToList();
        if (users.Count > 0)
        {
            reasons.Add($"what happens inside {KerasText.List(users)} only the source shows");
        }

        var lists = layers.Where(l => l.Original is null && l.Kind is KerasLayerKind.Sequential && l.Children.Count > 1).Select(KerasText.Quote).ToList();
        if (lists.Count > 0)
        {
            reasons.Add($"an object that was added twice to one Sequential is saved once: {KerasText.List(lists)}");
        }

        return reasons.Count == 0 ? Evidence.Complete : Evidence.BlindSpots(string.Join("; ", reasons));
    }
}
