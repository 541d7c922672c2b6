using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Elements that are there at times.</summary>
internal static class Elements
{
    /// <summary>An element that is there only under a condition.</summary>
    public static Value Sometimes(ILibraryContext context, Value value, Condition missing) => missing.IsNever ? value : context.Choose([(missing.Not(), value), (missing, MissingValue.Instance)]);

    /// <summary>Calls a module that may be there only at times: where it is not, the value goes on as it is.</summary>
    public static Value Call(ILibraryContext context, Value module, Value? input) =>
        WhereThere(context, module, there => context.Call(there, input is null ? new() : CallArguments.Of(input)), input ?? ConstantValue.None);

    /// <summary>Runs code for an element on the ways on which there is one.</summary>
    public static Value WhereThere(ILibraryContext context, Value element, Func<Value, Value> code, Value otherwise)
    {
        var (there, missing) = element.WhereThere();
        return there is null ? otherwise
            : missing is null ? context.ForEach(there, code)
            : context.ForEach(context.Choose([(missing.Not(), ConstantValue.True), (missing, ConstantValue.False)]), isThere => isThere == ConstantValue.True ? context.ForEach(there, code) : otherwise);
    }

    /// <summary>What iterating gives; an iterator has given it then.</summary>
    public static IReadOnlyList<Value> Taken(ILibraryContext context, Value value)
    {
        var items = context.Iterate(value);
        if (value is SequenceValue { Form: SequenceForm.Iterator } iterator)
        {
            context.Change(iterator);
            (iterator.Items, iterator.Rest) = ([], null);
        }

        return items;
    }

    /// <summary>Longer lists are taken as they are written.</summary>
    private const int MaxPositions = 12;

    /// <summary>Whether each element is there only where the one before it is: it stands where it is written then, or nowhere.</summary>
    private static bool AreNested(ILibraryContext context, IReadOnlyList<Value> items)
    {
        var before = context.Now.Table.Always;
        foreach (var item in items)
        {
            var isThere = item.WhereThere() is { Value: not null, Missing: var missing } ? missing?.Not() ?? context.Now.Table.Always : context.Now.Table.Never;
            if (!isThere.Implies(before))
            {
                return false;
            }

            before = isThere;
        }

        return true;
    }

    /// <summary>What stands first, second, and so on, where an element before others is there only at times: of <c>[::-1]</c> of a list of unknown length the first is the last one, if there is more than one.</summary>
    public static IReadOnlyList<Value> ByPosition(ILibraryContext context, IReadOnlyList<Value> items)
    {
        if (items.Count > MaxPositions || AreNested(context, items))
        {
            return items;
        }

        // Under which condition so many elements stand before this one.
        var table = context.Now.Table;
        var before = new List<Condition> { table.Always };
        var positions = new List<List<(Condition, Value)>>();
        foreach (var item in items)
        {
            var (there, missing) = item.WhereThere();
            if (there is null)
            {
                continue;
            }

            var isThere = missing?.Not() ?? table.Always;
            var next = new List<Condition>();
            for (var k = 0; k < before.Count; k++)
            {
                if (positions.Count <= k)
                {
                    positions.Add([]);
                }

                positions[k].Add((before[k].And(isThere), there));
                var stays = missing is null ? table.Never : before[k].And(missing);
                next.Add(k == 0 ? stays : stays.Or(before[k - 1].And(isThere)));
            }

            next.Add(before[^1].And(isThere));
            before = next;
        }

        return [.. positions.Select(options =>
        {
            var there = options.Aggregate(table.Never, (c, o) => c.Or(o.Item1));
            return context.Choose(there.IsAlways ? options : options.Append((there.Not(), MissingValue.Instance)));
        }).Where(v => v is not MissingValue)];
    }

    /// <summary>A value where it is there at all, and the condition under which it is missing.</summary>
    public static (Value? Value, Condition? Missing) WhereThere(this Value value)
    {
        if (value is not ChoiceValue choice || choice.Options.FirstOrDefault(o => o.Value is MissingValue) is not { When: { } missing })
        {
            return (value is MissingValue ? null : value, null);
        }

        var there = choice.Options.Where(o => o.Value is not MissingValue).ToList();
        return (there.Count switch { 0 => null, 1 => there[0].Value, _ => new ChoiceValue(there) }, missing);
    }
}
