using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Flow;

/// <summary>Joins values under conditions, and reads them under one.</summary>
internal static class Choices
{
    private const int MaxOptions = 24;

    /// <summary>One value that stands for several. Equal ones are one option; of too many, what they have in common is kept.</summary>
    public static Value Join(IEnumerable<(Condition When, Value Value)> options)
    {
        var result = new List<(Condition When, Value Value)>();
        var isFull = false;
        foreach (var (when, value) in Flatten(options))
        {
            if (when.IsNever)
            {
                continue;
            }

            var at = At(result, value);
            if (at >= 0)
            {
                if (!isFull)
                {
                    result[at] = (result[at].When.Or(when), result[at].Value);
                }
            }
            else if (result.Count < MaxOptions)
            {
                result.Add((when, value));
            }
            else
            {
                isFull = true;
            }
        }

        return result.Count switch
        {
            0 => MissingValue.Instance,
            1 => result[0].Value,
            _ when isFull => Common(result),
            _ => new ChoiceValue(result),
        };
    }

    /// <summary>The one value where the test is true, the other where it is not: what two branches leave, of which there are many.</summary>
    public static Value Join(Condition test, Value then, Value otherwise)
    {
        var not = test.Not();
        if (then is ChoiceValue || otherwise is ChoiceValue)
        {
            return Join([(test, then), (not, otherwise)]);
        }

        return test.IsNever ? (not.IsNever ? MissingValue.Instance : otherwise)
            : not.IsNever || Same(then, otherwise) ? then
            : new ChoiceValue([(test, then), (not, otherwise)]);
    }

    private static int At(List<(Condition When, Value Value)> options, Value value)
    {
        for (var i = 0; i < options.Count; i++)
        {
            if (Same(options[i].Value, value))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A value as it is under a condition: options that cannot be are left out.</summary>
    public static Value Under(this Value value, Condition now)
    {
        if (value is not ChoiceValue choice)
        {
            return value;
        }

        List<(Condition, Value)>? kept = null;
        for (var i = 0; i < choice.Options.Count; i++)
        {
            var option = choice.Options[i];
            if (option.When.Meets(now))
            {
                kept?.Add(option);
            }
            else
            {
                kept ??= [.. choice.Options.Take(i)];
            }
        }

        return kept is null ? value : kept.Count == 0 ? MissingValue.Instance : kept.Count == 1 ? kept[0].Item2 : new ChoiceValue(kept);
    }

    /// <summary>The value where it is there at all, and the condition under which it is.</summary>
    public static (Value? Value, Condition? Missing) Present(this Value value)
    {
        switch (value)
        {
            case MissingValue:
                return (null, null);
            case ChoiceValue choice when choice.Options.Any(o => o.Value is MissingValue):
                var there = choice.Options.Where(o => o.Value is not MissingValue).ToList();
                var missing = choice.Options.First(o => o.Value is MissingValue).When;
                return (there.Count switch { 0 => null, 1 => there[0].Value, _ => new ChoiceValue(there) }, missing);
            default:
                return (value, null);
        }
    }

    public static IEnumerable<Value> Possible(this Value value) => value is ChoiceValue c ? c.Options.Select(o => o.Value) : [value];

    private static IEnumerable<(Condition When, Value Value)> Flatten(IEnumerable<(Condition When, Value Value)> options)
    {
        foreach (var (when, value) in options)
        {
            if (value is ChoiceValue choice)
            {
                foreach (var (inner, option) in choice.Options)
                {
                    yield return (inner.And(when), option);
                }
            }
            else
            {
                yield return (when, value);
            }
        }
    }

    private static Value Common(List<(Condition When, Value Value)> options)
    {
        if (options.All(o => o.Value is UnknownValue { Kind: UnknownKind.Number } or ConstantValue { Peek: long or double or bool }))
        {
            return new UnknownValue("a number", "it is one of many numbers", default, UnknownKind.Number);
        }

        return options.All(o => o.Value is UnknownValue { Kind: UnknownKind.Text } or ConstantValue { Peek: string })
            ? new UnknownValue("a text", "it is one of many texts", default, UnknownKind.Text)
            : options.Select(o => o.Value).OfType<UnknownValue>().FirstOrDefault() ?? (Value)new ChoiceValue(options);
    }

    public static bool Same(Value a, Value b) => ReferenceEquals(a, b) || (a, b) switch
    {
        (ConstantValue x, ConstantValue y) => x.IsOpen == y.IsOpen && x.Stride == y.Stride && x.Cursor == y.Cursor && Equals(x.Raw, y.Raw),
        (InputValue, _) or (_, InputValue) => false,
        (TensorValue, TensorValue) => true,
        (ExternalValue x, ExternalValue y) => x.Name == y.Name,
        (SequenceValue x, SequenceValue y) => x.Kind is SequenceKind.Tuple && y.Kind is SequenceKind.Tuple && x.Items.Count == y.Items.Count && x.Items.Count < 16 && x.Rest is null && y.Rest is null
            && x.Items.Zip(y.Items).All(p => p.First is not SequenceValue && Same(p.First, p.Second)),
        _ => false,
    };
}
