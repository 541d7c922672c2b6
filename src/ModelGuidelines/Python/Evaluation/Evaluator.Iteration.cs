using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What iterating over a value gives.</content>
internal sealed partial class Evaluator
{
    /// <summary>What iterating gives, one value a round. A value that is missing at times stands for a round that runs only then.</summary>
    internal IReadOnlyList<Value> Iterate(Value value, Place place, string text)
    {
        value = Here(value);
        switch (value)
        {
            case SequenceValue s:
                if (s.Rest is null)
                {
                    return s.IsCounted ? Elements(s.Items) : WithOthers(Elements(s.Items));
                }

                s.Length ??= new UnknownValue(text.Length == 0 ? "the length of the list" : $"len({text})", "how many elements there are is not known", place, UnknownKind.Number) { IsCount = true };
                return [.. s.Items.Select(Here).Where(i => i is not MissingValue), .. s.Items.Count > 0 && s.Kind is not SequenceKind.Tuple ? [] : new[] { Fresh(s.Rest) }, Later(s.Rest is UnknownValue { MayBeModule: false } other ? OfLater(other, "[1:]", other.NotLater) : Fresh(s.Rest), s.Length)];
            case DictValue d:
                return Keys(d, place);
            case ConstantValue { Peek: string t } when t.Length < 1_000:
                return [.. t.Select(c => ConstantValue.Of(c.ToString()))];
            case NumbersValue row:
                return [.. row.Numbers.Select(n => new NumberTensorValue(n))];
            case TensorValue tensor:
                return [tensor is InputValue first ? first.Element("0") : new TensorValue(), Later(tensor is InputValue later ? later.Element("i") : new TensorValue(), tensor.Facts(text.Length == 0 ? "the tensor" : text, place).Derive(".shape", $"{(text.Length == 0 ? "the tensor" : text)}.shape", UnknownKind.Number).Derive("[0]", $"{(text.Length == 0 ? "the tensor" : text)}.shape[0]", UnknownKind.Number))];
            case GraphTensor graph:
                return [new GraphTensor(graph.Call), new GraphTensor(graph.Call)];
            case UnknownValue u:
                return [u.Derive("[0]", $"{u.Text}[0]", u.Kind is UnknownKind.Any ? UnknownKind.Any : u.Kind), Later(u.Derive("[1:]", $"{u.Text}[i]", u.Kind), u.Count)];
            case ChoiceValue choice:
                return OfEach(choice, place, text);
            case ObjectValue o:
                return IterateObject(o, place);
            case ClassValue { Kind: ClassKind.Enum } type:
                return [.. EnumMembers(type)];
            default:
                return [];
        }
    }

    private Value[] Keys(DictValue d, Place place) =>
        [.. d.Entries.Select(e => e.Value is ChoiceValue c && Here(c).Present() is { Missing: { } m } ? Sometimes(e.Key, m.Not()) : e.Key),
            .. d.Rest is null ? [] : new[] { Unknown("a key", "which keys there are is not known", place, UnknownKind.Text) }];

    private Value[] OfEach(ChoiceValue choice, Place place, string text) =>
        [.. choice.Options.Where(o => o.Value is not (MissingValue or ConstantValue { IsNone: true })).SelectMany(o => Iterate(o.Value, place, text).Select(i => Sometimes(i, o.When)))];

    /// <summary>Those that are there, as they are now: the body may change the list.</summary>
    private Value[] Elements(List<Value> items)
    {
        if (items.Count == 0)
        {
            return [];
        }

        var result = items.ToArray();
        var count = 0;
        foreach (var item in result)
        {
            if (Held(item) is var value and not MissingValue)
            {
                result[count++] = value;
            }
        }

        return count == result.Length ? result : result[..count];
    }

    /// <summary>What an iterator has given it gives no more.</summary>
    private void UseUp(Value value)
    {
        if (Here(value) is SequenceValue { Form: SequenceForm.Iterator } iterator)
        {
            // What it has yet to make it does not make any more.
            _journal.Change(iterator);
            (iterator.Items, iterator.Rest) = ([], null);
        }
    }

    /// <summary>An iterator that a loop walks over: the body may take elements, too, and what the loop leaves when it breaks is there behind it.</summary>
    private sealed class Walk(SequenceValue iterator, int count)
    {
        private readonly List<(Value Item, Condition Reached)> _taken = [];
        private int _left = count;

        public bool IsTaken => iterator.Items.Count < _left--;

        public void Take(Journal journal, Condition now)
        {
            if (iterator.Items.Count > 0)
            {
                journal.Change(iterator);
                _taken.Add((iterator.Items[0], now));
                iterator.Items.RemoveAt(0);
            }
        }

        public void End(Journal journal, Condition start)
        {
            var unreached = _taken.Where(t => !start.Implies(t.Reached)).Select(t => Sometimes(t.Item, t.Reached.Not())).ToList();
            if (unreached.Count > 0)
            {
                journal.Change(iterator);
                iterator.Items.InsertRange(0, unreached);
            }
        }
    }

    /// <summary>Begins to walk over an iterator whose elements are known; of another one nothing is left.</summary>
    private Walk? Walking(Value value, IReadOnlyList<Value> items)
    {
        if (Here(value) is not SequenceValue { Form: SequenceForm.Iterator, Rest: null } iterator)
        {
            UseUp(value);
            return null;
        }

        _journal.Change(iterator);
        iterator.Items = [.. items];
        return new(iterator, items.Count);
    }

    private IReadOnlyList<Value> IterateObject(ObjectValue o, Place place)
    {
        if (o.Class?.Find("__iter__") is not null)
        {
            var made = Here(Call(Attribute(o, "__iter__", place), new(), place));
            return made is ChoiceValue choice ? [.. choice.Options.SelectMany(c => Given(c.Value, place).Select(i => Sometimes(i, c.When)))] : Given(made, place);
        }

        return OwnElements(o, place);
    }

    /// <summary>What an object gives by itself, as its library's or Python's own <c>__iter__</c> does.</summary>
    private IReadOnlyList<Value> OwnElements(ObjectValue o, Place place)
    {
        if (o.Kind is ClassKind.NamedTuple && o.Class is { } type)
        {
            return [.. type.Fields.Select(f => o.Attributes.Find(f) ?? Unknown(f, "the field is not set", place))];
        }

        if (o.IsModule && o.Is("ModuleDict"))
        {
            return [.. Children(o).Select(c => c.Module.Present() is { Missing: { } missing } ? Sometimes(ConstantValue.Of(c.Name), missing.Not()) : ConstantValue.Of(c.Name))];
        }

        if (o.IsModule && (o.IsA("ModuleList") || o.IsA("Sequential") || o.IsA("ParameterList")))
        {
            return o.Doubt is null ? WithOthers([.. Elements(o)]) : [];
        }

        if (o.Class?.Find("__getitem__") is not null)
        {
            return [Item(o, ConstantValue.Of(0), place), Sometimes(Item(o, new ConstantValue(1L) { IsOpen = true, Stride = 1 }, place), Opens(Conditions.NewAtom("it has more than one element")))];
        }

        return o.Attributes.Find(Items) is { } items ? Iterate(items, place, "") : [];
    }

    /// <summary>Elements that an iterator of the user's is asked for one by one.</summary>
    private const int MaxAdvances = 16;

    /// <summary>What an iterator gives, as a class writes it, until it raises, which ends no way. Where that cannot be told, or not soon, the last element stands for all later ones.</summary>
    private List<Value> Advance(ObjectValue iterator, Place place)
    {
        var (caught, before) = (_caught, Now);
        _caught = Conditions.Never;
        var given = new List<Value>();
        var isKnown = true;
        while (!Now.IsNever)
        {
            var (start, isLast) = (Now, !isKnown || given.Count >= MaxAdvances);
            var element = Call(Attribute(iterator, "__next__", place), new(), place);
            isKnown &= Now == start;
            if (!Now.IsNever)
            {
                given.Add(isLast ? Sometimes(element, Now.And(Opens(Conditions.NewAtom($"it has more than {given.Count} element{(given.Count == 1 ? "" : "s")}")))) : isKnown ? element : Sometimes(element, Now));
            }

            if (isLast)
            {
                break;
            }
        }

        (_caught, Now) = (caught, before);
        return given;
    }

    /// <summary>What the value of <c>__iter__</c> gives: Python asks it for elements, and not for another iterator.</summary>
    private IReadOnlyList<Value> Given(Value made, Place place) =>
        made is ObjectValue { Class: { } type } iterator && (type.Find("__next__") is not null || type.Find("__iter__") is not null) ? type.Find("__next__") is null ? [] : Advance(iterator, place) : Iterate(made, place, "");

    /// <summary>What a list of modules holds, in order: None, too.</summary>
    private List<Value> Elements(ObjectValue list)
    {
        var children = Children(list).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        return [.. list.Attributes.All.Where(a => children.Contains(a.Name) || IsPlace(a.Name)).Select(a => Held(a.Value)).Where(v => v is not MissingValue)];
    }

    /// <summary>Whether an attribute is an element of a list of modules: <c>0</c>, <c>1</c>, ...</summary>
    private static bool IsPlace(string attribute) => attribute.Length > 0 && attribute.All(char.IsAsciiDigit);

    /// <summary>The element that stands for all after the first.</summary>
    private Value Later(Value value, UnknownValue length) => Sometimes(value, Opens(_tests.HoldsMore(length, 1)));

    private static Value Sometimes(Value value, Condition when) => when.IsAlways ? value : Choices.Join([(when, value), (when.Not(), MissingValue.Instance)]);

    /// <summary>Another element like this one.</summary>
    private static Value Fresh(Value value) => value switch
    {
        InputValue => new TensorValue(),
        TensorValue => new TensorValue(),
        SequenceValue { Kind: SequenceKind.Tuple } s => new SequenceValue(s.Kind, [.. s.Items.Select(Fresh)], s.Rest),
        _ => value,
    };
}
