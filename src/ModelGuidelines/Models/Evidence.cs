namespace ModelGuidelines.Models;

/// <summary>How much of one kind of fact a file keeps.</summary>
public enum Completeness
{
    /// <summary>Nothing that could decide: the guideline is Undecidable.</summary>
    Absent,

    /// <summary>All but a known blind spot: nothing found is a Pass that names it.</summary>
    BlindSpots,

    /// <summary>All of it: nothing found is a Pass.</summary>
    Complete,
}

/// <summary>How complete the evidence for one kind of fact is.</summary>
/// <param name="Completeness">How much is kept.</param>
/// <param name="Reason">What is missing, and what would decide it; null when complete.</param>
public sealed record Evidence(Completeness Completeness, string? Reason)
{
    public static readonly Evidence Complete = new(Completeness.Complete, null);

    public static Evidence BlindSpots(string reason) => new(Completeness.BlindSpots, reason);

    public static Evidence Absent(string reason) => new(Completeness.Absent, reason);
}

/// <summary>The completeness of everything a guideline may ask for. A reader states each; what it does not state is absent.</summary>
public sealed record GraphEvidence
{
    private static readonly Evidence NotKept = Evidence.Absent("the format keeps no such facts");

    /// <summary>Which modules or layers there are, and how often each is called.</summary>
    public Evidence ModuleCalls { get; init; } = NotKept;

    /// <summary>Functions called by modules' own code.</summary>
    public Evidence Operations { get; init; } = NotKept;

    /// <summary>Values at the border of the root.</summary>
    public Evidence RootInterface { get; init; } = NotKept;

    /// <summary>Values at the borders of submodules.</summary>
    public Evidence SubmoduleInterfaces { get; init; } = NotKept;

    /// <summary>How models and layers are defined.</summary>
    public Evidence Construction { get; init; } = NotKept;

/// <summary>The classes of modules, and which have no modules inside.</summary>
    public Evidence ModuleTypes { get; init; } = NotKept;

    /// <summary>Whether containers are sliced in forward.</summary>
    public Evidence ContainerSlices { get; init; } = Evidence.BlindSpots("slices of a Sequential in forward show in the source only");

    /// <summary>Operators that run graphs of their own; null where that is no question of the format.</summary>
    public Evidence? ControlFlow { get; init; }

    /// <summary>Quantized operators and modules; null where that is no question of the format.</summary>
    public Evidence? Quantization { get; init; }

    /// <summary>Which operators read which weights; null where that is no question of the format.</summary>
    public Evidence? Initializers { get; init; }

    /// <summary>The evidence for each of these kinds of facts; null for what is no question of the format.</summary>
    public List<Evidence?> Of(GraphFacts facts)
    {
        var asked = new List<Evidence?>(2);
        Add(GraphFacts.ModuleCalls, ModuleCalls);
        Add(GraphFacts.Operations, Operations);
        Add(GraphFacts.RootInterface, RootInterface);
        Add(GraphFacts.SubmoduleInterfaces, SubmoduleInterfaces);
        Add(GraphFacts.Construction, Construction);
        Add(GraphFacts.ModuleTypes, ModuleTypes);
        Add(GraphFacts.ContainerSlices, ContainerSlices);
        Add(GraphFacts.ControlFlow, ControlFlow);
        Add(GraphFacts.Quantization, Quantization);
        Add(GraphFacts.Initializers, Initializers);
        return asked;

        void Add(GraphFacts fact, Evidence? evidence)
        {
            if (facts.HasFlag(fact))
            {
                asked.Add(evidence);
            }
        }
    }

    /// <summary>Nothing can be said, for one reason: a file of weights, an exporter that keeps no scopes.</summary>
    public static GraphEvidence AllAbsent(string reason)
    {
        var absent = Evidence.Absent(reason);
        return new() { ModuleCalls = absent, Operations = absent, RootInterface = absent, SubmoduleInterfaces = absent, Construction = absent, ModuleTypes = absent };
    }
}
