using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Projects;

namespace ModelGuidelines.Python.Values;

/// <summary>What is known of one Python object.</summary>
internal abstract class Value
{
    /// <summary>What is read from it and cannot be told: the same symbol each time. Kept here, so that it is forgotten with it.</summary>
    internal Dictionary<string, UnknownValue>? Symbols { get; set; }
}

/// <summary>A place in the code that is followed.</summary>
/// <param name="Module">The file; null for what no file says.</param>
/// <param name="Offset">In its text.</param>
internal readonly record struct Place(SourceModule? Module, int Offset);

/// <summary>None, True, False, an integer (long), a float (double), a text, or the ellipsis.</summary>
internal sealed class ConstantValue(object? raw) : Value
{
    public static readonly object EllipsisMark = new();
    public static readonly ConstantValue None = new(null);
    public static readonly ConstantValue True = new(true);
    public static readonly ConstantValue False = new(false);
    public static readonly ConstantValue Ellipsis = new(EllipsisMark);

    private const int MaxOrigins = 32;
    private ConstantValue? _left;
    private ConstantValue? _right;
    private int _depth;

    /// <summary>What it is. Whoever asks for a number so may decide by it: <see cref="Decides"/> is set, also of the numbers that it was computed from.</summary>
    public object? Raw
    {
        get
        {
            Decide();
            return raw;
        }
    }

    /// <summary>What it is, for those that take every number of its type alike.</summary>
    public object? Peek => raw;

    public bool IsNumber => raw is long or double;

    /// <summary>Whether something asked which number it is since this was last set: a test, a bound, an index, a text.</summary>
    public bool Decides { get; set; }

    /// <summary>The count of the second round of a loop of unknown length, which stands for every later round: used as an index it is 1, compared it is at least that.</summary>
    public bool IsOpen { get; init; }

    /// <summary>By how much it grows from round to round, where it is open and that is known: what has another rest when divided by it is no round's number.</summary>
    public long? Stride { get; init; }

    /// <summary>What was asked of this count in the rounds that are told apart: no two of them have the same number.</summary>
    public List<(ConstantValue Round, double Number, Flow.Condition Equal)>? Count { get; init; }

    /// <summary>What goes through lists by it: no two of its elements are one; null for other counts.</summary>
    public Cursor? Cursor { get; init; }

    public bool IsNone => raw is null;

    public static ConstantValue Of(bool value) => value ? True : False;

    public static ConstantValue Of(long value) => new(value);

    public static ConstantValue Of(string value) => new(value);

    /// <summary>A number that is computed from two others, of which nobody asked which they are.</summary>
    /// <param name="value">Which it is.</param>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <param name="stride">By how much it grows from round to round, where one of them is open.</param>
    public static ConstantValue Computed(object value, ConstantValue left, ConstantValue right, long? stride = null)
    {
        var depth = Math.Max(left._depth, right._depth) + 1;
        if (depth <= MaxOrigins)
        {
            return new(value) { _left = left, _right = right, _depth = depth, IsOpen = left.IsOpen || right.IsOpen, Stride = stride, Cursor = left.Cursor ?? right.Cursor };
        }

        left.Decide();
        right.Decide();
        return new(value) { IsOpen = left.IsOpen || right.IsOpen, Stride = stride, Cursor = left.Cursor ?? right.Cursor };
    }

    public void Decide()
    {
        if (!Decides && raw is long or double)
        {
            Decides = true;
            _left?.Decide();
            _right?.Decide();
        }
    }
}

/// <summary>There is no such attribute, element or entry: one option of a <see cref="ChoiceValue"/>, never a value by itself.</summary>
internal sealed class MissingValue : Value
{
    public static readonly MissingValue Instance = new();
}

/// <summary>One of several values, each under its condition.</summary>
/// <remarks>In a list, a dictionary or among attributes one option may be <see cref="MissingValue"/>: then the element is there only under the others' conditions.
/// Options are kept distinct and few.</remarks>
internal sealed class ChoiceValue(IReadOnlyList<(Condition When, Value Value)> options) : Value
{
    public IReadOnlyList<(Condition When, Value Value)> Options { get; } = options;
}

/// <summary>A slice: <c>a:b:c</c>; a bound is null when not written.</summary>
internal sealed class SliceValue(Value? lower, Value? upper, Value? step) : Value
{
    public Value? Lower { get; } = lower;

    public Value? Upper { get; } = upper;

    public Value? Step { get; } = step;
}

/// <summary>An imported file.</summary>
internal sealed class NamespaceValue(SourceModule module) : Value
{
    public SourceModule Module { get; } = module;
}
