using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>A module (PyTorch) or layer (Keras): one object of the running model.</summary>
/// <remarks>Modules refer to each other by their index in <see cref="ModelGraph.Modules"/>. One object is one entry,
/// under however many names it is registered.</remarks>
public sealed record ModelModule
{
    /// <summary>The name as the framework gives it: <c>layer1.0.relu</c>, the root is "", Keras <c>encoder/dense_1</c>.</summary>
    public required string QualifiedName { get; init; }

    /// <summary>What the module is, where the file does not keep its name: <c>conv2d with the weight 'c0'</c>. <see cref="QualifiedName"/> then only tells it apart.</summary>
    public string? Unnamed { get; init; }

    /// <summary>The class, qualified as far as the file tells: <c>torch.nn.modules.activation.ReLU</c>, <c>keras.layers.Dense</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The class exactly as a running model names it (<c>type(m).__module__</c> and its name), where that is more than <see cref="Type"/>: <c>torch.nn.modules.linear.Linear</c> for <c>torch.nn.Linear</c>.</summary>
    public string? ExactType { get; init; }

    /// <summary>Index of the module that holds it; null for a root.</summary>
    public int? Parent { get; init; }

    /// <summary>Names of its own parameters and buffers, not of its submodules': <c>weight</c>, <c>bias</c>.</summary>
    public ImmutableArray<string> Parameters { get; init; } = [];

    /// <summary>Other qualified names under which the same object is registered.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Whose code it is.</summary>
    public ModuleOrigin Origin { get; init; }

    /// <summary>How the class is defined, where the framework offers several ways (Keras).</summary>
    public ModuleConstruction Construction { get; init; }

    /// <summary>How sure <see cref="Construction"/> is.</summary>
    public Certainty ConstructionCertainty { get; init; }

    /// <summary>Whether it holds, or may hold, modules; null: as others name it as their parent.</summary>
    public bool? MayHoldModules { get; init; }

    /// <summary>When it is there at all: source builds some modules only at times.</summary>
    public Certainty Existence { get; init; }

    /// <summary>When it is there and holds no modules; only where <see cref="MayHoldModules"/> is false.</summary>
    public Certainty Emptiness { get; init; }

    /// <summary>In inference its forward gives back what it is given: <c>if not self.training: return x</c>.</summary>
    public bool IsPassive { get; init; }

    /// <summary>Its forward runs that of its class in torch.nn, too: what it calls beside that is not all that it computes.</summary>
    public bool RunsInherited { get; init; }

    /// <summary>The class of the root it belongs to, where one file defines several models (Python source); null elsewhere.</summary>
    public string? Model { get; init; }

    /// <summary>A number that is the same for modules that are made alike: the constructor's arguments, and numbers and texts among the attributes; 0 in formats that do not tell.</summary>
    internal ulong Making { get; init; }

    /// <summary>Where it is defined (the attribute in <c>__init__</c>, the class), where the format keeps it.</summary>
    public SourceLocation? Location { get; init; }

    /// <summary>Where its forward is defined, where the format keeps it.</summary>
    public SourceLocation? Definition { get; init; }

    /// <summary>The last part of <see cref="Type"/>.</summary>
    public string? TypeName => Type?[(Type.LastIndexOfAny(['.', '>']) + 1)..];
}

/// <summary>Whose code a module runs.</summary>
public enum ModuleOrigin
{
    /// <summary>The file does not say.</summary>
    Unknown,

    /// <summary>The framework's own: <c>torch.nn</c>, <c>keras.layers</c>. What happens inside is not the user's.</summary>
    Framework,

    /// <summary>The user's or a third library's.</summary>
    User,
}

/// <summary>How a model or layer is defined.</summary>
public enum ModuleConstruction
{
    /// <summary>Not a question in this framework, or the file does not say.</summary>
    Unknown,

    /// <summary>A layer of the framework.</summary>
    BuiltIn,

    /// <summary>A graph of layers between named inputs and outputs.</summary>
    Functional,

    /// <summary>A list of layers.</summary>
    Sequential,

    /// <summary>A model whose forward pass is the user's own code.</summary>
    SubclassedModel,

    /// <summary>A layer whose forward pass is the user's own code.</summary>
    CustomLayer,
}
