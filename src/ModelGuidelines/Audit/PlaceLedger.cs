using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Audit;

/// <summary>Sees to it that an audit reports a place once, in the file that holds it, however many files import that.</summary>
/// <remarks>For a whole report <see cref="Collate"/> brings everything together. Where results must go out as they come, <see cref="Settle"/>
/// reports a place when it is first seen and leaves it out later; then its instances are those of the first file only.</remarks>
public sealed class PlaceLedger
{
    // Hashes, so that the memory of a long audit stays flat.
    private readonly HashSet<ulong> _seen = [];

    /// <summary>The result without the places that an earlier one has reported.</summary>
    public AuditResult Settle(AuditResult result)
    {
        if (!result.Findings.Any(f => f.SourcePath is not null))
        {
            return result;
        }

        return result with
        {
            Findings =
            [
                .. result.Findings
                    .Where(f => f.SourcePath is null || _seen.Add(BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes($"{f.SourcePath}\n{f.Place}")))))
                    .Select(f => IsForeign(f, result) ? f with { Path = f.Location!.File } : f),
            ],
        };
    }

    /// <summary>The results with each place in the one of the file that holds it; where that file was not audited, in the first that reached it.</summary>
    public static IReadOnlyList<AuditResult> Collate(IReadOnlyList<AuditResult> results)
    {
        var holders = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i] is { Error: null, FullPath: { } path })
            {
                holders.TryAdd(path, i);
            }
        }

        var firsts = new Dictionary<string, int>(StringComparer.Ordinal);
        var moved = new SortedDictionary<int, List<Finding>>();
        var kept = new AuditResult[results.Count];
        for (var i = 0; i < results.Count; i++)
        {
            var result = results[i];

            // A file that is audited for several entries is several results; its places stand in the first.
            bool IsAway(Finding f) => IsForeign(f, result) || (f.SourcePath is not null && holders[f.SourcePath] != i);
            if (!result.Findings.Any(IsAway))
            {
                kept[i] = result;
                continue;
            }

            var own = ImmutableArray.CreateBuilder<Finding>();
            foreach (var finding in result.Findings)
            {
                var home = !IsAway(finding) ? i
                    : holders.TryGetValue(finding.SourcePath!, out var holder) ? holder
                    : firsts.TryGetValue(finding.Place, out var first) ? first
                    : firsts[finding.Place] = i;
                if (home == i)
                {
                    own.Add(finding);
                }
                else
                {
                    (moved.TryGetValue(home, out var list) ? list : moved[home] = []).Add(finding with { Path = results[home].Path });
                }
            }

            kept[i] = result with { Findings = own.ToImmutable(), Guidelines = Elsewhere(result, own) };
        }

        foreach (var (home, findings) in moved)
        {
            var result = kept[home];
            var merged = Places.Merge(result.Findings.Concat(findings))
                .OrderBy(f => Rank(result, f)).ThenBy(f => f.Location!.Line).ThenBy(f => f.Location!.Column);
            kept[home] = result with { Findings = Fingerprints.Stamp(merged), Guidelines = result.Entry is null ? [.. result.Guidelines.Select(g => Outcome(g, findings))] : result.Guidelines };
        }

        return kept;
    }

    private static bool IsForeign(Finding finding, AuditResult result) => finding.SourcePath is { } path && path != result.FullPath;

    private static int Rank(AuditResult result, Finding finding)
    {
        for (var i = 0; i < result.Guidelines.Length; i++)
        {
            if (result.Guidelines[i].Guideline == finding.Guideline)
            {
                return i;
            }
        }

        return int.MaxValue;
    }

    /// <summary>Says of a guideline that fails only through what the file reaches where that is reported.</summary>
    private static ImmutableArray<GuidelineOutcome> Elsewhere(AuditResult result, ImmutableArray<Finding>.Builder own) =>
    [
        .. result.Guidelines.Select(g =>
        {
            var places = result.Findings.Where(f => f.Guideline == g.Guideline && f.Severity >= Severity.Warning).ToList();
            return g.Outcome is not Guidelines.Outcome.Fail || places.Count == 0 || own.Any(f => f.Guideline == g.Guideline && f.Severity >= Severity.Warning) ? g
                : g with { Reason = string.Create(CultureInfo.InvariantCulture, $"what it uses is reported where it stands: {places[0].Location}{(places.Count > 1 ? $" and {places.Count - 1} more" : "")}") };
        }),
    ];

    private static GuidelineOutcome Outcome(GuidelineOutcome outcome, List<Finding> moved) =>
        outcome.Outcome is Guidelines.Outcome.Pass or Guidelines.Outcome.Undecidable && moved.Exists(f => f.Guideline == outcome.Guideline && f.Severity >= Severity.Warning)
            ? outcome with { Outcome = Guidelines.Outcome.Fail, Reason = outcome.Reason }
            : outcome;
}
