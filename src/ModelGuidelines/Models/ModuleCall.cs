using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>One call of a module during one forward pass of the root.</summary>
/// <remarks>Static formats expand: a module that its container calls once, in a container that is called twice, has two calls.
/// Calls stand in the order in which they run.</remarks>
public sealed record ModuleCall
{
    /// <summary>Index of the module that is called.</summary>
    public required int Module { get; init; }

    /// <summary>Index of the module whose code calls it; null where the file does not tell.</summary>
    public int? Caller { get; init; }

    /// <summary>The node, scope or call site that shows the call: <c>/relu_1/Relu</c>, <c>relu@1</c>.</summary>
    public string? Node { get; init; }

    public SourceLocation? Location { get; init; }

    /// <summary>How often the call runs: 1, or more in a loop.</summary>
    public int Times { get; init; } = 1;

    /// <summary>The branches in which it stands, outermost first; empty for a call that always runs.</summary>
    public ImmutableArray<BranchArm> Arms { get; init; } = [];

    /// <summary>Under which conditions the caller's code, at this place, calls the module; certain where it does in every run, and in formats that do not tell.</summary>
    public Certainty When { get; init; }

    /// <summary>A number that is the same for equal conditions under which this call alone is made, in whichever file; null in formats that do not tell.</summary>
    public ulong? WhenPrint { get; init; }

    /// <summary>Whether it is a further call of this module, and not one of another module.</summary>
    public Certainty Certainty { get; init; }

    /// <summary>It is made in other runs than those that the certainty of the module's calls names: in these it does not count.</summary>
    public bool IsOfOtherRuns { get; init; }
}
