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
        // In one pass: a folder has tens of thousands of results.
        int files = 0, clean = 0, violating = 0, external = 0, undecidable = 0, suppressed = 0;
        Span<int> found = stackalloc int[3];
        foreach (var result in results.Where(r => r.Error is null))
        {
            files++;
            suppressed += result.Suppressed;
            var (fails, isDecided) = (false, true);
            foreach (var outcome in result.Guidelines)
            {
                fails |= outcome.Outcome is Outcome.Fail;
                isDecided &= outcome.Outcome is Outcome.Pass or Outcome.NotApplicable;
                undecidable += outcome.Outcome is Outcome.Undecidable ? 1 : 0;
            }

            violating += fails ? 1 : 0;
            clean += isDecided ? 1 : 0;
            foreach (var finding in result.Findings)
            {
                found[(int)finding.Severity]++;
                external += finding.External ? 1 : 0;
            }
        }

        return new()
        {
            Files = files,
            Clean = clean,
            Violating = violating,
            Unreadable = results.Count - files,
            Errors = found[(int)Severity.Error],
            Warnings = found[(int)Severity.Warning],
            Information = found[(int)Severity.Information],
            External = external,
            Undecidable = undecidable,
            Suppressed = suppressed,
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
