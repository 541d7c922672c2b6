using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Elements at a count that loops of unknown length make grow.</content>
internal sealed partial class Evaluator
{
    private readonly Dictionary<(object Names, string Name), Cursor> _cursors = [];
    private readonly Dictionary<(FunctionDefinition Function, string Name), bool> _isCursor = [];

    /// <summary>The cursor that a variable of the running function is; null where it is none, or not proven to be one.</summary>
    private Cursor? CursorOf(Scope scope, string name)
    {
        if (scope.Function?.Node is not FunctionDefinition function)
        {
            return null;
        }

        if (!_isCursor.TryGetValue((function, name), out var isCursor))
        {
            _isCursor[(function, name)] = isCursor = CursorCode.IsCursor(function, name);
        }

        if (!isCursor)
        {
            return null;
        }

        return _cursors.TryGetValue((scope.Names, name), out var cursor) ? cursor : _cursors[(scope.Names, name)] = new();
    }

    /// <summary>The element at a count that stands for all later ones: one of those from it on.</summary>
    /// <param name="s">The list.</param>
    /// <param name="index">The count.</param>
    /// <param name="list">What holds the elements, where <paramref name="s"/> was made of it.</param>
    /// <param name="parted">How many conditions were told apart under which elements are there.</param>
    private Value? LaterElement(SequenceValue s, ConstantValue index, object list, int parted = 0)
    {
        if (parted < MaxParting && Parting(s) is { } there)
        {
            // On a way on which the list has none, it raises.
            Value There() => ThereOf(s) is var part && LaterElement(part, index, part, parted + 1) is { } found ? found : MissingValue.Instance;
            return Either(there, There, There) is var element and not MissingValue ? element : null;
        }

        if (OfEachRound(s, (long)index.Raw!, index.Stride ?? 0) is { } one)
        {
            OfRound(one);
            return one.Present().Value ?? one;
        }

        var each = HasPlaces(s) ? index.Stride ?? 1 : 1;
        var later = s.Items.Skip((int)Math.Clamp((long)index.Raw!, 0, int.MaxValue)).Where((_, behind) => behind % each == 0).Select(Here).Where(v => v is not MissingValue).ToList();
        later.ForEach(v => OfRound(v));
        later = later.ConvertAll(v => v.Present().Value ?? v);
        return later.Count == 0 ? s.Rest ?? Beyond(s, index, list)
            : index.Cursor is { } cursor && later.TrueForAll(v => v is ObjectValue) && later.Distinct().Count() == later.Count ? NotTaken(later, cursor, list)
            : OneOf(later, AnElement);
    }

    /// <summary>An element behind all that are known of a list whose last stands for all later ones; null where that is its end.</summary>
    private Value? Beyond(SequenceValue s, object index, object list)
    {
        // What a list of modules holds is there for certain where there are more rounds: the condition is in the attribute.
        var end = list is ObjectValue o ? o.Attributes.All.LastOrDefault(a => IsPlace(a.Name)).Value : s.Items.LastOrDefault();
        return end?.Present() is { Value: { } last, Missing: { } missing } && _opens.Exists(missing.Not().Implies) ? Another(last, index, 0) : null;
    }

    /// <summary>A module, or a list of modules, for which one of a list stands; null for anything else.</summary>
    private Value? Another(Value one, object which, int depth)
    {
        switch (one)
        {
            case ObjectValue { IsModule: true } module:
                return StandIn(module, which);
            case SequenceValue { Rest: null, Items: { Count: > 0 and <= MaxOfAnother } items } list when depth < MaxOfAnother:
                var others = items.ConvertAll(i => Another(i, which, depth + 1));
                return others.Contains(null) ? null : new SequenceValue(list.Kind, others!);
            default:
                return null;
        }
    }

    /// <summary>Modules of one element, and lists in lists.</summary>
    private const int MaxOfAnother = 8;

    private const string AnElement = "an element";

    /// <summary>One of those that the cursor has not taken; where it has taken all, one for which one of them stands.</summary>
    private Value NotTaken(List<Value> items, Cursor cursor, object list)
    {
        var left = Conditions.Always;
        var options = new List<(Condition When, Value Value)>();
        for (var i = 0; i < items.Count; i++)
        {
            var free = cursor.Taken(list, items[i]) is { } taken ? left.And(taken.Not()) : left;
            var when = i == items.Count - 1 || free.IsNever ? free : free.And(Conditions.NewAtom($"{AnElement} is number {i + 1}"));
            if (!when.IsNever)
            {
                options.Add((when, items[i]));
                cursor.Take(list, items[i], Now.And(when));
                left = left.And(when.Not());
            }
        }

        if (!left.IsNever)
        {
            options.Add((left, Some(items[^1], new object())));
        }

        return Choices.Join(options);
    }
}
