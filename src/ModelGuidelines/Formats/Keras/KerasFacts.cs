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

    /// <summary>What the file tells of its objects elsewhere; null where it has nothing.</summary>
    public IKerasEvidence? Evidence { get; init; }
}

/// <summary>What a file tells of its objects beside the config: by the names of its weights (no weight is read), or by a graph of saved objects.</summary>
internal interface IKerasEvidence
{
    /// <summary>How the object holds its layers.</summary>
    KerasLayout LayoutOf(KerasLayer layer);

    /// <summary>Names of the variables of a layer of the root graph; default when unknown.</summary>
    ImmutableArray<string> VariablesOf(KerasLayer layer);

    /// <summary>The identity of the object behind an entry; null when unknown.</summary>
    int? ObjectOf(KerasLayer layer) => null;
}

/// <summary>How an object holds its layers.</summary>
internal enum KerasLayout
{
    /// <summary>The file does not tell.</summary>
    Unknown,

    /// <summary>As the layers of a graph or list: it is Functional or Sequential, whatever its class.</summary>
    GraphOfLayers,

    /// <summary>Below <c>layers</c>, as a model that is no graph does, and a layer whose attribute has that name.</summary>
    Model,

    /// <summary>Only variables of its own, or none: a layer.</summary>
    OwnVariables,

    /// <summary>As attributes, as a layer that holds layers does.</summary>
    Attributes,

    /// <summary>The file says that it is a model, and no graph.</summary>
    SavedAsModel,

    /// <summary>The file says that it is a layer.</summary>
    SavedAsLayer,
}
