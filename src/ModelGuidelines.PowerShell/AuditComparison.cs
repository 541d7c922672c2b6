using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.PowerShell;

/// <summary>Tells what is new, fixed and unchanged between two audits.</summary>
/// <remarks>A finding is the same where its fingerprint is: in the same file first, then in any, so that it survives a file that is moved.</remarks>
internal static class AuditComparison
{
    public static IEnumerable<(string State, Guidelines.Finding Finding)> Compare(IEnumerable<AuditResult> reference, IEnumerable<AuditResult> difference)
    {
        var before = FindingsOf(reference);
        var after = FindingsOf(difference);
        var open = new LinkedList<Guidelines.Finding>(before);
        var isKnown = new bool[after.Count];
        Match(after, isKnown, open, f => (f.Path, f.Guideline, f.Fingerprint));
        Match(after, isKnown, open, f => ("", f.Guideline, f.Fingerprint));
        return after.Select((f, i) => (isKnown[i] ? "Unchanged" : "New", f)).Concat(open.Select(f => ("Fixed", f)));
    }

    private static List<Guidelines.Finding> FindingsOf(IEnumerable<AuditResult> results) => [.. results.SelectMany(r => r.Findings).Where(f => f.Outcome is Outcome.Fail)];

    private static void Match(List<Guidelines.Finding> after, bool[] isKnown, LinkedList<Guidelines.Finding> open, Func<Guidelines.Finding, (string, string, string)> key)
    {
        var waiting = new Dictionary<(string, string, string), Queue<LinkedListNode<Guidelines.Finding>>>();
        for (var node = open.First; node is not null; node = node.Next)
        {
            var place = key(node.Value);
            (waiting.TryGetValue(place, out var queue) ? queue : waiting[place] = new()).Enqueue(node);
        }

        for (var i = 0; i < after.Count; i++)
        {
            if (!isKnown[i] && waiting.TryGetValue(key(after[i]), out var queue) && queue.TryDequeue(out var node))
            {
                isKnown[i] = true;
                open.Remove(node);
            }
        }
    }
}
