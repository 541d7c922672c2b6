using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content><c>in</c>: what a container holds.</content>
internal sealed partial class Evaluator
{
    /// <summary>Of a long list, so many elements are compared with what is sought in it.</summary>
    private const int MaxContained = 400;

    private Condition Contains(Value container, Value item, At at)
    {
        if (container is DictValue registry)
        {
            Seek(registry, item);
        }

        switch (container)
        {
            case DictValue dict when item is UnknownValue u && dict.Rest is null && dict.Entries.Count is > 0 and < 24:
                return dict.Entries.Aggregate(Conditions.Never, (c, e) => c.Or(AreEqual(u, e.Key) ?? Conditions.Never));
            case DictValue dict when item is not UnknownValue:
                if (dict.Find(item) is { } found)
                {
                    return Here(found).Present() is { Missing: { } missing } ? missing.Not() : Conditions.Always;
                }

                return dict.Rest is null ? Conditions.Never : dict.Rest is UnknownValue rest ? Ask(rest, item, "in", at, false) : Conditions.NewAtom(Asserted(at));
            case SequenceValue { Form: SequenceForm.Iterator } iterator when IsAmongNext(iterator, item) is { } isFound:
                return isFound ? Conditions.Always : Conditions.Never;
            case SequenceValue sequence:
                var result = Conditions.Never;
                foreach (var element in sequence.Items.Take(MaxContained))
                {
                    var (there, missing) = Here(element).Present();
                    if (there is null)
                    {
                        continue;
                    }

                    if ((AreEqual(there, item) ?? (there is UnknownValue u && item is UnknownValue sought ? _tests.AreEqual(sought, u, $"{sought.Text} == {u.Text}") : null)) is not { } equal)
                    {
                        return Ask(item, container, "in", at, false);
                    }

                    result = result.Or(missing is null ? equal : equal.And(missing.Not()));
                    if (result.IsAlways)
                    {
                        break; // what stands behind it is not asked
                    }
                }

                return result.IsAlways || (sequence.Rest is null && sequence.Items.Count <= MaxContained) ? result : Conditions.NewAtom(Asserted(at));
            case ConstantValue { Peek: string text } when item is ConstantValue { Peek: string part }:
                return text.Contains(part, StringComparison.Ordinal) ? Conditions.Always : Conditions.Never;
            case UnknownValue { Parts.Count: > 0 } text when item is ConstantValue { Peek: string part } && UnknownTexts.IsWritten(text, part):
                return Conditions.Always;
            case ObjectValue { IsModule: true } module when item is ConstantValue { Peek: string name }:
                return module.Attributes.Find(name) is { } child ? Here(child).Present() is { Missing: { } m } ? m.Not() : Conditions.Always : Conditions.Never;
            case ObjectValue o when o.Class?.Find("__contains__") is null && o.Attributes.Find(Items) is { } items:
                return Contains(items, item, at);
            case ObjectValue { Class: { } type } o when type.Find("__contains__") is { } method:
                return TestOf(Call(new BoundValue(o, method.Value), CallArguments.Of(item), at.Place), "");
            case InputValue input when item is ConstantValue { Peek: string }:
                Use(input, InputUse.AsDictionary, at.Place);
                return Conditions.NewAtom(Asserted(at));
            case ExternalValue names when item is ConstantValue { Peek: string name } && names.LastPart == "__dict__" && Libraries.Has($"{names.Name[..^".__dict__".Length]}.{name}") is { } has:
                return has ? Conditions.Always : Conditions.Never;
            case ConstantValue { IsNone: true }:
                return Conditions.Never;
            case ClassValue { Kind: ClassKind.Enum } type:
                return Contains(SequenceValue.List(EnumMembers(type)), item, at);
            default:
                return Ask(item, container, "in", at, false) is var asked && container is UnknownValue c2 ? Ask(c2, item, "has", at, false) : asked;
        }
    }
}
