using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What <c>map</c>, <c>zip</c> and the like give: each element is made of the next ones of what they walk over, when it is asked for.</summary>
/// <param name="context">The call that made the iterator.</param>
/// <param name="from">What it walks over; nothing where it makes elements of nothing but their number.</param>
/// <param name="element">Makes the element of that number of what was taken: <see cref="MissingValue"/> where none is made of it, null where there are no more.</param>
/// <param name="all">All elements from that number on, where they cannot be told one by one.</param>
/// <param name="at">The number of the next element.</param>
internal sealed class MadeElements(ILibraryContext context, IReadOnlyList<SequenceValue> from, Func<IReadOnlyList<Value>, long, Value?> element, Func<long, SequenceValue?> all, long at = 0) : ElementSource
{
    /// <summary>So many elements are made one by one where all are asked for.</summary>
    private const int MaxMade = 64;

    /// <summary>After so many nothing more is taken.</summary>
    public long Count { get; init; } = long.MaxValue;

    /// <summary>An iterator over what is made so.</summary>
    public SequenceValue Iterator() => new(SequenceKind.List, []) { Form = SequenceForm.Iterator, EndsWhereEmpty = true, Since = context.Now, Source = this };

    public override void Advance(SequenceValue iterator)
    {
        if (!TryAdvance(iterator))
        {
            Rest(iterator);
        }
    }

    public override void Settle(SequenceValue iterator)
    {
        var first = iterator.Made.Count;
        while (iterator.Source is MadeElements made && iterator.Made.Count - first < MaxMade && !context.Now.IsNever)
        {
            if (!made.TryAdvance(iterator))
            {
                made.Rest(iterator);
            }
        }

        (iterator.Source as MadeElements)?.Rest(iterator);
    }

    /// <summary>Makes an element or ends; false where neither can be told of one.</summary>
    private bool TryAdvance(SequenceValue iterator)
    {
        if (at >= Count)
        {
            context.Change(iterator);
            iterator.Source = null;
            return true;
        }

        // One after the other: where one has ended, those behind it are not asked.
        var last = -1;
        for (var i = 0; i < from.Count && last < 0; i++)
        {
            from[i].Fill();
            if (from[i].MadeRest is not null || from[i].Order is not null || (from[i].Made.Count > 0 && from[i].Made[0].WhereThere().Missing is not null))
            {
                return false;
            }

            last = from[i].Made.Count == 0 ? i : -1;
        }

        context.Change(iterator);
        iterator.Source = null;
        var taken = new List<Value>(from.Count);
        foreach (var row in last < 0 ? from : from.Take(last))
        {
            if (context.Next(row) is { } next)
            {
                taken.Add(next);
            }
        }

        if (last >= 0 || taken.Count < from.Count)
        {
            return true;
        }

        iterator.Source = new MadeElements(context, from, element, all, at + 1) { Count = Count };
        var made = element(taken, at);
        context.Change(iterator);
        if (made is null)
        {
            iterator.Source = null;
        }
        else if (made is not MissingValue)
        {
            iterator.Made.Add(made);
        }

        return true;
    }

    private void Rest(SequenceValue iterator)
    {
        context.Change(iterator);
        iterator.Source = null;
        if (all(at) is not { } rest)
        {
            iterator.Rest = context.Unknown("an element", "which elements there are cannot be told");
            return;
        }

        context.Change(iterator);
        iterator.Made.AddRange(rest.Items);
        iterator.Rest = rest.Rest;
        (iterator.Length, iterator.Order) = (rest.Length, rest.Order);
    }
}
