using ModelGuidelines.Python.Flow;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Ways that <c>break</c> and <c>continue</c>: they go on behind the loop, or with its next round, with what they had when they left.</content>
internal sealed partial class Evaluator
{
    /// <summary>Which ways have left the innermost loop, and its running round.</summary>
    private (Condition? Broken, Condition? Continued) Leaving => _loops.TryPeek(out var loop) ? (loop.Broken, loop.Continued) : default;

    private bool HasLeft((Condition? Broken, Condition? Continued) since) => Leaving is var now && !(ReferenceEquals(now.Broken, since.Broken) && ReferenceEquals(now.Continued, since.Continued));

    /// <summary>No way goes on, and none has left that goes on elsewhere: nobody reads the names that such a branch has set.</summary>
    private bool Ended((Condition? Broken, Condition? Continued) since) => Now.IsNever && !HasLeft(since);

    /// <summary>What follows in a block or loop from which some ways have left: what it writes is not theirs.</summary>
    private struct Partings(Evaluator evaluator)
    {
        private (Condition? Broken, Condition? Continued) _known = evaluator.Leaving;
        private List<(int Mark, (Condition? Broken, Condition? Continued) Left)>? _open;

        /// <summary>Before what follows.</summary>
        public void Part()
        {
            if (evaluator.HasLeft(_known))
            {
                _known = evaluator.Leaving;
                (_open ??= []).Add((evaluator._journal.Begin(), _known));
            }
        }

        /// <summary>Behind the block or loop.</summary>
        public readonly void Join()
        {
            for (var i = (_open?.Count ?? 0) - 1; i >= 0; i--)
            {
                var (mark, left) = _open![i];
                var writes = evaluator._journal.Undo(mark);
                evaluator._journal.End();
                var goesOn = left.Broken!.Or(left.Continued!).Not();
                evaluator.Merge(goesOn, writes, [], evaluator.Ended(left), elseEnded: false);
            }
        }
    }
}
