using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>All that code can see of a model: what it holds, in order, which of it is one object, and its numbers apart. Two models of one form in which every number is equal that somebody
/// asked for while one of them was followed run the same code.</summary>
/// <remarks>What cannot be compared (a graph under construction, a structure without end) has no form: it is like nothing.</remarks>
internal sealed partial class ValueShape
{
    private readonly List<ConstantValue> _numbers;
    private bool[] _decides = [];

    private ValueShape(string? form, List<ConstantValue> numbers) => (Form, _numbers) = (form, numbers);

    /// <summary>Equal for models that differ in numbers alone; null for what is like nothing.</summary>
    public string? Form { get; }

    public static ValueShape Of(Value value)
    {
        using var look = new Look();
        var form = look.FormOf(value);
        look.Numbers.TrimExcess();
        return new(form, look.Numbers);
    }

    /// <summary>Whether it is another's like, number for number.</summary>
    public bool IsEqual(ValueShape other) => Form is not null && Form == other.Form && _numbers.Zip(other._numbers).All(p => Equals(p.First.Peek, p.Second.Peek));

    /// <summary>From here on it is noted which numbers are asked for.</summary>
    public void Watch() => _numbers.ForEach(n => n.Decides = false);

    /// <summary>What was asked for since <see cref="Watch"/> is what a like model must agree in.</summary>
    public void Settle() => _decides = [.. _numbers.Select(n => n.Decides)];

    /// <summary>Whether another model runs as this one did, which was followed.</summary>
    public bool RunsAs(ValueShape other)
    {
        if (Form is null || Form != other.Form)
        {
            return false;
        }

        for (var i = 0; i < _decides.Length; i++)
        {
            if (_decides[i] && !Equals(_numbers[i].Peek, other._numbers[i].Peek))
            {
                return false;
            }
        }

        return true;
    }
}
