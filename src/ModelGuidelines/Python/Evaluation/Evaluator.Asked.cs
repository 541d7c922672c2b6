using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What iterators are asked for, one element after the other.</content>
internal sealed partial class Evaluator
{
    /// <summary>The next element, taken from an iterator; null where none is known to come next on every way.</summary>
    private Value? NextMade(SequenceValue iterator)
    {
        iterator.Fill();
        if (Now.IsNever || iterator.Made.Count == 0 || iterator.Order is not null || Held(iterator.Made[0]) is not { } item || item.Missing() is not null || item is MissingValue)
        {
            return null;
        }

        _journal.Change(iterator);
        iterator.Made.RemoveAt(0);
        return item;
    }

    /// <summary>Whether an iterator gives a value, which takes all up to that; null where that cannot be told of each, from where it stands then.</summary>
    private bool? IsAmongNext(SequenceValue iterator, Value value)
    {
        while (NextMade(iterator) is { } next)
        {
            switch (AreEqual(next, value) is { } equal ? Decide(equal) : null)
            {
                case true:
                    return true;
                case null:
                    iterator.Made.Insert(0, next);
                    return null;
            }
        }

        return iterator is { Source: null, Made.Count: 0, MadeRest: null } ? false : null;
    }

    /// <summary>Ends a generator where it stands: what is to run in any case runs.</summary>
    private void Close(SequenceValue iterator)
    {
        var source = iterator.Source as GeneratorSource;
        UseUp(iterator);
        for (var frame = Now.IsNever ? null : source?.Frame; frame is not null; frame = frame.Outer)
        {
            if (frame is FinalFrame final)
            {
                Whole(() => Block(final.Body, source!.Scope), null);
            }
        }
    }

    /// <summary>A value as what gives its elements once.</summary>
    private SequenceValue Iterator(Value value, Place place) => Here(value) switch
    {
        SequenceValue { Form: SequenceForm.Iterator } same => same,
        SequenceValue { Rest: { } rest } open => new(SequenceKind.List, [.. open.Items], rest) { Form = SequenceForm.Iterator, Length = open.Length, Order = open.Order },
        SequenceValue list => new(SequenceKind.List, [.. list.Items]) { Form = SequenceForm.Iterator, Order = list.Order, EndsWhereEmpty = true },
        var other => new(SequenceKind.List, [.. Iterate(other, place, "")]) { Form = SequenceForm.Iterator, EndsWhereEmpty = other is DictValue { Rest: null } or ObjectValue { IsModule: true, Doubt: null } },
    };

    /// <summary>What an iterator has yet to give where branches left it at different places.</summary>
    private sealed class EitherSource(Evaluator evaluator, Condition test, ElementSource? then, ElementSource? otherwise) : ElementSource
    {
        public override void Advance(SequenceValue iterator) => Settle(iterator);

        public override void Settle(SequenceValue iterator)
        {
            void All(ElementSource? source)
            {
                evaluator._journal.Change(iterator);
                iterator.Source = source;
                iterator.Settle();
            }

            evaluator._journal.Change(iterator);
            iterator.Source = null;
            evaluator.Fork(test, () => All(then), () => All(otherwise));
        }
    }
}
