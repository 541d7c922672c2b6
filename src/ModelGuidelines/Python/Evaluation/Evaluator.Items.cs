using System.Globalization;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Elements by index, key or slice.</content>
internal sealed partial class Evaluator
{
    private Value Item(Value target, Value index, At at) => Item(target, index, at.Place);

    private Value ItemOfEach(Value target, Value index, Place place) => target is ChoiceValue ? ForEach(target, t => Item(t, index, place)) : ForEach(index, i => Item(target, i, place));

    internal Value Item(Value target, Value index, Place place)
    {
        if (target is ChoiceValue || index is ChoiceValue)
        {
            return ItemOfEach(target, index, place);
        }

        switch (target)
        {
            case SequenceValue s:
                return Element(s, index, place);
            case DictValue d:
                return Entry(d, index, place);
            case ObjectValue o:
                return ObjectItem(o, index, place);
            case InputValue input when index is ConstantValue { Peek: string } or UnknownValue { Kind: UnknownKind.Text } or UnknownValue { IsName: true }:
                Use(input, InputUse.AsDictionary, place);
                return index is ConstantValue { Peek: string entry } ? input.Entry(entry) : new TensorValue();
            case NumbersValue known:
                return Element(SequenceValue.List(known.Numbers), index, place) switch
                {
                    SequenceValue { Rest: null } part => new NumbersValue(part.Items),
                    var number => new NumberTensorValue(number),
                };
            case TensorValue:
                if (target is TensorValue { Shape: { } shape })
                {
                    return new TensorValue { Shape = Indexing.Of(shape, index) };
                }

                if (target is InputValue whole && index is ConstantValue { Peek: long } or UnknownValue { Kind: UnknownKind.Number })
                {
                    return whole.Element((index is ConstantValue number ? Text.Of(number) : null) ?? "i");
                }

                Use(target, InputUse.AsTensor, place);
                return new TensorValue();
            case GraphTensor g:
                return NewGraphTensor(null, [g], place, g.Shape is { } sizes ? Indexing.Of(sizes, index) : null);
            case UnknownValue u:
                var key = index switch
                {
                    ConstantValue { IsOpen: false } c => Text.Of(c),
                    ConstantValue { Peek: long } c => OpenKey(c),
                    ConstantValue => "open",
                    UnknownValue i => "u" + System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(i).ToString(CultureInfo.InvariantCulture),
                    SliceValue part => PartKey(part),
                    _ => null,
                };
                var shown = index switch
                {
                    ConstantValue { Peek: string name } => $"\"{name}\"",
                    UnknownValue v => v.Text,
                    ConstantValue { IsOpen: true } => "i",
                    SliceValue { Lower: var a, Upper: var b } => $"{(a as ConstantValue)?.Raw}:{(b as ConstantValue)?.Raw}",
                    _ => key ?? "...",
                };
                var text = $"{u.Text}[{shown}]";
                return key is null ? new UnknownValue(text, u.Reason, u.Begin, u.Kind) { Remedy = u.Remedy, MayBeTensor = u.MayBeTensor } : u.Derive($"[{key}]", text, u.Kind, u.MayBeTensor, index is UnknownValue by ? $"[{by.Identity}]" : index is ConstantValue { IsOpen: true, Stride: null or 1 } ? "[1:]" : null);
            case ConstantValue { Peek: string word } when index is ConstantValue { Raw: long i }:
                i = i < 0 ? i + word.Length : i;
                return i >= 0 && i < word.Length ? ConstantValue.Of(word[(int)i].ToString()) : Unknown("a character", "there is no such character", place, UnknownKind.Text);
            case ConstantValue { Peek: string word } when index is SliceValue slice && Bounds(slice, word.Length) is var (from, to, step) && step == 1:
                return ConstantValue.Of(word[from..Math.Max(from, to)]);
            case ExternalValue e:
                return Libraries.Row(e.Name + ".__getitem__") is { Function: not null } row ? CallRow(row, e.Name, CallArguments.Of(index), place)
                    : Libraries.Knows(e.FirstPart) ? e // list[int] is list
                    : Symbol(index as UnknownValue ?? Unknown(e.Name, "", place), "[] of " + e.Name, $"{e.LastPart}[{(index is UnknownValue at ? at.Text : index is ConstantValue named ? Text.Of(named) : "...")}]", $"'{e.Name}' is not in what is read", place, remedy: Remedy(e.Name));
            case ClassValue { Kind: Values.ClassKind.Enum } type when index is ConstantValue { Peek: string member } && type.Members.ContainsKey(member):
                return ClassAttribute(type, member, place, new(member, null, null));
            case ClassValue type:
                // List[int] is no more than List, unless the class says what its parts are.
                return type.Find("__class_getitem__") is { } parts ? Call(new BoundValue(type, (parts.Value as WrappedMethod)?.Function ?? parts.Value), CallArguments.Of(index), place) : type;
            case ConstantValue { IsNone: true }:
                return Raised("TypeError", Unknown("an element", "it is taken from None", place));
            default:
                return Unknown("an element", "what it is taken from cannot be told", place);
        }
    }

    private Value Element(SequenceValue s, Value index, Place place, object? list = null)
    {
        var items = s.Items;
        switch (index)
        {
            case ConstantValue { Raw: long at } when s is { Order: { } order, Rest: null } && items.Count > 1:
                return InUnknownOrder(items, order, at < 0 ? at + items.Count : at);
            case ConstantValue { Peek: long or bool } c:
                var i = c.Raw is long l ? l : (bool)c.Raw! ? 1 : 0;
                if (c.IsOpen)
                {
                    return LaterElement(s, c, list ?? s) ?? Missing(isSure: false);
                }

                if (Placed(s, i) is var placed && (placed is not null || i < 0))
                {
                    return placed ?? (s.Rest is not null && items.Count == 0 ? s.Rest : FromEnd(s, -i) is { } end ? IsOpen(s) ? Some(end, i) : end : s.Rest ?? Missing());
                }

                if (i < items.Count)
                {
                    return Here(items[(int)i]) is var item && item.Present() is { Value: { } there } ? there : s.Rest ?? Missing();
                }

                return s.Rest is null ? Beyond(s, i, list ?? s) ?? Missing() : Fresh(s.Rest);
            case SliceValue slice:
                return Sliced(s, slice);
            case UnknownValue when items.Count == 1 && s.Rest is null && Here(items[0]).Present() is { Missing: null, Value: { } alone }:
                return alone; // whatever the index is, or it raises
            case UnknownValue u when items.Count is > 0 and <= 64 && s.Rest is null:
                // One of them, and the same one where the index is the same; where there is one alone, that one.
                if (items.TrueForAll(v => v is TensorValue))
                {
                    return new TensorValue();
                }

                return OneOrAlone(items, u);
            default:
                return s.Rest is { } rest ? rest : items.Count == 1 ? items[0] : items.Count == 0 ? Missing() : items.TrueForAll(v => v is TensorValue) ? new TensorValue() : OneOf(items.Take(16).ToList(), AnElement);
        }

        // Of a list that loops fill, or whose length cannot be told, some element may be there.
        Value Missing(bool isSure = true) => Unknown("an element", "there is no such element", place) is var none && isSure && s is { Rest: null, Growth: null, Length: null, Form: SequenceForm.Own } && items.TrueForAll(i => Here(i).Missing() is null) ? Raised("IndexError", none) : none;
    }

    /// <summary>How many elements of a list of unknown order are told apart by where they stand.</summary>
    private const int MaxOrdered = 6;

    /// <summary>One of several, and no other than the one that stands elsewhere.</summary>
    private Value InUnknownOrder(List<Value> items, UnknownValue order, long index)
    {
        if (items.Count > MaxOrdered || index < 0 || index >= items.Count)
        {
            return OneOf(items.Take(MaxOrdered * 2).ToList(), $"an element of {order.Text}");
        }

        return Choices.Join(Standing(items.Count, order, (int)index).Select((when, item) => (when, items[item])));
    }

    /// <summary>Under which condition each element stands at a place: it is one of those that stand at none before, and the last of those where it is no other.</summary>
    private List<Condition> Standing(int count, UnknownValue order, int index)
    {
        var free = Enumerable.Repeat(Conditions.Always, count).ToList();
        var result = new List<Condition>();
        for (var place = 0; place <= index; place++)
        {
            var symbol = order.Derive($"[{place}]", $"{order.Text}[{place}]", UnknownKind.Number);
            var left = Conditions.Always;
            result = [];
            for (var item = 0; item < count; item++)
            {
                var other = free.Skip(item + 1).Aggregate(Conditions.Never, (any, f) => any.Or(f));
                var stands = left.And(free[item]).And(_tests.Equals(symbol, ConstantValue.Of(item)).Or(other.Not()));
                result.Add(stands);
                left = left.And(stands.Not());
            }

            free = [.. free.Zip(result).Select(p => p.First.And(p.Second.Not()))];
        }

        return result;
    }

    /// <summary>The last, or the one so many before: where some are there only at times, one of several.</summary>
    private Value? FromEnd(SequenceValue s, long back)
    {
        var options = new List<(Condition, Value)>();
        var left = Conditions.Always;
        var certain = 0L;
        for (var i = s.Items.Count - 1; i >= 0; i--)
        {
            var (there, missing) = Held(s.Items[i]).Present();
            if (there is null)
            {
                continue;
            }

            if (back > 1)
            {
                if (missing is null && ++certain >= back)
                {
                    return there;
                }

                continue;
            }

            options.Add((missing is null ? left : left.And(missing.Not()), there));
            if (missing is null)
            {
                break;
            }

            left = left.And(missing);
        }

        return options.Count == 0 ? null : Choices.Join(options);
    }

    private bool IsOpen(SequenceValue s) => s.Rest is not null || s.Items.Exists(i => Held(i).Missing() is not null);

    /// <summary>Some element of a list of unknown length, which stands for none of those that are known: a module of its own.</summary>
    private Value Some(Value element, object which) => element switch
    {
        ObjectValue { IsModule: true } o => StandIn(o, which),
        ChoiceValue c => new ChoiceValue([.. c.Options.Select(o => (o.When, Some(o.Value, which)))]),
        _ => element,
    };

    private Value StandIn(ObjectValue o, object which)
    {
        if (!_some.TryGetValue((o, which), out var known))
        {
            _some[(o, which)] = known = Copy(o, new(ReferenceEqualityComparer.Instance), 0, standIn: true);
            if (known is ObjectValue copy && which is UnknownValue)
            {
                copy.IsAnyElement = true;
            }
        }

        return known;
    }

    /// <summary>Entries of which one is followed for each where the key cannot be told.</summary>
    private const int MaxEntries = 64;

    private Value Entry(DictValue d, Value key, Place place)
    {
        Seek(d, key);
        if (d.Entries.Count > 0 && d.Entries.TrueForAll(e => e.Key is ConstantValue { Peek: string }))
        {
            key = UseAsName(key, place);
        }

        if (d.Find(key) is { } found)
        {
            var (there, missing) = Here(found).Present();
            if (there is not null)
            {
                return missing is null ? there : d.Rest is { } more ? Choices.Join([(missing.Not(), there), (missing, more)]) : there;
            }
        }

        if (key is UnknownValue && d.Factory is { } maker && d.Rest is null && d.Entries.Count == 0)
        {
            // Which entries there will be is not known. Of data in a forward pass one stands for all; where modules are made, another key may be the same or not.
            var any = Call(maker, new(), place);
            _journal.Change(d);
            if (Observer is null)
            {
                d.Set(key, any);
            }

            d.Rest = Observer is null ? Unknown("an entry", "whether two keys are the same is known when the model runs", place) : any;
            return any;
        }

        if (key is UnknownValue u && d.Entries.Count > 0)
        {
            var options = new List<(Condition When, Value Value)>();
            foreach (var (k, v) in d.Entries.Take(MaxEntries))
            {
                if (AreEqual(u, k) is { IsNever: false } equal && Here(v).Present().Value is { } there)
                {
                    options.Add((equal, One(there, u)));
                }
            }

            if ((d.Entries.Count > MaxEntries ? Unknown("an entry", "there are more entries than are followed", place) : d.Rest) is { } other)
            {
                options.Insert(0, (options.Aggregate(Conditions.Always, (c, o) => c.And(o.When.Not())), One(other, u))); // first: of too many values what is unknown is kept
            }
            else if (options.Count > 0 && _caught is null && Conditions.TryExclude(_world, options.Aggregate(Now, (c, o) => c.And(o.When.Not()))) is { IsNever: false } world)
            {
                // Any other key raises.
                _world = world;
            }

            return options.Count == 0 ? Unknown("an entry", "no entry has such a key", place) : Choices.Join(options);
        }

        if (d.Factory is { } factory && key is not UnknownValue)
        {
            var made = Call(factory, new(), place);
            _journal.Change(d);
            d.Set(key, made);
            return made;
        }

        return d.Rest switch
        {
            UnknownValue rest when key is ConstantValue c => rest.Derive($"[{Text.Of(c)}]", $"{rest.Text.Replace("[...]", "", StringComparison.Ordinal)}[{(c.Raw is string ? $"\"{c.Raw}\"" : Text.Of(c))}]", rest.Kind),
            { } rest => key is UnknownValue which ? One(Fresh(rest), which) : Fresh(rest),
            null => Unknown("an entry", "there is no such entry", place) is var none && key is ConstantValue { IsOpen: false } && d.Growth is null ? Raised("KeyError", none) : none,
        };
    }

    private readonly Dictionary<(ObjectValue, object), Value> _some = [];

    private Value ObjectItem(ObjectValue o, Value index, Place place)
    {
        if (o.Class?.Find("__getitem__") is { } method)
        {
            return Call(new BoundValue(o, method.Value), CallArguments.Of(index), place);
        }

        if (o.Kind is ClassKind.NamedTuple && o.Class is { } type)
        {
            return Element(SequenceValue.Tuple([.. type.Fields.Select(f => o.Attributes.Find(f) ?? Unknown(f, "the field is not set", place))]), index, place);
        }

        if (o.Attributes.Find(Items) is { } own)
        {
            return Item(own, index, place);
        }

        if (!o.IsModule || o.Doubt is not null)
        {
            return o.Doubt is { } doubt ? doubt.Derive("[]", doubt.Text + "[...]") : Symbol(o, "[]", $"{o.TypeName}[...]", "what its elements are is not followed", place);
        }

        if (index is ConstantValue { Peek: string name })
        {
            return o.Attributes.Find(name) is { } named && Here(named).Present().Value is { } there ? there : Symbol(o, name, $"[\"{name}\"]", "there is no such module", place);
        }

        var children = Children(o).ToList();
        if (index is SliceValue slice)
        {
            var part = Sliced(new SequenceValue(SequenceKind.List, o.IsA("ModuleDict") ? [.. children.Select(c => c.Module)] : Elements(o)) { Length = Symbol(o, "*len", "the number of modules", "how many modules there are is not known", place, UnknownKind.Number) }, slice);
            if (!o.IsA("Sequential"))
            {
                return part;
            }

            var sequential = new ObjectValue(null, "torch.nn.Sequential", ClassKind.TorchModule) { Place = place, SlicedFrom = Observer is null ? null : o };
            for (var i = 0; i < part.Items.Count; i++)
            {
                sequential.Attributes.Set(i.ToString(CultureInfo.InvariantCulture), part.Items[i]);
            }

            return sequential;
        }

        if (index is ConstantValue)
        {
            return Element(SequenceValue.List(Elements(o)), index, place, o);
        }

        if (o.IsA("ModuleDict"))
        {
            index = UseAsName(index, place);
        }

        // Some element, the same one where the index is the same: a module of its own, which stands for none of them.
        if (children.Count == 0)
        {
            return Symbol(o, "[]", $"{o.TypeName}[...]", "there are no modules", place);
        }

        if (children is [{ Module: var only }] && index is UnknownValue && !o.IsA("ModuleDict") && Here(only).Present() is { Missing: null, Value: { } alone })
        {
            return alone; // whatever the index is, or it raises
        }

        if (index is UnknownValue u && children.Count <= 24 && children.TrueForAll(c => c.Module is ObjectValue))
        {
            if (o.Attributes.Find(UnknownName(u)) is { } same)
            {
                return OfRound(Here(same));
            }

            return o.IsA("ModuleDict") ? Choices.Join(children.Select(c => (AreEqual(u, ConstantValue.Of(c.Name)) ?? Conditions.Never, One(c.Module, u)))) : Choices.Join(children.Select((c, i) => (_tests.Equals(u, ConstantValue.Of(i)), One(c.Module, u))));
        }

        var some = Some(children[0].Module, index);
        return index is UnknownValue && !o.IsA("ModuleDict") && IsAlone(children.ConvertAll(c => c.Module)) is { IsNever: false } isAlone ? Choices.Join([(isAlone, children[0].Module), (isAlone.Not(), some)]) : some;
    }
}
