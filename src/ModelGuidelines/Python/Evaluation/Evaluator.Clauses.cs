using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>The clauses of an if, where they are ways, and what those leave.</content>
internal sealed partial class Evaluator
{
    private void ForkBlocks(Condition test, ImmutableArray<Statement> body, ImmutableArray<Statement> orElse, Scope scope) =>
        Fork(test, () => Block(body, scope), orElse.IsEmpty ? null : () => Block(orElse, scope));

    /// <summary>Of clauses the first that holds runs, else what follows them. Thousands of them are no recursion: each way is followed and taken back, then all are joined.</summary>
    /// <param name="count">How many clauses there are.</param>
    /// <param name="clause">The test of a clause, made where those before it do not hold, and what runs under it.</param>
    /// <param name="orElse">What runs where none holds.</param>
    private void FollowClauses(int count, Func<int, (Condition Test, Action Body)> clause, Action? orElse)
    {
        // Clauses that are decided before anything is undecided are no branch.
        for (var i = 0; i < count && !Now.IsNever; i++)
        {
            Step();
            var (test, body) = clause(i);
            switch (Decide(test))
            {
                case true:
                    body();
                    return;
                case null:
                    FollowClauses(i, (test, body), count, clause, orElse);
                    return;
            }
        }

        orElse?.Invoke();
    }

    private void FollowClauses(int first, (Condition Test, Action Body) undecided, int count, Func<int, (Condition Test, Action Body)> clause, Action? orElse)
    {
        var before = Now;
        var world = _world;
        var mark = _journal.Begin();
        var (outer, branch) = (_way, ++_branches);
        var ways = new List<(Condition Test, Journal.Writes Writes, Condition Left, bool Ended)>();
        var (isDecided, last) = (false, Leaving);
        for (var i = first; i < count && !isDecided && !Now.IsNever; i++)
        {
            var (test, body) = undecided;
            if (i > first)
            {
                Step();
                (test, body) = clause(i);
            }

            var decided = i == first ? null : Decide(test);
            if (decided is false)
            {
                continue;
            }

            _way = new(branch, ways.Count, outer);
            if (decided is true)
            {
                body();
                isDecided = true;
                break;
            }

            var here = Now;
            var inner = _journal.Begin();
            Now = here.And(test);
            var leaving = Leaving;
            body();
            var (left, ended) = (Now, Ended(leaving));
            var written = _journal.Undo(inner);
            Spend(written);
            ways.Add((test, written, left, ended));
            _journal.End();
            Now = here.And(test.Not());
            _way = outer;
            last = Leaving;
        }

        if (!isDecided)
        {
            _way = new(branch, ways.Count, outer);
            orElse?.Invoke();
        }

        _way = outer;
        var rest = Now;
        var writes = _journal.Undo(mark);
        _journal.End();
        foreach (var (slot, value) in MergeWays(ways, writes, Ended(last)))
        {
            _journal.Set(slot, value);
        }

        for (var i = ways.Count - 1; i >= 0; i--)
        {
            rest = ways[i].Left.Or(rest);
        }

        Now = AfterFork(before, rest, world);
    }

    /// <summary>Joins all at once, from the first clause on: a condition that grows by its youngest test grows by one node, whereas joined from the last clause on each would be made anew
    /// for every clause before it.</summary>
    private Journal.Writes MergeWays(List<(Condition Test, Journal.Writes Writes, Condition Left, bool Ended)> ways, Journal.Writes otherwise, bool elseEnded)
    {
        // What a way that ended leaves in its own names nobody reads: the others share what is left.
        var all = Conditions(ways.Select(w => w.Test));
        var live = Enumerable.Range(0, ways.Count + 1).Where(i => i == ways.Count ? !elseEnded : !ways[i].Ended).ToList();
        var ofLive = live.Count == ways.Count + 1 ? all : Conditions(live.SkipLast(1).Select(i => ways[i].Test));
        var result = new Journal.Writes();
        foreach (var (slot, written) in Writers(ways.Select(w => w.Writes).Append(otherwise)))
        {
            _steps += written.Count;
            var old = Journal.Read(slot);
            if (slot.Name is null)
            {
                var (content, last) = (old, written.Count - 1);
                for (var i = ways.Count; i >= 0; i--)
                {
                    var value = last >= 0 && written[last].Way == i ? written[last--].Value : old;
                    content = i == ways.Count ? value : MergeValues(ways[i].Test, value, content);
                }

                result.Add(slot, content);
            }
            else if (slot.Holder is not Dictionary<string, Value>)
            {
                result.Add(slot, Joined(written, all, old));
            }
            else if (live.Count == 0)
            {
                result.Add(slot, written[^1].Way == ways.Count ? written[^1].Value : old);
            }
            else
            {
                result.Add(slot, Joined([.. written.Select(w => (Way: live.BinarySearch(w.Way), w.Value)).Where(w => w.Way >= 0)], ofLive, old));
            }
        }

        return result;

        // Of the first clause its test; of each further one that the tests before it do not hold; of what is left that none does.
        List<Condition> Conditions(IEnumerable<Condition> tests)
        {
            var left = this.Conditions.Always;
            var conditions = new List<Condition>();
            foreach (var test in tests)
            {
                conditions.Add(left.And(test));
                left = left.And(test.Not());
            }

            conditions.Add(left);
            return conditions;
        }
    }

    /// <summary>Each variable that any way wrote, in the order in which they were, with what the ways left there that did: of thousands of ways most write little that others do.</summary>
    private static Dictionary<Slot, List<(int Way, object? Value)>> Writers(IEnumerable<Journal.Writes> ways)
    {
        var result = new Dictionary<Slot, List<(int Way, object? Value)>>();
        var way = 0;
        foreach (var writes in ways)
        {
            foreach (var (slot, value) in writes)
            {
                if (!result.TryGetValue(slot, out var written))
                {
                    result[slot] = written = [];
                }

                written.Add((way, value));
            }

            way++;
        }

        return result;
    }

    /// <summary>What ways left, and what was there before where none of these is taken.</summary>
    private static object? Joined(List<(int Way, object? Value)> written, List<Condition> when, object? old)
    {
        var options = written.Count == when.Count ? written.ConvertAll(w => w.Value) : [.. written.Select(w => w.Value).Append(old)];
        if (options.TrueForAll(o => ReferenceEquals(o, options[0])))
        {
            return options[0];
        }

        var joined = written.ConvertAll(w => (when[w.Way], w.Value as Value ?? MissingValue.Instance));
        if (written.Count < when.Count)
        {
            // It stands where the first way does that left it; its condition is made of the fewer ways.
            var ways = written.Select(w => w.Way).ToHashSet();
            var others = Enumerable.Range(0, when.Count).Where(i => !ways.Contains(i));
            var isKept = ways.Count < when.Count / 2 ? ways.Order().Aggregate((Condition?)null, (c, i) => c?.Or(when[i]) ?? when[i])!.Not() : others.Aggregate((Condition?)null, (c, i) => c?.Or(when[i]) ?? when[i])!;
            joined.Insert(others.First(), (isKept, old as Value ?? MissingValue.Instance));
        }

        return Choices.Join(joined);
    }
}
