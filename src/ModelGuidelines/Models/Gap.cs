namespace ModelGuidelines.Models;

/// <summary>Kinds of facts that a guideline asks for, and that a file or a gap can keep from it.</summary>
[Flags]
public enum GraphFacts
{
    None = 0,

    /// <summary>Which modules or layers there are, and how often each is called.</summary>
    ModuleCalls = 1,

    /// <summary>Functions called by modules' own code.</summary>
    Operations = 2,

    /// <summary>Values at the border of the root.</summary>
    RootInterface = 4,

    /// <summary>Values at the borders of submodules.</summary>
    SubmoduleInterfaces = 8,

    /// <summary>How models and layers are defined.</summary>
    Construction = 16,

    /// <summary>The classes of modules, and which have no modules inside.</summary>
    ModuleTypes = 32,

    /// <summary>Containers that are sliced in forward.</summary>
    ContainerSlices = 64,

    /// <summary>Operators that run graphs of their own.</summary>
    ControlFlow = 128,

    /// <summary>Quantized operators and modules.</summary>
    Quantization = 256,

    /// <summary>Which operators read which weights.</summary>
    Initializers = 512,

    /// <summary>Whatever a guideline could ask for.</summary>
    All = ModuleCalls | Operations | RootInterface | SubmoduleInterfaces | Construction | ModuleTypes | ContainerSlices | ControlFlow | Quantization | Initializers,
}

/// <summary>A place that a reader could not follow: what stands behind it may hide findings, so nothing found is no Pass.</summary>
/// <param name="What">A clause without its place: <c>'self.blocks[i]' may be any of its modules</c>.</param>
/// <param name="Location">Where; null when the whole file is meant.</param>
/// <param name="Hides">The facts that may be missing because of it.</param>
/// <param name="Remedy">What would decide it, as an imperative: <c>pass --search-path with the folder of timm</c>; null when nothing known does.</param>
public sealed record Gap(string What, SourceLocation? Location, GraphFacts Hides, string? Remedy = null)
{
    /// <summary>Place, what and remedy in one line.</summary>
    public override string ToString() => $"{(Location is null ? "" : $"{Location}: ")}{What}{(Remedy is null ? "" : $"; {Remedy}")}";
}
