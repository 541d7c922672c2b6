namespace ModelGuidelines.Models;

/// <summary>One value at the border of a module: an argument of its forward, or what it returns.</summary>
public sealed record ModuleInterface
{
    /// <summary>Index of the module.</summary>
    public required int Module { get; init; }

    public required ValueDirection Direction { get; init; }

    /// <summary>The argument's index ("0") or name; of an output its index when the forward returns several, else "0".</summary>
    public required string Argument { get; init; }

    public required ModelValueType Type { get; init; }

    public SourceLocation? Location { get; init; }

    public Certainty Certainty { get; init; }
}

/// <summary>Which side of a module a value is on.</summary>
public enum ValueDirection
{
    /// <summary>An argument of forward.</summary>
    Input,

    /// <summary>A value that forward returns.</summary>
    Output,
}
