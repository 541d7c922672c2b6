using System.Collections.Immutable;

namespace ModelGuidelines.Formats;

/// <summary>What the user says about source: where imports are found besides the project, and which model is meant.</summary>
public sealed record SourceOptions
{
    public static readonly SourceOptions Default = new();

    /// <summary>Full paths of folders in which imported packages are sought, in order, after the project's own.</summary>
    public ImmutableArray<string> SearchPath { get; init; } = [];

    /// <summary>The full path of the folder that the user named and in which the file was found: the project's other packages are sought there; null when the file was named itself.</summary>
    public string? Folder { get; init; }

    /// <summary>The one model that is meant; null: all that the file builds or defines.</summary>
    public ModelEntry? Entry { get; init; }

    /// <summary>Roles whose modules are audited though they are no models: <see cref="RolesLeftOut.All"/>.</summary>
    public ImmutableArray<string> IncludedRoles { get; init; } = [];

    /// <summary>Takes what is left out; null where nobody asks.</summary>
    public RolesLeftOut? LeftOut { get; init; }
}
