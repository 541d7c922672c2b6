using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ModelGuidelines.Audit;

namespace ModelGuidelines.Reports;

/// <summary>Files for which one guideline cannot be decided for one reason.</summary>
/// <param name="Guideline">Its id.</param>
/// <param name="Cause">The reason without the names and places of single files.</param>
/// <param name="Files">One record per file, in the order of the results.</param>
public sealed partial record UndecidedGroup(string Guideline, string Cause, ImmutableArray<Undecided> Files)
{
    /// <summary>All groups, the largest first.</summary>
    public static ImmutableArray<UndecidedGroup> Of(IEnumerable<AuditResult> results) =>
    [
        .. results.SelectMany(r => r.Undecided)
            .GroupBy(u => (u.Guideline, u.Cause))
            .Select(g => new UndecidedGroup(g.Key.Guideline, g.Count() == 1 ? g.First().Reason : g.Key.Cause, [.. g]))
            .OrderByDescending(g => g.Files.Length).ThenBy(g => g.Guideline, StringComparer.Ordinal).ThenBy(g => g.Cause, StringComparer.Ordinal),
    ];

    /// <summary>The reason with each name as '…', and without the place before it and the number of further places behind it.</summary>
    public static string CauseOf(string reason) => Names().Replace(More().Replace(Place().Replace(reason, ""), ""), "'…'");

    [GeneratedRegex(@"^\S+:\d+(:\d+)?: ", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Place();

    [GeneratedRegex(@" \(and \d+ more places? that could not be followed\)$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex More();

    [GeneratedRegex(@"'[^']*'", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Names();
}
