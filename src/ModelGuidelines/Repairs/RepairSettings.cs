using System.Collections.Immutable;
using ModelGuidelines.Repairs.Source;

namespace ModelGuidelines.Repairs;

/// <summary>What to repair, and where the result goes.</summary>
public sealed record RepairSettings
{
    public static readonly RepairSettings Default = new();

    /// <summary>Qualified names of modules to repair, wildcards allowed; empty: all.</summary>
    public ImmutableArray<string> Modules { get; init; } = [];

    /// <summary>Ids of the guidelines whose findings are repaired; empty: all that can be.</summary>
    public ImmutableArray<string> Guidelines { get; init; } = [];

    /// <summary>Qualified names of modules to leave alone, with everything below them; wildcards allowed.</summary>
    public ImmutableArray<string> ExcludedModules { get; init; } = [];

    /// <summary>The original is replaced.</summary>
    public bool InPlace { get; init; }

    /// <summary>A folder for the results; null: beside the originals.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Put before the extension of a result that stands beside its original.</summary>
    public string Suffix { get; init; } = ".repaired";

    /// <summary>Keep what is replaced, with <c>.bak</c>, <c>.bak2</c> and so on appended to its name.</summary>
    public bool Backup { get; init; }

    /// <summary>A result that stands there already is replaced.</summary>
    public bool Force { get; init; }

    /// <summary>Only say what would be changed.</summary>
    public bool WhatIf { get; init; }

    /// <summary>What a file's repair would change, further repairs of the run find changed: their diffs follow each other. Of <see cref="WhatIf"/> only.</summary>
    public bool Accumulates { get; init; }

    /// <summary>In source code: duplicate modules with parameters too, which then train apart.</summary>
    public bool IncludeWeighted { get; init; }

    /// <summary>In graphs: new modules read the first one's parameters instead of copies.</summary>
    public bool ShareParameters { get; init; }

    /// <summary>Full paths of the files that were named, or found in what was: a repair may change several of them together, and no other. Empty: only the file itself.</summary>
    public IReadOnlySet<string> Named { get; init; } = System.Collections.Frozen.FrozenSet<string>.Empty;

    /// <summary>The folder that was searched: its Python files may know the classes that are repaired; null: only what a file imports is looked at.</summary>
    public RepairFolder? Folder { get; init; }

    /// <summary>Runs original and result side by side; null: the proof by structure is enough.</summary>
    public IEquivalenceVerifier? Verifier { get; init; }

    /// <summary>Hears of what is being done; null: nobody listens.</summary>
    public IProgress<RepairProgress>? Progress { get; init; }

    /// <summary>Where the results of one run went, so that files of one name in several folders do not replace each other's; null: not watched.</summary>
    public RepairTargets? Targets { get; init; }

    /// <summary>Without an end of time: a repair copies weights, and somebody waits for it.</summary>
    public Storage.ReadLimits Limits { get; init; } = Storage.ReadLimits.Default.WithSeconds(0);
}
