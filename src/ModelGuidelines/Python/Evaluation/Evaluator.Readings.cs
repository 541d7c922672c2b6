using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What code does with an argument that no tensor allows, and what it asks whether an argument is: its callers give such.</content>
internal sealed partial class Evaluator
{
    /// <summary>It is a text, or nothing would come of what the code does with it.</summary>
    private void UseAsText(Value value, Place place)
    {
        if (Observer is not null && value is InputValue { Of: null } or UnknownValue { Kind: UnknownKind.Any })
        {
            Observer.Used(value, InputUse.AsText, place, Now);
        }
    }

    /// <summary>It is a whole number, or a tensor of one element that is taken for one.</summary>
    private void UseAsNumber(Value? value, Place place)
    {
        if (value is InputValue { Of: null })
        {
            Observer?.Used(value, InputUse.AsNumber, place, Now);
        }
    }

    /// <summary>An operator's operands are elements of arguments, and numbers: they may be numbers, too, unless others of those elements are tensors.</summary>
    private static UnknownValue? MayBeNumbers(Value left, Value? right, Place place) =>
        (left as InputValue ?? right as InputValue) is { Of: { } whole, IsEntry: false } input && new[] { left, right }.All(v => v is null or not TensorValue or InputValue { Of: not null, IsEntry: false })
            ? new(input.Name, $"an element of '{whole.Name}' may be a number", place) { ElementOf = whole } : null;

    /// <summary>It names an attribute or an entry: what stands in the name is text, or a number. An argument that does is a text.</summary>
    private Value UseAsName(Value value, Place place)
    {
        UseAsText(value, place);
        if (value is InputValue input)
        {
            return input.Facts(input.Name, place).Derive("as a name", input.Name, UnknownKind.Text);
        }

        if (value is UnknownValue { Parts: var parts } name)
        {
            name.IsName = true;
            foreach (var part in parts)
            {
                UseAsText(part, place);
            }
        }

        return value;
    }

    /// <summary>It is compared with a text, or with several of them.</summary>
    private void NoteComparison(PythonOperator op, Value left, Value right, Place place)
    {
        static bool IsText(Value v) => v is ConstantValue { Peek: string };
        if (op is PythonOperator.Equal or PythonOperator.NotEqual)
        {
            if (IsText(left) || IsText(right))
            {
                UseAsText(IsText(left) ? right : left, place);
            }
        }
        else if (op is PythonOperator.In or PythonOperator.NotIn && right is SequenceValue { Rest: null, Items: { Count: > 0 } items } && items.Exists(IsText) && items.TrueForAll(i => i is ConstantValue { Peek: string or null }))
        {
            UseAsText(left, place);
        }
    }

    /// <summary>Code asks of what type an argument is.</summary>
    private void NoteTypes(Value value, Value type, Place place)
    {
        if (Observer is null || value is not InputValue { Of: null })
        {
            return;
        }

        foreach (var one in type is SequenceValue types ? types.Items : [type])
        {
            InputUse? asked = one is not ExternalValue { LastPart: var name } ? null : name switch
            {
                "str" => InputUse.OrText,
                "list" or "List" or "Sequence" or "MutableSequence" => InputUse.OrList,
                "tuple" or "Tuple" => InputUse.OrTuple,
                "dict" or "Dict" or "Mapping" or "MutableMapping" or "OrderedDict" => InputUse.OrDictionary,
                "int" or "float" or "Number" => InputUse.OrNumber,
                "bool" => InputUse.OrFlag,
                "ndarray" => InputUse.OrArray,
                "NoneType" => InputUse.OrNone,
                _ => null,
            };
            if (asked is { } use)
            {
                Observer.Used(value, use, place, Now);
            }
        }
    }

    /// <summary>Texts that are put together with an operator; null where it is none.</summary>
    private UnknownValue? Written(PythonOperator op, Value left, Value right, At at)
    {
        var (text, other) = left is ConstantValue { Peek: string } ? (left, right) : (right, left);
        if (text is not ConstantValue { Peek: string known } || other is not TensorValue || (op is not PythonOperator.Add && !(op is PythonOperator.Modulo && ReferenceEquals(text, left))))
        {
            return null;
        }

        if (op is PythonOperator.Add)
        {
            UseAsText(other, at.Place);
        }

        var name = $"{{{(other is InputValue input ? input.Name : "a tensor")}}}";
        return _texts.Get(op is PythonOperator.Modulo ? $"{known} % {name}" : ReferenceEquals(text, left) ? known + name : name + known, at.Place, [other]);
    }
}
