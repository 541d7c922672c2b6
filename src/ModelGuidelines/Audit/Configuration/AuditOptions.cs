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

    /// <summary>Names as they stand in a settings file, in the order in which they are shown.</summary>
    internal static ImmutableArray<(string Key, Func<AuditOptions, object?> Get, string Default)> Keys { get; } =
    [
        ("include", o => o.Include, "all models"),
        ("exclude", o => o.Exclude, "nothing"),
        ("gitignore", o => o.GitIgnore, "true"),
        ("followLinks", o => o.FollowLinks, "false"),
        ("guidelines", o => o.Guidelines, "all"),
        ("excludeGuidelines", o => o.ExcludedGuidelines, "none"),
        ("excludeModules", o => o.ExcludedModules, "none"),
        ("roles", o => o.IncludedRoles, "none"),
        ("minimumSeverity", o => o.MinimumSeverity, "warning"),
        ("failOn", o => o.FailOn, "warning"),
        ("failOnExternal", o => o.FailOnExternal, "false"),
        ("searchPath", o => o.SearchPath, "none"),
        ("entries", o => o.Entries, "none"),
        ("models", o => o.Models, "none"),
        ("aimet", o => o.DefinedClasses, "none"),
        ("timeLimit", o => o.TimeLimit, "60"),
        ("paths", o => o.Rules, "none"),
        ("suppressions", o => o.Suppressions, "none"),
        ("reports", o => o.Reports, "none"),
        ("baseline", o => o.Baseline, "none"),
        ("store", o => o.Store, "none"),
    ];

    /// <summary>These options, and where they say nothing the others.</summary>
    public AuditOptions Over(AuditOptions below) => new()
    {
        Include = Include ?? below.Include,
        Exclude = Exclude ?? below.Exclude,
        GitIgnore = GitIgnore ?? below.GitIgnore,
        FollowLinks = FollowLinks ?? below.FollowLinks,
        Guidelines = Guidelines ?? below.Guidelines,
        ExcludedGuidelines = ExcludedGuidelines ?? below.ExcludedGuidelines,
        ExcludedModules = ExcludedModules ?? below.ExcludedModules,
        IncludedRoles = IncludedRoles ?? below.IncludedRoles,
        MinimumSeverity = MinimumSeverity ?? below.MinimumSeverity,
        FailOn = FailOn ?? below.FailOn,
        FailOnExternal = FailOnExternal ?? below.FailOnExternal,
        SearchPath = SearchPath ?? below.SearchPath,
        Entries = Entries ?? below.Entries,
        Models = Models ?? (Entries is null ? below.Models : null),
        DefinedClasses = DefinedClasses ?? below.DefinedClasses,
        TimeLimit = TimeLimit ?? below.TimeLimit,
        Rules = Rules ?? below.Rules,
        Suppressions = Suppressions ?? below.Suppressions,
        Reports = Reports ?? below.Reports,
        Baseline = Baseline ?? below.Baseline,
        Store = Store ?? below.Store,
    };
}

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
