using System.Text.Json;
using ModelGuidelines.Formats.Keras.Libraries;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Turns a model's config into a tree of layers, of whichever generation it is.</summary>
/// <remarks>Recursion is bounded by the JSON's depth, which the parser bounds.</remarks>
internal sealed class KerasConfigParser(ReadLimits limits, CancellationToken cancellation)
{
    /// <summary>The arguments of Keras' wrappers and RNN that are layers.</summary>
    private static readonly string[] LayerArguments = ["layer", "forward_layer", "backward_layer", "cell"];

    /// <summary>The argument of a library's model that is a model it calls.</summary>
    private static readonly string[] ModelArguments = ["backbone"];

    private long _nameCharacters;
    private int _count;

    /// <summary>All layers, parents before children, in the order of the config.</summary>
    public List<KerasLayer> All { get; } = [];

    /// <param name="entry">The model: an object with <c>class_name</c> and <c>config</c>.</param>
    /// <exception cref="ModelReadException">MG.Keras.NotAModel, MG.Keras.TooLarge.</exception>
    public KerasLayer ParseRoot(JsonElement entry)
    {
        if (entry.Get("class_name").Text() is not { Length: > 0 } className || entry.Get("config").ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            throw new ModelReadException("MG.Keras.NotAModel", "the config has no class_name and config: it describes no Keras model");
        }

        if (!KerasClasses.IsGraph(className) && !KerasClasses.IsSequential(className) && LayersOf(entry.Get("config")).ValueKind is JsonValueKind.Undefined
            && (entry.Get("module").Text() is { } module ? KerasClasses.IsOwnModule(module) : KerasClasses.IsLayer(className)))
        {
            throw new ModelReadException("MG.Keras.NotAModel", $"the config describes one {className}, not a model");
        }

        return Parse(entry, null, null);
    }

    private KerasLayer Parse(JsonElement entry, KerasLayer? parent, string? role)
    {
        if ((++_count & 0x3FF) == 0)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        var config = entry.Get("config");
        var className = entry.Get("class_name").Text() ?? "?";
        var name = entry.Get("name").Text() ?? config.Get("name").Text() ?? role ?? className;
        var qualified = parent is null ? "" : parent.QualifiedName.Length == 0 ? name : $"{parent.QualifiedName}/{name}";
        _nameCharacters += qualified.Length;
        if (_nameCharacters > limits.EntryBytes / 4)
        {
            throw new ModelReadException("MG.Keras.TooLarge", "the names of the model's layers exceed what an audit keeps");
        }

        var layers = LayersOf(config);
        var library = layers.ValueKind is JsonValueKind.Undefined ? LibraryModels.Find(entry) : null;
        var arguments = library is null ? LayerArguments : ModelArguments;
        var layer = new KerasLayer
        {
            Name = name,
            QualifiedName = qualified,
            ClassName = className,
            Module = entry.Get("module").Text(),
            RegisteredName = entry.Get("registered_name").Text(),
            Entry = entry,
            Config = config,
            Parent = parent,
            Role = role,
            Library = library,
            Position = parent?.Children.Count ?? 0,
            Kind = KindOf(className, config, layers, arguments),
            SharedObjectId = entry.Get("shared_object_id") is { ValueKind: JsonValueKind.Number or JsonValueKind.String } id ? id.GetRawText() : null,
        };
        All.Add(layer);
        if (layer.Kind is KerasLayerKind.Graph or KerasLayerKind.Sequential)
        {
            foreach (var child in layers.EnumerateArray())
            {
                if (child.ValueKind is JsonValueKind.Object)
                {
                    layer.Children.Add(Parse(child, layer, null));
                }
            }
        }
        else if (layer.Kind is KerasLayerKind.Wrapper)
        {
            foreach (var (key, inner) in Wrapped(config, arguments))
            {
                layer.Children.Add(Parse(inner, layer, key));
            }
        }

        ReadNodes(layer);
        return layer;
    }

    /// <summary>The nodes of a container's layers; a list's layers have one each, what wraps a layer calls it once.</summary>
    private static void ReadNodes(KerasLayer container)
    {
        if (container.Kind is KerasLayerKind.Graph)
        {
            var siblings = container.Children.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var child in container.Children)
            {
                child.Nodes.AddRange(KerasNodes.Read(child.Entry.Get("inbound_nodes"), siblings));
            }

            return;
        }

        KerasLayer? previous = null;
        foreach (var child in container.Children)
        {
            if (!child.IsInput)
            {
                child.Nodes.Add(new(container.Kind is KerasLayerKind.Sequential && previous is not null ? [new(previous.Name, 0, 0)] : []));
            }

            previous = child;
        }
    }

    private static KerasLayerKind KindOf(string className, JsonElement config, JsonElement layers, string[] arguments)
    {
        if (layers.ValueKind is JsonValueKind.Array)
        {
            // A subclass keeps its own class name: what it is shows in what it keeps.
            return KerasClasses.IsSequential(className) || config.ValueKind is JsonValueKind.Array
                || (!KerasClasses.IsGraph(className) && config.Get("output_layers").ValueKind is JsonValueKind.Undefined)
                ? KerasLayerKind.Sequential
                : KerasLayerKind.Graph;
        }

        return Wrapped(config, arguments).Any() ? KerasLayerKind.Wrapper : KerasLayerKind.Leaf;
    }

    /// <summary>The layers of a model's config; the whole config in Keras before 2.2.3, whose Sequential was a bare list.</summary>
    private static JsonElement LayersOf(JsonElement config)
    {
        var layers = config.ValueKind is JsonValueKind.Array ? config : config.Get("layers");
        return layers.ValueKind is JsonValueKind.Array && layers.EnumerateArray().All(l => l.Get("class_name").ValueKind is JsonValueKind.String) ? layers : default;
    }

    /// <summary>The layers that a layer holds in its own config, by the names of its arguments.</summary>
    private static IEnumerable<(string Key, JsonElement Layer)> Wrapped(JsonElement config, string[] arguments)
    {
        foreach (var key in arguments)
        {
            if (IsEntry(config.Get(key)))
            {
                yield return (key, config.Get(key));
            }
        }

        if (config.Get("cells") is { ValueKind: JsonValueKind.Array } cells)
        {
            foreach (var cell in cells.EnumerateArray().Where(IsEntry))
            {
                yield return ("cells", cell);
            }
        }
    }

    private static bool IsEntry(JsonElement value) => value.Get("class_name").ValueKind is JsonValueKind.String && value.Get("config").ValueKind is JsonValueKind.Object or JsonValueKind.Array;
}
