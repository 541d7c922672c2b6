using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What two branches leave, joined.</content>
internal sealed partial class Evaluator
{
    private void Merge(Condition test, Journal.Writes then, Journal.Writes otherwise, bool thenEnded, bool elseEnded)
    {
        Spend(then);
        Spend(otherwise);
        foreach (var (slot, value) in MergeWrites(test, then, otherwise, thenEnded, elseEnded))
        {
            _journal.Set(slot, value);
        }
    }

    private Journal.Writes MergeWrites(Condition test, Journal.Writes then, Journal.Writes otherwise, bool thenEnded, bool elseEnded)
    {
        if (then.Count == 0 && otherwise.Count == 0)
        {
            return then;
        }

        var result = new Journal.Writes();
        result.EnsureCapacity(Math.Max(then.Count, otherwise.Count));
        foreach (var slot in then.Keys.Concat(otherwise.Keys))
        {
            if (result.ContainsKey(slot))
            {
                continue;
            }

            // What a way that ended leaves in its own names nobody reads.
            var isName = slot.Holder is Dictionary<string, Value>;
            var a = then.TryGetValue(slot, out var t) ? t : Journal.Read(slot);
            var b = otherwise.TryGetValue(slot, out var o) ? o : Journal.Read(slot);
            var since = (slot.Holder as SequenceValue)?.Since;
            result.Add(slot, isName && thenEnded ? b : isName && elseEnded ? a : since?.Implies(test) == true ? a : since?.Implies(test.Not()) == true ? b : MergeValues(test, a, b));
        }

        return result;
    }

    private object? MergeValues(Condition test, object? a, object? b)
    {
        switch (a, b)
        {
            case (SequenceValue x, SequenceValue y) when !ReferenceEquals(x, y):
                return MergeItems(test, x, y);
            case (DictValue x, DictValue y) when !ReferenceEquals(x, y):
                return MergeEntries(test, x, y);
            default:
                if (ReferenceEquals(a, b))
                {
                    return a;
                }

                return Choices.Join(test, a as Value ?? MissingValue.Instance, b as Value ?? MissingValue.Instance);
        }
    }

    private SequenceValue MergeItems(Condition test, SequenceValue a, SequenceValue b)
    {
        var (x, y) = (a.Made, b.Made);
        var items = new List<Value>(Math.Max(x.Count, y.Count));
        var i = 0;
        while (i < x.Count && i < y.Count && ReferenceEquals(x[i], y[i]))
        {
            items.Add(x[i++]);
        }

        if (x.Count == y.Count)
        {
            for (; i < x.Count; i++)
            {
                items.Add(Choices.Join(test, x[i], y[i]));
            }
        }
        else
        {
            items.AddRange(x.Skip(i).Select(v => Choices.Join(test, v, MissingValue.Instance)));
            items.AddRange(y.Skip(i).Select(v => Choices.Join(test, MissingValue.Instance, v)));
        }

        var source = ReferenceEquals(a.Source, b.Source) ? a.Source : new EitherSource(this, test, a.Source, b.Source);
        return new(a.Kind, items, a.MadeRest ?? b.MadeRest) { Growth = a.Growth ?? b.Growth, Source = source };
    }

    private static DictValue MergeEntries(Condition test, DictValue a, DictValue b)
    {
        var result = a.Copy();
        (result.Rest, result.Factory, result.Growth) = (a.Rest ?? b.Rest, a.Factory ?? b.Factory, a.Growth ?? b.Growth);

        // Most entries were there before the two ways parted, and stand where they stood.
        static bool Shares(DictValue one, DictValue other, int at) => at < one.Entries.Count && at < other.Entries.Count && ReferenceEquals(one.Entries[at].Key, other.Entries[at].Key);
        for (var i = 0; i < a.Entries.Count; i++)
        {
            var (key, value) = a.Entries[i];
            var other = Shares(a, b, i) ? b.Entries[i].Value : b.Find(key) ?? MissingValue.Instance;
            if (!ReferenceEquals(other, value))
            {
                result.Entries[i] = (key, Choices.Join(test, value, other));
            }
        }

        for (var i = 0; i < b.Entries.Count; i++)
        {
            var (key, value) = b.Entries[i];
            if (!Shares(a, b, i) && a.Find(key) is null)
            {
                result.Set(key, Choices.Join(test, MissingValue.Instance, value));
            }
        }

        return result;
    }
}
