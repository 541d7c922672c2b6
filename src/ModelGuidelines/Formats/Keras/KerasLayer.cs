using System.Collections.Immutable;
using System.Text.Json;
using ModelGuidelines.Formats.Keras.Libraries;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Keras;

/// <summary>What a layer's entry says it is made of.</summary>
internal enum KerasLayerKind
{
    /// <summary>A layer, or a model whose layers the config does not list.</summary>
    Leaf,

    /// <summary>Layers with inbound nodes.</summary>
    Graph,

    /// <summary>A list of layers.</summary>
    Sequential,

    /// <summary>What runs layers that it is given as arguments: TimeDistributed, Bidirectional, RNN, a library's model with its backbone.</summary>
    Wrapper,
}

/// <summary>One entry of a config: an object of the running model, or a second entry of one.</summary>
internal sealed class KerasLayer
{
    public required string Name { get; init; }

    /// <summary>"" for the root, else the containers' names and its own.</summary>
    public required string QualifiedName { get; init; }

    public required string ClassName { get; init; }

    /// <summary>The Python module, where the file keeps it.</summary>
    public string? Module { get; init; }

    /// <summary><c>vision>TinyVision</c>, where the file keeps it.</summary>
    public string? RegisteredName { get; init; }

    public required JsonElement Entry { get; init; }

    public required JsonElement Config { get; init; }

    public required KerasLayer? Parent { get; init; }

    public required KerasLayerKind Kind { get; init; }

    /// <summary>The argument in which a wrapper holds it: <c>layer</c>, <c>cell</c>; null elsewhere.</summary>
    public string? Role { get; init; }

    /// <summary>What a library's class builds of the arguments that are all the config keeps; null for classes that no table knows.</summary>
    public LibraryModel? Library { get; init; }

    /// <summary>Its place among its container's layers.</summary>
    public int Position { get; init; }

    public List<KerasLayer> Children { get; } = [];

    /// <summary>One per call within its container, in the order of the config.</summary>
    public List<KerasNode> Nodes { get; } = [];

    /// <summary>What the generations that write it say of an object that stands in the config more than once.</summary>
    public string? SharedObjectId { get; init; }

    /// <summary>The first entry of the same object; null when this is the first.</summary>
    public KerasLayer? Original { get; set; }

    /// <summary>Index in the graph's modules; of an entry that is not the first, the original's.</summary>
    public int Index { get; set; } = -1;

    public ModuleConstruction Construction { get; set; }

    public Certainty ConstructionCertainty { get; set; }

    public bool IsInput => ClassName is "InputLayer";

    public bool IsContainer => Kind is not KerasLayerKind.Leaf;

    /// <summary>Whether the config lists its layers.</summary>
    public bool IsGraphOfLayers => Kind is KerasLayerKind.Graph or KerasLayerKind.Sequential;
}

/// <summary>One call of a layer within its container.</summary>
/// <param name="Inputs">The tensors it gets, in order.</param>
internal sealed record KerasNode(ImmutableArray<KerasTensor> Inputs)
{
    /// <summary><c>relu#1 &lt;- conv_2</c>: the use, and what feeds it.</summary>
    public string Label { get; set; } = "";
}

/// <summary>An output of a layer's node.</summary>
/// <param name="Layer">The layer's name within the container.</param>
/// <param name="Node">As written: generations count differently, nothing may depend on it.</param>
/// <param name="Output">Which of the node's outputs.</param>
/// <param name="ElementType">Keras 3 only.</param>
/// <param name="Shape">Keras 3 only; default when unknown.</param>
internal readonly record struct KerasTensor(string Layer, int Node, int Output, string? ElementType = null, ImmutableArray<string> Shape = default);
