using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Flow;

/// <summary>Joins values under conditions, and reads them under one.</summary>
internal static class Choices
{
    private const int MaxOptions = 24;

    /// <summary>One value that stands for several. Equal ones are one option; of too many, what they have in common is kept.</summary>
    public static Value Join(IEnumerable<(Condition When, Value Value)> options)
    {
        var (result, isFull) = (new List<(Condition When, Value Value)>(), false);
        foreach (var (when, value) in options)
        {
            Add(result, when, value, ref isFull);
        }

        return OneOf(result, isFull);
    }

    /// <summary>The one value where the test is true, the other where it is not: what two branches leave, of which there are many.</summary>
    public static Value Join(Condition test, Value then, Value otherwise)
    {
        var not = test.Not();
        if (then is ChoiceValue || otherwise is ChoiceValue)
        {
            var (result, isFull) = (new List<(Condition When, Value Value)>(Math.Min(MaxOptions, Options(then) + Options(otherwise))), false);
            Add(result, test, then, ref isFull);
            Add(result, not, otherwise, ref isFull);
            return OneOf(result, isFull);
        }

        return test.IsNever ? (not.IsNever ? MissingValue.Instance : otherwise)
            : not.IsNever || Same(then, otherwise) ? then
            : new ChoiceValue([(test, then), (not, otherwise)]);
    }

    private static int Options(Value value) => (value as ChoiceValue)?.Options.Count ?? 1;

    private static Value OneOf(List<(Condition When, Value Value)> options, bool isFull) => options.Count switch
    {
        0 => MissingValue.Instance,
        1 => options[0].Value,
        _ when isFull => Common(options),
        _ => new ChoiceValue(options),
    };

    private static void Add(List<(Condition When, Value Value)> result, Condition when, Value value, ref bool isFull)
    {
        if (value is ChoiceValue choice)
        {
            for (var i = 0; i < choice.Options.Count; i++)
            {
                AddOne(result, choice.Options[i].When.And(when), choice.Options[i].Value, ref isFull);
            }
        }
        else
        {
            AddOne(result, when, value, ref isFull);
        }
    }

    private static void AddOne(List<(Condition When, Value Value)> result, Condition when, Value value, ref bool isFull)
    {
        if (when.IsNever)
        {
            return;
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
                kept ??= First(choice.Options, i);
            }
        }

        return kept is null ? value : kept.Count == 0 ? MissingValue.Instance : kept.Count == 1 ? kept[0].Item2 : new ChoiceValue(kept);
    }

    private static List<(Condition, Value)> First(IReadOnlyList<(Condition, Value)> options, int count)
    {
        var result = new List<(Condition, Value)>(options.Count - 1);
        for (var i = 0; i < count; i++)
        {
            result.Add(options[i]);
        }

        return result;
    }

    /// <summary>The value where it is there at all, and the condition under which it is.</summary>
    public static (Value? Value, Condition? Missing) Present(this Value value)
    {
        if (value is not ChoiceValue { Options: var options })
        {
            return value is MissingValue ? (null, null) : (value, null);
        }

        if (value.Missing() is not { } missing)
        {
            return (value, null);
        }

        var there = new List<(Condition, Value)>(options.Count - 1);
        for (var i = 0; i < options.Count; i++)
        {
            if (options[i].Value is not MissingValue)
            {
                there.Add(options[i]);
            }
        }

        return (there.Count switch { 0 => null, 1 => there[0].Item2, _ => new ChoiceValue(there) }, missing);
    }

    /// <summary>The condition under which a value that may be there is not.</summary>
    public static Condition? Missing(this Value value)
    {
        if (value is ChoiceValue { Options: var options })
        {
            for (var i = 0; i < options.Count; i++)
            {
                if (options[i].Value is MissingValue)
                {
                    return options[i].When;
                }
            }
        }

        return null;
    }

    public static IEnumerable<Value> Possible(this Value value) => value is ChoiceValue c ? c.Options.Select(o => o.Value) : [value];

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
