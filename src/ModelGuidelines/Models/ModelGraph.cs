using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>The picture into which every format is translated, and all that guidelines see.</summary>
public sealed record ModelGraph
{
    public required Framework Framework { get; init; }

    /// <summary>Who wrote the file, with its version: <c>PyTorch 2.13.0 (TorchScript-based exporter)</c>; null when unknown.</summary>
    public string? Exporter { get; init; }

    /// <summary>All modules, parents before children; index 0 is the (first) root where one is known.</summary>
    public ImmutableArray<ModelModule> Modules { get; init; } = [];

    /// <summary>All calls of modules, in the order in which they run.</summary>
    public ImmutableArray<ModuleCall> Calls { get; init; } = [];

    /// <summary>All functions called by modules' own code, whether or not a guideline minds them, in order.</summary>
    public ImmutableArray<Operation> Operations { get; init; } = [];

    /// <summary>Values at modules' borders, as far as known; tensors included.</summary>
    public ImmutableArray<ModuleInterface> Interfaces { get; init; } = [];

    /// <summary>The nodes of the file's own graph, in order.</summary>
    public ImmutableArray<GraphNode> Nodes { get; init; } = [];

    /// <summary>What else is in the graph that AIMET's tools mind.</summary>
    public ImmutableArray<Observation> Observations { get; init; } = [];

    public GraphEvidence Evidence { get; init; } = new();

    /// <summary>Places that were not followed, in the order in which the reader met them.</summary>
    public ImmutableArray<Gap> Gaps { get; init; } = [];

    /// <summary>Files of installed packages that were followed, by the names that locations have for them, with their packages.</summary>
    public ImmutableSortedDictionary<string, string> ExternalFiles { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Those of them that are not read, and of which it is known all the same what they call: named as their package names them.</summary>
    public ImmutableHashSet<string> OutlinedFiles { get; init; } = [];

    /// <summary>Findings the author accepted in the source.</summary>
    public ImmutableArray<Suppression> Suppressions { get; init; } = [];

    /// <summary>For each module whether others are in it.</summary>
    internal bool[] Holders()
    {
        var holders = new bool[Modules.Length];
        foreach (var module in Modules)
        {
            if (module.Parent is { } parent)
            {
                holders[parent] = true;
            }
        }

        return holders;
    }
}
