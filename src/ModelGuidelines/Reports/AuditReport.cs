using System.Collections.Immutable;
using ModelGuidelines.Audit;

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
