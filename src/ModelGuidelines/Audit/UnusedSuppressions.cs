using System.Globalization;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Audit;

/// <summary>What accepts findings, in comments and in the settings file, where nothing is found any more: gathered over a run, for a file may be reached through others.</summary>
/// <param name="settings">Of the audit.</param>
/// <remarks>Only what the run can tell: of guidelines that were asked and decided, in files that were audited as a whole.</remarks>
public sealed class UnusedSuppressions(AuditSettings settings)
{
    private const int Shown = 5;
    private readonly List<Place> _candidates = [];
    private readonly HashSet<Place> _known = [];
    private readonly HashSet<Place> _spared = [];

    private sealed record Place(string File, int Line, string Guideline);

    /// <summary>Takes a file's result as the audit gave it.</summary>
    public void Add(AuditResult result)
    {
        foreach (var (_, by) in result.SuppressedFindings)
        {
            _spared.Add(Of(by, result));
        }

        // An entry is a part of its file, and so is what modules are left out of.
        if (result.Error is not null || result.Entry is not null || !settings.ExcludedModules.IsEmpty)
        {
            return;
        }

        // What other files hold is told where they are audited themselves.
        foreach (var by in result.Suppressions.Where(s => s.File is null || s.File == LocatedFiles.Plain(result.Path) || s.File == result.FullPath))
        {
            See(Of(by, result), result);
        }

        foreach (var by in settings.Rules?.AcceptingIn(result.FullPath ?? "") ?? [])
        {
            See(new(settings.Rules!.Source, by.Line, by.Guideline), result);
        }
    }

    /// <summary>A line for each of the first, and one for the others.</summary>
    /// <param name="listing">What lists all, such as <c>Get-ModelSuppression -Unused</c>; null where nothing does: all are told.</param>
    public IEnumerable<string> Lines(string? listing)
    {
        var used = _spared.Select(p => (p.File, p.Line)).ToHashSet();
        var unused = _candidates.Where(c => !_spared.Contains(c) && !(c.File == settings.Rules?.Source && used.Contains((c.File, c.Line)))).ToList();
        foreach (var (file, line, guideline) in unused.Take(listing is null ? unused.Count : Shown))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Printable.Text(file)}:{line}: {(guideline == "*" ? "the suppression of all guidelines" : $"the suppression of {guideline}")} suppresses nothing of what was audited");
        }

        if (listing is not null && unused.Count > Shown)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{unused.Count - Shown} more suppressions suppress nothing of it; {listing} lists them");
        }
    }

    private static Place Of(Suppression by, AuditResult result) => new(by.File ?? result.Path, by.FirstLine, by.Guideline);

    private void See(Place place, AuditResult result)
    {
        var asked = result.Guidelines.Where(g => GuidelineCatalog.Matches(place.Guideline, g.Guideline)).ToList();
        if (asked.Count == 0 || asked.Exists(g => g.Outcome is Outcome.Undecidable))
        {
            _spared.Add(place);
        }
        else if (_known.Add(place))
        {
            _candidates.Add(place);
        }
    }
}
