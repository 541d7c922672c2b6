using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>An audit in numbers.</summary>
public sealed record ReportSummary
{
    /// <summary>Files that were audited.</summary>
    public int Files { get; init; }

    /// <summary>Of them, those without a violation, all guidelines decided.</summary>
    public int Clean { get; init; }

    /// <summary>Of them, those with a violation.</summary>
    public int Violating { get; init; }

    /// <summary>Files that could not be audited.</summary>
    public int Unreadable { get; init; }

    public int Errors { get; init; }

    public int Warnings { get; init; }

    public int Information { get; init; }

    /// <summary>Of the errors, warnings and notes, those in installed packages.</summary>
    public int External { get; init; }

    /// <summary>Guidelines left undecided, counted per file.</summary>
    public int Undecidable { get; init; }

    /// <summary>Findings that the source suppresses.</summary>
    public int Suppressed { get; init; }

    public static ReportSummary Of(IReadOnlyCollection<AuditResult> results)
    {
        var audited = results.Where(r => r.Error is null).ToList();
        int Count(Severity severity) => audited.Sum(r => r.Findings.Count(f => f.Severity == severity));
        return new()
        {
            Files = audited.Count,
            Clean = audited.Count(r => r.Guidelines.All(g => g.Outcome is Outcome.Pass or Outcome.NotApplicable)),
            Violating = audited.Count(r => r.Guidelines.Any(g => g.Outcome is Outcome.Fail)),
            Unreadable = results.Count - audited.Count,
            Errors = Count(Severity.Error),
            Warnings = Count(Severity.Warning),
            Information = Count(Severity.Information),
            External = audited.Sum(r => r.Findings.Count(f => f.External)),
            Undecidable = audited.Sum(r => r.Guidelines.Count(g => g.Outcome is Outcome.Undecidable)),
            Suppressed = audited.Sum(r => r.Suppressed),
        };
    }

    /// <summary>Two audits in numbers.</summary>
    public ReportSummary Plus(ReportSummary other) => new()
    {
        Files = Files + other.Files,
        Clean = Clean + other.Clean,
        Violating = Violating + other.Violating,
        Unreadable = Unreadable + other.Unreadable,
        Errors = Errors + other.Errors,
        Warnings = Warnings + other.Warnings,
        Information = Information + other.Information,
        External = External + other.External,
        Undecidable = Undecidable + other.Undecidable,
        Suppressed = Suppressed + other.Suppressed,
    };

    public override string ToString()
    {
        var parts = new List<string>
        {
            Number(Files, "file audited", "files audited"),
            Number(Clean, "clean", "clean"),
            Number(Errors, "error", "errors"),
            Number(Warnings, "warning", "warnings"),
        };
        Add(parts, Information, "note", "notes");
        Add(parts, External, "of them in an installed package", "of them in installed packages");
        Add(parts, Undecidable, "undecided", "undecided");
        Add(parts, Suppressed, "suppressed", "suppressed");
        Add(parts, Unreadable, "file could not be audited", "files could not be audited");
        return string.Join(", ", parts);
    }

    private static void Add(List<string> parts, int number, string one, string many)
    {
        if (number > 0)
        {
            parts.Add(Number(number, one, many));
        }
    }

    private static string Number(int number, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : many)}");
}
