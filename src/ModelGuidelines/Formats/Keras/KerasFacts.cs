using System.Collections.Immutable;

namespace ModelGuidelines.Formats.Keras;

/// <summary>What a file says beside the config, and what its kind of file keeps.</summary>
internal sealed record KerasFacts
{
    /// <summary>What the config stands in, for messages: <c>config.json</c>.</summary>
    public required string Where { get; init; }

    /// <summary><c>3.15.1</c>; null when unknown.</summary>
    public string? KerasVersion { get; init; }

    /// <summary><c>tensorflow</c>, <c>torch</c>, <c>jax</c>.</summary>
    public string? Backend { get; init; }

    /// <summary>Whether every object that stands in the config more than once carries a <c>shared_object_id</c>: so in <c>.keras</c> of every generation.</summary>
    public bool KeepsSharedObjects { get; init; }

    /// <summary>What the names of the weights tell; null where the file has none.</summary>
    public IKerasWeightNames? Weights { get; init; }
}

/// <summary>What the names of a file's weights tell of the objects that own them. Names only: no weight is read.</summary>
internal interface IKerasWeightNames
{
    /// <summary>How the object at that qualified name ("" is the root) holds its layers.</summary>
    KerasWeightLayout LayoutOf(KerasLayer layer);

    /// <summary>Names of the variables of a layer of the root graph; default when unknown.</summary>
    ImmutableArray<string> VariablesOf(KerasLayer layer);
}

/// <summary>How an object holds its layers, as its weights are named.</summary>
internal enum KerasWeightLayout
{
    /// <summary>The names do not tell.</summary>
    Unknown,

    /// <summary>As the layers of a graph or list, an input layer among them: it is Functional or Sequential, whatever its class.</summary>
    GraphOfLayers,

    /// <summary>As the layers of a model that is no graph.</summary>
    Model,

    /// <summary>Only variables of its own, or none: a layer.</summary>
    OwnVariables,

    /// <summary>As attributes, as a layer that holds layers does.</summary>
    Attributes,
}
