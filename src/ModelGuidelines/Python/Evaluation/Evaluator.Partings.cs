using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Ways that <c>break</c>, <c>continue</c>, return or raise what a handler catches: they go on behind the loop, with its next round, with who called or in the handler, with what they had when they left.</content>
internal sealed partial class Evaluator
{
    /// <summary>Objects that were made.</summary>
    private long _born;

    /// <summary>Which ways have left the innermost loop, its running round, and the innermost block that has handlers.</summary>
    private (Condition? Broken, Condition? Continued, Condition? Caught) Leaving => _loops.TryPeek(out var loop) ? (loop.Broken, loop.Continued, _caught) : (null, null, _caught);

    private bool HasLeft((Condition? Broken, Condition? Continued, Condition? Caught) since) => Leaving is var now
        && !(ReferenceEquals(now.Broken, since.Broken) && ReferenceEquals(now.Continued, since.Continued) && ReferenceEquals(now.Caught, since.Caught));

    /// <summary>No way goes on, and none has left that goes on elsewhere with its names: nobody reads the names that such a branch has set.</summary>
    private bool Ended((Condition? Broken, Condition? Continued, Condition? Caught) since) => Now.IsNever && !HasLeft(since);

    /// <summary>What follows in a block, loop or function from which some ways have left: what it writes is not theirs.</summary>
    private struct Partings(Evaluator evaluator, Scope scope)
    {
        private (Condition? Broken, Condition? Continued, Condition? Caught) _known = evaluator.Leaving;
        private int _returned = scope.Returned?.Count ?? 0;
        private List<(int Mark, (Condition? Broken, Condition? Continued, Condition? Caught) Left, Condition? Returned, long Born)>? _open;

        /// <summary>Before what follows.</summary>
        public void Part()
        {
            var returned = scope.Returned?.Count ?? 0;
            if (!evaluator.Now.IsNever && (evaluator.HasLeft(_known) || returned > _returned))
            {
                (_known, _returned) = (evaluator.Leaving, returned);
                (_open ??= []).Add((evaluator._journal.Begin(), _known, returned == 0 ? null : scope.Returned!.Aggregate(evaluator.Conditions.Never, (c, r) => c.Or(r.When)), evaluator._born));
            }
        }

        /// <summary>What nobody has on the ways that left: objects that were made since; and, where those are too many to follow, what was not there before, and what collections hold.</summary>
        private static Journal.Writes Made(Journal.Writes writes, Condition gone, long born)
        {
            var made = new Journal.Writes();
            foreach (var (slot, value) in writes.Where(w => (w.Key.Holder as OrderedAttributes)?.Born > born || (gone.HasNames && (w.Key.Name is null || Journal.Read(w.Key) is null))))
            {
                made.Add(slot, value);
            }

            return made;
        }

        /// <summary>Behind the block or loop.</summary>
        public readonly void Join()
        {
            for (var i = (_open?.Count ?? 0) - 1; i >= 0; i--)
            {
                var (mark, left, returned, born) = _open![i];
                var writes = evaluator._journal.Undo(mark);
                evaluator._journal.End();
                var never = evaluator.Conditions.Never;
                var elsewhere = (left.Broken ?? never).Or(left.Continued ?? never).Or(left.Caught ?? never);
                var gone = returned is null ? elsewhere : elsewhere.Or(returned);
                evaluator.Merge(gone.Not(), writes, Made(writes, gone, born), evaluator.Ended(left), elseEnded: elsewhere.IsNever);
            }
        }
    }
}
