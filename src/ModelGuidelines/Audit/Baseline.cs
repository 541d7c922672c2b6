using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>What became of a finding.</summary>
public enum FindingState
{
    /// <summary>The reference does not know it.</summary>
    New,

    /// <summary>The reference knows it.</summary>
    Unchanged,

    /// <summary>It is gone.</summary>
    Fixed,
}

/// <summary>Tells what is new, fixed and unchanged against an earlier audit.</summary>
/// <remarks>A finding is the same where guideline and fingerprint are: in the same file first, then in one that the earlier audit does not know, for one that
/// is not audited any more: a file that was renamed. The fingerprint says what stands there, not where, so lines and models may move.
/// Each finding of the reference answers for one.</remarks>
public static class Baseline
{
    /// <summary>The state of a finding that the baseline knows.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>An audit with the state of each finding, and what of the baseline is gone.</summary>
    /// <param name="baseline">The earlier audit.</param>
    /// <param name="results">The audit.</param>
    /// <param name="isGone">Whether a file of the baseline that was not audited is gone, so that its findings are fixed.</param>
    public static (IReadOnlyList<AuditResult> Results, IReadOnlyList<Finding> Fixed) Mark(IEnumerable<AuditResult> baseline, IReadOnlyList<AuditResult> results, Func<string, bool> isGone)
    {
        var changes = Compare(baseline, results, isGone);
        var states = changes.GetEnumerator();
        string State() => states.MoveNext() && states.Current.State is FindingState.New ? "new" : Unchanged;
        return ([.. results.Select(r => r with { Findings = [.. r.Findings.Select(f => f with { BaselineState = State() })] })], [.. changes.Where(c => c.State is FindingState.Fixed).Select(c => c.Finding)]);
    }

    /// <summary>The findings of an audit with their states, then those of the reference that are gone.</summary>
    /// <param name="reference">The earlier audit.</param>
    /// <param name="difference">The later one.</param>
    /// <param name="isGone">Whether a file of the reference that was not audited is gone, so that its findings are; null: all are.</param>
    public static IReadOnlyList<(FindingState State, Finding Finding)> Compare(IEnumerable<AuditResult> reference, IEnumerable<AuditResult> difference, Func<string, bool>? isGone = null)
    {
        var (before, after) = (reference.ToList(), difference.ToList());
        var open = new LinkedList<Finding>(FindingsOf(before));
        var found = FindingsOf(after).ToList();
        var audited = Paths(after);
        var isKnown = new bool[found.Count];
        var known = Paths(before);
        Match(found, isKnown, open, f => (f.Path, f.Guideline, f.Fingerprint), _ => true, _ => true);
        Match(found, isKnown, open, f => ("", f.Guideline, f.Fingerprint), f => !audited.Contains(f.Path), f => !known.Contains(f.Path));
        return
        [
            .. found.Select((f, i) => (isKnown[i] ? FindingState.Unchanged : FindingState.New, f)),
            .. open.Where(f => isGone is null || audited.Contains(f.Path) || isGone(f.Path)).Select(f => (FindingState.Fixed, f)),
        ];
    }

    /// <summary>A report that was written before.</summary>
    /// <exception cref="ModelReadException">It is none, or cannot be read.</exception>
    public static IReadOnlyList<AuditResult> Read(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            return ReportReader.Read(stream);
        }
        catch (ModelReadException e)
        {
            throw new ModelReadException(e.Id, $"the baseline '{file}' cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelReadException("MG.Input.NotFound", $"there is no baseline '{file}'; updating it writes one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelReadException("MG.Input.Unreadable", $"the baseline '{file}' cannot be read: {e.Message}");
        }
    }

    /// <summary>What a later audit is compared with: sorted, and without what differs from run to run, so that a review shows what changed.</summary>
    public static IReadOnlyList<AuditResult> Sorted(IEnumerable<AuditResult> results) =>
    [
        .. results.OrderBy(r => r.Path, StringComparer.Ordinal).Select(r => r with
        {
            Elapsed = default,
            Gaps = [],
            GapCount = 0,
            Findings = [.. r.Findings.Select(f => f with { BaselineState = null }).OrderBy(f => f.Guideline, StringComparer.Ordinal).ThenBy(f => f.Fingerprint, StringComparer.Ordinal)],
        }),
    ];

    private static IEnumerable<Finding> FindingsOf(IEnumerable<AuditResult> results) => results.SelectMany(r => r.Findings);

    private static HashSet<string> Paths(IEnumerable<AuditResult> results) => results.Select(r => r.Path).ToHashSet(StringComparer.Ordinal);

    private static void Match(
        List<Finding> after, bool[] isKnown, LinkedList<Finding> open, Func<Finding, (string, string, string)> key, Func<Finding, bool> fromBefore, Func<Finding, bool> fromAfter)
    {
        var waiting = new Dictionary<(string, string, string), Queue<LinkedListNode<Finding>>>();
        for (var node = open.First; node is not null; node = node.Next)
        {
            if (fromBefore(node.Value))
            {
                var place = key(node.Value);
                (waiting.TryGetValue(place, out var queue) ? queue : waiting[place] = new()).Enqueue(node);
            }
        }

        for (var i = 0; i < after.Count; i++)
        {
            if (!isKnown[i] && fromAfter(after[i]) && waiting.TryGetValue(key(after[i]), out var queue) && queue.TryDequeue(out var node))
            {
                isKnown[i] = true;
                open.Remove(node);
            }
        }
    }
}
