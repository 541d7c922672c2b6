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

    public object? Raw { get; } = raw;

    /// <summary>The count of the second round of a loop of unknown length, which stands for every later round: used as an index it is 1, compared it is at least that.</summary>
    public bool IsOpen { get; init; }

    public bool IsNone => Raw is null;

    public static ConstantValue Of(bool value) => value ? True : False;

    public static ConstantValue Of(long value) => new(value);

    public static ConstantValue Of(string value) => new(value);
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
