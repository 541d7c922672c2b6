using System.Text.Json;
using ModelGuidelines.Formats.Keras.Libraries;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Says how each model and layer of a config is defined, and what the file cannot tell.</summary>
internal sealed class KerasConstruction(KerasFacts facts, bool isKeras3)
{
    private readonly List<string> _undecided = [];
    private readonly List<string> _ownCode = [];

    /// <summary>Sets <see cref="KerasLayer.Construction"/> of every first entry.</summary>
    public void Classify(IEnumerable<KerasLayer> layers)
    {
        foreach (var layer in layers.Where(l => l.Original is null))
        {
            (layer.Construction, layer.ConstructionCertainty) = Of(layer);
        }
    }

    /// <summary>How complete the classification is. Only after <see cref="Classify"/>.</summary>
    public Evidence Evidence()
    {
        if (_undecided.Count > 0)
        {
            return Models.Evidence.Absent($"{facts.Where} does not tell whether {KerasText.List(_undecided)} is a custom layer or a subclassed model inside the graph; "
                + "a .keras file of Keras 3, or the source, does");
        }

        return _ownCode.Count > 0
            ? Models.Evidence.BlindSpots($"{KerasText.List(_ownCode)} is built as a graph of layers; whether the class also has a call() of its own only the source tells")
            : Models.Evidence.Complete;
    }

    private (ModuleConstruction Construction, Certainty Certainty) Of(KerasLayer layer)
    {
        if (layer.Kind is KerasLayerKind.Graph or KerasLayerKind.Sequential)
        {
            if (IsUsers(layer))
            {
                _ownCode.Add(KerasText.Quote(layer));
            }

            return (layer.Kind is KerasLayerKind.Graph ? ModuleConstruction.Functional : ModuleConstruction.Sequential, Certainty.Certain);
        }

        if (!IsUsers(layer))
        {
            return KerasClasses.IsSequential(layer.ClassName) ? (ModuleConstruction.Sequential, Certainty.Certain)
                : KerasClasses.IsGraph(layer.ClassName) ? (ModuleConstruction.Functional, Certainty.Certain)
                : (ModuleConstruction.BuiltIn, Certainty.Certain);
        }

        return layer.Parent is null ? Root(layer) : Inner(layer);
    }

    private (ModuleConstruction Construction, Certainty Certainty) Root(KerasLayer root) =>
        facts.Evidence?.LayoutOf(root) switch
        {
            KerasLayout.GraphOfLayers => Graph(root),
            KerasLayout.Model or KerasLayout.Attributes or KerasLayout.OwnVariables or KerasLayout.SavedAsModel => (ModuleConstruction.SubclassedModel, Certainty.Certain),
            _ => Known(root) ?? (ModuleConstruction.SubclassedModel,
                Certainty.Likely("a subclass whose __init__ ends in super().__init__(inputs, outputs), which is a graph of layers and clean, is written the same way")),
        };

    private (ModuleConstruction Construction, Certainty Certainty) Inner(KerasLayer layer)
    {
        var layout = facts.Evidence?.LayoutOf(layer) ?? KerasLayout.Unknown;

        // Keras 3 writes compile_config for models only. Its .h5 keeps no such fields at all.
        if (layer.Entry.Get("compile_config").ValueKind is not JsonValueKind.Undefined)
        {
            return layout is KerasLayout.GraphOfLayers ? Graph(layer)
                : layout is not KerasLayout.Unknown ? (ModuleConstruction.SubclassedModel, Certainty.Certain)
                : Known(layer) ?? (ModuleConstruction.SubclassedModel, Certainty.Likely("a graph of layers of a class of its own may be written the same way"));
        }

        // What RNN steps through is a layer with a state_size, never a model.
        if ((isKeras3 && layer.Module is not null) || layer.Role is "cell" or "cells")
        {
            return (ModuleConstruction.CustomLayer, Certainty.Certain);
        }

        return layout switch
        {
            KerasLayout.GraphOfLayers => Graph(layer),
            KerasLayout.Model => ByConfig(layer, holdsLayers: true),
            KerasLayout.SavedAsModel => (ModuleConstruction.SubclassedModel, Certainty.Certain),
            KerasLayout.OwnVariables or KerasLayout.Attributes or KerasLayout.SavedAsLayer => (ModuleConstruction.CustomLayer, Certainty.Certain),
            _ => ByLibrary(layer) ?? ByConfig(layer, holdsLayers: false),
        };
    }

    /// <summary>What a model of which only the arguments are kept is known to be: because a table knows its class, or by what Keras 3 built it for; null when neither tells.</summary>
    private (ModuleConstruction Construction, Certainty Certainty)? Known(KerasLayer layer) => ByLibrary(layer) ?? (isKeras3 ? ByBuild(layer) : null);

    private static (ModuleConstruction Construction, Certainty Certainty)? ByLibrary(KerasLayer layer)
    {
        if (layer.Library is { IsGraph: true })
        {
            return PartOfOwnCode(layer) is { } part
                ? (ModuleConstruction.SubclassedModel, Certainty.Likely($"it is a graph of layers itself; {part} among them subclasses keras.Model"))
                : (ModuleConstruction.Functional, Certainty.Certain);
        }

        return layer.Library is null ? null
            : (ModuleConstruction.SubclassedModel, Certainty.Likely("the file does not keep the version of the library, which may define the class in another way"));
    }

    /// <summary>A graph of layers is built when it is constructed, by build(None); any other model by the shape of its first inputs.</summary>
    private (ModuleConstruction Construction, Certainty Certainty)? ByBuild(KerasLayer layer) => layer.Entry.Get("build_config") switch
    {
        var built when built.Get("input_shape").ValueKind is JsonValueKind.Null => Graph(layer),
        { ValueKind: JsonValueKind.Object } => (ModuleConstruction.SubclassedModel, Certainty.Likely("a graph of layers on which build() was called once more would be written the same way")),
        _ => null,
    };

    /// <summary>A model with a call() of its own that a library's model was given as an argument.</summary>
    private static string? PartOfOwnCode(KerasLayer layer) => layer.Config.ValueKind is JsonValueKind.Object
        ? layer.Config.EnumerateObject().Select(p => LibraryModels.Find(p.Value)).FirstOrDefault(m => m is { IsGraph: false })?.Class
        : null;

    private (ModuleConstruction Construction, Certainty Certainty) Graph(KerasLayer layer)
    {
        _ownCode.Add(KerasText.Quote(layer));
        return (ModuleConstruction.Functional, Certainty.Certain);
    }

    /// <summary>What a config of unknown make says: a layer's get_config starts from its base's, which writes trainable and dtype; that of a model starts empty.</summary>
    /// <param name="layer">Of a user's class.</param>
    /// <param name="holdsLayers">Whether its weights stand below <c>layers</c>, as a model's do, and a layer's whose attribute has that name.</param>
    private (ModuleConstruction Construction, Certainty Certainty) ByConfig(KerasLayer layer, bool holdsLayers)
    {
        var hasBase = layer.Config.Get("dtype").ValueKind is not JsonValueKind.Undefined && layer.Config.Get("trainable").ValueKind is not JsonValueKind.Undefined;
        var hasName = layer.Config.Get("name").ValueKind is not JsonValueKind.Undefined;
        if (!hasBase && (hasName || holdsLayers))
        {
            return (ModuleConstruction.SubclassedModel, Certainty.Likely("a custom layer whose get_config leaves out what its base class writes looks the same"));
        }

        // The arguments of Layer.__init__: what Keras 3 collects for a layer without an __init__ of its own. A Model's takes none of them.
        var isPlainLayer = layer.Config.Get("activity_regularizer").ValueKind is not JsonValueKind.Undefined && layer.Config.Get("autocast").ValueKind is not JsonValueKind.Undefined;
        if (isPlainLayer || (hasBase && !isKeras3 && !holdsLayers))
        {
            return (ModuleConstruction.CustomLayer, isPlainLayer ? Certainty.Certain : Certainty.Likely("a subclassed model with the same config is possible"));
        }

        _undecided.Add(KerasText.Quote(layer));
        return (ModuleConstruction.CustomLayer, Certainty.Likely("it may be a subclassed model: the file keeps only its class and config"));
    }

    /// <summary>Whether a class is not Keras' own.</summary>
    public static bool IsUsers(KerasLayer layer)
    {
        if (layer.ClassName.Contains('>', StringComparison.Ordinal))
        {
            return true;
        }

        if (layer.Module is { } module)
        {
            return !KerasClasses.IsOwnModule(module);
        }

        // Without a module the name decides; an operation's config is never trainable, a layer's says whether it is.
        return !KerasClasses.IsLayer(layer.ClassName) && !KerasClasses.IsGraph(layer.ClassName) && !KerasClasses.IsSequential(layer.ClassName)
            && !(KerasClasses.IsOperation(layer.ClassName) && layer.Config.Get("trainable").ValueKind is JsonValueKind.Undefined);
    }
}
