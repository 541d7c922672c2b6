using System.Collections.Immutable;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Audit.Configuration;

/// <summary>What one place asks for: a command line, or a settings file. What it does not say is null.</summary>
public sealed record AuditOptions
{
    /// <summary>Who asks, for people.</summary>
    public string Source { get; init; } = "default";

    /// <summary>Globs of the only files to audit of those that a search finds.</summary>
    public ImmutableArray<string>? Include { get; init; }

    /// <summary>Globs of files and folders to pass over in a search.</summary>
    public ImmutableArray<string>? Exclude { get; init; }

    /// <summary>What <see cref="Include"/> and <see cref="Exclude"/> are relative to.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether a search passes over what git ignores.</summary>
    public bool? GitIgnore { get; init; }

    /// <summary>Whether a search follows links that lead out of the folder that was named.</summary>
    public bool? FollowLinks { get; init; }

    public ImmutableArray<string>? Guidelines { get; init; }

    public ImmutableArray<string>? ExcludedGuidelines { get; init; }

    public ImmutableArray<string>? ExcludedModules { get; init; }

    /// <summary>Roles of modules that are no models and are audited all the same.</summary>
    public ImmutableArray<string>? IncludedRoles { get; init; }

    public Severity? MinimumSeverity { get; init; }

    public FailOn? FailOn { get; init; }

    public bool? FailOnExternal { get; init; }

    /// <summary>Full paths, and <see cref="SearchPath.Environment"/>.</summary>
    public ImmutableArray<string>? SearchPath { get; init; }

    public ImmutableArray<string>? Entries { get; init; }

    /// <summary>Models with names and arguments of their own, which take the place of their files.</summary>
    public ImmutableArray<Formats.ModelEntry>? Models { get; init; }

    /// <summary>Module classes for which the user has registered quantized definitions with AIMET, by exact qualified name.</summary>
    public ImmutableArray<string>? DefinedClasses { get; init; }

    /// <summary>Seconds for one file; 0: no end.</summary>
    public double? TimeLimit { get; init; }

    /// <summary>Guidelines and severities by path; of several that match the last decides.</summary>
    public ImmutableArray<PathRule>? Rules { get; init; }

    public ImmutableArray<FindingSuppression>? Suppressions { get; init; }

    public ImmutableArray<ReportRequest>? Reports { get; init; }

    /// <summary>A report whose findings are known; a path.</summary>
    public string? Baseline { get; init; }

    /// <summary>Where audits are kept: a file, or a server of databases; <see cref="AuditPlan.NoFile"/>: nowhere.</summary>
    public string? Store { get; init; }

    /// <summary>All options by their names in a settings file, in the order in which they are shown.</summary>
    internal static ImmutableArray<OptionKey> Keys { get; } =
    [
        new("include", "all models", o => o.Include, (o, other) => o with { Include = other.Include }),
        new("exclude", "nothing", o => o.Exclude, (o, other) => o with { Exclude = other.Exclude }),
        new("gitignore", "true", o => o.GitIgnore, (o, other) => o with { GitIgnore = other.GitIgnore }),
        new("followLinks", "false", o => o.FollowLinks, (o, other) => o with { FollowLinks = other.FollowLinks }),
        new("guidelines", "all", o => o.Guidelines, (o, other) => o with { Guidelines = other.Guidelines }, IsAskedElsewhere: true),
        new("excludeGuidelines", "none", o => o.ExcludedGuidelines, (o, other) => o with { ExcludedGuidelines = other.ExcludedGuidelines }, IsAskedElsewhere: true),
        new("excludeModules", "none", o => o.ExcludedModules, (o, other) => o with { ExcludedModules = other.ExcludedModules }, IsAskedElsewhere: true),
        new("roles", "none", o => o.IncludedRoles, (o, other) => o with { IncludedRoles = other.IncludedRoles }),
        new("minimumSeverity", "warning", o => o.MinimumSeverity, (o, other) => o with { MinimumSeverity = other.MinimumSeverity }, IsAskedElsewhere: true),
        new("failOn", "warning", o => o.FailOn, (o, other) => o with { FailOn = other.FailOn }, IsAskedElsewhere: true),
        new("failOnExternal", "false", o => o.FailOnExternal, (o, other) => o with { FailOnExternal = other.FailOnExternal }, IsAskedElsewhere: true),
        new("searchPath", "none", o => o.SearchPath, (o, other) => o with { SearchPath = other.SearchPath }, HoldsPaths: true),
        new("entries", "none", o => o.Entries, (o, other) => o with { Entries = other.Entries }),
        new("models", "none", o => o.Models, (o, other) => o with { Models = other.Models }),
        new("aimet", "none", o => o.DefinedClasses, (o, other) => o with { DefinedClasses = other.DefinedClasses }),
        new("timeLimit", "60", o => o.TimeLimit, (o, other) => o with { TimeLimit = other.TimeLimit }),
        new("paths", "none", o => o.Rules, (o, other) => o with { Rules = other.Rules }),
        new("suppressions", "none", o => o.Suppressions, (o, other) => o with { Suppressions = other.Suppressions }),
        new("reports", "none", o => o.Reports, (o, other) => o with { Reports = other.Reports }, IsAskedElsewhere: true),
        new("baseline", "none", o => o.Baseline, (o, other) => o with { Baseline = other.Baseline }, IsAskedElsewhere: true),
        new("store", "none", o => o.Store, (o, other) => o with { Store = other.Store }, IsAskedElsewhere: true, MayHoldSecrets: true),
    ];

    /// <summary>These options, and where they say nothing the others. Entries that are named leave no models of below.</summary>
    public AuditOptions Over(AuditOptions below)
    {
        var options = Keys.Aggregate(new AuditOptions(), (o, key) => key.Take(o, key.Get(this) is null ? below : this));
        return Models is null && Entries is not null ? options with { Models = null } : options;
    }
}

/// <summary>An option that a settings file can name.</summary>
/// <param name="Key">Its name there.</param>
/// <param name="Default">What holds where nobody says anything, for people.</param>
/// <param name="Get">Its value; null where it is not said.</param>
/// <param name="Take">The first with the value of the second.</param>
/// <param name="IsAskedElsewhere">Whether it decides nothing that is found, or another property of a <c>PartRequest</c> says it.</param>
/// <param name="HoldsPaths">Whether its texts are paths of this machine, which lie elsewhere on another.</param>
/// <param name="MayHoldSecrets">Whether a password may stand in it.</param>
internal sealed record OptionKey(string Key, string Default, Func<AuditOptions, object?> Get, Func<AuditOptions, AuditOptions, AuditOptions> Take, bool IsAskedElsewhere = false, bool HoldsPaths = false, bool MayHoldSecrets = false);

/// <summary>What holds for the files that match.</summary>
/// <param name="Match">Globs relative to the folder of the settings file; empty: every file.</param>
/// <param name="Guidelines">Only these; null: as elsewhere.</param>
/// <param name="ExcludedGuidelines">Not these; null: as elsewhere.</param>
/// <param name="Severities">By pattern of guideline; null switches its findings off.</param>
public sealed record PathRule(
    ImmutableArray<string> Match, ImmutableArray<string>? Guidelines, ImmutableArray<string>? ExcludedGuidelines, ImmutableArray<KeyValuePair<string, Severity?>> Severities)
{
    public override string ToString() => string.Join(", ", [
        Match.IsEmpty ? "every file" : string.Join(" ", Match),
        .. Guidelines is { } only ? [$"guidelines {string.Join(" ", only)}"] : Array.Empty<string>(),
        .. ExcludedGuidelines is { } not ? [$"without {string.Join(" ", not)}"] : Array.Empty<string>(),
        .. Severities.Select(s => $"{s.Key}={s.Value?.ToString().ToLowerInvariant() ?? "off"}")]);
}

/// <summary>Findings that are accepted: of files that can hold no comment.</summary>
/// <param name="Guideline">Id or pattern.</param>
/// <param name="Path">Globs relative to the folder of the settings file.</param>
/// <param name="Module">Qualified name or pattern; null: every module. A finding is accepted when it covers all modules at its place.</param>
/// <param name="Reason">Why.</param>
/// <param name="Expires">The last day; null: for ever.</param>
/// <param name="Line">Where that is said, 1-based.</param>
public sealed record FindingSuppression(string Guideline, ImmutableArray<string> Path, string? Module, string Reason, DateOnly? Expires, int Line)
{
    public override string ToString() => $"{Guideline} in {string.Join(" ", Path)}{(Module is null ? "" : $" at {Module}")}{(Expires is { } last ? $" until {last:yyyy-MM-dd}" : "")}: {Reason}";
}

/// <summary>A report to write.</summary>
/// <param name="Format">Name of a writer.</param>
/// <param name="File">Where.</param>
public sealed record ReportRequest(string Format, string File)
{
    public override string ToString() => $"{Format}={File}";
}
