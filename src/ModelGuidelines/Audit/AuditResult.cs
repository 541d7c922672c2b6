using System.Collections.Immutable;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Audit;

/// <summary>Why a file could not be audited.</summary>
/// <param name="Id">Stable: <c>MG.Onnx.Truncated</c>.</param>
/// <param name="Message">What is wrong and, where it helps, what to do.</param>
/// <param name="Offset">Bytes from the start of the file, where known.</param>
public sealed record AuditError(string Id, string Message, long? Offset);

/// <summary>What one guideline says of one file.</summary>
/// <param name="Guideline">Its id.</param>
/// <param name="Outcome">What it says.</param>
/// <param name="Reason">Why undecidable or not applicable; the blind spot behind a Pass.</param>
public sealed record GuidelineOutcome(string Guideline, Outcome Outcome, string? Reason);

/// <summary>A place that was not followed, with the guidelines that it can hide findings of.</summary>
/// <param name="What">What could not be followed.</param>
/// <param name="Location">Where; null when the whole file is meant.</param>
/// <param name="Hides">Ids of the guidelines, in the order of the catalog.</param>
/// <param name="Remedy">What would decide it.</param>
public sealed record UnfollowedPlace(string What, SourceLocation? Location, ImmutableArray<string> Hides, string? Remedy);

/// <summary>A finding that its author accepts.</summary>
/// <param name="Finding">What would be reported.</param>
/// <param name="By">The word of its author.</param>
public sealed record SuppressedFinding(Finding Finding, Suppression By);

/// <summary>The record that a guideline cannot be decided for a file.</summary>
/// <param name="Path">The file, as given.</param>
/// <param name="Format">Its format.</param>
/// <param name="Framework">Its framework.</param>
/// <param name="Guideline">The guideline's id.</param>
/// <param name="Reason">Why, where, and what would decide it.</param>
public sealed record Undecided(string Path, string Format, Framework Framework, string Guideline, string Reason)
{
    public Outcome Outcome => Outcome.Undecidable;

    public string Message => $"cannot be decided: {Reports.Printable.Text(Reason)}";

    /// <summary>The reason without names and places, by which reports group; the same for files that lack the same.</summary>
    public string Cause => Reports.UndecidedGroup.CauseOf(Reason);

    public override string ToString() => $"{Path}: {Guideline} cannot be decided: {Reason}";
}

/// <summary>All that is said of one file: exactly one per input, in the order of the inputs.</summary>
public sealed record AuditResult
{
    /// <summary>As given: the folder as given and the part below it.</summary>
    public required string Path { get; init; }

    /// <summary>Where it is; null where it could not be found.</summary>
    public string? FullPath { get; init; }

    /// <summary>The entry that was audited, as given; null: the whole file.</summary>
    public string? Entry { get; init; }

    /// <summary>Of a shard's file its place among all files of the audit; null where that is the place among these.</summary>
    public int? Order { get; init; }

    /// <summary>Name of the format; "" when none was recognised.</summary>
    public string Format { get; init; } = "";

    public string? Exporter { get; init; }

    public Framework Framework { get; init; }

    public TimeSpan Elapsed { get; init; }

    /// <summary>Null when the file was audited.</summary>
    public AuditError? Error { get; init; }

    public ImmutableArray<GuidelineOutcome> Guidelines { get; init; } = [];

    /// <summary>Places that were not followed: most hiding first, at most <see cref="MaximumGaps"/> of them.</summary>
    public ImmutableArray<UnfollowedPlace> Gaps { get; init; } = [];

    /// <summary>How many there are.</summary>
    public int GapCount { get; init; }

    /// <summary>More than anybody reads of one file.</summary>
    public const int MaximumGaps = 100;

    /// <summary>Places that violate a guideline; filtered by the settings.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>The model as it is drawn; only where the settings ask for it and something was found.</summary>
    public Reports.Pictures.Picture? Picture { get; init; }

    /// <summary>Guidelines that cannot be decided for this file.</summary>
    public IEnumerable<Undecided> Undecided => Guidelines.Where(g => g.Outcome is Outcome.Undecidable).Select(g => new Undecided(Path, Format, Framework, g.Guideline, g.Reason ?? ""));

    /// <summary>Findings the source suppresses.</summary>
    public int Suppressed { get; init; }

    /// <summary>These findings, each with what suppresses it; of every severity.</summary>
    public ImmutableArray<SuppressedFinding> SuppressedFindings { get; init; } = [];

    /// <summary>All that the source says of findings it accepts, whether or not there are any.</summary>
    public ImmutableArray<Suppression> Suppressions { get; init; } = [];

    /// <summary>Its hash, where it is known: nothing that is said of the file.</summary>
    internal Memory.ResultDigest? KnownDigest;
}

/// <summary>What to audit for.</summary>
public sealed record AuditSettings
{
    public static readonly AuditSettings Default = new();

    /// <summary>Ids of the guidelines to evaluate; empty: all. Wildcards * and ? are allowed.</summary>
    public ImmutableArray<string> Guidelines { get; init; } = [];

    /// <summary>Ids of guidelines to leave out.</summary>
    public ImmutableArray<string> ExcludedGuidelines { get; init; } = [];

    /// <summary>Qualified names of modules to leave out, with everything below them.</summary>
    public ImmutableArray<string> ExcludedModules { get; init; } = [];

    /// <summary>Exact qualified names of module classes for which the user has registered quantized definitions with AIMET.</summary>
    public ImmutableArray<string> DefinedClasses { get; init; } = [];

    /// <summary>Findings below it are not produced.</summary>
    public Severity MinimumSeverity { get; init; } = Severity.Warning;

    /// <summary>Reports name files of source by their full paths, instead of as they were given.</summary>
    public bool AbsolutePaths { get; init; }

    /// <summary>Full paths of folders in which Python's imports are sought behind the project's own files; see <see cref="Audit.SearchPath"/>.</summary>
    public ImmutableArray<string> SearchPath { get; init; } = [];

    /// <summary>Roles of modules that are no models (<see cref="Formats.RolesLeftOut.All"/>) and are audited all the same.</summary>
    public ImmutableArray<string> IncludedRoles { get; init; } = [];

    /// <summary>Takes what is left out because it is no model; null where nobody asks.</summary>
    public Formats.RolesLeftOut? LeftOut { get; init; }

    /// <summary>One finding per module, with places as the reader names them, instead of one per place: what repairs work on.</summary>
    public bool EveryInstance { get; init; }

    /// <summary>Texts that are read in place of the files of these full paths: what a repair is about to write; null: files are as they are.</summary>
    internal IReadOnlyDictionary<string, Python.Syntax.PythonFile>? Texts { get; init; }

    /// <summary>Results carry a picture of the model: what a report that shows one needs.</summary>
    public bool Pictures { get; init; }

    /// <summary>What a settings file says of paths and of accepted findings; null: nothing.</summary>
    public Configuration.AuditRules? Rules { get; init; }

    /// <summary>What earlier runs found, so that files that are as they were are not audited again; null: nothing is remembered.</summary>
    public Memory.AuditMemory? Memory { get; init; }

    /// <summary>Called after each input, in order, also after one that is no model; null: nobody asks.</summary>
    public Action? Advanced { get; init; }

    /// <summary>Files audited at a time; 0: as many as the machine has processors.</summary>
    public int Parallelism { get; init; }

    public Storage.ReadLimits Limits { get; init; } = Storage.ReadLimits.Default;

    /// <summary>Whether a finding is in a module that is left out.</summary>
    internal bool Excludes(string? module) => module is not null && ExcludedModules.Any(e => ModuleNames.Covers(e, module));

    /// <summary>Whether an audit leaves such a finding of an earlier one out, so that its absence tells nothing.</summary>
    /// <param name="finding">Of an earlier audit.</param>
    /// <param name="path">The full path of its file.</param>
    internal bool Hides(Finding finding, string path) =>
        Excludes(finding.Module) || finding.Instances.Any(Excludes) || (Rules is null ? finding.Severity : Rules.SeverityOf(finding, path)) is not { } severity || severity < MinimumSeverity;
}
