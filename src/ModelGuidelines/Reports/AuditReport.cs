using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>What a writer gets: all results of one audit, each place in the file that holds it, and how the audit was run.</summary>
/// <param name="Results">In the order of the inputs.</param>
public sealed record AuditReport(IReadOnlyList<AuditResult> Results)
{
    public RunInfo Run { get; init; } = new();

    /// <summary>SARIF lists findings that are accepted, too, with who accepts them. Not by default: GitHub shows them as if nobody did.</summary>
    public bool IncludeSuppressed { get; init; }

    public ReportSummary Summary => ReportSummary.Of(Results);

    /// <summary>The report for people: equal blocks of a graph file are one finding with the names of all.</summary>
    public AuditReport ByPlace() => this with { Results = [.. Results.Select(r => r.Findings.Length < 2 ? r : r with { Findings = Places.ForPeople(r.Findings) })] };
}

/// <summary>How an audit was run: what somebody needs to run it again.</summary>
public sealed record RunInfo
{
    /// <summary>The settings file in force; null when there was none.</summary>
    public string? Settings { get; init; }

    /// <summary>Which part of the files this run took: <c>3/16</c>; null: all.</summary>
    public string? Shard { get; init; }

    /// <summary>Of a part: what the audit was asked, so that whoever merges the parts says what one run would have said; null for a whole one.</summary>
    public PartRequest? Asked { get; init; }

    public ImmutableArray<string> SearchPath { get; init; } = [];

    public ImmutableArray<string> Entries { get; init; } = [];

    /// <summary>How many modules of each role were left out because they are no models.</summary>
    public ImmutableSortedDictionary<string, int> LeftOut { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>The baseline it was compared with; null when there was none.</summary>
    public string? Baseline { get; init; }

    /// <summary>Whether the report is a baseline, which counts nothing: branches that change it would conflict at every number.</summary>
    internal bool IsBaseline { get; init; }

    /// <summary>Findings of the baseline that are gone.</summary>
    public int? Fixed { get; init; }

    /// <summary>What a store holds of runs of the same repository, the oldest first and this one last; empty without a store.</summary>
    public ImmutableArray<PastRun> History { get; init; } = [];
}

/// <summary>What an audit of which this is a part was asked.</summary>
public sealed record PartRequest
{
    /// <summary>What counts as failed.</summary>
    public FailOn FailOn { get; init; } = FailOn.Warning;

    /// <summary>Whether findings in installed packages count.</summary>
    public bool FailOnExternal { get; init; }

    /// <summary>What is less severe is not in the report.</summary>
    public Severity MinimumSeverity { get; init; } = Severity.Warning;

    /// <summary>Guidelines that were evaluated; empty: all.</summary>
    public ImmutableArray<string> Guidelines { get; init; } = [];

    /// <summary>Guidelines that were not.</summary>
    public ImmutableArray<string> ExcludedGuidelines { get; init; } = [];

    /// <summary>Modules that were left out.</summary>
    public ImmutableArray<string> ExcludedModules { get; init; } = [];

    /// <summary>All else that decides which files are audited and what is found, as a settings file says it: <c>exclude: old/**</c>.</summary>
    public ImmutableArray<string> Settings { get; init; } = [];

    /// <summary>Whether the part by itself fails, by findings that the report may leave out, too.</summary>
    public bool Fails { get; init; }

    /// <summary>The options as they are written, but for what came of them.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"--fail-on {FailOn} --minimum-severity {MinimumSeverity}{(FailOnExternal ? " --fail-on-external" : "")}{List(" --guideline ", Guidelines)}{List(" --exclude-guideline ", ExcludedGuidelines)}{List(" --exclude-module ", ExcludedModules)}").ToLowerInvariant() + List(", ", Settings);

    private static string List(string option, ImmutableArray<string> texts) => string.Concat(texts.Order(StringComparer.Ordinal).Select(t => option + t));
}
