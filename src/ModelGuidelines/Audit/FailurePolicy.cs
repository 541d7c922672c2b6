using System.Globalization;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Audit;

/// <summary>From what on an audit counts as failed.</summary>
public enum FailOn
{
    /// <summary>Violations of severity Error.</summary>
    Error,

    /// <summary>Violations of severity Warning or Error.</summary>
    Warning,

    /// <summary>Violations of any severity.</summary>
    Information,

    /// <summary>Violations of severity Warning or Error, and guidelines that cannot be decided.</summary>
    Undecidable,

    /// <summary>Nothing that was found.</summary>
    Never,
}

/// <summary>What a result means for a script, independent of what of it is shown.</summary>
public static class FailurePolicy
{
    /// <summary>The least severity that decides.</summary>
    public static Severity Threshold(FailOn failOn) => failOn switch
    {
        FailOn.Error => Severity.Error,
        FailOn.Information => Severity.Information,
        _ => Severity.Warning,
    };

    /// <summary>Whether the result has something that counts. Findings below the threshold must have been produced.</summary>
    /// <param name="result">What was found in one file.</param>
    /// <param name="failOn">What counts.</param>
    /// <param name="external">Whether findings in installed packages count, which the user cannot edit.</param>
    public static bool Fails(AuditResult result, FailOn failOn, bool external = false) => failOn is not FailOn.Never
        && (result.Findings.Any(f => f.Severity >= Threshold(failOn) && (external || !f.External) && f.BaselineState != Baseline.Unchanged)
            || (failOn is FailOn.Undecidable && result.Guidelines.Any(g => g.Outcome is Outcome.Undecidable)));

    /// <summary>One sentence for people: whether an audit fails, and why.</summary>
    public static string Verdict(IReadOnlyCollection<AuditResult> results, FailOn failOn, bool external = false)
    {
        var failing = results.Count(r => Fails(r, failOn, external));
        var unread = results.Count(r => r.Error is not null);
        return failing > 0 ? string.Create(CultureInfo.InvariantCulture, $"Fails: {failing} of {results.Count} files have findings that count (from {failOn.ToString().ToLowerInvariant()} on).")
            : unread > 0 ? string.Create(CultureInfo.InvariantCulture, $"Fails: {unread} of {results.Count} files could not be audited.")
            : "Nothing that counts was found.";
    }

    /// <summary>The result without what is below a severity.</summary>
    public static AuditResult Filter(AuditResult result, Severity minimum) =>
        result with { Findings = result.Findings.RemoveAll(f => f.Severity < minimum), SuppressedFindings = result.SuppressedFindings.RemoveAll(s => s.Finding.Severity < minimum) };
}
