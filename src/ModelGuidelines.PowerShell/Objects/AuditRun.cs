namespace ModelGuidelines;

/// <summary>An audit in numbers.</summary>
public class AuditSummary
{
    internal AuditSummary(Reports.ReportSummary summary)
    {
        Files = summary.Files;
        Clean = summary.Clean;
        Violating = summary.Violating;
        Unreadable = summary.Unreadable;
        Errors = summary.Errors;
        Warnings = summary.Warnings;
        Information = summary.Information;
        Undecidable = summary.Undecidable;
        Suppressed = summary.Suppressed;
        _text = summary.ToString();
    }

    private readonly string _text;

    /// <summary>Files that were audited.</summary>
    public int Files { get; }

    /// <summary>Of them, those without a violation, all guidelines decided.</summary>
    public int Clean { get; }

    /// <summary>Of them, those with a violation.</summary>
    public int Violating { get; }

    /// <summary>Files that could not be audited.</summary>
    public int Unreadable { get; }

    public int Errors { get; }

    public int Warnings { get; }

    public int Information { get; }

    /// <summary>Guidelines left undecided, counted per file.</summary>
    public int Undecidable { get; }

    /// <summary>Findings that their authors accepted.</summary>
    public int Suppressed { get; }

    public override string ToString() => _text;
}

/// <summary>One run of Invoke-ModelAudit.</summary>
public sealed class AuditRun : AuditSummary
{
    internal AuditRun(Reports.ReportSummary summary)
        : base(summary)
    {
    }

    /// <summary>Whether nothing counts by -FailOn, and every file could be audited.</summary>
    public bool Succeeded { get; init; }

    public required string FailOn { get; init; }

    /// <summary>Findings that the baseline does not know; all without one.</summary>
    public int New { get; init; }

    /// <summary>Findings of the baseline that are gone.</summary>
    public int Fixed { get; init; }

    /// <summary>Findings that the baseline knows.</summary>
    public int Known { get; init; }

    /// <summary>Full paths of the reports that were written.</summary>
    public required ItemCollection<string> Reports { get; init; }

    public required ItemCollection<Finding> Findings { get; init; }

    public double Seconds { get; init; }
}

/// <summary>What became of a finding between two audits.</summary>
public sealed class FindingChange
{
    /// <summary>New, Fixed or Unchanged.</summary>
    public required string State { get; init; }

    public required string Guideline { get; init; }

    public required string Severity { get; init; }

    public required string Path { get; init; }

    public string? Module { get; init; }

    public required string Message { get; init; }

    public required string Fingerprint { get; init; }

    /// <summary>As it is in the difference; of a fixed one, as it was in the reference.</summary>
    public required Finding Finding { get; init; }

    public override string ToString() => $"{State}: {Finding}";
}
